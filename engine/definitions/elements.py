"""Owns reading flow nodes into the normal form; what a vendor adds comes through a dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from engine.definitions.connecting import TOPIC, Connector
from engine.definitions.declared import Source
from engine.definitions.events import definitions_of, link_name, read_event
from engine.definitions.kinds import ACTIVITIES, EventKind, Kind
from engine.definitions.loops import read_loop
from engine.definitions.model import Node
from engine.definitions.parts import Work
from engine.definitions.places import ALWAYS_INTERRUPT, Place
from engine.definitions.scripts import read_script
from engine.definitions.source import at, flag, id_of
from engine.definitions.triggers import read_message
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

KINDS = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "intermediateCatchEvent": Kind.CATCH,
    "intermediateThrowEvent": Kind.THROW,
    "implicitThrowEvent": Kind.THROW,
    "boundaryEvent": Kind.BOUNDARY,
    "userTask": Kind.USER,
    "manualTask": Kind.MANUAL,
    "task": Kind.MANUAL,
    "scriptTask": Kind.SCRIPT,
    "serviceTask": Kind.JOB,
    "sendTask": Kind.JOB,
    "receiveTask": Kind.RECEIVE,
    "businessRuleTask": Kind.DECISION,
    "subProcess": Kind.SUB_PROCESS,
    "transaction": Kind.SUB_PROCESS,
    "adHocSubProcess": Kind.SUB_PROCESS,
    "callActivity": Kind.CALL,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    "inclusiveGateway": Kind.INCLUSIVE,
    "complexGateway": Kind.INCLUSIVE,
    "eventBasedGateway": Kind.EVENT_BASED,
}
GLOBALS = {
    "globalTask": Kind.MANUAL,
    "globalManualTask": Kind.MANUAL,
    "globalUserTask": Kind.USER,
    "globalScriptTask": Kind.SCRIPT,
    "globalBusinessRuleTask": Kind.DECISION,
}
"""Tasks that stand beside the processes and are called by them (BPMN 2.0.2, 10.3.7)."""
PLACES = {
    "endEvent": Place.END,
    "intermediateCatchEvent": Place.CATCH,
    "intermediateThrowEvent": Place.THROW,
    "implicitThrowEvent": Place.THROW,
    "boundaryEvent": Place.BOUNDARY,
}


def read_node(element: Element, source: Source, *, lane: str, start: Place) -> Node:
    """One element; `lane` is the one around it, `start` where its scope's start events stand."""
    warn_of_unread(element, source)
    called = _called_task(element, source)
    tag = local(element)
    drawn = Kind.SEND if tag == "sendTask" and element.get("messageRef") else KINDS[tag]
    kind = source.dialect.kind(element, drawn) if called is None else GLOBALS[local(called)]
    if tag.endswith("Event"):
        return _event(_common(element, kind, source, lane), element, source, PLACES.get(tag, start))
    node = _common(element, kind, source, lane)
    return DETAILS.get(node.kind, _same)(node, called if called is not None else element, source)


def _common(element: Element, kind: Kind, source: Source, lane: str) -> Node:
    dialect = source.dialect
    settings, mappings, (before, after) = dialect.settings(element), dialect.mappings(element), dialect.scripts(element)
    return Node(
        id=id_of(element),
        kind=kind,
        name=element.get("name", ""),
        line=at(element).line,
        names=names_of(settings),
        documentation=dialect.documentation(element),
        lane=source.lanes.get(id_of(element), lane),
        settings=settings,
        default_flow=element.get("default", "").rpartition(":")[2],
        result=dialect.result(element),
        inputs=mappings.inputs,
        outputs=mappings.outputs,
        only_inputs=mappings.only_inputs,
        only_outputs=mappings.only_outputs,
        before=before,
        after=after,
        for_compensation=kind in ACTIVITIES and flag(element, "isForCompensation", default=False),
        loop=read_loop(element, source) if kind in ACTIVITIES else None,
    )


def _event(node: Node, element: Element, source: Source, place: Place) -> Node:
    found = definitions_of(element, source)
    if link_name(element, found) is not None:
        return _with(node, kind=Kind.LINK)
    event = read_event(element, found, place, source)
    by_person = event is not None and event.kind is EventKind.PERSON
    starts = node.kind is Kind.START
    interrupts = flag(element, "isInterrupting" if starts else "cancelActivity", default=True)
    return _with(
        node,
        event=event,
        attached_to=element.get("attachedToRef", "").rpartition(":")[2],
        interrupting=interrupts or (event is not None and event.kind in ALWAYS_INTERRUPT),
        initiator=source.dialect.initiator(element) if starts else "",
        work=source.dialect.work(element) if starts else Work() if by_person else None,
        fields=source.dialect.fields(element) if starts else (),
    )


def _user(node: Node, element: Element, source: Source) -> Node:
    return _with(node, work=source.dialect.work(element), fields=source.dialect.fields(element))


def _manual(node: Node, element: Element, source: Source) -> Node:
    return _with(node, work=source.dialect.work(element))


def _script(node: Node, element: Element, source: Source) -> Node:
    script = read_script(element, source)
    if script.language:
        return _with(node, kind=Kind.JOB, topic=script.language)
    return _with(node, script=script.text, value=script.value)


CONNECTED = frozenset({"gongdan:hand-over-subjects"})
"""Topics that whoever runs the engine answers itself."""


def _job(node: Node, element: Element, source: Source) -> Node:
    connector = source.dialect.connector(element)
    if connector is not None and (connector.call is not None or connector.lost):
        _say_lost(connector, element, source)
    if connector is not None and connector.call is not None:
        inputs = tuple(each for each in node.inputs if each.name not in connector.consumed)
        return _with(node, topic=TOPIC, call=connector.call, inputs=inputs, result="")
    node = _with(node, topic=source.dialect.topic(element), value=source.dialect.value(element))
    if node.topic == TOPIC:
        problem = N_("The task calls another system and does not say where.")
        source.report.error("call-nowhere", at(element), problem, N_("Give it the property http.url."))
        return node
    if node.value is None and node.topic not in CONNECTED:
        topic = node.topic or node.name
        problem = N_("What this task calls (“%(topic)s”) is not connected; it is done at once and gives nothing.")
        if not topic:
            problem = N_("This task calls nothing that is connected; it is done at once and gives nothing.")
        remedy = N_("Make it a user task, or connect it before tickets rely on it.")
        source.report.warning("not-connected", at(element), problem, remedy, topic=topic)
    return node


def _say_lost(connector: Connector, element: Element, source: Source) -> None:
    if connector.lost:
        problem = N_("This part of the call is not understood and left out: %(names)s.")
        remedy = N_("Say it as docs/connectors.md does: method, url, headers, body and result by expressions.")
        source.report.warning("call-left-out", at(element), problem, remedy, names=", ".join(connector.lost)[:200])


def _decision(node: Node, element: Element, source: Source) -> Node:
    called, result_as = source.dialect.decision(element)
    if not called:
        return _job(_with(node, kind=Kind.JOB), element, source)
    return _with(node, called=called, result_as=result_as)


def _message(node: Node, element: Element, source: Source) -> Node:
    return _with(node, event=read_message(element, element, source))


def _call(node: Node, element: Element, source: Source) -> Node:
    called = source.dialect.called(element).strip()
    if "${" not in called and "#{" not in called and not called.startswith("="):
        return _with(node, called=called)
    problem = N_("Which process is called here is only known later (“%(called)s”); the step is done and gives nothing.")
    remedy = N_("Name one process, or put a gateway before several calls.")
    source.report.warning("call-expression", at(element), problem, remedy, called=called[:80])
    return _with(node, kind=Kind.JOB, topic=called)


def _same(node: Node, _element: Element, _source: Source) -> Node:
    return node


def _inclusive(node: Node, element: Element, source: Source) -> Node:
    if local(element) == "complexGateway":
        problem = N_("A complex gateway is run as an inclusive one; its activation condition is not read.")
        remedy = N_("Say what you mean by parallel, inclusive and exclusive gateways.")
        source.report.warning("complex-gateway", at(element), problem, remedy)
    return node


DETAILS: dict[Kind, Callable[[Node, Element, Source], Node]] = {
    Kind.USER: _user,
    Kind.MANUAL: _manual,
    Kind.SCRIPT: _script,
    Kind.JOB: _job,
    Kind.DECISION: _decision,
    Kind.RECEIVE: _message,
    Kind.SEND: _message,
    Kind.CALL: _call,
    Kind.INCLUSIVE: _inclusive,
}


def _called_task(element: Element, source: Source) -> Element | None:
    """The task beside the processes that a call activity calls: read as if it stood here."""
    if local(element) != "callActivity":
        return None
    reference = element.get("calledElement", "").strip()
    found = (source.find(tag, reference) for tag in GLOBALS) if reference else ()
    task = next((each for each in found if each is not None), None)
    if task is not None:
        problem, remedy = N_("The called task “%(task)s” is read as a task in its place."), N_("Nothing needs mending.")
        source.report.note("global-task", at(element), problem, remedy, task=task.get("name") or id_of(task))
    return task


def warn_of_unread(element: Element, source: Source) -> None:
    """The vendor's words that do nothing here are said, so that nobody relies on them."""
    for tag in source.dialect.unread(element):
        problem = N_("What <%(tag)s> says here is not read.")
        remedy = N_("Say it with tasks and scripts if it matters.")
        source.report.warning("not-read", at(element), problem, remedy, tag=tag)
    for remark in source.dialect.remarks(element):
        say = source.report.warning if remark.lossy else source.report.note
        say(remark.code, at(element), remark.problem, remark.remedy, **remark.params)


def names_of(settings: dict[str, str]) -> dict[str, str]:
    """`name.zh` and `name.en` of the settings, by language."""
    return {key.removeprefix("name."): value for key, value in settings.items() if key.startswith("name.") and value}


def _with(node: Node, **changes: object) -> Node:
    return msgspec.structs.replace(node, **changes)
