"""Service clocks against counting minute by minute: any calendar, pauses, replies, other promises and other calendars.

The oracle knows nothing of how the product reckons: it has a list of the minutes in which people work, takes out those
in which the ticket waited, and counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import ManualClock
from engine.database import NEVER
from tests.engine.build import chain, end, start
from tests.tickets.play import Play, staff
from tickets import changing
from tickets.change import Change, Was, status_values
from tickets.places import Place
from tickets.service import holidays
from tickets.service.recounting import recount_later
from tickets.service.tables import (
    BusinessCalendar,
    CalendarDay,
    Closure,
    PlaceCalendar,
    ServiceClock,
    ServicePolicy,
)
from tickets.service.working import Calendars
from tickets.ticket import Status, Ticket

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Spans = tuple[tuple[int, int], ...]
"""Minutes of the day."""


@dataclass(frozen=True)
class Plan:
    """A calendar as a person would say it."""

    week: tuple[Spans, ...]
    own: Mapping[date, Spans]
    china: bool
    closures: tuple[tuple[datetime, datetime], ...]
    """Local."""

    def open_on(self, day: date) -> set[int]:
        """The minutes of a day, as a clock on the wall shows them."""
        spans = self.own.get(day, self.usual(day))
        minutes = {minute for first, last in spans for minute in range(first, last)}
        midnight = datetime.combine(day, time())
        return {one for one in minutes if not any(a <= midnight + one * MINUTE < b for a, b in self.closures)}

    def usual(self, day: date) -> Spans:
        weekend = day.weekday() > 4
        if self.china and day in chinese_calendar.holidays:
            return ()
        if self.china and weekend and chinese_calendar.is_workday(day):
            return self.week[day.weekday()] or next(spans for spans in self.week if spans)
        return self.week[day.weekday()]


@dataclass
class Minutes:
    """The minutes in which people work by a plan, in a zone; without a plan every minute."""

    plan: Plan | None
    zone: ZoneInfo
    _days: dict[date, list[datetime]] = field(default_factory=dict)

    def since(self, moment: datetime) -> Iterator[datetime]:
        day = moment.astimezone(self.zone).date()
        for _ in range(400):
            found = self.of(day)
            yield from found[bisect_left(found, moment) :]
            day += DAY

    def of(self, day: date) -> list[datetime]:
        """A time of day that comes twice is past after the first time; one that is skipped comes with the next."""
        if day not in self._days:
            shown, minutes = self.plan.open_on(day) if self.plan else set(range(1440)), []
            furthest = -1
            for moment in _minutes_of(day, self.zone.key):
                wall = moment.astimezone(self.zone)
                furthest = max(furthest, wall.hour * 60 + wall.minute)
                if self.plan is None or furthest in shown:
                    minutes.append(moment)
            self._days[day] = minutes
        return self._days[day]


@cache
def _minutes_of(day: date, zone: str) -> Sequence[datetime]:
    known, at = ZoneInfo(zone), datetime.combine(day, time(), UTC) - DAY
    moments = (at + number * MINUTE for number in range(3 * 1440))
    return [moment for moment in moments if moment.astimezone(known).date() == day]


@dataclass
class Oracle:
    """One promise of one ticket, counted by hand."""

    begun: datetime
    target: int | None
    minutes: Minutes
    waits: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    missed_at: datetime | None = None
    met_at: datetime | None = None
    stopped: bool = False

    def due(self) -> tuple[datetime | None, int]:
        """When it is due, or None while the ticket waits; and how many minutes are left then."""
        assert self.target is not None
        left = self.target
        last = self.begun
        for minute in self.minutes.since(self.begun):
            if any(first <= minute and (until is None or minute < until) for first, until in self.waits):
                if any(first <= minute and until is None for first, until in self.waits):
                    return None, left
                continue
            left, last = left - 1, minute + MINUTE
            if not left:
                return last, 0
        raise AssertionError("people work too little for this test")

    def look(self, now: datetime) -> None:
        """What has become of it by now."""
        if self.target is None or self.stopped or self.missed_at or self.met_at:
            return
        due, _left = self.due()
        if due is not None and due <= now:
            self.missed_at = due

    def stop(self, now: datetime) -> None:
        if self.target is None or self.stopped:
            return
        due, _left = self.due() if self.missed_at is None else (None, 0)
        self.stopped = True
        if self.missed_at is None and due is not None and due < now:
            self.missed_at = due
        elif self.missed_at is None:
            self.met_at = now


spans = st.lists(st.integers(0, 24), min_size=2, max_size=6, unique=True).map(
    lambda hours: tuple((a * 60, b * 60) for a, b in zip(sorted(hours)[::2], sorted(hours)[1::2], strict=False))
)
FIRST = date(2026, 2, 9)
days = st.dates(FIRST, FIRST + 60 * DAY)
closed = st.tuples(days, st.integers(0, 23), st.integers(1, 60)).map(
    lambda given: (
        datetime.combine(given[0], time(given[1])),
        datetime.combine(given[0], time(given[1])) + timedelta(hours=given[2]),
    )
)
week = st.lists(st.just(()) | spans, min_size=4, max_size=4).map(
    lambda some: (((540, 720), (810, 1080)), ((0, 210), (600, 840)), ((480, 1440),), *some)
)
plans = st.builds(
    Plan,
    week,
    st.dictionaries(days, st.just(()) | spans, max_size=6),
    st.booleans(),
    st.lists(closed, max_size=3).map(tuple),
)
zones = st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"]).map(ZoneInfo)
policies = st.tuples(st.none() | st.integers(1, 900), st.none() | st.integers(1, 2400), st.booleans())
"""First reply and resolution in minutes, and whether they are of working time."""
gaps = st.integers(0, 3 * 1440)
acts = st.one_of(
    st.tuples(st.sampled_from(["wait", "suspend", "go on", "resolve", "reply", "hurry"]), gaps),
    st.tuples(policies, gaps),
    st.tuples(plans, gaps),
)
BEGINNINGS = st.sampled_from([date(2026, 2, 12), date(2026, 2, 27), date(2026, 3, 6), date(2026, 3, 27)])
"""Before the days worked for the Spring Festival, and before clocks change in New York and in London."""
starts = st.tuples(BEGINNINGS, st.integers(0, 1439)).map(
    lambda given: datetime.combine(given[0], time(), UTC) + given[1] * MINUTE
)
MOVES = {
    "wait": Status.AWAITING_REQUESTER,
    "suspend": Status.SUSPENDED,
    "go on": Status.IN_PROGRESS,
    "resolve": Status.RESOLVED,
}


class Game:
    """A ticket and its two oracles, acted on alike."""

    def __init__(self, play: Play, zone: ZoneInfo, begins: datetime, plan: Plan, policy: Any) -> None:
        self.clock = ManualClock(begins)
        runtime = replace(play.runtime, clock=self.clock, calendars=Calendars(play.runtime.database, fresh=0))
        self.play = Play(replace(play.cast, runtime=runtime, clock=self.clock))
        self.campus, self.brand = (play.cast.places[key] for key in ("sz-nanshan", "qinghe"))
        self.zone, self.plan = zone, plan
        self.policies = {"normal": policy, "urgent": (60, 600, True)}
        self.priority, self.status = "normal", Status.UNASSIGNED
        self._set_zone()
        self._keep_plan()
        self._keep_policies()
        self.settle()
        self.number = self.play.file("zhoulan")
        begun = self.clock.now()
        self.oracles = {kind: Oracle(begun, None, self.minutes()) for kind in ("response", "resolution")}
        self._promise()

    def minutes(self) -> Minutes:
        return Minutes(self.plan if self.policies[self.priority][2] else None, self.zone)

    def act(self, what: Any, gap: int) -> None:
        self.clock.advance(gap * MINUTE)
        self.settle()
        for oracle in self.oracles.values():
            oracle.look(self.clock.now())
        match what:
            case Plan():
                self.plan = what
                self._keep_plan()
            case tuple():
                self.policies["normal"] = what
                self._keep_policies()
            case "reply":
                self._reply()
            case "hurry":
                self._hurry()
            case move:
                self._move(MOVES[move])
        self.settle()
        if isinstance(what, Plan | tuple) and self.status is not Status.RESOLVED:
            self._promise()
        for oracle in self.oracles.values():
            oracle.look(self.clock.now())

    def check(self) -> None:
        ticket = self.play.ticket(self.number)
        with self.play.runtime.reading() as session:
            found = {
                one.kind: one
                for one in session.scalars(sa.select(ServiceClock).where(ServiceClock.ticket_id == ticket.id))
            }
        for kind, oracle in self.oracles.items():
            clock = found.get(kind)
            assert (clock is None) == (oracle.target is None), kind
            if clock is None:
                continue
            verdict = "missed" if oracle.missed_at else "met" if oracle.met_at else None
            assert clock.outcome == verdict, kind
            assert clock.judged_at == (oracle.missed_at or oracle.met_at), kind
            if verdict is None:
                due, left = oracle.due()
                assert (clock.due_at, clock.left) == ((due, None) if due else (NEVER, left * 60)), kind
        resolution = found.get("resolution")
        assert ticket.due_at == (resolution.due_at if resolution else NEVER)

    def end(self) -> None:
        """Out of the way of the tickets that come."""
        self._change({"status": Status.WITHDRAWN.value})

    def settle(self) -> None:
        while self.play._rest():
            pass

    def _move(self, status: Status) -> None:
        now = self.clock.now()
        if status == self.status or (self.status is Status.RESOLVED and status is not Status.IN_PROGRESS):
            return
        waiting, waited = (one in {Status.AWAITING_REQUESTER, Status.SUSPENDED} for one in (status, self.status))
        ticket = self.play.ticket(self.number)
        self._change(status_values(Was.of(ticket), status, now))
        for kind, oracle in self.oracles.items():
            if waited and not waiting:
                oracle.waits[-1] = (oracle.waits[-1][0], now)
            if self.status is Status.RESOLVED:
                oracle.waits.append((ticket.resolved_at or now, now))
                if kind == "resolution":
                    self._take_up(oracle)
            if waiting and not waited:
                oracle.waits.append((now, None))
            if status is Status.RESOLVED:
                oracle.stop(now)
        self.status = status

    def _take_up(self, oracle: Oracle) -> None:
        """It goes on as it was promised, by the calendar of now."""
        oracle.stopped, oracle.met_at = False, None
        if oracle.minutes.plan is not None:
            oracle.minutes = Minutes(self.plan, self.zone)

    def _reply(self) -> None:
        if self.play.ticket(self.number).first_reply_at is None:
            self._change({"first_reply_at": self.clock.now()})
            self.oracles["response"].stop(self.clock.now())
            self.replied = True

    def _hurry(self) -> None:
        self.priority = "normal" if self.priority == "urgent" else "urgent"
        self._change({"priority": self.priority})
        if self.status is not Status.RESOLVED:
            self._promise()

    def _promise(self) -> None:
        """What is promised now counts for what is not judged yet."""
        minutes = self.minutes()
        for (kind, oracle), target in zip(self.oracles.items(), self.policies[self.priority], strict=False):
            judged = oracle.stopped or oracle.missed_at or oracle.met_at
            if judged or (oracle.target is None and kind == "response" and hasattr(self, "replied")):
                continue
            oracle.target, oracle.minutes = target, minutes

    def _change(self, values: dict[str, Any]) -> None:
        with self.play.writing() as session, session.begin():
            ticket = session.scalars(sa.select(Ticket).where(Ticket.number == self.number)).one()
            changing.write(session, Change(Was.of(ticket), self.clock.now(), None, values))

    def _set_zone(self) -> None:
        with self.play.writing() as session, session.begin():
            session.execute(sa.update(Place).where(Place.id == self.campus).values(time_zone=self.zone.key))

    def _keep_plan(self) -> None:
        plan = self.plan
        with self.play.writing() as session, session.begin():
            for table in (PlaceCalendar, CalendarDay, BusinessCalendar, Closure):
                session.execute(sa.delete(table))
            hours = {str(day): _text(spans) for day, spans in enumerate(plan.week)}
            region = holidays.CHINA if plan.china else ""
            calendar = BusinessCalendar(brand_id=self.brand, names={"zh": "校区"}, hours=hours, holidays=region)
            session.add(calendar)
            session.flush()
            session.add(PlaceCalendar(place_id=self.brand, calendar_id=calendar.id))
            own = ((day, _text(spans)) for day, spans in plan.own.items())
            session.add_all(CalendarDay(calendar_id=calendar.id, day=day, hours=text) for day, text in own)
            session.add_all(
                Closure(
                    brand_id=self.brand,
                    place_id=self.campus,
                    starts=first.isoformat("T", "minutes"),
                    ends=last.isoformat("T", "minutes"),
                    reason="停课",
                    created_at=self.clock.now(),
                )
                for first, last in plan.closures
            )
            recount_later(session, self.play.runtime, place_id=self.brand)

    def _keep_policies(self) -> None:
        with self.play.writing() as session, session.begin():
            session.execute(sa.delete(ServicePolicy))
            for priority, (response, resolution, working) in self.policies.items():
                spans = {"response": response, "resolution": resolution}
                told = {kind: f"PT{minutes}M" if minutes else "" for kind, minutes in spans.items()}
                session.add(ServicePolicy(brand_id=self.brand, priority=priority, working=working, **told))
            recount_later(session, self.play.runtime, place_id=self.brand)


def _text(given: Spans) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in given)


@pytest.fixture(scope="module")
def stage(lasting_play: Play) -> Play:
    holidays.seed(lasting_play.runtime)
    lasting_play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    return lasting_play


def agree(stage: Play, zone: ZoneInfo, begins: datetime, plan: Plan, policy: Any, acted: list[tuple[Any, int]]) -> None:
    game = Game(stage, zone, begins, plan, policy)
    game.check()
    for what, gap in acted:
        game.act(what, gap)
        game.check()
    game.end()


given_any = given(zones, starts, plans, policies, st.lists(acts, max_size=7))
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def test_a_ticket_taken_up_again_counts_by_the_calendar_of_then(stage: Play) -> None:
    closed = Plan(((), ((540, 1080),), *[()] * 5), {}, china=False, closures=())
    open_ = replace(closed, week=(((540, 1080),), *closed.week[1:]))
    monday = datetime(2026, 2, 9, 2, tzinfo=UTC)
    acted: list[tuple[Any, int]] = [("resolve", 0), (open_, 0), ("go on", 0)]
    agree(stage, ZoneInfo("Asia/Shanghai"), monday, closed, (None, 30, True), acted)


@settings(max_examples=50, suppress_health_check=QUIET)
@given_any
def test_clocks_agree_with_counting_minute_by_minute(
    stage: Play, zone: ZoneInfo, begins: datetime, plan: Plan, policy: Any, acted: list[tuple[Any, int]]
) -> None:
    agree(stage, zone, begins, plan, policy, acted)


@pytest.mark.slow
@settings(max_examples=600, suppress_health_check=QUIET)
@given_any
def test_clocks_agree_with_counting_minute_by_minute_for_long(
    stage: Play, zone: ZoneInfo, begins: datetime, plan: Plan, policy: Any, acted: list[tuple[Any, int]]
) -> None:
    agree(stage, zone, begins, plan, policy, acted)
