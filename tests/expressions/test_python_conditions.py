"""Conditions and assignee expressions in the Python subset."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.expressions import EvaluationError, ExpressionError, Language, compile_expression

VALUES: dict[str, Any] = {
    "amount": 150,
    "region": "north",
    "ticket": {"number": "CR-20418", "keys": "not the method", "lines": [{"price": 2}, {"price": 3}]},
    "due": "2026-12-01",
}


def value(source: str, **functions: Any) -> Any:
    names = frozenset(functions)
    return compile_expression(source, Language.PYTHON, functions=names).evaluate(VALUES, functions=functions)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('amount > 100 and region == "north"', True),
        ("100 < amount <= 150", True),
        ('region in {"north", "south"}', True),
        ("ticket.number", "CR-20418"),
        ("ticket['lines'][1].price", 3),
        ("ticket.keys", "not the method"),
        ("sum(line.price for line in ticket.lines)", 5),
        ("'late' if amount > 200 else 'fine'", "late"[:0] + "fine"),
        ("true and not false and null is None", True),
        ("\n  amount > 100\n  and region != 'south'\n", True),
        ("f'{ticket.number}: {amount:,.2f}'", "CR-20418: 150.00"),
        ("{'a': 1} | {'b': 2}", {"a": 1, "b": 2}),
        ("date(due) - date('2026-11-22') == days(9)", True),
        ("date('2026-01-31') + duration('P1M')", dt.date(2026, 2, 28)),
        ("date(due).year", 2026),
        ("(date(due) - date('2026-11-22')).days", 9),
        ("datetime('2026-11-22T09:00:00Z') + hours(2)", dt.datetime(2026, 11, 22, 11, tzinfo=dt.UTC)),
        ("date(2026, 1, 31) + timedelta(days=1, hours=2)", dt.date(2026, 2, 1)),
        ("(datetime(2026, 1, 31, 9, 30) + timedelta(hours=1)).isoformat()", "2026-01-31T10:30:00"),
        ("datetime('2026-11-22T09:00:00').strftime('%d.%m.%Y %H:%M')", "22.11.2026 09:00"),
        ("date(due).strftime('%d/%m')", "01/12"),
        ("(1, 2)", [1, 2]),
    ],
)
def test_a_condition_has_its_value(source: str, expected: object) -> None:
    assert value(source) == expected


def test_host_functions_get_plain_values_and_give_some() -> None:
    seen = []

    def person(name: Any, *, at: Any = None) -> Any:
        seen.append((name, at))
        return {"name": name, "roles": ("a", "b")}

    assert value("person((1, 2), at=amount).roles", person=person) == ["a", "b"]
    assert seen == [([1, 2], 150)]


def test_today_and_now_come_from_the_host_only() -> None:
    assert value("today() < date(due)", today=lambda: dt.date(2026, 11, 22)) is True
    with pytest.raises(ExpressionError, match="There is no function “today” here"):
        value("today()")


def test_a_host_function_that_is_not_handed_in_is_named() -> None:
    expression = compile_expression("person('a')", Language.PYTHON, functions=frozenset({"person"}))
    with pytest.raises(EvaluationError, match="The function “person” cannot be used here"):
        expression.evaluate({})


def test_a_host_functions_fault_is_an_evaluation_error() -> None:
    def person(name: str) -> str:
        raise LookupError(f"nobody is called {name}")

    with pytest.raises(EvaluationError, match="nobody is called Li"):
        value("person('Li')", person=person)


def test_a_value_no_language_has_is_refused() -> None:
    with pytest.raises(EvaluationError, match="A value of kind object has no place here"):
        value("thing()", thing=object)


def test_the_result_never_shares_a_list_with_the_values() -> None:
    value("ticket.lines").append(1)
    assert len(VALUES["ticket"]["lines"]) == 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing > 1", "The variable “missing” is not set."),
        ("ticket.subject", "There is no entry “subject”."),
        ("ticket['subject']", "There is no entry “subject”."),
        ("ticket.lines[9]", "There is no entry “9”."),
        ("amount.size", "“size” is asked of something that has no entries."),
        ("amount > 'x'", "“>” does not work between a number and text."),
        ("region + 1", "“+” does not work between text and a number."),
        ("amount / 0", "A number is divided by zero."),
        ("int('x')", "A value does not fit: invalid literal for int() with base 10: 'x'"),
        ("amount.upper()", "“upper” does not work on this kind of value."),
        ("[].pop()", "Nothing can be taken out of an empty list."),
        ("10.0 ** 400", "A number is too large."),
        ("[x for x in amount]", "A loop needs a list."),
        ("[a for a, b in [[1]]]", "2 names are to be set, but there are 1 values."),
        ("date('soon')", "A value does not fit: not a date like 2026-01-31: 'soon'"),
    ],
)
def test_a_failure_says_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        value(source)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("source", "line", "column", "problem"),
    [
        ("amount >", 1, 9, "The expression ends too early."),
        ("amount > 1 region", 1, 12, "“region” is not expected here."),
        ("amount ＞ 1", 1, 8, "“＞” is not part of the language."),
        ("amount > 1 and\nregion = 'x'", 2, 8, "This is not an expression of the Python subset."),
        ("工单 > 1 and open('x')", 1, 12, "There is no function “open” here."),
        ("amount > 1 and\n  工单 and open('x')", 2, 10, "There is no function “open” here."),
        ("region is 'x'", 1, 11, "“is” compares with None, True and False only."),
        ("len()", 1, 1, "“len” is given 0 values; it takes 1."),
        ("sorted(amount, key=1)", 1, 1, "“sorted” has no setting “key”."),
        ("f'{amount:>{region}}'", 1, 1, "The format “>” is not known."),
        ("x" * 10_001, 1, 1, "The expression has 10001 characters; at most 10000 are read."),
        ("return amount > 1", 1, 1, "This is not an expression of the Python subset."),
        ("$amount", 1, 1, "This is not an expression of the Python subset."),
    ],
)
def test_a_refusal_says_where(source: str, line: int, column: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(source, Language.PYTHON)
    assert str(raised.value.message) == problem
    assert (raised.value.line, raised.value.column) == (line, column)
    assert str(raised.value.remedy)
