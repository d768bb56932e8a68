"""Which period something is for that is begun by hand, and that a subject has each period once, whoever begins it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus, local
from tests.tickets.standards.test_recording import audited, public
from tickets.standards import launching
from tickets.standards.periods import period_now
from tickets.standards.planning import plan_standard
from tickets.standards.tables import Launch, Occurrence, Trigger
from tickets.standards.triggers import Facts, Rule

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTHLY: dict[str, Any] = {"trigger": "cycle", "timing": {"cycle": "0 9 25 * *"}}


def period(cycle: str, now: str, **attributes: str) -> str | None:
    """Of a class of last year, of a standard of last year; the time of day is Shanghai's."""
    long_ago = datetime(2025, 1, 1, tzinfo=UTC)
    rule = Rule(Trigger.CYCLE, {"cycle": cycle}, date(2025, 1, 1), long_ago)
    facts = Facts(long_ago, None, attributes, SHANGHAI)
    return period_now(rule, facts, datetime.fromisoformat(now).replace(tzinfo=SHANGHAI).astimezone(UTC))


@pytest.mark.parametrize(
    ("cycle", "now", "expected"),
    [
        ("0 9 12 * *", "2026-12-08T10:00", "2026-12-12"),  # this month's, early
        ("0 9 12 * *", "2026-12-20T10:00", "2026-12-12"),  # this month's, made up for
        ("0 9 1,15 * *", "2026-12-10T10:00", "2026-12-01"),
        ("0 9 12 3,6,9,12 *", "2027-02-08T10:00", "2026-12-12"),  # none this month: the last one
        ("0 9 12 3,6,9,12 *", "2027-03-08T10:00", "2027-03-12"),
        ("0 9 * * MON", "2026-12-13T23:00", "2026-12-07"),  # a Sunday
        ("0 9 * * MON", "2026-12-14T08:00", "2026-12-14"),
        ("0 9 * * SUN", "2026-12-08T10:00", "2026-12-13"),
        ("0 9 * * MON,THU", "2026-12-09T10:00", "2026-12-07"),
        ("0 9 * * MON-FRI", "2026-12-12T10:00", "2026-12-11"),  # a Saturday
        ("0 9 * * *", "2026-12-08T08:00", "2026-12-08"),
        ("0 9 * * *", "2026-12-08T10:00", "2026-12-08"),
        ("*/5 * * * *", "2026-12-08T00:01", "2026-12-08"),
    ],
)
def test_a_cycle_of_the_calendar_has_its_day_week_or_month(cycle: str, now: str, expected: str) -> None:
    assert period(cycle, now) == expected


@pytest.mark.parametrize(
    ("cycle", "start", "now", "expected"),
    [
        ("R/P1M", "2026-09-15", "2026-12-08T10:00", "2026-12"),
        ("R/P3M", "2026-09-15", "2027-01-20T10:00", "2026-12"),
        ("R/P2W", "2026-11-30", "2026-12-13T10:00", "2026-11-30"),
        ("R2/P1W", "2026-11-02", "2026-12-13T10:00", "2026-11-09"),
    ],
)
def test_what_is_counted_from_a_day_of_the_class_goes_from_turn_to_turn(
    cycle: str, start: str, now: str, expected: str
) -> None:
    assert period(cycle, now, start_date=start) == expected


@pytest.mark.parametrize("attributes", [{"start_date": "2026-12-09"}, {"end_date": "2026-12-07"}])
def test_before_its_start_and_after_its_end_a_class_has_no_period(attributes: dict[str, str]) -> None:
    assert period("0 9 12 * *", "2026-12-08T10:00", **attributes) is None


def test_a_turn_after_the_end_is_not_begun_early() -> None:
    assert period("0 9 12 * *", "2026-12-08T10:00", end_date="2026-12-10") == "2026-11-12"


@pytest.fixture
def campus(play: Play) -> Campus:
    """It is Friday, 2026-11-20, nine in the morning; the standard begins on the 25th of each month."""
    campus = Campus(play)
    campus.define()
    campus.set_up(**MONTHLY)
    return campus


def launch(campus: Campus) -> tuple[int, int]:
    """How many it began, and left out."""
    (standard,) = campus.standards()
    launching.launch(campus.play.runtime, campus.play.cast.chenxiao, standard.public_id)
    campus.play.settle()
    row = campus.launches()[-1]
    assert row.state == "done"
    return row.started, row.skipped


def test_a_launch_before_the_turn_begins_it_early_and_the_turn_begins_nothing(campus: Campus) -> None:
    subject = campus.add_class("C-1")
    assert campus.planned(subject)["2026-11-25"] == "2026-11-25 09:00"
    assert launch(campus) == (1, 0)
    assert campus.planned(subject)["2026-11-25"] == "2026-11-20 09:00"
    assert launch(campus) == (0, 1)
    campus.play.cast.clock.advance(timedelta(days=6))
    plan_standard(campus.play.runtime, campus.standards()[0].id)
    assert campus.begin_due() == 0
    assert len(campus.play.tickets()) == 1
    (running,) = campus.occurrences(Occurrence.state == "running")
    assert local(campus.records(running)["prepare"].due_at) == "2026-11-22 09:00"
    assert audited(campus) == []


def test_a_launch_after_the_turn_leaves_out_who_had_it_and_begins_it_for_who_came_later(campus: Campus) -> None:
    campus.add_class("C-1")
    campus.play.cast.clock.advance(timedelta(days=5))
    assert campus.begin_due() == 1
    campus.play.cast.clock.advance(timedelta(days=2))
    later = campus.add_class("C-2")
    assert launch(campus) == (1, 1)
    assert campus.planned(later)["2026-11-25"] == "2026-11-27 09:00"


def test_a_launch_that_is_known_by_its_day_has_had_the_turn_that_it_was_for(campus: Campus) -> None:
    """As launches were until they were known by their turns: what was planned for that turn is called off."""
    subject = campus.add_class("C-1")
    (standard,) = campus.standards()
    assert launch(campus) == (1, 0)
    by_day = {"period": "2026-11-20"}
    with campus.play.writing() as session, session.begin():
        session.execute(sa.update(Occurrence).where(Occurrence.launch_id.is_not(None)).values(**by_day))
    plan_standard(campus.play.runtime, standard.id)
    assert "2026-11-25" not in campus.planned(subject)
    assert "2026-12-25" in campus.planned(subject)
    assert launch(campus) == (0, 1)
    campus.play.cast.clock.advance(timedelta(days=6))
    plan_standard(campus.play.runtime, standard.id)
    assert campus.begin_due() == 0
    assert len(campus.play.tickets()) == 1


def test_a_launch_tells_how_far_it_is_while_it_starts_tickets(campus: Campus) -> None:
    for number in range(7):
        campus.add_class(f"C-{number}")
    told: list[int] = []

    def hear(_row: Launch, value: int, *_others: object) -> None:
        told.append(value)

    sa.event.listen(Launch.started, "set", hear)
    try:
        assert launch(campus) == (7, 0)
    finally:
        sa.event.remove(Launch.started, "set", hear)
    assert told[-2:] == [5, 7]


def test_a_launch_counts_those_that_it_is_for(campus: Campus) -> None:
    campus.add_class("C-1")
    campus.add_class("C-2", end_date="2026-11-01")
    campus.add_class("C-3", status="ended")
    assert launch(campus) == (1, 0)
    assert campus.launches()[-1].total == 1


def test_a_launch_that_is_stopped_leaves_what_it_took_to_its_turn(campus: Campus) -> None:
    subject = campus.add_class("C-1")
    (standard,) = campus.standards()
    made = launching.launch(campus.play.runtime, campus.play.cast.chenxiao, standard.public_id)
    launching.run(campus.play.runtime, {"launch_id": made.id, "turn": 0})
    launching.cancel(campus.play.runtime, campus.play.cast.chenxiao, made.public_id)
    campus.play.settle()
    assert campus.play.tickets() == []
    plan_standard(campus.play.runtime, standard.id)
    assert campus.planned(subject)["2026-11-25"] == "2026-11-25 09:00"


def test_a_ticket_filed_by_hand_before_the_turn_is_this_month_s(campus: Campus) -> None:
    subject = campus.add_class("C-1")
    campus.play.file("chenxiao", "kickoff", subject_id=public(campus, subject))
    campus.play.cast.clock.advance(timedelta(days=6))
    assert campus.begin_due() == 0
    assert len(campus.play.tickets()) == 1
