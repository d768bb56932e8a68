"""What is fuzzed, each with its promise: nothing but our own errors, whatever the bytes are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from engine.expressions import (
    Budget,
    EvaluationError,
    ExpressionError,
    Language,
    compile_expression,
    compile_script,
    compile_template,
    compile_tests,
    to_json,
)
from forms import display, parse_json, read_form
from tests.engine.runs import NOON
from tests.engine.test_reading_anything import check

VALUES: dict[str, Any] = {
    "a": {"b": 1, "c": [1, 2.5, None, True]},
    "items": [3, 1, 2],
    "text": "Héllo 工单",
    "n": 7,
    "none": None,
}
LONGEST = 10_000  # characters: beyond it lies what the limits of length refuse
OURS = (ExpressionError, EvaluationError)
SMALL = Budget(steps=20_000, memory=2_000_000)  # the fuzzer learns more from many short runs


def check_words(error: Exception) -> None:
    """A refusal says why."""
    assert str(error)


def check_kept(values: dict[str, Any], before: str) -> None:
    """What a script that failed was given is as it was."""
    assert repr(values) == before


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")[:LONGEST]


def _expression(language: Language) -> Callable[[bytes], None]:
    def target(data: bytes) -> None:
        before = repr(VALUES)
        try:
            to_json(compile_expression(_text(data), language).evaluate(VALUES, budget=SMALL))
        except OURS as error:
            check_words(error)
        assert repr(VALUES) == before

    return target


def _tests(data: bytes) -> None:
    try:
        assert compile_tests(_text(data)).evaluate({**VALUES, "?": 5}, budget=SMALL) in (True, False, None)
    except OURS as error:
        check_words(error)


def _script(data: bytes) -> None:
    values = dict(VALUES)
    before = repr(VALUES)
    try:
        compile_script(_text(data)).run(values, budget=SMALL)
    except OURS as error:
        check_words(error)
        check_kept(values, before)
    json.dumps(to_json({key: value for key, value in values.items() if key not in VALUES}))
    assert repr(VALUES) == before


def _template(data: bytes) -> None:
    try:
        assert isinstance(compile_template(_text(data)).evaluate(VALUES, budget=SMALL), str)
    except OURS as error:
        check_words(error)


def _bpmn(data: bytes) -> None:
    check({"fuzzed.bpmn": data})


def _dmn(data: bytes) -> None:
    check({"fuzzed.dmn": data})


def _form(data: bytes) -> None:
    """What stands before the first NUL is a form, what follows an answer to it."""
    schema, _, answer = data.partition(b"\0")
    form, problems = read_form(schema)
    for problem in problems:
        assert str(problem.problem)
    for given in (_json(answer), {}):
        taken = parse_json(form, given, now=NOON)
        json.dumps(taken.values)
        display(form, taken.entered, taken.errors, now=NOON)


def _json(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except ValueError:
        return None


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "python": _expression(Language.PYTHON),
    "feel": _expression(Language.FEEL),
    "juel": _expression(Language.JUEL),
    "tests": _tests,
    "script": _script,
    "template": _template,
    "bpmn": _bpmn,
    "dmn": _dmn,
    "form": _form,
}
