"""Owns moving tokens through one scope in all ways that count, one token after another.

Tokens of one scope meet at joins alone, so the order in which they are moved changes nothing of where they can come
to: each is moved as far as it goes before the next, and what branches may do adds up instead of multiplying.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from engine.definitions.exits import (
    DONE,
    UNKNOWN,
    Catcher,
    Exit,
    Exits,
    Steps,
    Trail,
    catchers_of,
    is_external,
    nearest,
    stops_thrower,
    triggers_of,
)
from engine.definitions.kinds import ACTIVITIES, EventKind, Kind
from engine.definitions.model import Flow, Node
from engine.definitions.plan import Plan

MOST_FREE = 8
"""Flows of one split that may or may not be taken, each for itself; of more only none and each alone is tried.

That is enough where no join of the scope waits for all of its flows: what several do, each of them does alone.
"""
STAYS = "\n"
"""In place of a flow: a token stays at the node itself."""

Place = tuple[str, str]
"""A node where a token waits, and the flow it came by."""


@dataclass(frozen=True, slots=True)
class Inner:
    """How an activity can be left, and whether it takes time, so that events on its boundary can happen."""

    exits: Exits
    rests: bool


@dataclass(frozen=True, slots=True)
class State:
    """Tokens that can move, the last of them next; those that wait; and the way here."""

    moving: tuple[str, ...]
    waiting: frozenset[Place]
    trail: Trail


@dataclass
class Moving:
    """One scope's tokens. `activity` says how an activity can be left when these catch the escalations in it."""

    plan: Plan
    activity: Callable[[Node, tuple[Catcher, ...]], Inner]
    steps: Steps
    around: tuple[Catcher, ...] = ()
    waived: Collection[str] = ()
    doubtful: bool = False
    """Whether two tokens were taken for one, or one was left out: a way that was found then need not be one."""
    incomplete: bool = False
    """Whether some choices were not tried: there may be ways that were not found."""
    found: dict[Exit, Trail] = field(default_factory=dict)

    def exits(self, *, root: bool, ad_hoc: bool) -> Exits:
        """Every exit with a shortest way to it. Raises StepsSpent."""
        ahead: deque[State] = deque()
        seen: set[tuple[tuple[str, ...], frozenset[Place]]] = set()
        for state in self._beginnings(root=root, ad_hoc=ad_hoc):
            ahead.append(state)
        while ahead:
            state = ahead.popleft()
            key = (state.moving, state.waiting)
            if key in seen:
                continue
            seen.add(key)
            for following in self._move(state) if state.moving else self._settle(state):
                self.steps.spend(1 + (len(following.moving) + len(following.waiting)) // 8)
                ahead.append(following)
        return self.found

    def _beginnings(self, *, root: bool, ad_hoc: bool) -> Iterator[State]:
        """Of a process any start event; of a sub-process all without a trigger; of an ad-hoc one any activity."""
        first = self.plan.first
        bare = [node for node in first if not (node.kind is Kind.START and node.event is not None)] or first
        for chosen in ([node] for node in first) if root or ad_hoc else ():
            yield State(tuple(node.id for node in chosen), frozenset(), None)
        if not ad_hoc and not (root and len(first) == 1):
            yield State(tuple(node.id for node in reversed(bare)), frozenset(), None)

    def _move(self, state: State) -> Iterator[State]:
        """What can become of the last token."""
        node = self.plan.nodes[state.moving[-1]]
        if node.id in self.waived:
            return
        rest = State(state.moving[:-1], state.waiting, (state.trail, node.id))
        if node.kind in ACTIVITIES:
            yield from self._work(node, state, rest)
        elif node.kind in (Kind.END, Kind.THROW):
            yield from self._throw(node, rest)
        elif node.kind in (Kind.EXCLUSIVE, Kind.EVENT_BASED):
            for flow in self._one_of(node):
                yield self._along(rest, (flow,))
        else:
            yield from self._leave(node, rest)

    def _work(self, node: Node, state: State, rest: State) -> Iterator[State]:
        """An activity: done, left by what is thrown inside, by an event on its boundary, or never."""
        boundaries = self.plan.boundaries.get(node.id, {})
        inner = self.activity(node, (*self.around, *catchers_of(boundaries.values())))
        for exit_, trail in inner.exits.items():
            after = rest if trail is None else State(rest.moving, rest.waiting, (rest.trail, trail))
            options, certain = nearest(exit_, boundaries)
            if exit_ == DONE or (exit_[0] == "cancel" and node.transaction and not options):
                yield from self._leave(node, after)
                continue
            for ident in options:
                self._doubt_beside(boundaries[ident])
                yield self._caught(boundaries[ident], node, after)
            if not certain:
                self.found.setdefault(exit_, after.trail)
        if DONE not in inner.exits:
            yield State(rest.moving, rest.waiting | {(node.id, STAYS)}, state.trail)
        if inner.rests:
            yield from (self._caught(event, node, rest) for event in boundaries.values() if is_external(event.event))

    def _doubt_beside(self, event: Node) -> None:
        """What is surely begun beside an activity is followed as if it might not be: it may hold the scope open."""
        if not event.interrupting and not self.doubtful:
            ahead = self.plan.ahead(event.id)
            self.steps.spend(1 + len(ahead))
            works = (node for ident in ahead if (node := self.plan.nodes[ident]).kind in ACTIVITIES)
            self.doubtful = any(DONE not in self.activity(node, self.around).exits for node in works)

    def _caught(self, event: Node, host: Node, after: State) -> State:
        stays = () if event.interrupting else (host.id,)
        return State((*after.moving, *stays, event.id), after.waiting, after.trail)

    def _throw(self, node: Node, rest: State) -> Iterator[State]:
        for event in triggers_of(node.event):
            code = UNKNOWN if event.naming is not None else event.name
            if event.kind is EventKind.TERMINATE:
                self.found.setdefault(DONE, rest.trail)
                return
            if event.kind in (EventKind.ERROR, EventKind.CANCEL):
                self.found.setdefault((event.kind.value, code), rest.trail)
                return
            if event.kind is EventKind.ESCALATION:
                self.found.setdefault(("escalation", code), rest.trail)
                if stops_thrower(code, self.around):
                    return
        if node.kind is Kind.END:
            yield rest
        else:
            yield from self._leave(node, rest)

    def _one_of(self, node: Node) -> Iterator[Flow]:
        """The flows of which one is taken: the first whose condition holds, else the default one."""
        flows = self.plan.out[node.id]
        if node.kind is Kind.EVENT_BASED:
            yield from flows
            return
        default = self._default(node)
        for flow in flows:
            holds = True if flow.condition is None else self.plan.holds[flow.id]
            if flow is not default and holds is not False:
                yield flow
                if holds:
                    return
        if default is not None:
            yield default

    def _leave(self, node: Node, rest: State) -> Iterator[State]:
        """Along all flows without a condition and any of those with one; the default one if none of these is taken."""
        flows = self.plan.out[node.id]
        if node.kind is Kind.PARALLEL or not flows:
            yield self._along(rest, flows)
            return
        default = self._default(node)
        others = [flow for flow in flows if flow is not default]
        open_ = [flow for flow in others if flow.condition is not None and self.plan.holds[flow.id] is None]
        sure = [flow for flow in others if flow.condition is None or self.plan.holds[flow.id]]
        for chosen in self._choices(open_):
            taken = [*sure, *chosen]
            if default is not None and all(flow.condition is None for flow in taken):
                taken.append(default)
            if taken:
                yield self._along(rest, taken)

    def _choices(self, flows: Sequence[Flow]) -> Iterator[tuple[Flow, ...]]:
        if len(flows) > MOST_FREE:
            self.incomplete = self.incomplete or self.plan.waits_for_all
            yield from ((), *((flow,) for flow in flows))
            return
        for size in range(len(flows) + 1):
            yield from combinations(flows, size)

    def _default(self, node: Node) -> Flow | None:
        flows = self.plan.out[node.id]
        if node.default_flow:
            return next((flow for flow in flows if flow.id == node.default_flow), None)
        bare = [flow for flow in flows if flow.condition is None]
        return bare[0] if node.kind is Kind.EXCLUSIVE and len(bare) == 1 else None

    def _along(self, rest: State, flows: Sequence[Flow]) -> State:
        """A token at the end of each flow; at a gateway that joins it waits, and goes on if it was the last of all."""
        moving, waiting = list(rest.moving), set(rest.waiting)
        for flow in reversed(flows):
            target = self.plan.nodes[flow.target]
            if not self.plan.is_join(target):
                moving.append(target.id)
                continue
            self.doubtful = self.doubtful or (target.id, flow.id) in waiting
            waiting.add((target.id, flow.id))
            joined = {(target.id, each.id) for each in self.plan.into[target.id]}
            if target.kind is Kind.PARALLEL and joined <= waiting:
                waiting -= joined
                moving.append(target.id)
        return State(tuple(moving), frozenset(waiting), rest.trail)

    def _settle(self, state: State) -> Iterable[State]:
        """Nothing moves: the scope is done if nothing waits, else inclusive joins go on that nothing can come to."""
        if not state.waiting:
            self.found.setdefault(DONE, state.trail)
            return
        for ident in sorted({ident for ident, _ in state.waiting if self.plan.nodes[ident].kind is Kind.INCLUSIVE}):
            if not self._more_may_come(ident, state):
                waiting = frozenset(place for place in state.waiting if place[0] != ident)
                yield State((ident,), waiting, state.trail)

    def _more_may_come(self, ident: str, state: State) -> bool:
        """Whether a token elsewhere can still come to an empty flow, and to none that is filled (13.4.3)."""
        flows = self.plan.into[ident]
        empty = [self.plan.behind(flow) for flow in flows if (ident, flow.id) not in state.waiting]
        filled = [self.plan.behind(flow) for flow in flows if (ident, flow.id) in state.waiting]
        others = {place[0] for place in state.waiting} - {ident}
        self.steps.spend(1 + len(others) * len(flows) // 20)
        return any(
            any(other in behind for behind in empty) and not any(other in behind for behind in filled)
            for other in others
        )


def rests_itself(node: Node) -> bool:
    """Whether a token takes time here, a sub-process or call apart."""
    return node.kind in _RESTS or (node.kind is Kind.JOB and node.value is None)


_RESTS = frozenset({Kind.USER, Kind.MANUAL, Kind.RECEIVE, Kind.CATCH, Kind.EVENT_BASED})
