"""What is planned ahead, and that it follows: the subjects as they change, the rule, the steps, and being switched."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.database import NEVER
from tests.engine import build
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus, local, step
from tickets.standards import planning
from tickets.standards.setting_up import Wanted, change, switch
from tickets.standards.tables import Occurrence, StepRecord

DATE: dict[str, Any] = {"trigger": "date", "timing": {"attribute": "start_date", "days": -7}}
CYCLE: dict[str, Any] = {"trigger": "cycle", "timing": {"cycle": "0 9 * * MON"}}


@pytest.fixture
def campus(play: Play) -> Campus:
    """It is Friday, 2026-11-20, nine in the morning."""
    campus = Campus(play)
    campus.define()
    return campus


def test_a_date_s_start_moves_with_it_and_what_was_known_before_stays_written(campus: Campus) -> None:
    campus.set_up(**DATE)
    subject = campus.add_class("C-1", start_date="2026-12-20")
    assert campus.planned(subject) == {"once": "2026-12-13 00:00"}
    (before,) = campus.occurrences()
    assert {key: local(row.due_at) for key, row in campus.records(before).items()} == {
        "prepare": "2026-12-15 00:00",
        "welcome": "2026-12-18 00:00",
    }
    campus.play.cast.clock.advance(timedelta(hours=1))
    campus.add_class("C-1", start_date="2026-12-22")
    assert campus.planned(subject) == {"once": "2026-12-15 00:00"}
    assert local(campus.records(campus.occurrences()[0])["prepare"].due_at) == "2026-12-17 00:00"
    with campus.play.runtime.reading() as session:
        ended = session.scalars(sa.select(StepRecord).where(StepRecord.valid_to != NEVER)).all()
    assert [local(row.valid_to) for row in ended] == ["2026-11-20 10:00"] * 2


def test_what_has_begun_does_not_move_and_begins_only_once(campus: Campus) -> None:
    campus.set_up(**DATE)
    subject = campus.add_class("C-1", start_date="2026-11-27")
    assert campus.begin_due() == 1
    campus.add_class("C-1", start_date="2026-12-20")
    assert campus.planned(subject) == {"once": "2026-11-20 00:00"}
    assert campus.begin_due() == 0
    assert len(campus.play.tickets()) == 1


def test_each_date_of_a_list_is_a_period_of_its_own(campus: Campus) -> None:
    campus.set_up(trigger="date", timing={"attribute": "stages", "days": 0})
    stages = [{"name": "期中", "date": "2026-12-01"}, {"date": "2026-12-15"}, "2026-12-29", "no date", 7]
    subject = campus.add_class("C-1", stages=stages)
    assert campus.planned(subject) == {
        "期中": "2026-12-01 00:00",
        "2026-12-15": "2026-12-15 00:00",
        "2026-12-29": "2026-12-29 00:00",
    }
    campus.add_class("C-1", stages=stages[:1])
    assert campus.planned(subject) == {"期中": "2026-12-01 00:00"}


def test_a_cycle_turns_while_the_subject_is_active(campus: Campus) -> None:
    campus.set_up(**CYCLE)
    subject = campus.add_class("C-1", start_date="2026-11-25", end_date="2026-12-14")
    assert campus.planned(subject) == {
        "2026-11-30": "2026-11-30 09:00",
        "2026-12-07": "2026-12-07 09:00",
        "2026-12-14": "2026-12-14 09:00",
    }
    campus.add_class("C-1", start_date="2026-11-25", end_date="2026-12-10")
    assert list(campus.planned(subject)) == ["2026-11-30", "2026-12-07"]
    campus.add_class("C-1", start_date="2026-11-25", status="ended")
    assert campus.planned(subject) == {}


def test_months_are_counted_from_the_subject_s_own_start(campus: Campus) -> None:
    campus.set_up(trigger="cycle", timing={"cycle": "R/P1M"})
    subject = campus.add_class("C-1", start_date="2026-11-25")
    assert campus.planned(subject) == {
        "2026-11": "2026-11-25 00:00",
        "2026-12": "2026-12-25 00:00",
    }


def test_the_horizon_is_moved_on_each_night_and_nothing_is_planned_twice(campus: Campus) -> None:
    campus.set_up(**CYCLE)
    subject = campus.add_class("C-1", start_date="2026-11-25")
    before = len(campus.planned(subject))
    assert planning.plan_due(campus.play.runtime) == 0
    campus.play.cast.clock.advance(timedelta(days=14))
    assert planning.plan_due(campus.play.runtime) == 2
    assert len(campus.planned(subject)) == before + 2
    assert planning.plan_due(campus.play.runtime) == 0


def test_only_subjects_that_the_rule_names_are_planned(campus: Campus) -> None:
    campus.set_up(at="qinghe", conditions=[{"attribute": "level", "is": "at_least", "value": "3"}])
    chosen = campus.add_class("C-1", level=4)
    low = campus.add_class("C-2", level=2)
    other = campus.add_class("C-3", at="cd-gaoxin", level=5)
    assert [bool(campus.planned(each)) for each in (chosen, low, other)] == [True, False, False]
    campus.add_class("C-2", level=3)
    assert campus.planned(low)


def test_nothing_begins_before_its_day(campus: Campus) -> None:
    campus.set_up(begins_on=date(2026, 11, 21), **DATE)
    early = campus.add_class("C-1", start_date="2026-11-27")
    later = campus.add_class("C-2", start_date="2026-11-28")
    assert (campus.planned(early), bool(campus.planned(later))) == ({}, True)


def test_another_rule_replaces_what_is_planned(campus: Campus) -> None:
    made = campus.set_up(**DATE)
    subject = campus.add_class("C-1", start_date="2026-12-20")
    wanted = Wanted("kickoff", campus.place("qiming"), **CYCLE)
    change(campus.play.runtime, campus.play.cast.chenxiao, made.public_id, wanted)
    campus.play.settle()
    assert list(campus.planned(subject)) == ["2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11", "2027-01-18"]


def test_switched_off_nothing_begins_and_on_again_it_goes_on(campus: Campus) -> None:
    made = campus.set_up(**DATE)
    subject = campus.add_class("C-1", start_date="2026-12-20")
    switch(campus.play.runtime, campus.play.cast.chenxiao, made.public_id, on=False)
    assert campus.begin_due() == 0
    campus.play.settle()
    assert campus.planned(subject) == {}
    (called_off,) = campus.occurrences()
    assert campus.records(called_off) == {}
    switch(campus.play.runtime, campus.play.cast.chenxiao, made.public_id, on=True)
    campus.play.settle()
    assert campus.planned(subject) == {"once": "2026-12-13 00:00"}
    assert set(campus.records(campus.occurrences()[0])) == {"prepare", "welcome"}


def test_a_new_version_s_steps_are_those_of_what_is_planned(campus: Campus) -> None:
    campus.set_up(**DATE)
    campus.add_class("C-1", start_date="2026-12-20")
    parts = (
        build.start(),
        step("prepare", deadline="P1D"),
        step("review", deadline="P2D"),
        build.end(),
        build.chain("begin", "prepare", "review", "done"),
    )
    campus.define(*parts)
    campus.play.settle()
    records = campus.records(campus.occurrences()[0])
    assert {key: local(row.due_at) for key, row in records.items()} == {
        "prepare": "2026-12-14 00:00",
        "review": "2026-12-15 00:00",
    }


def test_a_class_that_moves_to_another_campus_takes_what_is_planned_along(campus: Campus) -> None:
    campus.set_up(**DATE)
    campus.add_class("C-1", start_date="2026-12-20")
    campus.add_class("C-1", at="gz-tianhe", start_date="2026-12-20")
    (moved,) = campus.occurrences()
    places = {row.place_id for row in campus.records(moved).values()}
    assert {moved.place_id} | places == {campus.play.cast.places["gz-tianhe"]}


def test_nothing_is_kept_twice_however_often_it_is_planned(campus: Campus) -> None:
    made = campus.set_up(**CYCLE)
    campus.add_class("C-1", start_date="2026-11-25")
    before = [(row.id, row.period) for row in campus.occurrences()]
    for _ in range(3):
        assert planning.plan_standard(campus.play.runtime, made.id) == 0
    assert [(row.id, row.period) for row in campus.occurrences()] == before
    with campus.play.runtime.reading() as session:
        valid = session.scalars(sa.select(sa.func.count()).select_from(StepRecord)).one()
    assert valid == 2 * len(before)
    assert len({(row.subject_id, row.period) for row in campus.occurrences(Occurrence.state == "planned")}) == len(
        before
    )
