"""Owns the preview of a standard that is being set up: how many subjects it applies to, and when it starts next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.timing import Turn, coming_turn, next_turn
from engine.timing.cron_fields import is_cron
from engine.timing.moments import bare
from tickets.access import Actor
from tickets.places import Place
from tickets.standards.overlapping import around
from tickets.standards.planning import AHEAD
from tickets.standards.scope import applies, candidates, rule_of
from tickets.standards.setting_up import Wanted, draft, place_for
from tickets.standards.tables import Standard, Trigger
from tickets.standards.triggers import anchored, is_active, starts
from tickets.subjects import Subject

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Start:
    """A start to come: of which subject, where, for which period."""

    subject: str
    subject_id: UUID
    place: Place
    period: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """`subjects` are the active ones that it applies to, of `of` at its place; `ahead` starts come in `days` days."""

    subjects: int
    of: int
    ahead: int
    days: int
    first: Sequence[Start]
    new_ones: bool
    """It starts by creation: those to come, nobody knows when."""
    also: Sequence[Place] = ()
    """Where else the same type is a standard that some of these subjects have too: each is gone through by itself."""


def preview(session: Session, actor: Actor, wanted: Wanted, now: datetime, *, type_key: str | None = None) -> Preview:
    """What it would be. Raises NotFound, Forbidden, Invalid."""
    place = place_for(session, actor, wanted.place_id)
    standard = draft(session, place, wanted, now, type_key=type_key)
    return preview_of(session, standard, now)


def preview_of(session: Session, standard: Standard, now: datetime) -> Preview:
    """What a standard that is kept, or would be, comes to from now on."""
    found = candidates(session, standard)
    chosen = [each for each in found if applies(standard, each) and is_active(each.facts, now)]
    rule = rule_of(standard)
    ahead = sorted(
        (at, candidate.id, period)
        for candidate in chosen
        for period, at in starts(rule, candidate.facts, since=now, until=now + AHEAD).items()
        if at >= now
    )
    first = _named(session, ahead[:SHOWN])
    new_ones, also = standard.trigger == Trigger.CREATED, [place for _other, place in around(session, standard)]
    return Preview(len(chosen), len(found), len(ahead), AHEAD.days, first, new_ones, also)


def coming(cycle: str, zone: ZoneInfo, now: datetime, number: int = 3) -> Sequence[datetime] | None:
    """The next turns of a cycle of the calendar; none of one that is counted from a day of each subject's own.

    None for what is no cycle.
    """
    found = anchored(cycle, now, zone)
    if found is None or not is_cron(bare(cycle)):
        return None if found is None else ()
    turns: list[Turn] = []
    while len(turns) < number:
        turn = next_turn(found, turns[-1], turns[-1].at, zone) if turns else coming_turn(found, now, zone)
        if turn is None:
            break
        turns.append(turn)
    return [turn.at for turn in turns]


def _named(session: Session, ahead: Sequence[tuple[datetime, int, str]]) -> list[Start]:
    ids = sorted({ident for _, ident, _ in ahead})
    query = sa.select(Subject, Place).join(Place, Place.id == Subject.place_id).where(Subject.id.in_(ids))
    known = {subject.id: (subject, place) for subject, place in session.execute(query)}
    return [
        Start(known[ident][0].name, known[ident][0].public_id, known[ident][1], period, at)
        for at, ident, period in ahead
    ]
