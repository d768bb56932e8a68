"""Owns giving back a leaver's tasks: to the others they were offered to, else to their heir or a dispatcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask
from tickets import changing
from tickets.change import Change, Was, told
from tickets.departing.belongings import held, orphaned, shared
from tickets.departing.chases import COLUMNS, Chases
from tickets.departing.heirs import Heirs
from tickets.departing.leave import Leave, Moved, keep
from tickets.departing.model import ChangeKind
from tickets.departing.queues import Queues
from tickets.roles import queue_of_person
from tickets.shares import TaskShare
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind


def move(session: Session, leave: Leave, heirs: Heirs, limit: int) -> int:
    """Gives back the first of what is theirs, and of what waits where nobody looks without them; how many."""
    lost = orphaned(session, leave.leaver_id)
    query = sa.select(UserTask, Ticket).join(Ticket, Ticket.instance_id == UserTask.instance_id)
    theirs = query.where(held(leave.leaver_id, lost)).order_by(UserTask.id).limit(limit)
    rows = session.execute(theirs.with_for_update(of=(UserTask, Ticket))).all()
    queues = Queues(session, lost, [task for task, _ in rows])
    by_ticket: dict[int, list[UserTask]] = defaultdict(list)
    tickets = {ticket.id: ticket for _, ticket in rows}
    for task, ticket in rows:
        by_ticket[ticket.id].append(task)
    chases = Chases(session, leave, [task for task, _ in rows])
    moved = (_of_ticket(session, leave, heirs, queues, tickets[key], tasks, chases) for key, tasks in by_ticket.items())
    return keep(session, leave, [each for group in moved for each in group])


def close_shares(session: Session, leave: Leave, _heirs: Heirs, limit: int) -> int:
    """Nobody waits any longer for their advice or help; how many had been asked for."""
    theirs = sa.select(TaskShare).where(shared(leave.leaver_id)).order_by(TaskShare.id).limit(limit)
    rows = session.scalars(theirs.with_for_update()).all()
    for share in rows:
        share.closed_at = leave.now
    before, after = {"closed_at": None}, {"closed_at": leave.now}
    return keep(session, leave, [Moved(ChangeKind.SHARE, row.id, before, after, row.ticket_id) for row in rows])


def _of_ticket(
    session: Session,
    leave: Leave,
    heirs: Heirs,
    queues: Queues,
    ticket: Ticket,
    tasks: Sequence[UserTask],
    chases: Chases,
) -> Iterable[Moved]:
    """All of one ticket's at once: one change of it, with an event for each; what chases them goes further up."""
    was = Was.of(ticket)
    goes = {task.id: _heir(session, leave, heirs, queues, ticket, task) for task in tasks}
    moved, events = [], []
    for task, after in chases.settled(ticket, tasks, goes):
        before = {name: getattr(task, name) for name in COLUMNS}
        session.connection().execute(sa.update(UserTask).where(UserTask.id == task.id).values(after))
        moved.append(Moved(ChangeKind.TASK, task.id, before, after, ticket.id))
        label: dict[str, Any] = {"task": task.name, "task_names": task.names, "from_id": leave.leaver_id}
        label["to_id"] = after["assignee_id"]
        events.append(told(was, EventKind.DEPARTED, leave.actor, leave.now, public=False, **label))
    nobody = any(each.after["queue_key"] is None for each in moved)
    values = {"dispatch_at": leave.now} if nobody and was.dispatch_at is None and was.status != Status.RESOLVED else {}
    changing.write(session, Change(was, leave.now, leave.actor, values, events))
    return moved


def _heir(
    session: Session, leave: Leave, heirs: Heirs, queues: Queues, ticket: Ticket, task: UserTask
) -> dict[str, Any]:
    """Where the task waits next, as its columns."""
    after: dict[str, Any] = dict.fromkeys(COLUMNS)
    if (key := queues.of_others(task, ticket)) is not None:
        after |= {"queue_key": key, "offered_key": key}
    elif (heir := heirs.alone(not_to=ticket.requester_id)) is not None:
        after |= {"assignee_id": heir, "queue_key": queue_of_person(session, heir), "claimed_at": leave.now}
    return after
