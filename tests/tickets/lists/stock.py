"""A desk with many random tickets, and what a list of them should hold, worked out one by one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.database import NEVER
from engine.models import TaskStatus, UserTask
from tests.tickets.desk import MORNING, Desk
from tickets.access import Actor, inside_tickets, visible_tickets
from tickets.copies import TicketCc
from tickets.family.models import Tag, TicketTag
from tickets.field_value import FieldValue
from tickets.lists import FieldFilter, FieldOp, Moments, Sort, TicketQuery
from tickets.lists.criteria import RUNNING
from tickets.lists.query import ME, NOBODY
from tickets.people import Person
from tickets.places import Place
from tickets.ticket import Priority, Status, Ticket

PEOPLE = ("zhoulan", "sunyue", "huangyi", "lina", "wanglei", "zhangwei", "liutao", "zhaomin")
MODELS = ("iPad", "Pad 11", "HUAWEI", "小米")
TAGS = ("紧急家长", "Vip")


@dataclass
class Stock:
    """Random tickets and everything about them that a query can ask for."""

    desk: Desk
    tickets: dict[int, Ticket] = field(default_factory=dict)
    open_tasks: dict[int, set[int | None]] = field(default_factory=dict)
    fields: dict[int, dict[str, str]] = field(default_factory=dict)
    tags: dict[int, set[str]] = field(default_factory=dict)
    copies: dict[int, set[int]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """Public ids by login."""
    places: Mapping[str, Place] = field(default_factory=dict)

    def expected(self, actor: Actor, query: TicketQuery, now: datetime) -> list[int]:
        """The ids in order."""
        with self.desk.runtime.reading() as session:
            seen = set(session.scalars(sa.select(Ticket.id).where(visible_tickets(actor))))
            if query.fields or query.sort in {Sort.FIELD, Sort.FIELD_DOWN}:
                seen &= set(session.scalars(sa.select(Ticket.id).where(inside_tickets(actor))))
        found = [each for key, each in self.tickets.items() if key in seen and self.fits(each, actor, query, now)]
        return [each.id for each in sorted(found, key=lambda each: self.key(each, query))]

    def fits(self, ticket: Ticket, actor: Actor, query: TicketQuery, now: datetime) -> bool:
        place = next(each for each in self.places.values() if each.id == ticket.place_id)
        named = [each for each in self.places.values() if str(each.public_id) in query.places]
        running = ticket.status in RUNNING
        checks = (
            not query.statuses or ticket.status in query.statuses,
            not query.types or "crash_report" in query.types,
            not query.priorities or ticket.priority in query.priorities,
            self.is_one(ticket.owner_id, query.owners, actor),
            self.is_one(ticket.requester_id, query.requesters, actor),
            not query.assignees
            or any(self.is_one(each, query.assignees, actor) for each in self.open_tasks.get(ticket.id, set())),
            not query.places or any(place.path.startswith(each.path) for each in named),
            not query.tags or bool({tag.casefold() for tag in query.tags} & self.tags.get(ticket.id, set())),
            within(ticket.created_at, query.created),
            within(ticket.due_at, query.due),
            within(ticket.resolved_at, query.resolved),
            not query.overdue or (running and ticket.due_at < now),
            not query.urged or ticket.urged_at is not None,
            not query.unreplied or ticket.first_reply_at is None,
            not query.cc_me or actor.person_id in self.copies.get(ticket.id, set()),
            all(self.holds(ticket, wanted) for wanted in query.fields),
            query.sort not in {Sort.FIELD, Sort.FIELD_DOWN} or query.sort_field in self.fields.get(ticket.id, {}),
        )
        return all(checks)

    def is_one(self, person_id: int | None, names: tuple[str, ...], actor: Actor) -> bool:
        if not names:
            return True
        wanted = {self.desk.people[login] for login, public_id in self.people.items() if public_id in names}
        wanted |= {actor.person_id} if ME in names else set()
        return (person_id is None and NOBODY in names) or person_id in wanted

    def holds(self, ticket: Ticket, wanted: FieldFilter) -> bool:
        text = self.fields.get(ticket.id, {}).get(wanted.name)
        if text is None:
            return False
        match wanted.op:
            case FieldOp.IS:
                return text == wanted.value
            case FieldOp.HAS:
                return wanted.value.lower() in text.lower()
            case FieldOp.FROM:
                return float(text) >= float(wanted.value)
            case FieldOp.UNTIL:
                return float(text) <= float(wanted.value)
        return True

    def key(self, ticket: Ticket, query: TicketQuery) -> Any:
        match query.sort:
            case Sort.OLDEST:
                return ticket.id
            case Sort.DUE:
                return ticket.due_at, ticket.id
            case Sort.UPDATED:
                return -ticket.updated_at.timestamp(), -ticket.id
            case Sort.PRIORITY:
                return list(Priority).index(Priority(ticket.priority)), -ticket.id
            case Sort.FIELD | Sort.FIELD_DOWN if query.sort_field == "students":
                sign = -1 if query.sort is Sort.FIELD_DOWN else 1
                return sign * float(self.fields[ticket.id]["students"]), sign * ticket.id
        return -ticket.id


def within(moment: datetime | None, moments: Moments) -> bool:
    if not moments:
        return True
    if moment is None:
        return False
    return (moments.start is None or moment >= moments.start) and (moments.end is None or moment < moments.end)


def fill(desk: Desk, count: int, seed: int) -> Stock:
    """A stock of `count` tickets."""
    chance, stock = random.Random(seed), Stock(desk)
    with desk.runtime.reading() as session:
        rows = session.execute(sa.select(Person.login, Person.public_id).where(Person.login.in_(PEOPLE)))
        stock.people = {login: str(public_id) for login, public_id in rows}
        stock.places = {place.external_id or "": place for place in session.scalars(sa.select(Place))}
    for _ in range(count):
        ticket = desk.ticket(requester=chance.choice(PEOPLE[:3]), **columns(desk, chance))
        stock.tickets[ticket.id] = ticket
        stock.open_tasks[ticket.id] = tasks(desk, chance, ticket)
        stock.fields[ticket.id] = values(desk, chance, ticket)
    stock.tags, stock.copies = marks(desk, chance, list(stock.tickets.values()))
    return stock


def columns(desk: Desk, chance: random.Random) -> dict[str, Any]:
    """Few different moments, so that orders have ties."""
    hours = timedelta(hours=1)
    return {
        "owner": chance.choice((None, None, *PEOPLE[3:])),
        "filed_by_id": desk.people[chance.choice(PEOPLE)],
        "status": chance.choice(list(Status)).value,
        "priority": chance.choice(list(Priority)).value,
        "due_at": chance.choice((NEVER, MORNING - hours, MORNING + hours, MORNING + 9 * hours)),
        "created_at": MORNING - chance.randrange(4) * hours,
        "updated_at": MORNING - chance.randrange(4) * hours,
        "resolved_at": chance.choice((None, MORNING - hours)),
        "first_reply_at": chance.choice((None, MORNING)),
        "urged_at": chance.choice((None, None, MORNING)),
    }


def tasks(desk: Desk, chance: random.Random, ticket: Ticket) -> set[int | None]:
    waiting: set[int | None] = set()
    for _ in range(chance.randrange(3)):
        if chance.random() < 0.5:
            desk.task(ticket, queue=desk.queue(chance.choice(("support", "developer"))))
            waiting.add(None)
        elif chance.random() < 0.7:
            who = chance.choice(PEOPLE[3:])
            desk.task(ticket, claimed=who)
            waiting.add(desk.people[who])
        else:
            done = desk.task(ticket, claimed=chance.choice(PEOPLE[3:]))
            with desk.writing() as session:
                session.execute(sa.update(UserTask).where(UserTask.id == done.id).values(status=TaskStatus.COMPLETED))
    return waiting


def values(desk: Desk, chance: random.Random, ticket: Ticket) -> dict[str, str]:
    given = {}
    if chance.random() < 0.7:
        given["model"] = chance.choice(MODELS)
    if chance.random() < 0.7:
        given["students"] = str(chance.randrange(12))
    with desk.writing() as session:
        for name, text in given.items():
            number = float(text) if name == "students" else None
            session.add(FieldValue(ticket_id=ticket.id, name=name, position=0, text=text, number=number))
    return given


def marks(desk: Desk, chance: random.Random, tickets: list[Ticket]) -> tuple[dict[int, set[str]], dict[int, set[int]]]:
    tags: dict[int, set[str]] = {}
    copies: dict[int, set[int]] = {}
    with desk.writing() as session:
        rows = [Tag(brand_id=desk.cast.places["qinghe"], key=name.casefold(), name=name, at=MORNING) for name in TAGS]
        session.add_all(rows)
        session.flush()
        for ticket in tickets:
            if chance.random() < 0.2:
                tag = chance.choice(rows)
                session.add(TicketTag(ticket_id=ticket.id, tag_id=tag.id))
                tags[ticket.id] = {tag.key}
            if chance.random() < 0.2:
                person = desk.people[chance.choice(PEOPLE)]
                session.add(TicketCc(brand_id=ticket.brand_id, ticket_id=ticket.id, person_id=person, at=MORNING))
                copies[ticket.id] = {person}
    return tags, copies
