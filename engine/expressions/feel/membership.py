"""FEEL's tests: what follows `in` and `between`, and the cells of decision tables (DMN 1.3, section 7.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, compile_node
from engine.expressions.feel.values import Range, compare, contains, equal, within
from engine.expressions.nodes import Bound, Constant, Meets, Node, Within

Test = Callable[[Run, Any], bool | None]


@compile_node.register
def _(node: Within, scope: Scope) -> Code:
    value = build(node.value, scope)
    if len(node.tests) == 1:
        return _single(value, _bound(node.tests[0], scope) or _member(build(node.tests[0], scope)))
    tests = [_bound(test, scope) or _meets(build(test, scope)) for test in node.tests]

    def meets(run: Run) -> bool | None:
        found = value(run)
        return _any([test(run, found) for test in tests])

    return meets


def _single(value: Code, test: Test) -> Code:
    return lambda run: test(run, value(run))


def _any(results: list[bool | None]) -> bool | None:
    """True if one is, null if one is null, else false."""
    return True if True in results else None if None in results else False


def _bound(node: Node, scope: Scope) -> Test | None:
    """The test `> 5`."""
    if not isinstance(node, Bound):
        return None
    decide, limit = compare(node.operator), build(node.limit, scope)
    return lambda run, value: decide(run, value, limit(run))


def _meets(code: Code) -> Test:
    """The test of one value among several: a range is tested, any other value compared."""
    return lambda run, value: _met(run, value, code(run))


def _met(run: Run, value: Any, test: Any) -> bool | None:
    if isinstance(test, Range):
        return within(run, value, test)
    return equal(run, value, test) is True


def _member(code: Code) -> Test:
    """The test of a value alone, which may be a list of values and ranges; null is met by nothing."""

    def member(run: Run, value: Any) -> bool | None:
        test = code(run)
        if isinstance(test, list | tuple):
            run.spend(len(test))
            return _any([_met(run, value, item) for item in test])
        return None if test is None else _met(run, value, test)

    return member


@compile_node.register
def _(node: Meets, scope: Scope) -> Code:
    value = build(node.value, scope)
    tests = [_bound(test, scope) or _cell(test, build(test, scope)) for test in node.tests]

    def meets(run: Run) -> bool:
        found = value(run)
        return any(test(run, found) is True for test in tests)

    return meets


def _cell(node: Node, code: Code) -> Test:
    """The test of a cell: what is true or false by itself has decided, unless it is written so."""
    if isinstance(node, Constant):
        value = node.value
        return lambda run, asked: equal(run, asked, value)

    def said(run: Run, value: Any) -> bool | None:
        result = code(run)
        if isinstance(result, bool):
            return result
        if isinstance(result, list | tuple):
            return equal(run, value, result) is True or contains(run, result, value)
        return _met(run, value, result)

    return said
