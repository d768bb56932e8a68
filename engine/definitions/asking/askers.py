"""Owns who can be asked before an element: the nearest person's tasks on every way back, or the start that is filed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.definitions.kinds import PEOPLES, EventKind, Kind
from engine.definitions.model import Node, Process, Scope
from engine.definitions.parts import Event

SETTERS = frozenset({Kind.JOB, Kind.CALL, Kind.RECEIVE, Kind.SEND})
"""What may set variables that the file does not name: other systems' answers."""
GATEWAYS = frozenset({Kind.EXCLUSIVE, Kind.INCLUSIVE, Kind.PARALLEL, Kind.EVENT_BASED})
MOST_STEPS = 300_000
"""Of walking back, in one process; past that nobody is found."""
MOST_JOINS = 20
"""So many joins of parallel paths on one way back choose the first path with a person on it; further ones all."""


@dataclass
class Askers:
    """The nodes that can ask; whether on some way back `others` may answer, or `nobody` is met."""

    tasks: list[Node] = field(default_factory=list)
    others: bool = False
    nobody: bool = False


@dataclass
class Ways:
    """The ways back through a process's scopes."""

    process: Process
    nodes: dict[str, Node] = field(default_factory=dict)
    around: dict[str, Node] = field(default_factory=dict)
    """The sub-process around each node that is in one."""
    into: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    out: set[str] = field(default_factory=set)
    undone: dict[str, str] = field(default_factory=dict)
    """What each handler of a compensation undoes."""
    left: int = MOST_STEPS

    def __post_init__(self) -> None:
        self._gather(self.process.scope, None)

    def _gather(self, scope: Scope, around: Node | None) -> None:
        scopes: list[tuple[Scope, Node | None]] = [(scope, around)]
        for inner, holder in scopes:
            for node in inner.nodes:
                self.nodes[node.id] = node
                if holder is not None:
                    self.around[node.id] = holder
                if node.handler:
                    self.undone[node.handler] = node.attached_to
                if node.body is not None:
                    scopes.append((node.body, node))
            for flow in inner.flows:
                self.into[flow.target].append(flow.source)
                self.out.add(flow.source)

    def before(self, node: Node, *, crossing: bool) -> Askers:
        """Who can be asked before a gateway, or at an activity that decides itself.

        The walk ends where other systems may set variables, unless `crossing`.
        """
        found = Askers()
        first = list(self._behind(node)) if node.kind in GATEWAYS else [node.id]
        self._walk(first, set(), found, crossing=crossing, joins=0)
        return found

    def _walk(self, first: Iterable[str], seen: set[str], found: Askers, *, crossing: bool, joins: int) -> None:
        ahead = list(reversed(list(first)))
        while ahead:
            ident = ahead.pop()
            self.left -= 1
            if ident in seen or ident not in self.nodes or self.left < 0:
                continue
            seen.add(ident)
            node = self.nodes[ident]
            if can_be_asked(node, self.process):
                found.tasks.append(node)
            elif not crossing and _may_set(node):
                found.others = True
            elif node.kind is Kind.START and node.id not in self.around:
                found.nobody = True
            elif node.kind is Kind.PARALLEL and len(self.into[ident]) > 1 and joins < MOST_JOINS:
                self._first_path(node, seen, found, crossing=crossing, joins=joins + 1)
            else:
                ahead.extend(reversed(list(self._behind(node))))

    def _first_path(self, join: Node, seen: set[str], found: Askers, *, crossing: bool, joins: int) -> None:
        """All paths into a parallel join are gone; asking once is enough."""
        for source in self.into[join.id]:
            path = Askers()
            self._walk([source], seen, path, crossing=crossing, joins=joins)
            found.others = found.others or path.others
            if path.tasks:
                found.tasks += path.tasks
                return
        found.nobody = True

    def _behind(self, node: Node) -> Iterator[str]:
        """What happens just before a node; before a sub-process has ended, what it ends with."""
        inside = node.body.nodes if node.body is not None and not node.only_outputs else ()
        last = [inner.id for inner in inside if inner.id not in self.out and not inner.for_compensation]
        yield from last or self._ahead_of(node)

    def _ahead_of(self, node: Node) -> Iterator[str]:
        if node.kind is Kind.BOUNDARY:
            host = self.nodes.get(node.attached_to)
            yield from self._ahead_of(host) if host is not None else ()
        elif node.id in self.undone:
            yield self.undone[node.id]
        elif self.into[node.id]:
            yield from self.into[node.id]
        elif node.id in self.around:
            yield from self._around(self.around[node.id])

    def _around(self, holder: Node) -> Iterator[str]:
        """Before a sub-process begins; one begun by an event begins after its scope has."""
        if not holder.by_event:
            yield from self._ahead_of(holder)
        elif holder.id in self.around:
            yield from self._around(self.around[holder.id])
        else:
            yield from (start.id for start in self.process.starts())


def can_be_asked(node: Node, process: Process) -> bool:
    """Whether a person acts at the node, and what they say gets out of it."""
    if node.only_outputs:
        return False
    if node.kind in PEOPLES or is_for_a_person(node.event):
        return True
    return is_filed(node) and any(node.id == start.id for start in process.starts())


def is_filed(node: Node) -> bool:
    """Whether the node is a start event without a trigger."""
    return node.kind is Kind.START and (node.event is None or node.event.kind is EventKind.NONE)


def is_for_a_person(event: Event | None) -> bool:
    return event is not None and event.kind is EventKind.PERSON


def _may_set(node: Node) -> bool:
    brings = node.event is not None and node.event.kind in (EventKind.MESSAGE, EventKind.MULTIPLE)
    return node.kind in SETTERS or (brings and node.kind in (Kind.START, Kind.CATCH, Kind.BOUNDARY))
