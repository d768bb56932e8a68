"""An independent token game on the normal form: slow, naive and sharing nothing with the engine but the form.

Values carry the moment of their writing, so that wherever branches meet the latest one counts; of what several of them
have written since they parted, the latest in their scope, whoever wrote it. Inclusive joins count the tokens their
split sent out, which is right for the structured processes of the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from engine.definitions.kinds import EventKind, Kind, LoopKind
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.parts import Assign, Event
from engine.definitions.stored import Compiled

Data = dict[str, tuple[int, Any]]
"""Name → (when it was written, value)."""
HIDDEN = ("loopCounter", "item")
BELL_BEARERS = (Kind.USER, Kind.SUB_PROCESS, Kind.CALL)


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
    parted: tuple[Data, ...] = ()
    """What was known at each split it came through that has no join yet."""
    whole: Piece | None = None
    """The repeated activity that this is one round of."""
    inner: Room | None = None
    given: Data = field(default_factory=dict)
    """What only its inside knows."""
    rounds: list[Piece] = field(default_factory=list)
    begun: int = 0
    done: int = 0
    gathered: Data = field(default_factory=dict)
    bells: dict[str, int] = field(default_factory=dict)
    """Boundary events that still ring, and how often."""
    watched: dict[str, bool] = field(default_factory=dict)
    """Conditional events, and whether their conditions held when last looked at."""
    hung: dict[str, int] = field(default_factory=dict)
    """When each of these began to wait."""
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
        self._look_at_all()

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
        self._look_at_all()

    def ring(self, bell: str, host: Piece, values: dict[str, Any] | None = None) -> None:
        """The event comes, a message with these values."""
        self._happen(bell, host, values or {})
        self._look_at_all()

    def _happen(self, bell: str, host: Piece, values: dict[str, Any]) -> None:
        left = host.bells.pop(bell, 1)
        host.watched.pop(bell, None)
        if host in host.room.aside:
            self._turn_aside(bell, host, left, values)
        elif host.node.kind in (Kind.CATCH, Kind.EVENT_BASED):
            self._write(host, values)
            self._pass_on(host, [flow for flow in self._out(host) if bell in (host.node.id, flow.target)])
        else:
            self._ring_beside(bell, host, left, values)

    def _look_at_all(self) -> None:
        """Whenever nothing else moves: what has become true happens, which may make something else true."""
        while not self.ended:
            found = [(piece.hung[bell], bell, piece) for piece in self._all(self.root) for bell in piece.watched]
            happened = [self._look(bell, piece) for _, bell, piece in sorted(found, key=lambda one: one[0])]
            if not any(happened):
                return

    def _look(self, bell: str, host: Piece) -> bool:
        """Whether the condition has become true, and so the event has happened."""
        if bell not in host.watched or not self._lives(host):
            return False
        event = self._event(bell, host)
        assert event.expr is not None
        try:
            holds = bool(eval(event.expr.text, {}, self.values(self._view(host.room))))
        except NameError:
            holds = False
        if holds and not host.watched[bell]:
            self._happen(bell, host, {})
            return True
        host.watched[bell] = holds
        return False

    def _view(self, room: Room) -> Data:
        """What is known in a room with those around it, of each name the latest."""
        holder = room.holder
        if holder is None:
            return room.written
        data = dict(self._view(holder.room))
        if holder.whole is not None:
            data |= _changed(holder.whole.data, holder.data)
        return data | holder.given | _changed(holder.data | holder.given, room.written)

    def _hang(self, bell: str, host: Piece, left: int | None = None) -> None:
        """The event waits from now on; or once more, so often."""
        event = self._event(bell, host)
        host.hung[bell] = next(self.clock)
        if event.kind is EventKind.CONDITIONAL:
            host.watched[bell] = left is not None
            self._look(bell, host)
        elif event.kind in (EventKind.MESSAGE, EventKind.SIGNAL):
            host.bells[bell] = 1
        elif event.kind is EventKind.TIMER:
            text = event.text
            host.bells[bell] = left or (int(text[1 : text.index("/")]) if text.startswith("R") else 1)

    def _hang_again(self, bell: str, host: Piece, left: int) -> None:
        if left != 1 or self._event(bell, host).kind is not EventKind.TIMER:
            self._hang(bell, host, left - 1)

    def _event(self, bell: str, host: Piece) -> Event:
        nodes = host.node.body.nodes if host in host.room.aside and host.node.body is not None else host.room.form.nodes
        event = next(node.event for node in nodes if node.id == bell)
        assert event is not None
        return event

    def _is_open(self, room: Room) -> bool:
        return not self.ended and (room.holder is None or (self._lives(room.holder) and room.holder.inner is room))

    def _lives(self, piece: Piece) -> bool:
        return not self.ended and any(one is piece for one in self._all(self.root))

    def _turn_aside(self, bell: str, host: Piece, left: int, values: dict[str, Any]) -> None:
        """An event sub-process begins; one that interrupts ends everything else in its scope."""
        room, body = host.room, host.node.body
        assert body is not None
        if next(node for node in body.nodes if node.id == bell).interrupting:
            room.pieces.clear()
            room.aside.clear()
        else:
            self._hang_again(bell, host, left)
        self._publish(room, {name: (next(self.clock), value) for name, value in values.items()})
        going = Piece(host.node, room, dict(room.written))
        room.pieces.append(going)
        going.inner = Room(body, going, dict(room.written))
        self._begin(going.inner)

    def _wait_aside(self, node: Node, room: Room) -> None:
        assert node.body is not None
        first = next(one for one in node.body.nodes if one.kind is Kind.START)
        room.aside.append(Piece(node, room, {}))
        self._hang(first.id, room.aside[-1])

    def _ring_beside(self, bell: str, host: Piece, left: int, values: dict[str, Any]) -> None:
        node = self._node(host.room, bell)
        data = dict(host.data)
        data.update(_outward(host, host.inner.written) if host.inner else {})
        data.update(host.gathered)
        if node.interrupting:
            self._remove(host)
        else:
            self._hang_again(bell, host, left)
        piece = Piece(node, host.room, data, host.groups, host.parted)
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
            self._publish(room.holder.room, _outward(room.holder, stamped))

    def _begin(self, room: Room) -> None:
        first = next(node for node in room.form.nodes if node.kind is Kind.START)
        piece = Piece(first, room, dict(room.written))
        room.pieces.append(piece)
        for node in room.form.nodes:
            if node.by_event and self._lives(piece):
                self._wait_aside(node, room)
        if self._lives(piece):
            self._enter(piece)

    def _enter(self, piece: Piece) -> None:
        if piece.whole is None and (piece.node.loop is not None or piece.node.kind in BELL_BEARERS):
            self._hang_bells(piece)
        if not self._lives(piece):
            return
        if piece.node.loop is not None and piece.whole is None:
            self._repeat(piece)
        else:
            self._do(piece)

    def _do(self, piece: Piece) -> None:
        node = piece.node
        if node.kind is Kind.USER:
            piece.opened = next(self.clock)
        elif node.kind in (Kind.SUB_PROCESS, Kind.CALL):
            body = self.called[node.called].scope if node.kind is Kind.CALL else node.body
            assert body is not None
            piece.given = self._worked_out(node.inputs, piece.data)
            piece.inner = Room(body, piece, piece.data | piece.given)
            self._begin(piece.inner)
        elif node.kind is Kind.SCRIPT:
            name, _, text = node.script.partition(" = ")
            self._write(piece, {name: eval(text, {}, self.values(piece.data))})
            self._leave(piece)
        elif node.kind in (Kind.PARALLEL, Kind.INCLUSIVE):
            self._meet(piece)
        elif node.kind in (Kind.CATCH, Kind.EVENT_BASED) and not piece.has_come:
            waits = [node.id] if node.kind is Kind.CATCH else [flow.target for flow in self._out(piece)]
            for wait in waits:
                self._hang(wait, piece)
        elif node.kind in (Kind.END, Kind.THROW) and node.event is not None:
            self._throw(piece, node.event)
        else:
            self._leave(piece)

    def _throw(self, piece: Piece, event: Event) -> None:
        """Whoever catches it does so first; the thrower goes on if that has not ended it."""
        if event.kind is EventKind.TERMINATE:
            piece.room.pieces.clear()
            self._close(piece.room)
            return
        if event.kind is EventKind.SIGNAL:
            for bell, host in self.bells():
                heard = self._event(bell, host)
                if (heard.kind, heard.name) == (event.kind, event.name) and (bell, host) in self.bells():
                    self._happen(bell, host, {})
        else:
            self._raise(piece, event)
        if self._lives(piece):
            self._leave(piece)

    def _raise(self, thrower: Piece, event: Event) -> None:
        """An error or escalation goes outwards to the nearest that catches it, with what the rounds it leaves did."""
        piece, values = thrower, dict[str, Any]()
        while True:
            room = piece.room
            beside = [(one, self._start(one)) for one in room.aside if one.node is not piece.node]
            if (host := room.holder) is not None and not self._catches(beside, event):
                if host.whole is not None:
                    values = self.values(_changed(host.data, room.written)) | values
                    host = host.whole
                drawn = [node for node in host.room.form.nodes if node.attached_to == host.node.id]
                beside = [(host, node) for node in drawn]
            if (found := self._catches(beside, event)) is not None:
                catcher, node = found
                self._happen(node.id, catcher, values)
                return
            if host is None:
                return
            piece = host

    def _catches(self, beside: list[tuple[Piece, Node]], event: Event) -> tuple[Piece, Node] | None:
        """The one for exactly this code, else one for any."""
        for name in (event.name, ""):
            for host, node in beside:
                if node.event is not None and (node.event.kind, node.event.name) == (event.kind, name):
                    return host, node
        return None

    def _start(self, aside: Piece) -> Node:
        assert aside.node.body is not None
        return next(node for node in aside.node.body.nodes if node.kind is Kind.START)

    def _hang_bells(self, piece: Piece) -> None:
        for node in piece.room.form.nodes:
            if node.kind is Kind.BOUNDARY and node.attached_to == piece.node.id and self._lives(piece):
                self._hang(node.id, piece)

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
        base = whole.data if loop.kind is LoopKind.PARALLEL else whole.data | whole.gathered
        changed = {n: v for n, v in piece.data.items() if n not in HIDDEN and base.get(n, (None,))[0] != v[0]}
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
        if not any(flow.condition is not None for flow in flows):
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
        groups, parted = piece.groups, piece.parted
        if sum(flow.source == piece.node.id for flow in room.form.flows) > 1:
            if piece.node.kind in (Kind.INCLUSIVE, Kind.USER):
                groups = (*groups, Group(len(flows)))
            if piece.node.kind in (Kind.INCLUSIVE, Kind.USER, Kind.PARALLEL):
                parted = (*parted, piece.data)
        made = [
            Piece(self._node(room, flow.target), room, dict(piece.data), groups, parted, via=flow.id) for flow in flows
        ]
        for one in made:
            one.has_come = piece.node.kind is Kind.EVENT_BASED
        room.pieces += made
        for one in made:
            if self._lives(one):
                self._enter(one)
        if not flows and not room.pieces and self._is_open(room):
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
            for one in met:
                room.pieces.remove(one)
            groups = piece.groups[:-1] if node.kind is Kind.INCLUSIVE else piece.groups
            going = Piece(node, room, self._met(met), groups, piece.parted[:-1])
            room.pieces.append(going)
            self._pass_on(going, self._out(going))

    def _met(self, met: list[Piece]) -> Data:
        base, data = met[0].parted[-1], Data()
        for name in sorted({name for one in met for name in one.data}):
            known = [one.data[name] for one in met if name in one.data]
            several = sum(value[0] != base.get(name, (None,))[0] for value in known) > 1
            data[name] = met[0].room.written[name] if several else max(known, key=lambda value: value[0])
        return data

    def _close(self, room: Room) -> None:
        if room.holder is None:
            self.ended = True
            return
        holder, room.holder.inner = room.holder, None
        out = self._worked_out(holder.node.outputs, room.written)
        holder.data = {**holder.data, **_outward(holder, room.written), **out}
        if holder.whole is None:
            self._publish(holder.room, out)
        self._leave(holder)

    def _worked_out(self, assigned: tuple[Assign, ...], data: Data) -> Data:
        return {one.name: (next(self.clock), eval(one.value.text, {}, self.values(data))) for one in assigned}

    def _remove(self, piece: Piece) -> None:
        piece.room.pieces.remove(piece)
        piece.inner, piece.rounds, piece.bells, piece.watched = None, [], {}, {}


def _outward(holder: Piece, data: Data) -> Data:
    """What of the data inside is seen outside without being handed out."""
    hidden = {one.name for one in holder.node.inputs}
    return {} if holder.node.only_outputs else {name: value for name, value in data.items() if name not in hidden}


def _changed(base: Data, data: Data) -> Data:
    """What has another value than before."""
    return {name: value for name, value in data.items() if base.get(name, (None, None))[1] != value[1]}
