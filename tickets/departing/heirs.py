"""Owns who takes over: the superior, a dispatcher, or whoever of a group has least to do."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from tickets.departing.plan import Plan, Way
from tickets.people import Person, superior_of
from tickets.roles import Membership
from tickets.ticket import OPEN, Ticket


class Heirs:
    """The heirs of one leaver, as one transaction sees them; None means a dispatcher."""

    def __init__(self, session: Session, leaver_id: int, plan: Plan) -> None:
        self.plan = plan
        self.superior_id = superior_of(session, leaver_id)
        members = group_of(session, leaver_id, plan) if plan.splits else []
        self._loads = [(load, person_id) for person_id, load in loads(session, members).items()]
        heapq.heapify(self._loads)

    def owner(self, type_key: str, *, not_to: int | None) -> int | None:
        """Who answers for a leaver's ticket of this type now; nobody answers for what they asked for themselves."""
        return self._of(self.plan.way(type_key), not_to)

    def alone(self, *, not_to: int | None) -> int | None:
        """Who does a task that was the leaver's alone."""
        return self._of(self.plan.alone, not_to)

    def _of(self, way: Way, not_to: int | None) -> int | None:
        match way:
            case Way.SUPERIOR:
                return self.superior_id if self.superior_id != not_to else None
            case Way.SPLIT:
                return self._least_loaded(not_to)
            case Way.DISPATCH:
                return None

    def _least_loaded(self, not_to: int | None) -> int | None:
        passed = []
        while self._loads and self._loads[0][1] == not_to:
            passed.append(heapq.heappop(self._loads))
        found = heapq.heapreplace(self._loads, (self._loads[0][0] + 1, self._loads[0][1])) if self._loads else None
        for each in passed:
            heapq.heappush(self._loads, each)
        return found[1] if found else None


def group_of(session: Session, leaver_id: int, plan: Plan) -> list[int]:
    """Among whom the plan splits: those who hold the role and the people named, without who has left."""
    holds = (Membership.role_id == plan.role_id, Membership.place_id == plan.role_place_id)
    held = sa.exists().where(Membership.person_id == Person.id, *holds)
    query = sa.select(Person.id).where(
        sa.or_(Person.id.in_(plan.people), held) if plan.role_id is not None else Person.id.in_(plan.people),
        Person.departed_at.is_(None),
        Person.id != leaver_id,
    )
    return list(session.scalars(query.order_by(Person.id)))


def loads(session: Session, people: Sequence[int]) -> dict[int, int]:
    """How much each of them has: open tickets they answer for and open tasks they have."""
    if not people:
        return {}
    owned = (
        sa.select(Ticket.owner_id.label("person_id"), sa.func.count().label("held"))
        .where(Ticket.owner_id.in_(people), Ticket.status.in_(OPEN))
        .group_by(Ticket.owner_id)
    )
    assigned = (
        sa.select(UserTask.assignee_id, sa.func.count())
        .where(UserTask.assignee_id.in_(people), UserTask.status == TaskStatus.OPEN)
        .group_by(UserTask.assignee_id)
    )
    found = dict.fromkeys(people, 0)
    for person_id, held in session.execute(owned.union_all(assigned)):
        if person_id is not None:
            found[person_id] += held
    return found
