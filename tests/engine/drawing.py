"""Draws blocks as processes in the normal form, for the property tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from engine.definitions.kinds import EventKind, Kind, LoopKind, TimerKind
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.parts import Assign, Event, Expr, Loop, Work

BELLS = {
    "after": (EventKind.TIMER, False),
    "every": (EventKind.TIMER, False),
    "stop": (EventKind.TIMER, True),
    "post": (EventKind.MESSAGE, True),
    "posts": (EventKind.MESSAGE, False),
    "heard": (EventKind.SIGNAL, True),
    "hears": (EventKind.SIGNAL, False),
    "became": (EventKind.CONDITIONAL, True),
    "becomes": (EventKind.CONDITIONAL, False),
}
"""On an activity's boundary, or what begins an event sub-process: what it waits for, and whether it interrupts."""
THROWN = {"signal": EventKind.SIGNAL, "escalation": EventKind.ESCALATION, "error": EventKind.ERROR}
FLAGS = ("f0", "f1", "f2", "f3")


@dataclass(frozen=True)
class Block:
    """A part with one way in and one way out."""

    kind: str
    parts: tuple[Block, ...] = ()
    flag: int = 0
    times: int = 1
    text: str = ""


@dataclass
class Drawing:
    """Draws blocks into a scope; numbers run on through all scopes, so that ids are unique."""

    number: int = 0
    called: dict[str, Process] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def scope(self, block: Block) -> Scope:
        with self._inside(Scope((), ())):
            begin, end = self._node(Kind.START), self._node(Kind.END)
            first, last = self._draw(block)
            self._flow(begin, first)
            self._flow(last, end)
            return self._drawn()

    def _draw(self, block: Block) -> tuple[str, str]:
        draw = {
            "user": self._user,
            "script": self._script,
            "sequence": self._sequence,
            "loop": self._loop,
            "xor": self._split,
            "and": self._split,
            "or": self._split,
            "implicit": self._split,
            "sub": self._activity,
            "call": self._activity,
            "many": self._activity,
            "many call": self._activity,
            "bell": self._bell,
            "catch": self._catch,
            "race": self._race,
            "aside": self._aside,
            "fail": self._fail,
            "throw": self._throw,
            "stop": self._stop,
            "link": self._link,
            "given": self._given,
        }
        return draw[block.kind](block)

    def _user(self, _block: Block) -> tuple[str, str]:
        made = self._node(Kind.USER, work=Work())
        return made, made

    def _script(self, _block: Block) -> tuple[str, str]:
        made = self._node(Kind.SCRIPT, script=f"v{self.number} = {self.number}")
        return made, made

    def _sequence(self, block: Block) -> tuple[str, str]:
        ends = [self._draw(part) for part in block.parts]
        for (_, last), (first, _) in pairwise(ends):
            self._flow(last, first)
        return ends[0][0], ends[-1][1]

    def _split(self, block: Block) -> tuple[str, str]:
        """Gateways; or a task with conditions on the flows out of it, and an inclusive join."""
        kind = {"xor": Kind.EXCLUSIVE, "and": Kind.PARALLEL}.get(block.kind, Kind.INCLUSIVE)
        default = "" if kind is Kind.PARALLEL else f"default{self.number}"
        if block.kind == "implicit":
            split = self._node(Kind.USER, default_flow=default, work=Work())
        else:
            split = self._node(kind, default_flow=default)
        join = self._node(kind)
        for number, part in enumerate(block.parts):
            first, last = self._draw(part)
            flag = FLAGS[(block.flag + number) % len(FLAGS)]
            is_default = number == len(block.parts) - 1 and default
            condition = None if is_default or kind is Kind.PARALLEL else Expr(f"{flag} == 1")
            self._flow(split, first, condition, default if is_default else "")
            self._flow(last, join)
        return split, join

    def _loop(self, block: Block) -> tuple[str, str]:
        name = f"n{self.number}"
        zero = self._node(Kind.SCRIPT, script=f"{name} = 0")
        merge, add = self._node(Kind.EXCLUSIVE), self._node(Kind.SCRIPT, script=f"{name} = {name} + 1")
        back = f"back{self.number}"
        enough, out = self._node(Kind.EXCLUSIVE, default_flow=back), self._node(Kind.EXCLUSIVE)
        first, last = self._draw(block.parts[0])
        self._flow(zero, merge)
        self._flow(merge, first)
        self._flow(last, add)
        self._flow(add, enough)
        self._flow(enough, out, Expr(f"{name} >= {block.times}"))
        self._flow(enough, merge, None, back)
        return zero, out

    def _activity(self, block: Block) -> tuple[str, str]:
        """A task or sub-process, repeated if the block says so."""
        once = block.kind in ("sub", "call") or (block.kind == "bell" and block.flag % 2)
        loop = None if once else _repetition(block)
        if block.parts and "call" in block.kind:
            made = self._call(block.parts[0], loop)
        elif block.parts:
            made = self._node(Kind.SUB_PROCESS, loop=loop, body=self.scope(block.parts[0]))
        else:
            made = self._node(Kind.USER, loop=loop, work=Work())
        return made, made

    def _call(self, block: Block, loop: Loop | None) -> str:
        name = f"q{self.number}"
        self.called[name] = Process(name, self.scope(block))
        return self._node(Kind.CALL, loop=loop, called=name)

    def _bell(self, block: Block) -> tuple[str, str]:
        """An activity with a timer on its boundary: interrupting, it leads past; else to an end of its own."""
        host, _ = self._activity(block)
        _, stops = BELLS[block.text]
        bell = self._node(Kind.BOUNDARY, event=self._awaited(block), attached_to=host, interrupting=stops)
        return self._beside(host, bell)

    def _beside(self, host: str, bell: str) -> tuple[str, str]:
        """What the event on the activity's boundary leads to: past the activity if it interrupts, else to an end."""
        if next(node for node in self.nodes if node.id == bell).interrupting:
            return host, self._merged(host, bell)
        task = self._node(Kind.USER, work=Work())
        self._flow(bell, task)
        self._flow(task, self._node(Kind.END))
        return host, host

    def _merged(self, host: str, bell: str) -> str:
        """Where the activity's way and that of its event, by somebody's task, meet again."""
        task, merge = self._node(Kind.USER, work=Work()), self._node(Kind.EXCLUSIVE)
        self._flow(bell, task)
        self._flow(task, merge)
        self._flow(host, merge)
        return merge

    def _awaited(self, block: Block) -> Event:
        kind, _ = BELLS[block.text]
        if kind is EventKind.MESSAGE:
            return self._message()
        if kind is EventKind.SIGNAL:
            return Event(kind, name=f"signal{block.flag % 2}")
        if kind is EventKind.CONDITIONAL:
            return Event(kind, expr=Expr(f"last % 5 == {block.flag}"))
        text = f"R{block.times + 1}/PT1H" if block.text == "every" else "PT1H"
        return Event(kind, timer=TimerKind.CYCLE if block.text == "every" else TimerKind.DURATION, text=text)

    def _message(self) -> Event:
        return Event(EventKind.MESSAGE, name=f"m{self.number}")

    def _catch(self, block: Block) -> tuple[str, str]:
        made = self._node(Kind.CATCH, event=self._awaited(block))
        return made, made

    def _given(self, block: Block) -> tuple[str, str]:
        """A sub-process with data in and out; on an odd flag nothing else comes out."""
        body, near = self.scope(block.parts[0]), f"near{self.number}"
        inputs = (Assign(near, Expr(f"{FLAGS[block.flag]} + 1")),)
        outputs = (Assign(f"got{self.number}", Expr(f"{near} * 10 + f0")),)
        only = bool(block.flag % 2)
        made = self._node(Kind.SUB_PROCESS, body=body, inputs=inputs, outputs=outputs, only_outputs=only)
        return made, made

    def _link(self, _block: Block) -> tuple[str, str]:
        first, last = self._node(Kind.LINK), self._node(Kind.LINK)
        self._flow(first, last)
        return first, last

    def _race(self, block: Block) -> tuple[str, str]:
        """An event gateway: the first message decides."""
        gateway, merge = self._node(Kind.EVENT_BASED), self._node(Kind.EXCLUSIVE)
        for part in block.parts:
            caught = self._node(Kind.CATCH, event=self._message())
            first, last = self._draw(part)
            self._flow(gateway, caught)
            self._flow(caught, first)
            self._flow(last, merge)
        return gateway, merge

    def _aside(self, block: Block) -> tuple[str, str]:
        """A sub-process with an event sub-process in it."""
        made = self._node(Kind.SUB_PROCESS, body=self.watched(block))
        return made, made

    def watched(self, block: Block) -> Scope:
        """A scope with an event sub-process in it."""
        body, (_, stops) = self.scope(block.parts[0]), BELLS[block.text]
        return self._with_aside(body, self._awaited(block), interrupting=stops)

    def _with_aside(self, body: Scope, event: Event, *, interrupting: bool) -> Scope:
        with self._inside(Scope((), ())):
            begin = self._node(Kind.START, event=event, interrupting=interrupting)
            task, end = self._node(Kind.USER, work=Work()), self._node(Kind.END)
            self._flow(begin, task)
            self._flow(task, end)
            inner = self._drawn()
        aside = Node(f"aside{self.number}", Kind.SUB_PROCESS, by_event=True, body=inner)
        return Scope((*body.nodes, aside), body.flows)

    def _fail(self, block: Block) -> tuple[str, str]:
        """A sub-process that fails or not, as a flag says; its boundary catches the error."""
        with self._inside(self.scope(block.parts[0])):
            good, end = f"good{self.number}", self._end_of_scope()
            fork = self._node(Kind.EXCLUSIVE, default_flow=good)
            self._lead_to(fork, instead_of=end)
            failed = self._node(Kind.END, event=Event(EventKind.ERROR, name="E1"))
            self._flow(fork, failed, Expr(f"{FLAGS[block.flag]} == 1"), f"bad{self.number}")
            self._flow(fork, end, None, good)
            body = self._drawn()
        host = self._node(Kind.SUB_PROCESS, body=body)
        error = Event(EventKind.ERROR, name="E1" if block.flag else "")
        bell = self._node(Kind.BOUNDARY, event=error, attached_to=host)
        return host, self._merged(host, bell)

    def _throw(self, block: Block) -> tuple[str, str]:
        """A sub-process that throws at its end, or just before; it catches that itself, or its boundary does."""
        kind, beside = THROWN[block.text], bool(block.flag // 2)
        name = f"{kind}{block.times % 2}"
        stops = kind is EventKind.ERROR or bool(block.flag % 2)
        with self._inside(self.scope(block.parts[0])):
            task, end = self._node(Kind.USER, work=Work()), self._end_of_scope()
            self._lead_to(task, instead_of=end)
            last = block.times > 1 or kind is EventKind.ERROR
            thrower = self._node(Kind.END if last else Kind.THROW, event=Event(kind, name=name))
            self._flow(task, thrower)
            if last:
                self.nodes = [node for node in self.nodes if node.id != end]
            else:
                self._flow(thrower, end)
            body = self._drawn()
        caught = Event(kind, name="" if kind is not EventKind.SIGNAL and block.times == 3 else name)
        if not beside:
            made = self._node(Kind.SUB_PROCESS, body=self._with_aside(body, caught, interrupting=stops))
            return made, made
        host = self._node(Kind.SUB_PROCESS, body=body)
        return self._beside(host, self._node(Kind.BOUNDARY, event=caught, attached_to=host, interrupting=stops))

    def _stop(self, block: Block) -> tuple[str, str]:
        """A sub-process of two branches, of which the first ends both."""
        with self._inside(Scope((), ())):
            begin, fork, task = self._node(Kind.START), self._node(Kind.PARALLEL), self._node(Kind.USER, work=Work())
            ends = self._node(Kind.END, event=Event(EventKind.TERMINATE)), self._node(Kind.END)
            self._flow(begin, fork)
            ways = [self._draw(part) for part in block.parts]
            for first, _ in ways:
                self._flow(fork, first)
            self._flow(ways[0][1], task)
            self._flow(task, ends[0])
            self._flow(ways[1][1], ends[1])
            body = self._drawn()
        made = self._node(Kind.SUB_PROCESS, body=body)
        return made, made

    @contextmanager
    def _inside(self, scope: Scope) -> Iterator[None]:
        """Goes on drawing in that scope."""
        outer = self.nodes, self.flows
        self.nodes, self.flows = list(scope.nodes), list(scope.flows)
        yield
        self.nodes, self.flows = outer

    def _drawn(self) -> Scope:
        return Scope(tuple(self.nodes), tuple(self.flows))

    def _end_of_scope(self) -> str:
        return next(node.id for node in self.nodes if node.kind is Kind.END)

    def _lead_to(self, target: str, *, instead_of: str) -> None:
        self.flows = [msgspec.structs.replace(f, target=target) if f.target == instead_of else f for f in self.flows]

    def _node(self, kind: Kind, **facts: object) -> str:
        self.number += 1
        self.nodes.append(Node(f"{kind.value}{self.number}", kind, **facts))  # type: ignore[arg-type]  # by name
        return self.nodes[-1].id

    def _flow(self, source: str, target: str, condition: Expr | None = None, ident: str = "") -> None:
        self.flows.append(Flow(ident or f"flow{len(self.flows)}", source, target, condition=condition))


def _repetition(block: Block) -> Loop:
    items = Expr(str(list(range(block.times))))
    if block.kind == "bell":
        return Loop(LoopKind.SEQUENTIAL if block.times == 2 else LoopKind.PARALLEL, items, element="item")
    if block.text == "standard":
        return Loop(LoopKind.STANDARD, maximum=block.times)
    if block.text == "some":
        enough = Expr("nrOfCompletedInstances >= 2")
        return Loop(LoopKind.PARALLEL, items, element="item", condition=enough)
    return Loop(LoopKind(block.text), items, element="item")
