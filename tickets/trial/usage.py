"""Owns guessing what a variable holds from how it is used: looked into, gone through, reckoned with, changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.definitions.asking.variables import ITEM, Paths, prefixes
from engine.expressions.flow import walk
from engine.expressions.loop_nodes import Clause
from engine.expressions.nodes import Binary, Call, Constant, Method, Name, Node
from engine.expressions.script_nodes import Augment, For

TEXT = "sample"
TEXTUAL = frozenset({"lower", "upper", "split", "strip", "startswith", "endswith", "replace", "join", "title"})
TEXTUAL |= {"concat", "charAt", "matches", "equalsIgnoreCase", "toLowerCase", "toUpperCase", "trim", "substring"}
TEXTUAL |= {"lower case", "upper case", "string length"}
LISTING = frozenset({"append", "extend", "insert", "pop", "remove", "sort", "add"})
KEYED = frozenset({"get", "put", "keys", "values", "items", "setdefault", "update"})
RECKONING = frozenset({"+", "-", "*", "/", "%", "**", "//", "div", "mod"})
LENGTHS = frozenset({"len", "sum", "max", "min", "sorted", "count", "list"})


def samples(nodes: Iterable[Node]) -> dict[str, object]:
    """A value for each variable in these trees, by path, as far as its use says of what kind it is."""
    usage = _Usage()
    for node in nodes:
        usage.look(node)
    return usage.found


@dataclass
class _Usage:
    known: Paths = field(default_factory=lambda: Paths(frames=[{}]))
    found: dict[str, object] = field(default_factory=dict)

    def look(self, tree: Node) -> None:
        for node in walk(tree):
            match node:
                case For(target=Name(id=name), source=source) | Clause(target=Name(id=name), source=source):
                    if path := self.known.of(source):
                        self.known.frames[0][name] = f"{path}{ITEM}"
                        self.found.setdefault(f"{path}{ITEM}", 1)
                case Method(value=value, method=method):
                    self._called(self.known.of(value), method)
                case Call(function=function, arguments=(value, *_)):
                    if (path := self.known.of(value)) and function in LENGTHS:
                        self.found[path] = [1]
                case Binary(operator=operator, left=left, right=right) if operator in RECKONING:
                    self._reckoned(left, right)
                    self._reckoned(right, left)
                case Augment(target=target, value=value):
                    self._reckoned(target, value)
                    self._reckoned(value, target)

    def _called(self, path: str, method: str) -> None:
        if not path:
            return
        for methods, value in ((TEXTUAL, TEXT), (LISTING, []), (KEYED, {})):
            if method in methods:
                self.found.setdefault(path, value)

    def _reckoned(self, one: Node, other: Node) -> None:
        if path := self.known.of(one):
            is_text = isinstance(other, Constant) and isinstance(other.value, str)
            self.found.setdefault(path, TEXT if is_text else 1)


def read_paths(nodes: Iterable[Node]) -> Iterator[str]:
    """Every variable in these trees by its path; those that lie on the way to another are left out."""
    known, seen = Paths(frames=[{}]), set()
    for tree in nodes:
        for node in walk(tree):
            match node:
                case For(target=Name(id=name), source=source) | Clause(target=Name(id=name), source=source):
                    known.frames[0][name] = f"{known.of(source)}{ITEM}" if known.of(source) else ""
            if path := known.of(node):
                seen.add(path)
    passed = {prefix for path in seen for prefix in prefixes(path)}
    yield from sorted(seen - passed)
