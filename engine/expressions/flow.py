"""Which variables a script sets, and which it may change in place, seen from its tree."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.expressions.loop_nodes import Clause, Comprehension
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Compare,
    Entries,
    Formatted,
    Index,
    Items,
    Method,
    Name,
    Node,
    Property,
    Slice,
    Text,
)
from engine.expressions.python_methods import MUTATING
from engine.expressions.script_nodes import Assign, Augment, Delete, For, Statement

# Functions that make a new list or object of what they are given.
_COPYING = frozenset({"dict", "enumerate", "list", "reversed", "sorted", "tuple", "zip"})
_ANYWHERE = 99
Held = frozenset[tuple[str, int]]
_NOTHING: Held = frozenset()


@dataclass(slots=True)
class Flow:
    """What a script binds and changes.

    `holds[a]` has (b, n) when b may lie n levels inside a: at 0, a may be b itself or a part of b.
    `changed` has (a, n) when a list or object n levels inside a is changed in place.
    With `joined`, values are followed through operators too: a list may be the sum of two.
    """

    joined: bool
    assigned: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    changed: set[tuple[str, int]] = field(default_factory=set)
    holds: defaultdict[str, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))

    def reach(self) -> set[str]:
        """The variables that the changes may reach."""
        deepest: dict[str, int] = {}
        todo = list(self.changed)
        while todo:
            name, level = todo.pop()
            if deepest.get(name, -1) < level:
                deepest[name] = level
                todo.extend((other, _ANYWHERE) for other, depth in self.holds[name] if depth <= level)
        return set(deepest)


def written(block: tuple[Statement, ...]) -> frozenset[str]:
    """The variables that a script leaves set, changed or deleted.

    Loop variables that nothing else sets, and names that begin with an underscore, are the script's own.
    """
    flow = _flow(block, joined=False)
    return frozenset(
        name
        for name in flow.assigned | flow.reach()
        if not name.startswith("_") and (name in flow.assigned or name not in flow.bound)
    )


def changed(block: tuple[Statement, ...]) -> frozenset[str]:
    """The variables whose lists and objects a script may change in place: more than it does, never fewer."""
    return frozenset(_flow(block, joined=True).reach())


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node in it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(value: object) -> Iterator[Node]:
    """The nodes next below, in the order written."""
    if isinstance(value, Node):
        value = tuple(getattr(value, item.name) for item in dataclasses.fields(value))
    for part in value if isinstance(value, tuple) else ():
        if isinstance(part, Node):
            yield part
        else:
            yield from children(part)


def _flow(block: tuple[Statement, ...], *, joined: bool) -> Flow:
    flow = Flow(joined)
    for statement in block:
        for node in walk(statement):
            _note(node, flow)
    return flow


def _note(node: Node, flow: Flow) -> None:
    match node:
        case Assign(targets=targets, value=value):
            for target in targets:
                _set(target, _held(value, flow), flow)
        case Augment(target=target, value=value):
            _set(target, _held(value, flow) if flow.joined else _NOTHING, flow)
        case Delete(targets=targets):
            for target in targets:
                _set(target, _NOTHING, flow)
        case For(target=target, source=source) | Clause(target=target, source=source):
            for name in _names(target):
                flow.bound.add(name)
                flow.holds[name] |= _inside(_held(source, flow))
        case Method(method=method, value=value, arguments=arguments) if method in MUTATING:
            _change(value, frozenset().union(*(_held(argument, flow) for argument in arguments)), flow)


def _set(target: Node, held: Held, flow: Flow) -> None:
    match target:
        case Name(id=name):
            flow.assigned.add(name)
            flow.holds[name] |= held
        case Items(items=items):
            for item in items:
                _set(item, _inside(held), flow)
        case Property(value=holder) | Index(value=holder):
            _change(holder, held, flow)


def _change(holder: Node, held: Held, flow: Flow) -> None:
    """`holder` is changed in place, and what `held` names is put into it."""
    level = _level(holder)
    for name, _ in _held(holder, flow):
        flow.changed.add((name, level))
        flow.holds[name] |= {(other, level + 1 + depth) for other, depth in held}


def _level(node: Node) -> int:
    """How deep in its variable a part lies: 0 for a, 1 for a.b; anywhere for what a method or choice gives."""
    if isinstance(node, Property | Index):
        return _level(node.value) + 1
    return 0 if isinstance(node, Name) else _ANYWHERE


def _names(target: Node) -> set[str]:
    return {node.id for node in walk(target) if isinstance(node, Name)}


def _inside(held: Held) -> Held:
    return frozenset((name, max(depth - 1, 0)) for name, depth in held)


def _wrapped(held: Held) -> Held:
    return frozenset((name, depth + 1) for name, depth in held)


def _held(node: Node, flow: Flow) -> Held:
    """The variables that the value of `node` may be, be a part of, or hold some levels inside."""
    match node:
        case Name(id=name):
            return frozenset({(name, 0)})
        case Property(value=value) | Index(value=value):
            return _inside(_held(value, flow))
        case Slice(value=value):
            return _wrapped(_held(value, flow))
        case Choice(then=then, otherwise=otherwise):
            return _held(then, flow) | _held(otherwise, flow)
        case Comprehension(element=element):
            return _wrapped(_held(element, flow))
        case Binary() | Compare() | Text() | Formatted() if not flow.joined:
            return _NOTHING
    held: Held = frozenset().union(*(_held(child, flow) for child in children(node)))
    fresh = isinstance(node, Items | Entries) or (isinstance(node, Call) and node.function in _COPYING)
    return _wrapped(held) if fresh else held
