"""The tick: what is due fires once, however many look, however late; what it brings and how it is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.models import ElementVisit, StepInput, Timer
from tests.engine.build import boundary, catch, chain, end, flow, start, sub, terminate, timer
from tests.tickets.play import Play, staff
from tickets import timers


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_a_timer_fires_when_it_is_due_and_once(play: Play) -> None:
    play.define(start(), catch("wait", timer("after", "PT2H")), staff("look"), end(), chain("begin", "wait", "look"))
    number = play.file("zhoulan")
    assert play.pass_time(hours=1, minutes=59) == 0
    assert play.open_tasks(number) == []
    assert play.pass_time(minutes=1) == 1
    assert (play.open_tasks(number), play.timers(number)) == (["look"], [])
    assert play.pass_time(days=9) == 0
    assert play.visited(number) == ["begin", "wait"]
    assert play.told(number) == ["filed+", "timer", "status+"]
    assert play.events(number)[1].params == {"timer": "wait", "timer_names": {}}


def test_a_service_level_timer_beside_a_task_opens_another_and_leaves_it(play: Play) -> None:
    play.define(
        start(),
        staff("look", name="Look"),
        boundary("late", "look", timer("after", "PT30M"), interrupting=False).replace("id=", 'name="30 min" id=', 1),
        staff("chase", to="support_lead"),
        end(),
        chain("begin", "look", "done"),
        chain("late", "chase"),
    )
    number = play.file("zhoulan")
    play.pass_time(minutes=30)
    assert sorted(play.open_tasks(number)) == ["chase", "look"]
    assert (play.ticket(number).status, play.told(number)) == ("offered", ["filed+", "timer"])
    event = play.events(number)[1]
    assert (event.params["timer"], event.params["task"], event.actor_id) == ("30 min", "Look", None)
    play.complete("lina", "look", number)
    play.complete("zhangwei", "chase", number)
    assert play.ticket(number).status == "closed"


def test_a_task_done_in_time_takes_its_timer_along(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("late", "look", timer("after", "PT30M")),
        staff("more"),
        end(),
        chain("begin", "look", "more", "done"),
        flow("late", "done"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    assert play.timers(number) == []
    play.pass_time(days=1)
    assert play.open_tasks(number) == ["more"]


def test_an_interrupting_timer_takes_the_task_back_and_may_close_the_ticket(play: Play) -> None:
    play.define(
        start(),
        staff("confirm", camunda__assignee="${requester}"),
        boundary("silence", "confirm", timer("after", "P3D")),
        end("auto", terminate()),
        end(),
        chain("begin", "confirm", "done"),
        flow("silence", "auto"),
    )
    number = play.file("zhoulan")
    task = play.task("confirm", number)
    play.pass_time(days=3)
    now = play.cast.clock.now()
    with play.runtime.reading() as session:
        closed = session.get_one(type(task), task.id)
    assert (closed.status, closed.closed_at, closed.closed_by_id) == ("cancelled", now, None)
    ticket = play.ticket(number)
    assert (ticket.status, ticket.closed_at, ticket.resolved_at) == ("closed", now, now)
    assert play.told(number) == ["filed+", "timer", "closed+"]
    assert play.events(number)[-1].actor_id is None
    assert play.instance(number).status == "completed"


def test_the_event_that_fired_is_told_and_not_one_that_it_took_along(play: Play) -> None:
    inner = sub("inside", catch("inner", timer("after", "P9D")), staff("never"), chain("inner", "never"))
    play.define(
        start(),
        inner,
        boundary("enough", "inside", timer("after", "P1D")),
        staff("look"),
        end(),
        chain("begin", "inside", "done"),
        chain("enough", "look", "done"),
    )
    number = play.file("zhoulan")
    play.pass_time(days=1)
    assert [e.params["timer"] for e in play.events(number) if e.kind == "timer"] == ["enough"]


def test_a_cycle_turns_once_after_a_long_rest_and_goes_on_from_there(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("remind", "look", timer("every", "R/PT1H"), interrupting=False),
        staff("chase"),
        end(),
        chain("begin", "look", "done"),
        chain("remind", "chase"),
    )
    number = play.file("zhoulan")
    assert play.pass_time(hours=1) == 1
    assert play.pass_time(hours=20) == 1
    assert play.open_tasks(number).count("chase") == 2
    assert play.pass_time(minutes=59) == 0
    assert play.pass_time(minutes=1) == 1
    play.complete("lina", "look", number)
    assert play.timers(number) == []


def test_a_cycle_of_two_turns_turns_twice(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("remind", "look", timer("every", "R2/PT1H"), interrupting=False),
        end(),
        chain("begin", "look", "done"),
        flow("remind", "done"),
    )
    number = play.file("zhoulan")
    assert [play.pass_time(hours=1) for _ in range(4)] == [1, 1, 0, 0]
    assert play.visited(number).count("remind") == 2


def test_a_date_is_local_to_the_ticket_s_place(play: Play) -> None:
    play.cast.clock.advance(timedelta(0))
    play.define(
        start(),
        catch("wait", timer("on", "${days_after(today(), 1)}")),
        staff("look"),
        end(),
        chain("begin", "wait", "look"),
    )
    play.file("zhoulan")
    with play.runtime.reading() as session:
        due = session.scalars(sa.select(Timer.due_at).order_by(Timer.id.desc())).first()
    assert due is not None
    assert (due.hour, due.minute) == (1, 0), "nine in the morning in Shenzhen"


def test_many_ticks_at_once_fire_each_timer_once(play: Play) -> None:
    play.define(start(), catch("wait", timer("after", "PT2H")), staff("look"), end(), chain("begin", "wait", "look"))
    numbers = [play.file("zhoulan") for _ in range(6)]
    play.cast.clock.advance(timedelta(hours=2))
    with ThreadPoolExecutor(4) as pool:
        fired = list(pool.map(lambda _: timers.tick(play.runtime), range(4)))
    while timers.tick(play.runtime):
        pass
    assert sum(fired) <= len(numbers)
    for number in numbers:
        instance_id = play.instance(number).id
        assert play.open_tasks(number) == ["look"]
        assert play.count(ElementVisit, ElementVisit.instance_id == instance_id, ElementVisit.element == "wait") == 1
        assert play.count(StepInput, StepInput.instance_id == instance_id) == 2


def test_a_process_that_ends_while_its_timer_is_set_leaves_none(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("late", "look", timer("after", "PT1H"), interrupting=False),
        catch("wait", timer("after", "P9D")),
        end(),
        end("over", terminate()),
        chain("begin", "look", "over"),
        chain("late", "wait", "done"),
    )
    number = play.file("zhoulan")
    play.pass_time(hours=1)
    assert play.timers(number) == ["wait"]
    play.complete("lina", "look", number)
    assert (play.timers(number), play.ticket(number).status) == ([], "closed")
