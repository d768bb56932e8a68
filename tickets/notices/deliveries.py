"""Owns what is to be sent out: reading one delivery with all that its message says, and how sending it went."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.database import shared_alias
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission
from tickets.clients.client import ApiClient
from tickets.errors import Forbidden, NotFound
from tickets.event_words import people_named
from tickets.notices.models import Channel, Delivery, DeliveryStatus, News, NoticeAddress
from tickets.notices.news import Whither, as_event, whither
from tickets.notices.signing import Seal, seal_of
from tickets.notices.spreading import JOB
from tickets.notices.wording import words
from tickets.organising.reach import brands_within
from tickets.people import Person
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.ticket import Ticket
from tickets.timeline import LETTERS, TimelineEvent
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class Letter:
    """What one delivery says, and where it goes: `to` is a mail address or an address's secret url.

    `about` is what it leads to, `about_id` the public id of that ticket or page; `type` (its key) and `status` are the
    ticket's as they are now. `seal` is there where the message is to be signed.
    """

    key: str
    channel: Channel
    to: str
    kind: str
    name: str
    language: str
    time_zone: str
    words: Message
    body: str
    who: str
    event: str
    at: datetime
    about: Whither
    title: str
    about_id: uuid.UUID
    brand: str
    type: str = ""
    status: str = ""
    seal: Seal | None = None

    @property
    def number(self) -> str:
        """The ticket's; empty for news that no ticket carries."""
        return self.about.number


CANCELLED = N_("Its job was cancelled")
"""What a delivery of which the job was cancelled says of itself."""
Home = shared_alias(Place, "home")
Brand = shared_alias(Place, "brand_place")


def read_letter(session: Session, key: str) -> Letter | None:
    """What is still to be sent under this key; None when it was sent, given up, or nobody is there to take it."""
    found = session.execute(_QUEUED.where(Delivery.key == key)).one_or_none()
    if found is None:
        return None
    delivery, event, ticket, news, person, address, zone, brand, type_key = found
    event = event if news is None else as_event(news)
    to = person.email if delivery.channel == Channel.MAIL and person else address.url if address else ""
    if not to or (delivery.person_id is not None and person is None):
        return None
    language = (person.language if person else address.language) or "zh"
    named = sorted(people_named([event]))
    names: dict[int, str] = {row[0]: row[1] for row in session.execute(_NAMES, {"ids": named})} if named else {}
    return Letter(
        key=key,
        channel=Channel(delivery.channel),
        to=to,
        kind=address.kind if address else "",
        name=person.name if person else address.name,
        language=language,
        time_zone=zone or "Asia/Shanghai",
        words=words(delivery.part, delivery.params, event, names, reader_id=delivery.person_id, language=language),
        body=event.body if event.kind in LETTERS and person is not None else "",
        who=names.get(event.actor_id, "") if event.actor_id else "",
        event=event.kind,
        at=event.at,
        about=whither(news, ticket.number if ticket is not None else None),
        title=ticket.title if news is None else news.titles.get(language, news.title),
        about_id=ticket.public_id if news is None else news.target,
        brand=brand or "",
        type=type_key or "",
        status=ticket.status if ticket is not None else "",
        seal=seal_of(address) if address else None,
    )


_STILL_HEARS = sa.or_(
    NoticeAddress.client_id.is_(None),
    NoticeAddress.client_id.in_(sa.select(ApiClient.id).where(ApiClient.disabled_at.is_(None))),
)
"""A client that was disabled hears nothing more, not even of what happened before."""
_QUEUED = (
    sa.select(Delivery, TimelineEvent, Ticket, News, Person, NoticeAddress, Home.time_zone, Brand.name, TicketType.key)
    .outerjoin(TimelineEvent, TimelineEvent.id == Delivery.event_id)
    .outerjoin(Ticket, Ticket.id == TimelineEvent.ticket_id)
    .outerjoin(News, News.id == Delivery.news_id)
    .outerjoin(Person, sa.and_(Person.id == Delivery.person_id, Person.departed_at.is_(None)))
    .outerjoin(NoticeAddress, sa.and_(NoticeAddress.id == Delivery.address_id, _STILL_HEARS))
    .outerjoin(TicketType, TicketType.id == Ticket.type_id)
    .outerjoin(Home, Home.id == sa.func.coalesce(Person.place_id, Ticket.place_id, News.place_id))
    .outerjoin(Brand, Brand.id == sa.func.coalesce(Ticket.brand_id, News.brand_id))
    .where(Delivery.status == DeliveryStatus.QUEUED)
)
_NAMES = sa.select(Person.id, Person.name).where(Person.id.in_(sa.bindparam("ids", expanding=True)))


def sent(runtime: Runtime, key: str) -> None:
    """It has gone out."""
    _mark(runtime, key, status=DeliveryStatus.SENT, sent_at=runtime.clock.now(), attempts=Delivery.attempts + 1)


def dropped(runtime: Runtime, key: str, why: str = "") -> None:
    """Nobody is there to take it."""
    _mark(runtime, key, status=DeliveryStatus.DROPPED, problem=why)


def failed(runtime: Runtime, key: str, why: str, *, for_good: bool) -> bool:
    """It did not go out. Whether it will be tried again: not when it never can work, nor after the last attempt."""
    tried = Delivery.attempts + 1
    with runtime.writing() as session, session.begin():
        attempts = session.scalar(sa.select(tried).where(Delivery.key == key)) or 0
        over = for_good or attempts >= jobs.MAX_ATTEMPTS
        status = DeliveryStatus.FAILED if over else DeliveryStatus.QUEUED
        values = {"status": status.value, "attempts": attempts, "problem": why[:500]}
        session.execute(sa.update(Delivery).where(Delivery.key == key).values(values))
        return not over


def cancelled(session: Session, key: str) -> None:
    """Its job was cancelled: it counts as given up, among which it is listed and can be sent again."""
    mine = (Delivery.key == key, Delivery.status == DeliveryStatus.QUEUED)
    values = {"status": DeliveryStatus.FAILED.value, "problem": CANCELLED}
    session.execute(sa.update(Delivery).where(*mine).values(values))


def queued_again(session: Session, key: str) -> None:
    """Its job is done again: what was given up is to be sent, with all its attempts."""
    mine = (Delivery.key == key, Delivery.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.FAILED)))
    values = {"status": DeliveryStatus.QUEUED.value, "attempts": 0}
    session.execute(sa.update(Delivery).where(*mine).values(values))


def _mark(runtime: Runtime, key: str, **values: object) -> None:
    with runtime.writing() as session, session.begin():
        mine = (Delivery.key == key, Delivery.status == DeliveryStatus.QUEUED)
        session.execute(sa.update(Delivery).where(*mine).values(values))


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be sent, for administrators; where it should have gone is not shown. News have no `number`."""

    id: int
    channel: Channel
    name: str
    number: str
    title: str
    attempts: int
    problem: str
    at: datetime


def failures(session: Session, actor: Actor, *, limit: int = 50) -> Sequence[Failure]:
    """The newest that were given up, of the brands that the actor administers. Raises Forbidden."""
    query = (
        sa.select(Delivery, sa.func.coalesce(Person.name, NoticeAddress.name, ""), Ticket.number, News.title)
        .outerjoin(TimelineEvent, TimelineEvent.id == Delivery.event_id)
        .outerjoin(Ticket, Ticket.id == TimelineEvent.ticket_id)
        .outerjoin(News, News.id == Delivery.news_id)
        .outerjoin(Person, Person.id == Delivery.person_id)
        .outerjoin(NoticeAddress, NoticeAddress.id == Delivery.address_id)
        .where(Delivery.status == DeliveryStatus.FAILED, _administered(actor))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    return [
        Failure(row.id, Channel(row.channel), name, number or "", title or "", row.attempts, row.problem, row.at)
        for row, name, number, title in session.execute(query)
    ]


def send_again(runtime: Runtime, actor: Actor, delivery_id: int) -> None:
    """Try once more what was given up. Raises NotFound, Forbidden."""
    with runtime.writing() as session, session.begin():
        given_up = (Delivery.id == delivery_id, Delivery.status == DeliveryStatus.FAILED, _administered(actor))
        delivery = session.scalar(sa.select(Delivery).where(*given_up).with_for_update())
        if delivery is None:
            raise NotFound(N_("This message"))
        delivery.status, delivery.attempts = DeliveryStatus.QUEUED, 0
        now = runtime.clock.now()
        key = f"{JOB}:{delivery.key}:{now.timestamp()}"
        jobs.enqueue(session, JOB, {"key": delivery.key}, run_at=now, key=key, queue=jobs.OUTSIDE)
        what, brand_id = f"message {delivery_id}", delivery.brand_id
        audit.record(session, actor, "message.sent_again", what, brand_id=brand_id, at=now)


def _administered(actor: Actor) -> sa.ColumnElement[bool]:
    if not actor.may(Permission.MANAGE_ACCESS):
        raise Forbidden(Message(N_("Your roles don't let you manage channels; ask an administrator.")))
    return brands_within(actor, Permission.MANAGE_ACCESS, Delivery.brand_id)
