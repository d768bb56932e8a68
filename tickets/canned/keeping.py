"""Owns keeping canned replies: one's own, and those that all of a brand share, for every type or for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission
from tickets.canned.models import CannedReply
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.texts import is_hidden, line_problem

TITLE_LIMIT, BODY_LIMIT, MOST = 80, 5000, 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """A canned reply as it is wanted; one body at least. `shared`: for everybody of the brand."""

    title: str
    body_zh: str = ""
    body_en: str = ""
    type_key: str = ""
    shared: bool = False


def may_share(session: Session, actor: Actor) -> bool:
    """Whether they keep the replies that everybody of their brand has: who dispatches there, or manages its types."""
    path = session.scalars(sa.select(Place.path).where(Place.id == actor.brand_id)).one()
    wanted = (Permission.DISPATCH, Permission.MANAGE_TYPES)
    return any(actor.covers(each, brand_id=actor.brand_id, place_path=path) for each in wanted)


def create(runtime: Runtime, actor: Actor, wanted: Wanted) -> UUID:
    """A new one. Raises Forbidden, Invalid, Conflict when there are too many."""
    facts = _checked(wanted)
    with runtime.writing() as session, session.begin():
        _must_keep(session, actor, shared=wanted.shared)
        whose = _whose(actor, shared=wanted.shared)
        count = sa.select(sa.func.count()).select_from(CannedReply).where(whose)
        if session.scalars(count).one() >= MOST:
            raise Conflict(Message(N_("There are %(limit)s replies already; remove some first."), {"limit": MOST}))
        reply = CannedReply(brand_id=actor.brand_id, person_id=None if wanted.shared else actor.person_id, **facts)
        reply.updated_at, reply.updated_by_id = runtime.clock.now(), actor.person_id
        session.add(reply)
        session.flush()
        _audit(session, runtime, actor, reply, "canned_reply.created", {}, wanted)
        return reply.public_id


def change(runtime: Runtime, actor: Actor, reply_id: UUID, wanted: Wanted) -> None:
    """Other texts; whose it is stays. Raises NotFound, Forbidden, Invalid."""
    facts = _checked(wanted)
    with runtime.writing() as session, session.begin():
        reply = kept(session, actor, reply_id)
        _must_keep(session, actor, shared=reply.person_id is None)
        before = {name: getattr(reply, name) for name in facts}
        for name, value in facts.items():
            setattr(reply, name, value)
        reply.updated_at, reply.updated_by_id = runtime.clock.now(), actor.person_id
        _audit(session, runtime, actor, reply, "canned_reply.changed", before, wanted)


def remove(runtime: Runtime, actor: Actor, reply_id: UUID) -> None:
    """It is there no more. Raises NotFound, Forbidden."""
    with runtime.writing() as session, session.begin():
        reply = kept(session, actor, reply_id)
        _must_keep(session, actor, shared=reply.person_id is None)
        _audit(session, runtime, actor, reply, "canned_reply.removed", {"title": reply.title}, None)
        session.delete(reply)


def kept(session: Session, actor: Actor, reply_id: UUID) -> CannedReply:
    """One that they have. Raises NotFound."""
    found = session.scalar(sa.select(CannedReply).where(CannedReply.public_id == reply_id, _had_by(actor)))
    if found is None:
        raise NotFound(N_("This reply"))
    return found


def replies(session: Session, actor: Actor, *, type_key: str | None = None) -> Sequence[CannedReply]:
    """What they have, their own first; with a type, only what is meant for its tickets."""
    query = sa.select(CannedReply).where(_had_by(actor))
    if type_key is not None:
        query = query.where(CannedReply.type_key.in_(("", type_key)))
    order = (CannedReply.person_id.is_(None), CannedReply.title, CannedReply.id)
    return session.scalars(query.order_by(*order).limit(2 * MOST)).all()


def _had_by(actor: Actor) -> sa.ColumnElement[bool]:
    shared = sa.and_(CannedReply.person_id.is_(None), CannedReply.brand_id.in_((actor.brand_id, actor.root_id)))
    return shared | (CannedReply.person_id == actor.person_id)


def _whose(actor: Actor, *, shared: bool) -> sa.ColumnElement[bool]:
    if shared:
        return sa.and_(CannedReply.person_id.is_(None), CannedReply.brand_id == actor.brand_id)
    return CannedReply.person_id == actor.person_id


def _must_keep(session: Session, actor: Actor, *, shared: bool) -> None:
    if not actor.may(Permission.NOTE):
        raise Forbidden(Message(N_("Your roles don't let you keep canned replies.")))
    if shared and not may_share(session, actor):
        raise Forbidden(Message(N_("Only dispatchers and administrators keep the replies that everybody has.")))


def _checked(wanted: Wanted) -> dict[str, str]:
    title = " ".join(wanted.title.split())
    if problem := line_problem(title, TITLE_LIMIT):
        raise Invalid(Message(N_("The title can't be kept: %(problem)s"), {"problem": problem}))
    bodies = {"body_zh": _text(wanted.body_zh), "body_en": _text(wanted.body_en)}
    if not any(bodies.values()):
        raise Invalid(Message(N_("Write the text in one language at least.")))
    if len(wanted.type_key) > 255 or not wanted.type_key.isprintable():
        raise Invalid(Message(N_("There is no such ticket type; choose one of the list.")))
    return {"title": title, "type_key": wanted.type_key, **bodies}


def _text(body: str) -> str:
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > BODY_LIMIT:
        params = {"length": len(text), "limit": BODY_LIMIT}
        raise Invalid(Message(N_("The text has %(length)s characters; shorten it to %(limit)s."), params))
    if any(is_hidden(character) for character in text.replace("\n", "").replace("\t", "")):
        raise Invalid(Message(N_("The text holds characters that are not text; type it anew.")))
    return text


def _audit(
    session: Session,
    runtime: Runtime,
    actor: Actor,
    reply: CannedReply,
    action: str,
    before: dict[str, str],
    wanted: Wanted | None,
) -> None:
    """Shared ones are a brand's; what one keeps for oneself is nobody else's business."""
    if reply.person_id is None:
        after = asdict(wanted) if wanted is not None else {}
        now = runtime.clock.now()
        audit.record(session, actor, action, reply.title, brand_id=reply.brand_id, at=now, before=before, after=after)
