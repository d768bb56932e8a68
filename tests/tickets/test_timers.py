"""The tick: what is due fires once, however many look, however late; what it brings and how it is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.models import ElementVisit, StepInput, Timer
from tests.engine.build import both, boundary, catch, chain, end, flow, script, start, sub, terminate, timer
from tests.tickets.play import Play, staff
from tests.tickets.statements import counted
from tickets import timers
from tickets.family.parents import set_parent
from tickets.recount.walk import differences


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


def test_timers_due_together_are_written_together(play: Play) -> None:
    play.define(start(), catch("wait", timer("after", "PT2H")), staff("look"), end(), chain("begin", "wait", "look"))
    numbers = [play.file("zhoulan") for _ in range(8)]
    play.cast.clock.advance(timedelta(hours=2))
    with counted(play.runtime.database) as statements:
        assert timers.tick(play.runtime) == len(numbers)
    for table in ("process_instance SET", "ticket SET", "INTO step_input", "INTO timeline_event", "FROM timer WHERE"):
        assert len([one for one in statements if f"{table} " in one.text.replace("(", " ")]) <= 2, table
    for number in numbers:
        assert (play.open_tasks(number), play.timers(number)) == (["look"], [])
        assert play.told(number) == ["filed+", "timer", "status+"]
    assert not list(differences(play.runtime, after=play.ticket(numbers[0]).id - 1))


@pytest.mark.parametrize(
    "bad",
    [script("bad", "x = 1 / 0"), staff("bad", camunda__assignee="${1 / 0}")],
    ids=["as it is planned", "as it is written"],
)
def test_one_that_cannot_go_on_is_an_incident_and_holds_up_no_other_of_that_moment(play: Play, bad: str) -> None:
    wait = catch("wait", timer("after", "PT2H"))
    play.define(start(), wait, staff("look"), end(), chain("begin", "wait", "look"))
    play.define(start(), wait, bad, end(), chain("begin", "wait", "bad", "done"), key="broken")
    filed = [play.file("zhoulan", "broken" if place == 3 else "errand") for place in range(7)]
    broken = filed.pop(3)
    assert play.pass_time(hours=2) == 7
    assert [play.open_tasks(number) for number in filed] == [["look"]] * 6
    assert [incident.element for incident in play.incidents(broken)] == ["bad"]
    assert (play.instance(broken).status, play.instance(broken).revision) == ("incident", 1)
    assert play.told(filed[-1]) == ["filed+", "timer", "status+"]
    assert play.told(broken) == ["filed+", "incident"]


def test_two_timers_of_one_ticket_fire_at_one_moment_among_others(play: Play) -> None:
    play.define(
        start(),
        both("apart"),
        catch("one", timer("after", "PT2H")),
        catch("other", timer("after", "PT2H")),
        both("together"),
        end(),
        chain("begin", "apart", "one", "together", "done"),
        chain("apart", "other", "together"),
    )
    numbers = [play.file("zhoulan") for _ in range(3)]
    assert play.pass_time(hours=2) == 6
    for number in numbers:
        assert (play.ticket(number).status, play.instance(number).revision) == ("closed", 3)
        assert play.told(number) == ["filed+", "timer", "timer", "closed+"]


def test_a_ticket_and_the_one_above_it_end_at_one_moment(play: Play) -> None:
    play.define(start(), catch("wait", timer("after", "PT2H")), end(), chain("begin", "wait", "done"))
    above, below, other = (play.file("zhoulan") for _ in range(3))
    set_parent(play.runtime, play.cast.actor("zhangwei"), below, above)
    play.pass_time(hours=2)
    play.settle()
    assert [play.ticket(number).status for number in (above, below, other)] == ["closed"] * 3


def test_the_next_timer_is_known_while_it_is_not_due_and_soon(play: Play) -> None:
    play.define(start(), catch("wait", timer("after", "PT2H")), end(), chain("begin", "wait", "done"))
    play.pass_time(days=99)
    play.file("zhoulan")
    due = play.cast.clock.now() + timedelta(hours=2)
    assert timers.next_due(play.runtime, within=timedelta(hours=1)) is None
    assert timers.next_due(play.runtime, within=timedelta(hours=2)) == due
    play.cast.clock.advance(timedelta(hours=2))
    assert timers.next_due(play.runtime, within=timedelta(hours=2)) is None
