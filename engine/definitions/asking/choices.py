"""Owns gateways that are drawn without conditions: a person chooses the way in one field, by the flows' names."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from engine.definitions.asking.comparisons import comparisons, paths
from engine.definitions.asking.process import MOST_FIELDS, Asking, at, key_of, name_of
from engine.definitions.asking.questions import CHECKLIST, MOST_CHOICES, REQUIRED, SELECT, can_be_asked_for, words
from engine.definitions.asking.variables import variable_of
from engine.definitions.kinds import Kind
from engine.definitions.model import Flow, Node
from engine.definitions.parts import Expr, FormField
from engine.expressions import N_, Expression

PREFIX = "choice_"
LONGEST = 60
"""Characters of a flow's name that may be the choice's value."""
_SPLITS = frozenset({Kind.EXCLUSIVE, Kind.INCLUSIVE})
_PLAIN = re.compile(r"[^\"\\\x00-\x1f]+")


def ask_the_way(asking: Asking) -> None:
    """For each gateway without conditions, a field in the nearest person's task, and conditions on it.

    Where nobody can be asked, the gateway stays as it is.
    """
    for node, flows in asking.deciding:
        if node.kind in _SPLITS:
            open_flows = _open(node, flows, asking)
            if open_flows:
                _ask(node, open_flows, asking)


def _open(node: Node, flows: Sequence[Flow], asking: Asking) -> Sequence[Flow]:
    """The flows that people have to choose from; none where conditions decide."""
    unasked = _unasked(node, flows, asking)
    bare = [flow for flow in flows if flow.id != node.default_flow and (flow.condition is None or flow.id in unasked)]
    default = [flow for flow in flows if flow.id == node.default_flow]
    others = len(flows) - len(bare) - len(default)
    if not bare or len(bare) + len(default) < 2 or (others and node.kind is Kind.INCLUSIVE):
        return ()
    for flow in bare:
        if flow.id in unasked:
            _drop(flow, unasked[flow.id], asking)
    return [flow for flow in flows if flow in bare or flow in default]


def _unasked(node: Node, flows: Sequence[Flow], asking: Asking) -> Mapping[str, str]:
    """The flows, by their ids, that are decided by what nothing sets and no field can hold, with what that is."""
    found: dict[str, str] = {}
    for flow in flows:
        condition = asking.condition(flow)
        unset = asking.unset(condition) if condition is not None else ()
        if condition is not None and unset and (path := _beyond_fields(condition, unset)):
            found[flow.id] = path
    if not found:
        return found
    askers = asking.ways.before(node, crossing=False)
    return found if askers.tasks and not askers.others else {}


def _beyond_fields(condition: Expression, unset: Collection[str]) -> str | None:
    for path in paths(condition):
        compared = [comparison for comparison in comparisons(condition) if comparison.path == path]
        if variable_of(path) in unset and not can_be_asked_for(path, compared):
            return path
    return None


def _drop(flow: Flow, path: str, asking: Asking) -> None:
    problem = N_("Nothing sets “%(field)s”, and no field can hold it; the condition counts as none.")
    remedy = N_("Set it in a script or a form before, or decide by a variable of letters, digits and “_”.")
    asking.report.warning("condition-unasked", at(flow), problem, remedy, field=path)
    asking.changes.conditions[key_of(flow)] = None


def _ask(node: Node, open_flows: Sequence[Flow], asking: Asking) -> None:
    tasks = [task for task in asking.ways.before(node, crossing=True).tasks if asking.takes_fields(task)]
    if not tasks or len(open_flows) > MOST_CHOICES or asking.changes.count >= MOST_FIELDS:
        return
    variable = _variable(node, asking)
    values = _values(open_flows)
    several = node.kind is Kind.INCLUSIVE
    question = FormField(
        variable,
        CHECKLIST if several else SELECT,
        words(node.name) or words(" / ".join(_label(flow, asking) for flow in open_flows)),
        values=tuple((value, _label(flow, asking)) for value, flow in zip(values, open_flows, strict=True)),
        constraints=REQUIRED,
        line=node.line,
    )
    asking.answered.add(variable)
    _put_conditions(node, open_flows, question, asking)
    for task in tasks:
        asking.changes.ask(task, question)
        problem = N_(
            "The flows out of “%(gateway)s” have no conditions; “%(task)s” asks for the way (field “%(field)s”)."
        )
        remedy = N_("Give each flow a condition such as ${severity == 'high'} to decide without asking.")
        params = {"gateway": name_of(node), "task": name_of(task), "field": variable}
        asking.report.note("field-generated", at(node), problem, remedy, **params)


def _put_conditions(node: Node, open_flows: Sequence[Flow], question: FormField, asking: Asking) -> None:
    """FEEL, as an answer that is missing is null there and no error; then the first flow, or the default, is taken."""
    first = "" if node.default_flow else open_flows[0].id
    for flow, (value, _) in zip(open_flows, question.values, strict=True):
        constant = json.dumps(value, ensure_ascii=False)
        text = f"= {question.id} = {constant}"
        if question.type == CHECKLIST:
            text = f"= list contains({question.id}, {constant})"
            if flow.id == first:
                text = f"= {question.id} = null or count({question.id}) = 0 or list contains({question.id}, {constant})"
        elif flow.id == first:
            asking.changes.defaults[node.id] = first
            continue
        if flow.id != node.default_flow:
            asking.changes.conditions[key_of(flow)] = Expr(text, "feel")


def _variable(node: Node, asking: Asking) -> str:
    """A name for the answer that nothing else has."""
    base = PREFIX + re.sub(r"\W", "_", node.id)[:LONGEST]
    taken = asking.written | asking.answered
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def _values(flows: Sequence[Flow]) -> Sequence[str]:
    """The flows' names, which read well in the ticket's data, if they tell them apart; else their ids."""
    names = [flow.name.strip() for flow in flows]
    good = all(len(name) <= LONGEST and _PLAIN.fullmatch(name) for name in names)
    return names if good and len(set(names)) == len(names) else [flow.id for flow in flows]


def _label(flow: Flow, asking: Asking) -> str:
    target = asking.ways.nodes.get(flow.target)
    return words(flow.name) or (words(name_of(target)) if target is not None else "") or flow.id
