"""Resolving, confirming, closing, withdrawing: who may, what becomes of the process, and closing by itself."""

from __future__ import annotations

import pytest

from engine.models import MessageSubscription, StepInput, Timer
from tests.engine.build import boundary, chain, end, receive, script, service, settings, start, timer
from tests.tickets.life.errand import begun, do, filed, status
from tests.tickets.play import Play, staff
from tickets import tasks
from tickets.errors import Conflict, Forbidden, InstanceStuck, NotFound, NotOwner, TaskClosed
from tickets.life.ending import close, confirm, withdraw
from tickets.life.pausing import suspend
from tickets.life.resolving import resolve


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_the_owner_resolves_and_the_requester_confirms(play: Play) -> None:
    number = begun(play)
    do(play, "lina", resolve, number, "已换路由器")
    ticket = play.ticket(number)
    assert (ticket.status, ticket.resolved_at, ticket.first_reply_at) == ("resolved", *[play.cast.clock.now()] * 2)
    do(play, "zhoulan", confirm, number)
    assert status(play, number) == "closed"
    assert play.open_tasks(number) == []
    assert play.instance(number).status == "cancelled"
    assert play.told(number)[-2:] == ["resolved+", "confirmed+"]


def test_only_the_requester_confirms_and_only_once(play: Play) -> None:
    number = begun(play)
    do(play, "lina", resolve, number, "好了")
    with pytest.raises(Forbidden):
        do(play, "lina", confirm, number)
    do(play, "zhoulan", confirm, number)
    with pytest.raises(Conflict):
        do(play, "zhoulan", confirm, number)


def test_a_resolved_ticket_closes_by_itself(play: Play) -> None:
    number = begun(play, close__after="P2D")
    do(play, "lina", resolve, number, "好了")
    play.pass_time(days=1)
    assert status(play, number) == "resolved"
    play.pass_time(days=1)
    assert status(play, number) == "closed"
    assert play.events(number)[-1].actor_id is None


def test_a_ticket_that_goes_on_does_not_close_by_itself(play: Play) -> None:
    number = begun(play)
    do(play, "lina", resolve, number, "好了")
    play.complete("lina", "look", number)
    assert status(play, number) == "in_progress"
    play.pass_time(days=9)
    assert status(play, number) == "in_progress"


def test_a_status_that_the_process_sets_closes_by_itself_too(play: Play) -> None:
    confirming = staff("agree", settings(status="resolved"))
    number = resolved_by_process(play, confirming)
    assert status(play, number) == "resolved"
    play.pass_time(days=3)
    assert status(play, number) == "closed"


def test_a_process_with_a_timer_of_its_own_sees_to_closing_itself(play: Play) -> None:
    own = boundary("late", "agree", timer("after", "P9D"))
    number = resolved_by_process(
        play, staff("agree", settings(status="resolved")), own, end("over"), chain("late", "over")
    )
    play.pass_time(days=4)
    assert status(play, number) == "resolved"
    play.pass_time(days=5)
    assert status(play, number) == "closed"


def by_the_clock(play: Play, *parts: str) -> str:
    """A ticket that nobody filed, which lina looks at."""
    play.define(start(inner=timer("after", "PT1H")), staff("look"), *parts)
    known = play.tickets()
    play.pass_time(hours=1)
    (number,) = set(play.tickets()) - set(known)
    play.claim("lina", "look", number)
    return number


def test_what_nobody_filed_waits_for_nobody_s_confirmation(play: Play) -> None:
    number = by_the_clock(play, end(), chain("begin", "look", "done"))
    assert do(play, "lina", resolve, number, "已讲完")
    ticket = play.ticket(number)
    assert (ticket.status, ticket.resolved_at, ticket.closed_at) == ("closed", *[play.cast.clock.now()] * 2)
    assert ticket.first_reply_at is None, "nobody was replied to"
    assert (play.events(number)[-1].kind, play.events(number)[-1].params) == ("closed", {"why": "已讲完"})
    assert play.instance(number).status == "cancelled"


def test_a_process_does_not_ask_nobody_to_confirm(play: Play) -> None:
    confirming = staff("agree", settings(status="resolved"))
    number = by_the_clock(play, confirming, end(), chain("begin", "look", "agree", "done"))
    play.complete("lina", "look", number)
    assert (status(play, number), play.open_tasks(number)) == ("in_progress", ["agree"])


def test_only_the_owner_resolves_what_nobody_filed(play: Play) -> None:
    number = by_the_clock(play, end(), chain("begin", "look", "done"))
    with pytest.raises(NotOwner):
        do(play, "zhangwei", resolve, number, "已讲完")
    assert status(play, number) == "in_progress"


def resolved_by_process(play: Play, *parts: str) -> str:
    play.define(start(), staff("look"), *parts, end(), chain("begin", "look", "agree", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    return number


def test_closing_cancels_what_runs(play: Play) -> None:
    late = boundary("late", "look", timer("after", "PT1H"))
    parts = (start(), staff("look"), late, receive("hear"), end(), end("over"))
    play.define(*parts, chain("begin", "look", "hear", "done"), chain("late", "over"))
    number = play.file("zhoulan")
    play.claim("lina", "look", number)
    task = play.task("look", number)
    do(play, "lina", close, number, "重复了")
    instance = play.instance(number)
    assert (status(play, number), instance.status, instance.ended_at) == ("closed", "cancelled", play.cast.clock.now())
    assert play.count(Timer, Timer.instance_id == instance.id) == 0
    assert play.count(MessageSubscription, MessageSubscription.instance_id == instance.id) == 0
    assert play.count(StepInput, StepInput.instance_id == instance.id, StepInput.kind == "cancel") == 1
    assert play.visited(number)[-2:] == ["look", "late"] or "look" in play.visited(number)
    assert "done" not in play.visited(number)
    with pytest.raises(TaskClosed):
        tasks.complete(play.runtime, play.cast.lina, task.public_id, play.answer({}))


def test_the_answer_of_a_job_comes_too_late_for_a_closed_ticket(play: Play) -> None:
    play.define(start(), staff("look"), service("send"), end(), chain("begin", "look", "send", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    do(play, "lina", close, number, "不用了")
    play.settle()
    assert status(play, number) == "closed"
    assert play.incidents(number) == []


def test_a_stopped_process_is_closed_and_its_incident_with_it(play: Play) -> None:
    play.define(start(), staff("look"), script("bad", "y = x"), end(), chain("begin", "look", "bad", "done"))
    number = play.file("zhoulan")
    play.claim("lina", "look", number)
    with pytest.raises(InstanceStuck):
        play.complete("lina", "look", number)
    do(play, "lina", close, number, "不用了")
    assert play.incidents(number) == []
    assert play.instance(number).status == "cancelled"


def test_who_closes(play: Play) -> None:
    number = begun(play)
    for login, refusal in (("zhoulan", Forbidden), ("huangyi", NotFound), ("wanglei", NotFound)):
        with pytest.raises(refusal):
            do(play, login, close, number, "不用了")
    do(play, "tangyan", close, number, "不用了")
    with pytest.raises(Conflict, match="closed"):
        do(play, "tangyan", close, number, "不用了")


def test_the_requester_withdraws_an_unclaimed_ticket(play: Play) -> None:
    number = filed(play)
    do(play, "zhoulan", withdraw, number, "自己修好了")
    ticket = play.ticket(number)
    assert (ticket.status, ticket.closed_at) == ("withdrawn", play.cast.clock.now())
    assert play.open_tasks(number) == []
    assert play.told(number)[-1] == "withdrawn+"


def test_a_suspended_ticket_can_be_withdrawn_and_does_not_resume(play: Play) -> None:
    number = begun(play)
    do(play, "lina", suspend, number, "等", play.cast.clock.now().replace(year=2027))
    do(play, "zhoulan", withdraw, number, "自己修好了")
    assert play.ticket(number).suspended_until is None
    play.pass_time(days=300)
    assert status(play, number) == "withdrawn"


def test_nobody_else_withdraws_and_not_what_is_resolved(play: Play) -> None:
    number = begun(play)
    with pytest.raises(Forbidden):
        do(play, "lina", withdraw, number, "不用了")
    with pytest.raises(NotFound):
        do(play, "sunyue", withdraw, number, "不用了")
    do(play, "lina", resolve, number, "好了")
    with pytest.raises(Conflict):
        do(play, "zhoulan", withdraw, number, "不用了")


def test_only_the_owner_resolves(play: Play) -> None:
    number = begun(play)
    with pytest.raises(NotOwner):
        do(play, "zhangwei", resolve, number, "好了")
