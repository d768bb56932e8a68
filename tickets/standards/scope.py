"""Owns whom a standard applies to and who sees it: places, kinds of subjects, conditions, and the readers' rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, Permission, Scope
from tickets.errors import Forbidden, NotFound
from tickets.places import Place, ancestors
from tickets.standards.conditions import holds
from tickets.standards.tables import Standard, Trigger
from tickets.standards.triggers import Facts, Rule
from tickets.subjects import Subject

THIS = N_("This standard")
KEPT = 256


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that a standard may apply to, with its place."""

    id: int
    brand_id: int
    place_id: int
    path: str
    facts: Facts


def find_standard(session: Session, actor: Actor, standard_id: UUID) -> Standard:
    """One standard that they see. Raises NotFound."""
    found = session.scalar(sa.select(Standard).where(Standard.public_id == standard_id, visible_standards(actor)))
    if found is None:
        raise NotFound(THIS)
    return found


def check_may_manage(session: Session, actor: Actor, place_id: int) -> None:
    """Raises Forbidden for those who may not set standards up for this place."""
    place = session.get_one(Place, place_id)
    if not actor.covers(Permission.MANAGE_STANDARDS, brand_id=place.brand_id, place_path=place.path):
        text = N_(
            "Your roles don't let you set standards up here; ask headquarters or the administrator of your brand."
        )
        raise Forbidden(Message(text))


@lru_cache(KEPT)
def visible_standards(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Standard: a role with `standard.see` or `standard.manage` reaches its place, or a place below it.

    So a campus sees the standards of the group and of its brand that hold there, and no brand sees another's.
    """
    grants = (*actor.having(Permission.SEE_STANDARDS), *actor.having(Permission.MANAGE_STANDARDS))
    if any(grant.scope is Scope.GROUP for grant in grants):
        return sa.true()
    above = {each for grant in grants if grant.scope is not Scope.OWN for each in ancestors(grant.place_path)}
    below = {grant.place_path for grant in grants if grant.scope is Scope.CAMPUS}
    brands = {grant.brand_id for grant in grants if grant.scope is Scope.BRAND}
    inside = (sa.select(Place.id).where(Place.path.startswith(path)).correlate(None) for path in sorted(below))
    criteria = [Standard.place_id.in_(each) for each in inside]
    if above:
        criteria.append(Standard.place_id.in_(sorted(above)))
    if brands:
        criteria.append(Standard.brand_id.in_(sorted(brands)))
    return sa.or_(sa.false(), *criteria)


def rule_of(standard: Standard) -> Rule:
    """What it says of when it starts."""
    return Rule(Trigger(standard.trigger), standard.timing, standard.begins_on, standard.created_at)


def applies(standard: Standard, candidate: Candidate) -> bool:
    """Whether its conditions hold of the subject."""
    return holds(standard.conditions, candidate.facts.attributes)


def candidates(
    session: Session,
    standard: Standard,
    *,
    after: int = 0,
    limit: int | None = None,
    only: Sequence[int] = (),
    path: str = "",
) -> list[Candidate]:
    """The subjects of its kind at its place and below, in the order of their ids, whether its conditions hold or not.

    `path` narrows them to another place. Erased subjects and those of closed places are none.
    """
    query = (
        sa.select(*_COLUMNS)
        .join_from(Subject, Place, Place.id == Subject.place_id)
        .where(Subject.id > after, *_there(session, standard, path))
        .order_by(Subject.id)
        .limit(limit)
    )
    if only:
        query = query.where(Subject.id.in_(sorted(only)))
    return [candidate_of(*row) for row in session.execute(query)]


def count_candidates(session: Session, standard: Standard, *, path: str = "") -> int:
    """How many of its kind there are at its place and below, or at another place."""
    query = sa.select(sa.func.count()).select_from(Subject).join(Place, Place.id == Subject.place_id)
    return session.scalars(query.where(*_there(session, standard, path))).one()


def _there(session: Session, standard: Standard, path: str) -> Sequence[sa.ColumnElement[bool]]:
    above = path or session.scalars(sa.select(Place.path).where(Place.id == standard.place_id)).one()
    kind = Subject.kind == standard.subject_kind
    return kind, Subject.erased_at.is_(None), Place.closed_at.is_(None), Place.path.startswith(above)


_COLUMNS: tuple[Any, ...] = (
    Subject.id,
    Subject.brand_id,
    Subject.place_id,
    Place.path,
    Place.time_zone,
    Subject.created_at,
    Subject.contract_end,
    Subject.attributes,
)


def candidate_of(
    ident: int,
    brand_id: int,
    place_id: int,
    path: str,
    zone: str,
    created_at: datetime,
    contract_end: date | None,
    attributes: dict[str, Any],
) -> Candidate:
    """A candidate from the columns of the query."""
    return Candidate(ident, brand_id, place_id, path, Facts(created_at, contract_end, attributes, ZoneInfo(zone)))
