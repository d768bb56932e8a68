"""Owns whether a variant holds: it has the standard's mandatory steps, leads past none, and adds only where it may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.definitions import Compiled
from engine.definitions.avoidance import BUDGET, Verdict
from engine.definitions.exits import Steps
from engine.definitions.model import Node
from engine.expressions import N_, Level, Message, Problem
from tickets.standards.said import STANDARD, steps_said
from tickets.standards.variants.causes import one_by_one
from tickets.standards.variants.contract import Version, check_contract
from tickets.standards.variants.structure import Differences
from tickets.standards.variants.ways import Mandatory, by_id, mandatory_ways, problem_of, waived_in

MOST = 200
"""Problems of one variant that are told."""


def is_standard(compiled: Compiled) -> bool:
    """Whether a version is one of a standard: it says so, or has standard steps."""
    return STANDARD in compiled.process.settings or bool(steps_said(compiled))


def check_variant(standard: Version, variant: Version) -> list[Problem]:
    """Why the variant does not hold; empty if it does."""
    differences = Differences.between(standard.compiled, variant.compiled)
    found = [*_kind(standard, variant), *check_contract(standard, variant)]
    ways = list(_ways(standard.compiled, variant.compiled, differences.opened))
    return [*found, *one_by_one(ways, differences.found, _lacking(standard.compiled, variant.compiled))][:MOST]


def _lacking(standard: Compiled, variant: Compiled) -> frozenset[str]:
    """The standard's tasks that are mandatory steps which the variant has none of."""
    theirs = {step.key for step in steps_said(variant)}
    missing = (step for step in steps_said(standard) if step.mandatory and step.key not in theirs)
    return frozenset(element for step in missing for element in step.elements)


def _kind(standard: Version, variant: Version) -> Iterator[Problem]:
    asked, process = standard.compiled.process.settings.get(STANDARD, ""), variant.compiled.process
    if process.settings.get(STANDARD, "") != asked:
        problem = Message(N_("The group's standard is for “%(kind)s”, this variant is not."), {"kind": asked})
        remedy = Message(N_("Set the process's property “standard” to “%(kind)s”."), {"kind": asked})
        yield Problem(Level.ERROR, "variant-kind", problem, remedy, process.id, process.name, process.line)


def _ways(standard: Compiled, variant: Compiled, opened: set[str]) -> Iterator[Problem]:
    """Ways round that the standard has not. What headquarters waives inside a point counts while that is unchanged."""
    waived = waived_in(standard) - _inside(standard, opened)
    steps = Steps(BUDGET)
    own = {found.step.key: found.way.verdict for found in mandatory_ways(standard, waived, steps)}
    steps = Steps(BUDGET)
    for found in mandatory_ways(variant, waived, steps):
        if found.way.verdict in _WORSE.get(own.get(found.step.key, Verdict.AVOIDED), ()):
            yield _way(found)


_WORSE = {Verdict.KEPT: (Verdict.UNPROVED, Verdict.AVOIDED), Verdict.UNPROVED: (Verdict.AVOIDED,)}
"""By what is known of the standard: what may not be so of a variant."""


def _way(found: Mandatory) -> Problem:
    remedy = N_("Lead this way through the step, or end the extension point by a plain end event.")
    if found.way.verdict is Verdict.AVOIDED:
        problem = N_("This variant lets a ticket end without the mandatory step “%(step)s”: %(path)s.")
    elif found.way.path:
        problem = N_("It could not be proved that this variant passes the mandatory step “%(step)s”: %(path)s.")
    else:
        problem = N_("It could not be proved that this variant always passes the mandatory step “%(step)s”.")
        remedy = N_("Draw it more simply: join what is split by a gateway of the same kind.")
    params = {"step": found.step.name}
    return problem_of(Level.ERROR, "variant-avoids-step", problem, remedy, found, params)


def _inside(compiled: Compiled, points: set[str]) -> frozenset[str]:
    """The ids of all that stands in these extension points, or in what they call."""
    found: set[str] = set()
    nodes = by_id(compiled)
    ahead: list[Iterable[Node]] = [[nodes[ident]] for ident in points]
    called: set[str] = set()
    while ahead:
        for node in ahead.pop():
            if node.body is not None:
                ahead.append(node.body.nodes)
                found.update(inner.id for inner in node.body.nodes)
            if node.called in compiled.called and node.called not in called:
                called.add(node.called)
                inside = compiled.called[node.called].scope.nodes
                ahead.append(inside)
                found.update(inner.id for inner in inside)
    return frozenset(found)
