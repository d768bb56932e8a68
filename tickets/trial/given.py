"""Owns what a process needs to know that nothing in it sets: which variables, and what another system might give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.definitions import Compiled, Kind, Node
from engine.definitions.asking.solving import values_of
from engine.definitions.asking.variables import ITEM, variable_of
from engine.definitions.asking.writes import COUNTERS, PLATFORM, written_by
from engine.expressions import compile_script
from engine.names import FUNCTIONS
from engine.step import Values
from forms import Form
from tickets.trial.chart import Chart
from tickets.trial.reading import Read, When, nodes, reads

ITEMS = 2
SEVERAL = 3
"""Items of a list that is looked into: a condition may ask for the second."""


@dataclass
class Needs:
    """The variables of a definition that nothing in it sets, by path, with a value that another system might give."""

    samples: dict[str, object] = field(default_factory=dict)
    readers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By variable, the elements that read it."""
    suits: dict[str, object] = field(default_factory=dict)
    """By path, what suits the place where a variable is read, whoever sets it: a time for a timer, a login."""
    _decisive: set[str] = field(default_factory=set)
    """The paths that only decide so far: another reader's sample counts more than theirs."""

    def note(self, read: Read, sample: object) -> None:
        """An element reads this, and this value would do."""
        self.readers[variable_of(read.path)].add(read.element)
        if read.path not in self.samples or (read.path in self._decisive and not read.decides):
            self.samples[read.path] = sample
            self._decisive.discard(read.path)
            if read.decides:
                self._decisive.add(read.path)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(map(variable_of, self.samples))

    def values(self, names: Iterable[str]) -> Values:
        """The samples of these variables."""
        wanted = frozenset(names)
        found = {path: value for path, value in self.samples.items() if variable_of(path) in wanted}
        several = {variable_of(path): [None] * SEVERAL for path in found if ITEM in path.partition(".")[0]}
        return values_of(found, several)


def needs_of(compiled: Compiled, forms: Mapping[str, Form], chart: Chart) -> Needs:
    """What the definition reads and nothing sets before, with what it calls; `forms` are those of its elements."""
    needs, all_read, setters = Needs(), list(reads(compiled)), _Setters.of(compiled, forms, chart)
    items = _items(all_read, {node.loop.element for node in nodes(compiled) if node.loop is not None})
    inside = {read.path: items.get(read.items_are) or read.values[0] for read in reversed(all_read) if not read.becomes}
    for read in all_read:
        if read.suits:
            needs.suits.setdefault(read.path, read.values[0])
        if not setters.know(read):
            needs.note(read, items.get(read.items_are) or inside.get(read.becomes) or read.values[0])
    return needs


def _items(all_read: Iterable[Read], names: set[str]) -> Mapping[str, list[object]]:
    """For each variable that is an item of a repetition: items that make each of its comparisons turn out both ways."""
    likely: defaultdict[str, dict[str, tuple[object, ...]]] = defaultdict(dict)
    for read in all_read:
        if (name := variable_of(read.path)) in names:
            likely[name].setdefault(read.path, read.values)
    return {
        name: [
            values_of({path: values[turn % len(values)] for path, values in by_path.items()})[name]
            for turn in range(ITEMS)
        ]
        for name, by_path in likely.items()
    }


@dataclass
class _Setters:
    """Which elements set a variable, and whether that comes before it is read."""

    chart: Chart
    by_name: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    at_once: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Those that set it as they begin, before they read anything else."""
    starts: frozenset[str] = frozenset()
    _after: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, compiled: Compiled, forms: Mapping[str, Form], chart: Chart) -> _Setters:
        setters = cls(chart, starts=frozenset(node.id for node in compiled.process.starts()))
        for element, form in forms.items():
            for name in form.names:
                setters.by_name[name].add(element)
        for node in nodes(compiled):
            for name in _set_by(node) if len(setters.starts) < 2 or node.kind is not Kind.START else ():
                setters.by_name[name].add(node.id)
            for name in _set_at_once(node):
                setters.at_once[name].add(node.id)
        return setters

    def know(self, read: Read) -> bool:
        """Whether the variable is there: set by the platform, by the element itself in time, or by one before it."""
        name = variable_of(read.path)
        if name in PLATFORM | COUNTERS or (read.when is not When.BEFORE and read.element in self.at_once[name]):
            return True
        setters = self.by_name[name]
        if read.when is When.AFTER and read.element in setters:
            return True
        others = (setter for setter in setters - {read.element} if self._comes_out(setter, read.element))
        before = {setter for setter in others if read.element in self._following(setter)}
        if not before or any(setter not in self._following(read.element) for setter in before):
            return bool(before)
        return not self._comes_first(read.element, before)

    def _comes_out(self, setter: str, reader: str) -> bool:
        """Whether what is set is seen where it is read: not outside of what lets nothing out but its outputs."""
        around, inside = self.chart.around(setter), self.chart.around(reader)
        return not any(self.chart.nodes[holder].only_outputs for holder in around - inside)

    def _comes_first(self, element: str, setters: set[str]) -> bool:
        """In a loop: whether a token may come to the element before it comes to any of those that set the variable."""
        return any(element in self.chart.before(start, setters) for start in self.starts)

    def _following(self, element: str) -> set[str]:
        if element not in self._after:
            self._after[element] = self.chart.reach(element)
        return self._after[element]


def _set_by(node: Node) -> Iterator[str]:
    """What the element sets; nobody here knows what an unconnected job gives, nor what a message brings."""
    from_outside = {node.result if node.kind is Kind.JOB else "", node.event.payload_to if node.event else ""}
    return (name for name in written_by(node) if name not in from_outside)


def _set_at_once(node: Node) -> Iterator[str]:
    if node.loop is not None:
        yield node.loop.element
    yield from (assign.name for assign in node.inputs)
    if node.before.strip():
        yield from compile_script(node.before, functions=FUNCTIONS).writes
