"""The arithmetic of times, against oracles that are slower but plain to see."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.timing import Duration, NotATime, parse_date, parse_duration, parse_time
from tests.engine.later import BERLIN, UTC_ZONE, durations, later, moments, zones


@given(moments, durations, zones)
@example(datetime(2024, 1, 31, tzinfo=UTC), Duration(months=1), UTC_ZONE)
@example(datetime(2024, 2, 29, tzinfo=UTC), Duration(months=12), UTC_ZONE)
@example(datetime(2026, 3, 28, 1, 30, tzinfo=UTC), Duration(days=1), BERLIN)
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), Duration(days=1), BERLIN)
def test_a_duration_goes_by_the_calendar_and_then_by_the_second(
    start: datetime, duration: Duration, zone: ZoneInfo
) -> None:
    assert duration.after(start, zone) == later(start, duration, zone)


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
        ("P0.5Y", Duration(months=6)),
        ("P1Y2M3W4DT5H6M7.25S", Duration(14, 25, 18_367.25)),
        ("P0001-02-03T04:05:06", Duration(14, 3, 14_706)),
        ("P0000-00-02", Duration(days=2)),
        ('"PT4H"', Duration(seconds=14_400)),
        ("'P14D'", Duration(days=14)),
    ],
)
def test_weeks_and_fractions_are_durations(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "P",
            "PT",
            "-PT1H",
            "-P1D",
            "P-1D",
            "1H",
            "PT1D",
            "P1H",
            "two hours",
            "PT1H2",
            "P1.5M",
            "P0.3Y",
            "P1DT",
            "PT1M1H",
        ),
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


def plainly(text: str, *, year: int) -> date:
    """The day that `2026-W12-3` or `2026-081` names, found by counting from the first of the year."""
    if "W" in text:
        monday = next(d for d in (date(year, 1, 4) - timedelta(days=n) for n in range(7)) if d.weekday() == 0)
        week, weekday = int(text[6:8]), int(text[-1])
        return monday + timedelta(weeks=week - 1, days=weekday - 1)
    return date(year, 1, 1) + timedelta(days=int(text[-3:]) - 1)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), zones)
def test_week_dates_and_ordinal_dates_are_days(day: date, zone: ZoneInfo) -> None:
    year, week, weekday = day.isocalendar()
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    of_week, of_year = f"{year:04}-W{week:02}-{weekday}", f"{day.year:04}-{day.timetuple().tm_yday:03}"
    assert plainly(of_week, year=year) == plainly(of_year, year=day.year) == day
    for text in (of_week, of_week.replace("-", ""), of_year, of_year.replace("-", ""), day.strftime("%Y%m%d")):
        assert parse_date(text, zone) == midnight
        assert parse_date(f"{text}T06:30", UTC_ZONE) == datetime.combine(day, time(6, 30), UTC)


NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-01T09:00:00Z", NINE),
        ("2026-12-01t09:00z", NINE),
        ("2026-12-01 09:00", NINE),
        ('"2026-12-01T09:00"', NINE),
        ("20261201T0900", NINE),
        ("2026-12-01T09", NINE),
        ("2026-12-01T08.5", NINE - timedelta(minutes=30)),
        ("2026-12-01T08:59,5", NINE - timedelta(seconds=30)),
        ("2026-12-01T08:59:59.25", NINE - timedelta(seconds=0.75)),
        ("2026-11-30T24:00", NINE - timedelta(hours=9)),
        ("2026-12-01T17:00+08:00", NINE),
        ("2026-12-01T17:00+08", NINE),
        ("2026-12-01T14:45+0545", NINE),
        ("2026-12-01T17:00[Asia/Shanghai]", NINE),
        ("2026-12-01T17:00@Asia/Shanghai", NINE),
        ("2026-12-01T17:00+08:00[Asia/Shanghai]", NINE),
        ("2026-W49", datetime(2026, 11, 30, tzinfo=UTC)),
        ("2026-03-29T02:30@Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-10-25T02:30@Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_dates_are_read_however_iso_8601_writes_them(text: str, expected: datetime) -> None:
    assert parse_date(text, UTC_ZONE) == expected


@given(st.text(max_size=40) | st.text(alphabet="R3/PT1HWDMYZ:-+.,20 T@*L#", max_size=40))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(NotATime):
        parse_duration(text)
    for repeats in (False, True):
        with suppress(NotATime):
            parse_time(text, BERLIN, repeats=repeats)
