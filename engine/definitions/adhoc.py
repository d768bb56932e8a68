"""Owns reading ad-hoc sub-processes (BPMN 2.0.2, 10.3.5, 13.3.5): what a person may begin, and when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.definitions.declared import Source
from engine.definitions.kinds import ACTIVITIES, Kind
from engine.definitions.languages import condition_of
from engine.definitions.model import Node, Scope
from engine.definitions.parts import AdHoc, FormField, Work
from engine.definitions.report import At, Report
from engine.definitions.source import at, child, flag
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NEXT = "next_activity"
ASKED = "What is done next"
FINISHED = "Finish"
FINISH = ".finish"
"""What a person chooses when there is nothing more to begin; no element of a file has such an id."""


def as_ad_hoc(node: Node, element: Element, source: Source) -> Node:
    """The sub-process as one in which a person chooses what to begin next."""
    assert node.body is not None
    body = _without_starts(node.body, source.report)
    entries = entries_of(body)
    if not entries:
        problem = N_("The ad-hoc sub-process holds nothing that a person could begin; it is passed through.")
        source.report.warning("ad-hoc-empty", at(element), problem, N_("Draw its activities."))
        return msgspec.structs.replace(node, body=Scope())
    condition = condition_of(child(element, "completionCondition"), element, source)
    choices = tuple((entry.id, entry.name or entry.id) for entry in entries)
    if condition is None:
        choices += ((FINISH, FINISHED),)
    return msgspec.structs.replace(
        node,
        body=body,
        ad_hoc=AdHoc(
            sequential=element.get("ordering", "").strip().lower() == "sequential",
            condition=condition,
            cancel_remaining=flag(element, "cancelRemainingInstances", default=True),
        ),
        work=Work(),
        fields=(FormField(NEXT, "enum", ASKED, values=choices, constraints=(("required", "true"),), line=node.line),),
    )


def entries_of(body: Scope) -> list[Node]:
    """What may be begun: activities that nothing leads to."""
    led_to = {flow.target for flow in body.flows}
    return [
        node
        for node in body.nodes
        if node.kind in ACTIVITIES and node.id not in led_to and not node.for_compensation and not node.by_event
    ]


def _without_starts(body: Scope, report: Report) -> Scope:
    starts = {inner.id: inner for inner in body.nodes if inner.kind is Kind.START}
    for start in starts.values():
        problem = N_("An ad-hoc sub-process has no start event; a person begins its activities.")
        report.note("ad-hoc-start", At(start.id, start.name, start.line), problem, N_("Delete the start event."))
    return Scope(
        tuple(inner for inner in body.nodes if inner.id not in starts),
        tuple(flow for flow in body.flows if flow.source not in starts and flow.target not in starts),
    )
