"""Moments and spans in words, in both languages, on the reader's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask, g

from engine.expressions import Message
from web import language, times

NOW = datetime(2026, 11, 22, 2, 32, tzinfo=UTC)
"""10:32 in Shenzhen."""


@pytest.fixture(params=["zh", "en"])
def reading(request: pytest.FixtureRequest) -> Iterator[str]:
    """A request of somebody in Shenzhen who reads this language."""
    app = Flask("web")
    language.setup(app)
    with app.test_request_context():
        g.actor = SimpleNamespace(language=request.param, time_zone="Asia/Shanghai")
        g.now = NOW
        yield request.param


@pytest.mark.parametrize(
    ("moment", "zh", "en", "short_zh"),
    [
        (NOW, "今天 10:32", "Today 10:32", "10:32"),
        (NOW - timedelta(hours=11), "昨天 23:32", "Yesterday 23:32", "昨天"),
        (NOW + timedelta(hours=14), "明天 00:32", "Tomorrow 00:32", "明天"),
        (NOW - timedelta(days=2), "11-20 10:32", "20 Nov 10:32", "11-20"),
        (NOW - timedelta(days=400), "2025-10-18 10:32", "18 Oct 2025 10:32", "2025-10-18"),
    ],
)
def test_a_moment_is_said_as_people_say_it(reading: str, moment: datetime, zh: str, en: str, short_zh: str) -> None:
    assert times.when(moment) == (zh if reading == "zh" else en)
    assert times.within(moment) == times.when(moment).replace("T", "t").replace("Y", "y")
    if reading == "zh":
        assert times.when(moment, clock=False) == times.within(moment, clock=False) == short_zh


def test_the_moments_of_what_befell_a_ticket_are_said_as_the_page_says_its_own(reading: str) -> None:
    due = Message("It is overdue since %(due)s", {"due": NOW - timedelta(hours=1)})
    told = Message("%(told)s. With it came %(others)s more of what was theirs", {"told": due, "others": 2})
    assert ("今天 09:32" if reading == "zh" else "since today 09:32") in times.sentence(told)
    assert "2026-11-22 09:32" in language.worded(told), "an answer of the API is read on another day"


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(seconds=10), "剩余 1 分", "1 min left"),
        (timedelta(minutes=25), "剩余 25 分", "25 min left"),
        (timedelta(minutes=80), "剩余 1 时 20 分", "1 h 20 left"),
        (timedelta(hours=3), "剩余 3 时", "3 h left"),
        (timedelta(hours=9, minutes=40), "剩余 9 时", "9 h left"),
        (timedelta(days=1), "剩余 1 天", "1 d left"),
        (timedelta(days=1, hours=8), "剩余 32 时", "32 h left"),
        (timedelta(days=4, hours=20), "剩余 4 天", "4 d left"),
        (timedelta(minutes=-12), "超时 12 分", "12 min over"),
        (timedelta(hours=-5), "超时 5 时", "5 h over"),
    ],
)
def test_what_is_left_has_at_most_two_units(reading: str, left: timedelta, zh: str, en: str) -> None:
    assert times.remaining(NOW + left) == (zh if reading == "zh" else en)


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(minutes=-12), "超时 12 分", "12 min over"),
        (timedelta(minutes=119), "剩余 1 时 59 分", "1 h 59 left"),
        (timedelta(hours=2), "今天 12:32 前", "by today 12:32"),
        (timedelta(days=1), "明天 10:32 前", "by tomorrow 10:32"),
        (timedelta(days=4), "11-26 10:32 前", "by 26 Nov 10:32"),
    ],
)
def test_what_is_due_later_is_said_by_its_moment(reading: str, left: timedelta, zh: str, en: str) -> None:
    assert times.till(NOW + left) == (zh if reading == "zh" else en)


def test_a_day_names_its_year_only_when_it_is_another(reading: str) -> None:
    said = [times.calendar_day(date(2026, 3, 5)), times.calendar_day(date(2027, 3, 5))]
    assert said == (["03-05", "2027-03-05"] if reading == "zh" else ["5 Mar", "5 Mar 2027"])
