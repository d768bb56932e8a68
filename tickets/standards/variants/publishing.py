"""Owns what publishing means for variants: a brand's must hold to the standard; a new standard may lose some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import Report
from engine.definitions.stored import Compiled, load
from engine.expressions import N_, Level, Message, Problem
from engine.models import ProcessDefinition
from tickets import audit
from tickets.actor import Actor
from tickets.notices.announcing import announce
from tickets.notices.models import Leads, News
from tickets.notices.table import Part
from tickets.places import Place, PlaceKind
from tickets.standards.said import STANDARD
from tickets.standards.variants.behind import Older, OlderVersion, older_versions, told_of_age
from tickets.standards.variants.contract import Form, Version
from tickets.standards.variants.holding import check_variant, is_standard
from tickets.standards.variants.ways import AVOIDABLE
from tickets.timeline import EventKind
from tickets.types import StoredForm, TicketType

MOST = 100
"""Variants of one standard that are looked at."""
Definitions = Sequence[tuple[str, Compiled]]


@dataclass(frozen=True, slots=True)
class Live:
    """A version that is live: the standard's own, or a brand's variant of it."""

    kind: TicketType
    place: Place
    version: int
    deployed_at: datetime
    version_id: UUID


@dataclass(frozen=True, slots=True)
class Loaded:
    """A live version with all that is compared."""

    live: Live
    content: Version


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be said of an upload, and the variants that do not hold once it is published."""

    problems: Sequence[Problem] = ()
    lost: Sequence[Live] = ()

    def tell(self, report: Report) -> None:
        """Adds to an upload's report; a way that is refused, for one step or several, need not be warned of as well."""
        refused = [problem for problem in self.problems if problem.path]
        elements, ways = {each.element for each in refused}, {each.path for each in refused}
        report.problems[:] = [
            each
            for each in report.problems
            if each.code != AVOIDABLE or not (each.element in elements or each.path in ways)
        ]
        report.extend(self.problems)

    def record(self, session: Session, actor: Actor | None, at: datetime) -> None:
        """Those who publish for the brands are told that their variant does not hold any more; their log has it too."""
        for live in self.lost:
            what = f"{live.kind.key} v{live.version}"
            audit.record(session, actor, "variant.lost", what, brand_id=live.kind.brand_id, at=at)
            announce(session, _news(live, actor, at), Part.PUBLISHES)


def _news(live: Live, actor: Actor | None, at: datetime) -> News:
    kind, place = live.kind, live.place
    words = {"task": kind.name, "task_names": kind.names, "place": place.name, "place_names": place.names}
    return News(
        brand_id=kind.brand_id,
        place_id=place.id,
        kind=EventKind.VARIANT_LOST,
        actor_id=actor.person_id if actor else None,
        leads=Leads.TYPE,
        target=kind.public_id,
        title=kind.name,
        titles=dict(kind.names),
        params={**words, "version": str(live.version)},
        at=at,
    )


@dataclass(frozen=True, slots=True)
class Affected:
    """What an upload has to do with: the standards it varies, or the variants of what it publishes, by key."""

    standards: Mapping[str, Loaded] = field(default_factory=dict)
    variants: Mapping[str, Sequence[Loaded]] = field(default_factory=dict)

    def judge(self, definitions: Definitions, forms: Mapping[str, Form], older: Older) -> Judged:
        """Errors of variants that do not hold; warnings of those that a new standard loses. It may take seconds."""
        found: list[Problem] = []
        lost: list[Live] = []
        for path, compiled in definitions:
            new = Version(compiled, forms)
            standard = self.standards.get(compiled.process.id)
            if standard is not None:
                found += (replace(each, file=path) for each in _reasons(standard, new, older))
            for variant in self.variants.get(compiled.process.id, ()) if is_standard(compiled) else ():
                if reasons := check_variant(new, variant.content):
                    lost.append(variant.live)
                    found.append(_lost(compiled, variant.live, reasons, path))
        return Judged(found, lost)


def _reasons(standard: Loaded, variant: Version, older: Older) -> Sequence[Problem]:
    found = check_variant(standard.content, variant)
    return told_of_age(found, variant, standard.live, older(standard.live)) if found else found


def _lost(compiled: Compiled, live: Live, reasons: Sequence[Problem], path: str) -> Problem:
    process = compiled.process
    problem = N_("The variant of %(brand)s (v%(version)s) does not hold any more: %(reason)s")
    remedy = N_("It goes on running and is marked as such; ask its brand to publish one that takes this over.")
    words = {"brand": live.place.name, "version": live.version, "reason": reasons[0].problem}
    return Problem(
        Level.WARNING,
        "variant-lost",
        Message(problem, words),
        Message(remedy),
        process.id,
        process.name,
        process.line,
        path,
        reasons[0].path,
    )


def affected(session: Session, brand_id: int, definitions: Definitions) -> Affected:
    """What is live just now and has to do with an upload of this brand."""
    keys = [compiled.process.id for _, compiled in definitions]
    group = session.scalars(sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).order_by(Place.id)).first()
    if brand_id == group:
        found: dict[str, list[Loaded]] = {}
        for live in session.execute(_live(TicketType.key.in_(keys), TicketType.brand_id != group).limit(MOST)):
            found.setdefault(live[0].key, []).append(_loaded(session, Live(*live)))
        return Affected(variants=found)
    rows = session.execute(_live(TicketType.key.in_(keys), TicketType.brand_id == group)).all()
    loaded = (_loaded(session, Live(*row)) for row in rows)
    return Affected(standards={each.live.kind.key: each for each in loaded if _binds(each)})


def _binds(loaded: Loaded) -> bool:
    """Whether brands must keep to it; what is only called is looked at in what calls it."""
    compiled = loaded.content.compiled
    stands_alone = loaded.live.kind.fileable or STANDARD in compiled.process.settings
    return is_standard(compiled) and (
        stands_alone or any(start.event is not None for start in compiled.process.starts())
    )


def _live(*criteria: sa.ColumnElement[bool]) -> sa.Select[TicketType, Place, int, datetime, UUID]:
    facts = ProcessDefinition.version, ProcessDefinition.created_at, ProcessDefinition.public_id
    return (
        sa.select(TicketType, Place, *facts)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .join(Place, Place.id == TicketType.brand_id)
        .where(TicketType.active, *criteria)
        .order_by(Place.name, TicketType.id)
    )


def _loaded(session: Session, live: Live) -> Loaded:
    return Loaded(live, version_of(session, live.kind.definition_id))


def older_of(session: Session, live: Live) -> list[OlderVersion]:
    """What a standard was before, the newest version first."""
    return older_versions(session, live, version_of)


def version_of(session: Session, definition_id: int) -> Version:
    """A stored version with its forms."""
    query = sa.select(ProcessDefinition.compiled).where(ProcessDefinition.id == definition_id)
    compiled = load(session.scalars(query).one())
    digests = sorted(set(compiled.forms.values()))
    rows = session.execute(sa.select(StoredForm.digest, StoredForm.content).where(StoredForm.digest.in_(digests)))
    return Version(compiled, dict(rows.all()))


@dataclass(frozen=True, slots=True)
class Held:
    """A live version, and why it does not hold; nothing if it does."""

    live: Live
    problems: Sequence[Problem]


def variants_of(session: Session, standard: TicketType, visible: sa.ColumnElement[bool]) -> list[Held]:
    """The variants of a group's standard that one may see, by brand."""
    own = live_version(session, standard)
    if own is None:
        return []
    criteria = (TicketType.key == standard.key, TicketType.brand_id != standard.brand_id, visible)
    rows = [Live(*row) for row in session.execute(_live(*criteria).limit(MOST))]
    return [Held(live, _held(session, own, live)) for live in rows]


def standard_of(session: Session, variant: TicketType) -> Held | None:
    """The group's standard that a brand's type is a variant of, and why it does not hold; None where it is none."""
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).scalar_subquery()
    standard = _row(session, sa.and_(TicketType.key == variant.key, TicketType.brand_id == group))
    own = live_version(session, variant)
    if standard is None or own is None or standard.kind.id == variant.id:
        return None
    return Held(standard, _held(session, standard, own)) if is_standard(_compiled(session, standard)) else None


def live_version(session: Session, kind: TicketType) -> Live | None:
    """The version that new tickets of a type run on; None while it is switched off."""
    return _row(session, TicketType.id == kind.id)


def _row(session: Session, criterion: sa.ColumnElement[bool]) -> Live | None:
    row = session.execute(_live(criterion)).first()
    return Live(*row) if row is not None else None


def _compiled(session: Session, live: Live) -> Compiled:
    return load(
        session.scalars(
            sa.select(ProcessDefinition.compiled).where(ProcessDefinition.id == live.kind.definition_id)
        ).one()
    )


def _held(session: Session, standard: Live, variant: Live) -> Sequence[Problem]:
    """Versions never change, so each pair is compared once."""
    pair = standard.version_id, variant.version_id
    known = _KNOWN.get(pair)
    if known is None:
        contents = version_of(session, standard.kind.definition_id), version_of(session, variant.kind.definition_id)
        known = tuple(check_variant(*contents))
        if len(_KNOWN) >= _KEPT:
            _KNOWN.clear()
        _KNOWN[pair] = known
    return known


_KEPT = 500
_KNOWN: dict[tuple[UUID, UUID], Sequence[Problem]] = {}
