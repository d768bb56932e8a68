"""What would not end, or grow without end, is a failed step: an incident, a clear answer, and nobody else feels it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine import instances
from engine.spiff import workflow
from tests.engine.build import catch, chain, end, flow, message, script, signal, start, timer, times, xor
from tests.tickets.play import Play, staff
from tickets import incidents, messages, signals
from tickets.errors import InstanceStuck, Invalid

LOOP = (xor("again"), script("work", "n = 1"), xor("out", "back"))
ROUND = (chain("again", "work", "out"), flow("out", "done", "n > 1"), flow("out", "again", ident="back"))
BOMBS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "steps": ((*LOOP, *ROUND), "again", "without end"),
    "tasks": (
        (script("count", "many = 90"), staff("b", times("many")), chain("count", "b", "done")),
        "count",
        "at once",
    ),
    "data": ((script("grow", "x = 'x' * 90_000"), staff("b"), chain("grow", "b", "done")), "grow", "larger than"),
}
"""What comes, the first of it, and what is said of it."""
WAITS = {
    "person": staff("wait"),
    "timer": catch("wait", timer("after", "PT1H")),
    "message": catch("wait", message()),
    "signal": catch("wait", signal()),
}
KINDS = {"person": "complete", "timer": "timer", "message": "message", "signal": "signal"}


@pytest.fixture
def play(lasting_play: Play, monkeypatch: pytest.MonkeyPatch) -> Play:
    """With small budgets: it is the same as with large ones, and quicker."""
    monkeypatch.setattr(workflow, "MAX_MOVES", 60)
    monkeypatch.setattr(workflow, "MAX_TOKENS", 80)
    monkeypatch.setattr(instances, "MAX_STATE", 60_000)
    return lasting_play


def move(play: Play, how: str, number: str) -> None:
    """What the ticket waits for comes."""
    match how:
        case "person":
            with pytest.raises(InstanceStuck):
                play.complete("lina", "wait", number)
        case "timer":
            play.pass_time(hours=1, minutes=1)
        case "message":
            messages.send(play.runtime, play.cast.admin, name="order", key=number, payload={})
        case "signal":
            signals.send(play.runtime, play.cast.admin, name="go", payload={})
    play.settle()


@pytest.mark.parametrize("how", WAITS)
@pytest.mark.parametrize("what", BOMBS)
def test_over_its_budget_a_step_is_an_incident_and_nothing_of_it_is_kept(play: Play, what: str, how: str) -> None:
    parts, first, said = BOMBS[what]
    key = f"over_{what}_{how}"
    play.define(start(), WAITS[how], *parts, end(), chain("begin", "wait", first), key=key)
    number = play.file("zhoulan", key)
    before = (play.ticket(number).data, play.visited(number), play.open_tasks(number))
    move(play, how, number)
    (incident,) = play.incidents(number)
    assert said in str(incident.reason)
    assert (play.ticket(number).data, play.visited(number), play.open_tasks(number)) == before


@pytest.mark.parametrize("how", WAITS)
def test_over_its_time_it_is_an_incident_that_can_be_tried_again(
    play: Play, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"slow_{how}"
    parts = (script("sum", "n = sum([x for x in [1, 2, 3]])"), staff("look"), end())
    play.define(start(), WAITS[how], *parts, chain("begin", "wait", "sum", "look", "done"), key=key)
    number = play.file("zhoulan", key)
    with monkeypatch.context() as hurried:
        hurried.setattr(workflow, "MAX_SECONDS", -1.0)
        move(play, how, number)
    (incident,) = play.incidents(number)
    assert (incident.element, incident.kind) == ("sum", KINDS[how])
    incidents.retry(play.runtime, play.cast.admin, incident.public_id)
    assert play.open_tasks(number) == ["look"]
    assert play.incidents(number) == []


@pytest.mark.parametrize("what", BOMBS)
def test_a_type_that_goes_over_its_budget_at_once_is_not_filed(play: Play, what: str) -> None:
    parts, first, _ = BOMBS[what]
    key = f"at_once_{what}"
    play.define(start(), *parts, end(), chain("begin", first), key=key)
    before = play.tickets()
    with pytest.raises(Invalid, match="can't start"):
        play.file("zhoulan", key)
    assert play.tickets() == before


def test_the_person_is_told_and_others_go_on(play: Play) -> None:
    parts, first, _ = BOMBS["steps"]
    play.define(start(), staff("wait"), *parts, end(), chain("begin", "wait", first), key="endless")
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"), key="beside")
    endless, beside = play.file("zhoulan", "endless"), play.file("zhoulan", "beside")
    with pytest.raises(InstanceStuck, match="Your answer is kept"):
        play.complete("lina", "wait", endless)
    assert play.open_tasks(endless) == ["wait"]
    play.complete("lina", "look", beside)
    assert play.ticket(beside).status == "closed"


def test_of_many_due_at_once_only_the_endless_one_is_held_up(play: Play) -> None:
    parts, first, _ = BOMBS["steps"]
    waits = catch("wait", timer("after", "PT1H"))
    play.define(start(), waits, *parts, end(), chain("begin", "wait", first), key="endless_timer")
    play.define(start(), waits, staff("look"), end(), chain("begin", "wait", "look", "done"), key="timer_beside")
    endless = play.file("zhoulan", "endless_timer")
    others = [play.file("zhoulan", "timer_beside") for _ in range(4)]
    play.pass_time(hours=1, minutes=1)
    assert [play.open_tasks(number) for number in others] == [["look"]] * 4
    assert len(play.incidents(endless)) == 1
    play.pass_time(minutes=30)
    assert len(play.incidents(endless)) == 1
