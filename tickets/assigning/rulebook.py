"""Owns the rules as a step reads them: remembered by the process until any of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.assigning.models import AssignmentRule, Method, RuleBook

ANY_TASK = "*"
OWNER = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its method and what that needs; `id` is 0 for one that a BPMN file says."""

    method: Method
    args: Mapping[str, Any]
    id: int = 0


Place = tuple[int, str, str]
"""Brand, type key ("" every), element ("" the owner, "*" every task)."""


@dataclass(frozen=True, slots=True)
class Book:
    """All rules at one version, in their order."""

    version: int
    rules: Mapping[Place, tuple[Rule, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def of_owner(self, type_key: str, brands: tuple[int, int]) -> tuple[Rule, ...]:
        """The rules for who answers for a ticket: the brand's before the group's, the type's before every type's."""
        return self._first([(brand, key, OWNER) for brand in brands for key in (type_key, "")])

    def of_task(self, type_key: str, element: str, brands: tuple[int, int]) -> tuple[Rule, ...]:
        """The rules for a task; the nearest that say anything, alone."""
        wanted = ((type_key, element), (type_key, ANY_TASK), ("", ANY_TASK))
        return self._first([(brand, *where) for brand in brands for where in wanted])

    def _first(self, places: list[Place]) -> tuple[Rule, ...]:
        return next((self.rules[place] for place in places if place in self.rules), ())


EMPTY = Book(0)
_remembered: WeakKeyDictionary[sa.Pool, Book] = WeakKeyDictionary()
"""By database; what is remembered holds as long as the version in the database is the same."""

VERSION = sa.select(RuleBook.version).where(RuleBook.id == 1).scalar_subquery()
"""How often any rule has changed, as a column of a statement that runs anyway; NULL while there has been none."""


def rulebook(session: Session, version: int | None) -> Book:
    """The rules at a version of the database (as `VERSION` gives it); read anew only when it is another."""
    if not version:
        return EMPTY
    pool = session.get_bind().engine.pool
    known = _remembered.get(pool)
    if known is None or known.version != version:
        known = _remembered[pool] = _read(session, version)
    return known


def current_version(session: Session) -> int | None:
    """For what has no ticket yet to read it with."""
    return session.connection().execute(_CURRENT).scalar()


_CURRENT = sa.select(RuleBook.version).where(RuleBook.id == 1)


def _read(session: Session, version: int) -> Book:
    found: dict[Place, tuple[Rule, ...]] = {}
    order = (AssignmentRule.brand_id, AssignmentRule.type_key, AssignmentRule.element, AssignmentRule.position)
    for row in session.scalars(sa.select(AssignmentRule).order_by(*order, AssignmentRule.id)):
        place = (row.brand_id, row.type_key, row.element)
        found[place] = (*found.get(place, ()), Rule(Method(row.method), row.args, row.id))
    return Book(version, found)
