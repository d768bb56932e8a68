"""Owns each filter of a query as a condition on a ticket's row, and which of them an index can lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.models import UserTask
from tickets.access import inside_tickets
from tickets.copies import TicketCc
from tickets.family.models import Tag, TicketTag
from tickets.field_value import FieldValue
from tickets.lists.aside import Aside
from tickets.lists.named import Named, Where, Whom
from tickets.lists.query import FieldFilter, FieldOp, Moments, Promise, Sort, TicketQuery
from tickets.lists.sight import reaches
from tickets.search import Narrow, hits
from tickets.search.document import mark
from tickets.service.tables import ServiceClock
from tickets.ticket import Status, Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

RUNNING = (Status.UNASSIGNED, Status.OFFERED, Status.IN_PROGRESS)
"""The service level's clock runs."""

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. `aside` says it of a row at hand; `lead`, if an index can begin with it, gives tickets' ids.

    `is_slow`: no index of tickets holds what it asks. `is_light`: an index holds all that its lead asks.
    """

    name: str
    aside: Condition
    lead: sa.SelectBase | None = None
    is_slow: bool = False
    is_light: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with what it names, by a reader at a moment."""

    query: TicketQuery
    named: Named
    actor: Actor
    now: datetime
    dialect: str

    @property
    def statuses(self) -> frozenset[Status]:
        """The statuses that can fit, all when none is said."""
        wanted = self.query.statuses or frozenset(Status)
        return wanted & set(RUNNING) if self.query.overdue else wanted


def filters(asked: Asked) -> list[Filter]:
    """Every condition of the query."""
    return [*_plain(asked), *_people(asked), *_moments(asked), *_marks(asked), *_found(asked)]


def _plain(asked: Asked) -> Iterator[Filter]:
    query, named = asked.query, asked.named
    statuses = sorted(status.value for status in asked.statuses)
    if len(statuses) < len(Status):
        yield Filter("status", Aside(Ticket.status).in_(statuses))
    if named.types is not None:
        at = sa.and_(Ticket.type_id.in_(named.types), Ticket.status.in_(statuses))
        yield Filter("type", Aside(Ticket.type_id).in_(named.types), _ids(at))
    if query.priorities:
        priorities = sorted(priority.value for priority in query.priorities)
        yield Filter("priority", Aside(Ticket.priority).in_(priorities))
    if named.where is not None and not named.where.everything:
        yield _placed(named.where, statuses, named.types)
    if named.subject is not None:
        yield Filter("subject", Aside(Ticket.subject_id) == named.subject, _ids(Ticket.subject_id == named.subject))


def _placed(where: Where, statuses: list[str], types: tuple[int, ...] | None) -> Filter:
    below = Aside(Ticket.brand_id).in_(where.brands) | Aside(Ticket.place_id).in_(where.places)
    if where.brands:
        return Filter("place", below)
    of_types = () if types is None else (Ticket.type_id.in_(types),)
    at = sa.and_(Ticket.place_id.in_(where.places), Ticket.status.in_(statuses), *of_types)
    return Filter("place", below, _ids(at), is_light=True)


def _people(asked: Asked) -> Iterator[Filter]:
    named = asked.named
    statuses = sorted(status.value for status in asked.statuses)
    if named.owners is not None:
        at = sa.and_(_is_one(Ticket.owner_id, named.owners), Ticket.status.in_(statuses))
        yield Filter("owner", _is_one(Aside(Ticket.owner_id), named.owners), _ids(at))
    if named.requesters is not None:
        lead = None if named.requesters.nobody else _ids(_is_one(Ticket.requester_id, named.requesters))
        yield Filter("requester", _is_one(Aside(Ticket.requester_id), named.requesters), lead)
    if named.assignees is not None:
        yield _worked_on(named.assignees)


def _worked_on(whom: Whom) -> Filter:
    """Tickets with an open task of theirs; of nobody: with one that nobody has claimed."""
    task = sa.select(UserTask.instance_id).where(UserTask.status == sa.literal_column("'open'"))
    task = task.where(_is_one(UserTask.assignee_id, whom))
    lead = _ids(Ticket.instance_id.in_(task)) if not whom.nobody else None
    return Filter("assignee", task.where(UserTask.instance_id == Ticket.instance_id).correlate(Ticket).exists(), lead)


def _is_one(column: Any, whom: Whom) -> Condition:
    options: list[Condition] = [column.is_(None)] if whom.nobody else []
    if whom.ids or not whom.nobody:
        options.append(column.in_(whom.ids))
    return sa.or_(*options)


def _moments(asked: Asked) -> Iterator[Filter]:
    query = asked.query
    statuses = sorted(status.value for status in asked.statuses)
    if query.created:
        yield Filter("created", _within(Aside(Ticket.created_at), query.created), _ids(_at("created_at", query)))
    if query.resolved:
        yield Filter("resolved", _within(Aside(Ticket.resolved_at), query.resolved), _ids(_at("resolved_at", query)))
    if query.closed:
        yield Filter("closed", _within(Aside(Ticket.closed_at), query.closed), _ids(_at("closed_at", query)))
    due = Ticket.status.in_(statuses)
    if query.due:
        yield Filter("due", _within(Aside(Ticket.due_at), query.due), _ids(due & _within(Ticket.due_at, query.due)))
    if query.overdue:
        over = Moments(end=asked.now)
        yield Filter("overdue", _within(Aside(Ticket.due_at), over), _ids(due & _within(Ticket.due_at, over)))


_RANGES: Mapping[str, str] = {"created_at": "created", "resolved_at": "resolved", "closed_at": "closed"}


def _at(column: str, query: TicketQuery) -> Condition:
    return _within(getattr(Ticket, column), getattr(query, _RANGES[column]))


def _within(column: Any, moments: Moments) -> Condition:
    bounds = []
    if moments.start is not None:
        bounds.append(column >= moments.start)
    if moments.end is not None:
        bounds.append(column < moments.end)
    return sa.and_(*bounds)


def _marks(asked: Asked) -> Iterator[Filter]:
    query = asked.query
    if query.urged:
        yield Filter("urged", Ticket.urged_at.is_not(None), _ids(Ticket.urged_at.is_not(None)))
    if query.unreplied:
        yield Filter("unreplied", Ticket.first_reply_at.is_(None))
    if query.dispatch:
        yield Filter("dispatch", Ticket.dispatch_at.is_not(None), _ids(Ticket.dispatch_at.is_not(None)))
    if query.promise is not None:
        yield _promised(query.promise)
    if query.cc_me:
        copies = sa.select(TicketCc.ticket_id).where(TicketCc.person_id == asked.actor.person_id)
        mine = copies.where(TicketCc.ticket_id == Ticket.id).correlate(Ticket).exists()
        yield Filter("cc", mine, copies)
    if query.tags:
        keys = [tag.casefold() for tag in query.tags if tag.isprintable()]
        tickets = sa.select(TicketTag.ticket_id).join(Tag, Tag.id == TicketTag.tag_id).where(Tag.key.in_(keys))
        yield Filter("tag", tickets.where(TicketTag.ticket_id == Ticket.id).correlate(Ticket).exists(), tickets)


def _promised(promise: Promise) -> Filter:
    clock = ServiceClock
    judged = sa.select(clock.ticket_id).where(
        clock.kind == promise.kind, clock.outcome == promise.outcome, _within(clock.judged_at, promise.judged)
    )
    return Filter("promise", judged.where(clock.ticket_id == Ticket.id).correlate(Ticket).exists())


def _found(asked: Asked) -> Iterator[Filter]:
    for number, wanted in enumerate(asked.query.fields):
        yield _field(number, wanted, asked.dialect)
    if asked.query.fields or asked.query.sort in {Sort.FIELD, Sort.FIELD_DOWN}:
        yield from _inside(asked.actor)
    if asked.query.text.strip():
        found = hits(asked.actor, asked.query.text, asked.dialect, _narrow(asked))
        yield Filter("text", Ticket.id.in_(found), found)


def _narrow(asked: Asked) -> Narrow:
    """What the search index itself can tell of the other conditions."""
    named, groups = asked.named, list[tuple[str, ...]]()
    if named.types is not None:
        groups.append(tuple(mark("t", each) for each in named.types))
    if len(asked.statuses) < len(Status):
        groups.append(tuple(mark("s", each) for each in sorted(asked.statuses)))
    if named.where is not None and not named.where.everything:
        groups.append(tuple(mark("p", each) for each in named.where.roots))
    for whom in (named.owners, named.requesters, named.assignees):
        if whom is not None and not whom.nobody:
            groups.append(tuple(mark("u", each) for each in whom.ids))
    return Narrow(tuple(group or (mark("u", 0),) for group in groups))


def _inside(actor: Actor) -> Iterator[Filter]:
    """Fields may hold what staff filled in: whoever sees a ticket only from outside learns nothing of them."""
    held = [reach.holds(Aside(Ticket.brand_id), Ticket.place_id) for reach in reaches(actor)]
    if not any(reach.is_everything for reach in reaches(actor)):
        yield Filter("inside", sa.or_(*held, inside_tickets(actor)))


def _field(number: int, wanted: FieldFilter, dialect: str) -> Filter:
    """PostgreSQL would gather all tickets with a common value; OFFSET 0 has it ask each row."""
    values = sa.select(FieldValue.ticket_id).where(FieldValue.name == wanted.name, holds(wanted))
    of_it = values.where(FieldValue.ticket_id == Ticket.id).correlate(Ticket)
    mine = (of_it if dialect == "sqlite" else of_it.offset(sa.literal_column("0", sa.Integer()))).exists()
    return Filter(f"field{number}", mine, values if wanted.op is not FieldOp.FILLED else None, is_slow=True)


def holds(wanted: FieldFilter) -> Condition:
    """On a query of FieldValue of that name: the comparison. A bound that is no number is compared as text."""
    if wanted.op is FieldOp.FILLED:
        return sa.true()
    if wanted.op is FieldOp.HAS:
        return FieldValue.text.icontains(wanted.value, autoescape=True)
    number = read_number(wanted.value)
    if wanted.op is FieldOp.IS:
        return FieldValue.text == wanted.value if number is None else _same(wanted.value, number)
    if number is None:
        return FieldValue.text >= wanted.value if wanted.op is FieldOp.FROM else FieldValue.text <= wanted.value
    return FieldValue.number >= number if wanted.op is FieldOp.FROM else FieldValue.number <= number


def _same(text: str, number: float) -> Condition:
    """A number's text may be written in several ways; of a text that looks like one only its own counts."""
    return sa.or_(FieldValue.text == text, FieldValue.number == number)


def read_number(text: str) -> float | None:
    """The number that a text spells, if it does."""
    try:
        found = float(text) if text.strip() == text and "_" not in text else None
    except ValueError:
        return None
    return found if found is not None and abs(found) < float("inf") else None


def _ids(condition: Condition) -> sa.SelectBase:
    return sa.select(Ticket.id).where(condition)
