"""Owns reading what decides inside a decision: its table with inputs, outputs and rules, or its literal expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.decisions.clauses import Place, at, text_of
from engine.decisions.model import Clause, Decision, Rule
from engine.decisions.policies import AGGREGATIONS, POLICIES, RANKED
from engine.definitions.source import find_children
from engine.definitions.xml import local
from engine.expressions import N_, Level

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_COLUMNS = 200
_BOXED = frozenset(
    "invocation context relation list functionDefinition conditional filter for every some".split(),
)


def read_logic(element: Element, place: Place) -> Decision | None:
    """The decision; None, and at least one error, if it cannot be run."""
    before = place.report.counts[Level.ERROR]
    decision = _read(element, place)
    return decision if place.report.counts[Level.ERROR] == before else None


def _read(element: Element, place: Place) -> Decision | None:
    kinds = {local(child): child for child in reversed(element)}
    head = _head(element, place)
    if not _is_plain(element, place):
        return None
    if "decisionTable" in kinds:
        return _read_table(kinds["decisionTable"], head, place)
    if "literalExpression" in kinds:
        return _read_literal(kinds["literalExpression"], head, place)
    problem = N_("The decision has neither a table nor an expression.")
    place.report.error("decision-empty", at(element), problem, N_("Give the decision a table, or delete it."))
    return None


def _head(element: Element, place: Place) -> Decision:
    variables = [child.get("name", "") for child in find_children(element, "variable")]
    words = " ".join(" ".join(element.itertext()).split())
    return Decision(
        id=element.get("id", ""),
        name=element.get("name", ""),
        line=int(element.sourceline or 1),
        variable=variables[0] if variables else "",
        requires=tuple(dict.fromkeys(_required(element))),
        names=tuple(sorted(name for name in place.names if " ".join(name.split()) in words)),
    )


def _required(element: Element) -> Iterator[str]:
    """The decisions it requires, by id; those of other files keep their file's name before the #."""
    for requirement in find_children(element, "informationRequirement"):
        for required in find_children(requirement, "requiredDecision"):
            yield required.get("href", "").removeprefix("#")


def _is_plain(element: Element, place: Place) -> bool:
    """Whether it is a table or an expression, without models of knowledge."""
    for child in element:
        if local(child) in _BOXED:
            problem = N_("A boxed %(kind)s is not run.")
            remedy = N_("Write it as a decision table or a literal expression.")
            place.report.error("boxed", at(element), problem, remedy, kind=local(child))
            return False
        if local(child) == "knowledgeRequirement":
            problem = N_("The decision requires a business knowledge model, which is not run.")
            remedy = N_("Make the model a decision of its own, and require that.")
            place.report.error("knowledge", at(element), problem, remedy)
            return False
    return True


def _read_literal(literal: Element, head: Decision, place: Place) -> Decision:
    language = place.language(literal)
    text = place.value(literal, language, N_("The expression"))
    if not text:
        problem = N_("The decision's expression is empty.")
        place.report.error("decision-empty", at(literal), problem, N_("Write the expression, or delete the decision."))
    return replace(head, literal=text, language=language)


def _read_table(table: Element, head: Decision, place: Place) -> Decision:
    policy, aggregation = _policy(table, place)
    inputs, outputs = find_children(table, "input"), find_children(table, "output")
    rows = find_children(table, "rule")
    if not place.report.has_room(at(table), elements=len(rows)) or not _is_even(table, place):
        return head
    tested = [{text_of(cells[index]) for cells in map(_tests, rows)} - {"", "-"} for index in range(len(inputs))]
    columns = [_input(*each, table, place) for each in zip(inputs, tested, strict=True)]
    results = [_output(element, head, place, policy=policy, alone=len(outputs) == 1) for element in outputs]
    decision = replace(head, hit_policy=policy, aggregation=aggregation, inputs=tuple(columns), outputs=tuple(results))
    _check_outputs(table, decision, place)
    return replace(decision, rules=tuple(_rule(row, decision, place) for row in rows))


def _policy(table: Element, place: Place) -> tuple[str, str]:
    """The hit policy and the aggregation."""
    policy = " ".join(table.get("hitPolicy", "").upper().split()) or "UNIQUE"
    aggregation = table.get("aggregation", "").strip().upper()
    if policy in POLICIES and aggregation in AGGREGATIONS:
        return policy, aggregation if policy == "COLLECT" else ""
    problem = N_("There is no hit policy “%(policy)s”.")
    remedy = N_("Choose UNIQUE, FIRST, ANY, PRIORITY, RULE ORDER, OUTPUT ORDER or COLLECT (SUM, MIN, MAX, COUNT).")
    shown = f"{policy} {aggregation}".strip()[:60]
    place.report.error("hit-policy", at(table), problem, remedy, policy=shown)
    return "UNIQUE", ""


def _is_even(table: Element, place: Place) -> bool:
    """Whether there is an output, and each rule has a cell for each column."""
    inputs, outputs = len(find_children(table, "input")), len(find_children(table, "output"))
    if not outputs or max(inputs, outputs) > MAX_COLUMNS:
        problem = N_("The table has %(inputs)s inputs and %(outputs)s outputs: it needs an output, at most %(most)s.")
        remedy = N_("Give the table an output, or split it.")
        place.report.error("columns", at(table), problem, remedy, inputs=inputs, outputs=outputs, most=MAX_COLUMNS)
        return False
    rows = find_children(table, "rule")
    if not rows:
        problem = N_("The table has no rules; it gives nothing.")
        place.report.warning("no-rules", at(table), problem, N_("Write a rule."))
    uneven = [row for row in rows if (len(_tests(row)), len(_results(row))) != (inputs, outputs)]
    for row in uneven:
        problem = N_("The rule has %(tests)s + %(results)s cells, the table %(inputs)s inputs and %(outputs)s outputs.")
        remedy = N_("Give the rule a cell for each column, “-” where any value will do.")
        counts = {"tests": len(_tests(row)), "results": len(_results(row)), "inputs": inputs, "outputs": outputs}
        place.report.error("rule", at(row), problem, remedy, **counts)
    return not uneven


def _tests(row: Element) -> list[Element]:
    return find_children(row, "inputEntry")


def _results(row: Element) -> list[Element]:
    return find_children(row, "outputEntry")


def _input(element: Element, tested: set[str], table: Element, place: Place) -> Clause:
    expression = next(iter(find_children(element, "inputExpression")), None)
    language = place.language(expression, table)
    text = place.value(expression, language, N_("The input"))
    if not text and tested:
        problem = N_("The input has no expression, but rules test it.")
        remedy = N_("Write what the input is, such as a variable's name.")
        place.report.error("input-empty", at(element), problem, remedy)
    kind = expression.get("typeRef", "") if expression is not None else ""
    return Clause(
        id=element.get("id", ""),
        label=element.get("label", ""),
        expr=text,
        type=place.type(kind, at(element)),
        language=language,
        line=int(element.sourceline or 1),
    )


def _output(element: Element, head: Decision, place: Place, *, policy: str, alone: bool) -> Clause:
    """An output; the only one need not have a name: it then has the decision's."""
    language = place.language(element, element.getparent())
    name = element.get("name", "").strip()
    if alone:
        name = name or head.variable or element.get("label", "").strip() or head.name or head.id
    values = next(iter(find_children(element, "outputValues")), None)
    default = next(iter(find_children(element, "defaultOutputEntry")), None)
    return Clause(
        id=element.get("id", ""),
        label=element.get("label", ""),
        name=name,
        type=place.type(element.get("typeRef", ""), at(element)),
        language=language,
        line=int(element.sourceline or 1),
        values=place.values(values, language) if policy in RANKED else (),
        default=place.value(default, language, N_("The default output")),
    )


def _check_outputs(table: Element, decision: Decision, place: Place) -> None:
    names = [clause.name for clause in decision.outputs]
    if len(set(names)) < len(names) or not all(names):
        problem = N_("Two outputs have the same name, or one has none.")
        place.report.error("output-name", at(table), problem, N_("Give each output a name of its own."))
    if decision.aggregation and len(names) > 1:
        problem = N_("COLLECT with %(aggregation)s needs a single output; the table has %(count)s.")
        remedy = N_("Remove the other outputs, or collect a list.")
        found = {"aggregation": decision.aggregation, "count": len(names)}
        place.report.error("hit-policy", at(table), problem, remedy, **found)
    if decision.hit_policy in RANKED and not any(clause.values for clause in decision.outputs):
        problem = N_("%(policy)s needs to know which output value is the most important.")
        remedy = N_("List the output's values, the most important first, or choose another hit policy.")
        place.report.error("output-values", at(table), problem, remedy, policy=decision.hit_policy)


def _rule(row: Element, decision: Decision, place: Place) -> Rule:
    tests = zip(_tests(row), decision.inputs, strict=True)
    results = zip(_results(row), decision.outputs, strict=True)
    return Rule(
        id=row.get("id", ""),
        line=int(row.sourceline or 1),
        tests=tuple(place.test(cell, clause.language) for cell, clause in tests),
        outputs=tuple(place.value(cell, clause.language, N_("The output")) for cell, clause in results),
    )
