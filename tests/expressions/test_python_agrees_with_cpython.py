"""Whatever the Python subset accepts means what CPython says it means; CPython's own eval is the oracle, here only."""

from __future__ import annotations

import ast
import copy
import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.expressions import Budget, EvaluationError, Language, compile_expression, compile_script

VALUES: dict[str, Any] = {
    "n": 7,
    "x": 2.5,
    "flag": True,
    "none": None,
    "word": "Héllo wörld",
    "empty": "",
    "numbers": [3, 1, 2, 1],
    "words": ["b", "a", "工单"],
    "pairs": [[1, "one"], [2, "two"]],
    "order": {"total": 12, "lines": [{"price": 1.5, "count": 2}, {"price": 4, "count": 0}], "name": "Li"},
}
AMPLE = Budget(steps=10_000_000, memory=1_000_000_000)
BUILTINS = {
    function.__name__: function
    for function in (
        abs,
        all,
        any,
        bool,
        dict,
        enumerate,
        float,
        int,
        len,
        list,
        max,
        min,
        range,
        reversed,
        round,
        sorted,
    )
} | {"str": str, "sum": sum, "tuple": tuple, "zip": zip}

CONSTANTS = ["0", "1", "2", "-3", "10", "0.5", "1e3", "True", "False", "None", "''", "'a'", "'工'", "[]", "()", "{}"]
PATHS = ["order['total']", "order['lines'][0]['price']", "pairs[1]", "numbers[-1]", "order['missing']", "numbers[9]"]
ARITHMETIC = ["+", "-", "*", "/", "//", "%", "&", "|", "^", ">>"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
METHODS = """
.upper(); .lower(); .strip(); .split(); .split('o'); .replace('l', 'LL'); .startswith('H'); .title(); .count('l');
.find('w'); .isdigit(); .get('total'); .get('nope', 5); .index(1); .count(1); .copy(); .zfill(12); .center(9, '*');
.splitlines(); .removeprefix('H'); .rsplit('l', 1); .rsplit(); .split(None, 1); .lstrip('Hé'); .rstrip('dl');
.strip(' H'); .endswith('d'); .endswith(('x', 'ld')); .startswith('l', 2); .find('l', 4, 9); .count(''); .casefold();
.swapcase(); .capitalize(); .removesuffix('d'); .ljust(14, '.'); .rjust(14); .replace('', '-'); .replace('l', '', 1);
.isalpha(); .isspace(); .islower(); .join(words); .keys(); .values(); .items(); .index(9); .index('l'); .count(None);
.pop(); .append(1)
"""
CALLS = """
abs({}); bool({}); float({}); int({}); len({}); list({}); max({}); min({}); round({}); sorted({}); str({}); sum({});
tuple({}); list(reversed({})); list(enumerate({})); max({}, default=0); sorted({}, reverse=True); ''.join({});
list(zip({}, 'abc')); dict(enumerate({})); list(range({}))[:50]
"""
# What CPython does and the language refuses: tuples as keys, formatting with %.
LESS_THAN_CPYTHON = ("An object's key must be text or a number.", "The percent sign does not format text here")
VIEWS = frozenset({"keys", "values", "items"})
FORMATS = ["", ":>8", ":.2f", ":05d", ":,", ":<3", ":x", "!s", ":%"]


def among(texts: str) -> st.SearchStrategy[str]:
    """One of the texts between semicolons."""
    return st.sampled_from([text.strip() for text in texts.split(";")])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def made(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(*parts).map(lambda found: pattern.format(*found))

    operators, comparisons = st.sampled_from(ARITHMETIC), st.sampled_from(COMPARISONS)
    return st.one_of(
        made("({} {} {})", inner, operators, inner),
        made("({} ** {})", inner, st.sampled_from(["-1", "0", "2", "0.5"])),
        made("({} << {})", inner, st.sampled_from(["0", "3"])),
        made("({} {} {})", inner, comparisons, inner),
        made("({} {} {} {} {})", inner, comparisons, inner, comparisons, inner),
        made("({} is {})", inner, st.sampled_from(["None", "not None", "True"])),
        made("({} in {{1, 2, 'a'}})", st.sampled_from(["n", "x", "flag", "none", "word", "1", "'a'"])),
        made("({} {} {})", inner, st.sampled_from(["and", "or"]), inner),
        made("(not {})", inner),
        made("(-{})", inner),
        made("(~{})", inner),
        made("({} if {} else {})", inner, inner, inner),
        made("[{}, {}]", inner, inner),
        made("({}, {})", inner, inner),
        made("{{'k': {}, 'l': {}}}", inner, inner),
        made("{}[{}]", inner, inner),
        made("{}[{}:{}]", inner, st.sampled_from(["", "1", "-2"]), st.sampled_from(["", "2", "-1"])),
        made("{}[::{}]", inner, st.sampled_from(["2", "-1"])),
        made("({}){}", inner, among(METHODS)),
        st.tuples(among(CALLS), inner).map(lambda found: found[0].format(found[1])),
        made("[{} for i in {}]", inner, inner),
        made("[i for i in {} if {}]", inner, inner),
        made("[(i, j) for i in {} for j in {}]", inner, inner),
        made("{{i: {} for i in {}}}", inner, inner),
        made("any({} for i in {})", inner, inner),
        made("all(i for i in {})", inner),
        made("sum(j for i, j in [(1, {}), (2, 3)])", inner),
        made(
            'f"<{{{}{}}}>"', st.sampled_from(["n", "x", "word", "numbers", "order['total']"]), st.sampled_from(FORMATS)
        ),
    )


SOURCES = st.recursive(st.sampled_from([*CONSTANTS, *PATHS, *VALUES, "i"]), grown, max_leaves=8)


def plain(value: Any) -> Any:
    """What our result should be: tuples and ranges are lists; None where the language has no such value."""
    if isinstance(value, list | tuple | range):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError
    return value


def outcome(work: Callable[[], Any]) -> Any:
    """What `work` gives, or the exception that ends it."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - generated code may fail in any way; that it fails is compared
        return error


class Listed(ast.NodeTransformer):
    """The one thing the language means otherwise: what CPython gives as views of an object are lists."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS):
            return node
        return ast.copy_location(ast.Call(ast.Name("list", ast.Load()), [node], []), node)


def outcome_in_cpython(source: str) -> Any:
    tree = ast.fix_missing_locations(Listed().visit(ast.parse(source, mode="eval")))
    # The variables of comprehensions are global there.
    return plain(eval(compile(tree, "<generated>", "eval"), {"__builtins__": BUILTINS, **copy.deepcopy(VALUES)}))


def check_expression(source: str) -> None:
    expression = compile_expression(source, Language.PYTHON)
    assert expression.names <= VALUES.keys() | {"i"}
    expected = outcome(lambda: outcome_in_cpython(source))
    found = outcome(lambda: expression.evaluate(VALUES, budget=AMPLE))
    if isinstance(expected, Exception):
        assert isinstance(found, EvaluationError)
    elif not str(found).startswith(LESS_THAN_CPYTHON):
        assert repr(found) == repr(expected)
    assert repr(VALUES["order"]).startswith("{'total': 12")


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # CPython's, on generated code such as 0 is None
@given(source=SOURCES)
@example(source="{1: 2}[True]")
@example(source="'a' 'b'")
@example(source="[numbers[0], -numbers[0], 2 - -2]")
@example(source="str({}.keys())")
@example(source="order.values() == list(order.values())")
@example(source="(1 < 2 < 3) != (3 > 2 > 2)")
@example(source="[[j for j in range(i)] for i in range(3)]")
@example(source="(0.1 + 0.2, 7 // -2, -7 % 3, 2 ** -1)")
def test_an_expression_means_what_cpython_says(source: str) -> None:
    check_expression(source)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=20_000)
@given(source=SOURCES)
def test_many_expressions_mean_what_cpython_says(source: str) -> None:
    check_expression(source)


NUMBERS = st.sampled_from(["1", "2", "total", "count", "len(items)", "row['price']", "first['price']"])
LISTS = st.sampled_from(
    ["items", "rows", "other", "[1, 2]", "items[:1]", "list(items)", "[items, rows]", "rows or items"]
)
LINES = """
first = rows[0]
first = rows[-1] if total else row
del other
del rows[0]['price']
box = other
total, count = count, total
items.sort()
row = {'price': 1}
items.pop()
rows[0]['price'] += 1
first['tags'] = items
row.update(first)
other = box = [items]
first.setdefault('x', items)
pass
"""


def line(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: pattern.format(*found))


def indented(head: str, body: str) -> str:
    return head + "\n" + "\n".join(f"    {each}" for each in body.split("\n"))


def names(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


SIMPLE = st.one_of(
    line("{} {} {}", names("total count extra"), names("= += -= *="), NUMBERS),
    line("{} = {}", names("items rows other box"), LISTS),
    line("{}.append({})", names("items rows other box box[0] rows[0]['tags']"), NUMBERS | LISTS),
    line("{}['price'] = {}", names("rows[0] first row"), NUMBERS),
    st.sampled_from(LINES.strip().split("\n")),
)
HEADS = st.sampled_from(["if total > 2:", "if items:", "for one in items:", "for row in rows:"])
LOOP = "for i, each in enumerate(rows):\n    if i > 1: break\n    each['price'] = i\n"
CHOICE = "if count:\n    total = 5\nelse:\n    extra = 6\n"
STATEMENTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        line("{}\n{}", inner, inner),
        st.builds(indented, HEADS, inner),
        inner.map(lambda body: LOOP + body),
        inner.map(lambda body: CHOICE + body),
    ),
    max_leaves=8,
)
START: dict[str, Any] = {
    "total": 3,
    "count": 0,
    "items": [4, 2],
    "other": [1],
    "box": [[7]],
    "row": {"price": 9},
    "first": {"price": 8},
    "rows": [{"price": 2, "tags": []}, {"price": 3, "tags": [1]}, {"price": 4, "tags": []}],
}
UNSTORED = ("A list or context is nested too deeply or contains itself.", "A number is too large.")
LOOP_NAMES = {"one", "i", "each"}


class TooLong(Exception):
    """The script is still running after many lines."""


def run_in_cpython(source: str, values: dict[str, Any]) -> None:
    lines = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal lines
        lines += 1
        if lines > 3000:
            raise TooLong
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        exec(source, {"__builtins__": BUILTINS}, values)
    finally:
        sys.settrace(before)


def check_script(source: str) -> None:
    script = compile_script(source)
    expected, values = copy.deepcopy(START), copy.deepcopy(START)
    held = {name: value for name, value in values.items() if isinstance(value, list | dict)}
    refusal = outcome(lambda: run_in_cpython(source, expected))
    fault = outcome(lambda: script.run(values))
    assert all(value == START[name] for name, value in held.items())
    if isinstance(fault, Exception):
        assert values == START
        assert refusal is not None or str(fault) in UNSTORED
        return
    assert refusal is None or isinstance(refusal, TooLong)
    for name in (expected.keys() | values.keys()) if refusal is None else ():
        if name in script.writes:
            assert values.get(name) == expected.get(name), name
        elif name not in LOOP_NAMES:
            assert values.get(name) == START.get(name), name
            assert expected.get(name) == START.get(name) or name == "row", name


@settings(max_examples=40)
@given(source=STATEMENTS)
@example(source="for one in items:\n    items.append(one)")
@example(source="box = other\nbox.append(1)")
@example(source="other.append(items)\nother[-1].append(5)")
@example(source="for row in rows:\n    row['price'] = 0")
def test_a_script_does_what_cpython_does_and_writes_what_it_says(source: str) -> None:
    check_script(source)


@pytest.mark.slow
@settings(max_examples=5_000)
@given(source=STATEMENTS)
def test_many_scripts_do_what_cpython_does(source: str) -> None:
    check_script(source)
