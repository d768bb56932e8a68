"""Titles and default values: text with ${…} in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.expressions import EvaluationError, ExpressionError, compile_template

VALUES: dict[str, Any] = {
    "who": {"name": "Li Na"},
    "count": 3.0,
    "price": 12.5,
    "nothing": None,
    "agreed": True,
    "tags": ["a", 1, None],
    "when": dt.datetime(2026, 11, 22, 9, 5, tzinfo=dt.UTC),
    "day": dt.date(2026, 11, 22),
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("Plain text with $ and { and }", "Plain text with $ and { and }"),
        ("${who.name} – ${count}", "Li Na – 3"),
        ("${who.name.upper()}", "LI NA"),
        ("${price} ${nothing}|", "12.5 |"),
        ("${agreed}", "true"),
        ("${tags}", "a, 1, "),
        ("${who}", "name: Li Na"),
        ("${when} ${day}", "2026-11-22 09:05 2026-11-22"),
        ("${'yes' if agreed else 'no'}", "yes"),
        ("${agreed ? 'yes' : 'no'}", "yes"),
        ("${{'a': '}'}['a']}", "}"),
        ("\\${who.name}", "${who.name}"),
        ("${count > 2 and 'many' or 'few'}", "many"),
        ("工单 ${count:=1}", None),
        ("多 ${who.name}。", "多 Li Na。"),
    ],
)
def test_a_template_gives_text(source: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ExpressionError):
            compile_template(source)
        return
    assert compile_template(source).evaluate(VALUES) == expected


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(EvaluationError, match="The variable “missing” is not set"):
        compile_template("Hello ${missing}").evaluate({})


def test_a_template_names_its_variables_and_calls_host_functions() -> None:
    template = compile_template("${person(who.id)} ${day}", functions=frozenset({"person"}))
    assert template.names == {"who", "day"}
    assert template.evaluate({"who": {"id": 7}, "day": 1}, functions={"person": lambda number: f"P{number}"}) == "P7 1"


def test_a_mistake_is_found_where_it_stands() -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_template("First line\nTicket ${who.name} ${foo(1)}")
    assert (raised.value.line, raised.value.column) == (2, 22)
    assert str(raised.value.message) == "There is no function “foo” here."
