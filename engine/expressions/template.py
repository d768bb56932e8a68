"""Text with ${…} in it: where the expressions in it begin and end."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.expressions.nodes import Constant, Node, Text
from engine.expressions.problems import N_, ExpressionError
from engine.expressions.source import Source

Part = str | Source
_MARK = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\\.|[{}]""", re.DOTALL)


def read_template(source: Source, read: Callable[[Source], Node], openers: tuple[str, ...] = ("${",)) -> Node:
    """The tree of a text with expressions: Text, or a Constant where there is none."""
    parts = split(source, openers)
    nodes = tuple(Constant(part) if isinstance(part, str) else read(part) for part in parts)
    if all(isinstance(part, str) for part in parts):
        return Constant("".join(part for part in parts if isinstance(part, str)))
    return Text(nodes, template=True)


def split(source: Source, openers: tuple[str, ...]) -> list[Part]:
    """The literal pieces (str) and the expressions (Source) of a text; a backslash before ${ makes it literal."""
    parts: list[Part] = []
    start = position = 0
    while position < len(source.text):
        if not source.text.startswith(openers, position):
            position += 1
            continue
        if source.text[position - 1 : position] == "\\":
            parts.append(source.text[start : position - 1] + source.text[position : position + 2])
            start = position = position + 2
            continue
        end = _end(source, position)
        parts += [source.text[start:position], source.part(position + 2, end)]
        start = position = end + 1
    return [part for part in [*parts, source.text[start:]] if part != ""]


def _end(source: Source, start: int) -> int:
    """Where the } is that closes the ${ at `start`: outside quotation marks and inner braces."""
    depth = 0
    for found in _MARK.finditer(source.text, start + 2):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth < 0:
            return found.start()
    raise unclosed(source, start)


def unclosed(source: Source, start: int) -> ExpressionError:
    """The error for ${ without its end."""
    return source.refuse(
        start,
        N_("“%(found)s” has no closing }."),
        N_("Write } where the expression ends, or \\${ for the characters themselves."),
        {"found": source.text[start : start + 20]},
    )
