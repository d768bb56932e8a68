"""Owns urging (催单): the requester or somebody in copy presses once, the owner answers, or it climbs to superiors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.models import ProcessDefinition
from engine.timing import Duration, NotATime, parse_duration
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.conversation import checked_body, say
from tickets.deadlines import DeadlineKind, drop, put
from tickets.errors import Conflict, Forbidden, Invalid
from tickets.lookup import ticket_for
from tickets.places import Place, ancestors
from tickets.policy import Verb
from tickets.runtime import Runtime, calendar_of
from tickets.settings import SETTINGS, settings_of
from tickets.texts import line_problem
from tickets.ticket import Ticket
from tickets.timeline import EventKind
from tickets.urges import Urge

REASON_LIMIT = 500
FURTHEST = timedelta(days=90)
"""No later may an owner promise an answer: until then nobody urges again."""
_NAMES = ("urge.enabled", "urge.cooldown", "urge.answer")


class UrgedLately(Conflict):
    """It was urged before; `retry_at` is when one may again, None while it waits for the owner's answer."""

    def __init__(self, message: Message, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Terms:
    """What the ticket's type says of urging, and the clock it goes by."""

    enabled: bool
    cooldown: Duration
    answer: Duration
    zone: ZoneInfo
    place_id: int

    def cool_at(self, urged: datetime) -> datetime:
        """When one may urge again."""
        return self.cooldown.after(urged, self.zone)

    def climbs_at(self, session: Session, since: datetime) -> datetime:
        """By when it is to be answered, in the working time of the place."""
        return self.answer.after(since, self.zone, calendar_of(session, self.place_id))


def urge(runtime: Runtime, actor: Actor, number: str, reason: str = "") -> int:
    """Press: the owner and who works on it are told. Gives the event's id.

    Somebody else's press while one is fresh is merged with it and counted. Raises UrgedLately, Forbidden, Conflict.
    """
    why = _reason(reason)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.URGE), runtime.clock.now()
        terms = terms_of(session, ticket)
        if not terms.enabled:
            raise Forbidden(Message(N_("Tickets of this type are not urged; write to the owner instead.")))
        merged = _joins(session, ticket, actor, terms, now)
        session.add(_row(ticket, actor, why, now, merged=merged))
        was = Was.of(ticket)
        values = {"urges": ticket.urges + 1, "urged_at": ticket.urged_at or now}
        if not merged:
            watch(session, ticket, terms, now, told_before=[])
        event = told(was, EventKind.URGED, actor, now, public=True, why=why, merged=merged or None)
        return changing.write_told(session, Change(was, now, actor, values, [event]))


def answer_urge(runtime: Runtime, actor: Actor, number: str, body: str, expected_at: datetime) -> int:
    """Say why it takes long and when it is expected; until then nobody urges again. Gives the event's id."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.ANSWER_URGE), runtime.clock.now()
        _check_expected(expected_at, now)
        answered = {"answered_at": now, "answered_by_id": actor.person_id, "answer": text, "expected_at": expected_at}
        mine = (Urge.ticket_id == ticket.id, Urge.answered_at.is_(None))
        session.connection().execute(sa.update(Urge).where(*mine).values(answered))
        drop(session, ticket.id, DeadlineKind.URGE)
        values: dict[str, datetime | None] = {"urged_at": None}
        if ticket.owner_id == actor.person_id:
            values["first_reply_at"] = ticket.first_reply_at or now
        kind, until = EventKind.URGE_ANSWERED, expected_at.isoformat()
        return say(session, ticket, actor, kind, text, files=(), at=now, values=values, until_at=until)


def terms_of(session: Session, ticket: Ticket) -> Terms:
    """Two statements. A span in a file that is none counts as the default."""
    query = (
        sa.select(ProcessDefinition.key, ProcessDefinition.settings, Place.path, Place.time_zone)
        .select_from(Ticket)
        .join(ProcessDefinition, ProcessDefinition.id == Ticket.definition_id)
        .join(Place, Place.id == Ticket.place_id)
        .where(Ticket.id == ticket.id)
    )
    key, file, path, zone = session.execute(query).one()
    root = ancestors(path)[0]
    held = settings_of(session, _NAMES, type_key=key, brand_id=ticket.brand_id, root_id=root, file=file)
    spans = {name: _span(name, held[name].value) for name in _NAMES[1:]}
    return Terms(
        enabled=bool(held["urge.enabled"].value),
        cooldown=spans["urge.cooldown"],
        answer=spans["urge.answer"],
        zone=ZoneInfo(zone),
        place_id=ticket.place_id,
    )


def _span(name: str, text: str) -> Duration:
    try:
        return parse_duration(text)
    except NotATime:
        return parse_duration(SETTINGS[name].default)


def _joins(session: Session, ticket: Ticket, actor: Actor, terms: Terms, now: datetime) -> bool:
    """Whether the press is merged with one that waits for its answer. Raises UrgedLately when it comes too soon."""
    presses = sa.select(Urge).where(Urge.ticket_id == ticket.id).order_by(Urge.id.desc()).limit(50)
    recent = list(session.scalars(presses))
    first = next((press for press in recent if not press.merged), None)
    if first is None:
        return False
    cool = terms.cool_at(first.at)
    if ticket.urged_at is None:
        again = max(cool, first.expected_at or cool)
        if now < again:
            raise UrgedLately(Message(N_("You can urge again at %(time)s."), {"time": again}), again)
        return False
    pressed = any(press.by_id == actor.person_id and press.id >= first.id for press in recent)
    if now >= cool or pressed:
        text = N_("It was urged at %(time)s and waits for an answer; without one it climbs to the owner's superior.")
        raise UrgedLately(Message(text, {"time": first.at}))
    return True


def _row(ticket: Ticket, actor: Actor, why: str, now: datetime, *, merged: bool) -> Urge:
    return Urge(
        brand_id=ticket.brand_id,
        ticket_id=ticket.id,
        owner_id=ticket.owner_id,
        by_id=actor.person_id,
        reason=why,
        at=now,
        merged=merged,
    )


def watch(session: Session, ticket: Ticket, terms: Terms, now: datetime, *, told_before: list[int]) -> None:
    """Sets when it climbs (`tickets.climbing`) unless it is answered before; it has climbed to `told_before` by now."""
    due, args = terms.climbs_at(session, now), {"told": told_before}
    put(session, DeadlineKind.URGE, due, ticket_id=ticket.id, brand_id=ticket.brand_id, args=args)


def _reason(text: str) -> str:
    line = " ".join(text.split())
    if line and (problem := line_problem(line, REASON_LIMIT)):
        raise Invalid(Message(N_("The reason can't be kept: %(problem)s"), {"problem": problem}))
    return line


def _check_expected(expected_at: datetime, now: datetime) -> None:
    if expected_at <= now:
        raise Invalid(Message(N_("The expected time has passed; choose one that is still to come.")))
    if expected_at > now + FURTHEST:
        text = N_("The expected time is more than %(days)s days away; choose an earlier one.")
        raise Invalid(Message(text, {"days": FURTHEST.days}))
