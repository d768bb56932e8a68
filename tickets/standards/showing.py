"""Owns what a standard's own page shows: its steps, what comes next, what failed, its launches and variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from tickets.access import Actor
from tickets.places import Place
from tickets.standards.listing import check_may_see, manages, type_names, within
from tickets.standards.said import SaidStep, kind_said, steps_said
from tickets.standards.scope import find_standard
from tickets.standards.steps import compiled_of, live_type
from tickets.standards.tables import Launch, Occurrence, Progress, Standard
from tickets.subjects import Subject
from tickets.types import TicketType

SHOWN = 10
FAILED_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Coming:
    """An occurrence that has not begun, with its subject and place."""

    occurrence: Occurrence
    subject: Subject
    place: Place


@dataclass(frozen=True, slots=True)
class StandardPage:
    """A standard with all that its page shows; `counts` are occurrences by state at the reader's places."""

    standard: Standard
    place: Place
    name: str
    names: Mapping[str, str]
    manages: bool
    steps: Sequence[SaidStep]
    counts: Mapping[str, int]
    coming: Sequence[Coming]
    failed: Sequence[Coming]
    launches: Sequence[tuple[Launch, Place]]
    variants: Sequence[tuple[TicketType, Place]]
    """The types that brands have of their own, where the standard is the group's."""

    @property
    def running_launch(self) -> Launch | None:
        return next((launch for launch, _ in self.launches if launch.state == Progress.RUNNING), None)


@dataclass(frozen=True, slots=True)
class Offered:
    """A type that may be set up as a standard, and where it may be."""

    kind: TicketType
    subject_kind: str
    settings: Mapping[str, str]


def standard_page(session: Session, actor: Actor, standard_id: UUID) -> StandardPage:
    """One standard that they see. Raises NotFound, Forbidden."""
    check_may_see(actor)
    standard = find_standard(session, actor, standard_id)
    place = session.get_one(Place, standard.place_id)
    whose = (standard.type_key, standard.brand_id)
    name, names = type_names(session, {whose}).get(whose, (standard.type_key, {}))
    kind = live_type(session, standard.type_key, standard.brand_id)
    return StandardPage(
        standard,
        place,
        name,
        names,
        manages=manages(actor, place),
        steps=steps_said(compiled_of(session, kind.definition_id)) if kind is not None else (),
        counts=_counts(session, actor, standard),
        coming=_occurrences(session, actor, standard, Progress.PLANNED, SHOWN),
        failed=_occurrences(session, actor, standard, Progress.FAILED, FAILED_SHOWN),
        launches=_launches(session, actor, standard),
        variants=_variants(session, actor, standard),
    )


def places_to_set_up(session: Session, actor: Actor) -> Sequence[Place]:
    """The group and brands, and the campuses of roles that reach no further, for which they may set standards up."""
    places = session.scalars(sa.select(Place).where(Place.closed_at.is_(None)).order_by(Place.path)).all()
    return [place for place in places if manages(actor, place)]


def places_around(session: Session, actor: Actor) -> Sequence[Place]:
    """Those places, what is above them, and all below: where another standard meets one of theirs."""
    mine = [place.path for place in places_to_set_up(session, actor)]
    places = session.scalars(sa.select(Place).order_by(Place.path)).all()
    return [
        place for place in places if any(place.path.startswith(path) or path.startswith(place.path) for path in mine)
    ]


def types_to_set_up(session: Session, actor: Actor) -> list[Offered]:
    """The live types whose files say that they are standards, of the group and of the brands that they manage."""
    brands = sorted({place.brand_id for place in places_to_set_up(session, actor)} | {actor.root_id})
    query = (
        sa.select(TicketType, ProcessDefinition.settings)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .where(TicketType.active, TicketType.brand_id.in_(brands))
        .order_by(TicketType.key, TicketType.id)
    )
    found: dict[str, Offered] = {}
    for kind, settings in session.execute(query):
        said = kind_said(settings)
        if said is not None and (kind.key not in found or kind.brand_id == actor.root_id):
            found[kind.key] = Offered(kind, said, settings)
    return list(found.values())


def _counts(session: Session, actor: Actor, standard: Standard) -> dict[str, int]:
    query = sa.select(Occurrence.state, sa.func.count()).where(
        Occurrence.standard_id == standard.id, within(actor, Occurrence.place_id)
    )
    return dict(session.execute(query.group_by(Occurrence.state)).all())


def _occurrences(session: Session, actor: Actor, standard: Standard, state: Progress, limit: int) -> Sequence[Coming]:
    query = (
        sa.select(Occurrence, Subject, Place)
        .join(Subject, Subject.id == Occurrence.subject_id)
        .join(Place, Place.id == Occurrence.place_id)
        .where(Occurrence.standard_id == standard.id, Occurrence.state == state, within(actor, Occurrence.place_id))
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(limit)
    )
    return [Coming(*row) for row in session.execute(query)]


def _launches(session: Session, actor: Actor, standard: Standard) -> Sequence[tuple[Launch, Place]]:
    query = (
        sa.select(Launch, Place)
        .join(Place, Place.id == Launch.place_id)
        .where(Launch.standard_id == standard.id, within(actor, Launch.place_id))
        .order_by(Launch.id.desc())
        .limit(SHOWN)
    )
    return [(launch, place) for launch, place in session.execute(query)]


def _variants(session: Session, actor: Actor, standard: Standard) -> Sequence[tuple[TicketType, Place]]:
    """Of brands that the reader sees: one sees its own and the group's only."""
    if standard.brand_id != actor.root_id:
        return []
    query = (
        sa.select(TicketType, Place)
        .join(Place, Place.id == TicketType.brand_id)
        .where(
            TicketType.key == standard.type_key,
            TicketType.brand_id != standard.brand_id,
            TicketType.active,
            within(actor, Place.id),
        )
        .order_by(Place.path)
    )
    return [(kind, brand) for kind, brand in session.execute(query)]
