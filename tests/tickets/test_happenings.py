"""What happens inside a step by itself and matters to people has a line of its own in the timeline."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.build import (
    ad_hoc,
    becomes,
    boundary,
    chain,
    compensation,
    element,
    end,
    error,
    escalation,
    event_sub,
    flow,
    script,
    signal,
    start,
    sub,
    throw,
    undoing,
    undone_by,
)
from tests.tickets.play import Play, staff, text
from tickets.happenings import MOST
from tickets.reading import ticket_page


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def lines(play: Play, number: str, *kinds: str) -> list[str]:
    """What the timeline says of these kinds."""
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.chenxiao, number, play.cast.clock.now(), language="en")
    return [str(event.text) for event in page.events if event.kind in kinds]


def params(play: Play, number: str, kind: str) -> list[dict[str, Any]]:
    return [event.params for event in play.events(number) if event.kind == kind]


def test_an_error_that_is_caught_is_told_with_what_failed_and_what_comes_now(play: Play) -> None:
    inside = sub("packing", start("in"), staff("pack"), end("broken", error("e_bad")), chain("in", "pack", "broken"))
    play.define(
        start(),
        inside.replace("<subProcess", '<subProcess name="Packing"', 1),
        boundary("caught", "packing", error("e_bad")).replace("id=", 'name="Pack again" id=', 1),
        staff("again"),
        end(),
        chain("begin", "packing", "done"),
        chain("caught", "again"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "pack", number)
    assert lines(play, number, "error") == ["“Packing” failed, so it goes on with “Pack again”"]
    assert play.told(number) == ["filed+", "accepted+", "completed", "error", "status+"]


def test_an_error_that_nobody_catches_is_told_as_it_ends_the_process(play: Play) -> None:
    play.define(start(), staff("look"), end("broken", error("e_bad")), chain("begin", "look", "broken"))
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    assert lines(play, number, "error") == ["It failed and ended with the error “bad”"]
    assert play.told(number)[-2:] == ["error", "closed+"]


def test_an_error_caught_by_an_event_sub_process_names_its_start(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        end("broken", error("e_bad")),
        event_sub("mending", error("e_bad"), staff("mend"), chain("mending_on", "mend")),
        chain("begin", "look", "broken"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    assert play.open_tasks(number) == ["mend"]
    assert lines(play, number, "error") == ["It failed, so it goes on with “mending”"]


def test_an_escalation_is_told_where_it_is_caught(play: Play) -> None:
    inside = sub("asking", start("in"), throw("up", escalation("x_up")), staff("wait"), chain("in", "up", "wait"))
    play.define(
        start(),
        inside,
        boundary("higher", "asking", escalation("x_up"), interrupting=False),
        staff("decide"),
        chain("begin", "asking"),
        chain("higher", "decide"),
    )
    number = play.file("zhoulan")
    assert sorted(play.open_tasks(number)) == ["decide", "wait"]
    assert lines(play, number, "escalation") == ["“asking” was escalated: “higher”"]


def test_a_condition_that_comes_true_is_told(play: Play) -> None:
    play.define(
        start(),
        staff("look", name="Look around"),
        boundary("low", "look", becomes("${stock == 'low'}"), interrupting=False),
        staff("count", camunda__formRef="stock"),
        staff("order"),
        end(),
        chain("begin", "look", "done"),
        chain("begin", "count"),
        chain("low", "order"),
        forms={"stock": [text("stock")]},
    )
    number = play.file("zhoulan")
    play.complete("lina", "count", number, stock="low")
    assert lines(play, number, "condition") == ["“low” has come true during “Look around”"]
    assert sorted(play.open_tasks(number)) == ["look", "order"]


def test_what_was_undone_is_told_with_what_undid_it(play: Play) -> None:
    play.define(
        start(),
        staff("book", name="Book the room"),
        undone_by("book", "unbook"),
        undoing(staff("unbook", name="Cancel the room")),
        staff("decide"),
        throw("undo", compensation()),
        staff("rest"),
        chain("begin", "book", "decide", "undo", "rest"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "book", number)
    play.complete("lina", "decide", number)
    assert play.open_tasks(number) == ["unbook"]
    play.complete("lina", "unbook", number)
    assert lines(play, number, "undone") == ["“Book the room” was undone by “Cancel the room”"]
    assert play.told(number)[-3:] == ["completed", "undone", "status+"] or play.told(number)[-2:] == [
        "completed",
        "undone",
    ]
    assert play.open_tasks(number) == ["rest"]


def test_a_signal_of_its_own_is_told_where_it_is_heard(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("heard", "look", signal(), interrupting=False),
        staff("call"),
        throw("shout", signal()),
        staff("more"),
        end(),
        chain("begin", "look"),
        chain("begin", "call", "shout", "done"),
        chain("heard", "more"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "call", number)
    assert lines(play, number, "signal") == ["The signal “go” was heard"]


def test_what_was_chosen_in_an_ad_hoc_sub_process_is_told(play: Play) -> None:
    inner = ad_hoc("work", staff("call", name="Call them"), staff("visit"))
    play.define(start(), inner, end(), chain("begin", "work", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "work", number, next_activity="call")
    assert [event["begun"] for event in params(play, number, "completed")] == ["Call them"]
    assert lines(play, number, "completed")[0].endswith("began “Call them” in “work”")
    play.complete("lina", "call", number)
    play.complete("lina", "work", number, next_activity=".finish")
    assert play.ticket(number).status == "closed"


def test_what_nobody_needs_to_do_since_an_ad_hoc_sub_process_was_finished_is_told(play: Play) -> None:
    inner = ad_hoc("work", staff("call", name="Call them"), staff("visit"))
    play.define(start(), inner, staff("report"), end(), chain("begin", "work", "report", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "work", number, next_activity="call")
    play.complete("lina", "work", number, next_activity=".finish")
    assert play.open_tasks(number) == ["report"]
    assert lines(play, number, "completed")[1].endswith("finished “work”; nobody needs to do any more: Call them")


def test_what_to_do_next_is_asked_of_those_who_do_it(play: Play) -> None:
    inner = ad_hoc("work", staff("call", to="developer"), staff("visit", camunda__assignee="${requester}", to=""))
    play.define(start(), inner, end(), chain("begin", "work", "done"))
    number = play.file("zhoulan")
    task = play.task("work", number)
    assert task.assignee_id is None
    assert task.queue_key is not None
    assert task.widely_offered


def test_a_process_that_turns_in_circles_tells_only_so_much(play: Play) -> None:
    turns = sub("turn", start("in"), end("broken", error("e_bad")), chain("in", "broken"))
    play.define(
        start(),
        element("exclusiveGateway", "again"),
        turns,
        boundary("caught", "turn", error()),
        script("count", "n = n + 1"),
        script("begin_count", "n = 0"),
        element("exclusiveGateway", "enough", default="more"),
        staff("look"),
        chain("begin", "begin_count", "again", "turn"),
        chain("caught", "count", "enough"),
        flow("enough", "look", "${n >= 30}"),
        flow("enough", "again", ident="more"),
    )
    number = play.file("zhoulan")
    assert play.open_tasks(number) == ["look"]
    assert len(params(play, number, "error")) == MOST
