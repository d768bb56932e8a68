"""Owns asking for what conditions need and nothing sets: a field for it in the person's task before the gateway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from engine.definitions.asking.askers import Askers
from engine.definitions.asking.choices import ask_the_way
from engine.definitions.asking.comparisons import Compared, Comparison, comparisons, paths
from engine.definitions.asking.process import AGAIN, Asking, at, name_of
from engine.definitions.asking.questions import OTHER, OTHER_LABEL, SELECT, choice_values, question, words
from engine.definitions.asking.solving import Wanted, solve
from engine.definitions.asking.variables import prefixes, variable_of
from engine.definitions.asking.writes import FormKeys
from engine.definitions.kinds import Kind
from engine.definitions.model import Flow, Node, Process
from engine.definitions.parts import FormField
from engine.definitions.report import Report
from engine.expressions import N_, Expression

MOST_SEARCHES = 60
"""Of values that lead along a flow, in one process; past that there is always another choice."""
EVALUATIONS = 200
LONGEST_SEARCHED = 1_000
"""Characters of a gateway's conditions that are searched through."""
MOST_COMPARED = 300
"""Comparisons of one variable that are kept; so many constants are no choices any more."""


def ask_for_missing(process: Process, report: Report, keys: FormKeys | None = None) -> Process:
    """The process with fields for what decides its ways and is not set by anything; the report names each.

    `keys` says what the forms of the upload set; without it, a task with a form of its own may set anything.
    """
    asking = Asking(process, report, keys)
    ask_the_way(asking)
    _Variables(asking).ask()
    return asking.changes.applied(process)


@dataclass
class _Variables:
    """The variables of conditions that nothing sets; `compared` gathers what all conditions compare them with."""

    asking: Asking
    compared: dict[str, list[Comparison]] = field(default_factory=dict)
    searches: int = 0

    def ask(self) -> None:
        deciding = [(node, flows, self.missing(flows)) for node, flows in self.asking.deciding]
        passed = {prefix for _, _, missing in deciding for path in missing for prefix in prefixes(path)}
        for node, flows, missing in deciding:
            if longest := [path for path in missing if path not in passed]:
                self.ask_at(node, flows, longest)

    def missing(self, flows: Sequence[Flow]) -> Sequence[str]:
        """The paths that the conditions read and nothing sets."""
        found: dict[str, None] = {}
        for flow in flows:
            condition = self.asking.condition(flow)
            if condition is None or not (unset := self.asking.unset(condition)):
                continue
            found.update(dict.fromkeys(path for path in paths(condition) if variable_of(path) in unset))
            for comparison in comparisons(condition):
                compared = self.compared.setdefault(comparison.path, [])
                if len(compared) < MOST_COMPARED:
                    compared.append(comparison)
        return tuple(found)

    def ask_at(self, node: Node, flows: Sequence[Flow], missing: Sequence[str]) -> None:
        askers = Askers([node]) if node.ad_hoc is not None else self.asking.ways.before(node, crossing=False)
        named = self.named(flows)
        label = node.name if len(missing) == 1 else ""
        questions = {path: self.question(path, named[path], label=label, line=node.line) for path in missing}
        for path, asked in questions.items():
            if asked is None or not askers.tasks:
                self.warn(node, path, askers)
        known = {path: asked for path, asked in questions.items() if asked is not None}
        for asked in self.with_others(node, flows, known):
            for task in askers.tasks:
                self.put(asked, task, node)

    def question(self, path: str, named: Mapping[str, str], *, label: str, line: int) -> FormField | None:
        label = label.strip() or path.rpartition(".")[2]
        return question(path, self.compared.get(path, ()), label=label, named=named, line=line)

    def named(self, flows: Iterable[Flow]) -> Mapping[str, dict[str, str]]:
        """What the flows are called that are taken for one constant of one variable alone: by path and constant."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for flow in flows:
            condition = self.asking.condition(flow) if flow.name.strip() else None
            match comparisons(condition) if condition is not None else ():
                case [Comparison(path=path, kind=Compared.TEXT, constant=str(value), operator="==")]:
                    found[path].setdefault(value, words(flow.name) or value)
        return found

    def with_others(self, node: Node, flows: Sequence[Flow], known: Mapping[str, FormField]) -> Sequence[FormField]:
        """The fields, their choices with one more where a flow can be taken for none of them."""
        known = {path: _with_other(asked) if len(asked.values) == 1 else asked for path, asked in known.items()}
        extended = {path: _with_other(asked) for path, asked in known.items()}
        if known == extended:
            return list(known.values())
        return list((extended if self.leaves_out(node, flows, known, extended) else known).values())

    def leaves_out(
        self, node: Node, flows: Sequence[Flow], known: Mapping[str, FormField], extended: Mapping[str, FormField]
    ) -> bool:
        if sum(len(flow.condition.text) for flow in flows if flow.condition is not None) > LONGEST_SEARCHED:
            return True
        for wanted in wanted_of(node, flows, self.asking):
            self.searches += 1
            if self.searches > MOST_SEARCHES:
                return True
            if not _can_be(wanted, known) and _can_be(wanted, extended):
                return True
        return False

    def put(self, asked: FormField, task: Node, node: Node) -> None:
        params = {"field": asked.id, "task": name_of(task), "gateway": name_of(node)}
        if self.asking.takes_fields(task):
            if not self.asking.changes.ask(task, asked):
                return
            problem = N_("Nothing sets “%(field)s”, which “%(gateway)s” decides by; “%(task)s” has a field for it now.")
            remedy = N_("Give the task a form with this field, or set the variable in a script.")
            self.asking.report.note("field-generated", at(node), problem, remedy, **params)
        elif self.asking.keys is not None:
            problem = N_("“%(gateway)s” decides by “%(field)s”, which the form of “%(task)s” does not set.")
            remedy = N_("Add a field with the key “%(field)s” to the form.")
            self.asking.report.warning("field-missing", at(task), problem, remedy, **params)

    def warn(self, node: Node, path: str, askers: Askers) -> None:
        """Nobody can be asked, and no other system is met that may set it."""
        if not askers.others and (askers.tasks or askers.nobody):
            problem = N_("Nothing sets “%(field)s”, which this decides by, and nobody can be asked for it.")
            remedy = N_("Set it in a form or a script before.")
            self.asking.report.warning("unset-variable", at(node), problem, remedy, field=path)


def wanted_of(node: Node, flows: Sequence[Flow], asking: Asking) -> Iterator[Sequence[Wanted]]:
    """For each flow out of an element, what its conditions have to be for it to be taken."""
    conditions = [(flow, asking.condition(flow)) for flow in flows]
    compiled: list[Expression] = [condition for _, condition in conditions if condition is not None]
    for flow, condition in conditions:
        if flow.id == AGAIN and condition is not None:
            yield [(condition, False)]
        if condition is None or flow.id == node.default_flow:
            yield [(other, False) for other in compiled]
        elif node.kind is Kind.EXCLUSIVE:
            before = compiled[: compiled.index(condition)]
            yield [(condition, True), *((other, False) for other in before)]
        else:
            yield [(condition, True)]


def _with_other(asked: FormField) -> FormField:
    if asked.type != SELECT or any(value == OTHER for value, _ in asked.values):
        return asked
    return msgspec.structs.replace(asked, values=(*asked.values, (OTHER, OTHER_LABEL)))


def _can_be(wanted: Sequence[Wanted], asked: Mapping[str, FormField]) -> bool:
    choices = {path: values for path, one in asked.items() if (values := choice_values(one)) is not None}
    return solve(wanted, choices=choices, evaluations=EVALUATIONS) is not None
