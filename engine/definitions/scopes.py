"""Owns reading the nodes and flows of a process or sub-process, and what scopes of a special kind make of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.definitions.adhoc import as_ad_hoc
from engine.definitions.compensation import with_handlers
from engine.definitions.declared import Source
from engine.definitions.elements import KINDS, read_node, warn_of_unread
from engine.definitions.events import definitions_of, link_name
from engine.definitions.eventscopes import with_event_scopes
from engine.definitions.kinds import Kind
from engine.definitions.languages import condition_of
from engine.definitions.links import Half, link_flows
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.places import Place
from engine.definitions.report import Report
from engine.definitions.source import BPMN, at, child, flag, id_of
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SILENT = frozenset(
    "extensionElements documentation laneSet ioSpecification ioBinding dataObject dataObjectReference property"
    " textAnnotation association group auditing monitoring incoming outgoing artifact resourceRole category"
    " categoryValueRef supports supportedInterfaceRef rendering correlationSubscription dataInputAssociation"
    " dataOutputAssociation script potentialOwner humanPerformer performer completionCondition"
    " loopCharacteristics multiInstanceLoopCharacteristics standardLoopCharacteristics".split()
)
"""What stands among nodes and flows and is not one."""


def read_scope(element: Element, source: Source, *, lane: str = "", start: Place = Place.START) -> Scope:
    """The nodes and flows of a process or sub-process; `lane` is the one around it."""
    nodes: list[Node] = []
    flows: list[Flow] = []
    halves: list[Half] = []
    for found in element:
        tag = local(found) if namespace(found) == BPMN else ""
        if tag == "sequenceFlow":
            flows.append(_flow(found, source, id_of(found) or f"#{len(flows)}"))
        elif tag in KINDS:
            nodes.append(_node(found, source, lane, start))
            halves += _halves(found, nodes[-1], source)
        elif tag not in SILENT:
            _other(found, tag, source.report)
    scope = Scope(tuple(nodes), (*flows, *link_flows(halves, source.report)))
    return with_event_scopes(with_handlers(scope, source.associated, source.report), source.report)


def _node(element: Element, source: Source, lane: str, start: Place) -> Node:
    node = read_node(element, source, lane=lane, start=start)
    if node.kind is not Kind.SUB_PROCESS:
        return node
    by_event = flag(element, "triggeredByEvent", default=False)
    inside = Place.EVENT_START if by_event else Place.INNER_START
    body = read_scope(element, source, lane=node.lane, start=inside)
    node = msgspec.structs.replace(node, body=body, by_event=by_event, transaction=local(element) == "transaction")
    if not body.nodes and not by_event:
        problem = N_("The sub-process is empty; it is passed through.")
        source.report.warning("empty-sub-process", at(element), problem, N_("Draw its steps, or make it a task."))
        return node
    return as_ad_hoc(node, element, source) if local(element) == "adHocSubProcess" else node


def _halves(element: Element, node: Node, source: Source) -> list[Half]:
    if node.kind is not Kind.LINK:
        return []
    link = link_name(element, definitions_of(element, source)) or ""
    return [Half(node.id, link, throws=local(element) == "intermediateThrowEvent", at=at(element))]


def _flow(element: Element, source: Source, flow_id: str) -> Flow:
    """A flow; the file need not give it an id, but joins tell their flows apart by it."""
    warn_of_unread(element, source)
    return Flow(
        id=flow_id,
        source=element.get("sourceRef", "").rpartition(":")[2],
        target=element.get("targetRef", "").rpartition(":")[2],
        name=element.get("name", ""),
        line=at(element).line,
        condition=condition_of(child(element, "conditionExpression"), element, source),
    )


def _other(element: Element, tag: str, report: Report) -> None:
    if tag == "dataStoreReference":
        problem = N_("A data store is not read or written; the process's own data carries what its steps pass on.")
        report.note("data-store", at(element), problem, N_("Nothing needs mending."))
    elif tag:
        problem = N_("The element <%(element)s> is not one of a BPMN 2.0 process.")
        remedy = N_("Replace it by tasks, gateways, events, sub-processes or call activities.")
        report.error("unsupported-element", at(element), problem, remedy, element=tag)
    elif local(element):
        problem = N_("The element <%(element)s> is not BPMN; it is not run.")
        remedy = N_("Replace it by a task if it does something.")
        report.warning("foreign-element", at(element), problem, remedy, element=local(element))
