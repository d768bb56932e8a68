"""What tries to break out, to run for ever or to fill the memory ends in an error, whatever the language."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.expressions import (
    Budget,
    BudgetExceeded,
    EvaluationError,
    ExpressionError,
    Language,
    compile_expression,
    compile_script,
    compile_template,
)

ERRORS = (ExpressionError, EvaluationError)
VALUES: dict[str, Any] = {
    "a": {"b": 1},
    "items": list(range(1000)),
    "text": "x" * 1000,
    "long": "ab" * 500_000,
    "ab": "".join(random.Random(1).choices("ab", k=100_000)),
    "none": None,
    "big": 10**300,
}

PYTHON = [
    # reaching out
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "a.__class__",
    "a['b'].__class__",
    "a.＿＿class＿＿",
    "a.__𝒄lass__",
    "getattr(a, 'b')",
    "globals()",
    "locals()",
    "vars()",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "type(a)",
    "object()",
    "breakpoint()",
    "input()",
    "memoryview(text)",
    "bytes(10)",
    "b'abc'",
    "str.format('{0.__class__}', a)",
    "'{0.__class__}'.format(a)",
    "'{}'.format_map(a)",
    "text.encode()",
    "f'{a!r:>{width}}'",
    "f'{1:>999999999}'",
    "f'{1:.999999999f}'",
    "(lambda: 1)()",
    "(x := 1)",
    "[*items]",
    "max(*items)",
    "dict(**a)",
    "(yield 1)",
    "await a",
    "...",
    "1j",
    "{1, 2}",
    "{*items}",
    "{item for item in items}",
    "print(a)",
    "any.__self__",
    "items.sort.__self__",
    "items.append",
    "text.join",
    "a.keys",
    "(-8) ** 0.5",
    "all(x async for x in items)",
    # too large a number
    "9 ** 9 ** 9",
    "2 ** 100000",
    "1 << 10 ** 9",
    "1 << 4097",
    "(2 ** 4000) * (2 ** 4000)",
    "10 ** -10 ** 9 + 10 ** 10 ** 9",
    "9" * 2000,
    "1e999",
    "1e308 * 10",
    "1e308 + 1e308",
    "float('inf')",
    "float('nan')",
    "int('9' * 5000)",
    "str(10 ** 1200) * 10 ** 6",
    "round(5, -10 ** 8)",
    "round(1.5, 10 ** 8)",
    "int(1e308) ** 5",
    "days(10 ** 12)",
    "timedelta(days=10 ** 12)",
    "timedelta(1, 2)",
    "date(99999, 1, 1)",
    "datetime(2026, 1, 1, 1, 1, 1, 1)",
    "date('2026-01-31').strftime('%999999999Y')",
    "date('2026-01-31').strftime('%c' * 10 ** 6)",
    "date('2026-01-31').strftime('%Y' * 10 ** 6)",
    "os.system('true')",
    "time.time()",
    "datetime.now()",
    "date('9999-12-31') + days(1)",
    "date('2026-01-01') + duration('P999999999Y')",
    "duration('P' + '9' * 50 + 'D')",
    # too much data
    "'x' * 10 ** 10",
    "[0] * 10 ** 10",
    "(0,) * 10 ** 9",
    "text * 10 ** 6",
    "10 ** 9 * text",
    "list(range(10 ** 10))",
    "sorted(range(10 ** 9))",
    "sum(range(10 ** 12))",
    "max(range(10 ** 12))",
    "tuple(range(10 ** 9))",
    "reversed(range(10 ** 9))",
    "enumerate(range(10 ** 9))",
    "zip(range(10 ** 9), range(10 ** 9))",
    "any(range(0, 10 ** 12))",
    "len(range(10 ** 30))",
    "text.replace('x', text * 100).replace('x', text)",
    "text.replace('', text * 1000)",
    "(text * 1000).join(text * 10)",
    "text.join(['y'] * 100000)",
    "text.center(10 ** 10)",
    "text.ljust(10 ** 10)",
    "'1'.zfill(10 ** 10)",
    "(text * 500).split('x') + (text * 500).split('x')",
    "str(range(10 ** 9))",
    "range(10 ** 9)",
    "[range(10 ** 9)]",
    "str([range(10 ** 9)])",
    "[long + long for x in items]",
    "[items + items for x in items for y in items]",
    "{x: text * 1000 for x in items}",
    "''.join(long for x in items)",
    "f'" + "{long}" * 20 + "'",
    # too many steps
    "[x for x in range(10 ** 9)]",
    "[x for x in items for y in items for z in items]",
    "[[z for z in items] for x in items for y in items]",
    "all(True for x in range(10 ** 12))",
    "any(x < 0 for x in range(10 ** 12))",
    "sum(x for x in range(10 ** 9))",
    "1.5 in range(10 ** 12) or [x for x in range(10 ** 9)]",
    "[x in items for x in range(-100000, 0)]",
    "[long == text for x in range(10 ** 6)]",
    "[long.count('b') for x in range(10 ** 6)]",
    "[sorted(items) for x in items]",
    # nesting
    "(" * 300 + ")" * 300,
    "[" * 5000,
    "-" * 5000 + "1",
    "not " * 2000 + "1",
    "~" * 9000 + "1",
    "1" + "+1" * 4000,
    "a" + ".b" * 4000,
    "a" + "[0]" * 2000,
    "a" + "()" * 2000,
    "1 if 1 else " * 800 + "1",
    "2" + "**2" * 2000,
    "lambda:" * 1000 + "1",
    "f'{" * 100 + "1" + "}'" * 100,
    "f'{" + "-" * 3000 + "1}'",
    "[" * 90 + "1" + "]" * 90,
    "{'a':" * 70 + "1" + "}" * 70,
    "1," * 4500,
    "x" * 20_000,
    # what is no text
    "",
    "   \n  ",
    "a\0b",
    "'\ud800'",
    "'\\ud800'",
    "'\\N{NO SUCH NAME}'",
    "'\\d'",
    "'abc",
    "'''abc",
    "\\",
    "#",
    "1or 2",
    "1__0",
    "0777",
    "a == ‘b’",
    "a\tif",
    "import os",
    "a = 1",
    "a; b",
]

SCRIPTS = [
    "while True: pass",
    "while True:\n    x = 1",
    "x = 1\nwhile x:\n    x += 1",
    "x = 2\nwhile True:\n    x = x * x",
    "x = 2\nfor i in range(100):\n    x *= x",
    "x = 1.5\nwhile True:\n    x *= x",
    "x = 'x'\nwhile True:\n    x = x + x",
    "x = 'x'\nwhile True:\n    x += x",
    "x = [0]\nwhile True:\n    x = x + x",
    "x = [0]\nwhile True:\n    x.extend(x)",
    "x = [0]\nwhile True:\n    x += x",
    "x = [0]\nwhile True:\n    x *= 2",
    "x = [0]\nfor i in x:\n    x.append(i)",
    "x = []\nx.append(x)",
    "x = {}\nx['x'] = x",
    "x = {}\nx.x = x\ny = x == x.copy()",
    "x = []\nx.append(x)\ny = str(x)",
    "x = []\nx.append(x)\ny = sorted([x, x])",
    "x = []\nx.append(x)\ny = []\ny.append(y)\nz = x == y",
    "x = []\ny = []\nx.append(y)\ny.append(x)\nz = x < y",
    "x = [1]\nfor i in range(60):\n    x = [x, x]",
    "x = [1]\nfor i in range(60):\n    x = [x, x]\ny = str(x)",
    "x = [1]\ny = [1]\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nz = x == y",
    "x = [1]\ny = [1]\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nz = x in [y]",
    "x = [1]\ny = [1]\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nz = sorted([x, y])",
    "x = [1]\ny = [1]\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nz = max(x, y)",
    "x = [1]\ny = [1]\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nz = [x].index(y)",
    "x = {'a': 1}\nfor i in range(60):\n    x = {'a': x, 'b': x}",
    "x = {'a': 1}\nfor i in range(60):\n    x = {'a': x, 'b': x}\ny = f'{x}'",
    "x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = {x: 1}",
    "x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = x in {}",
    "x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = {}.get(x)",
    "x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = {}[x]",
    "x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = {}\ny[x] = 1",
    "x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = dict([(x, 1)])",
    "x = 1\nfor i in range(200):\n    x = [x]",
    "x = {}\nfor i in range(10 ** 9):\n    x[i] = i",
    "x = {}\nfor i in range(10 ** 6):\n    x[str(i)] = 'y' * 100",
    "x = []\nfor i in range(10 ** 9):\n    x.insert(0, i)",
    "x = {'a': 1}\nfor k in x:\n    x[k + 'a'] = 1",
    "for i in range(10 ** 12):\n    pass",
    "for i in range(10 ** 12):\n    continue",
    "import os",
    "from os import system",
    "def f():\n    f()",
    "class A:\n    pass",
    "with a:\n    pass",
    "try:\n    x = 1\nexcept:\n    pass",
    "raise ValueError",
    "assert False",
    "global a",
    "return 1",
    "a: int = 1",
    "match a:\n    case 1:\n        pass",
    "async def f():\n    pass",
    "a.__dict__ = 1",
    "__builtins__ = 1",
    "a.b.c = 1",
    "true = 1",
    "None = 1",
    "[x, *y] = items",
    "items[1:2] = [3]",
    "del items[0:2]",
    "for a.b in items:\n    pass",
    "break",
    "if a:\n    continue",
    "print('x')",
    "exec('x = 1')",
    "x, y = 1, 2, 3",
    "x, y = 5",
    "x = '\\0'",
    "x = 2 ** 70",
    "x = none.b",
    "del missing",
    "".join(f"{' ' * depth}if a:\n" for depth in range(99)) + " " * 99 + "x = 1",
    "if a:\n    x = 1\n" + "elif a:\n    x = 1\n" * 500,
    "x=[1,1]\n" * 1200,
]

FEEL = [
    "for x in 1..1000000000 return x",
    "for x in 1..100000, y in 1..100000 return x",
    "some x in 1..1000000000 satisfies x < 0",
    "every x in 1..1000000000 satisfies x > 0",
    "for x in 1..100000 return partial",
    "for x in 1..5 return partial",
    "count(for x in 1..100000, y in 1..100000 return 1)",
    "for x in 1..100 return for y in 1..100 return for z in 1..100 return 1",
    "items[for x in 1..100000 return true]",
    "items[list contains(items, item) and list contains(items, -1)]",
    "for x in 1..100000 return upper case(long)",
    'replace(long, "a", long)',
    'for x in 1..1000 return split(long, "b")',
    "for x in 1..100000 return distinct values(items)",
    'matches(ab, "(a|b)*a(a|b){200}[^ab]")',
    'replace(ab, "(a|b)*a(a|b){200}[^ab]|a", "c")',
    'replace(ab, "a.*z|a", "c")',
    'split(ab, "a.*z|a")',
    'for x in 1..100000 return matches("abab", "(a|b)*a(a|b){200}[^ab]")',
    'replace(ab, "[ab]*a[ab]{14}c|a", "c")',
    "flatten(for x in 1..3 return partial)",
    "string(for x in 1..3 return partial)",
    "[1..5]",
    "{a: [1..5]}",
    "(" * 300 + "1" + ")" * 300,
    "[" * 5000,
    "-" * 5000 + "1",
    "not(" * 300 + "true" + ")" * 300,
    "1" + "+1" * 4000,
    "a" + ".b" * 4000,
    "if true then " * 500,
    "{a:" * 500,
    "9e9999",
    '"abc',
    '"\\ud800"',
    '"\\q"',
    '@"2026-13-01"',
    "function(x) x",
    "{f: function(x) x}",
    "{f: function(x) x}.f",
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "{f: function(n) f(n - 1) + f(n - 1), r: f(9)}.r",
    "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(40)}.r",
    "{f: function(n) [n, n], r: f(f)}.r",
    "sort(for x in 1..100000 return -x, function(x, y) x < y)",
    "sort(items, function(x, y) count(sort(items, function(x, y) x < y)) > 0)",
    'for x in 1..100000 return matches("a", "(\\\\p{L}|\\\\p{N}|x){30" + string(x) + "}")',
    'for x in 1..100000 return matches("a", "(\\\\p{L}|x){1" + string(x) + "}")',
    'for x in 1..100000 return split(long, "")',
    "for x in 1..100000 return context put({}, string(x), items)",
    "for x in 1..100000 return partition(items, 1)",
    "for x in 1..100000 return duplicate values(items)",
    "function(" * 300,
    "a instance of " + "list<" * 300,
    "a in (" * 300,
    "1 in ((" * 15 + "1" + "))" * 14,
    "{" + " " * 9000 + "a",
    "{a" + " b" * 4000,
    "," * 9000,
    "a[" * 300,
    "1(2)",
    "f(a: 1, 2)",
    "foo(1)",
    "today()",
    "substring(string: 'a')",
    "a = 1 = 2",
    "1 2",
    "a ? b",
    "x in",
    "if a then b",
    "for x in y",
    "{a: 1, a: 2}",
    "/* open",
    "a && b",
    "a == b",
    "x instance of banana",
    'matches("a", "(?=a)")',
    'matches("a", "(a{999}){999}")',
    "a，b",
    "=",
    "= =",
]

JUEL = [
    "${" + "(" * 500 + "1" + ")" * 500 + "}",
    "${" + "-" * 3000 + "1}",
    "${" + "!" * 3000 + "true}",
    "${" + "empty " * 1000 + "a}",
    "${" + "a ? " * 500 + "1}",
    "${a" + ".b" * 2000 + "}",
    "${a" + "[0]" * 2000 + "}",
    "${1" + " + 1" * 2000 + "}",
    "${a.getClass()}",
    "${''.getClass().forName('java.lang.Runtime')}",
    "${execution.setVariable('x', 1)}",
    "${execution.getVariable(a)}",
    "${runtimeService.delete()}",
    "${f(1)}",
    "${fn:length(items)}",
    "${a = 1}",
    "${a; b}",
    "${big * big * big * big * big * big}",
    "${1 / 0}",
    "${1 % 0}",
    "${'a' + 1}",
    "${-text}",
    "${1 ? 2 : 3}",
    "${text" + ".replace('x', text)" * 5 + "}",
    "${long" + ".concat(long)" * 30 + "}",
    "${long" + ".toUpperCase()" * 60 + "}",
    "${long.replace('', long)}",
    "${(long.split('a').size() + 1) * long.split('b').split('c')}",
    "${ab.split('a').containsAll(ab.split('a'))}",
    "${text.getBytes()}",
    "${text.chars()}",
    "${text.matches('(a+)+b')}",
    "${text.replaceAll('(x+)+y', '')}",
    "${text.split('(x+)+y')}",
    "${text.format('%999999999d', 1)}",
    "${items.stream()}",
    "${items.add(1)}",
    "${items.get(-1)}",
    "${a.put('c', 1)}",
    "${a.toString().class}",
    "${a.wait()}",
    "${'9999-12-31'.plusDays(1)}",
    "${'2026-01-01'.plusDays(big)}",
    "${'2026-01-01'.plusYears(999999999999)}",
    "${big.intValue() * big.intValue() * big.intValue() * big.intValue() * big.intValue()}",
    "${'1e999'.doubleValue()}",
    "${long.intValue()}",
    "${text.substring(0, big)}",
    "${text.substring(-1)}",
    "${a.get(items)}",
    "${var:equals(a" + ", a" * 2000 + ")}",
    "${var:contains(long" + ", long" * 3000 + ")}",
    "${" + "a.get(" * 500 + "1" + ")" * 500 + "}",
    "${'a'" + ".trim()" * 2000 + "}",
    "${a && true}",
    "${missing}",
    "${",
    "${}",
    "${'abc}",
    "${a == ‘b’}",
    "${1e999}",
    "${items[0}",
    "#{a b}",
    "${a.1}",
    "${a >}",
    "${text.b}",
]

TEMPLATES = ["${", "${}", "${a.__class__}", "${missing}", "${open('x')}", "${'x' * 10 ** 10}", "${a b}", "${long}" * 20]


@pytest.mark.parametrize("source", PYTHON, ids=lambda source: source[:40])
def test_a_hostile_python_expression_ends_in_an_error(source: str) -> None:
    with pytest.raises(ERRORS):
        compile_expression(source, Language.PYTHON).evaluate(VALUES)


@pytest.mark.parametrize("source", SCRIPTS, ids=lambda source: source[:60])
def test_a_hostile_script_ends_in_an_error_and_changes_nothing(source: str) -> None:
    values = dict(VALUES, a={"b": 1})
    before = dict(values)
    with pytest.raises(ERRORS):
        compile_script(source).run(values)
    assert values == before
    assert values["a"] == {"b": 1}


@pytest.mark.parametrize("source", FEEL, ids=lambda source: source[:40])
def test_a_hostile_feel_expression_ends_in_an_error(source: str) -> None:
    with pytest.raises(ERRORS):
        compile_expression(source, Language.FEEL).evaluate(VALUES)


@pytest.mark.parametrize("source", JUEL, ids=lambda source: source[:40])
def test_a_hostile_juel_expression_ends_in_an_error(source: str) -> None:
    with pytest.raises(ERRORS):
        compile_expression(source, Language.JUEL).evaluate(VALUES)


@pytest.mark.parametrize("source", TEMPLATES, ids=lambda source: source[:40])
def test_a_hostile_template_ends_in_an_error(source: str) -> None:
    with pytest.raises(ERRORS):
        compile_template(source).evaluate(VALUES)


def test_a_script_that_loops_for_ever_says_so_and_where() -> None:
    with pytest.raises(BudgetExceeded) as raised:
        compile_script("x = 0\nwhile True:\n    x = x + 1").run({})
    assert str(raised.value) == "The expression takes too many steps."
    assert raised.value.line == 3


def test_a_budget_can_be_given() -> None:
    expression = compile_expression("[x for x in range(100)]", Language.PYTHON)
    assert len(expression.evaluate({}, budget=Budget(steps=1000, memory=10_000))) == 100
    with pytest.raises(BudgetExceeded):
        expression.evaluate({}, budget=Budget(steps=100, memory=10_000))
    with pytest.raises(BudgetExceeded):
        expression.evaluate({}, budget=Budget(steps=1000, memory=100))


@pytest.mark.parametrize("depth", range(0, 400, 40))
def test_deep_calls_around_an_evaluation_end_in_an_error_at_worst(depth: int) -> None:
    def nested(levels: int) -> Any:
        return (
            nested(levels - 1)
            if levels
            else compile_expression("[" * 50 + "1" + "]" * 50, Language.PYTHON).evaluate({})
        )

    try:
        value = nested(depth)
    except EvaluationError:
        return
    assert value
