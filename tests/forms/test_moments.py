"""Dates and times: read as controls send them, kept as form-js writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from forms import parse_json
from tests.forms.build import NOW, component, form, post, said, send


def sent(value: Any, now: datetime = NOW, **properties: Any) -> Any:
    """The value of a moment sent as JSON, or the error."""
    submission = parse_json(form(component("datetime", "a", **properties)), {"a": value}, now=now)
    return said(submission.errors).get("a", submission.values.get("a"))


def test_a_date() -> None:
    assert sent("2026-11-22") == "2026-11-22"
    assert sent("2026-1-2") == "2026-01-02"
    assert sent("２０２６-11-22") == "2026-11-22"
    assert sent(None) is None
    assert sent("") is None


@pytest.mark.parametrize(
    "value",
    ["2026-02-30", "22.11.2026", "2026-11-22T10:00", "0001-01-01", "tomorrow", 5, True, [], "2026-W01-1", "20261122"],
)
def test_what_is_no_date_is_refused(value: Any) -> None:
    assert sent(value) == "This is not a date. Write it like 2026-11-22"


@pytest.mark.parametrize(
    ("time_format", "expected"),
    [("no_timezone", "09:40"), ("utc_offset", "09:40+08:00"), ("utc_normalized", "01:40Z"), (None, "09:40")],
)
def test_a_time_is_local_and_written_as_the_form_says(time_format: str | None, expected: str) -> None:
    for value in ("09:40", "9:40", "09:40:59.5", "01:40Z", "10:40+09:00", expected):
        assert sent(value, subtype="time", timeSerializingFormat=time_format) == expected


@pytest.mark.parametrize(
    ("time_format", "expected"),
    [
        ("no_timezone", "2026-11-22T09:40"),
        ("utc_offset", "2026-11-22T09:40+08:00"),
        ("utc_normalized", "2026-11-22T01:40Z"),
    ],
)
def test_a_date_with_a_time_too(time_format: str, expected: str) -> None:
    for value in ("2026-11-22T09:40", "2026-11-22 09:40", "2026-11-22T01:40Z", expected):
        assert sent(value, subtype="datetime", timeSerializingFormat=time_format) == expected


@pytest.mark.parametrize("value", ["24:00", "9", "09:60", "09:40+99:99", "x", "09:40+08"])
def test_what_is_no_time_is_refused(value: str) -> None:
    assert sent(value, subtype="time") == "This is not a time. Write it like 09:40"


def test_summer_time_is_kept_apart() -> None:
    berlin = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    kind = {"subtype": "datetime", "timeSerializingFormat": "utc_offset"}
    assert sent("2026-07-01T12:00", berlin, **kind) == "2026-07-01T12:00+02:00"
    assert sent("2026-10-25T02:30+01:00", berlin, **kind) == "2026-10-25T02:30+01:00"
    assert sent("2026-03-29T02:30", berlin, **kind) == "2026-03-29T03:30+02:00"


def test_before_time_zones_minutes_stay_minutes() -> None:
    for time_format in ("utc_offset", "utc_normalized", "no_timezone"):
        kind: dict[str, Any] = {"subtype": "datetime", "timeSerializingFormat": time_format}
        once = sent("1800-01-01T12:00", **kind)
        assert sent(once, **kind) == once


def test_a_page_may_send_the_date_and_the_time_apart() -> None:
    read = form(component("datetime", "a", subtype="datetime", dateLabel="Day", timeLabel="Time"))
    assert post(read, ("a", "2026-11-22"), ("a:time", "09:40")).values == {"a": "2026-11-22T09:40"}
    assert post(read, ("a", ""), ("a:time", "")).values == {"a": None}
    assert said(post(read, ("a", "2026-11-22"), ("a:time", "")).errors) == {"a": "Give both the date and the time"}
    assert post(read, ("a", "2026-11-22T09:40")).values == {"a": "2026-11-22T09:40"}
    day = form(component("datetime", "a"))
    assert post(day, ("a", "2026-11-22"), ("a", "2026-11-23"), ("a:time", "09:40")).values == {"a": "2026-11-22"}


def test_past_dates_can_be_refused() -> None:
    assert sent("2026-11-21", disallowPassedDates=True) == "This date has passed. Choose 2026-11-22 or later"
    assert sent("2026-11-22", disallowPassedDates=True) == "2026-11-22"
    assert "has passed" in sent("2026-11-21T23:59", subtype="datetime", disallowPassedDates=True)


def test_dates_to_come_can_be_refused() -> None:
    bound: dict[str, Any] = {"properties": {"disallowFutureDates": "true"}}
    assert sent("2026-11-23", **bound) == "This is still to come. Choose 2026-11-22 or earlier"
    assert sent("2026-11-22", **bound) == "2026-11-22"
    assert sent("2026-11-22T09:40", subtype="datetime", **bound) == "2026-11-22T09:40"
    ahead = sent("2026-11-22T10:40", subtype="datetime", **bound)
    assert ahead == "This is still to come. Choose 2026-11-22 10:30 or earlier"
    assert sent("2026-11-22T10:34", subtype="datetime", **bound) == "2026-11-22T10:34", "clocks differ"
    assert sent("2026-11-23", properties={"disallowFutureDates": "false"}) == "2026-11-23"


def test_today_is_the_place_s() -> None:
    late = datetime(2026, 11, 21, 20, 0, tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("Asia/Shanghai"))
    assert "has passed" in sent("2026-11-21", late, disallowPassedDates=True)


def test_a_past_date_that_was_there_before_may_stay() -> None:
    read = form(component("datetime", "a", disallowPassedDates=True))
    assert send(read, {"a": "2020-01-01"}, {"a": "2020-01-01"}).ok
    assert not send(read, {"a": "2020-01-02"}, {"a": "2020-01-01"}).ok


def test_times_go_in_steps() -> None:
    assert sent("09:45", subtype="time", timeInterval=15) == "09:45"
    assert sent("09:50", subtype="time", timeInterval=15) == "Choose a time in steps of 15 minutes, such as 09:45"
    assert "steps of 30" in sent("2026-11-22T09:45", subtype="datetime", timeInterval=30)


def test_what_is_needed_is_named() -> None:
    needed = {"required": True}
    assert sent(None, validate=needed) == "Give a date"
    assert sent(None, validate=needed, subtype="time") == "Give a time"
    assert sent("", validate=needed, subtype="datetime") == "Give a date and a time"
