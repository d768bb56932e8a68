"""Owns the normal form: what dialects are read into, and instances are built from."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec


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
    SEND = "send"
    RECEIVE = "receive"
    DECISION = "decision"
    SUB_PROCESS = "sub_process"
    CALL = "call"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT_BASED = "event_based"
    LINK = "link"


ACTIVITIES = frozenset(
    {
        Kind.USER,
        Kind.MANUAL,
        Kind.SCRIPT,
        Kind.JOB,
        Kind.SEND,
        Kind.RECEIVE,
        Kind.DECISION,
        Kind.SUB_PROCESS,
        Kind.CALL,
    }
)
"""What takes time, may be repeated, and may have events on its boundary."""


PEOPLES = frozenset({Kind.USER, Kind.MANUAL})
"""What a person does."""


class EventKind(StrEnum):
    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    COMPENSATION = "compensation"
    CANCEL = "cancel"
    TERMINATE = "terminate"
    PERSON = "person"
    """A boundary or catch event that the file gives no trigger: a person says that it has happened."""
    MULTIPLE = "multiple"


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
    """What an event waits for or throws.

    A timer has either a literal ISO 8601 `text` or an expression giving one; a conditional event has an expression.
    """

    kind: EventKind = EventKind.NONE
    name: str = ""
    """A message's or signal's name; an error's or escalation's code, where a catching one without takes any."""
    naming: Expr | None = None
    """Gives the name when the event is reached, where the file writes an expression for it."""
    key: Expr | None = None
    """A message's correlation key, else the instance's own."""
    timer: TimerKind | None = None
    text: str = ""
    expr: Expr | None = None
    activity: str = ""
    """The one activity that a compensation is thrown for; empty: all that its scope has completed."""
    waits: bool = True
    """Whether a compensation's thrower goes on only when all is undone."""
    code_to: str = ""
    message_to: str = ""
    """Variables that a caught error's or escalation's code and words are put in."""
    payload_to: str = ""
    """The one variable that takes all a caught message brings; empty: each of its entries is a variable."""
    of: tuple[Event, ...] = ()
    """A multiple event's triggers: any one of them or, with `all_of`, every one (BPMN 2.0.2, 10.5.5)."""
    all_of: bool = False


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
    output_value: Expr | None = None
    """What a round adds to the output, where that is not a variable's value (`output_element`)."""


class Assign(msgspec.Struct, frozen=True, omit_defaults=True):
    """A variable that is given an expression's value where data goes into an activity or comes out of it.

    The name may be the path to an entry (`order.total`); without a name each entry of the value is a variable.
    """

    name: str
    value: Expr


class Failing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which answers to a call are a BPMN error, and its code: those of a `status`, or those of which `when` is true.

    A status is `404`, `5xx`, or `network` and `timeout` where there was no answer.
    """

    code: str
    status: str = ""
    when: Expr | None = None


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call over HTTP that a service task makes; what it sends may read `secrets`, what comes back is `response`."""

    url: Expr
    method: Expr = Expr("GET", "literal")
    headers: tuple[Assign, ...] = ()
    query: tuple[Assign, ...] = ()
    body: Expr | None = None
    auth: tuple[Assign, ...] = ()
    """`username` and `password`; or `token`; or `name`, `value` and `in` (`headers`, `query`)."""
    key: Expr | None = None
    """What tells the other side that it is the same call again, besides this task's own token."""
    timeout: Expr | None = None
    retries: Expr | None = None
    result_to: str = ""
    """The variable that takes what came back."""
    shape: str = ""
    """What that is: the answer's body; `answer`: status, headers and body; `spiff`: SpiffArena's."""
    results: tuple[Assign, ...] = ()
    errors: tuple[Failing, ...] = ()
    failing: Expr | None = None
    """Gives an error's code, or an object with `code` and `message`; null: the answer is none."""
    any_status: bool = False
    """The process looks at the status itself, so that none is an error."""


class AdHoc(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an ad-hoc sub-process is done (BPMN 2.0.2, 13.3.5): a person begins its activities, any number of times."""

    sequential: bool = False
    condition: Expr | None = None
    cancel_remaining: bool = True


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who does a person's task and by when, and the form they answer."""

    assignee: Expr | None = None
    users: tuple[Expr, ...] = ()
    groups: tuple[Expr, ...] = ()
    due: Expr | None = None
    follow_up: Expr | None = None
    priority: Expr | None = None
    form: str = ""
    layout: str = ""
    """The file that says how the form's fields follow each other and look, where it is not the form's own."""


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
    value: Expr | None = None
    """What a script or service task computes for `result`, where the file gives an expression and no script."""
    result: str = ""
    topic: str = ""
    initiator: str = ""
    called: str = ""
    """The process a call activity calls; the decision a business rule task asks."""
    result_as: str = ""
    """How a decision's rows become its result: `single_entry`, `single_result`, `entries`, `rows`; empty: by table."""
    inputs: tuple[Assign, ...] = ()
    outputs: tuple[Assign, ...] = ()
    only_inputs: bool = False
    only_outputs: bool = False
    """Nothing but the inputs goes in; nothing but the outputs comes out."""
    before: str = ""
    after: str = ""
    """Scripts run on the data as an activity begins and as it ends."""
    body: Scope | None = None
    by_event: bool = False
    """An event sub-process: its start event begins it, while the scope around it is open (10.3.4, 13.5.4)."""
    transaction: bool = False
    ad_hoc: AdHoc | None = None
    for_compensation: bool = False
    """Reached by no flow, only when what it undoes is compensated."""
    handler: str = ""
    """On a compensation boundary event: the activity that undoes."""
    loop: Loop | None = None
    work: Work | None = None
    fields: tuple[FormField, ...] = ()
    call: Call | None = None


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
    forms: dict[str, str] = {}
    """Forms that stand inside the file, by the name its tasks call them."""

    def node(self, node_id: str) -> Node | None:
        return next((node for node in self.scope.walk() if node.id == node_id), None)

    def start(self) -> Node | None:
        """The start event a person's filing uses: the first one without a trigger."""
        return next((node for node in self.starts() if node.event is None or node.event.kind is EventKind.NONE), None)

    def starts(self) -> Iterator[Node]:
        return (node for node in self.scope.nodes if node.kind is Kind.START)
