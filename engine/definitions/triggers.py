"""Owns reading what one event definition says (BPMN 2.0.2, 10.5.5): names, codes, times and conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from engine.definitions.declared import Source
from engine.definitions.kinds import EventKind, TimerKind
from engine.definitions.languages import condition_of
from engine.definitions.parts import Event
from engine.definitions.source import at, child, children, expr_of, flag, id_of
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TIMERS = {"timeDate": TimerKind.DATE, "timeDuration": TimerKind.DURATION, "timeCycle": TimerKind.CYCLE}


def read_trigger(kind: EventKind, definition: Element, element: Element, source: Source) -> Event:
    """What the definition says; `PERSON` where it leaves out what it waits for."""
    return READERS[kind](definition, element, source)


def read_message(definition: Element, element: Element, source: Source) -> Event:
    """A message by its declared name, with the key that its declaration gives."""
    event = _sent(EventKind.MESSAGE, "message", definition, element, source)
    declared = source.find("message", definition.get("messageRef", ""))
    key = source.dialect.key(declared if declared is not None else element)
    return _with(event, key=key, payload_to=source.dialect.received(element))


def _signal(definition: Element, element: Element, source: Source) -> Event:
    return _sent(EventKind.SIGNAL, "signal", definition, element, source)


def _sent(kind: EventKind, tag: str, definition: Element, element: Element, source: Source) -> Event:
    """A message or signal by the name it is declared with, or else by the event's own."""
    naming = source.dialect.naming(definition)
    if naming is not None:
        return Event(kind, naming=naming)
    reference = definition.get(f"{tag}Ref", "")
    declared = source.find(tag, reference) if reference else None
    if declared is None:
        vendors = source.dialect.message(element) if kind is EventKind.MESSAGE else ""
        if reference and not vendors:
            dangling(element, reference, source)
        elif not vendors:
            _by_own_name(element, source)
        return named(Event(kind), vendors or _line(element, element, source) or id_of(element))
    return named(Event(kind), _line(declared, element, source) or id_of(declared))


def _error(definition: Element, element: Element, source: Source) -> Event:
    return _coded(EventKind.ERROR, "error", definition, element, source)


def _escalation(definition: Element, element: Element, source: Source) -> Event:
    return _coded(EventKind.ESCALATION, "escalation", definition, element, source)


def _coded(kind: EventKind, tag: str, definition: Element, element: Element, source: Source) -> Event:
    """An error or escalation by its code; a reference to nothing that is declared is itself the code."""
    reference = definition.get(f"{tag}Ref", "")
    declared = source.find(tag, reference) if reference else None
    if reference and declared is None:
        problem = N_("“%(reference)s” is not declared in the file; it is taken as the code itself.")
        remedy = N_("Declare the error or escalation with this code.")
        source.report.note("bare-code", at(element), problem, remedy, reference=reference[:80])
    code = reference
    if declared is not None:
        code = declared.get(f"{tag}Code") or declared.get("name") or id_of(declared)
    code_to, message_to = source.dialect.caught(definition)
    return _with(named(Event(kind), code.strip()), code_to=code_to, message_to=message_to)


def _timer(definition: Element, element: Element, source: Source) -> Event:
    for found in children(definition):
        text = "".join(found.itertext()).strip()
        if local(found) in TIMERS and text:
            kind, expr = TIMERS[local(found)], expr_of(text, plain="literal")
            if expr.language != "literal" or "${" in text or "#{" in text:
                return Event(EventKind.TIMER, timer=kind, expr=expr)
            return Event(EventKind.TIMER, timer=kind, text=text.strip("\"'"))
    problem = N_("The timer has no time; a person says when it is over.")
    remedy = N_("Give it a date, a duration (PT2H, P3D) or a cycle (R3/PT1H).")
    source.report.warning("timer-empty", at(element), problem, remedy)
    return Event(EventKind.PERSON)


def _conditional(definition: Element, element: Element, source: Source) -> Event:
    condition = condition_of(child(definition, "condition"), element, source)
    if condition is not None:
        return Event(EventKind.CONDITIONAL, expr=condition)
    problem = N_("The event has no condition; a person says when it has happened.")
    source.report.warning("condition-empty", at(element), problem, N_("Give it a condition such as ${stock < 10}."))
    return Event(EventKind.PERSON)


def _compensation(definition: Element, _element: Element, _source: Source) -> Event:
    waits = flag(definition, "waitForCompletion", default=True)
    return Event(EventKind.COMPENSATION, activity=definition.get("activityRef", "").rpartition(":")[2], waits=waits)


def _cancel(_definition: Element, _element: Element, _source: Source) -> Event:
    return Event(EventKind.CANCEL)


def _terminate(_definition: Element, _element: Element, _source: Source) -> Event:
    return Event(EventKind.TERMINATE)


def named(event: Event, name: str) -> Event:
    """The event with its name, or with what gives the name if that is an expression."""
    if "${" in name or "#{" in name or name.startswith("="):
        return _with(event, naming=expr_of(name))
    return _with(event, name=name)


def _line(named: Element, element: Element, source: Source) -> str:
    """A name on one line: modelers break the words of a shape."""
    written = named.get("name", "")
    name = " ".join(written.split())
    if "\n" in written:
        problem, remedy = N_("The name is broken over lines; it is read as “%(name)s”."), N_("Write it on one line.")
        source.report.note("name-lines", at(element), problem, remedy, name=name[:80])
    return name


def _by_own_name(element: Element, source: Source) -> None:
    problem = N_("No message or signal is chosen here; it goes by the name of the element.")
    source.report.note("own-name", at(element), problem, N_("Choose one in the element's properties."))


def _with(event: Event, **changes: object) -> Event:
    return msgspec.structs.replace(event, **changes)


def dangling(element: Element, reference: str, source: Source) -> None:
    problem = N_("“%(reference)s” is not declared in the file.")
    remedy = N_("Choose a message or signal of the file in the event's properties.")
    source.report.error("dangling-reference", at(element), problem, remedy, reference=reference[:80])


READERS: dict[EventKind, Callable[[Element, Element, Source], Event]] = {
    EventKind.MESSAGE: read_message,
    EventKind.TIMER: _timer,
    EventKind.SIGNAL: _signal,
    EventKind.ERROR: _error,
    EventKind.ESCALATION: _escalation,
    EventKind.CONDITIONAL: _conditional,
    EventKind.COMPENSATION: _compensation,
    EventKind.CANCEL: _cancel,
    EventKind.TERMINATE: _terminate,
}
