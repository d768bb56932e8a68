"""Owns the question whether an instance can end without certain tasks having been completed, and by which way.

Tokens are moved through each scope by themselves, a sub-process being one activity with its exits (13.3.4): that is
exact where what splits is joined by its like, as conditions are taken to be free. Elsewhere a way may be named that no
values take; never the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from engine.definitions.exits import (
    DONE,
    OWN,
    Catcher,
    Exit,
    Exits,
    Steps,
    StepsSpent,
    Trail,
    catchers_of,
    follow,
    is_external,
    may_be_skipped,
    nearest,
    triggers_of,
)
from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Node, Scope
from engine.definitions.moving import Inner, Moving, rests_itself
from engine.definitions.plan import Plan
from engine.definitions.stored import Compiled

BUDGET = 100_000
"""Moves of tokens, for all that is asked of one upload: some two seconds."""


class Verdict(StrEnum):
    """What is known of a task: that no instance ends without it, that one may, or neither."""

    KEPT = "kept"
    AVOIDED = "avoided"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Way:
    """The answer; `path` are the elements on the way round, in an order in which they may happen."""

    verdict: Verdict
    path: tuple[Node, ...] = ()


@dataclass
class Avoidance:
    """Asks about one definition. Ways through an element whose id is in `waived` are allowed, and not looked for.

    What was found out for scopes that hold none of the tasks in question is kept from one question to the next.
    """

    compiled: Compiled
    waived: Collection[str] = ()
    steps: Steps = field(default_factory=lambda: Steps(BUDGET))
    _known: dict[tuple[int, tuple[Catcher, ...], bool], Exits] = field(default_factory=dict, init=False)
    _untouched: dict[tuple[int, tuple[Catcher, ...], bool], Exits] = field(default_factory=dict, init=False)
    _plans: dict[int, Plan] = field(default_factory=dict, init=False)
    _resting: dict[int, bool] = field(default_factory=dict, init=False)
    _marked: frozenset[str] = field(default=frozenset(), init=False)
    _touched: set[int] = field(default_factory=set, init=False)
    _doubtful: bool = field(default=False, init=False)
    _incomplete: bool = field(default=False, init=False)

    def way_round(self, marked: Collection[str]) -> Way:
        """Whether an instance can end without any of these tasks, by their ids, having been completed once."""
        self._marked, self._doubtful, self._known, self._touched = frozenset(marked), False, {}, set()
        try:
            self._touch(self.compiled.process.scope)
            exits = self._exits(self.compiled.process.scope, (), root=True)
        except StepsSpent:
            return Way(Verdict.UNPROVED)
        ends = [trail for (kind, code), trail in exits.items() if kind in ("done", "error") and code != OWN]
        if ends:
            shortest = min((list(follow(trail)) for trail in ends), key=len)
            path = tuple(self._nodes[ident] for ident in shortest)
            doubtful = self._doubtful or any(self._heard_here(node) for node in path)
            return Way(Verdict.UNPROVED if doubtful else Verdict.AVOIDED, path)
        if undone := self._undone():
            return Way(Verdict.UNPROVED, undone)
        return Way(Verdict.UNPROVED if self._incomplete or self._undoing_leads_out() else Verdict.KEPT)

    @cached_property
    def _nodes(self) -> Mapping[str, Node]:
        processes = (self.compiled.process, *self.compiled.called.values())
        return {node.id: node for process in processes for node in process.scope.walk()}

    def _touch(self, scope: Scope) -> bool:
        """Notes which scopes hold a task in question, themselves or in what they call."""
        self.steps.spend(1 + len(scope.nodes) // 50)
        inner = [self._touch(body) for node in scope.nodes if (body := self._inside(node)) is not None]
        touched = any(inner) or any(node.id in self._marked for node in scope.nodes)
        if touched:
            self._touched.add(id(scope))
        return touched

    def _inside(self, node: Node) -> Scope | None:
        if node.kind is Kind.CALL:
            called = self.compiled.called.get(node.called)
            return called.scope if called is not None else None
        return node.body

    def _exits(self, scope: Scope, around: tuple[Catcher, ...], *, root: bool = False, ad_hoc: bool = False) -> Exits:
        """How the scope can be left without the tasks in question; `around` catches the escalations thrown in it."""
        known = self._known if id(scope) in self._touched else self._untouched
        key = (id(scope), around, root)
        if key not in known:
            asides = [node for node in scope.nodes if node.by_event and node.body is not None]
            begins = {node.id: start for node in asides if (start := _start_of(node)) is not None}
            inside = (*around, *catchers_of(begins.values()))
            moving = Moving(self._plan(scope), self._activity, self.steps, inside, self.waived)
            exits = moving.exits(root=root, ad_hoc=ad_hoc)
            self._doubtful = self._doubtful or moving.doubtful
            self._incomplete = self._incomplete or moving.incomplete
            known[key] = self._with_asides(scope, begins, exits, around) if begins else exits
        return known[key]

    def _plan(self, scope: Scope) -> Plan:
        if id(scope) not in self._plans:
            self.steps.spend(1 + len(scope.nodes) // 20)
            self._plans[id(scope)] = Plan.of(scope)
        return self._plans[id(scope)]

    def _activity(self, node: Node, around: tuple[Catcher, ...]) -> Inner:
        """How an activity can be left without the tasks in question, and whether it takes time."""
        body = self._inside(node)
        exits: Exits = {DONE: None}
        if node.id in self._marked:
            exits = {}
        elif body is not None and body.nodes:
            exits = dict(self._exits(body, around, ad_hoc=node.ad_hoc is not None))
        elif node.kind is Kind.JOB and node.value is None:
            exits = {DONE: None, ("error", OWN): None}
        if node.ad_hoc is not None or may_be_skipped(node.loop):
            exits = {DONE: None, **exits}
        return Inner(exits, self._rests(node))

    def _rests(self, node: Node) -> bool:
        body = self._inside(node)
        if body is None:
            return rests_itself(node)
        if id(body) not in self._resting:
            self.steps.spend(1 + len(body.nodes) // 20)
            self._resting[id(body)] = node.ad_hoc is not None or any(self._rests(one) for one in body.nodes)
        return self._resting[id(body)]

    def _with_asides(
        self, scope: Scope, begins: Mapping[str, Node], exits: Exits, around: tuple[Catcher, ...]
    ) -> Exits:
        """What the scope's event sub-processes make of its exits (13.5.4): ends of their own, and errors caught."""
        own: dict[str, Exits] = {}
        for node in scope.nodes:
            if node.id in begins and node.body is not None:
                others = catchers_of(start for ident, start in begins.items() if ident != node.id)
                own[node.id] = self._exits(node.body, (*around, *others))
        resting = any(self._rests(node) for node in scope.nodes if not node.by_event)
        waiting = [(exit_, trail, "") for exit_, trail in exits.items()]
        for ident, start in begins.items():
            if resting and is_external(start.event) and start.id not in self.waived:
                waiting += _left_by(ident, start, own[ident], None)
        return self._settled(begins, own, waiting)

    def _settled(
        self, begins: Mapping[str, Node], own: Mapping[str, Exits], waiting: list[tuple[Exit, Trail, str]]
    ) -> Exits:
        """The exits that none of the event sub-processes takes; `waiting` says in which of them each was thrown."""
        found: Exits = {}
        seen: set[tuple[Exit, str]] = set()
        while waiting:
            exit_, trail, within = waiting.pop(0)
            if (exit_, within) in seen:
                continue
            self.steps.spend(1 + len(begins) // 20)
            seen.add((exit_, within))
            options, certain = nearest(exit_, {ident: start for ident, start in begins.items() if ident != within})
            for ident in options:
                if begins[ident].id not in self.waived:
                    self._doubtful = self._doubtful or not (begins[ident].interrupting or DONE in own[ident])
                    waiting += _left_by(ident, begins[ident], own[ident], trail)
            if not certain:
                found.setdefault(exit_, trail)
        return found

    def _heard_here(self, node: Node) -> bool:
        """Whether it throws a signal that the same instance may wait for: that it surely comes is not followed."""
        thrown = [each for each in triggers_of(node.event) if each.kind is EventKind.SIGNAL]
        if node.kind not in (Kind.END, Kind.THROW) or not thrown:
            return False
        return any(each.naming is not None or each.name in self._heard or "" in self._heard for each in thrown)

    @cached_property
    def _heard(self) -> frozenset[str]:
        """The signals that something in the definition waits for; empty where an expression names one."""
        waits = (node for node in self._nodes.values() if node.kind not in (Kind.END, Kind.THROW))
        events = (each for node in waits for each in triggers_of(node.event) if each.kind is EventKind.SIGNAL)
        return frozenset("" if each.naming is not None else each.name for each in events)

    def _undone(self) -> tuple[Node, ...]:
        """A task in question that is undone after it was completed, and what throws that; whether it ever does is open.

        It has a handler for compensation of its own, or what it is inside of has one.
        """
        throws = [node for node in self._nodes.values() if node.kind in (Kind.END, Kind.THROW)]
        thrown = [node for node in throws if _catches(node, EventKind.COMPENSATION) or _catches(node, EventKind.CANCEL)]
        hosts = {node.attached_to for node in self._nodes.values() if node.handler} if thrown else set()
        for host in sorted(hosts & self._nodes.keys()):
            inside = self._inside(self._nodes[host])
            within = {host} if inside is None else {node.id for node in inside.walk()}
            for task in sorted(within & self._marked):
                return self._nodes[task], thrown[0]
        return ()

    def _undoing_leads_out(self) -> bool:
        """Whether what undoes an activity can fail or end more than itself: where that leads is not followed."""
        handlers = [node for node in self._nodes.values() if node.for_compensation or _undoes(node)]
        try:
            return any(exit_ != DONE for node in handlers for exit_ in self._activity(node, ()).exits)
        except StepsSpent:
            return True


def _left_by(ident: str, start: Node, own: Exits, trail: Trail) -> Iterator[tuple[Exit, Trail, str]]:
    """The exits by way of an event sub-process; one that does not interrupt leaves the scope only by what it throws."""
    stops = start.interrupting or _catches(start, EventKind.ERROR)
    for exit_, inner in own.items():
        if stops or exit_ != DONE:
            yield exit_, ((trail, ident), inner), ident


def _catches(node: Node, kind: EventKind) -> bool:
    return node.event is not None and kind in (node.event.kind, *(trigger.kind for trigger in node.event.of))


def _undoes(node: Node) -> bool:
    start = _start_of(node) if node.by_event else None
    return start is not None and _catches(start, EventKind.COMPENSATION)


def _start_of(node: Node) -> Node | None:
    return next((inner for inner in node.body.nodes if inner.kind is Kind.START), None) if node.body else None
