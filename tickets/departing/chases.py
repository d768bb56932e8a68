"""Owns where the chases of a leaver's tasks go: to somebody above whoever has the chased step now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from tickets.assigning.presence import present_above
from tickets.chasing import chased
from tickets.departing.leave import Leave
from tickets.steps import blueprint_of
from tickets.ticket import Ticket

COLUMNS = ("assignee_id", "queue_key", "offered_key", "claimed_at")
"""What a departure changes of a task, and its undoing puts back."""
Columns = dict[str, Any]


class Chases:
    """The tasks beside a batch of a leaver's: a chase among them may be with who takes over what it chases."""

    def __init__(self, session: Session, leave: Leave, tasks: Sequence[UserTask]) -> None:
        self.session, self.leave = session, leave
        self._beside = _beside(session, tasks)

    def settled(
        self, ticket: Ticket, tasks: Sequence[UserTask], goes: Mapping[int, Columns]
    ) -> Iterator[tuple[UserTask, Columns]]:
        """The tasks of one ticket, each with what becomes of it (`goes`, by id), and the chases that move with them."""
        beside = self._beside[ticket.instance_id]
        compiled = blueprint_of(self.session, self.leave.runtime, ticket.definition_id).compiled
        has: dict[str, set[int | None]] = defaultdict(set)
        for task in (*tasks, *beside):
            has[task.element].add(goes[task.id]["assignee_id"] if task.id in goes else task.assignee_id)
        for task in tasks:
            after, step = goes[task.id], chased(compiled, task.element)
            own = after["assignee_id"] is not None and after["assignee_id"] in has[step]
            yield task, self._above(after["assignee_id"]) if own else after
        for task in beside:
            step = chased(compiled, task.element)
            if task.assignee_id in {goes[each.id]["assignee_id"] for each in tasks if each.element == step}:
                yield task, self._above(task.assignee_id)

    def _above(self, person_id: int | None) -> Columns:
        """With the nearest superior who is there; without one with a dispatcher."""
        there = present_above(self.session, person_id or 0, self.leave.now)
        if there is None:
            return dict.fromkeys(COLUMNS)
        given = {"assignee_id": there.person_id, "queue_key": there.queue_key, "claimed_at": self.leave.now}
        return {**dict.fromkeys(COLUMNS), **given}


def _beside(session: Session, tasks: Sequence[UserTask]) -> Mapping[int, Sequence[UserTask]]:
    """By instance, what others have open there."""
    found: dict[int, list[UserTask]] = defaultdict(list)
    query = sa.select(UserTask).where(
        UserTask.instance_id.in_({task.instance_id for task in tasks}),
        UserTask.id.not_in([task.id for task in tasks]),
        UserTask.assignee_id.is_not(None),
        UserTask.status == TaskStatus.OPEN,
    )
    for task in session.scalars(query.order_by(UserTask.id).with_for_update()) if tasks else ():
        found[task.instance_id].append(task)
    return found
