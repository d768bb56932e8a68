"""Owns what a process needs to know that nothing in it sets: which variables, and what another system might give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.definitions import Compiled, Kind, Node
from engine.definitions.comparisons import paths
from engine.definitions.constants import candidates
from engine.definitions.model import Event, Expr, Process, TimerKind, Work
from engine.definitions.solving import values_of
from engine.definitions.wording import compile_expr
from engine.expressions import Expression, compile_script, compile_template
from engine.names import FUNCTIONS
from engine.step import Values
from forms import Form

PLATFORM = frozenset({"ticket", "requester", "owner", "subject"})
COUNTERS = frozenset({"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"})
PEOPLE = ("zhoulan", "lina")
ITEMS = 2
NOTHING = compile_template("")
TIMES = {TimerKind.DATE: "2026-12-01T09:00:00", TimerKind.DURATION: "PT1H", TimerKind.CYCLE: "R2/PT1H"}


@dataclass(frozen=True)
class Read:
    """An expression of the definition, at which element, and a value that suits its place; None: any."""

    element: str
    expression: Expression
    sample: object = None
    by_condition: bool = False
    items_are: str = ""
    """The variable that its value's items become."""


@dataclass
class Needs:
    """The variables of a definition that nothing in it sets, by path, with a value that another system might give."""

    samples: dict[str, object] = field(default_factory=dict)
    readers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By variable, the elements that read it."""
    _decisive: set[str] = field(default_factory=set)
    """The paths that only conditions read so far: another reader's sample counts more than theirs."""

    def note(self, read: Read, path: str, sample: object) -> None:
        """An expression reads the variable at this path, and this value would do."""
        self.readers[variable_of(path)].add(read.element)
        if path not in self.samples or (path in self._decisive and not read.by_condition):
            self.samples[path] = sample
            self._decisive.discard(path)
        if read.by_condition and self.samples[path] is sample:
            self._decisive.add(path)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(variable_of(path) for path in self.samples)

    def values(self, names: Iterable[str] | None = None) -> Values:
        """The samples as variables; only some of them where names are given."""
        wanted = self.names if names is None else frozenset(names)
        return values_of({path: value for path, value in self.samples.items() if variable_of(path) in wanted})


def variable_of(path: str) -> str:
    """The variable that a path such as `order.total` or `lines[].price` begins at."""
    return path.partition(".")[0].partition("[")[0]


def needs_of(compiled: Compiled, forms: Mapping[str, Form]) -> Needs:
    """What the definition reads and does not set, with what it calls; `forms` are those of its elements."""
    known = PLATFORM | COUNTERS | set(_set(compiled, forms))
    needs, all_read = Needs(), list(reads(compiled))
    items = _items(all_read, {node.loop.element for node in _nodes(compiled) if node.loop is not None})
    for read in all_read:
        likely = candidates(read.expression)
        for path in paths(read.expression):
            if variable_of(path) not in known:
                sample = items.get(read.items_are) or read.sample or next(iter(likely.get(path, ())), "sample")
                needs.note(read, path, sample)
    for element, name in _read_by_scripts(compiled):
        if name not in known:
            needs.note(Read(element, NOTHING), name, 1)
    return needs


def _items(all_read: Iterable[Read], names: set[str]) -> Mapping[str, list[object]]:
    """For each variable that is an item of a repetition: items that make each of its comparisons turn out both ways."""
    likely: defaultdict[str, dict[str, Sequence[object]]] = defaultdict(dict)
    for read in all_read:
        found = candidates(read.expression)
        for path in paths(read.expression):
            if (name := variable_of(path)) in names:
                values = [read.sample] if read.sample is not None else found.get(path, ())
                likely[name].setdefault(path, values or ("sample",))
    return {
        name: [
            values_of({path: values[turn % len(values)] for path, values in by_path.items()})[name]
            for turn in range(ITEMS)
        ]
        for name, by_path in likely.items()
    }


def reads(compiled: Compiled) -> Iterator[Read]:
    """Every expression of the definition and of what it calls."""
    for process in _processes(compiled):
        for scope in process.scope.scopes():
            for flow in scope.flows:
                yield from _read(flow.source, flow.condition, by_condition=True)
        for node in process.scope.walk():
            yield from _of_node(node)


def _of_node(node: Node) -> Iterator[Read]:
    if node.work is not None:
        yield from _of_work(node.id, node.work)
    if node.loop is not None:
        yield from _read(node.id, node.loop.collection, list(PEOPLE), items_are=node.loop.element)
        yield from _read(node.id, node.loop.cardinality, 2)
        yield from _read(node.id, node.loop.condition, by_condition=True)
    if node.event is not None:
        yield from _of_event(node.id, node.event)
    if node.ad_hoc is not None:
        yield from _read(node.id, node.ad_hoc.condition, by_condition=True)
    yield from _read(node.id, node.value)
    for assign in (*node.inputs, *node.outputs):
        yield from _read(node.id, assign.value)


def _of_work(element: str, work: Work) -> Iterator[Read]:
    yield from _read(element, work.assignee, PEOPLE[0])
    for each in work.users:
        yield from _read(element, each, PEOPLE[0])
    for each in work.groups:
        yield from _read(element, each, "support")
    yield from _read(element, work.due, "P1D")
    yield from _read(element, work.follow_up, "P1D")
    yield from _read(element, work.priority, 50)


def _of_event(element: str, event: Event) -> Iterator[Read]:
    if event.timer is not None:
        yield from _read(element, event.expr, TIMES[event.timer])
    else:
        yield from _read(element, event.expr, by_condition=True)
    yield from _read(element, event.key, "1")
    yield from _read(element, event.naming, "sample")
    for inner in event.of:
        yield from _of_event(element, inner)


def _read(
    element: str, expr: Expr | None, sample: object = None, *, by_condition: bool = False, items_are: str = ""
) -> Iterator[Read]:
    if expr is not None:
        yield Read(element, compile_expr(expr), sample, by_condition, items_are)


def _set(compiled: Compiled, forms: Mapping[str, Form]) -> Iterator[str]:
    """The names of the variables that something sets: forms, scripts, results, mappings, repetitions, events."""
    for form in forms.values():
        yield from form.names
    for node in _nodes(compiled):
        yield from _set_by(node)


def _set_by(node: Node) -> Iterator[str]:
    for script in scripts(node):
        yield from compile_script(script, functions=FUNCTIONS).writes
    if node.kind is not Kind.JOB:
        yield node.result
    yield node.initiator
    yield from (assign.name for assign in (*node.inputs, *node.outputs))
    if node.loop is not None:
        yield from (node.loop.element, node.loop.output, node.loop.output_element)
    if node.event is not None:
        yield from (node.event.code_to, node.event.message_to)


def scripts(node: Node) -> Sequence[str]:
    """The scripts that run at the element."""
    own = node.script if node.kind is Kind.SCRIPT else ""
    return [script for script in (node.before, own, node.after) if script.strip()]


def _read_by_scripts(compiled: Compiled) -> Iterator[tuple[str, str]]:
    for node in _nodes(compiled):
        for text in scripts(node):
            yield from ((node.id, name) for name in compile_script(text, functions=FUNCTIONS).reads)


def _nodes(compiled: Compiled) -> Iterator[Node]:
    for process in _processes(compiled):
        yield from process.scope.walk()


def _processes(compiled: Compiled) -> tuple[Process, ...]:
    return (compiled.process, *compiled.called.values())
