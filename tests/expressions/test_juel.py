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
    "ticket": {"number": "A-1"},
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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("${region.equals('north')}", True),
        ("${!region.equals('south')}", True),
        ("${nothing.equals('x')}", False),
        ("${amount.equals('150')}", False),
        ("${approved.equals(1)}", False),
        ("${region.equalsIgnoreCase('NORTH')}", True),
        ("${region.contains('or') && list.contains('a') && !list.contains('x')}", True),
        ("${region.startsWith('no') and region.endsWith('th')}", True),
        ("${region.toUpperCase()}", "NORTH"),
        ("${' x '.trim().length()}", 1),
        ("${region.indexOf('r') + list.indexOf('b') + list.indexOf('x')}", 2),
        ("${region.lastIndexOf('o')}", 1),
        ("${region.substring(1, 3)}", "or"),
        ("${region.substring(3)}", "th"),
        ("${region.charAt(0)}", "n"),
        ("${region.concat('-').concat(price)}", "north-12.5"),
        ("${region.replace('n', 'N')}", "North"),
        ("${'a.b..'.split('\\\\.')}", ["a", "b"]),
        ("${'a,b'.split(',')[1]}", "b"),
        ("${region.compareTo('south') < 0}", True),
        ("${list.size() == 2 && items.isEmpty() && !region.isEmpty() && ''.isBlank()}", True),
        ("${list.get(1)}", "b"),
        ("${list.containsAll(list)}", True),
        ("${order.get('total') + order.prop('total').numberValue()}", 18),
        ("${order.containsKey('total') && !order.has('x') && order.containsValue(9)}", True),
        ("${order.getOrDefault('x', 'none')}", "none"),
        ("${order.keySet()}", ["total", "lines"]),
        ("${order.values()[0]}", 9),
        ("${order.lines.elements()[0].sku}", "x"),
        ("${price.doubleValue() + amount.intValue()}", 162.5),
        ("${answer.booleanValue()}", True),
        ("${approved.toString()}", "true"),
        ("${nothing.isNull()}", True),
        ("${'2026-01-31'.plusMonths(1).toString()}", "2026-02-28 00:00"),
        ("${'2026-01-31T10:30'.minusDays(1).withTimeAtStartOfDay().isBefore('2026-01-30T01:00')}", True),
        ("${'2026-01-31'.plusHours(1).after('2026-01-31')}", True),
    ],
)
def test_a_method_means_on_plain_values_what_it_means_in_java(source: str, expected: object) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("${var:equals(amount, 150)}", True),
        ("${vars:eq('region', 'south')}", False),
        ("${variables:notEquals(region, 'south')}", True),
        ("${var:lt(amount, 200) && var:lte(amount, 150) && var:gt(amount, 1) && var:gte(amount, 150)}", True),
        ("${var:lowerThan(missing, 1) || var:greaterThan(missing, 1) || var:equals(missing, 1)}", False),
        ("${variables:get(region)}", "north"),
        ("${vars:getOrDefault(missing, 7) * 2}", 14),
        ("${vars:getOrDefault('amount', 7)}", 150),
        ("${var:exists(region) && !var:exists(missing)}", True),
        ("${var:empty(missing) && var:isEmpty(items) && var:isNotEmpty(region) && !var:notEmpty(nothing)}", True),
        ("${var:contains(list, 'a', 'b')}", True),
        ("${var:contains(list, 'a', 'x')}", False),
        ("${var:containsAny(list, 'a', 'x')}", True),
        ("${variables:contains(missing, 'a')}", False),
        ("${approved ? var:get(region) : 1}", "north"),
        ("${approved ? amount : double(1)}", 150),
        ("${approved ?amount:double(1)}", 150),
        ("${execution.getVariableLocal('region')}", "north"),
        ("${task.getVariable('region')}", "north"),
        ("${execution.processBusinessKey}", "A-1"),
        ("${execution.getProcessInstanceId()}", "A-1"),
        ("${dateTime()}", 5),
    ],
)
def test_what_camunda_and_flowable_add_is_read(source: str, expected: object) -> None:
    assert value(source) == expected


def test_a_variable_may_be_called_task() -> None:
    expression = compile_expression("${task.name}", Language.JUEL)
    assert expression.evaluate({"task": {"name": "Check"}}) == "Check"


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(EvaluationError, match="The variable “missing” is not set"):
        value("${missing == 1}")


def test_the_names_are_the_variables() -> None:
    expression = compile_expression("${a.b > c && execution.getVariable('d') == 1}", Language.JUEL)
    assert expression.names == {"a", "c", "d"}


@pytest.mark.parametrize(
    ("source", "column", "problem", "remedy"),
    [
        ("${bean.check(execution)}", 8, "“bean.check(…)” calls Java, which is not run.", "Write what it works out"),
        ("${a.b.getTotal()}", 7, "“a.b.getTotal(…)” calls Java, which is not run.", "Write a.b.total if that is"),
        ("${order.isOpen()}", 9, "“order.isOpen(…)” calls Java, which is not run.", "Write order.open if that is"),
        ("${execution.setVariable('a', 1)}", 13, "“execution.setVariable(…)” calls Java, which is not run.", "Set the"),
        ("${execution.eventName}", 13, "“execution.eventName” is not known of a running process.", "Write a variable"),
        ("${a.get()}", 5, "“get” is given 0 values; it takes 1.", "Give “get” as many values"),
        ("${date:format(a)}", 3, "There is no function “date:format” here.", "Work without it"),
        ("${var:sum(a)}", 3, "There is no function “var:sum” here.", "Write it with operators"),
        ("${var:equals(a)}", 3, "There is no function “var:equals” here.", "Write it with operators"),
        ("${var:equals()}", 3, "There is no function “var:equals” here.", "Write it with operators"),
        ("${Spin(a)}", 3, "There is no function “Spin” here.", "Work without it"),
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
        ("${region.size()}", "“size” does not work on text."),
        ("${nothing.length()}", "“length” does not work on nothing."),
        ("${region.substring(9)}", "The text has no characters from 9 to 5."),
        ("${list.get(9)}", "There is no entry “9”."),
        ("${region.split('[a-z]+')}", "A text is split by a plain mark only, not by a pattern."),
        ("${region > 2}", "“>” does not work between text and a number."),
        ("${amount % 0}", "A number is divided by zero."),
    ],
)
def test_a_failure_says_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        value(source)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("source", "language", "truth"),
    [
        ("${answer}", Language.JUEL, True),
        ("${'false'}", Language.JUEL, False),
        ("${'yes'}", Language.JUEL, False),
        ("${nothing}", Language.JUEL, False),
        ("${amount}", Language.JUEL, True),
        ("'false'", Language.PYTHON, True),
        ("items", Language.PYTHON, False),
        ("= answer", Language.FEEL, False),
        ("= approved", Language.FEEL, True),
        ("= amount > missing", Language.FEEL, False),
    ],
)
def test_each_language_says_what_counts_as_true(source: str, language: Language, truth: bool) -> None:
    expression = compile_expression(source, language)
    assert expression.is_true(expression.evaluate(VALUES)) is truth
