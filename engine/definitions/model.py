"""Owns the normal form: what dialects are read into, and instances are built from; its words are in `kinds`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.definitions.kinds import EventKind, Kind
from engine.definitions.parts import AdHoc, Assign, Call, Event, Expr, FormField, Loop, Work


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
