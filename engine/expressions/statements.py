"""Statements to closures: each returns None, or BREAK or AGAIN to its loop."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, misfit
from engine.expressions.loops import iterable, unpack
from engine.expressions.nodes import Index, Items, Name, Node, Property
from engine.expressions.problems import N_, EvaluationError, Message, clip
from engine.expressions.python_operators import BINARY, Operator, get_item, set_item
from engine.expressions.script_nodes import Assign, Augment, Delete, Evaluate, For, If, Leave, Statement, While

BREAK, AGAIN = "break", "again"
Step = Callable[[Run], str | None]
Put = Callable[[Run, Any], None]


def build_block(block: tuple[Statement, ...], scope: Scope) -> Step:
    """The closure that runs a block; `scope.assigned` grows by what the block surely sets."""
    scope.nodes += len(block)
    steps = [compile_statement(statement, scope) for statement in block]
    if len(steps) == 1:
        return steps[0]

    def run_block(run: Run) -> str | None:
        for step in steps:
            signal = step(run)
            if signal is not None:
                return signal
        return None

    return run_block


@functools.singledispatch
def compile_statement(statement: Statement, scope: Scope) -> Step:
    """The closure for one kind of statement."""
    raise TypeError(f"no closure for {type(statement).__name__} in {scope}")


@compile_statement.register
def _(statement: Evaluate, scope: Scope) -> Step:
    value, line = build(statement.value, scope), statement.line

    def evaluate(run: Run) -> None:
        run.line = line
        value(run)

    return evaluate


@compile_statement.register
def _(statement: Assign, scope: Scope) -> Step:
    value, line = build(statement.value, scope), statement.line
    puts = [_put(target, scope) for target in statement.targets]
    if len(puts) == 1:
        put = puts[0]

        def assign(run: Run) -> None:
            run.line = line
            put(run, value(run))

        return assign

    def assign_all(run: Run) -> None:
        run.line = line
        found = value(run)
        for each in puts:
            each(run, found)

    return assign_all


@compile_statement.register
def _(statement: Augment, scope: Scope) -> Step:
    operate, operator, line = BINARY[statement.operator], statement.operator, statement.line
    if isinstance(statement.target, Name):
        return _augment_name(statement.target, _joined(operate, operator), build(statement.value, scope), line, scope)
    assert isinstance(statement.target, Property | Index)
    holder, join = build(statement.target.value, scope), _joined(operate, operator)
    key = _key(statement.target, scope)
    value = build(statement.value, scope)

    def augment(run: Run) -> None:
        run.line = line
        whole, place = holder(run), key(run)
        set_item(run, whole, place, join(run, get_item(whole, place), value(run)))

    return augment


def _augment_name(target: Name, join: Operator, value: Code, line: int, scope: Scope) -> Step:
    before, put = build(target, scope), _put_name(target.id, scope)

    def augment(run: Run) -> None:
        run.line = line
        put(run, join(run, before(run), value(run)))

    return augment


def _joined(operate: Operator, operator: str) -> Operator:
    def joined(run: Run, left: Any, right: Any) -> Any:
        try:
            return operate(run, left, right)
        except TypeError:
            raise misfit(operator, left, right) from None

    return joined


@compile_statement.register
def _(statement: Delete, scope: Scope) -> Step:
    removes, line = [_remove(target, scope) for target in statement.targets], statement.line

    def delete(run: Run) -> None:
        run.line = line
        for remove in removes:
            remove(run)

    return delete


@compile_statement.register
def _(statement: If, scope: Scope) -> Step:
    test, line = build(statement.test, scope), statement.line
    before = set(scope.assigned)
    body = build_block(statement.body, scope)
    after = scope.assigned
    scope.assigned = set(before)
    otherwise = build_block(statement.otherwise, scope)
    scope.assigned &= after

    def choose(run: Run) -> str | None:
        run.line = line
        return body(run) if test(run) else otherwise(run)

    return choose


@compile_statement.register
def _(statement: For, scope: Scope) -> Step:
    source, line = build(statement.source, scope), statement.line
    before, nodes = set(scope.assigned), scope.nodes
    put = _put(statement.target, scope)
    body = build_block(statement.body, scope)
    cost = scope.nodes - nodes + 2
    scope.assigned = before
    otherwise = _rest(statement.otherwise, scope)

    def loop(run: Run) -> str | None:
        run.line = line
        for item in iterable(source(run)):
            run.spend(cost)
            put(run, item)
            if body(run) == BREAK:
                return None
        return otherwise(run)

    return loop


@compile_statement.register
def _(statement: While, scope: Scope) -> Step:
    nodes, line = scope.nodes, statement.line
    test = build(statement.test, scope)
    before = set(scope.assigned)
    body = build_block(statement.body, scope)
    cost = scope.nodes - nodes + 2
    scope.assigned = before
    otherwise = _rest(statement.otherwise, scope)

    def loop(run: Run) -> str | None:
        run.line = line
        while test(run):
            run.spend(cost)
            if body(run) == BREAK:
                return None
        return otherwise(run)

    return loop


def _rest(block: tuple[Statement, ...], scope: Scope) -> Step:
    before = set(scope.assigned)
    rest = build_block(block, scope)
    scope.assigned = before
    return rest


@compile_statement.register
def _(statement: Leave, _scope: Scope) -> Step:
    signal = AGAIN if statement.again else BREAK
    return lambda _run: signal


def _put(target: Node, scope: Scope) -> Put:
    match target:
        case Name(id=name):
            return _put_name(name, scope)
        case Items(items=items):
            return _put_all([_put(item, scope) for item in items])
        case Property(value=holder) | Index(value=holder):
            return _put_item(build(holder, scope), _key(target, scope))
        case _:
            raise TypeError(f"{type(target).__name__} cannot be set")


def _key(target: Property | Index, scope: Scope) -> Code:
    if isinstance(target, Index):
        return build(target.index, scope)
    key = target.key
    return lambda _run: key


def _put_name(name: str, scope: Scope) -> Put:
    scope.assigned.add(name)

    def put(run: Run, value: Any) -> None:
        run.frame[name] = value

    return put


def _put_all(puts: list[Put]) -> Put:
    def put_all(run: Run, value: Any) -> None:
        for put, part in zip(puts, unpack(value, len(puts)), strict=True):
            put(run, part)

    return put_all


def _put_item(holder: Code, key: Code) -> Put:
    return lambda run, value: set_item(run, holder(run), key(run), value)


def _remove(target: Node, scope: Scope) -> Callable[[Run], None]:
    match target:
        case Name(id=name):
            scope.assigned.discard(name)
            return functools.partial(_remove_name, name=name)
        case Property(value=holder) | Index(value=holder):
            whole, key = build(holder, scope), _key(target, scope)
            return lambda run: _remove_item(run, whole(run), key(run))
        case _:
            raise TypeError(f"{type(target).__name__} cannot be deleted")


def _remove_name(run: Run, *, name: str) -> None:
    if name not in run.frame:
        raise EvaluationError(Message(N_("The variable “%(name)s” is not set."), {"name": clip(name)}))
    del run.frame[name]


def _remove_item(run: Run, whole: Any, key: Any) -> None:
    get_item(whole, key)
    run.spend(len(whole) >> 5)
    del whole[key]
