"""An independent token game on the normal form: slow, naive and sharing nothing with the engine but the form.

Values carry the moment of their writing, so that wherever branches meet the latest one counts. Inclusive joins count
the tokens their split sent out, which is right for the structured processes of the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from engine.definitions.model import Compiled, EventKind, Flow, Kind, LoopKind, Node, Scope

Data = dict[str, tuple[int, Any]]
"""Name → (when it was written, value)."""
HIDDEN = ("loopCounter", "item")


@dataclass
class Group:
    """The tokens that one inclusive split sent out and that have not met again."""

    size: int
    waiting: list[Piece] = field(default_factory=list)


@dataclass(eq=False)
class Piece:
    """A token at a node."""

    node: Node
    room: Room
    data: Data
    groups: tuple[Group, ...] = ()
    whole: Piece | None = None
    """The repeated activity that this is one round of."""
    inner: Room | None = None
    rounds: list[Piece] = field(default_factory=list)
    begun: int = 0
    done: int = 0
    gathered: Data = field(default_factory=dict)
    bells: dict[str, int] = field(default_factory=dict)
    """Boundary events that still ring, and how often."""
    hung: dict[str, int] = field(default_factory=dict)
    via: str = ""
    has_come: bool = False
    """Behind an event gateway: what it waits for has happened."""
    opened: int = 0
    """When it came to a person's task; 0: it is none."""


@dataclass(eq=False)
class Room:
    """A scope while it is open."""

    form: Scope
    holder: Piece | None
    written: Data
    pieces: list[Piece] = field(default_factory=list)
    aside: list[Piece] = field(default_factory=list)
    """Event sub-processes that wait for their event; they keep nothing open."""


class Game:
    """One instance. `open_tasks` and `bells` say what may happen next; `complete` and `ring` make it happen."""

    def __init__(self, definition: Compiled, data: dict[str, Any]) -> None:
        self.clock, self.called = count(1), definition.called
        self.root = Room(definition.process.scope, None, {name: (0, value) for name, value in data.items()})
        self.ended = False
        self._begin(self.root)

    def open_tasks(self, element: str = "") -> list[Piece]:
        """The pieces at people's tasks, oldest first."""
        tasks = [piece for piece in self._all(self.root) if piece.opened and element in ("", piece.node.id)]
        return sorted(tasks, key=lambda piece: piece.opened)

    def bells(self) -> list[tuple[str, Piece]]:
        """Events that wait for a time or a message, with who waits, the one hung first first."""
        found = [(piece.hung[bell], bell, piece) for piece in self._all(self.root) for bell in piece.bells]
        return [(bell, piece) for _, bell, piece in sorted(found, key=lambda one: one[0])]

    def values(self, data: Data) -> dict[str, Any]:
        return {name: value for name, (_, value) in data.items()}

    def complete(self, piece: Piece, values: dict[str, Any]) -> None:
        self._write(piece, values)
        self._leave(piece)

    def ring(self, bell: str, host: Piece, values: dict[str, Any] | None = None) -> None:
        """The event comes, a message with these values."""
        left = host.bells.pop(bell, 1)
        if host in host.room.aside:
            self._turn_aside(bell, host, values or {})
        elif host.node.kind in (Kind.CATCH, Kind.EVENT_BASED):
            self._write(host, values or {})
            self._pass_on(host, [flow for flow in self._out(host) if bell in (host.node.id, flow.target)])
        else:
            self._ring_beside(bell, host, left, values or {})

    def _turn_aside(self, bell: str, host: Piece, values: dict[str, Any]) -> None:
        """An event sub-process begins; one that interrupts ends everything else in its scope."""
        room, body = host.room, host.node.body
        assert body is not None
        room.aside.remove(host)
        first = next(node for node in body.nodes if node.id == bell)
        if first.interrupting:
            room.pieces.clear()
            room.aside.clear()
        else:
            self._wait_aside(host.node, room)
        self._publish(room, {name: (next(self.clock), value) for name, value in values.items()})
        going = Piece(host.node, room, dict(room.written))
        room.pieces.append(going)
        going.inner = Room(body, going, dict(room.written))
        self._begin(going.inner)

    def _wait_aside(self, node: Node, room: Room) -> None:
        assert node.body is not None
        first = next(one for one in node.body.nodes if one.kind is Kind.START)
        room.aside.append(Piece(node, room, {}, bells={first.id: 1}, hung={first.id: next(self.clock)}))

    def _ring_beside(self, bell: str, host: Piece, left: int, values: dict[str, Any]) -> None:
        node = self._node(host.room, bell)
        data = dict(host.data)
        data.update(host.inner.written if host.inner else {})
        data.update(host.gathered)
        if node.interrupting:
            self._remove(host)
        elif node.event is not None and (node.event.kind is EventKind.MESSAGE or left != 1):
            host.bells[bell], host.hung[bell] = left - 1, next(self.clock)
        piece = Piece(node, host.room, data, host.groups)
        host.room.pieces.append(piece)
        self._write(piece, values)
        self._pass_on(piece, self._out(piece))

    def _all(self, room: Room) -> Iterator[Piece]:
        for piece in (*room.pieces, *room.aside):
            yield piece
            for one in (piece, *piece.rounds):
                if one is not piece:
                    yield one
                if one.inner is not None:
                    yield from self._all(one.inner)

    def _node(self, room: Room, ident: str) -> Node:
        return next(node for node in room.form.nodes if node.id == ident)

    def _write(self, piece: Piece, values: dict[str, Any]) -> None:
        stamped = {name: (next(self.clock), value) for name, value in values.items()}
        piece.data = {**piece.data, **stamped}
        if piece.whole is None:
            self._publish(piece.room, stamped)

    def _publish(self, room: Room, stamped: Data) -> None:
        room.written.update(stamped)
        if room.holder is not None and room.holder.whole is None:
            self._publish(room.holder.room, stamped)

    def _begin(self, room: Room) -> None:
        first = next(node for node in room.form.nodes if node.kind is Kind.START)
        for node in room.form.nodes:
            if node.by_event:
                self._wait_aside(node, room)
        piece = Piece(first, room, dict(room.written))
        room.pieces.append(piece)
        self._enter(piece)

    def _enter(self, piece: Piece) -> None:
        node = piece.node
        if node.loop is not None and piece.whole is None:
            self._hang_bells(piece)
            self._repeat(piece)
            return
        if piece.whole is None and node.kind in (Kind.USER, Kind.SUB_PROCESS, Kind.CALL):
            self._hang_bells(piece)
        if node.kind is Kind.USER:
            piece.opened = next(self.clock)
            return
        if node.kind in (Kind.SUB_PROCESS, Kind.CALL):
            body = self.called[node.called].scope if node.kind is Kind.CALL else node.body
            assert body is not None
            piece.inner = Room(body, piece, dict(piece.data))
            self._begin(piece.inner)
        elif node.kind is Kind.SCRIPT:
            name, _, text = node.script.partition(" = ")
            self._write(piece, {name: eval(text, {}, self.values(piece.data))})
            self._leave(piece)
        elif node.kind in (Kind.PARALLEL, Kind.INCLUSIVE):
            self._meet(piece)
        elif node.kind in (Kind.CATCH, Kind.EVENT_BASED) and not piece.has_come:
            waits = [node.id] if node.kind is Kind.CATCH else [flow.target for flow in self._out(piece)]
            piece.bells = dict.fromkeys(waits, 1)
            piece.hung = {wait: next(self.clock) for wait in waits}
        elif node.kind is Kind.END and node.event is not None:
            self._fail(piece)
        else:
            self._leave(piece)

    def _fail(self, piece: Piece) -> None:
        """An error end: the activity around has the event that catches it."""
        holder = piece.room.holder
        assert holder is not None
        beside = (node for node in holder.room.form.nodes if node.attached_to == holder.node.id)
        caught = next(node for node in beside if node.event is not None and node.event.kind is EventKind.ERROR)
        self.ring(caught.id, holder)

    def _hang_bells(self, piece: Piece) -> None:
        for node in piece.room.form.nodes:
            if node.kind is Kind.BOUNDARY and node.attached_to == piece.node.id:
                assert node.event is not None
                if node.event.kind is EventKind.ERROR:
                    continue
                text = node.event.text
                piece.bells[node.id] = int(text[1 : text.index("/")]) if text.startswith("R") else 1
                piece.hung[node.id] = next(self.clock)

    def _repeat(self, whole: Piece) -> None:
        loop = whole.node.loop
        assert loop is not None
        for _ in range(self._total(whole) if loop.kind is LoopKind.PARALLEL else min(1, self._total(whole))):
            self._round(whole)
        for one in list(whole.rounds):
            if one in whole.rounds:
                self._enter(one)
        if not self._total(whole):
            self._leave(whole)

    def _total(self, whole: Piece) -> int:
        loop = whole.node.loop
        assert loop is not None
        if loop.kind is LoopKind.STANDARD:
            return loop.maximum or 0
        assert loop.collection is not None
        return len(eval(loop.collection.text))

    def _round(self, whole: Piece) -> Piece:
        loop = whole.node.loop
        assert loop is not None
        data = dict(whole.data) | (whole.gathered if loop.kind is not LoopKind.PARALLEL else {})
        data["loopCounter"] = (0, whole.begun)
        if loop.collection is not None:
            data["item"] = (0, eval(loop.collection.text)[whole.begun])
        piece = Piece(whole.node, whole.room, data, whole=whole)
        whole.begun += 1
        whole.rounds.append(piece)
        return piece

    def _leave(self, piece: Piece) -> None:
        if piece.whole is not None:
            self._end_round(piece, piece.whole)
        else:
            self._pass_on(piece, self._out(piece))

    def _end_round(self, piece: Piece, whole: Piece) -> None:
        loop = whole.node.loop
        assert loop is not None
        changed = {n: v for n, v in piece.data.items() if n not in HIDDEN and whole.data.get(n, (None,))[0] != v[0]}
        whole.rounds.remove(piece)
        whole.done += 1
        stamp = next(self.clock)
        again = {name: (stamp, value) for name, (_, value) in changed.items()}
        whole.gathered.update(again)
        self._publish(whole.room, again)
        wanted = int(loop.condition.text.rpartition(" ")[2]) if loop.condition is not None else self._total(whole)
        if whole.done >= min(wanted, self._total(whole)):
            whole.rounds.clear()
            whole.data = {**whole.data, **whole.gathered}
            self._leave(whole)
        elif loop.kind is not LoopKind.PARALLEL:
            self._enter(self._round(whole))

    def _out(self, piece: Piece) -> list[Flow]:
        flows = [flow for flow in piece.room.form.flows if flow.source == piece.node.id]
        if piece.node.kind not in (Kind.EXCLUSIVE, Kind.INCLUSIVE) or len(flows) < 2:
            return flows
        default = next((flow for flow in flows if flow.id == piece.node.default_flow), None)
        values = self.values(piece.data)
        true = [f for f in flows if f is not default and f.condition is not None and eval(f.condition.text, {}, values)]
        taken = true[:1] if piece.node.kind is Kind.EXCLUSIVE else true
        return taken or ([default] if default is not None else [])

    def _pass_on(self, piece: Piece, flows: list[Flow]) -> None:
        room = piece.room
        if piece in room.pieces:
            room.pieces.remove(piece)
        groups = piece.groups
        splits = sum(flow.source == piece.node.id for flow in room.form.flows) > 1
        if piece.node.kind is Kind.INCLUSIVE and splits:
            groups = (*groups, Group(len(flows)))
        made = [Piece(self._node(room, flow.target), room, dict(piece.data), groups, via=flow.id) for flow in flows]
        for one in made:
            one.has_come = piece.node.kind is Kind.EVENT_BASED
        room.pieces += made
        for one in made:
            if one in room.pieces and not self.ended:
                self._enter(one)
        if not flows and not room.pieces:
            self._close(room)

    def _meet(self, piece: Piece) -> None:
        """At a gateway with several flows in, waits for the others; else goes on."""
        room, node = piece.room, piece.node
        flows = [flow.id for flow in room.form.flows if flow.target == node.id]
        if len(flows) < 2:
            self._leave(piece)
            return
        if node.kind is Kind.INCLUSIVE:
            group = piece.groups[-1]
            group.waiting.append(piece)
            met = group.waiting if len(group.waiting) == group.size else []
        else:
            here = {flow: [one for one in room.pieces if one.node is node and one.via == flow] for flow in flows}
            met = [ones[0] for ones in here.values()] if all(here.values()) else []
        if met:
            data: Data = {}
            for one in met:
                room.pieces.remove(one)
                data |= {
                    name: max(value, data.get(name, value), key=lambda v: v[0]) for name, value in one.data.items()
                }
            groups = piece.groups[:-1] if node.kind is Kind.INCLUSIVE else piece.groups
            going = Piece(node, room, data, groups)
            room.pieces.append(going)
            self._pass_on(going, self._out(going))

    def _close(self, room: Room) -> None:
        if room.holder is None:
            self.ended = True
            return
        room.holder.inner = None
        room.holder.data = {**room.holder.data, **room.written}
        self._leave(room.holder)

    def _remove(self, piece: Piece) -> None:
        piece.room.pieces.remove(piece)
        piece.inner, piece.rounds, piece.bells = None, [], {}
