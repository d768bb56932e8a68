"""Owns where a scope's tokens can come to be: a small search of what becomes of them.

Wherever tokens could have stood, and no others beside them, the process goes on from there as it was drawn to: nothing
is done twice, and no join waits for a token that was never sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from engine.definitions.kinds import EventKind
from engine.spiff.ad_hoc import OFFER
from engine.spiff.events import EventGatewaySpec
from engine.spiff.gateways import ExclusiveSpec, InclusiveSpec, JoinSpec, ParallelSpec
from engine.spiff.nodes import BeginSpec, NodeSpec, Out

if TYPE_CHECKING:
    from engine.spiff.build import ProcessSpec

MOST_MARKINGS = 4_000
MOST_TOKENS = 12
Marking = tuple[str, ...]
"""Where tokens are, sorted: the names of nodes, and of flows (behind a mark) at whose joins they wait."""
_WAITS = "\n\n"


def comes_to(spec: ProcessSpec, start: Marking, places: Iterable[str]) -> bool:
    """Whether tokens at `start` can come to be at just these places."""
    target = tuple(sorted(places))
    return start == target or _reaches(spec, start, target, ends=True)


def may_miss(spec: ProcessSpec, start: Iterable[str], names: Collection[str]) -> bool:
    """Whether tokens that start there can all have ended without one having left any of these nodes; True also where
    that takes too long to find out.
    """
    return _reaches(spec, tuple(sorted(start)), (), ends=True, never=names, unknown=True)


def waiting_on(flow: str) -> str:
    """The place of a token that has come by this flow and waits at a join."""
    return f"{_WAITS}{flow}"


def leads_back(spec: ProcessSpec, element: str, here: str) -> bool:
    """Whether a token at `element` can come to `here` as the only one, with nothing ended on the way."""
    return _reaches(spec, (element,), (here,), ends=False)


def stands_alone(spec: ProcessSpec, element: str) -> bool:
    """Whether the scope, begun anew, can come to have nothing but one token, at `element`."""
    return _reaches(spec, (spec.start.name,), (element,), ends=True)


def _reaches(
    spec: ProcessSpec,
    start: Marking,
    target: Marking,
    *,
    ends: bool,
    never: Collection[str] = (),
    unknown: bool = False,
) -> bool:
    """`unknown` where that takes too long to find out; tokens at the nodes `never` go nowhere."""
    if OFFER in spec.task_specs:
        return unknown
    ahead, seen = deque([start]), {start}
    while ahead:
        if len(seen) >= MOST_MARKINGS:
            return unknown
        for marking in _next(spec, ahead.popleft(), never, ends=ends):
            if marking == target:
                return True
            if marking not in seen and len(marking) <= MOST_TOKENS:
                seen.add(marking)
                ahead.append(marking)
    return False


def _next(spec: ProcessSpec, marking: Marking, never: Collection[str], *, ends: bool) -> Iterator[Marking]:
    for place in dict.fromkeys(marking):
        if place.startswith(_WAITS) or place in never:
            continue
        rest = list(marking)
        rest.remove(place)
        node: NodeSpec = spec.task_specs[place]
        for boundary in node.boundaries:
            interrupts = any(boundary.interrupts(slot) for slot in range(len(boundary.slots)))
            yield from _settled(spec, [*rest, boundary.name] if interrupts else [*marking, boundary.name])
        for outs in _exits(node):
            if outs or (ends and not _stops_all(node)):
                yield from _arrived(spec, rest, outs)


def _exits(node: NodeSpec) -> Iterable[list[Out]]:
    """The flows taken together, in each way there is; all conditions of a split hold, or none."""
    if isinstance(node, ExclusiveSpec | EventGatewaySpec | BeginSpec):
        return [[out] for out in node.outs]
    if node.default is None or isinstance(node, ParallelSpec):
        return [list(node.outs)]
    return [[out for out in node.outs if out is not node.default], [node.default]]


def _arrived(spec: ProcessSpec, rest: Iterable[str], outs: Iterable[Out]) -> Iterator[Marking]:
    """With tokens at the ends of these flows; a join that has all it waits for has gone on."""
    places = list(rest)
    joins: dict[str, JoinSpec] = {}
    for out in outs:
        target = spec.task_specs[out.target]
        waits = isinstance(target, JoinSpec) and len(target.flows) > 1
        places.append(waiting_on(out.id) if waits else out.target)
        if waits:
            joins[target.name] = target
    for join in joins.values():
        if isinstance(join, ParallelSpec) and _is_full(join, places):
            places = _joined(join, places)
    yield from _settled(spec, places)


def _settled(spec: ProcessSpec, places: list[str]) -> Iterator[Marking]:
    """As it is, and with each inclusive join gone on to which nothing more can come."""
    yield tuple(sorted(places))
    waited = {place.removeprefix(_WAITS): place for place in places if place.startswith(_WAITS)}
    at = {place: _standing(spec, place) for place in places}
    for join in {at[place]: spec.task_specs[at[place]] for place in waited.values()}.values():
        if isinstance(join, InclusiveSpec):
            filled = [flow for flow in join.flows if flow in waited]
            empty = [flow for flow in join.flows if flow not in waited]
            others = [name for name in at.values() if name != join.name]
            if not empty or not join.awaits_any(others, spec, filled, empty):
                yield tuple(sorted(_joined(join, places)))


def _standing(spec: ProcessSpec, place: str) -> str:
    """The node a token is at: the join, for one that waits on a flow."""
    if not place.startswith(_WAITS):
        return place
    flow = place.removeprefix(_WAITS)
    outs: Iterable[Out] = spec.task_specs[spec.flow_source[flow]].outs
    return next(out.target for out in outs if out.id == flow)


def _is_full(join: JoinSpec, places: Iterable[str]) -> bool:
    return {waiting_on(flow) for flow in join.flows} <= set(places)


def _joined(join: JoinSpec, places: Iterable[str]) -> list[str]:
    """One token goes on for one from each flow."""
    left = list(places)
    for flow in join.flows:
        if waiting_on(flow) in left:
            left.remove(waiting_on(flow))
    return [*left, join.name]


def _stops_all(node: NodeSpec) -> bool:
    """Whether an end event ends the others too, or the scope by an error."""
    event = node.node.event if node.node is not None else None
    return event is not None and event.kind in (EventKind.TERMINATE, EventKind.ERROR, EventKind.CANCEL)
