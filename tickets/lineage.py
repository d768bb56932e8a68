"""Owns which tickets have come of which by themselves, and that they do not become more and more without end.

`tickets.chain` bounds what follows at once. A process that waits a minute and then starts two of its own kind goes on
after that with a chain of its own each time: what bounds it is how many tickets may come of one in a day.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId
from engine.expressions import N_, Message
from engine.step import StepFailed
from tickets.cause import Cause
from tickets.steps import Plan

MOST = 2_000
"""Tickets that may come of one in a day before what they throw is held up, as an incident; twice as many may start."""
SPAN = timedelta(days=1)


class Descent(Base):
    """An instance that another one started; `root_id` is the first of them all, which something else had started."""

    __tablename__ = "descent"
    __table_args__ = (sa.Index("ix_descent_root", "root_id", "at"),)
    instance_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("process_instance.id"), primary_key=True, autoincrement=False
    )
    root_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"))
    at: Mapped[datetime]


def enter(session: Session, effect: str, instance_id: int, now: datetime) -> None:
    """A ticket has begun; where what an instance threw began it (the effect's key says so), it descends from that."""
    thrower = thrower_of(effect)
    if thrower is not None:
        row = {"instance_id": instance_id, "root_id": _root(session, thrower), "at": now}
        session.execute(sa.insert(Descent), [row])


def check(session: Session, plan: Plan, cause: Cause) -> None:
    """Raises StepFailed where a step that no person does would throw more, though very many have come of one today."""
    thrown = plan.step.effects.thrown
    if not thrown or cause.actor is not None:
        return
    if _count(session, _root(session, plan.case.instance_id), plan.step.now, MOST) >= MOST:
        text = N_("%(count)s tickets have come of one another in a day; what they set going is held up here.")
        raise StepFailed(thrown[0].element, Message(text, {"count": MOST}))


def is_full(session: Session, effect: str, now: datetime) -> bool:
    """Whether what was thrown may start nothing more: many were on their way when the others were held up."""
    thrower = thrower_of(effect)
    return thrower is not None and _count(session, _root(session, thrower), now, 2 * MOST) >= 2 * MOST


def thrower_of(effect: str) -> int | None:
    """The id of the instance that threw what has this effect; None where none did."""
    found = _THROWN.match(effect)
    return int(found[1]) if found else None


def _root(session: Session, instance_id: int) -> int:
    root = session.scalar(sa.select(Descent.root_id).where(Descent.instance_id == instance_id))
    return root if root is not None else instance_id


def _count(session: Session, root_id: int, now: datetime, most: int) -> int:
    found = sa.select(Descent.instance_id).where(Descent.root_id == root_id, Descent.at > now - SPAN).limit(most)
    return session.scalars(sa.select(sa.func.count()).select_from(found.subquery())).one()


_THROWN = re.compile(r"thrown:([0-9]{1,18}):")
"""The keys of what is thrown (`tickets.chain`), and of what follows from it."""
