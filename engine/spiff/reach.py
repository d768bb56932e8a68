"""Owns whether a lone token may be put elsewhere in a scope: a small search of what one token can become there.

Wherever a token could have stood alone, the process goes on from there as it was drawn to: nothing is done twice, and
no join waits for a token that was never sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from engine.definitions.model import EventKind
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


def leads_back(spec: ProcessSpec, element: str, here: str) -> bool:
    """Whether a token at `element` can come to `here` as the only one, with nothing ended on the way."""
    return _reaches(spec, (element,), here, ends=False)


def stands_alone(spec: ProcessSpec, element: str) -> bool:
    """Whether the scope, begun anew, can come to have nothing but one token, at `element`."""
    return _reaches(spec, (spec.start.name,), element, ends=True)


def _reaches(spec: ProcessSpec, start: Marking, target: str, *, ends: bool) -> bool:
    """False also where that takes too long to find out."""
    if OFFER in spec.task_specs:
        return False
    ahead, seen = [start], {start}
    while ahead and len(seen) < MOST_MARKINGS:
        for marking in _next(spec, ahead.pop(), ends=ends):
            if marking == (target,):
                return True
            if marking not in seen and len(marking) <= MOST_TOKENS:
                seen.add(marking)
                ahead.append(marking)
    return False


def _next(spec: ProcessSpec, marking: Marking, *, ends: bool) -> Iterator[Marking]:
    for place in dict.fromkeys(marking):
        if place.startswith(_WAITS):
            continue
        rest = list(marking)
        rest.remove(place)
        node: NodeSpec = spec.task_specs[place]
        for boundary in node.boundaries:
            interrupts = any(boundary.interrupts(slot) for slot in range(len(boundary.slots)))
            yield tuple(sorted([*rest, boundary.name] if interrupts else [*marking, boundary.name]))
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
    """With tokens at the ends of these flows; where joins have what they wait for, they may have gone on."""
    places = list(rest)
    joins: dict[str, JoinSpec] = {}
    for out in outs:
        target = spec.task_specs[out.target]
        waits = isinstance(target, JoinSpec) and len(target.flows) > 1
        places.append(f"{_WAITS}{out.id}" if waits else out.target)
        if waits:
            joins[target.name] = target
    marking = tuple(sorted(places))
    full = [join for join in joins.values() if isinstance(join, ParallelSpec) and _is_full(join, marking)]
    for join in full:
        marking = _joined(join, marking)
    yield marking
    for join in joins.values():
        if isinstance(join, InclusiveSpec):
            yield _joined(join, marking)


def _is_full(join: JoinSpec, marking: Marking) -> bool:
    return all(f"{_WAITS}{flow}" in marking for flow in join.flows)


def _joined(join: JoinSpec, marking: Marking) -> Marking:
    """One token goes on for one from each flow."""
    places = list(marking)
    for flow in join.flows:
        if f"{_WAITS}{flow}" in places:
            places.remove(f"{_WAITS}{flow}")
    return tuple(sorted([*places, join.name]))


def _stops_all(node: NodeSpec) -> bool:
    """Whether an end event ends the others too, or the scope by an error."""
    event = node.node.event if node.node is not None else None
    return event is not None and event.kind in (EventKind.TERMINATE, EventKind.ERROR, EventKind.CANCEL)
