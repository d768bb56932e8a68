"""Reopening: in the process where it waits, at its last task where it has ended, or not at all."""

from __future__ import annotations

import pytest

from tests.engine.build import both, chain, end, start
from tests.tickets.life.errand import begun, do, status
from tests.tickets.play import Play, staff
from tickets.errors import Conflict, NotFound
from tickets.life.ending import close, withdraw
from tickets.life.reopening import reopen
from tickets.life.resolving import resolve


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_a_resolved_ticket_goes_on_where_its_process_waits(play: Play) -> None:
    number = begun(play)
    do(play, "lina", resolve, number, "好了")
    do(play, "zhoulan", reopen, number, "还是不行")
    ticket = play.ticket(number)
    assert (ticket.status, ticket.resolved_at) == ("in_progress", None)
    assert play.open_tasks(number) == ["look"]
    play.pass_time(days=9)
    assert status(play, number) == "in_progress"


def test_a_closed_ticket_goes_on_at_its_last_task_with_whoever_did_it(play: Play) -> None:
    row = (start(), staff("look"), staff("fix", to="support_lead"), end(), chain("begin", "look", "fix", "done"))
    play.define(*row)
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    play.complete("zhangwei", "fix", number)
    assert status(play, number) == "closed"
    do(play, "zhoulan", reopen, number, "还是不行")
    ticket, task = play.ticket(number), play.task("fix", number)
    assert (ticket.status, ticket.closed_at, ticket.owner_id) == ("in_progress", None, play.cast.people["lina"])
    assert task.assignee_id == play.cast.people["zhangwei"]
    assert play.instance(number).status == "active"
    assert play.told(number)[-1] == "reopened+"
    play.complete("zhangwei", "fix", number)
    assert status(play, number) == "closed"
    assert play.instance(number).status == "completed"


def test_one_closed_in_between_goes_on_at_the_task_that_was_open_then(play: Play) -> None:
    number = begun(play)
    do(play, "lina", close, number, "不用了")
    do(play, "lina", reopen, number, "还是要")
    assert play.open_tasks(number) == ["look"]
    assert play.task("look", number).assignee_id == play.cast.people["lina"]


def test_it_can_be_closed_and_reopened_again_and_again(play: Play) -> None:
    number = begun(play)
    for _ in range(3):
        do(play, "lina", close, number, "不用了")
        do(play, "lina", reopen, number, "还是要")
    play.complete("lina", "look", number)
    play.complete("lina", "fix", number)
    assert status(play, number) == "closed"


def test_it_is_not_reopened_after_its_time(play: Play) -> None:
    number = begun(play, reopen__within="P1D")
    do(play, "lina", close, number, "不用了")
    play.pass_time(days=2)
    with pytest.raises(Conflict, match="too long ago"):
        do(play, "zhoulan", reopen, number, "还是要")


def test_who_reopens(play: Play) -> None:
    number = begun(play)
    with pytest.raises(Conflict):
        do(play, "zhoulan", reopen, number, "还是要")
    do(play, "lina", close, number, "不用了")
    with pytest.raises(NotFound):
        do(play, "sunyue", reopen, number, "还是要")


def test_a_withdrawn_one_is_not_reopened(play: Play) -> None:
    number = begun(play)
    do(play, "zhoulan", withdraw, number, "不用了")
    with pytest.raises(Conflict, match="withdrawn"):
        do(play, "zhoulan", reopen, number, "还是要")


def test_one_with_only_parallel_steps_is_not_reopened_and_says_why(play: Play) -> None:
    gates = (both("split"), both("join"))
    flows = (chain("begin", "split", "a", "join", "done"), chain("split", "b", "join"))
    play.define(start(), *gates, staff("a"), staff("b"), end(), *flows)
    number = play.file("zhoulan")
    play.complete("lina", "a", number)
    play.complete("lina", "b", number)
    assert status(play, number) == "closed"
    with pytest.raises(Conflict, match="File a new ticket"):
        do(play, "zhoulan", reopen, number, "还是要")
    assert status(play, number) == "closed"
