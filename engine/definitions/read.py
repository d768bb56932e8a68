"""Owns reading one BPMN file into the normal form; what a vendor adds comes through a dialect (camunda.py, …)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.definitions.camunda import Camunda7
from engine.definitions.events import read_event
from engine.definitions.loops import read_loop
from engine.definitions.model import Event, EventKind, Flow, FormField, Kind, Loop, LoopKind, Node, Process, Scope, Work
from engine.definitions.report import Report
from engine.definitions.source import BPMN, at, child, child_text, children, expr_of, find_children, id_of
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


class Dialect(Protocol):
    """What a vendor's own words mean; one module each. A new one is one more of these and a line in `dialect_of`."""

    def settings(self, element: Element) -> dict[str, str]: ...
    def work(self, element: Element) -> Work: ...
    def fields(self, element: Element) -> tuple[FormField, ...]: ...
    def initiator(self, element: Element) -> str: ...
    def topic(self, element: Element) -> str: ...
    def result(self, element: Element) -> str: ...
    def loop(self, element: Element, kind: LoopKind) -> Loop: ...


def dialect_of(_root: Element) -> Dialect:
    """The dialect a file is written in; plain BPMN is Camunda 7 without any of its words."""
    return Camunda7()


KINDS = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "intermediateCatchEvent": Kind.CATCH,
    "intermediateThrowEvent": Kind.THROW,
    "boundaryEvent": Kind.BOUNDARY,
    "userTask": Kind.USER,
    "manualTask": Kind.MANUAL,
    "task": Kind.MANUAL,
    "scriptTask": Kind.SCRIPT,
    "serviceTask": Kind.JOB,
    "sendTask": Kind.JOB,
    "receiveTask": Kind.RECEIVE,
    "subProcess": Kind.SUB_PROCESS,
    "callActivity": Kind.CALL,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    "inclusiveGateway": Kind.INCLUSIVE,
    "eventBasedGateway": Kind.EVENT_BASED,
}
ID = re.compile(r"[\w.:-]{1,255}")
IGNORED = frozenset(
    "extensionElements documentation laneSet ioSpecification dataObject dataObjectReference dataStoreReference property"
    " textAnnotation association group auditing monitoring incoming outgoing artifact resourceRole"
    " correlationSubscription"
    " multiInstanceLoopCharacteristics standardLoopCharacteristics dataInputAssociation dataOutputAssociation script"
    " potentialOwner humanPerformer performer loopCharacteristics category".split()
)


@dataclass
class Source:
    """One file while it is read: its declarations and where to report."""

    root: Element
    dialect: Dialect
    report: Report
    messages: dict[str, str] = field(default_factory=dict)


def read_processes(root: Element, report: Report) -> list[Process]:
    """Every executable process of the file, in order; problems go to `report`."""
    if local(root) != "definitions" or namespace(root) != BPMN:
        problem = N_("The root element is <%(found)s>, not BPMN 2.0 <definitions>.")
        report.error("not-bpmn", at(root), problem, N_("Export the diagram as BPMN 2.0 XML."), found=local(root)[:60])
        return []
    _check_ids(root, report)
    messages = {id_of(message): message.get("name") or id_of(message) for message in find_children(root, "message")}
    source = Source(root, dialect_of(root), report, messages)
    found = [element for element in children(root) if local(element) == "process"]
    if not found:
        remedy = N_("Draw a process with a start event, or upload the file that holds it.")
        report.error("no-process", at(root), N_("The file holds no process."), remedy)
    processes = [_process(element, source) for element in found if _executable(element, report)]
    if found and not processes:
        problem = N_("No process is executable: the file is kept as a picture, and nothing can be started from it.")
        report.warning("picture-only", at(found[0]), problem, N_("Tick “executable” on the process to run it."))
    return processes


def _executable(element: Element, report: Report) -> bool:
    flag = element.get("isExecutable")
    if flag is None:
        problem = N_("The process does not say whether it is executable; it is taken as executable.")
        report.note("executable-absent", at(element), problem, N_("Tick “executable” on the process."))
    return flag != "false"


def _check_ids(root: Element, report: Report) -> None:
    """Ids are unique names (XML Schema's ID, on which every reference of the file stands)."""
    named = [e for e in root.iter() if isinstance(e.tag, str) and namespace(e) == BPMN and e.get("id")]
    count = Counter(e.get("id") for e in named)
    for element in named:
        if not ID.fullmatch(id_of(element)):
            problem = N_("The id “%(id)s” is not a name of at most 255 characters.")
            remedy = N_("Use letters, digits, “_”, “-” and “.” only.")
            report.error("bad-id", at(element), problem, remedy, id=id_of(element)[:60])
        if count[element.get("id")] > 1:
            count[element.get("id")] = 0
            problem = N_("The id “%(id)s” is used more than once.")
            remedy = N_("Give each element an id of its own.")
            report.error("duplicate-id", at(element), problem, remedy, id=element.get("id"))


def _process(element: Element, source: Source) -> Process:
    settings = source.dialect.settings(element)
    lanes = _lanes(element)
    name = element.get("name") or _pool_name(source.root, id_of(element)) or id_of(element)
    return Process(
        id=id_of(element),
        scope=_scope(element, source, lanes, lane=""),
        name=name,
        line=at(element).line,
        names=_names(settings),
        documentation=child_text(element, "documentation"),
        settings=settings,
        lanes=tuple(dict.fromkeys(lanes.values())),
    )


def _pool_name(root: Element, process_id: str) -> str:
    pools = (pool for group in find_children(root, "collaboration") for pool in find_children(group, "participant"))
    return next((pool.get("name") or "" for pool in pools if pool.get("processRef") == process_id), "")


def _lanes(process: Element) -> dict[str, str]:
    """Node id → the name of the innermost lane it stands in."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        for reference in find_children(lane, "flowNodeRef"):
            found[(reference.text or "").strip()] = lane.get("name") or lane.get("id") or ""
    return found


def _scope(element: Element, source: Source, lanes: dict[str, str], *, lane: str) -> Scope:
    nodes: list[Node] = []
    flows: list[Flow] = []
    for found in children(element):
        name = local(found)
        if name == "sequenceFlow":
            flows.append(_flow(found, source, id_of(found) or f"#{len(flows)}"))
        elif name in KINDS and found.get("triggeredByEvent") != "true":
            nodes.append(_node(found, source, lanes, lane=lane))
        elif name not in IGNORED:
            _unsupported(found, source.report)
    return Scope(nodes=tuple(nodes), flows=tuple(flows))


def _unsupported(element: Element, report: Report) -> None:
    problem = N_("The element <%(element)s> is not supported.")
    remedy = N_("Replace it by tasks, gateways, timer or message events, sub-processes or call activities.")
    report.error("unsupported-element", at(element), problem, remedy, element=local(element))


def _flow(element: Element, source: Source, flow_id: str) -> Flow:
    """A flow; the file need not give it an id, but joins tell their flows apart by it."""
    condition = child(element, "conditionExpression")
    text = "".join(condition.itertext()).strip() if condition is not None else ""
    language = (condition.get("language") or "") if condition is not None else ""
    if language and language.lower() not in ("python", "juel", "feel") and not language.startswith("http"):
        problem = N_("Conditions in “%(language)s” are not run.")
        source.report.error("language", at(element), problem, N_("Write it as ${…} or in Python."), language=language)
        text = ""
    return Flow(
        id=flow_id,
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        name=element.get("name", ""),
        line=at(element).line,
        condition=expr_of(text, language=language, plain="python") if text else None,
    )


def _node(element: Element, source: Source, lanes: dict[str, str], *, lane: str) -> Node:
    kind, dialect = KINDS[local(element)], source.dialect
    settings = dialect.settings(element)
    mine = lanes.get(element.get("id", ""), lane)
    is_event = local(element).endswith("Event") or kind is Kind.RECEIVE
    event = read_event(element, source.messages, source.report) if is_event else None
    return Node(
        id=element.get("id", ""),
        kind=kind,
        name=element.get("name", ""),
        line=at(element).line,
        names=_names(settings),
        documentation=child_text(element, "documentation"),
        lane=mine,
        settings=settings,
        event=event if event != Event(EventKind.NONE) else None,
        attached_to=element.get("attachedToRef", ""),
        interrupting=element.get("cancelActivity", "true") != "false",
        default_flow=element.get("default", ""),
        script=_script(element, source.report) if kind is Kind.SCRIPT else "",
        result=dialect.result(element),
        topic=dialect.topic(element) if kind is Kind.JOB else "",
        initiator=dialect.initiator(element) if kind is Kind.START else "",
        called=element.get("calledElement", "") if kind is Kind.CALL else "",
        body=_scope(element, source, lanes, lane=mine) if kind is Kind.SUB_PROCESS else None,
        loop=read_loop(element, dialect, source.report),
        work=dialect.work(element) if kind in (Kind.USER, Kind.START) else None,
        fields=dialect.fields(element) if kind in (Kind.USER, Kind.START) else (),
    )


def _script(element: Element, report: Report) -> str:
    language = (element.get("scriptFormat") or "python").lower()
    if language not in ("python", "text/python", "text/x-python", "application/x-python"):
        problem = N_("A script in “%(language)s” is not run.")
        report.error(
            "script-language",
            at(element),
            problem,
            N_("Write it in Python (script format “python”)."),
            language=language,
        )
        return ""
    script = child(element, "script")
    return "".join(script.itertext()).strip("\n") if script is not None else ""


def _names(settings: dict[str, str]) -> dict[str, str]:
    """`name.zh` and `name.en` of the settings, by language."""
    return {key.removeprefix("name."): value for key, value in settings.items() if key.startswith("name.") and value}
