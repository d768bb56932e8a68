"""Owns what is asked of a matrix or its list: which period, place, steps and states, as of when; read from pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.expressions import N_, Message
from tickets.lists.address import Misread
from tickets.standards.matrix.period import LONGEST, Period, midnight, month_of, read_day, read_period
from tickets.standards.matrix.states import State

LONGEST_TEXT = 100
MOST_STEPS = 50
SORTS = ("score", "name")
WAYS = ("campus", "here")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `as_of` is the moment that everything is looked at, `day` the past day it is the end of, if any.

    One looks into a `place` (`by`: `campus` leaves brands out, `here` all that is below), a `subject` or one of its
    occurrences. `text` is a part of a subject's name or number; `failed`: only what a spot check failed.
    """

    period: Period
    starts_at: datetime
    ends_at: datetime
    as_of: datetime
    day: date | None = None
    place: UUID | None = None
    by: str = ""
    subject: UUID | None = None
    occurrence: UUID | None = None
    steps: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset()
    text: str = ""
    failed: bool = False
    sort: str = SORTS[0]
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Whether anything but period, place and day is narrowed."""
        return bool(self.steps or self.states or self.text or self.failed)

    def narrowed(self, today: date) -> int:
        """How many of the filters are set; this month is what one sees without any."""
        others = (self.steps, self.states, self.text, self.failed, self.day, self.occurrence)
        return sum(map(bool, others)) + (self.period != month_of(today))

    def pairs(self) -> Iterator[Pair]:
        """As an address says it; the page left out."""
        if self.period.name:
            yield "period", self.period.name
        else:
            yield "from", self.period.first.isoformat()
            yield "to", self.period.last.isoformat()
        yield from (("step", key) for key in sorted(self.steps))
        yield from (("state", state.value) for state in State if state in self.states)
        said = {
            "as_of": self.day.isoformat() if self.day else "",
            "place": str(self.place or ""),
            "by": self.by,
            "subject": str(self.subject or ""),
            "occurrence": str(self.occurrence or ""),
            "q": self.text,
            "failed": "1" if self.failed else "",
            "sort": self.sort if self.sort != SORTS[0] else "",
        }
        yield from ((name, value) for name, value in said.items() if value)

    def but(self, **changes: object) -> Asked:
        """The same question with some of it changed; from its first page."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]  # fields by name


@dataclass(frozen=True, slots=True)
class Read:
    """A question, and what of the address could not be read (and was passed over)."""

    asked: Asked
    misread: tuple[Misread, ...] = ()


PARAMETERS: Mapping[str, str] = {
    "period": "A month (2026-11) or a quarter (2026-Q4); this month when nothing is said.",
    "from": "The first day of a period of your own: 2026-11-01; with `to`, at most two years later.",
    "to": "Its last day, included.",
    "as_of": "A past day: everything as it was at its end.",
    "place": "The id of a brand or campus to look into.",
    "by": "`campus`: every campus below the place, whatever is between; `here`: without what is below.",
    "subject": "The id of a class, student or product: its occurrences.",
    "occurrence": "The id of one occurrence.",
    "step": "The key of a step; may come several times.",
    "state": "in_time, late, overdue, missing, waived or not_yet_due; may come several times.",
    "q": "A part of a subject's name or number.",
    "failed": "1: only what a spot check failed.",
    "sort": "`score`, the lowest first, or `name`.",
    "page": "Which page of the rows, from 1.",
}


@dataclass
class _Reader:
    now: datetime
    zone: ZoneInfo
    said: dict[str, list[str]]
    misread: list[Misread] = field(default_factory=list)

    def one(self, name: str) -> str:
        return self.said.get(name, [""])[-1].strip()

    def fault(self, name: str, text: str) -> None:
        self.misread.append(Misread(name, self.one(name)[:100], Message(text)))

    def day(self, name: str) -> date | None:
        text = self.one(name)
        found = read_day(text)
        if text and found is None:
            self.fault(name, N_("Write a day as 2026-11-23."))
        return found

    def public_id(self, name: str) -> UUID | None:
        text = self.one(name)
        try:
            return UUID(text) if text else None
        except ValueError:
            self.fault(name, N_("This is no id."))
            return None

    def period(self, today: date) -> Period:
        first, last = self.day("from"), self.day("to")
        if first or last:
            return self._days(first, last, today)
        text = self.one("period")
        found = read_period(text)
        if text and found is None:
            self.fault("period", N_("Write a month as 2026-11, a quarter as 2026-Q4."))
        return found or month_of(today)

    def _days(self, first: date | None, last: date | None, today: date) -> Period:
        first = first or month_of(last or today).first
        last = last or max(today, first)
        if last < first:
            self.fault("to", N_("The last day is before the first."))
            return month_of(today)
        if (last - first).days >= LONGEST:
            self.fault("to", N_("At most two years can be looked at together."))
            return month_of(today)
        return Period(first, last)

    def states(self) -> frozenset[State]:
        found = {text for text in self.said.get("state", ()) if text}
        known = frozenset(State(text) for text in found if text in set(State))
        if len(known) < len(found):
            self.fault("state", N_("There is no such state."))
        return known

    def page(self) -> int:
        text = self.one("page")
        if text and not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text)):
            self.fault("page", N_("Pages are counted from 1."))
            return 1
        return int(text or 1)


def read_asked(pairs: Iterable[Pair], *, now: datetime, zone: ZoneInfo) -> Read:
    """The question that the pairs of an address ask; what can't be read is left out and named."""
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    reader = _Reader(now, zone, said)
    day = reader.day("as_of")
    today = now.astimezone(zone).date()
    day = day if day and day < today else None
    period = reader.period(day or today)
    starts_at, ends_at = period.moments(zone)
    asked = Asked(
        period=period,
        starts_at=starts_at,
        ends_at=ends_at,
        as_of=midnight(day + timedelta(days=1), zone) if day else now,
        day=day,
        place=reader.public_id("place"),
        by=reader.one("by") if reader.one("by") in WAYS else "",
        subject=reader.public_id("subject"),
        occurrence=reader.public_id("occurrence"),
        steps=frozenset(text[:64] for text in said.get("step", ())[:MOST_STEPS] if text),
        states=reader.states(),
        text="".join(filter(str.isprintable, reader.one("q")))[:LONGEST_TEXT].strip(),
        failed=reader.one("failed") == "1",
        sort=reader.one("sort") if reader.one("sort") in SORTS else SORTS[0],
        page=reader.page(),
    )
    return Read(asked, tuple(reader.misread))
