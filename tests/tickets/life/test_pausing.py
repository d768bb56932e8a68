"""Suspending and resuming: who may, until when, and who wakes a suspended ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.build import boundary, chain, end, start, timer
from tests.tickets.life.errand import begun, do, filed, status
from tests.tickets.play import Play, staff
from tickets.conversation import ask
from tickets.errors import Conflict, Forbidden, Invalid, NotFound, NotOwner
from tickets.life.pausing import resume, suspend


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_the_owner_suspends_with_a_reason_and_the_requester_sees_it(play: Play) -> None:
    number = begun(play)
    do(play, "lina", suspend, number, "等  供应商\n回复")
    assert status(play, number) == "suspended"
    event = play.events(number)[-1]
    assert (event.kind, event.public, event.params) == ("suspended", True, {"why": "等 供应商 回复"})


def test_a_suspended_ticket_resumes_by_itself(play: Play) -> None:
    number, until = begun(play), play.cast.clock.now() + timedelta(hours=2)
    do(play, "lina", suspend, number, "等回复", until)
    assert play.ticket(number).suspended_until == until
    play.pass_time(hours=1)
    assert status(play, number) == "suspended"
    play.pass_time(hours=1)
    assert status(play, number) == "in_progress"
    assert play.ticket(number).suspended_until is None
    assert play.told(number)[-1] == "resumed+"
    assert play.events(number)[-1].actor_id is None


def test_one_resumed_by_hand_does_not_resume_again(play: Play) -> None:
    number = begun(play)
    do(play, "lina", suspend, number, "等回复", play.cast.clock.now() + timedelta(hours=2))
    do(play, "lina", resume, number)
    play.pass_time(hours=3)
    assert play.told(number).count("resumed+") == 1


def test_resuming_twice_is_refused_in_words(play: Play) -> None:
    number = begun(play)
    do(play, "lina", suspend, number, "等回复")
    do(play, "lina", resume, number)
    with pytest.raises(Conflict, match="In progress"):
        do(play, "lina", resume, number)


def test_a_ticket_that_waits_for_its_requester_can_be_resumed_too(play: Play) -> None:
    number = begun(play)
    do(play, "lina", ask, number, "哪个班？")
    do(play, "lina", resume, number)
    assert status(play, number) == "in_progress"


def test_a_dispatcher_suspends_too_but_nobody_else(play: Play) -> None:
    number = begun(play)
    for login, refusal in (("zhoulan", Forbidden), ("liutao", NotFound), ("huangyi", NotFound)):
        with pytest.raises(refusal):
            do(play, login, suspend, number, "等回复")
    do(play, "zhangwei", suspend, number, "等回复")
    with pytest.raises(NotFound):
        do(play, "wanglei", resume, number)


def test_one_that_nobody_works_on_is_not_suspended(play: Play) -> None:
    number = filed(play)
    with pytest.raises(NotOwner):
        do(play, "lina", suspend, number, "等回复")
    with pytest.raises(Conflict):
        do(play, "zhangwei", suspend, number, "等回复")


@pytest.mark.parametrize(("why", "words"), [("  ", "empty"), ("x" * 2001, "2001"), ("a\u202eb", "not text")])
def test_a_reason_must_be_given_and_be_text(play: Play, why: str, words: str) -> None:
    number = begun(play)
    with pytest.raises(Invalid, match=words):
        do(play, "lina", suspend, number, why)


@pytest.mark.parametrize("days", [0, -1, 400])
def test_the_moment_to_resume_must_lie_ahead_and_within_a_year(play: Play, days: int) -> None:
    number = begun(play)
    with pytest.raises(Invalid, match="moment"):
        do(play, "lina", suspend, number, "等回复", play.cast.clock.now() + timedelta(days=days))


def test_who_completes_a_task_resumes_it_and_a_timer_does_not(play: Play) -> None:
    late = boundary("late", "look", timer("after", "PT1H"), interrupting=False)
    parts = (start(), staff("look"), late, staff("chase"), staff("fix"), end(), end("over"))
    play.define(*parts, chain("begin", "look", "fix", "done"), chain("late", "chase", "over"))
    number = play.file("zhoulan")
    play.claim("lina", "look", number)
    do(play, "lina", suspend, number, "等回复")
    assert play.pass_time(hours=1) == 1
    assert status(play, number) == "suspended"
    play.complete("lina", "look", number)
    assert status(play, number) == "in_progress"
