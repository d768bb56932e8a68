"""FEEL's types, as they stand after `instance of` and after a parameter (DMN 1.3, grammar rules 52 and 53)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expressions.feel.values import KINDS
from engine.expressions.nodes import Type
from engine.expressions.problems import N_

if TYPE_CHECKING:
    from engine.expressions.feel.parser import Parser

DURATIONS = ("days and time duration", "years and months duration")
NAMES = frozenset({*KINDS.values(), "Any", "Null", "duration", "function"})
_LONGEST = 5  # words


def read_type(parser: Parser) -> Type:
    """The type that stands here: a name, list<…>, context<a: …> or function<…> -> …"""
    with parser.deeper():
        name = _name(parser)
        if name == "list" and parser.accept("<"):
            inner = (("", read_type(parser)),)
            parser.expect(">")
            return Type(name, inner)
        if name == "context" and parser.accept("<"):
            return Type(name, _entries(parser))
        if name == "function" and parser.accept("<"):
            _signature(parser)
        return Type(name)


def _name(parser: Parser) -> str:
    """The longest name of a type that stands here."""
    following = parser.tokens[parser.position : parser.position + _LONGEST]
    words = [token.text for token in following if token.kind in ("name", "keyword")]
    for count in range(len(words), 0, -1):
        if [token.text for token in following[:count]] == words[:count] and " ".join(words[:count]) in NAMES:
            parser.position += count
            return " ".join(words[:count])
    raise parser.refuse(
        parser.token,
        N_("There is no type “%(found)s”."),
        N_("Write number, string, boolean, date, time, list or context."),
    )


def _entries(parser: Parser) -> tuple[tuple[str, Type], ...]:
    entries: list[tuple[str, Type]] = []
    while not parser.accept(">"):
        if entries:
            parser.expect(",")
        key = parser.name()
        parser.expect(":")
        entries.append((key, read_type(parser)))
    return tuple(entries)


def _signature(parser: Parser) -> None:
    """The parameters' types and the result's, which no value can be asked for."""
    while not parser.accept(">"):
        read_type(parser)
        parser.accept(",")
    parser.expect("-")
    parser.expect(">")
    read_type(parser)
