"""Owns reading flow nodes and flows into the normal form; what a vendor adds comes through a dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.definitions.dialect import Dialect
from engine.definitions.events import read_event
from engine.definitions.loops import read_loop
from engine.definitions.model import (
    ACTIVITIES,
    PEOPLES,
    Event,
    EventKind,
    Flow,
    Kind,
    Node,
    Scope,
)
from engine.definitions.report import Report
from engine.definitions.source import at, child, children, expr_of, flag, id_of
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


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
IGNORED = frozenset(
    "extensionElements documentation laneSet ioSpecification dataObject dataObjectReference dataStoreReference property"
    " textAnnotation association group auditing monitoring incoming outgoing artifact resourceRole category"
    " correlationSubscription dataInputAssociation dataOutputAssociation script potentialOwner humanPerformer performer"
    " loopCharacteristics multiInstanceLoopCharacteristics standardLoopCharacteristics".split()
)


@dataclass
class Source:
    """One file while it is read: its declarations and where to report; `lanes` by the ids of those in them."""

    dialect: Dialect
    report: Report
    messages: dict[str, str] = field(default_factory=dict)
    lanes: dict[str, str] = field(default_factory=dict)


def read_scope(element: Element, source: Source, *, lane: str = "") -> Scope:
    """The nodes and flows of a process or sub-process; `lane` is the one around it."""
    nodes: list[Node] = []
    flows: list[Flow] = []
    for found in children(element):
        name = local(found)
        if name == "sequenceFlow":
            flows.append(_flow(found, source, id_of(found) or f"#{len(flows)}"))
        elif name in KINDS and not flag(found, "triggeredByEvent", default=False):
            nodes.append(_node(found, source, lane=lane))
        elif name not in IGNORED:
            _unsupported(found, source.report)
    return Scope(nodes=tuple(nodes), flows=tuple(flows))


def _unsupported(element: Element, report: Report) -> None:
    problem = N_("The element <%(element)s> is not supported.")
    remedy = N_("Replace it by tasks, gateways, timer or message events, sub-processes or call activities.")
    report.error("unsupported-element", at(element), problem, remedy, element=local(element))


def _flow(element: Element, source: Source, flow_id: str) -> Flow:
    """A flow; the file need not give it an id, but joins tell their flows apart by it."""
    warn_of_unread(element, source)
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


def _node(element: Element, source: Source, *, lane: str) -> Node:
    dialect = source.dialect
    kind = dialect.kind(element, KINDS[local(element)])
    settings = dialect.settings(element)
    mine = source.lanes.get(id_of(element), lane)
    warn_of_unread(element, source)
    is_event = local(element).endswith("Event") or kind is Kind.RECEIVE
    event = read_event(element, source.messages, source.report) if is_event else None
    mappings = dialect.mappings(element)
    before, after = dialect.scripts(element)
    called, result_as = dialect.decision(element) if kind is Kind.DECISION else (dialect.called(element), "")
    return Node(
        id=element.get("id", ""),
        kind=kind,
        name=element.get("name", ""),
        line=at(element).line,
        names=names_of(settings),
        documentation=dialect.documentation(element),
        lane=mine,
        settings=settings,
        event=event if event != Event(EventKind.NONE) else None,
        attached_to=element.get("attachedToRef", ""),
        interrupting=flag(element, "cancelActivity", default=True),
        default_flow=element.get("default", ""),
        script=_script(element, source.report) if kind is Kind.SCRIPT else "",
        value=dialect.value(element) if kind in (Kind.SCRIPT, Kind.JOB) else None,
        result=dialect.result(element),
        topic=dialect.topic(element) if kind is Kind.JOB else "",
        initiator=dialect.initiator(element) if kind is Kind.START else "",
        called=called if kind in (Kind.CALL, Kind.DECISION) else "",
        result_as=result_as,
        inputs=mappings.inputs,
        outputs=mappings.outputs,
        only_inputs=mappings.only_inputs,
        only_outputs=mappings.only_outputs,
        before=before,
        after=after,
        body=read_scope(element, source, lane=mine) if kind is Kind.SUB_PROCESS else None,
        loop=read_loop(element, dialect, source.report) if kind in ACTIVITIES else None,
        work=dialect.work(element) if kind in (*PEOPLES, Kind.START) else None,
        fields=dialect.fields(element) if kind in (Kind.USER, Kind.START) else (),
    )


def warn_of_unread(element: Element, source: Source) -> None:
    """The vendor's words that do nothing here are said, so that nobody relies on them."""
    for tag in source.dialect.unread(element):
        problem = N_("What <%(tag)s> says here is not read.")
        remedy = N_("Say it with tasks and scripts if it matters.")
        source.report.warning("not-read", at(element), problem, remedy, tag=tag)
    for remark in source.dialect.remarks(element):
        say = source.report.warning if remark.lossy else source.report.note
        say(remark.code, at(element), remark.problem, remark.remedy, **remark.params)


def _script(element: Element, report: Report) -> str:
    """The script, its first line the element's own, so that a line in it is found in the file."""
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
    if script is None:
        return ""
    before = at(script).line - at(element).line
    return "\n" * before + "".join(script.itertext()).rstrip()


def names_of(settings: dict[str, str]) -> dict[str, str]:
    """`name.zh` and `name.en` of the settings, by language."""
    return {key.removeprefix("name."): value for key, value in settings.items() if key.startswith("name.") and value}
