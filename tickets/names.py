"""Owns what expressions may ask about people, and whom a task goes to: a person, a role at the place, a superior."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.case import Case, Someone, someone
from tickets.people import Person, normal_login, superiors
from tickets.roles import queue_for_role, queue_of_person


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a task waits: with one person, in one queue (and further ones), or nowhere yet (the dispatch queue)."""

    assignee_id: int | None = None
    queue_key: int | None = None
    further: tuple[int, ...] = ()
    instead_of: str = ""
    """Who would have had it, had they not departed."""

    @property
    def nobody(self) -> bool:
        """Whether it waits for nobody, so that a dispatcher has to find somebody."""
        return self.assignee_id is None and self.queue_key is None


class People:
    """People as one ticket's expressions may name them: those of its brand and of the group.

    Whoever was looked up once is known for the rest of the step: a repetition may ask for the same role 500 times.
    """

    def __init__(self, session: Session, case: Case) -> None:
        self.session, self.case = session, case
        self._looked_up: dict[str, Someone | None] = {}
        self._superiors: dict[int, Someone | None] = {}
        self._role_queues: dict[str, int | None] = {}
        self._own_queues: dict[int, int] = {}

    def functions(self) -> dict[str, Callable[..., Any]]:
        return {
            "person": lambda who: self._name(self.find(who)),
            "role": lambda key: {"role": str(key)},
            "responsible": lambda: self._name(self._responsible()),
            "superior_of": lambda who: self._name(self.superior(self.find(who))),
            "departed": lambda who: self._departed(self.find(who)),
            "responsible_departed": lambda: self._departed(self._responsible()),
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
        queues = [self._own_queue(person) for person in map(self.find, users) if person and not person.departed]
        queues += [key for key in map(self.role_queue, groups) if key is not None]
        if not queues:
            return Assignment()
        first, *further = dict.fromkeys(queues)
        return Assignment(queue_key=first, further=tuple(further))

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
        present = self.superior(person) if person.departed else person
        if present is None:
            return None
        return Assignment(present.id, self._own_queue(present), instead_of=person.name if person.departed else "")

    def _look_up(self, wanted: str) -> Someone | None:
        criterion = _identified(wanted)
        return None if criterion is None else someone(self.session, criterion, Person.brand_id.in_(self._brands()))

    def _own_queue(self, person: Someone) -> int:
        if person.id not in self._own_queues:
            self._own_queues[person.id] = queue_of_person(self.session, person.id)
        return self._own_queues[person.id]

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
