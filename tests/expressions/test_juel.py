"""JUEL as Camunda 7, Flowable and Activiti write it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions import EvaluationError, ExpressionError, Language, compile_expression

VALUES: dict[str, Any] = {
    "amount": 150,
    "price": "12.5",
    "region": "north",
    "approved": True,
    "answer": "true",
    "nothing": None,
    "items": [],
    "list": ["a", "b"],
    "order": {"total": 9, "lines": [{"sku": "x"}]},
}


def value(source: str) -> Any:
    names = frozenset({"double", "now"})
    functions: dict[str, Any] = {"double": lambda number: number * 2, "now": lambda: 5}
    return compile_expression(source, Language.JUEL, functions=names).evaluate(VALUES, functions=functions)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("${amount > 100}", True),
        ("#{amount > 100}", True),
        ("  ${ amount > 100 && region == 'north' }\n", True),
        ('${amount gt 100 and region eq "north"}', True),
        ("${amount lt 100 or region ne 'north'}", False),
        ("${amount ge 150}", True),
        ("${amount le 149}", False),
        ("${!approved || amount == 150}", True),
        ("${not approved}", False),
        ("${approved == true}", True),
        ("${answer}", "true"),
        ("${!answer}", False),
        ("${answer == true}", True),
        ("${approved ? 'yes' : 'no'}", "yes"),
        ("${amount > 200 ? 'a' : amount > 100 ? 'b' : 'c'}", "b"),
        ("${empty items}", True),
        ("${empty nothing && empty '' && not empty list}", True),
        ("${nothing == null}", True),
        ("${amount == null}", False),
        ("${nothing > 1}", False),
        ("${order.total + 1}", 10),
        ("${order['total']}", 9),
        ("${order.lines[0].sku}", "x"),
        ("${order.lines[7].sku}", None),
        ("${order.missing.deeper}", None),
        ("${list[1]}", "b"),
        ("${amount + 1 * 2}", 152),
        ("${(amount + 1) * 2}", 302),
        ("${7 / 2}", 3.5),
        ("${7 div 2}", 3.5),
        ("${-7 % 3}", -1),
        ("${-7 mod 3}", -1),
        ("${price > 12}", True),
        ("${price == 12.5}", True),
        ("${region == 5}", False),
        ("${nothing + 1}", 1),
        ("${'5' + '6'}", 11),
        ("${'a' < 'b'}", True),
        ("${true and false or true}", True),
        ("${double(amount)}", 300),
        ("${now()}", 5),
        ("${execution.getVariable('region')}", "north"),
        ('${execution.getVariable("missing") == null}', True),
        ("${execution.hasVariable('region')}", True),
        ("${execution.hasVariable('missing')}", False),
        ("kermit", "kermit"),
        ("Ticket ${order.total}: #{region}", "Ticket 9: north"),
        ("${approved}${nothing}", "true"),
        ("\\${amount}", "${amount}"),
        ("${'a}b'}", "a}b"),
        ("${'it\\'s'}", "it's"),
        ("${1.5e2}", 150.0),
    ],
)
def test_juel_has_its_value(source: str, expected: object) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(EvaluationError, match="The variable “missing” is not set"):
        value("${missing == 1}")


def test_the_names_are_the_variables() -> None:
    expression = compile_expression("${a.b > c && execution.getVariable('d') == 1}", Language.JUEL)
    assert expression.names == {"a", "c", "d"}


@pytest.mark.parametrize(
    ("source", "column", "problem", "remedy"),
    [
        ("${a.equals('x')}", 5, "The method “equals” is not part of the language.", "Write == instead of .equals(…)."),
        ("${a.foo()}", 5, "The method “foo” is not part of the language.", "Put what it gives into a variable"),
        ("${foo(1)}", 3, "There is no function “foo” here.", "Work without it"),
        ("${doubel(1)}", 3, "There is no function “doubel” here.", "Write “double”"),
        ("${a > }", 7, "The expression ends too early.", "Complete it"),
        ("x ${a b}", 7, "“b” is not expected here.", "Check what stands before it"),
        ("x ${a", 3, "“${a” has no closing }.", "Write } where the expression ends"),
        ("${a ＝ 1}", 5, "“＝” is not part of the language.", "Type the plain character ="),
        ("${'abc}", 3, "“'” is not expected here.", "Check what stands before it"),
    ],
)
def test_a_refusal_says_where_what_and_how_to_mend_it(source: str, column: int, problem: str, remedy: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(source, Language.JUEL, functions=frozenset({"double"}))
    assert str(raised.value.message) == problem
    assert str(raised.value.remedy).startswith(remedy)
    assert raised.value.column == column


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("${amount && true}", "A condition is a number, neither true nor false."),
        ("${region * 2}", "“*” does not work between text and a number."),
        ("${region > 2}", "“>” does not work between text and a number."),
        ("${amount % 0}", "A number is divided by zero."),
    ],
)
def test_a_failure_says_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        value(source)
    assert str(raised.value) == message
