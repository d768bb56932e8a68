"""What the pages read of events and special scopes: where the ticket stands, whose tasks they are, what was said."""

from __future__ import annotations

import pytest

from tests.engine.build import (
    ad_hoc,
    becomes,
    boundary,
    call,
    catch,
    chain,
    compensation,
    end,
    event_sub,
    message,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    undoing,
    undone_by,
)
from tests.tickets.play import Play, files, staff
from tickets.reading import TicketPage, ticket_page


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def page_of(play: Play, number: str, *, login: str = "lina", language: str = "en") -> TicketPage:
    with play.runtime.reading() as session:
        return ticket_page(session, play.cast.actor(login), number, play.cast.clock.now(), language=language)


def test_what_waits_beside_is_not_where_the_ticket_stands(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("arrived", "look", interrupting=False),
        boundary("late", "look", timer("after", "P1D"), interrupting=False),
        event_sub("recall", message(), staff("stop"), chain("recall_on", "stop")),
        event_sub("remind", timer("every", "R/P1D"), staff("chase"), chain("remind_on", "chase"), interrupting=False),
        end(),
        chain("begin", "look", "done"),
    )
    number = play.file("zhoulan")
    page = page_of(play, number)
    assert page.diagram is not None
    assert page.diagram.current == {"look"}
    assert page.current_task is not None
    assert (page.current_task.element, page.current_task.happens) == ("look", False)
    assert {task.element: (task.happens, task.beside) for task in page.tasks} == {
        "look": (False, False),
        "arrived": (True, True),
    }


def test_a_ticket_stands_at_a_signal_only_if_it_waits_for_nothing_else(play: Play) -> None:
    play.define(start(), catch("wait", signal()), end(), chain("begin", "wait", "done"), key="alone")
    play.define(
        start(), catch("wait", signal()), staff("look"), chain("begin", "wait"), chain("begin", "look"), key="beside"
    )
    alone, beside = (page_of(play, play.file("zhoulan", key)).diagram for key in ("alone", "beside"))
    assert alone is not None
    assert beside is not None
    assert alone.current == {"wait"}
    assert beside.current == {"look"}


def test_a_person_says_that_an_event_has_happened(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("arrived", "look", interrupting=False).replace('id="arrived"', 'id="arrived" name="Parts are here"'),
        staff("fit"),
        end(),
        chain("begin", "look", "done"),
        chain("arrived", "fit"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "arrived", number)
    assert sorted(play.open_tasks(number)) == ["arrived", "fit", "look"]
    said = [str(event.text) for event in page_of(play, number).events if event.kind == "completed"]
    assert said == ["李娜 said that “Parts are here” has happened"]


def test_an_event_s_task_is_in_the_inbox_by_its_name(play: Play) -> None:
    play.define(
        start(),
        catch("arrived").replace('id="arrived"', 'id="arrived" name="Parts are here"'),
        end(),
        chain("begin", "arrived", "done"),
        key="inbox",
    )
    number = play.file("zhoulan", "inbox")
    task = play.task("arrived", number)
    assert (task.name, page_of(play, number, login="chenxiao").tasks[0].happens) == ("Parts are here", True)


def test_a_step_that_was_undone_and_what_undid_it_are_on_the_way(play: Play) -> None:
    play.define(
        start(),
        staff("book"),
        undone_by("book", "unbook"),
        undoing(staff("unbook")),
        throw("undo", compensation()),
        end(),
        chain("begin", "book", "undo", "done"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "book", number)
    page = page_of(play, number)
    assert page.diagram is not None
    assert page.diagram.current == {"unbook"}
    play.complete("lina", "unbook", number)
    page = page_of(play, number)
    assert page.diagram is not None
    assert {"book", "unbook", "undo"} <= page.diagram.done
    assert page.ticket.status == "closed"


def test_an_ad_hoc_sub_process_asks_in_the_reader_s_words(play: Play) -> None:
    inner = ad_hoc("work", staff("call", name="Call them"), staff("visit", name="Visit them"))
    play.define(start(), inner, end(), chain("begin", "work", "done"))
    number = play.file("zhoulan")
    task = page_of(play, number).current_task
    assert task is not None
    assert (task.element, task.happens) == ("work", False)
    play.complete("lina", "work", number, next_activity="visit")
    page = page_of(play, number)
    assert page.diagram is not None
    assert page.diagram.current == {"work", "visit"}


def test_a_ticket_that_waits_for_a_condition_stands_there_though_no_table_says_so(play: Play) -> None:
    play.define(start(), catch("low", becomes("${stock == 'low'}")), end(), chain("begin", "low", "done"))
    page = page_of(play, play.file("zhoulan"))
    assert page.diagram is not None
    assert page.diagram.current == {"low"}


def test_a_ticket_whose_job_is_not_done_yet_stands_at_its_task(play: Play) -> None:
    play.define(start(), sub("inside", start("in"), service("call"), chain("in", "call")), chain("begin", "inside"))
    number = play.file("zhoulan")
    page = page_of(play, number)
    assert page.diagram is not None
    assert page.diagram.current == {"call"}
    play.settle()
    done = page_of(play, number).diagram
    assert done is not None
    assert done.current == frozenset()


def test_a_ticket_in_a_called_process_stands_at_what_calls_it_too(play: Play) -> None:
    inner = files(start(), staff("find"), end(), chain("begin", "find", "done"), key="cover")
    outer = files(start(), call("arrange", "cover"), end(), chain("begin", "arrange", "done"), key="leave")
    assert play.upload(inner | outer).report.accepted
    page = page_of(play, play.file("zhoulan", "leave"))
    assert page.diagram
    assert page.diagram.current == {"cover/find"}
    assert page.diagram.calling == {"arrange"}
