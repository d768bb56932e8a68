"""What happens on a timeline is called as the element that waited for it is, in the reader's language, not by an id."""

from __future__ import annotations

import pytest

from tests.engine import build
from tests.engine.build import boundary, chain, element, end, message, signal, start, timer
from tests.tickets.play import Play, staff
from tickets import messages, signals
from tickets.event_words import worded
from tickets.timeline import EventKind, TimelineEvent


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


NAMES = build.settings(name__en="Contract signed")


def said(play: Play, kind: EventKind, number: str = "", *, language: str = "en") -> str:
    (event,) = (event for event in play.events(number) if event.kind == kind)
    return str(worded(event, {play.cast.people["admin"]: "admin"}, language=language))


def test_a_message_is_called_as_the_event_that_waited_for_it(play: Play) -> None:
    waits = element("intermediateCatchEvent", "Event_0x1", NAMES + message(), name="合同已签")
    play.define(start(), waits, staff("look"), end(), chain("begin", "Event_0x1", "look", "done"))
    number = play.file("zhoulan")
    messages.send(play.runtime, play.cast.admin, name="order", key=number, payload={})
    assert said(play, EventKind.MESSAGE, number) == "admin sent the event “Contract signed”"
    assert said(play, EventKind.MESSAGE, number, language="zh") == "admin sent the event “合同已签”"


def test_a_signal_is_called_as_the_event_that_waited_for_it(play: Play) -> None:
    waits = element("intermediateCatchEvent", "Event_0x1", NAMES + signal(), name="合同已签")
    play.define(start(), waits, staff("look"), end(), chain("begin", "Event_0x1", "look", "done"))
    number = play.file("zhoulan")
    signals.send(play.runtime, play.cast.admin, name="go", payload={})
    play.settle()
    assert said(play, EventKind.SIGNAL, number) == "admin sent the signal “Contract signed”"


def test_a_receive_task_gives_the_message_its_name(play: Play) -> None:
    waits = element("receiveTask", "Activity_1", NAMES, name="合同已签", messageRef="m_order")
    play.define(start(), waits, staff("look"), end(), chain("begin", "Activity_1", "look", "done"))
    number = play.file("zhoulan")
    messages.send(play.runtime, play.cast.admin, name="order", key=number, payload={})
    assert said(play, EventKind.MESSAGE, number) == "admin sent the event “Contract signed”"


def test_a_timer_on_a_task_s_edge_without_a_name_is_told_by_its_kind(play: Play) -> None:
    late = boundary("Event_0x2", "look", timer("after", "PT1H"))
    play.define(
        start(),
        staff("look", name="看一看"),
        late,
        end(),
        end("over"),
        chain("begin", "look", "done"),
        chain("Event_0x2", "over"),
    )
    number = play.file("zhoulan")
    play.pass_time(hours=1)
    assert said(play, EventKind.TIMER, number) == "A timer was due"


def test_a_ticket_is_started_by_what_its_start_event_is_called(play: Play) -> None:
    begins = start(inner=NAMES + message(), name="合同已签")
    play.define(begins, staff("look"), end(), chain("begin", "look", "done"), key="by_message")
    sent = messages.send(play.runtime, play.cast.admin, name="order", key="K-1", payload={})
    assert sent.number is not None
    assert play.events(sent.number)[0].params == {"cause": "合同已签", "cause_names": {"en": "Contract signed"}}
    assert said(play, EventKind.FILED, sent.number) == "admin filed this ticket"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"cause": "employee.departed"}, "“Somebody has left” started this ticket"),
        ({"cause": "order.new"}, "This ticket started by itself"),
        ({"cause": "StartEvent_1kx"}, "This ticket started by itself"),
        ({"cause": "orderPaid"}, "This ticket started by itself"),
        ({"cause": "contract"}, "“contract” started this ticket"),
        ({"cause": "课程 3.0 上线"}, "“课程 3.0 上线” started this ticket"),
        ({"cause": "v2.0", "cause_names": {"zh": "新版"}}, "“v2.0” started this ticket"),
    ],
)
def test_what_only_programs_call_so_is_told_by_its_kind(params: dict[str, object], text: str) -> None:
    event = TimelineEvent(kind=EventKind.FILED, params=params)
    assert str(worded(event, {}, language="en")) == text
