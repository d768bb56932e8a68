"""Random structured processes in the normal form, for the property tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
from hypothesis import strategies as st

from engine.definitions.model import (
    Compiled,
    Event,
    EventKind,
    Expr,
    Flow,
    Kind,
    Loop,
    LoopKind,
    Node,
    Process,
    Scope,
    TimerKind,
    Work,
)

BELLS = ("after", "stop", "every", "post", "posts")
"""On an activity's boundary: a timer beside it or one that stops it, a cycle; a message that stops it, or beside it."""
FLAGS = ("f0", "f1", "f2", "f3")


@dataclass(frozen=True)
class Block:
    """A part with one way in and one way out."""

    kind: str
    parts: tuple[Block, ...] = ()
    flag: int = 0
    times: int = 1
    text: str = ""


def blocks() -> st.SearchStrategy[Block]:
    flags, times = st.integers(0, len(FLAGS) - 1), st.integers(0, 3)
    leaf = st.one_of(
        st.builds(Block, st.just("user")),
        st.builds(Block, st.just("user")),
        st.builds(Block, st.just("script")),
        st.builds(
            Block, st.just("many"), times=times, text=st.sampled_from(["parallel", "sequential", "standard", "some"])
        ),
        st.builds(Block, st.just("bell"), flag=flags, times=times, text=st.sampled_from(BELLS)),
        st.builds(Block, st.just("catch")),
    )

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        one = inner.map(lambda block: (block,))
        return st.one_of(
            st.builds(Block, st.just("sequence"), several),
            st.builds(Block, st.sampled_from(["xor", "and", "or"]), several, flags),
            st.builds(Block, st.sampled_from(["loop", "sub", "call"]), one, times=times),
            st.builds(
                Block,
                st.sampled_from(["many", "many call"]),
                one,
                times=times,
                text=st.sampled_from(["parallel", "sequential", "standard"]),
            ),
            st.builds(Block, st.just("bell"), one, flags, times, st.sampled_from(BELLS)),
            st.builds(Block, st.just("race"), several),
            st.builds(Block, st.just("aside"), one, flags),
            st.builds(Block, st.just("fail"), one, flags),
        )

    return st.recursive(leaf, grow, max_leaves=9)


def definition_of(block: Block) -> Compiled:
    """The process drawn, and those it calls."""
    drawing = _Drawing()
    scope = drawing.scope(block)
    return Compiled(Process("p", scope), drawing.called)


@dataclass
class _Drawing:
    """Draws blocks into a scope; numbers run on through all scopes, so that ids are unique."""

    number: int = 0
    called: dict[str, Process] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def scope(self, block: Block) -> Scope:
        outer = self.nodes, self.flows
        self.nodes, self.flows = [], []
        begin, end = self._node(Kind.START), self._node(Kind.END)
        first, last = self._draw(block)
        self._flow(begin, first)
        self._flow(last, end)
        made = Scope(tuple(self.nodes), tuple(self.flows))
        self.nodes, self.flows = outer
        return made

    def _draw(self, block: Block) -> tuple[str, str]:
        draw = {
            "user": self._user,
            "script": self._script,
            "sequence": self._sequence,
            "loop": self._loop,
            "xor": self._split,
            "and": self._split,
            "or": self._split,
            "sub": self._activity,
            "call": self._activity,
            "many": self._activity,
            "many call": self._activity,
            "bell": self._bell,
            "catch": self._catch,
            "race": self._race,
            "aside": self._aside,
            "fail": self._fail,
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
        kind = {"xor": Kind.EXCLUSIVE, "and": Kind.PARALLEL, "or": Kind.INCLUSIVE}[block.kind]
        default = "" if kind is Kind.PARALLEL else f"default{self.number}"
        split, join = self._node(kind, default_flow=default), self._node(kind)
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
        stops = block.text in ("stop", "post")
        text = f"R{block.times + 1}/PT1H" if block.text == "every" else "PT1H"
        timer = TimerKind.CYCLE if block.text == "every" else TimerKind.DURATION
        event = self._message() if "post" in block.text else Event(EventKind.TIMER, timer=timer, text=text)
        bell = self._node(Kind.BOUNDARY, event=event, attached_to=host, interrupting=stops)
        if stops:
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

    def _message(self) -> Event:
        return Event(EventKind.MESSAGE, name=f"m{self.number}")

    def _catch(self, _block: Block) -> tuple[str, str]:
        made = self._node(Kind.CATCH, event=self._message())
        return made, made

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
        """A sub-process with an event sub-process in it; on an odd flag that one interrupts."""
        body = self.scope(block.parts[0])
        outer, self.nodes, self.flows = (self.nodes, self.flows), [], []
        begin = self._node(Kind.START, event=self._message(), interrupting=bool(block.flag % 2))
        task, end = self._node(Kind.USER, work=Work()), self._node(Kind.END)
        self._flow(begin, task)
        self._flow(task, end)
        inner = Scope(tuple(self.nodes), tuple(self.flows))
        self.nodes, self.flows = outer
        event = Node(f"aside{self.number}", Kind.SUB_PROCESS, by_event=True, body=inner)
        made = self._node(Kind.SUB_PROCESS, body=Scope((*body.nodes, event), body.flows))
        return made, made

    def _fail(self, block: Block) -> tuple[str, str]:
        """A sub-process that fails or not, as a flag says; its boundary catches the error."""
        body = self.scope(block.parts[0])
        outer, self.nodes, self.flows = (self.nodes, self.flows), list(body.nodes), list(body.flows)
        end = next(node for node in body.nodes if node.kind is Kind.END)
        good = f"good{self.number}"
        fork = self._node(Kind.EXCLUSIVE, default_flow=good)
        self.flows = [msgspec.structs.replace(f, target=fork) if f.target == end.id else f for f in self.flows]
        failed = self._node(Kind.END, event=Event(EventKind.ERROR, name="E1"))
        self._flow(fork, failed, Expr(f"{FLAGS[block.flag]} == 1"), f"bad{self.number}")
        self._flow(fork, end.id, None, good)
        body = Scope(tuple(self.nodes), tuple(self.flows))
        self.nodes, self.flows = outer
        host = self._node(Kind.SUB_PROCESS, body=body)
        error = Event(EventKind.ERROR, name="E1" if block.flag else "")
        bell = self._node(Kind.BOUNDARY, event=error, attached_to=host)
        return host, self._merged(host, bell)

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
