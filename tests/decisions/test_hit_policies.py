"""Hit policies: DMN 1.3, sections 8.2.8 (policies) and 8.3.5 (default outputs)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions import EvaluationError
from tests.decisions.build import decide, dmn, read, table

ORDER = '"high", "middle", "low"'


def graded(*rules: str, hit: str, collect: str = "", outputs: tuple[str, ...] = ("grade",)) -> str:
    return table("d", ["x"], outputs, *rules, hit=hit, collect=collect)


def test_a_unique_table_gives_the_rule_that_matches() -> None:
    rules = ('< 5 | "low"', '>= 5 | "high"')
    assert decide(graded(*rules, hit="UNIQUE"), {"x": 7}).rows == [{"grade": "high"}]
    assert decide(graded(*rules, hit=""), {"x": 3}).value == "low"


def test_two_rules_of_a_unique_table_that_match_are_an_error_that_names_them() -> None:
    with pytest.raises(EvaluationError) as raised:
        decide(graded('< 5 | "low"', '[3..9] | "middle"', '> 8 | "high"', hit="UNIQUE"), {"x": 4})
    assert str(raised.value) == (
        "In the decision “The d”: More than one rule matches, where only one may: 1 (r1), 2 (r2)."
    )


def test_a_first_table_gives_the_first_rule_that_matches() -> None:
    outcome = decide(graded('> 10 | "a"', '> 5 | "b"', '> 0 | "c"', hit="FIRST"), {"x": 7})
    assert (outcome.rows, outcome.value) == ([{"grade": "b"}], "b")


def test_an_any_table_gives_what_its_rules_agree_on() -> None:
    rules = ('> 5 | "b"', '> 0 | "b"', '< 0 | "c"')
    assert decide(graded(*rules, hit="ANY"), {"x": 7}).value == "b"


def test_rules_of_an_any_table_that_disagree_are_an_error() -> None:
    with pytest.raises(EvaluationError, match="where all must agree: 1 \\(r1\\), 3 \\(r3\\)"):
        decide(graded('> 5 | "b"', '> 0 | "b"', '> 1 | "c"', hit="ANY"), {"x": 7})


def test_a_priority_table_gives_the_most_important_output() -> None:
    outputs = (f"grade = {ORDER}",)
    rules = ('> 0 | "low"', '> 2 | "high"', '> 1 | "middle"')
    assert decide(graded(*rules, hit="PRIORITY", outputs=outputs), {"x": 2}).value == "middle"
    assert decide(graded(*rules, hit="PRIORITY", outputs=outputs), {"x": 3}).value == "high"


def test_priority_goes_by_the_first_output_and_then_by_the_next() -> None:
    outputs = (f"grade = {ORDER}", "who = 2, 1")
    rules = ('- | "low" | 2', '- | "high" | 1', '- | "high" | 2', '- | "middle" | 2')
    outcome = decide(graded(*rules, hit="PRIORITY", outputs=outputs), {"x": 1})
    assert outcome.value == {"grade": "high", "who": 2}
    ordered = decide(graded(*rules, hit="OUTPUT ORDER", outputs=outputs), {"x": 1}).value
    assert [row["who"] for row in ordered] == [2, 1, 2, 2]
    assert [row["grade"] for row in ordered] == ["high", "high", "middle", "low"]


def test_rule_order_and_collect_give_all_that_match_as_written() -> None:
    rules = ('> 5 | "b"', '> 10 | "c"', '> 0 | "a"', '> 1 | "b"')
    for hit in ("RULE ORDER", "COLLECT"):
        outcome = decide(graded(*rules, hit=hit), {"x": 7})
        assert outcome.rows == [{"grade": "b"}, {"grade": "a"}, {"grade": "b"}]
        assert outcome.value == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("collect", "value"), [("SUM", 0.3), ("MIN", 0.1), ("MAX", 0.2), ("COUNT", 2)], ids=["sum", "min", "max", "count"]
)
def test_a_collecting_table_makes_one_number_of_its_outputs(collect: str, value: float) -> None:
    outcome = decide(graded("> 5 | 0.1", "> 10 | 7", "> 0 | 0.2", hit="COLLECT", collect=collect), {"x": 7})
    assert (outcome.rows, outcome.value) == ([{"grade": value}], value)


def test_nothing_is_collected_where_no_rule_matches_but_none_can_be_counted() -> None:
    for collect in ("SUM", "MIN", "MAX"):
        outcome = decide(graded("> 5 | 1", hit="COLLECT", collect=collect), {"x": 1})
        assert (outcome.rows, outcome.value) == ([], None)
    assert decide(graded("> 5 | 1", hit="COLLECT", collect="COUNT"), {"x": 1}).rows == [{"grade": 0}]


def test_a_text_cannot_be_summed() -> None:
    with pytest.raises(EvaluationError, match="“a” is no number"):
        decide(graded('> 5 | "a"', hit="COLLECT", collect="SUM"), {"x": 7})


@pytest.mark.parametrize("hit", ["UNIQUE", "FIRST", "ANY", "PRIORITY"])
def test_without_a_rule_that_matches_the_value_is_null(hit: str) -> None:
    outcome = decide(graded('> 5 | "a"', hit=hit, outputs=('grade = "a"',)), {"x": 1})
    assert (outcome.rows, outcome.value) == ([], None)


@pytest.mark.parametrize("hit", ["RULE ORDER", "OUTPUT ORDER", "COLLECT"])
def test_without_a_rule_that_matches_the_list_is_empty(hit: str) -> None:
    outcome = decide(graded('> 5 | "a"', hit=hit, outputs=('grade = "a"',)), {"x": 1})
    assert (outcome.rows, outcome.value) == ([], [])


def test_default_outputs_stand_in_where_no_rule_matches() -> None:
    outputs = ('grade = "a", "b" / "b"', "who")
    outcome = decide(graded('> 5 | "a" | 1', hit="UNIQUE", outputs=outputs), {"x": 1})
    assert (outcome.rows, outcome.value) == ([{"grade": "b", "who": None}], {"grade": "b", "who": None})


def test_several_outputs_make_an_object() -> None:
    outcome = decide(graded('> 5 | "a" | x * 2', hit="UNIQUE", outputs=("grade", "twice")), {"x": 6})
    assert outcome.value == {"grade": "a", "twice": 12}


@pytest.mark.parametrize("hit", ["BEST", "unique and first", "C+", "COLLECT SUM"])
def test_an_unknown_hit_policy_is_refused(hit: str) -> None:
    decisions, report = read(dmn(graded('> 5 | "a"', hit=hit)))
    problem = report.problems[0]
    assert (decisions, problem.code, problem.element, problem.line) == ({}, "hit-policy", "d_table", 3)
    assert hit.upper() in str(problem.problem)
    assert "OUTPUT ORDER" in str(problem.remedy)


def test_a_table_that_goes_by_importance_needs_its_output_values() -> None:
    for hit in ("PRIORITY", "OUTPUT ORDER"):
        _, report = read(dmn(graded('> 5 | "a"', hit=hit)))
        assert [problem.code for problem in report.problems] == ["output-values"]


# An oracle: rules as Python sees them, each policy as the specification words it.

CELLS = st.sampled_from(["-", "1", "2", "3", "< 2", ">= 2", "[1..2]", "1, 3", "not(2)"])
POLICIES = ["UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"]
VALUES = [3, 1, 2]
MEANINGS: dict[str, set[int]] = {
    "-": {1, 2, 3},
    "1": {1},
    "2": {2},
    "3": {3},
    "< 2": {1},
    ">= 2": {2, 3},
    "[1..2]": {1, 2},
    "1, 3": {1, 3},
    "not(2)": {1, 3},
}
Rule = tuple[str, str, int]


def expected(hit: str, collect: str, rules: list[Rule], x: int, y: int) -> Any:
    """The value, or ValueError where the policy does not allow what matches."""
    outputs = [output for first, second, output in rules if x in MEANINGS[first] and y in MEANINGS[second]]
    if hit == "UNIQUE" and len(outputs) > 1:
        raise ValueError
    if hit == "ANY" and len(set(outputs)) > 1:
        raise ValueError
    if hit == "OUTPUT ORDER":
        counts = Counter(outputs)
        return [value for value in VALUES for _ in range(counts[value])]
    if hit == "COLLECT" and collect == "COUNT":
        return len(outputs)
    if hit == "COLLECT" and collect:
        if not outputs:
            return None
        return sum(outputs) if collect == "SUM" else min(outputs) if collect == "MIN" else max(outputs)
    if hit in ("RULE ORDER", "COLLECT"):
        return outputs
    if hit == "PRIORITY":
        return next((value for value in VALUES if value in outputs), None)
    return outputs[0] if outputs else None


@settings(deadline=None)
@given(
    hit=st.sampled_from(POLICIES),
    collect=st.sampled_from(["", "SUM", "MIN", "MAX", "COUNT"]),
    rules=st.lists(st.tuples(CELLS, CELLS, st.sampled_from(VALUES)), max_size=6),
)
def test_tables_give_what_the_policies_say(hit: str, collect: str, rules: list[Rule]) -> None:
    collect = collect if hit == "COLLECT" else ""
    texts = [f"{first} | {second} | {output}" for first, second, output in rules]
    content = dmn(table("d", ["x", "y"], ["z = 3, 1, 2"], *texts, hit=hit, collect=collect))
    for x in (1, 2, 3):
        for y in (1, 2, 3):
            try:
                wanted = expected(hit, collect, rules, x, y)
            except ValueError:
                with pytest.raises(EvaluationError):
                    decide(content, {"x": x, "y": y})
            else:
                assert decide(content, {"x": x, "y": y}).value == wanted
