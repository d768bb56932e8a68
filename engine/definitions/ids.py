"""Owns ids and references before anything is read: trimmed, unique, and flows in the scope of what they connect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.definitions.elements import GLOBALS, KINDS
from engine.definitions.report import Report
from engine.definitions.source import BPMN, at, id_of
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

ID = re.compile(r"(?![.-])[\w.:-]{1,255}")
MAX_ATTRIBUTE = 10_000
REFERENCES = (
    *("id", "default", "attachedToRef", "sourceRef", "targetRef", "processRef", "calledElement", "activityRef"),
    *("messageRef", "signalRef", "errorRef", "escalationRef", "operationRef", "dataObjectRef"),
)
RUN = frozenset({*KINDS, *GLOBALS, "process", "sequenceFlow"})
"""What instances, timelines and other files call by its id; other ids only have to be found."""
SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


def settle_ids(root: Element, report: Report) -> None:
    """Makes the tree's ids and references as the schema means them; what cannot be mended goes to the report."""
    _trim(root, report)
    _check_ids(root, report)
    _check_lengths(root, report)
    _name_nodes(root, report)
    by_id = {id_of(element): element for element in root.iter() if isinstance(element.tag, str) and element.get("id")}
    _move_boundaries(root, by_id, report)
    _move_flows(root, by_id, report)


def _trim(root: Element, report: Report) -> None:
    """XML Schema's ids and qualified names have no white space at their ends, whatever is typed."""
    for element in root.iter():
        if namespace(element) != BPMN:
            continue
        loose = [name for name in REFERENCES if (text := element.get(name)) and text != text.strip()]
        for name in loose:
            element.set(name, element.get(name, "").strip())
        if loose:
            problem, remedy = N_("An id here has spaces at its ends; they are left out."), N_("Delete the spaces.")
            report.note("spaces", at(element), problem, remedy)


def _name_nodes(root: Element, report: Report) -> None:
    """An element may do without an id, which instances need; one that begins with a dot is no other element's."""
    for count, element in enumerate(root.iter(*(f"{{{BPMN}}}{tag}" for tag in KINDS))):
        if not element.get("id"):
            problem = N_("The element has no id; it is given one.")
            report.note("no-id", at(element), problem, N_("Give it an id."))
            element.set("id", f".{local(element)}{count}")


def _check_ids(root: Element, report: Report) -> None:
    """Ids are unique names (XML Schema's ID, on which every reference of the file stands)."""
    named = [e for e in root.iter() if isinstance(e.tag, str) and namespace(e) == BPMN and e.get("id")]
    count = Counter(e.get("id") for e in named)
    used = {e.get("id") for e in named if local(e) in RUN}
    for element in named:
        if local(element) in RUN and not ID.fullmatch(id_of(element)):
            problem = N_("The id “%(id)s” is not a name of at most 255 characters.")
            remedy = N_("Use letters, digits, “_”, “-” and “.” only, a letter first.")
            report.error("bad-id", at(element), problem, remedy, id=id_of(element)[:60])
        if count[element.get("id")] > 1:
            count[element.get("id")] = 0
            say = report.error if element.get("id") in used else report.warning
            problem = N_("The id “%(id)s” is used more than once.")
            remedy = N_("Give each element an id of its own.")
            say("duplicate-id", at(element), problem, remedy, id=element.get("id"))


def _check_lengths(root: Element, report: Report) -> None:
    """Names and properties are shown in lists, page after page."""
    for element in root.iter():
        longest = max((len(str(value)) for key, value in element.attrib.items() if not key.startswith("{")), default=0)
        if isinstance(element.tag, str) and longest > MAX_ATTRIBUTE:
            problem = N_("A name or value here has %(length)s characters; at most %(limit)s are kept.")
            remedy = N_("Shorten it, or write it into the documentation.")
            report.error("long-value", at(element), problem, remedy, length=longest, limit=MAX_ATTRIBUTE)


def _move_boundaries(root: Element, by_id: Mapping[str, Element], report: Report) -> None:
    """A boundary event written elsewhere than beside what it is attached to is put there."""
    for event in list(root.iter(f"{{{BPMN}}}boundaryEvent")):
        host = by_id.get(event.get("attachedToRef", ""))
        scope = host.getparent() if host is not None else None
        if scope is not None and scope is not event.getparent() and _may_hold(scope, event):
            scope.append(event)
            problem = N_("The event is written elsewhere than what it is attached to; it is read beside it.")
            report.note("boundary-moved", at(event), problem, N_("Nothing needs mending."))


def _move_flows(root: Element, by_id: Mapping[str, Element], report: Report) -> None:
    """A flow written elsewhere than beside the two elements it connects is put there."""
    for flow in list(root.iter(f"{{{BPMN}}}sequenceFlow")):
        source, target = by_id.get(flow.get("sourceRef", "")), by_id.get(flow.get("targetRef", ""))
        scope = source.getparent() if source is not None and target is not None else None
        if scope is None or target is None or scope is not target.getparent() or scope is flow.getparent():
            continue
        if _may_hold(scope, flow):
            scope.append(flow)
            problem = N_("The flow is written elsewhere than the elements it connects; it is read beside them.")
            report.note("flow-moved", at(flow), problem, N_("Nothing needs mending."))


def _may_hold(scope: Element, element: Element) -> bool:
    return local(scope) in SCOPES and element not in scope.iterancestors()
