"""The arithmetic of times, against oracles that are slower but plain to see."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.timing import (
    MAXIMUM_ROUNDS,
    Cycle,
    Duration,
    NotATime,
    first_turn,
    next_turn,
    parse_cycle,
    parse_date,
    parse_duration,
)

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
moments = st.integers(0, 70 * 365 * 86_400).map(lambda s: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def month_later(day: date) -> date:
    """The same day of the next month, or its last day."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, day.day)


def months_later(day: date, months: int) -> date:
    """Month by month on the first, then back to the day as far as the month reaches."""
    first = day.replace(day=1)
    for _ in range(months):
        first = month_later(first)
    found = first
    while found.day < day.day and (found + timedelta(days=1)).month == first.month:
        found += timedelta(days=1)
    return found


def later(start: datetime, duration: Duration, zone: ZoneInfo, times: int = 1) -> datetime:
    """`start` and so many times the duration: on the wall's calendar and clock first, then on a stop-watch."""
    exact = timedelta(seconds=duration.seconds * times)
    if not duration.months and not duration.days:
        return start + exact
    wall = start.astimezone(zone).replace(tzinfo=None)
    day = months_later(wall.date(), duration.months * times)
    for _ in range(duration.days * times):
        day += timedelta(days=1)
    return datetime.combine(day, wall.time(), zone).astimezone(UTC) + exact


durations = st.builds(
    Duration,
    months=st.sampled_from([0, 0, 0, 1, 2, 3, 12, 13]),
    days=st.sampled_from([0, 0, 1, 7, 30]),
    seconds=st.sampled_from([0, 0, 60, 3600, 86_400, 90_061]),
)


@given(moments, durations, zones)
@example(datetime(2024, 1, 31, tzinfo=UTC), Duration(months=1), UTC_ZONE)
@example(datetime(2024, 2, 29, tzinfo=UTC), Duration(months=12), UTC_ZONE)
@example(datetime(2026, 3, 28, 1, 30, tzinfo=UTC), Duration(days=1), BERLIN)
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), Duration(days=1), BERLIN)
def test_a_duration_goes_by_the_calendar_and_then_by_the_second(
    start: datetime, duration: Duration, zone: ZoneInfo
) -> None:
    assert duration.after(start, zone) == later(start, duration, zone)


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
    assert next_turn(start, every, now, zone) == later(start, every, zone, turns)


@given(moments, moments, durations, zones)
def test_the_first_turn_of_a_cycle_with_a_first_is_a_turn_and_not_over(
    first: datetime, now: datetime, every: Duration, zone: ZoneInfo
) -> None:
    assume(every != Duration())
    start, due = first_turn(Cycle(every, None, first.isoformat()), now, zone)
    assert start == first
    assert due == (first if first >= now else next_turn(first, every, now, zone))
    assert due >= now


def test_a_cycle_without_a_first_begins_one_turn_from_now() -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    assert first_turn(Cycle(Duration(months=1)), now, UTC_ZONE) == (now, datetime(2026, 2, 28, tzinfo=UTC))


def test_ten_years_without_power_are_one_turn() -> None:
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    turn = next_turn(start, Duration(months=1), datetime(2036, 2, 1, tzinfo=UTC), UTC_ZONE)
    assert turn == datetime(2036, 2, 29, 9, tzinfo=UTC)
    assert next_turn(start, Duration(seconds=60), datetime(2036, 2, 1, 0, 0, 30, tzinfo=UTC), UTC_ZONE) == datetime(
        2036, 2, 1, 0, 1, tzinfo=UTC
    )


numbers = st.integers(0, 999)


@given(numbers, numbers, numbers, numbers, numbers, numbers)
def test_a_duration_is_read_as_it_is_written(
    years: int, months: int, days: int, hours: int, minutes: int, seconds: int
) -> None:
    text = f"P{years}Y{months}M{days}DT{hours}H{minutes}M{seconds}S"
    expected = Duration(years * 12 + months, days, hours * 3600 + minutes * 60 + seconds)
    assert parse_duration(text) == parse_duration(text.lower()) == parse_duration(f" {text} ") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P2W", Duration(days=14)),
        ("P0.5D", Duration(seconds=43_200)),
        ("P1.5W", Duration(days=10, seconds=43_200)),
        ("PT0,5S", Duration(seconds=0.5)),
        ("PT1.5H", Duration(seconds=5400)),
        ("+PT1M", Duration(seconds=60)),
        ("P0D", Duration()),
        ("PT36H", Duration(seconds=129_600)),
    ],
)
def test_weeks_and_fractions_are_durations(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "-PT1H", "-P1D", "P-1D", "1H", "PT1D", "P1H", "two hours", "PT1H2", "P1.5M", "P1DT", "PT1M1H"),
        *("P" + "9" * 400 + "D", "P99999999999D", "\u0661PT1H", "P\u0661D", "PT1H\n;drop", "R3/PT1H", "2026-12-01"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_word(text: str) -> None:
    with pytest.raises(NotATime) as refused:
        parse_duration(text)
    assert str(refused.value.message)


@pytest.mark.parametrize("text", ["P99999Y", "P9999999D", "P999999999D", "PT999999999H", "P8000Y", "P99999Y999999M"])
def test_what_leads_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(NotATime, match="too far"):
        parse_duration(text).after(datetime(2026, 1, 1, tzinfo=UTC), BERLIN)


@given(moments, zones)
def test_a_moment_with_an_offset_is_that_moment_and_without_one_it_is_local(moment: datetime, zone: ZoneInfo) -> None:
    assert parse_date(moment.isoformat(), zone) == moment
    wall = moment.astimezone(zone).replace(tzinfo=None)
    assert parse_date(wall.isoformat(), zone).astimezone(zone).replace(tzinfo=None) == wall
    midnight = datetime.combine(wall.date(), time(), zone)
    assert parse_date(wall.date().isoformat(), zone) == midnight.astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "soon",
            "2026-13-01",
            "2026-02-30",
            "01.12.2026",
            "2026-12-01T25:00",
            "PT1H",
            "0001-01-01",
            "9999-12-31T23:59",
        ),
        *("0001-01-01T00:00+14:00", "2026-12-01T09:00:00+99:00", "\u0662026-12-01", "2026-12-01 09:00 o'clock"),
    ],
)
def test_what_is_no_date_is_refused_with_a_word(text: str) -> None:
    zone = ZoneInfo("Asia/Shanghai") if text.startswith("0001") else ZoneInfo("America/New_York")
    with pytest.raises(NotATime, match="is not a date"):
        parse_date(text, zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R3/PT1H", Cycle(Duration(seconds=3600), 3)),
        ("R/P1D", Cycle(Duration(days=1))),
        ("r5/2026-12-01T09:00/P1W", Cycle(Duration(days=7), 5, "2026-12-01T09:00")),
        ("PT1M", Cycle(Duration(seconds=60))),
        (f"R{MAXIMUM_ROUNDS}/PT1H", Cycle(Duration(seconds=3600), MAXIMUM_ROUNDS)),
    ],
)
def test_cycles_are_read(text: str, expected: Cycle) -> None:
    assert parse_cycle(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("R/PT59S", "R/PT0S", "R/P0D", "R3/", "R3", "R0/PT1H", f"R{MAXIMUM_ROUNDS + 1}/PT1H", "R-1/PT1H", "R/-PT1H"),
        *("R3/PT1H/2026-12-01", "0 9 * * *", "", "R9999999999/PT1H", "PT30S"),
    ],
)
def test_what_is_no_cycle_or_turns_too_often_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        parse_cycle(text)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    for parse in (parse_duration, parse_cycle, lambda text: parse_date(text, BERLIN)):
        with suppress(NotATime):
            parse(text)
