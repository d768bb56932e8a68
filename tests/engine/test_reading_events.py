"""BPMN 2.0.2, 10.5: what each event definition becomes at each place where an event may stand."""

from __future__ import annotations

from functools import partial

import pytest

from engine.definitions import Kind, Node
from engine.definitions.kinds import EventKind, TimerKind
from engine.definitions.parts import Event, Expr
from engine.expressions import Level
from tests.engine import reading
from tests.engine.build import boundary, catch, chain, element, end, message, start, sub, throw, timer, user

DECLARED = (
    '<message id="m_order" name="order" /><message id="m_late" name="late-${day}" />'
    '<signal id="s_alarm" name="alarm" /><signal id="s_any" name="= zone" /><signal id="s_bare" />'
    '<error id="e_lost" name="Lost" errorCode="LOST" /><error id="e_named" name="broken" /><error id="e_bare" />'
    '<escalation id="x_up" escalationCode="UP" />'
    '<timerEventDefinition id="shared"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
)
SIGNAL = '<signalEventDefinition signalRef="s_alarm" />'
ERROR = '<errorEventDefinition errorRef="e_lost" />'
ESCALATION = '<escalationEventDefinition escalationRef="x_up" />'
CONDITION = "<conditionalEventDefinition><condition>${stock &lt; 10}</condition></conditionalEventDefinition>"
COMPENSATE = "<compensateEventDefinition />"
CANCEL = "<cancelEventDefinition />"
TERMINATE = "<terminateEventDefinition />"

HOUR = Event(EventKind.TIMER, timer=TimerKind.DURATION, text="PT1H")
ALARM = Event(EventKind.SIGNAL, "alarm")
LOST = Event(EventKind.ERROR, "LOST")
UP = Event(EventKind.ESCALATION, "UP")
LOW = Event(EventKind.CONDITIONAL, expr=Expr("${stock < 10}", "juel"))
ORDER = Event(EventKind.MESSAGE, "order")

bundle_of = partial(reading.bundle_of, declarations=DECLARED)
node_of = partial(reading.node_of, declarations=DECLARED)
problems_of = partial(reading.problems_of, declarations=DECLARED)


def caught(trigger: str) -> Event | None:
    return node_of("c", start(), catch("c", trigger), chain("begin", "c")).event


def attached(trigger: str, *, interrupting: bool = True) -> Node:
    return node_of(
        "b", start(), user("a"), boundary("b", "a", trigger, interrupting=interrupting), end(), chain("begin", "a")
    )


def thrown(trigger: str) -> Event | None:
    return node_of("t", start(), throw("t", trigger), user("a"), chain("begin", "t", "a")).event


def by_event(inner: str, *, interrupting: str = "true") -> str:
    begin = element("startEvent", "when", inner, isInterrupting=interrupting)
    return element("subProcess", "es", begin + user("react") + chain("when", "react"), triggeredByEvent="true")


@pytest.mark.parametrize(
    ("trigger", "event"),
    [(message(), ORDER), (timer("after", "PT1H"), HOUR), (SIGNAL, ALARM), (CONDITION, LOW)],
)
def test_what_may_be_waited_for_anywhere(trigger: str, event: Event) -> None:
    assert caught(trigger) == event
    assert attached(trigger).event == event
    assert node_of("when", start(), user("a"), by_event(trigger), chain("begin", "a")).event == event
    assert node_of("s", start("s", trigger), user("a"), chain("s", "a")).event == event


@pytest.mark.parametrize(
    ("trigger", "event"), [(ERROR, LOST), (ESCALATION, UP), (COMPENSATE, Event(EventKind.COMPENSATION))]
)
def test_what_is_caught_from_inside(trigger: str, event: Event) -> None:
    assert attached(trigger).event == event
    assert node_of("when", start(), sub("s", user("a"), by_event(trigger)), chain("begin", "s")).event == event


@pytest.mark.parametrize(
    ("trigger", "event"),
    [(message(), ORDER), (SIGNAL, ALARM), (ESCALATION, UP), (COMPENSATE, Event(EventKind.COMPENSATION))],
)
def test_what_may_be_thrown_on_the_way_and_at_the_end(trigger: str, event: Event) -> None:
    assert thrown(trigger) == event
    assert node_of("e", start(), end("e", trigger), chain("begin", "e")).event == event


def test_what_only_an_end_throws() -> None:
    assert node_of("e", start(), end("e", ERROR), chain("begin", "e")).event == LOST
    assert node_of("e", start(), end("e", TERMINATE), chain("begin", "e")).event == Event(EventKind.TERMINATE)
    inside = element("transaction", "tx", start("in") + end("e", CANCEL) + chain("in", "e"))
    parts = (start(), inside, boundary("b", "tx", CANCEL), chain("begin", "tx"))
    assert [node_of(ident, *parts).event for ident in ("e", "b")] == [Event(EventKind.CANCEL)] * 2


@pytest.mark.parametrize(
    "parts",
    [
        (start(), catch("x", ERROR), chain("begin", "x")),
        (start(), catch("x", ESCALATION), chain("begin", "x")),
        (start(), throw("x", CONDITION), chain("begin", "x")),
        (start(), throw("x", ERROR), chain("begin", "x")),
        (start(), end("x", CONDITION), chain("begin", "x")),
        (start(), user("a"), boundary("x", "a", TERMINATE), chain("begin", "a")),
        (start("x", CANCEL), user("a"), chain("x", "a")),
    ],
)
def test_what_bpmn_has_nowhere_is_refused(parts: tuple[str, ...]) -> None:
    assert problems_of(*parts, level=Level.ERROR) == [("unsupported-event", "x")]


@pytest.mark.parametrize("trigger", [CONDITION, ERROR, ESCALATION])
def test_a_start_that_never_starts_a_ticket_is_said(trigger: str) -> None:
    parts = (start(), start("x", trigger), user("a"), chain("begin", "a"), chain("x", "a"))
    assert ("never-starts", "x") in problems_of(*parts)
    assert bundle_of(*parts).report.accepted


def test_a_start_with_several_triggers_starts_by_each() -> None:
    found = node_of("s", start("s", message() + timer("every", "R/PT1H")), user("a"), chain("s", "a"))
    assert found.event == Event(
        EventKind.MULTIPLE, of=(ORDER, Event(EventKind.TIMER, timer=TimerKind.CYCLE, text="R/PT1H"))
    )


def test_several_triggers_are_any_of_them_or_all() -> None:
    both = message() + SIGNAL
    assert caught(both) == Event(EventKind.MULTIPLE, of=(ORDER, ALARM))
    all_of = element("intermediateCatchEvent", "c", both, parallelMultiple="true")
    assert node_of("c", start(), all_of, chain("begin", "c")).event == Event(
        EventKind.MULTIPLE, of=(ORDER, ALARM), all_of=True
    )
    assert thrown(both) == Event(EventKind.MULTIPLE, of=(ORDER, ALARM))


@pytest.mark.parametrize("reference", ["shared", "x:shared", " shared "])
def test_a_definition_of_the_whole_file_is_referred_to(reference: str) -> None:
    assert caught(f"<eventDefinitionRef>{reference}</eventDefinitionRef>") == HOUR


def test_a_reference_to_no_definition_is_refused() -> None:
    nowhere = "<eventDefinitionRef>nowhere</eventDefinitionRef>"
    parts = (start(), catch("c", nowhere), chain("begin", "c"))
    assert problems_of(*parts, level=Level.ERROR) == [("dangling-reference", "c")]


@pytest.mark.parametrize("tag", ["message", "signal"])
def test_a_message_or_signal_that_is_not_declared_is_refused(tag: str) -> None:
    nowhere = f'<{tag}EventDefinition {tag}Ref="nowhere" />'
    assert problems_of(start(), catch("c", nowhere), chain("begin", "c"), level=Level.ERROR) == [
        ("dangling-reference", "c")
    ]


@pytest.mark.parametrize("tag", ["message", "signal"])
def test_without_a_reference_the_event_goes_by_its_own_name(tag: str) -> None:
    inner = f"<{tag}EventDefinition />"
    parts = (start(), element("intermediateCatchEvent", "c", inner, name="Goods&#10; are here"), chain("begin", "c"))
    parts = (parts[0], parts[1].replace("&amp;#10;", "&#10;"), parts[2])
    event = node_of("c", *parts).event
    assert event is not None
    assert event.name == "Goods are here"
    assert problems_of(*parts, level=Level.NOTE)[:2] == [("own-name", "c"), ("name-lines", "c")]
    assert caught(inner) == Event(EventKind(tag), "c")


def test_a_name_that_is_an_expression_is_found_when_the_event_is_reached() -> None:
    assert caught(message("m_late")) == Event(EventKind.MESSAGE, naming=Expr("late-${day}", "literal"))
    signal = '<signalEventDefinition signalRef="s_any" />'
    assert thrown(signal) == Event(EventKind.SIGNAL, naming=Expr("= zone", "feel"))


@pytest.mark.parametrize(
    ("reference", "code"), [("e_lost", "LOST"), ("e_named", "broken"), ("e_bare", "e_bare"), ("myError", "myError")]
)
def test_an_error_has_its_code_its_name_its_id_or_what_is_written(reference: str, code: str) -> None:
    assert attached(f'<errorEventDefinition errorRef="{reference}" />').event == Event(EventKind.ERROR, code)


def test_a_code_that_is_not_declared_is_noted() -> None:
    parts = (start(), end("e", '<errorEventDefinition errorRef="myError" />'), chain("begin", "e"))
    assert problems_of(*parts, level=Level.NOTE) == [("bare-code", "e"), ("uncaught-error", "e")]


def test_an_error_or_escalation_without_a_code_is_any() -> None:
    assert attached("<errorEventDefinition />").event == Event(EventKind.ERROR)
    assert attached("<escalationEventDefinition />").event == Event(EventKind.ESCALATION)


@pytest.mark.parametrize(
    ("trigger", "interrupting"), [(ERROR, True), (ESCALATION, False), (SIGNAL, False), (CONDITION, False)]
)
def test_an_error_interrupts_whatever_is_drawn(trigger: str, interrupting: bool) -> None:
    assert attached(trigger, interrupting=False).interrupting is interrupting


def test_compensation_may_be_for_one_activity_and_not_waited_for() -> None:
    trigger = '<compensateEventDefinition activityRef="a" waitForCompletion="false" />'
    found = node_of("t", start(), user("a"), throw("t", trigger), chain("begin", "a", "t"))
    assert found.event == Event(EventKind.COMPENSATION, activity="a", waits=False)
    parts = (start(), throw("t", trigger.replace('"a"', '"b"')), chain("begin", "t"))
    assert problems_of(*parts, level=Level.ERROR) == [("dangling-activity", "t")]


@pytest.mark.parametrize(
    ("trigger", "code"),
    [
        ("", "no-trigger"),
        ("<timerEventDefinition />", "timer-empty"),
        ("<timerEventDefinition><timeDate> </timeDate></timerEventDefinition>", "timer-empty"),
        ("<conditionalEventDefinition><condition /></conditionalEventDefinition>", "condition-empty"),
    ],
)
def test_an_event_that_does_not_say_what_it_waits_for_is_a_persons_to_say(trigger: str, code: str) -> None:
    person = Event(EventKind.PERSON)
    assert caught(trigger) == person
    assert attached(trigger).event == person
    assert attached(trigger).work is not None
    parts = (start(), user("a"), by_event(trigger), chain("begin", "a"))
    assert node_of("when", *parts).event == person
    assert (code, "when") in problems_of(*parts)


def test_an_unclear_trigger_beside_a_clear_one_does_not_count() -> None:
    assert caught(message() + "<timerEventDefinition />") == ORDER


def test_a_throw_without_a_definition_passes_and_a_start_without_a_time_is_a_persons() -> None:
    assert thrown("") is None
    parts = (start("s", "<timerEventDefinition />"), user("a"), chain("s", "a"))
    assert node_of("s", *parts).event is None
    assert problems_of(*parts) == [("timer-empty", "s")]


def test_a_time_with_an_expression_inside_is_worked_out() -> None:
    expected = Event(EventKind.TIMER, timer=TimerKind.CYCLE, expr=Expr("R2/${first}/PT1H", "literal"))
    found = node_of(
        "b", start(), user("a"), boundary("b", "a", timer("every", "R2/${first}/PT1H")), chain("begin", "a")
    )
    assert found.event == expected


def test_an_implicit_throw_event_passes() -> None:
    found = node_of("t", start(), element("implicitThrowEvent", "t"), user("a"), chain("begin", "t", "a"))
    assert (found.kind, found.event) == (Kind.THROW, None)


FAILING = (start("in"), end("e", ERROR), chain("in", "e"))


@pytest.mark.parametrize(
    ("parts", "noted"),
    [
        ((sub("s", *FAILING), boundary("b", "s", ERROR)), False),
        ((sub("s", *FAILING), boundary("b", "s", "<errorEventDefinition />")), False),
        ((sub("s", *FAILING), boundary("b", "s", ESCALATION)), True),
        ((sub("s", *FAILING, by_event(ERROR)),), False),
        ((sub("s", sub("deep", *FAILING), by_event(ERROR)),), False),
        ((sub("s", user("a")), by_event(ERROR).replace("</subProcess>", end("e", ERROR) + "</subProcess>")), True),
    ],
)
def test_an_error_that_nobody_catches_is_noted(parts: tuple[str, ...], noted: bool) -> None:
    found = problems_of(start(), *parts, chain("begin", "s"), level=Level.NOTE)
    assert (("uncaught-error", "e") in found) is noted


def test_an_error_without_a_code_that_nobody_catches_is_not_quoted() -> None:
    bare = sub("s", start("in"), end("e", "<errorEventDefinition />"), chain("in", "e"))
    report = bundle_of(start(), bare, chain("begin", "s")).report
    (told,) = (str(each.problem) for each in report.problems if each.code == "uncaught-error")
    assert "“”" not in told


def test_an_escalation_that_nobody_catches_is_noted() -> None:
    parts = (start(), throw("t", ESCALATION), user("a"), chain("begin", "t", "a"))
    assert ("uncaught-escalation", "t") in problems_of(*parts, level=Level.NOTE)
    assert ("uncaught-escalation", "t") not in problems_of(*parts, by_event(ESCALATION), level=Level.NOTE)


def test_cancel_belongs_to_transactions() -> None:
    host = (start(), sub("s", user("a")), boundary("b", "s", CANCEL), chain("begin", "s"))
    assert problems_of(*host, level=Level.ERROR) == [("cancel-host", "b")]
    assert problems_of(start(), end("e", CANCEL), chain("begin", "e"), level=Level.ERROR) == [("cancel-outside", "e")]


def test_after_an_event_gateway_come_events_of_any_kind_that_waits() -> None:
    parts = [catch("c1", SIGNAL), catch("c2", CONDITION), catch("c3", ""), catch("c4", message() + SIGNAL)]
    flows = "".join(chain("g", ident) for ident in ("c1", "c2", "c3", "c4"))
    assert bundle_of(start(), element("eventBasedGateway", "g"), *parts, chain("begin", "g"), flows).report.accepted
