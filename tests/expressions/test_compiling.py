"""Compiled expressions: kept, shared, copied; which language a text is in; problems and messages."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.expressions import (
    EvaluationError,
    ExpressionError,
    Language,
    Level,
    Message,
    Months,
    Problem,
    compile_expression,
    compile_script,
    compile_template,
    language_of,
    to_json,
)
from engine.expressions.feel.functions import FUNCTIONS as FEEL_FUNCTIONS
from engine.expressions.juel_methods import CALLABLE
from engine.expressions.python_functions import FUNCTIONS
from engine.expressions.python_methods import METHODS


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("amount > 100", Language.PYTHON),
        ("= amount > 100", Language.FEEL),
        (" =amount", Language.FEEL),
        ("== amount", Language.PYTHON),
        ("${amount > 100}", Language.JUEL),
        ("#{amount}", Language.JUEL),
        ("kermit", Language.PYTHON),
    ],
)
def test_a_text_announces_its_language(source: str, language: Language) -> None:
    assert language_of(source) is language


def test_the_same_text_is_compiled_once() -> None:
    assert compile_expression("a + 1", Language.PYTHON) is compile_expression("a + 1", Language.PYTHON)
    assert compile_script("a = 1") is compile_script("a = 1")
    assert compile_expression("f(1)", Language.PYTHON, functions=frozenset({"f"}))
    with pytest.raises(ExpressionError):
        compile_expression("f(1)", Language.PYTHON)


def test_the_languages_are_kept_apart() -> None:
    values: dict[str, Any] = {"a": 1}
    assert compile_expression("a + 1", Language.PYTHON).evaluate(values) == 2
    assert compile_expression("a + 1", Language.FEEL).evaluate(values) == 2
    assert compile_expression("a + 1", Language.JUEL).evaluate(values) == "a + 1"
    assert compile_template("a + 1").evaluate(values) == "a + 1"


@pytest.mark.parametrize(
    "compiles",
    [
        lambda: compile_expression("f(a) + 1", Language.PYTHON, functions=frozenset({"f"})),
        lambda: compile_expression("= a[item > 1]", Language.FEEL),
        lambda: compile_expression("${a}", Language.JUEL),
        lambda: compile_template("${a}"),
        lambda: compile_script("a = f(1)", functions=frozenset({"f"})),
    ],
    ids=["python", "feel", "juel", "template", "script"],
)
def test_a_compiled_text_can_be_copied_and_pickled(compiles: Callable[[], object]) -> None:
    compiled = compiles()
    assert copy.deepcopy(compiled) is compiled
    assert pickle.loads(pickle.dumps(compiled)) is compiled


def test_threads_share_an_expression() -> None:
    expression = compile_expression("[x * n for x in range(50) if x % 2]", Language.PYTHON)
    feel = compile_expression("for x in 1..50 return x * n", Language.FEEL)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: (expression.evaluate({"n": n}), feel.evaluate({"n": n})), range(200)))
    for n, (python, feeling) in enumerate(results):
        assert python == [x * n for x in range(50) if x % 2]
        assert feeling == [x * n for x in range(1, 51)]


def test_feel_names_are_the_variables_and_what_a_filter_may_read() -> None:
    expression = compile_expression("for x in people[age > least] return x.name + suffix", Language.FEEL)
    assert expression.names == {"people", "age", "least", "suffix"}


def test_python_names_leave_out_what_is_bound_inside() -> None:
    expression = compile_expression("[x + y for x in xs for y in x if y > least] + ticket.lines", Language.PYTHON)
    assert expression.names == {"xs", "least", "ticket"}


def test_a_message_is_its_text_with_its_parameters() -> None:
    assert str(Message("100% of it")) == "100% of it"
    assert str(Message("“%(name)s” is %(what)s", {"name": "a", "what": Message("a list")})) == "“a” is a list"


def test_a_problem_has_a_level_and_a_place() -> None:
    problem = Problem(Level.ERROR, "unknown-name", Message("No."), Message("Yes."), element="Task_1")
    assert (problem.level, problem.line, problem.name, problem.file) == ("error", 1, "", "")


def test_an_expression_error_reads_well() -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression("1 2", Language.FEEL)
    assert str(raised.value) == (
        "line 1, column 3: “2” is not expected here. "
        "Check what stands before it: an operator, a bracket or a quotation mark is missing or too many."
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Months(14), "P1Y2M"),
        (Months(-1), "-P1M"),
        ({"a": (1, {"b": range(2)})}, {"a": [1, {"b": [0, 1]}]}),
        ({None: 1, True: 2, 1.5: 3}, {"": 1, "true": 2, "1.5": 3}),
        (2**63 - 1, 2**63 - 1),
        ("工单\n", "工单\n"),
    ],
)
def test_to_json_gives_what_json_holds(value: object, expected: object) -> None:
    assert to_json(value) == expected


@pytest.mark.parametrize(
    "value", [2**63, -(2**63) - 1, float("inf"), float("nan"), "a\0", "\ud800", {1}, object(), b"x"]
)
def test_to_json_refuses_what_json_cannot_hold(value: object) -> None:
    with pytest.raises(EvaluationError):
        to_json(value)
    with pytest.raises(EvaluationError):
        to_json({"in": [value]})


def test_the_language_reference_lists_every_function_and_method() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text("utf-8")
    words = set(re.findall(r"[a-z_]+", reference))
    methods = {name for kind in (str, list, dict) for name in METHODS[kind]}
    assert FUNCTIONS.keys() | methods <= words
    words = set(re.findall(r"[a-zA-Z]+", reference))
    assert {
        name for name in CALLABLE if name not in words and not re.fullmatch("(plus|minus)[A-Z][a-z]+", name)
    } == set()
    assert {name for name in FEEL_FUNCTIONS if f"`{name}`" not in reference} == set()
