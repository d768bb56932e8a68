"""Owns what hangs on the nodes of the normal form: expressions, triggers, loops, mappings, calls, work and fields."""

from __future__ import annotations

import msgspec

from engine.definitions.kinds import EventKind, LoopKind, TimerKind


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
