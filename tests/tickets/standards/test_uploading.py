"""What an upload is told of its standards: each property that can't be read is refused by a line that says why."""

from __future__ import annotations

from typing import Any

import pytest

from engine.definitions import read_bundle
from tests.engine import build
from tests.tickets.play import Play, files, staff
from tests.tickets.standards.campus import KICKOFF, step
from tickets.standards.said import steps_said


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def codes(play: Play, *parts: str, **settings: str) -> list[str]:
    """The codes of what an upload is told, notes left out."""
    said: dict[str, Any] = {name: text for name, text in {"standard": "class", **settings}.items() if text}
    made = play.upload(files(*parts, key="told", **said))
    return [problem.code for problem in made.report.problems if problem.level != "note"]


def one(task: str) -> tuple[str, ...]:
    return (build.start(), task, build.end(), build.chain("begin", "prepare", "done"))


@pytest.mark.parametrize(
    "start", ["created", "date start_date -P7D", "date stages", "cycle 0 9 * * MON", "cycle R/P1M"]
)
def test_what_starts_a_standard_is_understood(play: Play, start: str) -> None:
    assert codes(play, *KICKOFF, **{"standard.start": start}) == []


@pytest.mark.parametrize(
    "start",
    ["sometimes", "created now", "date", "date start_date soon", "date start_date PT5H", "cycle", "cycle * * * * *"],
)
def test_what_starts_a_standard_and_can_t_be_read_is_refused(play: Play, start: str) -> None:
    assert codes(play, *KICKOFF, **{"standard.start": start}) == ["standard-start"]


def test_a_standard_is_for_a_kind_of_subject(play: Play) -> None:
    assert codes(play, *KICKOFF, standard="teacher") == ["standard-kind"]


def test_a_standard_needs_a_start_of_its_own_and_a_step(play: Play) -> None:
    message = build.start(inner=build.message("m_order"))
    assert "standard-begin" in codes(play, message, *KICKOFF[1:])
    assert codes(play, *one(staff("prepare"))) == ["standard-steps"]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"deadline": "soon"}, "standard-deadline"),
        ({"deadline": "-P1D"}, "standard-deadline"),
        ({"mandatory": "perhaps"}, "standard-mandatory"),
    ],
)
def test_a_step_s_properties_are_read(play: Play, properties: dict[str, str], code: str) -> None:
    assert codes(play, *one(step("prepare", **properties))) == [code]


def test_a_step_s_key_is_a_slug(play: Play) -> None:
    assert codes(play, *one(step("prepare", "准备"))) == ["standard-key"]
    assert codes(play, *one(step("prepare", "first_meeting-2"))) == []


def test_what_says_something_of_no_standard_is_warned_of(play: Play) -> None:
    idle = staff("prepare", build.settings(deadline="P1D"))
    assert codes(play, *one(idle), standard="") == ["standard-idle"]
    assert codes(play, *one(step("prepare")), standard="", **{"standard.start": "created"}) == ["standard-none"]


def test_two_tasks_of_a_step_have_one_deadline(play: Play) -> None:
    parts = (
        build.start(),
        step("prepare", "same", deadline="P1D"),
        step("again", "same", deadline="P2D"),
        build.end(),
        build.chain("begin", "prepare", "again", "done"),
    )
    assert codes(play, *parts) == ["standard-deadlines"]


def test_steps_stand_in_the_order_of_the_flow_with_those_that_are_called() -> None:
    """Whatever the order in the file; a branch's steps stand where it parts, an escalation's after what follows."""
    inner = build.whole(
        build.start("b"), step("inside"), build.end("d"), build.chain("b", "inside", "d"), process="sub"
    )
    stage = build.sub("stage", build.start("in"), step("within"), build.end("out"), build.chain("in", "within", "out"))
    outer = build.whole(
        step("last"),
        step("first"),
        build.call("call", "sub"),
        stage,
        build.end(),
        build.start(),
        build.chain("begin", "first", "call", "stage", "last", "done"),
        process="whole",
    )
    bundle = read_bundle({"a.bpmn": build.document(inner, outer)}, lambda _process: None)
    assert bundle.report.accepted, bundle.report.problems
    compiled = next(each for _, each in bundle.definitions if each.process.id == "whole")
    assert [said.key for said in steps_said(compiled)] == ["first", "inside", "within", "last"]
