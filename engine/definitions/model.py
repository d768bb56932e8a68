"""Owns the normal form: what dialects are read into, versions store, and instances are built from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

READER_VERSION = 1
"""Raised when reading the same file would give another normal form; stored versions keep theirs."""


class Kind(StrEnum):
    """What a node does; the vendor's spelling is gone."""

    START = "start"
    END = "end"
    CATCH = "catch"
    THROW = "throw"
    BOUNDARY = "boundary"
    USER = "user"
    MANUAL = "manual"
    SCRIPT = "script"
    JOB = "job"
    RECEIVE = "receive"
    SUB_PROCESS = "sub_process"
    CALL = "call"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT_BASED = "event_based"


ACTIVITIES = frozenset({Kind.USER, Kind.MANUAL, Kind.SCRIPT, Kind.JOB, Kind.RECEIVE, Kind.SUB_PROCESS, Kind.CALL})
"""What takes time, may be repeated, and may have events on its boundary."""


PEOPLES = frozenset({Kind.USER, Kind.MANUAL})
"""What a person does."""


class EventKind(StrEnum):
    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    TERMINATE = "terminate"


class TimerKind(StrEnum):
    DATE = "date"
    DURATION = "duration"
    CYCLE = "cycle"


class LoopKind(StrEnum):
    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"
    STANDARD = "standard"


class Expr(msgspec.Struct, frozen=True, omit_defaults=True):
    """An expression as written, and the surface language it is written in (`engine.expressions.Language`)."""

    text: str
    language: str = "python"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event waits for or throws. A timer has either a literal ISO 8601 `text` or an expression giving one."""

    kind: EventKind = EventKind.NONE
    name: str = ""
    timer: TimerKind | None = None
    text: str = ""
    expr: Expr | None = None


class Loop(msgspec.Struct, frozen=True, omit_defaults=True):
    """Repetition (BPMN 2.0.2, 10.3.8): over a collection, a number of times, or while a condition holds."""

    kind: LoopKind
    collection: Expr | None = None
    cardinality: Expr | None = None
    element: str = ""
    output: str = ""
    output_element: str = ""
    condition: Expr | None = None
    maximum: int | None = None
    test_before: bool = False


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who does a person's task and by when, and the form they answer."""

    assignee: Expr | None = None
    users: tuple[Expr, ...] = ()
    groups: tuple[Expr, ...] = ()
    due: Expr | None = None
    follow_up: Expr | None = None
    priority: Expr | None = None
    form: str = ""


class FormField(msgspec.Struct, frozen=True, omit_defaults=True):
    """One `camunda:formField` or `formProperty`, as written."""

    id: str
    type: str
    label: str = ""
    default: str = ""
    values: tuple[tuple[str, str], ...] = ()
    constraints: tuple[tuple[str, str], ...] = ()
    line: int = 1


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """One flow node; `line` is where it stands in the uploaded file."""

    id: str
    kind: Kind
    name: str = ""
    line: int = 1
    names: dict[str, str] = {}
    documentation: str = ""
    lane: str = ""
    settings: dict[str, str] = {}
    event: Event | None = None
    attached_to: str = ""
    interrupting: bool = True
    default_flow: str = ""
    script: str = ""
    result: str = ""
    topic: str = ""
    initiator: str = ""
    called: str = ""
    body: Scope | None = None
    loop: Loop | None = None
    work: Work | None = None
    fields: tuple[FormField, ...] = ()


class Flow(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    source: str
    target: str
    name: str = ""
    line: int = 1
    condition: Expr | None = None


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """A process's or a sub-process's own nodes and flows."""

    nodes: tuple[Node, ...] = ()
    flows: tuple[Flow, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Every node of this scope and of those inside it, outermost first."""
        for node in self.nodes:
            yield node
            if node.body is not None:
                yield from node.body.walk()

    def scopes(self) -> Iterator[Scope]:
        yield self
        for node in self.nodes:
            if node.body is not None:
                yield from node.body.scopes()


class Process(msgspec.Struct, frozen=True, omit_defaults=True):
    """One executable process of a file."""

    id: str
    scope: Scope
    name: str = ""
    line: int = 1
    names: dict[str, str] = {}
    documentation: str = ""
    settings: dict[str, str] = {}
    lanes: tuple[str, ...] = ()

    def node(self, node_id: str) -> Node | None:
        return next((node for node in self.scope.walk() if node.id == node_id), None)

    def start(self) -> Node | None:
        """The start event a person's filing uses: the first one without a trigger."""
        return next((node for node in self.starts() if node.event is None or node.event.kind is EventKind.NONE), None)

    def starts(self) -> Iterator[Node]:
        return (node for node in self.scope.nodes if node.kind is Kind.START)


class Compiled(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a version stores: its process, those it calls (bound at deploy), and the digest of each element's form."""

    process: Process
    called: dict[str, Process] = {}
    forms: dict[str, str] = {}

    def node(self, node_id: str) -> Node | None:
        for process in (self.process, *self.called.values()):
            if (node := process.node(node_id)) is not None:
                return node
        return None


def dump(compiled: Compiled) -> bytes:
    return msgspec.json.encode(compiled)


def load(content: bytes) -> Compiled:
    return _DECODER.decode(content)


def with_forms(compiled: Compiled, forms: Mapping[str, str]) -> Compiled:
    return msgspec.structs.replace(compiled, forms=dict(forms))


_DECODER = msgspec.json.Decoder(Compiled)
"""Made once, when the module is loaded: msgspec 0.22 crashes when two threads at once are the first to make one."""
