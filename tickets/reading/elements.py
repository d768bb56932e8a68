"""Reads what the elements of a definition are called and which of them sit on another's edge; kept per version."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import Kind, Node, load
from engine.definitions.kinds import EventKind
from engine.definitions.wording import compile_expr
from engine.models import ProcessDefinition

Elements = Mapping[str, Node]

MOST_DEFINITIONS = 500
_KNOWN: dict[uuid.UUID, Elements] = {}


def elements_of(session: Session, definition: ProcessDefinition) -> Elements:
    """The definition's nodes by id, those it calls included; a version never changes, so it is read once a process."""
    known = _KNOWN.get(definition.public_id)
    if known is None:
        query = sa.select(ProcessDefinition.compiled).where(ProcessDefinition.id == definition.id)
        compiled = load(session.scalars(query).one())
        processes = (compiled.process, *compiled.called.values())
        known = {node.id: node for process in processes for node in process.scope.walk()}
        if len(_KNOWN) >= MOST_DEFINITIONS:
            _KNOWN.clear()
        _KNOWN[definition.public_id] = known
    return known


def name_of(elements: Elements, element: str) -> tuple[str, Mapping[str, str]]:
    """What people call it (its id when it has no name), and the other languages' names."""
    node = elements.get(element)
    return (node.name or element, node.names) if node is not None else (element, {})


def callers(elements: Elements, inside: Collection[str]) -> frozenset[str]:
    """The call activities that brought a ticket to these elements of called processes, outermost ones included."""
    found: set[str] = set()
    within = _processes(inside)
    while within:
        new = {node.id for node in elements.values() if node.kind is Kind.CALL and node.called in within} - found
        found |= new
        within = _processes(new)
    return frozenset(found)


def _processes(elements: Iterable[str]) -> set[str]:
    """The called processes that elements stand in; those of the ticket's own have ids without a slash."""
    return {process for process, slash, _ in (element.rpartition("/") for element in elements) if slash}


def beside(elements: Elements, element: str) -> bool:
    """Whether it waits beside the process's way: on the edge of what the process stands at, or for a whole scope."""
    node = elements.get(element)
    return node is not None and node.kind in (Kind.BOUNDARY, Kind.START)


def happens(elements: Elements, element: str) -> bool:
    """Whether it is an event: its task asks a person to say that it has happened."""
    node = elements.get(element)
    return node is not None and node.kind in (Kind.BOUNDARY, Kind.START, Kind.CATCH)


def asks_requester(elements: Elements, element: str) -> bool:
    """Whether its task is, by the file's word, for whoever asked for the ticket."""
    node = elements.get(element)
    whose = node.work.assignee if node is not None and node.work is not None else None
    return whose is not None and "requester" in compile_expr(whose).names


def rests(node: Node) -> bool:
    """Whether a process may stand at it without a task, a timer or a message that a table tells of."""
    events = (node.event.of or (node.event,)) if node.event is not None else ()
    return node.kind is Kind.JOB or any(event.kind is EventKind.CONDITIONAL for event in events)


def listens(elements: Elements, element: str) -> bool:
    """Whether it is an intermediate event that waits for messages or signals."""
    node = elements.get(element)
    event = node.event if node is not None and node.kind is Kind.CATCH else None
    return event is not None and {one.kind for one in event.of or (event,)} <= {EventKind.MESSAGE, EventKind.SIGNAL}
