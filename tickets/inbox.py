"""Owns the lists: the inbox with its badges, my tickets, and all tickets one may see."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import UtcDateTime
from engine.models import TaskCandidate, UserTask
from tickets.access import Actor
from tickets.paging import EPOCH, Page, Position, clamped, read_cursor, write_cursor
from tickets.reading.progress import Step, steps
from tickets.roles import Queue
from tickets.rows import (
    TICKET_COLUMNS,
    AnySelect,
    Assignee,
    InboxRow,
    TaskRow,
    TicketRow,
    task_row,
    ticket_row,
    ticket_rows,
    with_ticket_facts,
)
from tickets.shares import TaskShare
from tickets.ticket import ENDED, OPEN, Status, Ticket

BADGE_CAP = 100
"""Badges count no further: 100 reads as 99+."""
ARMS = 200
"""Sub-queries in one statement; SQLite takes 500."""
TEXT_LIMIT = 200


class View(StrEnum):
    """MINE: claimed by me or offered to me alone. ROLES: offered to my roles. OWNED: open tickets I answer for.

    ASKED: I was asked for advice on it, or help with it.
    """

    MINE = "mine"
    ROLES = "roles"
    OWNED = "owned"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class MyRow:
    """One of my own tickets: how far it is, and the task in it that waits for me."""

    ticket: TicketRow
    steps: tuple[Step, ...]
    task: TaskRow | None


@dataclass(frozen=True, slots=True)
class Badges:
    """How many wait in each view, at most BADGE_CAP."""

    mine: int
    roles: int
    owned: int
    asked: int = 0


def inbox(
    session: Session, actor: Actor, *, view: View | str, cursor: str | None = None, limit: int = 50
) -> Page[InboxRow]:
    """One page, soonest due first; one statement. An unknown view is MINE, a broken cursor the first page."""
    after, size = read_cursor(cursor), clamped(limit)
    if view == View.OWNED:
        return _owned(session, actor, after, size)
    arms = _ARMS.get(View(view) if view in set(View) else View.MINE, _own_arms)(actor)
    waiting = _first(arms, after, size + 1)
    query: AnySelect = (
        sa.select(UserTask, Assignee.name, *TICKET_COLUMNS)
        .select_from(waiting)
        .join(UserTask, UserTask.id == waiting.c.id)
        .join(Ticket, Ticket.instance_id == UserTask.instance_id)
        .outerjoin(Assignee, Assignee.id == UserTask.assignee_id)
        .order_by(waiting.c.due_at, waiting.c.id)
    )
    found = session.execute(with_ticket_facts(query)).all()
    rows = [InboxRow(ticket_row(row[2:]), task_row(row[0], row[1], actor.person_id)) for row in found[:size]]
    last = found[size - 1][0] if len(found) > size else None
    return Page(tuple(rows), last and write_cursor(Position(last.due_at, last.id)))


def badges(session: Session, actor: Actor) -> Badges:
    """The counts of all views, in one statement."""
    owned = sa.select(Ticket.id).where(_owned_by(actor)).limit(BADGE_CAP)
    mine, roles, asked = (_first(arms(actor), None, BADGE_CAP) for arms in (_own_arms, _role_arms, _asked_arms))
    counted = session.execute(sa.select(_count(mine), _count(roles), _count(owned.subquery()), _count(asked))).one()
    return Badges(*counted)


def count_for_me(session: Session, actor: Actor) -> int:
    """How many tasks wait for me in person, mine and those that others ask me about, each once; at most BADGE_CAP."""
    arms = chain(_own_arms(actor), _asked_arms(actor))
    return session.scalars(sa.select(_count(_first(arms, None, BADGE_CAP)))).one()


def inbox_version(page: Page[InboxRow]) -> str:
    """What a live list compares: it differs when the page shows other rows or anything in them has changed."""
    shown = [(row.ticket.id, row.ticket.version, row.task and (row.task.id, row.task.assignee)) for row in page.rows]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


class Stage(StrEnum):
    """How far the tickets of a requester are, as they look for them."""

    OPEN = "open"
    TURN = "turn"  # something is asked of them: to say more, or to confirm
    ENDED = "ended"


IN_STAGE: Mapping[Stage, Collection[Status]] = {
    Stage.OPEN: OPEN,
    Stage.TURN: frozenset({Status.AWAITING_REQUESTER, Status.RESOLVED}),
    Stage.ENDED: ENDED,
}


def my_tickets(
    session: Session,
    actor: Actor,
    *,
    stage: Stage | None = None,
    text: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[MyRow]:
    """The tickets I am the requester of, newest first; two statements. `text` is looked for in title and number."""
    mine = (Ticket.requester_id == actor.person_id,)
    criteria: list[sa.ColumnElement[bool]] = []
    if stage is not None:
        criteria.append(Ticket.status.in_(sorted(status.value for status in IN_STAGE[stage])))
    if text:
        criteria.append(_says(text))
    page = _newest_first(session, mine, criteria, cursor=cursor, limit=limit)
    waiting = _waiting_for(session, actor, [row.id for row in page.rows])
    rows = tuple(MyRow(row, steps(row), waiting.get(row.id)) for row in page.rows)
    return Page(rows, page.next_cursor)


def _says(text: str) -> sa.ColumnElement[bool]:
    wanted = _plain(text)
    return Ticket.title.icontains(wanted, autoescape=True) | Ticket.number.icontains(wanted, autoescape=True)


def _plain(text: str) -> str:
    """Without what no title holds and no database takes: control characters and halves of characters."""
    return "".join(character for character in text[:TEXT_LIMIT] if character.isprintable())


def _newest_first(
    session: Session,
    sources: Iterable[sa.ColumnElement[bool]],
    criteria: Iterable[sa.ColumnElement[bool]],
    *,
    cursor: str | None,
    limit: int,
) -> Page[TicketRow]:
    """The newest tickets of any of the sources; each gives its own newest through its own index."""
    after, size = read_cursor(cursor), clamped(limit)
    before = () if after is None else (Ticket.id < after.id,)
    arms = [
        sa.select(Ticket.id).where(source, *criteria, *before).order_by(Ticket.id.desc()).limit(size + 1).subquery()
        for source in sources
    ]
    newest = sa.union(*(sa.select(arm.c.id) for arm in arms)).subquery()
    query = ticket_rows().where(Ticket.id.in_(sa.select(newest.c.id))).order_by(Ticket.id.desc()).limit(size + 1)
    found = session.execute(query).all()
    last = found[size - 1][0] if len(found) > size else None
    return Page(tuple(ticket_row(row) for row in found[:size]), last and write_cursor(Position(EPOCH, last.id)))


def _waiting_for(session: Session, actor: Actor, tickets: Collection[int]) -> dict[int, TaskRow]:
    """The task of each ticket that waits for this very person, the soonest due."""
    query = (
        sa.select(Ticket.id, UserTask)
        .join(UserTask, UserTask.instance_id == Ticket.instance_id)
        .where(Ticket.id.in_(tickets), _OPEN, UserTask.assignee_id == actor.person_id)
        .order_by(UserTask.due_at.desc(), UserTask.id.desc())
    )
    return {ticket_id: task_row(task, actor.name, actor.person_id) for ticket_id, task in session.execute(query)}


def _owned(session: Session, actor: Actor, after: Position | None, size: int) -> Page[InboxRow]:
    query = ticket_rows().where(_owned_by(actor)).order_by(Ticket.due_at, Ticket.id).limit(size + 1)
    if after is not None:
        query = query.where(_later(Ticket.due_at, Ticket.id, after))
    found = session.execute(query).all()
    last = found[size - 1][0] if len(found) > size else None
    rows = tuple(InboxRow(ticket_row(row), None) for row in found[:size])
    return Page(rows, last and write_cursor(Position(last.due_at, last.id)))


def _owned_by(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(Ticket.owner_id == actor.person_id, Ticket.status.in_(sorted(status.value for status in OPEN)))


# The conditions of the inbox. Each arm reads a stretch of the partial index (queue_key, due_at, id) of open tasks,
# which a database uses only where it sees the literal 'open'.
_OPEN = UserTask.status == sa.literal_column("'open'")
_SHARED = sa.exists().where(TaskCandidate.task_id == UserTask.id)
_UNCLAIMED = UserTask.assignee_id.is_(None)


def _own_queue(actor: Actor) -> sa.ScalarSelect[int]:
    return sa.select(Queue.id).where(Queue.person_id == actor.person_id).scalar_subquery()


def _own_arms(actor: Actor) -> Iterator[AnySelect]:
    yield _arm().where(UserTask.queue_key == _own_queue(actor), ~_UNCLAIMED | ~_SHARED)


def _role_arms(actor: Actor) -> Iterator[AnySelect]:
    """Unclaimed tasks in my roles' queues, those offered to me among others, and those offered to further queues."""
    keys = sorted(actor.queue_keys)
    alone = (UserTask.queue_key == _own_queue(actor)) & ~_SHARED
    step = -(-len(keys) // ARMS) or 1
    for start in range(0, len(keys), step):
        some = keys[start : start + step]
        held = UserTask.queue_key.in_(some) if len(some) > 1 else UserTask.queue_key == some[0]
        yield _arm().where(held, _UNCLAIMED, ~alone)
    also = _arm().join(TaskCandidate, TaskCandidate.task_id == UserTask.id)
    yield also.where(TaskCandidate.queue_key.in_(keys), _UNCLAIMED)


def _asked_arms(actor: Actor) -> Iterator[AnySelect]:
    """Open tasks that others have shared with me and wait for me to answer or to help."""
    mine = (TaskShare.person_id == actor.person_id, TaskShare.closed_at.is_(None))
    yield _arm().join(TaskShare, TaskShare.task_id == UserTask.id).where(*mine)


_ARMS = {View.MINE: _own_arms, View.ROLES: _role_arms, View.ASKED: _asked_arms}


def _arm() -> AnySelect:
    return sa.select(UserTask.id, UserTask.due_at).where(_OPEN)


def _first(arms: Iterator[AnySelect], after: Position | None, size: int) -> sa.Subquery:
    """The first `size` tasks of all arms together: each gives its own first ones, so none is missed."""
    parts = [arm.where(_later(UserTask.due_at, UserTask.id, after)) if after else arm for arm in arms]
    firsts = [part.order_by(UserTask.due_at, UserTask.id).limit(size).subquery() for part in parts]
    together = sa.union_all(*(sa.select(first) for first in firsts)).subquery()
    order = together.c.due_at, together.c.id
    return sa.select(together.c.id, together.c.due_at).distinct().order_by(*order).limit(size).subquery("waiting")


def _later(due: Any, row_id: Any, after: Position) -> sa.ColumnElement[bool]:
    position = sa.tuple_(sa.literal(after.due, UtcDateTime()), sa.literal(after.id, sa.BigInteger()))
    return sa.tuple_(due, row_id) > position


def _count(rows: sa.Subquery) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(rows).scalar_subquery()
