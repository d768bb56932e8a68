"""Owns reading event definitions (BPMN 2.0.2, 10.5): message, timer, terminate, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.definitions.model import Event, EventKind, TimerKind
from engine.definitions.report import Report
from engine.definitions.source import at, children, expr_of, id_of
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

ALLOWED = {
    "startEvent": {"messageEventDefinition", "timerEventDefinition"},
    "endEvent": {"messageEventDefinition", "terminateEventDefinition"},
    "intermediateCatchEvent": {"messageEventDefinition", "timerEventDefinition"},
    "intermediateThrowEvent": {"messageEventDefinition"},
    "boundaryEvent": {"messageEventDefinition", "timerEventDefinition"},
    "receiveTask": set[str](),
}
TIMERS = {"timeDate": TimerKind.DATE, "timeDuration": TimerKind.DURATION, "timeCycle": TimerKind.CYCLE}


def read_event(element: Element, messages: Mapping[str, str], report: Report) -> Event:
    """The event of an event node or receive task; what is not supported is an error in the report."""
    if local(element) == "receiveTask":
        return _message(element, element, messages, report)
    found = [child for child in children(element) if local(child).endswith("EventDefinition")]
    if len(found) > 1:
        remedy = N_("Draw one event for each trigger, for example after an event gateway.")
        report.error("several-triggers", at(element), N_("The event has more than one trigger."), remedy)
    if not found:
        return _untriggered(element, report)
    definition, tag = found[0], local(found[0])
    if tag not in ALLOWED[local(element)]:
        problem = N_("A %(event)s with %(trigger)s is not supported.")
        remedy = N_("Use a timer or a message event, or a task followed by a gateway.")
        report.error("unsupported-event", at(element), problem, remedy, event=local(element), trigger=tag)
        return Event()
    if tag == "timerEventDefinition":
        return _timer(element, definition, report)
    if tag == "terminateEventDefinition":
        return Event(EventKind.TERMINATE)
    return _message(element, definition, messages, report)


def _untriggered(element: Element, report: Report) -> Event:
    if local(element) in ("boundaryEvent", "intermediateCatchEvent"):
        problem = N_("The event says neither what it waits for nor until when.")
        report.error("no-trigger", at(element), problem, N_("Make it a timer or a message event."))
    return Event()


def _message(element: Element, holder: Element, messages: Mapping[str, str], report: Report) -> Event:
    reference = holder.get("messageRef", "").rpartition(":")[2]
    if reference and reference not in messages:
        problem = N_("The message “%(reference)s” is not declared in the file.")
        report.error(
            "dangling-reference",
            at(element),
            problem,
            N_("Choose a message in the event's properties."),
            reference=reference,
        )
    name = messages.get(reference) or element.get("name") or id_of(element)
    return Event(EventKind.MESSAGE, name=name)


def _timer(element: Element, definition: Element, report: Report) -> Event:
    for child in children(definition):
        text = "".join(child.itertext()).strip()
        if local(child) in TIMERS and text:
            kind = TIMERS[local(child)]
            expr = expr_of(text, plain="literal")
            if expr.language != "literal":
                return Event(EventKind.TIMER, timer=kind, expr=expr)
            return Event(EventKind.TIMER, timer=kind, text=text.strip("\"'"))
    problem = N_("The timer has no time.")
    report.error(
        "timer-empty", at(element), problem, N_("Give it a date, a duration (PT2H, P3D) or a cycle (R3/PT1H).")
    )
    return Event()
