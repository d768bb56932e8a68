"""Owns how a BPMN file says who gets a task: `least_loaded(support)`, in a property or as an expression's function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.definitions import At, Node, Process, Report
from engine.expressions import N_
from tickets.assigning.models import Method
from tickets.assigning.rulebook import Rule

SETTING = "assign"
_CALL = re.compile(r"\s*([a-z_]+)\s*(?:\(([^()]*)\))?\s*")
MARK = "assign"


def said(text: str, *, role: str = "") -> Rule | None:
    """The rule that a property `assign` says; `role` is for one that names none. None where it is no such text."""
    found = _CALL.fullmatch(text)
    if found is None or found[1] not in set(Method):
        return None
    given = [part.strip().strip("'\"") for part in (found[2] or "").split(",")]
    return rule(Method(found[1]), [part for part in given if part], role=role)


def check_saying(process: Process, report: Report) -> None:
    """Says of each property `assign` how it is read, or warns that nothing is chosen by it."""
    _check(process, process.settings, report)
    for scope in process.scope.scopes():
        for node in scope.nodes:
            if node.work is not None:
                _check(node, node.settings, report)


def _check(element: Process | Node, settings: Mapping[str, str], report: Report) -> None:
    text, at = settings.get(SETTING, "").strip(), At(element.id, element.name, element.line)
    if not text:
        return
    found = said(text)
    if found is None or found.args.get("who") == "":
        problem = N_("“%(text)s” does not say who gets a task, so nobody is chosen by it.")
        remedy = N_(
            "Write it like least_loaded(support), skills(support, sql), superior_of(requester) or person(lina)."
        )
        report.warning("assign", at, problem, remedy, text=text[:80])
        return
    problem = N_("Who gets it is chosen by “%(text)s” as it opens, unless a rule of the brand says otherwise.")
    report.note("assign-read", at, problem, N_("Nothing needs mending."), text=text[:80])


def rule(method: Method, given: list[str], *, role: str = "") -> Rule:
    """A rule from its arguments in order: the person; the role; the role and then the skills."""
    first = given[0] if given else ""
    match method:
        case Method.PERSON:
            return Rule(method, {"who": first})
        case Method.SUPERIOR:
            return Rule(method, {"of": first or "requester"})
        case Method.SKILLS:
            return Rule(method, {"role": first or role, "skills": given[1:]})
        case Method.RESPONSIBLE:
            return Rule(method, {})
        case _:
            return Rule(method, {"role": first or role})


def functions() -> dict[str, Callable[..., Any]]:
    """What an expression may call; the value stands for a choice that is made when the task opens."""
    return {
        "round_robin": lambda role: {MARK: Method.ROUND_ROBIN.value, "role": str(role)},
        "least_loaded": lambda role: {MARK: Method.LEAST_LOADED.value, "role": str(role)},
        "skilled": lambda role, *skills: {
            MARK: Method.SKILLS.value,
            "role": str(role),
            "skills": [str(skill) for skill in skills],
        },
    }


def marked(value: Any) -> Rule | None:
    """The rule that a value of such a function stands for."""
    if not isinstance(value, Mapping) or value.get(MARK) not in set(Method):
        return None
    return Rule(Method(value[MARK]), {key: each for key, each in value.items() if key != MARK})
