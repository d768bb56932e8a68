"""Owns ids as a caller of their process knows them: unique among all that the definition holds."""

from __future__ import annotations

import msgspec

from engine.definitions.adhoc import FINISH, NEXT
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.parts import Event, FormField


def qualified_id(process_id: str, ident: str) -> str:
    """An id as the callers of its process know it: no id in a file holds a slash."""
    return ident if "/" in ident else f"{process_id}/{ident}"


def qualified(process: Process) -> Process:
    """The process with its elements' ids qualified: ids are unique in one file, and a call brings files together."""
    return msgspec.structs.replace(process, scope=_qualified_scope(process.id, process.scope))


def _qualified_scope(process_id: str, scope: Scope) -> Scope:
    nodes = tuple(_qualified_node(process_id, node) for node in scope.nodes)
    return Scope(nodes, tuple(_qualified_flow(process_id, flow) for flow in scope.flows))


def _qualified_node(process_id: str, node: Node) -> Node:
    return msgspec.structs.replace(
        node,
        id=qualified_id(process_id, node.id),
        attached_to=qualified_id(process_id, node.attached_to) if node.attached_to else "",
        handler=qualified_id(process_id, node.handler) if node.handler else "",
        event=_qualified_event(process_id, node.event),
        fields=tuple(_qualified_field(process_id, node, field) for field in node.fields),
        body=_qualified_scope(process_id, node.body) if node.body is not None else None,
    )


def _qualified_event(process_id: str, event: Event | None) -> Event | None:
    """Compensation names the activity that it undoes."""
    if event is None:
        return None
    triggers = tuple(trigger for each in event.of if (trigger := _qualified_event(process_id, each)) is not None)
    activity = qualified_id(process_id, event.activity) if event.activity else ""
    return msgspec.structs.replace(event, activity=activity, of=triggers)


def _qualified_field(process_id: str, node: Node, field: FormField) -> FormField:
    """What an ad-hoc sub-process lets a person choose are its activities."""
    if node.ad_hoc is None or field.id != NEXT:
        return field
    values = ((qualified_id(process_id, value) if value != FINISH else value, label) for value, label in field.values)
    return msgspec.structs.replace(field, values=tuple(values))


def _qualified_flow(process_id: str, flow: Flow) -> Flow:
    source, target = qualified_id(process_id, flow.source), qualified_id(process_id, flow.target)
    return msgspec.structs.replace(flow, source=source, target=target)
