"""Returning to an earlier step: by whom, to which, and what then waits for whom."""

from __future__ import annotations

from typing import Any

import pytest

from engine.models import TaskStatus
from tests.engine.build import both, chain, end, start
from tests.tickets.life.errand import begun, filed
from tests.tickets.play import Play, staff
from tickets.errors import Conflict, Forbidden, Invalid, NotFound, TaskClosed
from tickets.life.returning import earlier_tasks, step_back
from tickets.tasks import task_form


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def back(play: Play, login: str, at: str, number: str, why: str = "信息不全", **given: Any) -> str:
    return step_back(play.runtime, play.cast.actor(login), play.task(at, number).public_id, why, **given)


def test_a_task_goes_back_to_whoever_did_the_one_before(play: Play) -> None:
    number = begun(play)
    play.complete("lina", "look", number)
    play.claim("lina", "fix", number)
    assert back(play, "lina", "fix", number) == number
    assert play.open_tasks(number) == ["look"]
    assert play.task("look", number).assignee_id == play.cast.people["lina"]
    assert play.task("fix", number, status=TaskStatus.CANCELLED).closed_by_id is None
    event = play.events(number)[-1]
    assert (event.kind, event.public, event.params["why"]) == ("stepped_back", False, "信息不全")
    play.complete("lina", "look", number)
    play.complete("lina", "fix", number)
    assert play.ticket(number).status == "closed"


def test_what_was_answered_there_is_the_draft_to_correct(play: Play) -> None:
    asked = [{"type": "textfield", "key": "finding", "label": "Finding"}]
    look = staff("look", camunda__formRef="look")
    order = chain("begin", "look", "fix", "done")
    play.define(start(), look, staff("fix"), end(), order, forms={"look": asked})
    number = play.file("zhoulan")
    play.complete("lina", "look", number, finding="灯泡坏了")
    back(play, "lina", "fix", number)
    with play.runtime.reading() as session:
        form = task_form(play.runtime, session, play.cast.lina, play.task("look", number).public_id)
    assert form.draft == {"finding": "灯泡坏了"}


def test_the_owner_returns_a_task_of_somebody_else(play: Play) -> None:
    play.define(start(), staff("look"), staff("fix", to="developer"), end(), chain("begin", "look", "fix", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    play.claim("wanglei", "fix", number)
    with pytest.raises(Forbidden):
        back(play, "zhangwei", "fix", number)
    with pytest.raises(NotFound):
        back(play, "huangyi", "fix", number)
    back(play, "lina", "fix", number)
    assert play.open_tasks(number) == ["look"]


def test_a_requester_does_not_see_a_task_that_is_not_for_them(play: Play) -> None:
    number = begun(play)
    with pytest.raises(NotFound):
        back(play, "zhoulan", "look", number)


def test_the_ways_back_are_those_that_were_done(play: Play) -> None:
    number = begun(play)
    lina = play.cast.lina
    with play.runtime.reading() as session:
        assert earlier_tasks(play.runtime, session, lina, play.task("look", number).public_id) == []
    play.complete("lina", "look", number)
    with play.runtime.reading() as session:
        found = earlier_tasks(play.runtime, session, lina, play.task("fix", number).public_id)
    assert [(way.element, way.by) for way in found] == [("look", "李娜")]


def test_the_first_step_has_none_before_it(play: Play) -> None:
    number = begun(play)
    with pytest.raises(Conflict, match="no earlier step"):
        back(play, "lina", "look", number)


def test_a_step_beside_others_is_not_returned(play: Play) -> None:
    gates = (both("split"), both("join"))
    flows = (chain("begin", "look", "split", "a", "join", "done"), chain("split", "b", "join"))
    play.define(start(), staff("look"), *gates, staff("a"), staff("b"), end(), *flows)
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    with pytest.raises(Conflict, match="at the same time"):
        back(play, "lina", "a", number)
    assert sorted(play.open_tasks(number)) == ["a", "b"]


def test_an_unknown_step_is_refused(play: Play) -> None:
    number = begun(play)
    play.complete("lina", "look", number)
    with pytest.raises(Conflict):
        back(play, "lina", "fix", number, element="nowhere")


def test_a_reason_must_be_given(play: Play) -> None:
    number = begun(play)
    with pytest.raises(Invalid):
        back(play, "lina", "look", number, " ")


def test_a_second_click_finds_the_task_closed(play: Play) -> None:
    number = begun(play)
    play.complete("lina", "look", number)
    task = play.task("fix", number)
    back(play, "lina", "fix", number)
    with pytest.raises(TaskClosed):
        step_back(play.runtime, play.cast.lina, task.public_id, "再来")


def test_one_without_owner_is_returned_by_its_assignee_only(play: Play) -> None:
    number = filed(play)
    with pytest.raises(Forbidden):
        back(play, "lina", "look", number)
