"""Owns whether a ticket waits for a dispatcher: nobody answers for it or is asked to, or a task names nobody."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask
from tickets.change import Change
from tickets.ticket import ENDED, PAUSED, Status

_OPEN = UserTask.status == sa.literal_column("'open'")
NAMELESS = sa.and_(_OPEN, UserTask.assignee_id.is_(None), UserTask.queue_key.is_(None))
"""On a query of UserTask: it waits for nobody, so only a dispatcher finds it."""

_AT_STAKE = (
    sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((NAMELESS, 1), else_=0)), 0),
        sa.func.count(),
    )
    .select_from(UserTask)
    .where(UserTask.instance_id == sa.bindparam("instance_id"), _OPEN)
)


def settle(session: Session, change: Change) -> Change:
    """The change with `dispatch_at` as it has to be after it; tasks have been written before.

    Only a ticket that waits, or is about to, costs a statement. An explicit moment puts a ticket that nobody answers
    for into the queue whatever else is open.
    """
    if not _concerned(change):
        return change
    explicit = change.values.get("dispatch_at") is not None
    unowned = change.now("owner_id") is None and change.now("offered_to_id") is None
    if change.status in ENDED:
        waits = False
    else:
        nameless, open_tasks = session.connection().execute(_AT_STAKE, {"instance_id": change.was.instance_id}).one()
        at_rest = change.status in PAUSED or change.status is Status.UNASSIGNED
        waits = bool(nameless) or (unowned and (explicit or at_rest or not open_tasks))
    moment = change.was.dispatch_at or change.values.get("dispatch_at") or change.at
    return replace(change, values={**change.values, "dispatch_at": moment if waits else None})


def _concerned(change: Change) -> bool:
    return (
        change.was.dispatch_at is not None
        or change.values.get("dispatch_at") is not None
        or (
            change.status is Status.UNASSIGNED
            and (change.new or change.changes("status") or change.changes("owner_id"))
        )
    )
