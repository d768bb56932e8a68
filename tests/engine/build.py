"""Small BPMN files for tests: one function per element, glued to bytes by `bpmn`."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="http://example.com/gongdan">'
)
ORDER = '<message id="m_order" name="order" /><message id="m_cancel" name="cancel" />'
EVENTS = (
    f'{ORDER}<signal id="s_go" name="go" /><signal id="s_stop" name="stop" />'
    '<error id="e_bad" errorCode="bad" /><error id="e_worse" errorCode="worse" />'
    '<escalation id="x_up" escalationCode="up" /><escalation id="x_far" escalationCode="far" />'
)
"""Declarations of every kind that the triggers below refer to."""
MULTIPLE = "multiInstanceLoopCharacteristics"
ISO = {"after": "timeDuration", "on": "timeDate", "every": "timeCycle"}


def bpmn(*parts: str, process: str = "p", declarations: str = ORDER, lanes: str = "") -> bytes:
    """A file with one executable process."""
    return document(whole(*parts, process=process, lanes=lanes), declarations=declarations)


def whole(*parts: str, process: str = "p", lanes: str = "", settings: str = "") -> str:
    """One executable process, for files that hold several."""
    return element("process", process, settings + lanes + "\n".join(parts), isExecutable="true")


def document(*processes: str, declarations: str = ORDER) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{HEAD}\n{declarations}\n{"".join(processes)}\n</definitions>'.encode()
    )


def element(tag: str, ident: str, inner: str = "", **attributes: str) -> str:
    named = {"id": ident, **{name.replace("__", ":"): value for name, value in attributes.items()}}
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in named.items())
    return f"<{tag} {written}>{inner}</{tag}>"


def start(ident: str = "begin", inner: str = "", **attributes: str) -> str:
    return element("startEvent", ident, inner, **attributes)


def end(ident: str = "done", inner: str = "") -> str:
    return element("endEvent", ident, inner)


def user(ident: str, inner: str = "", **attributes: str) -> str:
    return element("userTask", ident, inner, **{"camunda__candidateGroups": "office", **attributes})


def script(ident: str, text: str, inner: str = "") -> str:
    return element("scriptTask", ident, inner + f"<script>{escape(text)}</script>", scriptFormat="python")


def service(ident: str, topic: str = "mail", inner: str = "") -> str:
    return element("serviceTask", ident, inner, camunda__type="external", camunda__topic=topic)


def receive(ident: str, message_id: str = "m_order", inner: str = "") -> str:
    return element("receiveTask", ident, inner, messageRef=message_id)


def send(ident: str, message_id: str = "m_order", inner: str = "") -> str:
    return element("sendTask", ident, inner, messageRef=message_id)


def xor(ident: str, default: str = "") -> str:
    return element("exclusiveGateway", ident, **({"default": default} if default else {}))


def both(ident: str) -> str:
    return element("parallelGateway", ident)


def some(ident: str, default: str = "") -> str:
    return element("inclusiveGateway", ident, **({"default": default} if default else {}))


def first_of(ident: str) -> str:
    return element("eventBasedGateway", ident)


def sub(ident: str, *parts: str, loop: str = "") -> str:
    return element("subProcess", ident, loop + "\n".join(parts))


def transaction(ident: str, *parts: str, loop: str = "") -> str:
    return element("transaction", ident, loop + "\n".join(parts))


def ad_hoc(
    ident: str, *parts: str, until: str = "", sequential: bool = False, keeps: bool = False, loop: str = ""
) -> str:
    """Activities that a person begins; `until` a condition holds, which `keeps` what is active or cancels it."""
    flags = {"ordering": "Sequential" if sequential else "Parallel"}
    if keeps:
        flags["cancelRemainingInstances"] = "false"
    return element("adHocSubProcess", ident, loop + "\n".join(parts) + (until_enough(until) if until else ""), **flags)


def call(ident: str, called: str, loop: str = "") -> str:
    return element("callActivity", ident, loop, calledElement=called)


def timer(how: str, text: str) -> str:
    """A trigger: "after" a duration, "on" a date, "every" so often."""
    tag = ISO[how]
    return f"<timerEventDefinition><{tag}>{escape(text)}</{tag}></timerEventDefinition>"


def message(message_id: str = "m_order") -> str:
    return f'<messageEventDefinition messageRef="{message_id}" />'


def signal(signal_id: str = "s_go") -> str:
    return f'<signalEventDefinition signalRef="{signal_id}" />'


def error(error_id: str = "", **attributes: str) -> str:
    """Without an id any error; `camunda__errorCodeVariable` and the like are attributes."""
    return _referring("errorEventDefinition", "errorRef", error_id, attributes)


def escalation(escalation_id: str = "", **attributes: str) -> str:
    return _referring("escalationEventDefinition", "escalationRef", escalation_id, attributes)


def _referring(tag: str, name: str, reference: str, attributes: dict[str, str]) -> str:
    named = {name: reference} if reference else {}
    named |= {key.replace("__", ":"): value for key, value in attributes.items()}
    return f"<{tag} {' '.join(f'{key}={quoteattr(value)}' for key, value in named.items())} />"


def compensation(activity: str = "", *, waits: bool = True) -> str:
    """A thrown compensation of one activity, or of all in its scope; also what an event catches."""
    named = {"activityRef": activity} if activity else {}
    if not waits:
        named["waitForCompletion"] = "false"
    return f"<compensateEventDefinition {' '.join(f'{key}={quoteattr(value)}' for key, value in named.items())} />"


def cancel() -> str:
    return "<cancelEventDefinition />"


def undone_by(host: str, handler: str) -> str:
    """A compensation boundary event, and the association to the activity that undoes: see `undoing`."""
    event = f"{host}_undone"
    drawn = element("association", f"{event}-{handler}", sourceRef=event, targetRef=handler, associationDirection="One")
    return boundary(event, host, compensation()) + drawn


def undoing(activity: str) -> str:
    """The activity as one that undoes another."""
    head, _, rest = activity.partition(" ")
    return f'{head} isForCompensation="true" {rest}'


def becomes(condition: str) -> str:
    """A conditional event's trigger."""
    return f"<conditionalEventDefinition><condition>{escape(condition)}</condition></conditionalEventDefinition>"


def terminate() -> str:
    return "<terminateEventDefinition />"


def catch(ident: str, trigger: str = "", *, all_of: bool = False) -> str:
    """Without a trigger a person says that it has happened."""
    return element("intermediateCatchEvent", ident, trigger, **_parallel(all_of))


def throw(ident: str, trigger: str = "") -> str:
    return element("intermediateThrowEvent", ident, trigger)


def boundary(ident: str, host: str, trigger: str = "", *, interrupting: bool = True, all_of: bool = False) -> str:
    flag = str(interrupting).lower()
    return element("boundaryEvent", ident, trigger, attachedToRef=host, cancelActivity=flag, **_parallel(all_of))


def event_sub(ident: str, trigger: str, *parts: str, interrupting: bool = True, all_of: bool = False) -> str:
    """An event sub-process; its start event is called as it is, with "_on" behind, and leads to the first part."""
    flag = str(interrupting).lower()
    begin = element("startEvent", f"{ident}_on", trigger, isInterrupting=flag, **_parallel(all_of))
    return element("subProcess", ident, begin + "\n".join(parts), triggeredByEvent="true")


def _parallel(all_of: bool) -> dict[str, str]:
    return {"parallelMultiple": "true"} if all_of else {}


def each(collection: str, item: str = "item", *, sequential: bool = False, inner: str = "") -> str:
    """Multi-instance over a collection, in Camunda's words."""
    flag = str(sequential).lower()
    attributes = f"camunda:collection={quoteattr(collection)} camunda:elementVariable={quoteattr(item)}"
    return f'<{MULTIPLE} isSequential="{flag}" {attributes}>{inner}</{MULTIPLE}>'


def times(count: str, *, sequential: bool = False, inner: str = "") -> str:
    """Multi-instance a number of times, in plain BPMN."""
    flag, cardinality = str(sequential).lower(), f"<loopCardinality>{escape(count)}</loopCardinality>"
    return f'<{MULTIPLE} isSequential="{flag}">{cardinality}{inner}</{MULTIPLE}>'


def until_enough(condition: str) -> str:
    return f"<completionCondition>{escape(condition)}</completionCondition>"


def while_true(condition: str = "", *, test_before: bool = False, most: int | None = None) -> str:
    """A standard loop."""
    flags = f'testBefore="{str(test_before).lower()}"' + (f' loopMaximum="{most}"' if most is not None else "")
    inner = f"<loopCondition>{escape(condition)}</loopCondition>" if condition else ""
    return f"<standardLoopCharacteristics {flags}>{inner}</standardLoopCharacteristics>"


def extensions(*inner: str) -> str:
    """A vendor's own elements, in the prefixes that every file here declares."""
    return f"<extensionElements>{''.join(inner)}</extensionElements>"


def mapped(inputs: str = "", outputs: str = "") -> str:
    """Data in and out, in Camunda 7's words: `name = expression`, one a line."""
    written = "".join(
        f"<camunda:{tag} name={quoteattr(line.partition('=')[0].strip())}>"
        f"${{{escape(line.partition('=')[2].strip())}}}</camunda:{tag}>"
        for tag, lines in (("inputParameter", inputs), ("outputParameter", outputs))
        for line in lines.strip().splitlines()
    )
    return extensions(f"<camunda:inputOutput>{written}</camunda:inputOutput>")


def settings(**pairs: str) -> str:
    """Extension properties, as Camunda Modeler writes them; `__` in a name stands for a dot."""
    properties = "".join(
        f'<camunda:property name="{name.replace("__", ".")}" value={quoteattr(value)} />'
        for name, value in pairs.items()
    )
    return f"<extensionElements><camunda:properties>{properties}</camunda:properties></extensionElements>"


def lane_set(**lanes: str) -> str:
    """Lanes by name, each with the ids that stand in it, a space between them."""
    written = []
    for name, ids in lanes.items():
        references = "".join(f"<flowNodeRef>{ident}</flowNodeRef>" for ident in ids.split())
        written.append(element("lane", f"lane_{name}", references, name=name))
    return element("laneSet", "lanes", "".join(written))


def chain(*ids: str) -> str:
    """Flows from each to the next."""
    return "\n".join(flow(source, target) for source, target in pairwise(ids))


def flow(source: str, target: str, when: str = "", ident: str = "") -> str:
    inner = ""
    if when:
        inner = f'<conditionExpression xsi:type="tFormalExpression">{escape(when)}</conditionExpression>'
    return element("sequenceFlow", ident or f"{source}-{target}", inner, sourceRef=source, targetRef=target)
