"""An independent token game that replays a walk: may these elements have completed in this order (BPMN 2.0.2, 13)?

It knows only the normal form and the ids in the order they completed, and keeps every marking that these allow: which
flows a split took is seen by what came after. Scopes that are open more than once at a time share their marking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Flow, Node, Process, Scope

MOST_MARKINGS = 3_000
MOST_SUBSETS = 6
Place = tuple[str, str]
"""A flow with a token ("flow", id), an activity under way ("on", id), a scope that may begin ("open", id)."""
Marking = frozenset[tuple[Place, int]]
ENDED: Marking = frozenset({(("ended", ""), 1)})
ENDS_ALL = frozenset({EventKind.TERMINATE, EventKind.ERROR, EventKind.CANCEL})


class Disagrees(AssertionError):
    """The walk is none that tokens could take; says at which firing."""


@dataclass(frozen=True)
class Room:
    """A scope, by the id of what holds it ("" for the process)."""

    id: str
    form: Scope
    holder: Node | None
    around: str | None


class Replay:
    """Replays walks of one process; processes it calls are given too, with the ids their visits have."""

    def __init__(self, process: Process, called: Iterable[Process] = ()) -> None:
        self.called = {one.id: one for one in called}
        self.rooms: dict[str, Room] = {}
        self.nodes: dict[str, list[tuple[Node, Room]]] = {}
        self._add(Room("", process.scope, None, None), 0)

    def check(self, walk: Sequence[str], *, ended: bool) -> None:
        """Raises `Disagrees` unless tokens may go this way, and are all used up if the walk has ended."""
        markings: set[Marking] = {_frozen(Counter({("open", ""): 1}))}
        for number, element in enumerate(walk):
            markings = {after for before in markings for after in self._fire(before, element)}
            if not markings:
                raise Disagrees(f"{element} (number {number}) fires without a token, after {walk[:number]}")
            if len(markings) > MOST_MARKINGS:
                return
        if ended and not any(self._is_over(marking) for marking in markings):
            raise Disagrees(f"tokens are left over after {walk}: {sorted(next(iter(markings)))}")

    def _add(self, room: Room, depth: int) -> None:
        self.rooms[room.id] = room
        for node in room.form.nodes:
            self.nodes.setdefault(node.id, []).append((node, room))
            body = node.body
            if body is None and node.kind is Kind.CALL and node.called in self.called and depth < 5:
                body = self.called[node.called].scope
            if body is not None:
                self._add(Room(f"{room.id}/{node.id}", body, node, room.id), depth + 1)

    def _fire(self, before: Marking, element: str) -> Iterator[Marking]:
        for node, room in self.nodes.get(element, ()):
            for marking in self._settled(before):
                for taken in self._take(Counter(dict(marking)), node, room):
                    yield from self._give(taken, node, room)

    def _settled(self, before: Marking) -> set[Marking]:
        """All that may have happened unseen: repeated activities begin and end; what the file gives no id completes."""
        seen, ahead = {before}, [before]
        while ahead and len(seen) < MOST_MARKINGS:
            for after in self._unseen(Counter(dict(ahead.pop()))):
                if after not in seen:
                    seen.add(after)
                    ahead.append(after)
        return seen

    def _unseen(self, marking: Counter[Place]) -> Iterator[Marking]:
        for room in self.rooms.values():
            for node in room.form.nodes:
                if node.id.startswith("."):
                    for taken in self._take(marking, node, room):
                        yield from self._give(taken, node, room)
                if node.loop is not None:
                    for begun in self._take_in(marking, node, room):
                        yield _frozen(begun + Counter({("on", _key(room, node)): 1}))
                    if marking["on", _key(room, node)]:
                        over = self._cleared(marking, _key(room, node), itself=True)
                        yield from self._along(over, node, room)

    def _take(self, marking: Counter[Place], node: Node, room: Room) -> Iterator[Counter[Place]]:
        """The markings after the token that fires `node` is used."""
        mine = ("on", _key(room, node))
        if node.kind is Kind.BOUNDARY:
            yield from self._take_from_host(marking, node, room)
        elif node.loop is not None:
            if marking[mine]:
                yield marking
        elif marking[mine]:
            yield self._cleared(marking, _key(room, node), itself=True)
        elif node.for_compensation:
            yield marking
        elif room.holder is not None and room.holder.ad_hoc and not self._flows_into(node, room):
            yield from self._active(marking, room)
        elif _key(room, node) in self.rooms and self.rooms[_key(room, node)].form.nodes and not node.by_event:
            yield from self._take_in(marking, node, room) if self._may_be_empty(node) else ()
        else:
            yield from self._take_in(marking, node, room)

    def _may_be_empty(self, node: Node) -> bool:
        return node.ad_hoc is not None or node.transaction or node.kind is Kind.CALL

    def _flows_into(self, node: Node, room: Room) -> list[str]:
        return [_key(room, flow) for flow in room.form.flows if flow.target == node.id]

    def _take_in(self, marking: Counter[Place], node: Node, room: Room) -> Iterator[Counter[Place]]:
        """A token arrives at a node along its flows, or since its scope begins."""
        into = self._flows_into(node, room)
        full = [flow for flow in into if marking["flow", flow]]
        if node.kind is Kind.PARALLEL and into:
            if len(full) == len(into):
                yield marking - Counter({("flow", flow): 1 for flow in into})
        elif node.kind is Kind.INCLUSIVE and into:
            if full:
                yield marking - Counter({("flow", flow): 1 for flow in full})
        elif into:
            yield from (marking - Counter({("flow", flow): 1}) for flow in full)
        elif node.kind is Kind.START or not any(one.kind is Kind.START for one in room.form.nodes):
            yield from self._begin(marking, node, room)

    def _begin(self, marking: Counter[Place], node: Node, room: Room) -> Iterator[Counter[Place]]:
        """The scope begins here."""
        first = [one for one in room.form.nodes if self._is_first(one, room)]
        opens = Counter(
            {("open", _key(room, one)): 1 for one in first if one.id != node.id and node.kind is not Kind.START}
        )
        if marking["open", _key(room, node)]:
            yield marking - Counter({("open", _key(room, node)): 1})
        if marking["open", room.id]:
            yield marking - Counter({("open", room.id): 1}) + opens
        holder, around = room.holder, self.rooms.get(room.around or "")
        if holder is None or around is None:
            return
        on = Counter({("on", room.id): 1})
        if holder.for_compensation:
            yield marking + on + opens
        elif holder.by_event:
            undoes = node.event is not None and node.event.kind is EventKind.COMPENSATION
            stops = node.interrupting and node.event is not None and not undoes
            for active in [marking] if undoes else self._active(marking, around):
                yield (self._cleared(active, around.id, itself=False) if stops else active) + on
        elif holder.loop is not None:
            if marking["on", room.id]:
                yield marking + opens
            yield from (taken + on + opens for taken in self._take_in(marking, holder, around))
        else:
            yield from (taken + on + opens for taken in self._take_in(marking, holder, around))

    def _is_first(self, node: Node, room: Room) -> bool:
        led_to = any(flow.target == node.id for flow in room.form.flows)
        return not led_to and node.kind is not Kind.BOUNDARY and not node.by_event and not node.for_compensation

    def _active(self, marking: Counter[Place], room: Room) -> Iterator[Counter[Place]]:
        """The markings in which the scope is open, though nothing in it may have completed."""
        if room.holder is None or marking["on", room.id]:
            yield marking
        elif room.around is not None:
            for taken in self._take_in(marking, room.holder, self.rooms[room.around]):
                yield taken + Counter({("on", room.id): 1})

    def _take_from_host(self, marking: Counter[Place], node: Node, room: Room) -> Iterator[Counter[Place]]:
        host = next(one for one in room.form.nodes if one.id == node.attached_to)
        if node.event is not None and node.event.kind is EventKind.COMPENSATION:
            yield marking
            return
        on = ("on", _key(room, host))
        if not node.interrupting:
            if marking[on] or any(True for _ in self._take_in(marking, host, room)):
                yield marking
            return
        if marking[on]:
            yield self._cleared(marking, _key(room, host), itself=True)
        yield from self._take_in(marking, host, room)

    def _give(self, marking: Counter[Place], node: Node, room: Room) -> Iterator[Marking]:
        kind = node.event.kind if node.event is not None else EventKind.NONE
        if node.kind is Kind.END and kind in ENDS_ALL:
            yield _frozen(self._cleared(marking, room.id, itself=False) if kind is EventKind.TERMINATE else marking)
            if self._is_one_of_many(room):
                yield _frozen(marking)
            if room.holder is None or kind is EventKind.ERROR:
                yield ENDED
        elif node.loop is not None or node.by_event:
            yield _frozen(marking)
        else:
            yield from self._along(marking, node, room)

    def _is_one_of_many(self, room: Room) -> bool:
        """Whether other rounds go on beside this scope, which share its marking."""
        while room.holder is not None:
            if room.holder.loop is not None or room.holder.by_event:
                return True
            room = self.rooms[room.around or ""]
        return False

    def _along(self, marking: Counter[Place], node: Node, room: Room) -> Iterator[Marking]:
        """Every way the token may go on."""
        out = [flow for flow in room.form.flows if flow.source == node.id]
        ids = [flow.id for flow in out]
        if node.kind in (Kind.EXCLUSIVE, Kind.EVENT_BASED) and out:
            ways: Iterable[tuple[str, ...]] = [(flow,) for flow in ids]
        elif node.kind is Kind.PARALLEL or all(flow.condition is None and flow.id != node.default_flow for flow in out):
            ways = [tuple(ids)]
        else:
            always = tuple(f.id for f in out if f.condition is None and f.id != node.default_flow)
            free = [flow for flow in ids if flow not in always][:MOST_SUBSETS]
            some = chain.from_iterable(combinations(free, size) for size in range(len(free) + 1))
            ways = [(*always, *way) for way in some if always or way]
        for way in ways:
            yield _frozen(marking + Counter({("flow", f"{room.id}/{flow}"): 1 for flow in way}))

    def _cleared(self, marking: Counter[Place], key: str, *, itself: bool) -> Counter[Place]:
        """Without what is inside a scope (if it is open once), and without one of the activity itself."""
        left = marking.copy()
        if marking["on", key] <= 1:
            for place in marking:
                if place[1].startswith(f"{key}/"):
                    del left[place]
        return left - Counter({("on", key): 1}) if itself else left

    def _is_over(self, marking: Marking) -> bool:
        if marking == ENDED:
            return True
        return any(not any(kind in ("flow", "on") for (kind, _), _ in after) for after in self._settled(marking))


def _key(room: Room, element: Node | Flow) -> str:
    return f"{room.id}/{element.id}"


def _frozen(marking: Counter[Place]) -> Marking:
    return frozenset((place, count) for place, count in marking.items() if count > 0)
