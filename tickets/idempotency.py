"""Owns idempotency keys: the first answer to a request is given again to its repetitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId
from engine.expressions import N_, Message
from tickets.access import Actor
from tickets.errors import Conflict, Invalid
from tickets.inserts import insert_unless_there
from tickets.runtime import Hold, hold_of

KEPT = timedelta(hours=24)
"""How long an answer is given again."""
LEASE = timedelta(seconds=15)
"""How long a request without an answer holds its key: its process may have died. One that takes longer may be begun
again; then only one of them is written.
"""
DONE = 1
"""The status of what was done, but not answered: the process died between, or the database went away."""


class IdempotentAnswer(Base):
    """The answer once given to (person, key); `status` is 0 while the first request is still being answered.

    It is `DONE` as soon as that is written, with the ticket's number as `body`, till the answer takes its place.
    """

    __tablename__ = "idempotent_answer"
    __table_args__ = (sa.UniqueConstraint("person_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(sa.String(255))
    request: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    body: Mapped[bytes]
    content_type: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer to give again."""

    status: int
    body: bytes
    content_type: str


class StillAnswering(Conflict):
    """The same request came before and is not answered yet (409)."""


def recall(session: Session, actor: Actor, key: str, request_digest: str, *, now: datetime) -> Answer | None:
    """The answer given before; None when this is the first request, and the key is then held for it.

    The caller commits, does the work, then calls `remember`, or `forget` when nothing was done. An answer whose
    status is `DONE` says only which ticket it was done to. Raises Invalid for a key that is not 1 to 255 visible ASCII
    characters or stands for another request, StillAnswering for one held.
    """
    if not _KEY.fullmatch(key):
        raise Invalid(Message(N_("An Idempotency-Key has 1 to 255 visible ASCII characters; a UUID is best.")))
    held = {"request": request_digest, "status": 0, "body": b"", "content_type": "", "created_at": now}
    if insert_unless_there(session, IdempotentAnswer, person_id=actor.person_id, key=key, **held):
        return None
    row = session.scalar(
        sa.select(IdempotentAnswer)
        .where(IdempotentAnswer.person_id == actor.person_id, IdempotentAnswer.key == key)
        .with_for_update()
    )
    if row is None:  # given up between the two statements
        return recall(session, actor, key, request_digest, now=now)
    if row.created_at < now - (KEPT if row.status else LEASE):
        session.execute(sa.update(IdempotentAnswer).where(IdempotentAnswer.id == row.id).values(**held))
        return None
    if row.request != request_digest:
        text = N_("This Idempotency-Key stands for another request; use a new key for every new request.")
        raise Invalid(Message(text))
    if not row.status or (row.status == DONE and row.created_at >= now - LEASE):
        raise StillAnswering(_STILL)
    return Answer(row.status, row.body, row.content_type)


def mark(session: Session, number: str = "") -> None:
    """What the session's request asks for is written with this transaction, to the ticket of that number if to one.

    Raises StillAnswering when it took so long that another has begun with the same request.
    """
    hold = hold_of(session)
    if hold is None:
        return
    mine = (*_held_by(hold), IdempotentAnswer.status.in_((0, DONE)))
    done = sa.update(IdempotentAnswer).where(*mine).values(status=DONE, body=number.encode())
    if session.connection().execute(done).rowcount != 1:
        raise StillAnswering(_STILL)


def remember(session: Session, hold: Hold, answer: Answer) -> None:
    """Keep the answer for the repetitions of a request that `recall` let through. The caller commits."""
    kept = {"status": answer.status, "body": answer.body, "content_type": answer.content_type}
    session.execute(sa.update(IdempotentAnswer).where(*_held_by(hold)).values(kept))


def forget(session: Session, hold: Hold) -> None:
    """Give the key back: nothing was done under it, and no later request holds it by now. The caller commits."""
    session.execute(sa.delete(IdempotentAnswer).where(*_held_by(hold), IdempotentAnswer.status == 0))


def forget_old(session: Session, now: datetime) -> int:
    """Delete the answers that are not given again any more; how many. The caller commits."""
    old = sa.delete(IdempotentAnswer).where(IdempotentAnswer.created_at < now - KEPT).returning(IdempotentAnswer.id)
    return len(session.scalars(old).all())


def _held_by(hold: Hold) -> tuple[sa.ColumnElement[bool], ...]:
    """As long as no repetition has taken the key over, because the request took so long."""
    return (
        IdempotentAnswer.person_id == hold.person_id,
        IdempotentAnswer.key == hold.key,
        IdempotentAnswer.created_at == hold.since,
    )


_STILL = Message(N_("The same request is still being answered; ask again in a few seconds."))
_KEY = re.compile(r"[!-~]{1,255}")
