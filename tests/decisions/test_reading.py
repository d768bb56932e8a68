"""Reading DMN files: DMN 1.3, chapters 6 (requirements), 8 (tables) and 12 (exchange); what cannot be run is worded."""

from __future__ import annotations

import pytest

from engine.definitions.report import Report
from engine.expressions import Level, Problem
from tests.decisions.build import DMN_1_1, DMN_1_2, DMN_1_3, FLOWABLE, decide, dmn, literal, read, table

SIMPLE = table("d", ["x"], ["y"], '> 5 | "big"')


def only_problem(report: Report) -> Problem:
    assert len(report.problems) == 1, [str(problem.problem) for problem in report.problems]
    problem = report.problems[0]
    assert str(problem.problem)
    assert str(problem.remedy)
    return problem


@pytest.mark.parametrize(
    "xmlns",
    [
        DMN_1_1,
        DMN_1_2,
        DMN_1_3,
        FLOWABLE,
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_dmn_is_read(xmlns: str) -> None:
    decisions, report = read(dmn(SIMPLE, xmlns=xmlns))
    assert (list(decisions), report.problems) == (["d"], [])
    assert decide(dmn(SIMPLE, xmlns=xmlns), {"x": 6}).value == "big"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<definitions", "not-xml"),
        (b"<!DOCTYPE x><definitions/>", "dtd"),
        (b"<definitions/>", "not-dmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not-dmn"),
        (dmn().replace(b"definitions", b"decisions"), "not-dmn"),
        (dmn(), "no-decision"),
        (dmn(SIMPLE.replace('id="d" ', "")), "decision-id"),
        (dmn(SIMPLE, SIMPLE), "decision-id"),
        (dmn(*(literal(f"d{number}", "1") for number in range(201))), "too-many"),
    ],
)
def test_a_file_that_holds_no_decisions_is_refused(content: bytes, code: str) -> None:
    _, report = read(content)
    assert code in [problem.code for problem in report.problems]
    assert not report.accepted


def test_a_cell_that_is_not_understood_is_refused_with_its_line() -> None:
    decisions, report = read(dmn(table("d", ["x"], ["y"], '> 5 | "big"', '>> 5 | "huge"')))
    problem = only_problem(report)
    assert (decisions, problem.code, problem.line) == ({}, "expression", 7)
    assert str(problem.problem).startswith("The test is not understood:")


def test_every_bad_cell_is_named_at_once_by_its_rule() -> None:
    _, report = read(dmn(table("d", ["x +", "y"], ["y"], '5 5 | 1 | "', ")) | 1 | 2")))
    places = [(problem.line, problem.element) for problem in report.problems]
    assert places == [(4, "d_table"), (7, "r1"), (7, "r1"), (8, "r2")]


@pytest.mark.parametrize("language", ["groovy", "javascript", "http://www.w3.org/1999/XPath"])
def test_a_language_that_is_not_run_is_refused(language: str) -> None:
    for content in (
        dmn(SIMPLE, expressionLanguage=language),
        dmn(table("d", ["x"], ["y"], "1 | 2", language=language)),
        dmn(literal("d", "1", language=language)),
    ):
        _, report = read(content)
        assert {problem.code for problem in report.problems} == {"language"}
        assert language in str(report.problems[0].problem)


@pytest.mark.parametrize("language", ["feel", "FEEL", "https://www.omg.org/spec/DMN/20191111/FEEL/", "juel"])
def test_the_languages_that_are_run_are_read(language: str) -> None:
    assert decide(dmn(SIMPLE, expressionLanguage=language), {"x": 6}).value == "big"


def test_a_rule_needs_a_cell_for_each_column() -> None:
    _, report = read(dmn(table("d", ["x", "y"], ["z"], "1 | 2 | 3", "1 | 2", "1 | 2 | 3 | 4")))
    assert [(problem.code, problem.element, problem.line) for problem in report.problems] == [
        ("rule", "r2", 8),
        ("rule", "r3", 9),
    ]
    assert str(report.problems[0].problem) == "The rule has 2 + 0 cells, the table 2 inputs and 1 outputs."


def test_a_table_needs_an_output() -> None:
    _, report = read(dmn(table("d", ["x"], [], "1")))
    assert only_problem(report).code == "columns"


def test_a_table_without_rules_gives_nothing_and_says_so() -> None:
    decisions, report = read(dmn(table("d", ["x"], ["y"])))
    assert (only_problem(report).level, list(decisions)) == (Level.WARNING, ["d"])


def test_outputs_have_names_of_their_own() -> None:
    for names in (["y", "y"], ["", "y"]):
        _, report = read(dmn(table("d", ["x"], names, "1 | 2 | 3")))
        assert only_problem(report).code == "output-name"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (table("d", ["x"], [""], "- | 1"), "The d"),
        (table("d", ["x"], [""], "- | 1", variable="grade"), "grade"),
        (table("d", ["x"], [""], "- | 1").replace('name=""', 'label="Grade"'), "Grade"),
    ],
)
def test_the_only_output_may_be_named_by_the_decision(content: str, name: str) -> None:
    assert decide(content, {}).rows == [{name: 1}]


def test_an_input_without_an_expression_may_not_be_tested() -> None:
    _, report = read(dmn(table("d", [""], ["y"], "1 | 2")))
    assert only_problem(report).code == "input-empty"
    assert decide(table("d", [""], ["y"], "- | 2"), {}).value == 2


def test_a_collecting_table_has_a_single_output() -> None:
    _, report = read(dmn(table("d", ["x"], ["y", "z"], "1 | 2 | 3", hit="COLLECT", collect="SUM")))
    assert only_problem(report).code == "hit-policy"


def test_an_unknown_aggregation_is_refused() -> None:
    _, report = read(dmn(table("d", ["x"], ["y"], "1 | 2", hit="COLLECT", collect="MEAN")))
    assert "COLLECT MEAN" in str(only_problem(report).problem)


BOXED = ["invocation", "context", "relation", "list", "functionDefinition", "conditional", "filter", "for"]


@pytest.mark.parametrize("kind", BOXED)
def test_boxed_expressions_are_refused(kind: str) -> None:
    content = (
        literal("d", "1").replace("<literalExpression>", f"<{kind}>").replace("</literalExpression>", f"</{kind}>")
    )
    _, report = read(dmn(content))
    problem = only_problem(report)
    assert (problem.code, problem.element, problem.line) == ("boxed", "d", 3)
    assert kind in str(problem.problem)


def test_a_decision_that_requires_a_knowledge_model_is_refused() -> None:
    need = '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
    _, report = read(dmn(literal("d", "1").replace("<literal", f"{need}<literal")))
    assert only_problem(report).code == "knowledge"


def test_models_services_and_sources_that_nothing_requires_do_no_harm() -> None:
    more = (
        '<businessKnowledgeModel id="k" name="K"><encapsulatedLogic><literalExpression><text>]</text>'
        '</literalExpression></encapsulatedLogic></businessKnowledgeModel><decisionService id="s" name="S"/>'
        '<knowledgeSource id="b" name="Book"/><inputData id="x" name="x"/>'
    )
    decisions, report = read(dmn(SIMPLE, more=more))
    assert (list(decisions), report.problems) == (["d"], [])


@pytest.mark.parametrize("content", ['<decision id="d" name="D"/>', literal("d", "")])
def test_a_decision_without_logic_is_refused(content: str) -> None:
    _, report = read(dmn(content))
    assert only_problem(report).code == "decision-empty"


def test_a_missing_required_decision_is_refused() -> None:
    decisions, report = read(
        dmn(literal("d", "1", requires=["e"]), literal("f", "2"), literal("g", "3", requires=["d"]))
    )
    problem = only_problem(report)
    assert (list(decisions), problem.code, problem.element) == (["f"], "decision-missing", "d")
    assert "“e”" in str(problem.problem)


def test_what_requires_a_bad_decision_is_left_out() -> None:
    decisions, report = read(dmn(literal("d", "1 +"), literal("e", "2", requires=["d"]), literal("f", "3")))
    assert only_problem(report).code == "expression"
    assert list(decisions) == ["f"]


def test_decisions_that_require_each_other_are_refused() -> None:
    circle = [literal("a", "b", requires=["b"]), literal("b", "c", requires=["c"]), literal("c", "a", requires=["a"])]
    decisions, report = read(dmn(*circle, literal("d", "a", requires=["a"]), literal("e", "1")))
    assert list(decisions) == ["e"]
    assert [(problem.code, problem.element) for problem in report.problems] == [
        ("decision-circle", id_) for id_ in ("a", "b", "c")
    ]
    assert "through b" in str(report.problems[0].problem)


def test_a_decision_that_requires_itself_is_refused() -> None:
    _, report = read(dmn(literal("a", "a", requires=["a"])))
    assert only_problem(report).code == "decision-circle"


def test_a_large_file_is_read_as_far_as_the_report_has_room() -> None:
    rules = [f'[{number}..{number}1000] | "{"x" * 90}"' for number in range(4500)]
    _, report = read(dmn(table("d", ["x"], ["y"], *rules, hit="FIRST")))
    assert "too-much" in [problem.code for problem in report.problems]


def test_what_is_read_in_another_language_than_declared_is_noted() -> None:
    _, report = read(dmn(table("d", ["x"], ["y"], "== 'a' | 'b'", "1 | a == 3")))
    assert [(problem.level, problem.code, problem.line) for problem in report.problems] == [
        (Level.NOTE, "read-as", 6),
        (Level.NOTE, "read-as", 6),
        (Level.NOTE, "read-as", 7),
    ]
    assert "JUEL" in str(report.problems[0].problem)


@pytest.mark.parametrize("cell", ["True", "a && ", "a + ", "x -> 1"])
def test_a_slip_in_feel_is_not_taken_for_another_language(cell: str) -> None:
    _, report = read(dmn(literal("d", cell)))
    assert only_problem(report).code == "expression"


def test_an_unknown_type_is_noted() -> None:
    _, report = read(dmn(table("d", ["x: tColour"], ["y"], "1 | 2")))
    assert (only_problem(report).level, only_problem(report).code) == (Level.NOTE, "type")
