"""When a timer's turns come: against adding again and again, and by the texts that say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.timing import (
    MAXIMUM_ROUNDS,
    Cycle,
    Duration,
    NotATime,
    Time,
    Turn,
    coming_turn,
    first_turn,
    next_turn,
    parse_cycle,
    parse_time,
)
from tests.engine.later import BERLIN, UTC_ZONE, durations, later, moments, zones


@given(moments, durations, zones, st.timedeltas(timedelta(), timedelta(days=4000)))
@example(datetime(1990, 1, 31, tzinfo=UTC), Duration(months=1), UTC_ZONE, timedelta(days=3999))
@example(datetime(2026, 3, 27, 1, 30, tzinfo=UTC), Duration(days=1), BERLIN, timedelta(days=2))
def test_the_next_turn_is_the_one_that_stepping_one_by_one_finds(
    start: datetime, every: Duration, zone: ZoneInfo, gone: timedelta
) -> None:
    length = timedelta(days=every.months * 28 + every.days, seconds=every.seconds)
    assume(length >= timedelta(seconds=60))
    gone = min(gone, 300 * length)
    now, turns = start + gone, 1
    while later(start, every, zone, turns) <= now:
        turns += 1
    assert next_turn(Cycle(every), Turn(start, start), now, zone) == Turn(later(start, every, zone, turns), start)


@given(moments, durations, zones, st.timedeltas(-timedelta(days=9), timedelta(days=900)), st.integers(1, 40))
@example(datetime(2026, 1, 31, tzinfo=UTC), Duration(months=1), UTC_ZONE, timedelta(), 3)
def test_a_cycle_with_a_first_or_a_last_turn_has_the_turns_that_repeated_addition_gives(
    first: datetime, every: Duration, zone: ZoneInfo, gone: timedelta, rounds: int
) -> None:
    assume(every.total >= 60)
    turns = [later(first, every, zone, number) if number else first for number in range(rounds)]
    now = first + gone
    cycle = Cycle(every, rounds, first)
    left = [turn for turn in turns if turn > now]
    expected = Turn(min(left), first) if left else None
    assert coming_turn(cycle, now, zone) == next_turn(cycle, Turn(now, first), now, zone) == expected
    due = [turn for turn in turns if turn >= now]
    assert first_turn(cycle, now, zone) == (Turn(min(due), first) if due else Turn(now, first, 1))
    if not every.months and not every.days:
        back = Cycle(every, rounds, last=turns[-1])
        assert coming_turn(back, now, zone) == (Turn(min(left), turns[-1]) if left else None)


@given(moments, durations, zones, st.integers(1, 9))
def test_a_cycle_without_a_first_turns_so_often_from_now_on_and_then_no_more(
    now: datetime, every: Duration, zone: ZoneInfo, rounds: int
) -> None:
    assume(every.total >= 60)
    cycle = Cycle(every, rounds)
    turns: list[datetime] = []
    turn: Turn | None = first_turn(cycle, now, zone)
    while turn is not None and len(turns) < 20:
        turns.append(turn.at)
        turn = next_turn(cycle, turn, turn.at, zone)
    assert turns == [later(now, every, zone, number) for number in range(1, rounds + 1)]


def test_turns_that_were_missed_are_one_turn_of_those_it_has() -> None:
    start, hour = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
    cycle = Cycle(Duration(seconds=3600), 3)
    late = next_turn(cycle, first_turn(cycle, start, UTC_ZONE), start + 2.5 * hour, UTC_ZONE)
    assert late == Turn(start + 3 * hour, start, 2)
    last = next_turn(cycle, late, late.at, UTC_ZONE)
    assert last == Turn(start + 4 * hour, start, 1)
    assert next_turn(cycle, last, last.at, UTC_ZONE) is None


def test_turns_that_were_missed_of_those_that_a_date_fixes_are_over() -> None:
    start, hour = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
    cycle = Cycle(Duration(seconds=3600), 3, start)
    begun = first_turn(cycle, start, UTC_ZONE)
    assert next_turn(cycle, begun, start + 1.5 * hour, UTC_ZONE) == Turn(start + 2 * hour, start)
    assert next_turn(cycle, begun, start + 2 * hour, UTC_ZONE) is None


def test_a_cycle_without_a_first_begins_one_turn_from_now() -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    turn = Turn(datetime(2026, 2, 28, tzinfo=UTC), now)
    assert first_turn(Cycle(Duration(months=1)), now, UTC_ZONE) == turn
    assert coming_turn(Cycle(Duration(months=1)), now, UTC_ZONE) == turn


def test_what_is_over_is_due_at_once_and_does_not_come() -> None:
    now, past = datetime(2026, 1, 31, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC)
    for time in (past, Cycle(Duration(days=1), 2, past), Cycle(Duration(days=1), 2, last=past)):
        assert first_turn(time, now, UTC_ZONE).at <= now
        assert coming_turn(time, now, UTC_ZONE) is None
    tomorrow = now + timedelta(days=1)
    assert coming_turn(tomorrow, now, UTC_ZONE) == Turn(tomorrow, tomorrow)
    assert coming_turn(Duration(days=1), now, UTC_ZONE) == Turn(tomorrow, now)
    for once in (past, Duration(days=1)):
        assert next_turn(once, Turn(past, past), now, UTC_ZONE) is None


def test_ten_years_without_power_are_one_turn() -> None:
    start, late = datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2036, 2, 1, 0, 0, 30, tzinfo=UTC)
    monthly, often = Cycle(Duration(months=1)), Cycle(Duration(seconds=60))
    turns = [next_turn(cycle, Turn(start, start), late, UTC_ZONE) for cycle in (monthly, often)]
    assert turns == [Turn(datetime(2036, 2, 29, 9, tzinfo=UTC), start), Turn(late + timedelta(seconds=30), start)]


FIRST, LAST = (edge.replace(tzinfo=UTC) for edge in (datetime.min, datetime.max))  # noqa: DTZ901 - it is given one
ever = st.datetimes(timezones=st.just(UTC))


@given(ever, ever, durations, zones, st.one_of(st.none(), st.integers(1, MAXIMUM_ROUNDS)))
@example(LAST, LAST, Duration(days=1), BERLIN, None)
@example(FIRST, FIRST, Duration(months=1), BERLIN, 2)
def test_no_year_is_too_early_or_too_late(
    start: datetime, now: datetime, every: Duration, zone: ZoneInfo, rounds: int | None
) -> None:
    assume(every.total >= 60)
    for cycle in (Cycle(every, rounds), Cycle(every, rounds, start), Cycle(every, rounds, last=start)):
        turn = first_turn(cycle, now, zone)
        after = next_turn(cycle, turn, now, zone)
        assert after is None or after.at > now


NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = Duration(seconds=3600)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R3/PT1H", Cycle(HOUR, 3)),
        ("R/P1D", Cycle(Duration(days=1))),
        ('"R2/PT1H"', Cycle(HOUR, 2)),
        ("r5/2026-12-01T09:00/P1W", Cycle(Duration(days=7), 5, NINE)),
        ("R/2026-12-01T17:00[Asia/Shanghai]/PT1H", Cycle(HOUR, None, NINE)),
        ("R2/2026-12-01T05:00@America/Port-au-Prince/PT1H", Cycle(HOUR, 2, NINE + timedelta(hours=1))),
        ("R10/PT1H/2026-12-01T09:00", Cycle(HOUR, 10, last=NINE)),
        ("R3/2026-12-01T09:00/2026-12-01T10:00", Cycle(HOUR, 3, NINE)),
        ("PT1M", Cycle(Duration(seconds=60))),
        ("R3/PT10S", Cycle(Duration(seconds=60), 3, raised=True)),
        ("R/PT0S", Cycle(Duration(seconds=60), raised=True)),
        ("PT59S", Cycle(Duration(seconds=60), raised=True)),
        (f"R{MAXIMUM_ROUNDS}/PT1H", Cycle(HOUR, MAXIMUM_ROUNDS)),
    ],
)
def test_cycles_are_read_and_none_turns_more_than_once_a_minute(text: str, expected: Cycle) -> None:
    assert parse_cycle(text, UTC_ZONE) == parse_time(text, UTC_ZONE, repeats=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("R3/", "R3", "R0/PT1H", f"R{MAXIMUM_ROUNDS + 1}/PT1H", "R-1/PT1H", "R/-PT1H", "R//", "R/P1D/P1D", ""),
        *("R9999999999/PT1H", "often", "R/2026-12-02/2026-12-01", "R3/2026-13-01/P1D", "R/" + "P1D/" * 100),
    ],
)
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(NotATime) as refused:
        parse_cycle(text, UTC_ZONE)
    assert str(refused.value.message)
    with pytest.raises(NotATime):
        parse_time(text, UTC_ZONE, repeats=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT2H", Duration(seconds=7200)),
        ("2026-12-01T09:00", NINE),
        ("2026-12-01T09:00@America/Phoenix", NINE + timedelta(hours=7)),
        ("2026-12-01T08:00/PT1H", NINE),
        ("PT1H/2026-12-01T09:00", NINE),
        ("2026-12-01T08:00/2026-12-01T09:00", NINE),
        ("R3/PT1H", Cycle(HOUR, 3)),
    ],
)
def test_any_kind_of_time_is_known_by_its_looks(text: str, expected: Time) -> None:
    assert parse_time(text, UTC_ZONE, repeats=False) == expected


@pytest.mark.parametrize("text", ["", "soon", "-PT1H", "PT1H/PT2H", "2026-12-01/soon", "P1D/", "1" * 300, "_undefined"])
def test_what_is_no_time_at_all_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        parse_time(text, UTC_ZONE, repeats=False)
