"""Owns who else looks after a leaver's task: those it was offered to as well, or the same role further up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskCandidate, UserTask
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Queue, Role, queue_for_role
from tickets.ticket import Ticket


class Queues:
    """The queues of a batch of tasks. `lost` are those that nobody looks into any more."""

    def __init__(self, session: Session, lost: Collection[int], tasks: Sequence[UserTask]) -> None:
        self.session, self.lost = session, frozenset(lost)
        self._further = _further(session, tasks)
        keys = {key for task in tasks for key in self._keys(task)}
        self._alive = _alive(session, keys - self.lost)
        self._roles = _roles(session, keys)
        self._above: dict[tuple[str, int], int | None] = {}

    def of_others(self, task: UserTask, ticket: Ticket) -> int | None:
        """The queue in which somebody else finds the task; None where it was the leaver's alone."""
        keys = self._keys(task)
        alive = next((key for key in keys if key in self._alive), None)
        if alive is not None:
            return alive
        above = (self._role_above(self._roles[key], ticket) for key in keys if key in self._roles)
        return next((key for key in above if key is not None), None)

    def _keys(self, task: UserTask) -> list[int]:
        """Where it was offered: first its own queue, then the further ones."""
        offered = task.offered_key if task.assignee_id is not None else task.queue_key
        return list(dict.fromkeys([*([offered] if offered is not None else []), *self._further[task.id]]))

    def _role_above(self, role_key: str, ticket: Ticket) -> int | None:
        """The queue of that role at the ticket's place or the nearest above it where somebody holds it."""
        asked = role_key, ticket.place_id
        if asked not in self._above:
            path = self.session.scalars(sa.select(Place.path).where(Place.id == ticket.place_id)).one()
            found = queue_for_role(self.session, role_key, path, ticket.brand_id)
            self._above[asked] = found if found not in self.lost else None
        return self._above[asked]


def _further(session: Session, tasks: Sequence[UserTask]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    wide = [task.id for task in tasks if task.widely_offered]
    query = sa.select(TaskCandidate.task_id, TaskCandidate.queue_key).where(TaskCandidate.task_id.in_(wide))
    for task_id, key in session.execute(query.order_by(TaskCandidate.queue_key)) if wide else ():
        found[task_id].append(key)
    return found


def _alive(session: Session, keys: Collection[int]) -> frozenset[int]:
    """Those of somebody who has not left, or of a role that such a one holds there."""
    here = Person.departed_at.is_(None)
    own = sa.exists().where(Person.id == Queue.person_id, here)
    held = (
        sa.exists()
        .where(Membership.role_id == Queue.role_id, Membership.place_id == Queue.place_id)
        .where(Person.id == Membership.person_id, here)
    )
    query = sa.select(Queue.id).where(Queue.id.in_(sorted(keys)), sa.or_(own, held))
    return frozenset(session.scalars(query))


def _roles(session: Session, keys: Collection[int]) -> dict[int, str]:
    query = sa.select(Queue.id, Role.key).join(Role, Role.id == Queue.role_id).where(Queue.id.in_(sorted(keys)))
    return dict(session.execute(query).all())
