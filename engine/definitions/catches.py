"""Owns who catches what is thrown inside a process (BPMN 2.0.2, 10.5.7): errors, escalations, compensation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Node, Process, Scope
from engine.definitions.parts import Event
from engine.definitions.report import At, Report
from engine.expressions import N_

THROWN = frozenset({EventKind.ERROR, EventKind.ESCALATION})


Catching = Mapping[tuple[EventKind, str], frozenset[str]]
"""The event sub-processes or activities that a code is caught at, by its kind and code; an empty code takes any."""


@dataclass(frozen=True)
class Around:
    """A scope, the sub-process it is the body of, and what stands around that."""

    scope: Scope
    host: Node | None = None
    outer: Around | None = None

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(node.id for node in self.scope.nodes)

    @cached_property
    def by_event(self) -> Catching:
        """What the scope's event sub-processes begin with."""
        scopes = ((node.id, node.body) for node in self.scope.nodes if node.by_event and node.body is not None)
        starts = ((ident, inner) for ident, body in scopes for inner in body.nodes if inner.kind is Kind.START)
        return _catching((ident, start.event) for ident, start in starts)

    @cached_property
    def attached(self) -> Catching:
        """What the boundary events of the scope's activities catch."""
        return _catching((node.attached_to, node.event) for node in self.scope.nodes if node.kind is Kind.BOUNDARY)


def check_catches(process: Process, report: Report) -> None:
    """Notes what nobody in the process catches; a calling process still may."""
    for node, around in _inside(Around(process.scope)):
        if node.kind not in (Kind.END, Kind.THROW) or node.event is None:
            continue
        for event in (node.event, *node.event.of):
            if event.kind in THROWN and event.naming is None and not _caught(event, around):
                _note(event, node, report)
            if event.kind is EventKind.COMPENSATION and event.activity:
                _check_activity(event, node, around, report)


def _inside(around: Around) -> Iterator[tuple[Node, Around]]:
    for node in around.scope.nodes:
        yield node, around
        if node.body is not None:
            yield from _inside(Around(node.body, node, around))


def _catching(events: Iterable[tuple[str, Event | None]]) -> Catching:
    found: dict[tuple[EventKind, str], set[str]] = defaultdict(set)
    for where, event in events:
        for trigger in (event, *event.of) if event is not None else ():
            found[trigger.kind, trigger.name].add(where)
    return {key: frozenset(places) for key, places in found.items()}


def _caught(event: Event, around: Around) -> bool:
    """By an event sub-process of a scope around, or at the boundary of what that scope is the body of."""
    within = ""
    level: Around | None = around
    while level is not None:
        if _places(level.by_event, event) - {within}:
            return True
        within = level.host.id if level.host is not None else ""
        if level.outer is not None and within in _places(level.outer.attached, event):
            return True
        level = level.outer
    return False


def _places(catching: Catching, event: Event) -> frozenset[str]:
    none: frozenset[str] = frozenset()
    return catching.get((event.kind, event.name), none) | catching.get((event.kind, ""), none)


def _note(event: Event, node: Node, report: Report) -> None:
    problem = (_UNCAUGHT if event.name else _UNCAUGHT_WITHOUT_CODE)[event.kind is EventKind.ERROR]
    remedy = N_("Catch it at the boundary of what it stands in, or with an event sub-process.")
    report.note(f"uncaught-{event.kind.value}", _at(node), problem, remedy, thrown=event.name[:80])


_UNCAUGHT = {
    True: N_("Nothing in this process catches the error “%(thrown)s”; unless its caller does, all ends."),
    False: N_("Nothing in this process catches the escalation “%(thrown)s”; the process goes on."),
}
"""By whether it is an error."""
_UNCAUGHT_WITHOUT_CODE = {
    True: N_("This error has no code, and nothing in this process catches it; unless its caller does, all ends."),
    False: N_("This escalation has no code, and nothing in this process catches it; the process goes on."),
}


def _check_activity(event: Event, node: Node, around: Around, report: Report) -> None:
    """A throw may undo what its own scope or one around has done."""
    level: Around | None = around
    while level is not None:
        if event.activity in level.ids:
            return
        level = level.outer
    problem = N_("The activity to undo, “%(activity)s”, is neither here nor in a scope around.")
    remedy = N_("Choose an activity of the same process, or leave it empty to undo all.")
    report.error("dangling-activity", _at(node), problem, remedy, activity=event.activity[:80])


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
