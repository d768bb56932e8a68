"""Owns putting back what a departure changed, row by row, unless somebody has touched it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from engine.models import TaskStatus, UserTask
from tickets import audit, changing
from tickets.change import Change, Was, told
from tickets.departing import chases, tickets_moved
from tickets.departing.leave import Leave, moment
from tickets.departing.model import ChangeKind, DepartureChange, Outcome
from tickets.people import Person
from tickets.shares import TaskShare
from tickets.ticket import ENDED, Ticket
from tickets.timeline import EventKind, TimelineEvent

Changes = Sequence[DepartureChange]
ENDED_SINCE = N_("it has ended since")
TAKEN_SINCE = N_("somebody else has it by now")
WORKED_ON = N_("somebody has worked on it since")
ELSEWHERE = N_("somebody else has been made the superior since")
_MOMENTS = frozenset({"accepted_at", "dispatch_at", "claimed_at", "closed_at"})


def put_back(session: Session, leave: Leave, changes: Changes) -> None:
    """Puts back what can be, and notes of each change what became of it."""
    by_ticket: dict[int, list[DepartureChange]] = defaultdict(list)
    for change in changes:
        if change.kind == ChangeKind.REPORT:
            _settle(change, _report(session, leave, change))
        else:
            by_ticket[change.ticket_id or 0].append(change)
    wanted = sa.select(Ticket).where(Ticket.id.in_(list(by_ticket))).order_by(Ticket.id).with_for_update()
    tickets = {ticket.id: ticket for ticket in session.scalars(wanted)}
    since = _worked_on_since(session, tickets, changes)
    for ticket_id, group in by_ticket.items():
        _of_ticket(session, leave, tickets[ticket_id], group, since)


def _of_ticket(session: Session, leave: Leave, ticket: Ticket, changes: Changes, since: Mapping[int, int]) -> None:
    """All changes of one ticket: one change back, with one event."""
    was, values = Was.of(ticket), dict[str, Any]()
    touched = since.get(ticket.id, 0)
    for change in changes:
        reason = WORKED_ON if touched > change.mark else ""
        if ticket.status in ENDED:
            reason = ENDED_SINCE
        match change.kind:
            case ChangeKind.TICKET:
                reason = reason or _owner(was, change, values)
            case ChangeKind.TASK:
                reason = reason or _task(session, change, values, was)
            case _:
                reason = reason or _share(session, change)
        _settle(change, reason)
    if any(change.outcome == Outcome.BACK for change in changes):
        event = told(was, EventKind.CAME_BACK, leave.actor, leave.now, public=bool(values), from_id=leave.leaver_id)
        changing.write(session, Change(was, leave.now, leave.actor, values, [event]))


def _owner(was: Was, change: DepartureChange, values: dict[str, Any]) -> str:
    """Puts the owner back into `values` if it is as the departure left it; else why not."""
    for name in ("owner_id", "offered_to_id"):
        if getattr(was, name) != change.after[name]:
            return TAKEN_SINCE
    values |= {name: _value(name, change.before[name]) for name in tickets_moved.COLUMNS if name != "status"}
    if change.after["status"] == was.status:
        values["status"] = change.before["status"]
    return ""


def _task(session: Session, change: DepartureChange, values: dict[str, Any], was: Was) -> str:
    row = sa.update(UserTask).where(UserTask.id == change.row_id, UserTask.status == TaskStatus.OPEN)
    same = (getattr(UserTask, name).is_not_distinct_from(change.after[name]) for name in ("assignee_id", "queue_key"))
    before = {name: _value(name, change.before[name]) for name in chases.COLUMNS}
    if session.connection().execute(row.where(*same).values(before)).rowcount != 1:
        return TAKEN_SINCE
    if change.after["queue_key"] is None and was.owner_id is not None:
        values.setdefault("dispatch_at", None)
    return ""


def _share(session: Session, change: DepartureChange) -> str:
    row = sa.update(TaskShare).where(TaskShare.id == change.row_id, TaskShare.answer == "")
    is_open = sa.exists().where(UserTask.id == TaskShare.task_id, UserTask.status == TaskStatus.OPEN)
    return "" if session.connection().execute(row.where(is_open).values(closed_at=None)).rowcount == 1 else ENDED_SINCE


def _report(session: Session, leave: Leave, change: DepartureChange) -> str:
    person = session.get_one(Person, change.row_id, with_for_update=True)
    if person.superior_id != change.after["superior_id"]:
        return ELSEWHERE
    person.superior_id = change.before["superior_id"]
    audit.record(
        session,
        leave.actor,
        "person.superior",
        person.login,
        brand_id=person.brand_id,
        at=leave.now,
        before=change.after,
        after=change.before,
    )
    return ""


def _settle(change: DepartureChange, reason: str) -> None:
    change.outcome, change.reason = (Outcome.KEPT, reason) if reason else (Outcome.BACK, "")


def _value(name: str, kept: Any) -> Any:
    return moment(kept) if name in _MOMENTS else kept


def _worked_on_since(session: Session, tickets: Mapping[int, Ticket], changes: Changes) -> dict[int, int]:
    """Of each ticket the last event by which somebody other than its requester did something on it."""
    first = min((change.mark for change in changes if change.ticket_id), default=0)
    query = (
        sa.select(TimelineEvent.ticket_id, sa.func.max(TimelineEvent.id))
        .join(Ticket, Ticket.id == TimelineEvent.ticket_id)
        .where(
            TimelineEvent.ticket_id.in_(list(tickets)),
            TimelineEvent.id > first,
            TimelineEvent.actor_id.is_not(None),
            TimelineEvent.actor_id.is_distinct_from(Ticket.requester_id),
            TimelineEvent.kind.not_in((EventKind.DEPARTED, EventKind.CAME_BACK)),
        )
        .group_by(TimelineEvent.ticket_id)
    )
    return dict(session.execute(query).all())
