"""Owns what the pages of spot checks show: the checks, and their results campus by campus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.access import Actor
from tickets.errors import NotFound
from tickets.organising.reach import places_within
from tickets.paging import EPOCH, Page, Position, read_cursor, write_cursor
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place
from tickets.standards.checking.sampled import StepRow, steps_at, visible_steps
from tickets.standards.naming import Named, names_of
from tickets.standards.tables import CheckedStep, SpotCheck, Standard, Verdict
from tickets.standards.waiving.asking import SEES

CHECKS = 30


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a check, or one campus of it, is."""

    total: int = 0
    passed: int = 0
    failed: int = 0

    @property
    def judged(self) -> int:
        return self.passed + self.failed

    @property
    def left(self) -> int:
        return self.total - self.judged


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check with its names, as far as the reader sees its steps."""

    check: SpotCheck
    standard: Named
    place: Named
    drawn_by: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Campus:
    """The results of one campus."""

    id: UUID
    name: Named
    tally: Tally


@dataclass(frozen=True, slots=True)
class CheckPage:
    """A check with the results of each campus, and some steps of one of them."""

    row: CheckRow
    campuses: tuple[Campus, ...]
    campus: Campus | None
    steps: tuple[StepRow, ...]
    next_cursor: str | None
    may_judge: bool

    @property
    def following(self) -> Campus | None:
        """Where to go on once the campus shown is judged: the next with something left, from the first one again."""
        if not self.may_judge or self.campus is None or self.campus.tally.left:
            return None
        at = self.campuses.index(self.campus)
        return next((each for each in self.campuses[at:] + self.campuses[:at] if each.tally.left), None)


def visible_checks(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of SpotCheck joined with its Place: its place, or one of its campuses, is theirs to see."""
    return sa.or_(
        places_within(actor, *SEES), SpotCheck.id.in_(sa.select(CheckedStep.check_id).where(visible_steps(actor)))
    )


def checks(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = CHECKS) -> Page[CheckRow]:
    """The checks that they see something of, the newest first."""
    query = _CHECKS.where(visible_checks(actor)).order_by(SpotCheck.id.desc()).limit(limit + 1)
    if (position := read_cursor(cursor)) is not None:
        query = query.where(SpotCheck.id < position.id)
    found = session.execute(query).all()
    rows = _rows(session, actor, found[:limit])
    more = write_cursor(Position(EPOCH, found[limit - 1][0].id)) if len(found) > limit else None
    return Page(tuple(rows), more)


def check_page(
    session: Session, actor: Actor, check_id: UUID, *, campus: UUID | None = None, cursor: str | None = None
) -> CheckPage:
    """One check; the campus asked for, else the first with something left to judge. Raises NotFound."""
    row = check_row(session, actor, check_id)
    campuses = campuses_of(session, actor, row.check)
    chosen = _chosen(campuses, campus)
    steps, more = steps_at(session, actor, row.check, chosen.id, cursor) if chosen is not None else ((), None)
    return CheckPage(row, campuses, chosen, steps, more, actor.may(Permission.CHECK_STANDARDS))


def check_row(session: Session, actor: Actor, check_id: UUID) -> CheckRow:
    """One check with its names. Raises NotFound."""
    found = session.execute(_CHECKS.where(SpotCheck.public_id == check_id, visible_checks(actor))).all()
    if not found:
        raise NotFound(N_("This spot check"))
    return _rows(session, actor, found)[0]


def campuses_of(session: Session, actor: Actor, check: SpotCheck) -> tuple[Campus, ...]:
    """The results of each campus that they see, in the order of their names."""
    query = (
        sa.select(Place.public_id, Place.name, Place.names, *_TALLY)
        .join(CheckedStep, CheckedStep.place_id == Place.id)
        .where(CheckedStep.check_id == check.id, places_within(actor, *SEES))
        .group_by(Place.id)
        .order_by(Place.path)
    )
    return tuple(
        Campus(public_id, Named(name, names), Tally(*counts))
        for public_id, name, names, *counts in session.execute(query)
    )


_CHECKS = (
    sa.select(SpotCheck, Standard.type_key, Place.name, Place.names, Person.name)
    .join(Standard, Standard.id == SpotCheck.standard_id)
    .join(Place, Place.id == SpotCheck.place_id)
    .join(Person, Person.id == SpotCheck.drawn_by_id)
)
_TALLY = (
    sa.func.count(CheckedStep.id),
    sa.func.count(sa.case((CheckedStep.verdict == Verdict.PASSED, 1))),
    sa.func.count(sa.case((CheckedStep.verdict == Verdict.FAILED, 1))),
)


def _rows(session: Session, actor: Actor, found: Sequence[Any]) -> list[CheckRow]:
    ids = [row[0].id for row in found]
    query = sa.select(CheckedStep.check_id, *_TALLY).where(CheckedStep.check_id.in_(ids), visible_steps(actor))
    tallies = {row[0]: Tally(*row[1:]) for row in session.execute(query.group_by(CheckedStep.check_id))}
    names = names_of(session, {row[1] for row in found})
    return [
        CheckRow(check, names[key], Named(place, places), by, tallies.get(check.id, Tally()))
        for check, key, place, places, by in found
    ]


def _chosen(campuses: Sequence[Campus], wanted: UUID | None) -> Campus | None:
    named = next((each for each in campuses if each.id == wanted), None)
    if wanted is not None and named is None:
        raise NotFound(N_("This place"))
    return named or next((each for each in campuses if each.tally.left), campuses[0] if campuses else None)
