"""Cron by the wall clock: against looking at every single minute, and by the words of crontab, Quartz and Spring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.timing import Cycle, NotATime, first_turn, parse_cron, parse_cycle, parse_time
from tests.engine.later import BERLIN, UTC_ZONE, zones

Fits = Callable[[int], bool]
OnDay = Callable[[date], bool]
DAYS = 45
DAY = timedelta(days=1)
NAMES = "MON TUE WED THU FRI SAT SUN".split()

around_changes = st.sampled_from(
    [
        datetime.fromisoformat(f"{day}T00:00:00+00:00")
        for day in ("2026-03-29", "2026-10-25", "2026-04-04", "2026-11-01", "2026-03-08", "2024-02-28")
    ]
)
starts = st.builds(lambda day, by: day + timedelta(seconds=by), around_changes, st.integers(-100_000, 100_000))


def number_field(low: int, high: int) -> st.SearchStrategy[tuple[str, Fits]]:
    """A field's text and whether a number fits, each in a plain way."""
    number, step = st.integers(low, high), st.integers(1, 30)
    return st.one_of(
        st.just(("*", lambda n: True)),
        number.map(lambda a: (f"{a}", lambda n: n == a)),
        st.tuples(number, number).map(lambda p: (f"{p[0]},{p[1]}", lambda n: n in p)),
        st.tuples(number, number).map(lambda p: (f"{min(p)}-{max(p)}", lambda n: min(p) <= n <= max(p))),
        st.lists(number, min_size=2, max_size=2, unique=True).map(
            lambda p: (f"{max(p)}-{min(p)}", lambda n: n >= max(p) or n <= min(p))
        ),
        step.map(lambda s: (f"*/{s}", lambda n: (n - low) % s == 0)),
        st.tuples(number, step).map(lambda p: (f"{p[0]}/{p[1]}", lambda n: n >= p[0] and (n - p[0]) % p[1] == 0)),
    )


def nearest(day: date) -> date:
    """The day from Monday to Friday next to it in its month."""
    near = (day + timedelta(days=n) for n in (0, -1, 1, -2, 2))
    return next(d for d in near if d.weekday() < 5 and d.month == day.month)


def last_of(day: date) -> date:
    return max(
        day.replace(day=1) + timedelta(days=n) for n in range(31) if (day.replace(day=1) + n * DAY).month == day.month
    )


def count(day: date) -> int:
    """Which of its weekday in its month."""
    return sum((day - timedelta(days=n)).weekday() == day.weekday() for n in range(day.day))


by_number: st.SearchStrategy[tuple[str, OnDay]] = st.one_of(
    number_field(1, 31).map(lambda f: (f[0], lambda d: f[1](d.day))),
    st.just(("L", lambda d: d == last_of(d))),
    st.integers(1, 27).map(lambda n: (f"L-{n}", lambda d: d == last_of(d) - timedelta(days=n))),
    st.integers(1, 28).map(lambda n: (f"{n}W", lambda d: d == nearest(d.replace(day=n)))),
    st.just(("LW", lambda d: d == nearest(last_of(d)))),
)
by_weekday: st.SearchStrategy[tuple[str, OnDay]] = st.one_of(
    st.integers(0, 6).map(lambda n: (NAMES[n], lambda d: d.weekday() == n)),
    st.just(("MON-FRI", lambda d: d.weekday() < 5)),
    st.just(("FRI-MON,WED", lambda d: d.weekday() in (4, 5, 6, 0, 2))),
    st.tuples(st.integers(0, 6), st.integers(1, 4)).map(
        lambda p: (f"{NAMES[p[0]]}#{p[1]}", lambda d: d.weekday() == p[0] and count(d) == p[1])
    ),
    st.integers(0, 6).map(lambda n: (f"{NAMES[n]}L", lambda d: d.weekday() == n and (d + 7 * DAY).month != d.month)),
)


def walls(moment: datetime, zone: ZoneInfo, *, every_hour: bool) -> list[datetime]:
    """What the wall clock shows then, and what it would show had it not just been put forward."""
    shown = moment.astimezone(zone)
    found = [shown] if not shown.fold or every_hour else []
    before = (moment - timedelta(hours=3)).astimezone(zone).utcoffset() or timedelta()
    skipped = (moment + before).replace(tzinfo=zone)
    if skipped.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != skipped.replace(tzinfo=None):
        found.append(skipped)
    return found


def looked_for(after: datetime, zone: ZoneInfo, on: OnDay, hour: Fits, minute: Fits) -> datetime | None:
    """Minute by minute, for some weeks; hours in which none can fit are passed over."""
    every_hour = all(hour(number) for number in range(24))
    begin = after.replace(minute=0, second=0, microsecond=0)
    days = {day: on(day) for day in (after.date() + timedelta(days=n) for n in range(-3, DAYS + 3))}
    for moment in (begin + timedelta(hours=n) for n in range(DAYS * 24)):
        near = [moment.astimezone(zone) + timedelta(hours=n) for n in (-2, -1, 0, 1, 2)]
        if not any(hour(wall.hour) for wall in near) or not any(days[wall.date()] for wall in near):
            continue
        for turn in (moment + timedelta(minutes=n) for n in range(60)):
            shown = walls(turn, zone, every_hour=every_hour) if turn > after else []
            if any(minute(wall.minute) and hour(wall.hour) and days[wall.date()] for wall in shown):
                return turn
    return None


def agree(text: str, after: datetime, zone: ZoneInfo, on: OnDay, hour: Fits, minute: Fits) -> None:
    found = looked_for(after, zone, on, hour, minute)
    try:
        turn = parse_cron(text).next_after(after, zone)
    except NotATime:  # such as the last of the month if it is a first Monday
        turn = None
    assert turn == found if found is not None else turn is None or turn > after + (DAYS - 1) * DAY


@settings(max_examples=100)
@given(starts, zones, number_field(0, 59), number_field(0, 23), by_number)
@example(
    datetime(2026, 3, 29, tzinfo=UTC), BERLIN, ("30", lambda n: n == 30), ("2", lambda n: n == 2), ("*", lambda d: True)
)
@example(
    datetime(2026, 10, 24, 23, 59, tzinfo=UTC),
    BERLIN,
    ("30", lambda n: n == 30),
    ("*", lambda n: True),
    ("*", lambda d: True),
)
def test_days_by_number_turn_at_the_minutes_that_fit(
    after: datetime, zone: ZoneInfo, minute: tuple[str, Fits], hour: tuple[str, Fits], day: tuple[str, OnDay]
) -> None:
    text = f"0 {minute[0]} {hour[0]} {day[0]} * ?"
    agree(text, after, zone, day[1], hour[1], minute[1])


@settings(max_examples=100)
@given(starts, zones, number_field(0, 59), number_field(0, 23), by_weekday)
def test_days_of_the_week_turn_at_the_minutes_that_fit(
    after: datetime, zone: ZoneInfo, minute: tuple[str, Fits], hour: tuple[str, Fits], day: tuple[str, OnDay]
) -> None:
    agree(f"{minute[0]} {hour[0]} * * {day[0]}", after, zone, day[1], hour[1], minute[1])
    agree(f"0 {minute[0]} {hour[0]} ? * {day[0]} *", after, zone, day[1], hour[1], minute[1])


@settings(max_examples=100)
@given(starts, zones, by_number, by_weekday)
def test_crontab_takes_either_kind_of_day_and_spring_takes_both(
    after: datetime, zone: ZoneInfo, day: tuple[str, OnDay], week: tuple[str, OnDay]
) -> None:
    nine, full = (9).__eq__, (0).__eq__
    if not day[0].startswith("*"):
        agree(f"0 9 {day[0]} * {week[0]}", after, zone, lambda d: day[1](d) or week[1](d), nine, full)
    agree(f"0 0 9 {day[0]} * {week[0]}", after, zone, lambda d: day[1](d) and week[1](d), nine, full)


def turns(
    text: str, *, zone: ZoneInfo = UTC_ZONE, after: str = "2026-01-01T00:00:00+00:00", most: int = 4
) -> list[str]:
    found: list[str] = []
    moment = datetime.fromisoformat(after)
    cron = parse_cron(text)
    while len(found) < most and (turn := cron.next_after(moment, zone)) is not None:
        found.append(f"{turn.astimezone(zone):%a %Y-%m-%d %H:%M:%S}".removesuffix(":00"))
        moment = turn
    return found


def test_numbers_of_weekdays_count_as_the_text_s_kind_of_cron_does() -> None:
    monday = ["Mon 2026-01-05 09:00"]
    for text in ("0 9 * * 1", "0 0 9 * * 1", "0 0 9 * * MON", "0 0 9 ? * 2", "0 0 9 ? * 2 2026", "0 9 * * mon"):
        assert turns(text, most=1) == monday
    for text in ("0 9 * * 0", "0 9 * * 7", "0 0 9 * * 0", "0 0 9 * * 7", "0 0 9 ? * 1", "0 0 9 ? * SUN", "0 9 * * SUN"):
        assert turns(text, most=1) == ["Sun 2026-01-04 09:00"]
    assert parse_cron("0 0 9 ? * 2-6").text.numbered
    assert parse_cron("0 0 9 ? * MON#1,3").text.numbered
    assert not parse_cron("0 0 9 ? * MON-FRI").text.numbered
    assert not parse_cron("0 0 9 ? * MON#2").text.numbered
    assert not parse_cron("0 9 * * 1").text.numbered


def test_real_files_words_are_understood() -> None:
    assert turns("0 0/5 * * * ?") == [
        "Thu 2026-01-01 00:05",
        "Thu 2026-01-01 00:10",
        "Thu 2026-01-01 00:15",
        "Thu 2026-01-01 00:20",
    ]
    assert turns("0/5 0/1 * 1/1 * ?", most=2) == ["Thu 2026-01-01 00:01", "Thu 2026-01-01 00:02"]
    assert turns("0 15 10 L * ?", most=2) == ["Sat 2026-01-31 10:15", "Sat 2026-02-28 10:15"]
    assert turns("0 15 10 ? * 6L", most=2) == ["Fri 2026-01-30 10:15", "Fri 2026-02-27 10:15"]
    assert turns("0 15 10 ? * 6#3", most=2) == ["Fri 2026-01-16 10:15", "Fri 2026-02-20 10:15"]
    assert turns("0 0 12 LW * ?", most=2) == ["Fri 2026-01-30 12:00", "Fri 2026-02-27 12:00"]
    assert turns("0 0 12 1W * ?", most=3)[1:] == ["Mon 2026-02-02 12:00", "Mon 2026-03-02 12:00"]
    assert turns("30 0 12 29 2 ?", most=2) == ["Tue 2028-02-29 12:00:30", "Sun 2032-02-29 12:00:30"]
    assert turns("0 0 0 1 1 ? 2027-2028") == ["Fri 2027-01-01 00:00", "Sat 2028-01-01 00:00"]
    assert turns("0 0 8 ? JAN,JUL L", most=2) == ["Sat 2026-01-03 08:00", "Sat 2026-01-10 08:00"]
    assert turns("/20 * * * *", most=3) == ["Thu 2026-01-01 00:20", "Thu 2026-01-01 00:40", "Thu 2026-01-01 01:00"]
    names = {"@hourly": "Thu 2026-01-01 01:00", "@daily": "Fri 2026-01-02 00:00", "@weekly": "Sun 2026-01-04 00:00"}
    names |= {
        "@monthly": "Sun 2026-02-01 00:00",
        "@yearly": "Fri 2027-01-01 00:00",
        "@midnight": "Fri 2026-01-02 00:00",
    }
    assert {name: turns(name, most=1)[0] for name in names} == names


def test_a_turn_in_the_hour_that_the_clocks_skip_comes_an_hour_later_and_one_that_comes_twice_comes_once() -> None:
    spring, autumn = "2026-03-28T12:00:00+00:00", "2026-10-24T12:00:00+00:00"
    assert turns("30 2 * * *", zone=BERLIN, after=spring, most=2) == ["Sun 2026-03-29 03:30", "Mon 2026-03-30 02:30"]
    assert turns("30 2 * * *", zone=BERLIN, after=autumn, most=2) == ["Sun 2026-10-25 02:30", "Mon 2026-10-26 02:30"]
    cron, moment = parse_cron("0 * * * *"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [cron.next_after(moment + timedelta(hours=n), BERLIN) for n in range(3)] == [
        datetime(2026, 10, 25, 1 + n, tzinfo=UTC) for n in range(3)
    ]


def test_a_day_that_a_place_has_skipped_turns_on_the_next_and_once() -> None:
    apia = ZoneInfo("Pacific/Apia")
    days = turns("0 9 * * *", zone=apia, after="2011-12-29T00:00:00+00:00", most=3)
    assert days == ["Thu 2011-12-29 09:00", "Sat 2011-12-31 09:00", "Sun 2012-01-01 09:00"]


@pytest.mark.parametrize("text", ["0/20 * * * * ?", "*/5 0 9 * * MON", "10,50 * * ? * *"])
def test_more_than_one_turn_a_minute_is_one(text: str) -> None:
    cycle = parse_cycle(text, UTC_ZONE)
    assert cycle.raised
    assert len(set(turns(text, most=3))) == 3
    assert len({turn[21:] for turn in turns(text, most=3)}) == 1, "always the same second"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0 9 * *", "5 to 7 fields"),
        ("0 0 9 * * MON 2026 1", "5 to 7 fields"),
        ("@sometimes", "5 to 7 fields"),
        ("60 9 * * *", "“60” among cron's minutes"),
        ("0 24 * * *", "“24” among cron's hours"),
        ("0 9 32 * *", "“32” among cron's days of the month"),
        ("0 9 * 13 *", "“13” among cron's months"),
        ("0 9 * * 8", "“8” among cron's days of the week"),
        ("0 0 9 ? * 0", "“0” among cron's days of the week"),
        ("0 9 * * MOO", "“MOO”"),
        ("0 9 * * H", "“H”"),
        ("0 9 15C * *", "“15C”"),
        ("0 9 * * MON#6", "“MON#6”"),
        ("0 9 * * *-5", "days of the week"),
        ("*/0 9 * * *", "“\\*/0”"),
        ("1,,2 9 * * *", "“”"),
        ("1- 9 * * *", "“1-”"),
        ("0 0 9 * * ? 0", "“0” among cron's years"),
        ("\u0661 9 * * *", "minutes"),
        ("0 9 30 2 *", "no year has"),
        ("0 0 9 L-31 * ?", "no year has"),
        ("0 0 9 1 * MON#2", "no year has"),
        ("0 0 9 29 2 ? 2027", "no year has"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text: str, problem: str) -> None:
    with pytest.raises(NotATime, match=problem):
        parse_cron(text)


def test_a_cron_text_is_a_time_wherever_one_is_expected() -> None:
    nine = parse_cron("0 9 * * MON-FRI")
    for repeats in (False, True):
        assert parse_time('"0 9 * * MON-FRI"', UTC_ZONE, repeats=repeats) == Cycle(nine)
    now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert first_turn(Cycle(nine), now, UTC_ZONE).at == now + DAY


@given(st.datetimes(timezones=st.just(UTC)), zones)
@example(datetime.max.replace(tzinfo=UTC), UTC_ZONE)
@example(datetime.min.replace(tzinfo=UTC), ZoneInfo("America/New_York"))
def test_no_year_raises(moment: datetime, zone: ZoneInfo) -> None:
    for text in ("0 9 * * *", "0 0 0 ? * MON#5", "* * * * *", "0 0 0 29 2 ?"):
        turn = parse_cron(text).next_after(moment, zone)
        assert turn is None or turn > moment
