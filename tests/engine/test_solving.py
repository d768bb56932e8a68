"""Values that make conditions true or false, found from the constants the conditions compare with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions.asking.comparisons import Compared, comparisons, paths
from engine.definitions.asking.constants import candidates
from engine.definitions.asking.solving import solve, values_of
from engine.expressions import EvaluationError, Expression, Language, compile_expression

TODAY = {"today": lambda: date(2026, 11, 22)}


def expression(text: str) -> Expression:
    language = Language.JUEL if "${" in text else Language.FEEL if text.startswith("=") else Language.PYTHON
    return compile_expression(text, language, functions=frozenset(TODAY))


CONDITIONS = [
    "amount > 100 and region == 'north' and not urgent",
    "${!approved || amount == 150}",
    "${order.total * 2 > 100 && order.kind eq 'big'}",
    "${empty name}",
    "${a ? b > 1 : c == 'x'}",
    '= some risk in riskLevels satisfies risk = "red"',
    '= every risk in riskLevels satisfies risk = "yellow"',
    "= count(orders[price > 10]) > 2",
    "= x in [3..7]",
    '= x in ("a", "b")',
    "= is defined(breakfast)",
    "= date(due) < today()",
    "date(due) < today()",
    "a == b",
    "${clarified.equals('yes') && customer.prop('age').numberValue() >= 21}",
    "${var:equals(input, 2) || var:getOrDefault(score, 0) * 2 > 10}",
    "${tags.contains('vip') && name.startsWith('B') && items.size() > 2}",
    "${execution.hasVariable('approved') && approved}",
    "len(items) > 2",
    "any(line.price > 5 for line in lines)",
    "'vip' in tags",
    "status in ('open', 'new')",
    "price * count > 100",
    "order != None and order.total > 5",
    "3 < x <= 5",
    "name.startswith('B')",
    "a > 1 and b > 2 and c > 3 and d > 4 and e > 5 and f > 6 and g > 7 and h > 8 and (a == 7 or b == c)",
]


@pytest.mark.parametrize("text", CONDITIONS)
@pytest.mark.parametrize("truth", [True, False])
def test_a_condition_is_made_true_and_false(text: str, truth: bool) -> None:
    found = solve([(expression(text), truth)], functions=TODAY)
    assert found is not None
    assert bool(expression(text).evaluate(values_of(found), functions=TODAY)) is truth


@pytest.mark.parametrize("text", ["a == 1 and a == 2", "${x > 1 && x < 1}", "= false", "len(1) > 2"])
def test_what_cannot_be_true_has_no_answer(text: str) -> None:
    assert solve(expression(text)) is None


def test_several_expressions_are_answered_together() -> None:
    first, second = expression("${kind == 'a'}"), expression("${kind == 'b'}")
    assert solve([(first, False), (second, True)]) == {"kind": "b"}
    assert solve([(first, True), (second, True)]) is None


def test_given_variables_stay_as_they_are() -> None:
    text = expression("amount > limit")
    found = solve(text, given={"limit": 1})
    assert found is not None
    assert values_of(found, {"limit": 1})["amount"] > 1
    assert solve(expression("amount > 5"), given={"amount": 3}) is None


def test_only_the_choices_are_tried() -> None:
    assert solve(expression("kind != 'a'"), choices={"kind": ["a", "c"]}) == {"kind": "c"}
    assert solve(expression("kind != 'a'"), choices={"kind": ["a"]}) is None
    assert solve([(expression("= kind = null"), True)], choices={"kind": ["a"]}) is None
    assert solve([(expression("= x > 1 or kind = null"), True)], choices={"kind": ["a"]}) == {"x": 2, "kind": "a"}


def test_the_search_is_bounded() -> None:
    text = f"({' + '.join(f'x{n}' for n in range(12))}) * 0 == 1"
    assert solve(expression(text), evaluations=500) is None


def test_a_condition_that_goes_on_for_long_is_given_up() -> None:
    text = "len([1 for a in range(9999) for b in range(9999) if x == 1]) > 0"
    assert solve(expression(text)) is None


def test_variables_go_by_their_paths() -> None:
    assert paths(expression("order.total > 1 and order['kind'] == lines[0].kind and order.get('x')")) == (
        "order.total",
        "order.kind",
        "lines[].kind",
        "order.x",
    )
    assert paths(expression("${execution.getVariable('a') == b.c}")) == ("a", "b.c")


def test_each_comparison_says_with_what() -> None:
    found = comparisons(expression("5 < a and b == 'x' and c and d is None and 'p' in e and len(f) == 2 and g == h"))
    assert [(c.path, c.kind, c.operator, c.constant) for c in found] == [
        ("a", Compared.NUMBER, ">", 5),
        ("b", Compared.TEXT, "==", "x"),
        ("c", Compared.TRUTH, "==", True),
        ("d", Compared.NOTHING, "==", None),
        ("e", Compared.PART, "==", "p"),
        ("f", Compared.LENGTH, "==", 2),
        ("g", Compared.VARIABLE, "==", "h"),
        ("h", Compared.VARIABLE, "==", "g"),
    ]


def test_a_list_or_an_object_may_be_compared_with() -> None:
    assert candidates(expression("a == [1] or b == {'c': 1}"))["a"][0] == [1]


def test_candidates_are_the_constants_and_their_neighbours() -> None:
    found = candidates(expression("a > 5 and b == 'x' and c and d == date('2026-01-31')"))
    assert found["a"] == [5, 6, 4]
    assert found["b"] == ["x", "other"]
    assert found["c"] == [True, False]
    assert found["d"] == ["2026-01-31", "2026-02-01", "2026-01-30"]


SPELT: dict[str, dict[str, str]] = {
    "python": {"and": "and", "or": "or", "not": "not ({})", "==": "==", "whole": "{}"},
    "feel": {"and": "and", "or": "or", "not": "not({})", "==": "=", "whole": "= {}"},
    "juel": {"and": "&&", "or": "||", "not": "!({})", "==": "==", "whole": "${{{}}}"},
}
LEAVES = st.sampled_from(
    ['t{n} {eq} "a"', 'o.t{n} {eq} "b"', "n{n} > 3", "o.n{n} <= 4", "n{n} != 7", "b{n}", "o.b{n} {eq} true"]
)


@st.composite
def conditions(draw: st.DrawFn) -> str:
    spelt = SPELT[draw(st.sampled_from(sorted(SPELT)))]
    count = iter(range(1000))

    def part(depth: int) -> str:
        how = draw(st.sampled_from(["leaf", "and", "or", "not"])) if depth else "leaf"
        if how == "leaf":
            return draw(LEAVES).format(n=next(count), eq=spelt["=="])
        if how == "not":
            return spelt["not"].format(part(depth - 1))
        return "(" + f" {spelt[how]} ".join(part(depth - 1) for _ in range(draw(st.integers(2, 4)))) + ")"

    return spelt["whole"].format(part(3))


@settings(max_examples=150, deadline=None)
@given(conditions(), st.booleans())
def test_whatever_its_variables_are_asked_once_is_made_so(text: str, truth: bool) -> None:
    """Each variable stands in one comparison only, so there always is an answer."""
    found = solve([(expression(text), truth)])
    assert found is not None, text
    assert bool(expression(text).evaluate(values_of(found))) is truth


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3))
def test_what_is_found_is_always_so(texts: list[str], truths: list[bool]) -> None:
    wanted = list(zip(map(expression, texts), truths, strict=False))
    found = solve(wanted, functions=TODAY, evaluations=300)
    for one, truth in wanted if found is not None else ():
        assert bool(_value(one, values_of(found or {}))) is truth


def _value(one: Expression, values: dict[str, Any]) -> Any:
    try:
        return one.evaluate(values, functions=TODAY)
    except EvaluationError as error:
        return pytest.fail(str(error))
