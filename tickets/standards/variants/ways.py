"""Owns telling that a ticket can end without one of its mandatory steps, by which way, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.definitions import Compiled, Report
from engine.definitions.avoidance import BUDGET, Avoidance, Verdict, Way
from engine.definitions.exits import Steps
from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.expressions import N_, Level, Message, Problem
from tickets.standards.said import SaidStep, steps_said

WAIVED = "waived"
"""On an event: why a ticket that goes this way may end without what is mandatory."""
EVENTS = frozenset({Kind.START, Kind.END, Kind.CATCH, Kind.THROW, Kind.BOUNDARY})
AVOIDABLE = "step-avoidable"
MOST_SHOWN = 100
"""Elements of one way."""


@dataclass(frozen=True, slots=True)
class Mandatory:
    """A mandatory step, whether it can be avoided, and the first task that is it."""

    step: SaidStep
    way: Way
    task: Node


def mandatory_ways(compiled: Compiled, waived: Iterable[str], steps: Steps) -> Iterator[Mandatory]:
    """Each mandatory step in the order of the flow."""
    asked, nodes = Avoidance(compiled, frozenset(waived), steps), by_id(compiled)
    for step in steps_said(compiled):
        if step.mandatory:
            yield Mandatory(step, asked.way_round(step.elements), nodes[step.elements[0]])


def by_id(compiled: Compiled) -> dict[str, Node]:
    """Every node of a definition by its id."""
    return {node.id: node for node in nodes_of(compiled)}


def waived_in(compiled: Compiled) -> frozenset[str]:
    """The events that the version itself marks as allowed ways round."""
    return frozenset(
        node.id for node in nodes_of(compiled) if node.kind in EVENTS and node.settings.get(WAIVED, "").strip()
    )


def nodes_of(compiled: Compiled) -> Iterator[Node]:
    """Every node of a definition, those of called processes included."""
    for process in (compiled.process, *compiled.called.values()):
        yield from process.scope.walk()


def check_ways(definitions: Iterable[tuple[str, Compiled]], report: Report) -> None:
    """Warns of mandatory steps of an upload's standards that can be avoided; each task is told of once."""
    steps, told = Steps(BUDGET), set[str]()
    for path, compiled in definitions:
        report.file = path
        _check_marks(compiled, report)
        for found in mandatory_ways(compiled, waived_in(compiled), steps):
            name = found.task.id.rpartition("/")[2]
            if found.way.verdict is not Verdict.KEPT and name not in told:
                told.add(name)
                report.extend([_warning(found)])


def _check_marks(compiled: Compiled, report: Report) -> None:
    for node in compiled.process.scope.walk():
        if WAIVED in node.settings and (node.kind not in EVENTS or not node.settings[WAIVED].strip()):
            problem = N_("“waived” does not count here.")
            remedy = N_("Say it on an event (start, boundary, intermediate or end), with the reason as its value.")
            at = Message(problem), Message(remedy)
            report.extend([Problem(Level.WARNING, "waived-misplaced", *at, node.id, node.name, node.line)])


def _warning(found: Mandatory) -> Problem:
    if found.way.verdict is Verdict.AVOIDED:
        problem = N_("A ticket can end without the mandatory step “%(step)s”: %(path)s.")
    elif found.way.path:
        problem = N_("It could not be proved that no ticket ends without the mandatory step “%(step)s”: %(path)s.")
    else:
        problem = N_("It could not be proved that no ticket ends without the mandatory step “%(step)s”.")
    remedy = N_(
        "Lead this way through the step; or, if tickets may end so, give an event on it the property “waived” with the "
        "reason as its value."
    )
    return problem_of(Level.WARNING, AVOIDABLE, problem, remedy, found, {"step": found.step.name})


def problem_of(
    level: Level, code: str, problem: str, remedy: str, found: Mandatory, params: Mapping[str, object]
) -> Problem:
    """A problem at the step's task, with the way round it."""
    path = path_of(found.way)
    words = Message(problem, {**params, "path": in_words(path)} if "%(path)s" in problem else params)
    task = found.task
    return Problem(level, code, words, Message(remedy), task.id, task.name, task.line, path=path)


def path_of(way: Way) -> tuple[tuple[str, str], ...]:
    """The elements of a way by id and name."""
    return tuple((node.id, node.name) for node in way.path[:MOST_SHOWN])


def in_words(path: Iterable[tuple[str, str]]) -> str:
    """A way in one line; what has no name (most gateways) is left out where others have one."""
    steps = [(ident.rpartition("/")[2], " ".join(name.split())) for ident, name in path]
    named = [name for _, name in steps if name] or [ident for ident, _ in steps]
    return " → ".join(text[:60] for text in named)
