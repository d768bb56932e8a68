"""Owns where messages go besides mail: a person's own addresses, the channels of a brand, the webhooks of clients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission, Scope
from tickets.clients.client import ApiClient
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.notices.models import NoticeAddress
from tickets.notices.table import BROADCAST
from tickets.notices.urls import Url
from tickets.organising.reach import brands_within
from tickets.runtime import Runtime
from tickets.texts import line_problem

MINE, A_BRANDS = 5, 20
"""So many addresses a person, so many channels a brand may have."""


def own_addresses(session: Session, actor: Actor) -> Sequence[NoticeAddress]:
    """The actor's, oldest first."""
    mine = NoticeAddress.person_id == actor.person_id
    return session.scalars(sa.select(NoticeAddress).where(mine).order_by(NoticeAddress.id)).all()


def brand_channels(session: Session, actor: Actor) -> Sequence[NoticeAddress]:
    """Those of the brands that the actor administers. Raises Forbidden without `access.manage`."""
    nobodys = (NoticeAddress.person_id.is_(None), NoticeAddress.client_id.is_(None))
    whose = (*nobodys, NoticeAddress.brand_id.in_(_brands(actor)))
    return session.scalars(sa.select(NoticeAddress).where(*whose).order_by(NoticeAddress.id)).all()


def add_own(runtime: Runtime, actor: Actor, name: str, url: Url) -> UUID:
    """An address of the actor's own; its public id. The address was checked before. Raises Invalid."""
    with runtime.writing() as session, session.begin():
        if len(own_addresses(session, actor)) >= MINE:
            raise Invalid(Message(N_("At most %(limit)s addresses; remove one first."), {"limit": MINE}))
        mine = Whose(actor.brand_id, person_id=actor.person_id)
        return keep_address(session, runtime, actor, name, url, mine)


def add_channel(runtime: Runtime, actor: Actor, name: str, url: Url, topics: Collection[str]) -> UUID:
    """A channel of the actor's brand that hears of these topics; its public id. Raises Forbidden, Invalid."""
    chosen = chosen_topics(topics)
    with runtime.writing() as session, session.begin():
        if len(brand_channels(session, actor)) >= A_BRANDS:
            raise Invalid(Message(N_("At most %(limit)s channels; remove one first."), {"limit": A_BRANDS}))
        home = _home(actor)
        made = keep_address(session, runtime, actor, name, url, Whose(home, chosen))
        after = {"name": name, "kind": url.kind.value, "hint": url.hint, "topics": chosen}
        now = runtime.clock.now()
        audit.record(session, actor, "channel.added", name, brand_id=home, at=now, after=after)
        return made


def remove_address(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Forget an address; what was still to be sent there is dropped. Raises NotFound, Forbidden."""
    with runtime.writing() as session, session.begin():
        address = find_address(session, actor, public_id)
        if address.person_id is None:
            before = {"name": address.name, "kind": address.kind, "hint": address.hint, "topics": address.topics}
            brand, now = address.brand_id, runtime.clock.now()
            action = "channel.removed" if address.client_id is None else "webhook.removed"
            audit.record(session, actor, action, address.name, brand_id=brand, at=now, before=before)
        session.delete(address)


def find_address(session: Session, actor: Actor, public_id: UUID) -> NoticeAddress:
    """The actor's own, a channel of a brand they administer, or of a client they manage. Raises NotFound."""
    address = session.scalar(sa.select(NoticeAddress).where(NoticeAddress.public_id == public_id))
    if address is None or not _theirs(session, actor, address):
        raise NotFound(N_("This address"))
    return address


def _theirs(session: Session, actor: Actor, address: NoticeAddress) -> bool:
    if address.person_id is not None:
        return address.person_id == actor.person_id
    if address.client_id is not None:
        within = brands_within(actor, Permission.MANAGE_ACCESS, ApiClient.brand_id)
        return session.scalar(sa.select(ApiClient.id).where(ApiClient.id == address.client_id, within)) is not None
    return actor.may(Permission.MANAGE_ACCESS) and address.brand_id in _brands(actor)


def _brands(actor: Actor) -> list[int]:
    if not actor.may(Permission.MANAGE_ACCESS):
        raise Forbidden(Message(_NOT_YOURS))
    return sorted(administered(actor))


def administered(actor: Actor) -> set[int]:
    """The brands, and for a role of the whole group the group, whose channels they look after."""
    grants = actor.having(Permission.MANAGE_ACCESS)
    whole = {actor.brand_id, actor.root_id} if any(grant.scope is Scope.GROUP for grant in grants) else set()
    return whole | {grant.brand_id for grant in grants if grant.scope is Scope.BRAND}


def _home(actor: Actor) -> int:
    """The brand that a new channel is of: their own, else the one they administer. Raises Forbidden."""
    brands = _brands(actor)
    if not brands:
        raise Forbidden(Message(_NOT_YOURS))
    return actor.brand_id if actor.brand_id in brands else brands[0]


_NOT_YOURS = N_("Your roles don't let you manage channels; ask an administrator.")


def chosen_topics(topics: Collection[str]) -> list[str]:
    """Those of `BROADCAST` among them. Raises Invalid where there are none."""
    chosen = [topic.value for topic in BROADCAST if topic.value in topics]
    if not chosen:
        raise Invalid(Message(N_("Choose at least one kind of news for the channel.")))
    return chosen


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose an address is: a person's, a client's, or with neither its brand's; the latter two choose `topics`."""

    brand_id: int
    topics: Sequence[str] = ()
    person_id: int | None = None
    client_id: int | None = None


def keep_address(session: Session, runtime: Runtime, actor: Actor, name: str, url: Url, whose: Whose) -> UUID:
    """A new row; its public id. Raises Invalid."""
    address = NoticeAddress(
        brand_id=whose.brand_id,
        person_id=whose.person_id,
        client_id=whose.client_id,
        name=_checked(name),
        kind=url.kind.value,
        url=url.url,
        hint=url.hint,
        topics=list(whose.topics),
        language=actor.language or "zh",
        created_at=runtime.clock.now(),
        created_by_id=actor.person_id,
    )
    session.add(address)
    session.flush()
    return address.public_id


def _checked(name: str) -> str:
    text = " ".join(name.split())
    if problem := line_problem(text, 100):
        raise Invalid(Message(N_("The name can't be used. %(problem)s"), {"problem": problem}))
    return text
