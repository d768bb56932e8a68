"""Owns rewriting link events (BPMN 2.0.2, 10.5.5): the two halves of a link become a flow from one to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.definitions.model import Flow
from engine.definitions.report import At, Report
from engine.expressions import N_


@dataclass(frozen=True)
class Half:
    """A link event: its link's name, and whether it is the one that a token leaves the page by."""

    element: str
    link: str
    throws: bool
    at: At


def link_flows(halves: Sequence[Half], report: Report) -> list[Flow]:
    """A flow for each half that throws, to the one of the same name in the same scope that catches."""
    targets: dict[str, list[Half]] = defaultdict(list)
    for half in halves:
        if not half.throws:
            targets[half.link].append(half)
    _check_targets(targets, {half.link for half in halves if half.throws}, report)
    return [flow for half in halves if half.throws for flow in _flow(half, targets.get(half.link, []), report)]


def _flow(half: Half, targets: Sequence[Half], report: Report) -> list[Flow]:
    if not targets:
        problem = N_("The link “%(link)s” leads to no link event of that name in the same process or sub-process.")
        remedy = N_("Draw the catching link event and give it the same link name.")
        report.error("link-target", half.at, problem, remedy, link=half.link[:80])
        return []
    problem = N_("The link “%(link)s” is read as a flow.") if half.link else N_("This link is read as a flow.")
    remedy = N_("Nothing needs mending.")
    report.note("link", half.at, problem, remedy, link=half.link[:80])
    target = targets[0].element
    return [Flow(f"{half.element}→{target}", half.element, target, line=half.at.line)]


def _check_targets(targets: dict[str, list[Half]], thrown: set[str], report: Report) -> None:
    for link, found in targets.items():
        if link not in thrown:
            problem = N_("No link event leads to the link “%(link)s”; this path never begins.")
            remedy = N_("Draw the throwing link event and give it the same link name, or delete this one.")
            report.warning("link-source", found[0].at, problem, remedy, link=link[:80])
        for other in found[1:]:
            problem = N_("The link “%(link)s” has several targets; only the first is led to.")
            remedy = N_("Give each target a link of its own, or draw a gateway.")
            report.warning("link-targets", other.at, problem, remedy, link=link[:80])
