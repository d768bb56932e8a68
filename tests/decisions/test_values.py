"""What a decision is given and gives: typed inputs and outputs (DMN 1.3, 7.3.3), cells in three languages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.decisions.compile import Outcome
from engine.expressions import Budget, BudgetExceeded, EvaluationError, Months
from tests.decisions.build import DMN_1_1, FLOWABLE, decide, dmn, literal, read, table

UTC = dt.UTC


def typed(kind: str, value: Any) -> Any:
    """What an input of that type makes of a value."""
    return decide(table("d", [f"x: {kind}"], ["y"], "- | ?", hit="FIRST"), {"x": value, "?": "not asked"})


def given(kind: str, value: Any) -> Any:
    """What an output of that type makes of a value."""
    return decide(table("d", ["1"], [f"y: {kind}"], "- | x"), {"x": value}).value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "a", "a"),
        ("string", 5, "5"),
        ("string", 5.0, "5"),
        ("string", True, "true"),
        ("feel:string", 5, "5"),
        ("boolean", True, True),
        ("boolean", "TRUE", True),
        ("boolean", "false", False),
        ("number", "5", 5),
        ("number", "5.5", 5.5),
        ("number", 5, 5),
        ("double", "5.50", 5.5),
        ("integer", "5", 5),
        ("integer", 5.0, 5),
        ("long", 7, 7),
        ("date", "2026-01-31", dt.date(2026, 1, 31)),
        ("date", "2026-01-31T10:00:00Z", dt.datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("date", dt.date(2026, 1, 31), dt.date(2026, 1, 31)),
        ("dateTime", "2026-01-31T10:00:00Z", dt.datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("time", "10:30:00", dt.time(10, 30)),
        ("yearMonthDuration", "P1Y", Months(12)),
        ("days and time duration", "PT1H", dt.timedelta(hours=1)),
        ("Any", [1], [1]),
        ("", {"a": 1}, {"a": 1}),
        ("string", None, None),
        ("number", None, None),
    ],
)
def test_a_typed_value_is_coerced_as_camunda_does(kind: str, value: Any, expected: Any) -> None:
    found = given(kind, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "five"),
        ("number", True),
        ("number", "nan"),
        ("number", "1" * 50),
        ("integer", 5.5),
        ("boolean", "yes"),
        ("boolean", 1),
        ("date", "31.1.2026"),
        ("date", 5),
        ("string", [1]),
        ("time", "late"),
    ],
)
def test_a_value_of_another_type_is_an_error_that_names_both(kind: str, value: Any) -> None:
    with pytest.raises(EvaluationError, match=f"is not of the type “{kind}”"):
        given(kind, value)
    with pytest.raises(EvaluationError, match=f"is not of the type “{kind}”"):
        decide(table("d", [f"x: {kind}"], ["y"], "- | 1"), {"x": value})


def test_tests_see_the_typed_value() -> None:
    content = table(
        "d", ["x: number", "day: date"], ["y"], '> 9 | < @"2026-02-01" | "yes"', '- | - | "no"', hit="FIRST"
    )
    assert decide(content, {"x": "10", "day": "2026-01-31"}).value == "yes"
    assert decide(content, {"x": "10", "day": "2026-02-01"}).value == "no"


def test_a_type_of_the_file_is_known_by_its_base() -> None:
    types = (
        '<itemDefinition name="tRisk"><typeRef>tText</typeRef></itemDefinition>'
        '<itemDefinition name="tText"><typeRef>feel:string</typeRef></itemDefinition>'
        '<itemDefinition name="tRisks" isCollection="true"><typeRef>string</typeRef></itemDefinition>'
        '<itemDefinition name="tRound"><typeRef>tRound</typeRef></itemDefinition>'
        '<itemDefinition name="tPerson"><itemComponent name="age"/></itemDefinition>'
    )
    columns = ["a: tRisk", "b: tRisks", "c: tPerson", "d: tRound"]
    content = dmn(table("d", columns, ["y"], '"5" | count(?) = 2 | ?.age > 1 | - | 1'), more=types)
    assert decide(content, {"a": 5, "b": [1, 2], "c": {"age": 2}, "d": 0}).value == 1


@pytest.mark.parametrize(
    ("cell", "met", "not_met"),
    [
        ("== 'a'", "a", "b"),
        ('== "a"', "a", "b"),
        ("!= 'a'", "b", "a"),
        ("'a'", "a", "b"),
        ("> 5", 6, 5),
        ("5", 5, 6),
        ("limit", 3, 4),
        ("== limit", 3, 4),
        ("> limit + 1", 5, 4),
        ("[1..5]", 5, 6),
        ('"a", "b"', "b", "c"),
        ("not(1, 2)", 3, 2),
        ("${x > 5}", 6, 5),
        ("#{x == limit}", 3, 4),
        ("true", True, False),
        ("== true", True, False),
    ],
)
@pytest.mark.parametrize("xmlns", [DMN_1_1, FLOWABLE])
def test_cells_are_read_in_feel_and_in_juel(xmlns: str, cell: str, met: Any, not_met: Any) -> None:
    content = dmn(table("d", ["x"], ["y"], f'{cell} | "yes"', '- | "no"', hit="FIRST"), xmlns=xmlns)
    assert decide(content, {"x": met, "limit": 3}).value == "yes"
    assert decide(content, {"x": not_met, "limit": 3}).value == "no"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        ("1 + 2", 3),
        ("x * 2", 10),
        ("${x * 2}", 10),
        ("#{x > 3 ? 'large' : 'small'}", "large"),
        ("It is ${x}.", "It is 5."),
        ("", None),
        ("true", True),
        ("limit", 3),
    ],
)
@pytest.mark.parametrize("xmlns", [DMN_1_1, FLOWABLE])
def test_outputs_are_read_in_feel_and_in_juel(xmlns: str, cell: str, value: Any) -> None:
    content = dmn(table("d", ["x"], ["y"], f"- | {cell}"), xmlns=xmlns)
    assert decide(content, {"x": 5, "limit": 3}).value == value


def test_python_is_read_where_it_is_declared() -> None:
    rules = ("'a' | True", "- | {'k': [1, 2]}")
    content = dmn(table("d", ["x.lower()"], ["y"], *rules, hit="FIRST", language="python"))
    assert decide(content, {"x": "A"}).value is True
    assert decide(content, {"x": "z"}).value == {"k": [1, 2]}


def test_what_looks_like_juel_in_a_text_of_feel_stays_text() -> None:
    content = table("d", ["x"], ["y", "z"], '"${x}" | "it costs ${x}" | It costs ${x}.')
    assert decide(content, {"x": "${x}"}).value == {"y": "it costs ${x}", "z": "It costs ${x}."}


def test_a_text_that_closes_its_own_bracket_is_no_juel() -> None:
    _, report = read(dmn(table("d", ["x"], ["y"], "'a'} ${x | 1"), xmlns=FLOWABLE))
    assert [problem.code for problem in report.problems] == ["expression"]


def test_names_with_other_characters_are_known_from_the_drawing() -> None:
    drawn = '<inputData id="i" name="Pre-bureau risk"/><inputData id="j" name="Terms and conditions"/>'
    content = dmn(
        table("d", ["Pre-bureau risk", "Terms and conditions"], ["y"], '"HIGH" | true | Pre-bureau risk + "!"'),
        more=drawn,
    )
    assert decide(content, {"Pre-bureau risk": "HIGH", "Terms and conditions": True}).value == "HIGH!"


def test_the_hosts_functions_may_be_called() -> None:
    content = table("d", ["today()"], ["y"], '> @"2026-01-01" | today() + @"P1D"')
    assert decide(content, {}, today=lambda: dt.date(2026, 11, 22)).value == dt.date(2026, 11, 23)


def test_an_error_in_a_cell_names_the_decision() -> None:
    with pytest.raises(EvaluationError, match=r"^In the decision “The d”: The variable “missing” is not set\.$"):
        decide(dmn(table("d", ["x"], ["y"], "1 | ${missing}")), {"x": 1})


def test_a_decision_has_one_budget() -> None:
    content = dmn(
        literal("a", "count(for i in 1..20000 return i)"),
        literal("d", "count(for i in 1..20000 return i) + a", requires=["a"], variable="d"),
    )
    assert decide(content, {}).value == 40000
    with pytest.raises(BudgetExceeded):
        decide(content, {}, budget=Budget(steps=100_000, memory=16_000_000))


@pytest.mark.parametrize(
    "cell", ["for i in 1..100000000 return i", "{f: function(n) f(n), r: f(1)}.r", "${1 / 0}", "${-'a'}"]
)
def test_a_hostile_cell_ends_in_an_error(cell: str) -> None:
    with pytest.raises(EvaluationError):
        decide(table("d", ["x"], ["y"], f"- | {cell}"), {})


def test_the_values_given_are_left_as_they_are() -> None:
    values = {"x": 1}
    outcome = decide(dmn(literal("a", "x + 1"), table("d", ["a"], ["x"], "- | a", requires=["a"])), values)
    assert (outcome, values) == (Outcome([{"x": 2}], 2), {"x": 1})
