"""Reads what the elements of a definition are called and which of them sit on another's edge; kept per version."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import Kind, Node, load
from engine.definitions.model import EventKind
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


def on_edge(elements: Elements, element: str) -> bool:
    """Whether it is a boundary event: it waits while the process stands at what it is attached to."""
    node = elements.get(element)
    return node is not None and node.kind is Kind.BOUNDARY


def listens(elements: Elements, element: str) -> bool:
    """Whether it is an intermediate event that waits for a message."""
    node = elements.get(element)
    event = node.event if node is not None and node.kind is Kind.CATCH else None
    return event is not None and event.kind is EventKind.MESSAGE
