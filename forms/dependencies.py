"""Owns the question which fields depend on which: a condition must not wait for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.expressions import N_, Expression, Level, Message
from forms.component import Report
from forms.fields import ComputedField, Field, Group, InputField, ListField

MAX_CHAIN: Final = 20

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_DOTTED: Final = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A field with a value, and the paths that its value waits for; paths leave the rows' numbers out."""

    field: Field
    path: Path
    awaits: frozenset[Path]


def check_dependencies(fields: Iterable[Field], report: Report) -> None:
    """Report fields that wait for themselves, and chains of fields longer than conditions are followed."""
    parts = {part.path: part for part in _parts(fields, (), frozenset(), ())}
    edges = {path: sorted(_found(part, parts)) for path, part in parts.items()}
    depths: dict[Path, int] = {}
    for path in parts:
        cycle = _measure(path, edges, depths, [])
        if cycle:
            _report_cycle(report, parts, cycle)
            return
    for path, depth in depths.items():
        if depth == MAX_CHAIN + 1:
            problem = Message(N_("More than 20 fields depend on each other in a row."))
            report.add(
                Level.ERROR,
                "long-chain",
                problem,
                Message(N_("Let conditions look at the first field directly.")),
                _component(parts[path].field),
            )


def _parts(fields: Iterable[Field], scope: Path, awaited: frozenset[Path], above: tuple[Path, ...]) -> Iterator[_Part]:
    """The parts of one list row, or of the form: `above` are the scopes around it, innermost last."""
    for field in fields:
        awaits = awaited | _references(_conditions(field), scope, above)
        path = (*scope, *field.path)
        if isinstance(field, InputField | ListField):
            yield _Part(field, path, awaits)
        if isinstance(field, Group):
            yield from _parts(field.fields, scope, awaits, above)
        elif isinstance(field, ListField):
            yield from _parts(field.fields, path, awaits, (*above, scope))


def _conditions(field: Field) -> list[Expression]:
    flags: list[object] = [field.hide]
    if isinstance(field, InputField):
        flags += [field.readonly, field.disabled]
    if isinstance(field, ComputedField):
        flags.append(field.expression)
    return [flag for flag in flags if isinstance(flag, Expression)]


def _references(expressions: Iterable[Expression], scope: Path, above: tuple[Path, ...]) -> frozenset[Path]:
    """The paths that expressions name; `this` and `parent` are the row and what is around it."""
    outer = above[-1] if above else ()
    special = {"this": scope, "_this_": scope, "parent": outer, "_parent_": outer}
    found: set[Path] = set()
    for expression in expressions:
        for match in _DOTTED.finditer(_STRING.sub('""', expression.source)):
            root, *rest = (name.strip() for name in match[0].split("."))
            found.add((*special[root], *rest) if root in special else (root, *rest))
    return frozenset(found)


def _found(part: _Part, parts: dict[Path, _Part]) -> set[Path]:
    """The fields that a part waits for: a path names a field, or something within its value."""
    prefixes = {path[:length] for path in part.awaits for length in range(1, len(path) + 1)}
    return prefixes & parts.keys()


def _measure(path: Path, edges: dict[Path, list[Path]], depths: dict[Path, int], way: list[Path]) -> list[Path]:
    """Note how long a chain ends at `path`; the cycle that it runs into, if any."""
    if path in way:
        return [*way[way.index(path) :], path]
    if path in depths:
        return []
    way.append(path)
    for following in edges[path]:
        cycle = _measure(following, edges, depths, way)
        if cycle:
            return cycle
    way.pop()
    depths[path] = 1 + max((depths[following] for following in edges[path]), default=-1)
    return []


def _report_cycle(report: Report, parts: dict[Path, _Part], cycle: list[Path]) -> None:
    shown = " → ".join(".".join(path) for path in cycle)
    report.add(
        Level.ERROR,
        "cycle",
        Message(N_("Whether these fields are shown depends on themselves: %(cycle)s."), {"cycle": shown[:500]}),
        Message(N_("Take one of them out of the other's condition or expression.")),
        _component(parts[cycle[0]].field),
    )


def _component(field: Field) -> dict[str, str]:
    return {"id": field.id, "key": field.key, "label": field.label.own.source}
