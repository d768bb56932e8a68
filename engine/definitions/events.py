"""Owns reading events (BPMN 2.0.2, 10.5): their definitions, where they stand, and what becomes of one without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.declared import Source
from engine.definitions.kinds import EventKind
from engine.definitions.parts import Event
from engine.definitions.places import ALLOWED, BY_PERSON, NEVER_START, Place
from engine.definitions.source import at, child_text, children, flag
from engine.definitions.triggers import dangling, named, read_trigger
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TRIGGERS = {
    "messageEventDefinition": EventKind.MESSAGE,
    "timerEventDefinition": EventKind.TIMER,
    "signalEventDefinition": EventKind.SIGNAL,
    "errorEventDefinition": EventKind.ERROR,
    "escalationEventDefinition": EventKind.ESCALATION,
    "conditionalEventDefinition": EventKind.CONDITIONAL,
    "compensateEventDefinition": EventKind.COMPENSATION,
    "cancelEventDefinition": EventKind.CANCEL,
    "terminateEventDefinition": EventKind.TERMINATE,
}
MAX_TRIGGERS = 50
LINK = "linkEventDefinition"


def definitions_of(element: Element, source: Source) -> list[Element]:
    """An event's definitions: its own, and those of the whole file that it refers to."""
    found = [each for each in children(element) if local(each).endswith("EventDefinition")]
    for reference in children(element):
        text = (reference.text or "").strip()
        if local(reference) != "eventDefinitionRef" or not text:
            continue
        shared = (source.find(tag, text) for tag in (*TRIGGERS, LINK))
        meant = next((each for each in shared if each is not None), None)
        if meant is None:
            dangling(element, text, source)
        else:
            found.append(meant)
    return found


def link_name(element: Element, found: list[Element]) -> str | None:
    """What a link event (10.5.5) with these definitions leads to or from; None for any other event."""
    link = next((each for each in found if local(each) == LINK), None)
    if link is None or not local(element).startswith("intermediate"):
        return None
    return " ".join((link.get("name") or child_text(link, "name") or element.get("name") or "").split())


def read_event(element: Element, found: list[Element], place: Place, source: Source) -> Event | None:
    """What the event with these definitions waits for or throws; None for nothing, as at a plain start or end."""
    if place is Place.INNER_START:
        return _inside(element, found[0], source) if found else None
    events = [event for each in found if (event := _read(each, element, place, source)) is not None]
    triggers = tuple(event for event in events if event.kind is not EventKind.PERSON)
    if len(triggers) > MAX_TRIGGERS:
        problem, remedy = N_("The event has more than %(limit)s triggers."), N_("Draw several events.")
        source.report.error("too-many-triggers", at(element), problem, remedy, limit=MAX_TRIGGERS)
    if len(triggers) > 1:
        everything = place in BY_PERSON and flag(element, "parallelMultiple", default=False)
        return Event(EventKind.MULTIPLE, of=triggers, all_of=everything)
    if triggers or events:
        return (*triggers, *events)[0]
    return _untriggered(element, place, source)


def _read(definition: Element, element: Element, place: Place, source: Source) -> Event | None:
    kind = TRIGGERS.get(local(definition))
    if kind is None or kind not in ALLOWED[place]:
        problem = N_("BPMN has no %(event)s with %(trigger)s.")
        remedy = N_("Choose another trigger for the event, or draw a task.")
        source.report.error(
            "unsupported-event", at(element), problem, remedy, event=local(element), trigger=local(definition)
        )
        return None
    if place is Place.START and kind in NEVER_START:
        problem = N_("A process never starts by %(trigger)s; this start event is never used.")
        remedy = N_("Start it by a person, a message, a signal or the clock.")
        source.report.warning("never-starts", at(element), problem, remedy, trigger=local(definition))
    event = read_trigger(kind, definition, element, source)
    if event.kind is EventKind.PERSON and place not in BY_PERSON:
        return None
    return event


def _inside(element: Element, definition: Element, source: Source) -> Event | None:
    """A sub-process begins by itself, at its plain start event if it has one (13.3.4)."""
    if any(
        _is_plain_start(other) for preceding in (True, False) for other in element.itersiblings(preceding=preceding)
    ):
        problem = N_("The sub-process begins at its other start event; this one is never used.")
        source.report.warning(
            "start-unused", at(element), problem, N_("Delete it, or wait with an intermediate event.")
        )
        return Event(TRIGGERS.get(local(definition), EventKind.CONDITIONAL))
    problem = N_("A start event inside a sub-process waits for nothing: it begins with the sub-process.")
    remedy = N_("Remove its trigger, or wait with an intermediate event after it.")
    source.report.warning("start-inside", at(element), problem, remedy)
    return None


def _is_plain_start(element: Element) -> bool:
    if local(element) != "startEvent":
        return False
    return not any(local(each).endswith(("EventDefinition", "eventDefinitionRef")) for each in children(element))


def _untriggered(element: Element, place: Place, source: Source) -> Event | None:
    if condition := source.dialect.awaited(element):
        return Event(EventKind.CONDITIONAL, expr=condition)
    if message := source.dialect.message(element):
        return named(Event(EventKind.MESSAGE, key=source.dialect.key(element)), message)
    if place not in BY_PERSON:
        return None
    problem = N_("The event says neither what it waits for nor until when; a person says when it has happened.")
    source.report.warning("no-trigger", at(element), problem, N_("Give it a timer, a message or a condition."))
    return Event(EventKind.PERSON)
