"""Information requirements: DMN 1.3, 6.2.1; what a decision gives is a variable of those that require it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.decisions.compile import compile_decision
from engine.expressions import EvaluationError
from tests.decisions.build import decide, dmn, literal, read, table

DISH = table("dish", ["guests: integer"], ["desired"], '<= 4 | "Steak"', '> 4 | "Stew"')


@pytest.mark.parametrize("name", ["desired", "dish", "The dish", "plate"])
def test_a_table_is_known_by_its_output_its_id_its_name_and_its_variable(name: str) -> None:
    drinks = table("d", [name], ["drink"], '"Steak" | "Pinot"', '- | "Water"', hit="FIRST", requires=["dish"])
    dish = DISH.replace('name="The dish">', 'name="The dish"><variable name="plate"/>')
    assert decide(dmn(drinks, dish), {"guests": 3}).value == "Pinot"
    assert decide(dmn(drinks, dish), {"guests": 9}).value == "Water"


def test_a_result_hides_a_variable_of_the_same_name() -> None:
    assert decide(dmn(literal("d", "dish", requires=["dish"]), DISH), {"guests": 1, "dish": "Soup"}).value == "Steak"


@pytest.mark.parametrize(
    ("hit", "collect", "seen"),
    [
        ("COLLECT", "", {"n": [1, 2], "m": ["a", "b"], "e": [{"n": 1, "m": "a"}, {"n": 2, "m": "b"}]}),
        ("RULE ORDER", "", {"n": [1, 2], "m": ["a", "b"], "e": [{"n": 1, "m": "a"}, {"n": 2, "m": "b"}]}),
        ("FIRST", "", {"n": 1, "m": "a", "e": {"n": 1, "m": "a"}}),
    ],
)
def test_several_outputs_are_variables_each_and_an_object_together(
    hit: str, collect: str, seen: dict[str, Any]
) -> None:
    several = table("e", ["x"], ["n", "m"], '> 0 | 1 | "a"', '> 1 | 2 | "b"', hit=hit, collect=collect)
    found = decide(dmn(literal("d", "{n: n, m: m, e: e}", requires=["e"]), several), {"x": 2}).value
    assert found == seen


def test_a_collected_number_is_a_variable() -> None:
    total = table("e", ["x"], ["n"], "> 0 | 1", "> 1 | 2", hit="COLLECT", collect="SUM")
    assert decide(dmn(literal("d", "n + e", requires=["e"]), total), {"x": 2}).value == 6


def test_a_table_without_a_match_is_null_for_those_that_require_it() -> None:
    nothing = table("e", ["x"], ["n"], "> 9 | 1")
    assert decide(dmn(literal("d", "n = null and e = null", requires=["e"]), nothing), {"x": 2}).value is True


def test_decisions_far_below_are_asked_once_and_in_order() -> None:
    calls: list[int] = []

    def today() -> int:
        calls.append(len(calls))
        return len(calls)

    content = dmn(
        literal("d", "b + c", requires=["b", "c"]),
        literal("b", "a * 10", requires=["a"]),
        literal("c", "a * 100", requires=["a"]),
        literal("a", "today()"),
    )
    assert (decide(content, {}, today=today).value, calls) == (110, [0])


def test_only_what_is_required_is_asked() -> None:
    content = dmn(literal("d", "1"), literal("e", "${missing}"))
    assert decide(content, {}).value == 1
    with pytest.raises(EvaluationError):
        decide(content, {}, of="e")


def test_a_long_chain_of_requirements_is_followed() -> None:
    steps = [literal(f"d{n}", f"d{n - 1} + 1", requires=[f"d{n - 1}"]) for n in range(1, 200)]
    assert decide(dmn(literal("d0", "0"), *steps), {}, of="d199").value == 199


def test_an_error_names_the_decision_it_is_in() -> None:
    content = dmn(literal("d", "e", requires=["e"]), table("e", ["x"], ["n"], "> 0 | 1", "> 1 | 2"))
    with pytest.raises(EvaluationError, match="In the decision “The e”: More than one rule"):
        decide(content, {"x": 2})


def test_a_decision_that_is_not_there_cannot_be_compiled() -> None:
    decisions, _ = read(dmn(DISH))
    with pytest.raises(KeyError):
        compile_decision(decisions, "drinks")


def test_a_compiled_decision_knows_the_variables_it_needs() -> None:
    drinks = table("d", ["desired", "kids"], ["drink"], '"Stew" | ? and cold | ${sort}', requires=["dish"])
    decisions, _ = read(dmn(drinks, DISH))
    assert compile_decision(decisions, "d").reads == {"guests", "kids", "cold", "sort"}
    assert compile_decision(decisions, "dish").reads == {"guests"}


def test_a_compiled_decision_is_asked_any_number_of_times() -> None:
    decisions, _ = read(dmn(DISH))
    compiled = compile_decision(decisions, "dish")
    assert [compiled.decide({"guests": guests}).value for guests in (3, 5, 4)] == ["Steak", "Stew", "Steak"]
