"""Owns drawing a spot check: of each campus some of the steps that were done in a period, by a seed that is shown."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import insert, new_public_id
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.organising.reach import places_within
from tickets.permissions import Permission
from tickets.places import Place, PlaceKind, ancestors
from tickets.runtime import Runtime
from tickets.standards.checking.sampling import DoneStep, sample
from tickets.standards.tables import CheckedStep, Occurrence, SpotCheck, Standard, StandardStep, StepRecord
from tickets.standards.waiving.asking import SEES

LARGEST = 100
"""Steps of each campus."""
MOST = 5_000
"""Steps of one check: more nobody looks at."""
LONGEST = timedelta(days=366)
AT_ONCE = 5_000
_SEED = re.compile(r"[0-9A-Za-z_-]{1,32}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drawn: so many of each campus, of the steps done from the first to the last day there."""

    standard: UUID
    place: UUID
    starts_on: date
    ends_on: date
    size: int
    seed: str = ""


def new_seed() -> str:
    """One that nobody could know beforehand."""
    return secrets.token_hex(8)


def draw(runtime: Runtime, actor: Actor, wanted: Wanted) -> UUID:
    """Draw a sample; the check's id. The same by the same person once more is that check.

    Raises NotFound, Forbidden, Invalid, Conflict (nothing was done there in these days).
    """
    now = runtime.clock.now()
    seed = _checked(wanted, now.date())
    with runtime.reading() as session:
        standard, place = _found(session, actor, wanted)
        check = SpotCheck(
            public_id=new_public_id(),
            brand_id=place.brand_id,
            place_id=place.id,
            standard_id=standard.id,
            starts_on=wanted.starts_on,
            ends_on=wanted.ends_on,
            size=wanted.size,
            seed=seed,
            drawn_at=now,
            drawn_by_id=actor.person_id,
        )
        if (known := _drawn_before(session, check)) is not None:
            return known
        drawn = drawn_of(session, check, place)
    _check_sum(drawn)
    with runtime.writing() as session, session.begin():
        session.execute(sa.select(Standard.id).where(Standard.id == standard.id).with_for_update())
        if (known := _drawn_before(session, check)) is not None:
            return known
        session.add(check)
        session.flush()
        _keep(session, check, drawn)
        after = {"seed": seed, "size": wanted.size, "steps": sum(map(len, drawn.values()))}
        after |= {"from": wanted.starts_on.isoformat(), "until": wanted.ends_on.isoformat()}
        what = f"{standard.type_key} · {place.name}"
        audit.record(session, actor, "spot_check.drawn", what, brand_id=check.brand_id, at=now, after=after)
        return check.public_id


def drawn_of(session: Session, check: SpotCheck, place: Place) -> dict[int, list[DoneStep]]:
    """What the check's seed draws of the facts as they were known when it was drawn, by campus."""
    return sample(_done_steps(session, check, place), seed=check.seed, size=check.size)


def proves(session: Session, check: SpotCheck) -> bool:
    """Whether drawing once more by the seed, of the facts as they were then, gives the check's very steps."""
    place = session.get_one(Place, check.place_id)
    again = {step.record_id for steps in drawn_of(session, check, place).values() for step in steps}
    return again == set(session.scalars(sa.select(CheckedStep.record_id).where(CheckedStep.check_id == check.id)))


def _done_steps(session: Session, check: SpotCheck, place: Place) -> Iterator[DoneStep]:
    zone = ZoneInfo(place.time_zone)
    after = check.ends_on + timedelta(days=1)
    campuses = _campuses(session, place)
    query = (
        sa.select(StepRecord.place_id, Occurrence.public_id, StandardStep.key, StepRecord.turn, StepRecord.id)
        .join(Occurrence, Occurrence.id == StepRecord.occurrence_id)
        .join(StandardStep, StandardStep.id == StepRecord.step_id)
        .where(
            StepRecord.standard_id == check.standard_id,
            StepRecord.done_at >= datetime(*check.starts_on.timetuple()[:3], tzinfo=zone),
            StepRecord.done_at < datetime(*after.timetuple()[:3], tzinfo=zone),
            StepRecord.done_at <= check.drawn_at,
            StepRecord.valid_from <= check.drawn_at,
            StepRecord.valid_to > check.drawn_at,
            StepRecord.place_id.in_(sa.select(Place.id).where(Place.path.startswith(place.path))),
        )
        .execution_options(yield_per=AT_ONCE)
    )
    for place_id, occurrence, step, turn, record_id in session.execute(query):
        yield DoneStep(campuses.get(place_id, place_id), occurrence, step, turn, record_id)


def _campuses(session: Session, place: Place) -> Mapping[int, int]:
    """The campus that each place from here down belongs to; what is above campuses stands for itself."""
    around = sa.or_(Place.path.startswith(place.path), Place.id.in_(ancestors(place.path)))
    rows = session.execute(sa.select(Place.id, Place.path, Place.kind).where(around)).all()
    campuses = {row.id for row in rows if row.kind == PlaceKind.CAMPUS}
    nearest = ((row.id, [each for each in ancestors(row.path) if each in campuses]) for row in rows)
    return {place_id: found[-1] if found else place_id for place_id, found in nearest}


def _checked(wanted: Wanted, today: date) -> str:
    """The seed, given or new. Raises Invalid."""
    if wanted.ends_on < wanted.starts_on:
        raise Invalid(Message(N_("The last day is before the first; choose a later one.")))
    if wanted.ends_on - wanted.starts_on > LONGEST:
        raise Invalid(Message(N_("A spot check looks at most at a year; choose fewer days.")))
    if wanted.starts_on > today + timedelta(days=1):
        raise Invalid(Message(N_("These days are still to come; choose days on which something was done.")))
    if not 1 <= wanted.size <= LARGEST:
        raise Invalid(Message(N_("Draw from 1 to %(limit)s steps of each campus."), {"limit": LARGEST}))
    if wanted.seed and not _SEED.fullmatch(wanted.seed):
        raise Invalid(Message(N_("A seed has up to 32 letters, digits, - and _; leave it empty for a new one.")))
    return wanted.seed or new_seed()


def _found(session: Session, actor: Actor, wanted: Wanted) -> tuple[Standard, Place]:
    place = session.scalar(sa.select(Place).where(Place.public_id == wanted.place, places_within(actor, *SEES)))
    if place is None:
        raise NotFound(N_("This place"))
    query = sa.select(Standard, Place.path).join(Place, Place.id == Standard.place_id)
    found = session.execute(query.where(Standard.public_id == wanted.standard)).one_or_none()
    if found is None or not (place.path.startswith(found[1]) or found[1].startswith(place.path)):
        raise NotFound(N_("This standard"))
    if not actor.covers(Permission.CHECK_STANDARDS, brand_id=place.brand_id, place_path=place.path):
        raise Forbidden(Message(N_("Your roles don't let you draw spot checks here; ask headquarters.")))
    return found[0], place


def _drawn_before(session: Session, check: SpotCheck) -> UUID | None:
    names = ("standard_id", "place_id", "starts_on", "ends_on", "size", "seed", "drawn_by_id")
    same = (getattr(SpotCheck, name) == getattr(check, name) for name in names)
    return session.scalar(sa.select(SpotCheck.public_id).where(*same).limit(1))


def _check_sum(drawn: Mapping[int, list[DoneStep]]) -> None:
    count = sum(map(len, drawn.values()))
    if not count:
        raise Conflict(Message(N_("No step of this standard was done there in these days; choose others.")))
    if count > MOST:
        text = N_("That would be %(count)s steps to look at, more than %(limit)s; draw fewer of each campus.")
        raise Invalid(Message(text, {"count": count, "limit": MOST}))


def _keep(session: Session, check: SpotCheck, drawn: Mapping[int, list[DoneStep]]) -> None:
    query = sa.select(Place.id, Place.brand_id).where(Place.id.in_(sorted(drawn)))
    brands = {row.id: row.brand_id for row in session.execute(query)}
    rows = [
        {
            "public_id": new_public_id(),
            "brand_id": brands[campus_id],
            "place_id": campus_id,
            "check_id": check.id,
            "record_id": step.record_id,
            "verdict": None,
            "reason": "",
        }
        for campus_id, steps in drawn.items()
        for step in steps
    ]
    insert(session.connection(), CheckedStep, rows)
