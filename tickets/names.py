"""Owns what expressions may ask about people, and whom a task goes to: a person, a role at the place, a superior."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.assigning import saying
from tickets.assigning.presence import Present, present, present_above, present_or_above
from tickets.case import Case, Someone, someone
from tickets.people import Person, normal_login, superior_of, superiors
from tickets.roles import queue_for_role


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a task waits: with one person, in one queue (and further ones), or nowhere yet (the dispatch queue)."""

    assignee_id: int | None = None
    queue_key: int | None = None
    further: tuple[int, ...] = ()
    instead_of: str = ""
    """Who would have had it, had they not departed or been away (`away`)."""
    away: bool = False
    offered_key: int | None = None
    """Where it goes when it is released, if its assignee was chosen from those who hold a role."""
    by_rule: bool = False

    @property
    def nobody(self) -> bool:
        """Whether it waits for nobody, so that a dispatcher has to find somebody."""
        return self.assignee_id is None and self.queue_key is None


class People:
    """People as one ticket's expressions may name them: those of its brand and of the group.

    Whoever was looked up once is known for the rest of the step: a repetition may ask for the same role 500 times.
    """

    def __init__(self, session: Session, case: Case, now: datetime | None = None) -> None:
        """`now` is for who is there: only giving somebody a task asks that."""
        self.session, self.case, self.now = session, case, now
        self._looked_up: dict[str, Someone | None] = {}
        self._superiors: dict[int, Someone | None] = {}
        self._role_queues: dict[str, int | None] = {}
        self._there: dict[int, Present | None] = {}

    def functions(self) -> dict[str, Callable[..., Any]]:
        return {
            "person": lambda who: self._name(self.find(who)),
            "role": lambda key: {"role": str(key)},
            "responsible": lambda: self._name(self._responsible()),
            "superior_of": lambda who: self._name(self.superior(self.find(who))),
            "departed": lambda who: self._departed(self.find(who)),
            "responsible_departed": lambda: self._departed(self._responsible()),
            **saying.functions(),
        }

    def find(self, who: Any) -> Someone | None:
        """The person meant by a value of an expression: one of ours (with an id), or a login."""
        wanted = who.get("id") if isinstance(who, Mapping) else who
        if not isinstance(wanted, str) or not wanted:
            return None
        for known in self._known():
            if wanted in (str(known.public_id), known.login):
                return known
        if wanted not in self._looked_up:
            self._looked_up[wanted] = self._look_up(wanted)
        return self._looked_up[wanted]

    def superior(self, person: Someone | None) -> Someone | None:
        """The nearest superior who has not departed."""
        if person is None:
            return None
        if person.id not in self._superiors:
            above = next(iter(superiors(self.session, person.id)), None)
            self._superiors[person.id] = someone(self.session, Person.id == above) if above is not None else None
        return self._superiors[person.id]

    def assign(self, wanted: Any, groups: Sequence[Any], users: Sequence[Any]) -> Assignment:
        """Where a task goes: the assignee, if departed their superior; else the candidates; else nowhere yet."""
        direct = self._direct(wanted)
        if direct is not None:
            return direct
        there = [self._present(person) for person in map(self.find, users) if person and not person.departed]
        queues = [one.queue_key for one in there if one is not None]
        queues += [key for key in map(self.role_queue, groups) if key is not None]
        if not queues:
            return Assignment()
        first, *further = dict.fromkeys(queues)
        return Assignment(queue_key=first, further=tuple(further))

    def above(self, found: Assignment) -> Assignment | None:
        """The nearest superior who is there of whom a task would go to."""
        assert found.assignee_id is not None, "a queue has no superior"
        there = present_above(self.session, found.assignee_id, self._moment())
        return Assignment(there.person_id, there.queue_key) if there is not None else None

    def role_queue(self, wanted: Any) -> int | None:
        """The queue of a role by key or name, at the ticket's place or the nearest above it where somebody holds it."""
        key = wanted.get("role") if isinstance(wanted, Mapping) else wanted
        if not isinstance(key, str) or not key:
            return None
        if key not in self._role_queues:
            site = self.case.site
            self._role_queues[key] = queue_for_role(self.session, key, site.path, site.brand_id)
        return self._role_queues[key]

    def _direct(self, wanted: Any) -> Assignment | None:
        if isinstance(wanted, Mapping) and "role" in wanted:
            queue = self.role_queue(wanted)
            return Assignment(queue_key=queue) if queue is not None else None
        person = self.find(wanted)
        if person is None:
            queue = self.role_queue(wanted)
            return Assignment(queue_key=queue) if queue is not None else None
        return self._with(person)

    def _with(self, person: Someone) -> Assignment | None:
        """With that person, who stands in for them while they are away, or the nearest superior who is there."""
        there = None if person.departed else self._present(person)
        if there is None:
            there = present_or_above(self.session, person.id, self._moment())
        if there is None:
            return None
        instead = person.name if there.person_id != person.id else ""
        return Assignment(there.person_id, there.queue_key, instead_of=instead, away=not person.departed)

    def _look_up(self, wanted: str) -> Someone | None:
        criterion = _identified(wanted)
        return None if criterion is None else someone(self.session, criterion, Person.brand_id.in_(self._brands()))

    def superior_id(self, person_id: int) -> int | None:
        """The nearest superior who has not departed, by ids."""
        return superior_of(self.session, person_id)

    def _present(self, person: Someone) -> Present | None:
        if person.id not in self._there:
            self._there[person.id] = present(self.session, person.id, self._moment())
        return self._there[person.id]

    def _moment(self) -> datetime:
        assert self.now is not None, "who is there is asked only when a task is given"
        return self.now

    def _known(self) -> list[Someone]:
        about = self.case.about
        return [p for p in (self.case.requester, self.case.owner, about.responsible if about else None) if p]

    def _brands(self) -> tuple[int, int]:
        return self.case.site.brand_id, self.case.site.root_id

    def _responsible(self) -> Someone | None:
        return self.case.about.responsible if self.case.about else None

    def _name(self, person: Someone | None) -> dict[str, Any] | None:
        return person.as_name() if person is not None else None

    def _departed(self, person: Someone | None) -> bool:
        """Departed, or nobody at all: either way somebody else has to do it."""
        return person is None or person.departed


def _identified(text: str) -> sa.ColumnElement[bool] | None:
    """By public id or login; None when nobody can have either."""
    try:
        return Person.public_id == UUID(text)
    except ValueError:
        login = normal_login(text)
        return None if login is None else Person.login == login
