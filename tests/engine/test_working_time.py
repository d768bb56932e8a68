"""Time that counts only while people work: against going on minute by minute and day by day."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.timing import Calendar, Cycle, Duration, NotATime, Turn, coming_turn, first_turn, next_turn, parse_duration
from tests.engine.calendars import NATIONAL, OFFICE, Hours, Office
from tests.engine.later import UTC_ZONE, zones

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def hours_of(marks: list[int]) -> Hours:
    """Between the first and the second mark, the third and the fourth: half hours from five in the morning on."""
    times = [time((10 + mark) // 2 % 24, (10 + mark) % 2 * 30) for mark in sorted(set(marks))]
    return tuple(zip(times[::2], times[1::2], strict=False))


day_hours = st.lists(st.integers(0, 38), min_size=2, max_size=6).map(hours_of)
special = st.dictionaries(st.dates(date(2026, 3, 20), date(2026, 4, 20)), st.just(()) | day_hours, max_size=12)
calendars = st.builds(Office, day_hours.filter(bool), special)
moments = st.integers(0, 20 * 24 * 60).map(lambda minutes: datetime(2026, 3, 20, tzinfo=UTC) + minutes * MINUTE)


def works(moment: datetime, zone: ZoneInfo, calendar: Calendar) -> bool:
    """Whether people work in the minute that begins then."""
    wall = moment.astimezone(zone)
    spans = calendar.hours(wall.date())
    return any(start <= wall.time() and (wall.time() < end or end == time()) for start, end in spans)


def begun(moment: datetime, zone: ZoneInfo, calendar: Calendar) -> datetime:
    while not works(moment, zone, calendar):
        moment += MINUTE
    return moment


@given(moments, st.integers(1, 30 * 60), zones, calendars)
def test_hours_count_only_while_people_work(start: datetime, minutes: int, zone: ZoneInfo, calendar: Calendar) -> None:
    moment, left = start, minutes
    while left:
        left -= works(moment, zone, calendar)
        moment += MINUTE
    assert Duration(seconds=minutes * 60).after(start, zone, calendar) == moment


@given(moments, st.integers(1, 9), zones, calendars)
def test_days_count_only_if_people_work_and_keep_the_time_of_day(
    start: datetime, days: int, zone: ZoneInfo, calendar: Calendar
) -> None:
    first = begun(start, zone, calendar).astimezone(zone)
    day, left = first.date(), days
    while left:
        day += timedelta(days=1)
        left -= bool(calendar.hours(day))
    minutes = [datetime.combine(day, time(), zone).replace(hour=n // 60, minute=n % 60) for n in range(24 * 60)]
    worked = [minute.astimezone(UTC) for minute in minutes if works(minute, zone, calendar)]
    wanted = datetime.combine(day, first.time(), zone).astimezone(UTC)
    before = [min(minute + MINUTE, wanted) for minute in worked if minute <= wanted]
    assert Duration(days=days).after(start, zone, calendar) == (max(before) if before else worked[0])


@given(moments, moments, zones, calendars, st.sampled_from(["PT8H", "P1D", "PT90M", "P2DT1H"]), st.integers(1, 60))
def test_a_cycle_in_working_time_has_the_turns_of_its_multiples(
    start: datetime, now: datetime, zone: ZoneInfo, calendar: Calendar, text: str, rounds: int
) -> None:
    assume(start <= now)
    every = parse_duration(text)
    turns = [every.times(number).after(start, zone, calendar) for number in range(1, rounds + 1)]
    later = [turn for turn in turns if turn > now]
    found = next_turn(Cycle(every), Turn(start, start), now, zone, calendar)
    assert found is not None
    assert found.at == later[0] if later else found.at > turns[-1]
    assert first_turn(Cycle(every, rounds), start, zone, calendar) == Turn(turns[0], start, rounds)


def due(text: str, start: str) -> str:
    moment = parse_duration(text).after(datetime.fromisoformat(start).replace(tzinfo=SHANGHAI), SHANGHAI, NATIONAL)
    return f"{moment.astimezone(SHANGHAI):%a %m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("PT2H", "2026-09-29 10:00", "Tue 09-29 12:00"),
        ("PT2H", "2026-09-29 11:00", "Tue 09-29 14:30"),
        ("PT8H", "2026-09-30 11:00", "Thu 10-08 11:30"),
        ("PT1H", "2026-09-30 18:00", "Thu 10-08 10:00"),
        ("P1D", "2026-09-30 11:00", "Thu 10-08 11:00"),
        ("P2D", "2026-09-30 16:00", "Fri 10-09 16:00"),
        ("P3D", "2026-09-30 16:00", "Sat 10-10 16:00"),
        ("P4D", "2026-09-30 16:00", "Mon 10-12 16:00"),
        ("P1D", "2026-09-18 17:00", "Sun 09-20 12:00"),
        ("P1D", "2026-10-04 10:00", "Fri 10-09 09:00"),
        ("P1DT4H", "2026-09-18 11:00", "Mon 09-21 12:00"),
        ("P1W", "2026-09-28 10:00", "Tue 10-13 10:00"),
        ("P1M", "2026-09-03 10:00", "Thu 10-08 09:00"),
        ("PT0S", "2026-10-04 10:00", "Sun 10-04 10:00"),
    ],
)
def test_holidays_and_days_made_up_for_them_are_what_the_calendar_says(text: str, start: str, expected: str) -> None:
    assert due(text, start) == expected


def test_a_night_shift_ends_at_midnight_and_goes_on_after_it() -> None:
    night = Office(((time(0), time(6)), (time(22), time())), {date(2026, 3, 7): ((time(0), time(6)),)})
    friday = datetime(2026, 3, 6, 23, tzinfo=UTC)
    assert Duration(seconds=7 * 3600).after(friday, UTC_ZONE, night) == datetime(2026, 3, 7, 6, tzinfo=UTC)
    assert Duration(seconds=8 * 3600).after(friday, UTC_ZONE, night) == datetime(2026, 3, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["PT1H", "P1D", "P1M", "P9000D", "PT900000H"])
def test_a_calendar_without_work_or_too_much_of_it_ends_in_a_word(text: str) -> None:
    never = Office(())
    for calendar in (never, Office(OFFICE)) if text in ("P9000D", "PT900000H") else (never,):
        with pytest.raises(NotATime, match="too far"):
            parse_duration(text).after(datetime(2026, 1, 1, tzinfo=UTC), SHANGHAI, calendar)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_turn(Cycle(Duration(days=1)), Turn(start, start), start, SHANGHAI, never) is None


def test_turns_counted_back_from_an_end_are_not_in_working_time() -> None:
    end = datetime(2026, 10, 3, 10, tzinfo=UTC)
    cycle = Cycle(Duration(days=1), last=end)
    turn = coming_turn(cycle, end - timedelta(hours=30), SHANGHAI, NATIONAL)
    assert turn == Turn(end - timedelta(days=1), end)


@given(st.datetimes(timezones=st.just(UTC)), zones)
def test_no_year_raises_more_than_that_it_is_too_far_away(moment: datetime, zone: ZoneInfo) -> None:
    for text in ("PT9H", "P3D", "P1M"):
        with suppress(NotATime):
            assert parse_duration(text).after(moment, zone, NATIONAL) > moment
