"""Which variables a script sets, and which it may change in place, seen from its tree."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.expressions.nodes import Binary, Clause, Compare, Index, Items, Method, Name, Node, Property, Text
from engine.expressions.python_methods import MUTATING
from engine.expressions.script_nodes import Assign, Augment, Delete, For, Statement


@dataclass(slots=True)
class Flow:
    """`shares[a]` are the variables whose lists and objects `a` may hold."""

    assigned: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    shares: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def reach(self, names: set[str]) -> set[str]:
        """`names` and all that they may share with."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.shares[name])
        return found


def written(block: tuple[Statement, ...]) -> frozenset[str]:
    """The variables that a script leaves set, changed or deleted.

    Loop variables that nothing else sets, and names that begin with an underscore, are the script's own.
    """
    flow = _flow(block, joined=False)
    return frozenset(
        name
        for name in flow.assigned | flow.reach(flow.changed)
        if not name.startswith("_") and (name in flow.assigned or name not in flow.bound)
    )


def changed(block: tuple[Statement, ...]) -> frozenset[str]:
    """The variables whose lists and objects a script may change in place: more than it does, never fewer."""
    flow = _flow(block, joined=True)
    return frozenset(flow.reach(flow.changed))


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node in it."""
    yield node
    for name in (item.name for item in dataclasses.fields(node)):
        yield from _walk_value(getattr(node, name))


def _walk_value(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield from walk(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _walk_value(item)


def _flow(block: tuple[Statement, ...], *, joined: bool) -> Flow:
    flow = Flow()
    for statement in block:
        for node in walk(statement):
            _note(node, flow, joined=joined)
    return flow


def _note(node: Node, flow: Flow, *, joined: bool) -> None:
    match node:
        case Assign(targets=targets, value=value):
            for target in targets:
                _set(target, value, flow, joined=joined)
        case Augment(target=target, value=value):
            _set(target, value, flow, joined=joined)
        case Delete(targets=targets):
            for target in targets:
                _set(target, None, flow, joined=joined)
        case For(target=target, source=source) | Clause(target=target, source=source):
            for name in _names(target):
                flow.bound.add(name)
                flow.shares[name] |= _held(source, joined=joined)
        case Method(method=method, value=value, arguments=arguments) if method in MUTATING:
            holders = _held(value, joined=joined)
            flow.changed |= holders
            for holder in holders:
                flow.shares[holder].update(*(_held(argument, joined=joined) for argument in arguments))


def _set(target: Node, value: Node | None, flow: Flow, *, joined: bool) -> None:
    held = set() if value is None else _held(value, joined=joined)
    match target:
        case Name(id=name):
            flow.assigned.add(name)
            flow.shares[name] |= held
        case Items(items=items):
            for item in items:
                _set(item, value, flow, joined=joined)
        case Property(value=holder) | Index(value=holder):
            holders = _held(holder, joined=joined)
            flow.changed |= holders
            for name in holders:
                flow.shares[name] |= held


def _names(target: Node) -> set[str]:
    return {node.id for node in walk(target) if isinstance(node, Name)}


def _held(node: Node, *, joined: bool) -> set[str]:
    """The variables whose lists and objects `node` may give or hold; with `joined`, through operators too."""
    if isinstance(node, Name):
        return {node.id}
    if not joined and isinstance(node, Binary | Compare | Text):
        return set()
    children = [child for item in dataclasses.fields(node) for child in _children(getattr(node, item.name))]
    return set().union(*(_held(child, joined=joined) for child in children))


def _children(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _children(item)
