"""Owns telling one problem for one cause: what else differs because of it is left out, and is told if it stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from engine.expressions import N_, Message, Problem
from tickets.standards.variants.structure import Difference, problem_at


def one_by_one(ways: Sequence[Problem], found: Sequence[Difference], lacking: Collection[str]) -> list[Problem]:
    """The ways past mandatory steps, then the differences that neither they nor another difference explains.

    `lacking` are the elements of steps that are told to be missing. Where there was a problem, one is left.
    """
    paths = [frozenset(ident for ident, _name in way.path) for way in ways]
    nodes = {each.element for each in found if not each.is_flow and (each.new or each.gone)} | set(lacking)
    elements = [each for each in found if not each.is_flow and not _told(each.element, paths, lacking)]
    flows = [each for each in found if each.is_flow]
    led = [each for each in flows if _explained(each, nodes, paths)]
    moved = {each.source for each in led if each.new} | {each.source for each in led if each.gone}
    turned = {each.target for each in led if each.new}
    rest = [each for each in flows if each not in led and each.source not in moved and not _turned(each, turned)]
    return [*_together(ways), *(each.problem for each in elements), *_redrawn(rest)]


def _told(element: str, paths: Iterable[frozenset[str]], lacking: Collection[str]) -> bool:
    return element in lacking or any(element in path for path in paths)


def _explained(flow: Difference, nodes: Collection[str], paths: Iterable[frozenset[str]]) -> bool:
    """Whether it leads to or from what is new or gone, or is itself the way past a step."""
    if flow.source in nodes or flow.target in nodes:
        return True
    return flow.new and any(flow.source in path and flow.target in path for path in paths)


def _turned(flow: Difference, turned: Collection[str]) -> bool:
    """Whether what led here comes by something new now."""
    return flow.gone and flow.target in turned


def _together(ways: Sequence[Problem]) -> list[Problem]:
    """One way past several steps is one problem that names them all."""
    found: dict[object, Problem] = {}
    for way in ways:
        same = found.get(way.path) if way.path else None
        if same is None or same.problem.text != way.problem.text:
            found[way.path or way.element] = way
            continue
        known = same.problem.params["step"]
        both = (*(known if isinstance(known, tuple) else (known,)), way.problem.params["step"])
        words = replace(same.problem, params={**same.problem.params, "step": both})
        found[way.path] = replace(same, problem=words)
    return list(found.values())


def _redrawn(flows: Sequence[Difference]) -> list[Problem]:
    """What leads elsewhere, or there under another condition, is one problem and not a new flow and a lost one."""
    new = [each for each in flows if each.new]
    found: list[Problem] = []
    for gone in (each for each in flows if each.gone):
        instead = next((each for each in new if each.source == gone.source and each.target == gone.target), None)
        instead = instead or next((each for each in new if each.source == gone.source), None)
        if instead is None:
            found.append(gone.problem)
            continue
        new.remove(instead)
        found.append(_instead(gone, instead))
    return [*(each.problem for each in new), *found]


def _instead(gone: Difference, new: Difference) -> Problem:
    told = new.problem
    if gone.target == new.target:
        problem = N_("The flow from “%(source)s” to “%(target)s” is not as in the group's standard.")
    else:
        problem = N_("The flow from “%(source)s” leads to “%(target)s”; in the group's standard to “%(was)s”.")
    words = Message(problem, {**told.problem.params, "was": gone.problem.problem.params["target"]})
    remedy = N_("Draw it as the group has it, with its condition.")
    return problem_at(told.code, words, remedy, told.element, told.name, told.line)
