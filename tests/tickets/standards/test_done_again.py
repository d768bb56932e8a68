"""A step that opens again is due its span from then on, while its record keeps when the step was due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.timing import parse_duration
from tests.engine.calendars import OFFICE, Office
from tests.tickets.play import Play
from tests.tickets.standards.campus import KICKOFF, Campus
from tests.tickets.standards.test_checks import SIDE_BY_SIDE, begun, drawn, judged, record
from tickets.life.reopening import reopen
from tickets.life.returning import step_back

LATER = timedelta(days=16)


@pytest.fixture
def campus(play: Play) -> Campus:
    return Campus(play)


def test_what_a_check_found_wanting_is_due_its_span_from_then_on(campus: Campus) -> None:
    begun(campus)
    play = campus.play
    play.complete("lina", "prepare")
    was_due = record(campus).due_at
    (step,) = drawn(campus)
    play.cast.clock.advance(LATER)
    judged(campus, step, "failed", "照片不清楚")
    assert play.task("prepare").due_at == play.cast.clock.now() + timedelta(days=2)
    assert record(campus).due_at == was_due, "the matrix says late"


def test_what_follows_and_had_to_wait_for_it_is_due_its_span_from_then_on_too(campus: Campus) -> None:
    begun(campus)
    play = campus.play
    play.complete("lina", "prepare")
    was_due = record(campus, "welcome").due_at
    (step,) = drawn(campus)
    play.cast.clock.advance(LATER)
    judged(campus, step, "failed", "照片不清楚")
    play.complete("lina", "prepare")
    assert play.task("welcome").due_at == play.cast.clock.now() + timedelta(days=5)
    assert record(campus, "welcome").due_at == was_due


def test_in_a_ticket_of_its_own_it_is_due_its_span_from_then_on(campus: Campus) -> None:
    begun(campus, *SIDE_BY_SIDE)
    play = campus.play
    play.complete("lina", "prepare")
    was_due = record(campus).due_at
    (step,) = drawn(campus)
    play.cast.clock.advance(LATER)
    judged(campus, step, "failed", "照片不清楚")
    assert play.task("redo").due_at == play.cast.clock.now() + timedelta(days=2)
    assert record(campus).due_at == was_due


def test_a_step_returned_to_is_due_its_span_from_then_on(campus: Campus) -> None:
    begun(campus)
    play = campus.play
    play.complete("lina", "prepare")
    play.claim("lina", "welcome")
    play.cast.clock.advance(LATER)
    step_back(play.runtime, play.cast.lina, play.task("welcome").public_id, "照片不清楚")
    assert play.task("prepare").due_at == play.cast.clock.now() + timedelta(days=2)


def test_a_reopened_ticket_s_step_is_due_its_span_from_then_on(campus: Campus) -> None:
    begun(campus)
    play, number = campus.play, campus.play.ticket().number
    play.complete("lina", "prepare")
    play.complete("lina", "welcome")
    play.cast.clock.advance(timedelta(days=6))
    reopen(play.runtime, play.cast.lina, number, "少了签到")
    assert play.task("welcome", number).due_at == play.cast.clock.now() + timedelta(days=5)


def test_a_step_that_has_not_been_there_before_is_due_when_the_standard_says(campus: Campus) -> None:
    begun(campus)
    play = campus.play
    play.cast.clock.advance(LATER)
    play.complete("lina", "prepare")
    assert play.task("welcome").due_at == record(campus, "welcome").due_at < play.cast.clock.now()


@pytest.mark.parametrize("parts", [KICKOFF, SIDE_BY_SIDE])
def test_working_time_counts_anew_as_it_did(play: Play, parts: tuple[str, ...]) -> None:
    office = Office(OFFICE)
    campus = Campus(replace(play, cast=replace(play.cast, runtime=replace(play.runtime, calendars=lambda _id: office))))
    campus.define(*parts, calendar="office")
    campus.set_up()
    campus.add_class("C-0")
    campus.begin_due()
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    play.cast.clock.advance(LATER)
    judged(campus, step, "failed", "照片不清楚")
    now = play.cast.clock.now()
    task = campus.play.task("prepare" if parts is KICKOFF else "redo")
    assert task.due_at == parse_duration("P2D").after(now, ZoneInfo("Asia/Shanghai"), office)
    assert task.due_at != now + timedelta(days=2)
