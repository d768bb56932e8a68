"""FEEL's literals, lists, contexts, ranges, and what its keywords begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.expressions.cursor import Token
from engine.expressions.feel.lexer import unquoted
from engine.expressions.feel.values import CONTEXT
from engine.expressions.nodes import Choice, Constant, Context, Items, Iteration, Language, Node, Quantified
from engine.expressions.problems import N_
from engine.expressions.temporal import parse_date, parse_datetime, parse_duration, parse_time

if TYPE_CHECKING:
    from engine.expressions.feel.parser import Parser

_ADDING = 4
_CONSTANTS = {"true": True, "false": False, "null": None}
# The texts of @"…", tried in this order.
_TEMPORALS: tuple[Callable[[str], object], ...] = (parse_date, parse_datetime, parse_time, parse_duration)


def _number(parser: Parser, token: Token) -> Node:
    value = CONTEXT.create_decimal(token.text)
    if not value.is_finite():
        raise parser.refuse(token, N_("The number is too large."), N_("Write a smaller number."))
    return Constant(int(value) if value == value.to_integral_value() and value.adjusted() < 18 else value)


def _string(parser: Parser, token: Token) -> Node:
    return Constant(unquoted(parser.source, token))


def _constant(_parser: Parser, token: Token) -> Node:
    return Constant(_CONSTANTS[token.text])


def _temporal(parser: Parser, _token: Token) -> Node:
    token = parser.take()
    for parse in _TEMPORALS if token.kind == "string" else ():
        try:
            return Constant(parse(unquoted(parser.source, token)))
        except (ValueError, OverflowError):
            continue
    raise parser.refuse(token, N_("“%(found)s” is no date, time or duration."), N_('Write one such as @"2026-01-31".'))


def _bracket(parser: Parser, _token: Token) -> Node:
    node = parser.expression()
    if parser.accept(".."):
        return parser.span(node, inside=False)
    parser.expect(")")
    return node


def _list(parser: Parser, _token: Token) -> Node:
    items: list[Node] = []
    while not parser.accept("]"):
        if items:
            parser.expect(",")
        items.append(parser.expression())
        if len(items) == 1 and parser.accept(".."):
            return parser.span(items[0], inside=True)
    return Items(tuple(items))


def _open_range(parser: Parser, _token: Token) -> Node:
    low = parser.expression(_ADDING)
    parser.expect("..")
    return parser.span(low, inside=False)


def _context(parser: Parser, _token: Token) -> Node:
    entries: dict[str, Node] = {}
    while not parser.accept("}"):
        if entries:
            parser.expect(",")
        token = parser.token
        key = unquoted(parser.source, parser.take()) if token.kind == "string" else parser.name()
        if key in entries:
            raise parser.refuse(token, N_("The entry “%(found)s” stands twice."), N_("Remove one of the two."))
        parser.expect(":")
        entries[key] = parser.expression()
    return Context(tuple(entries.items()))


def _if(parser: Parser, _token: Token) -> Node:
    test = parser.expression()
    parser.expect("then")
    then = parser.expression()
    parser.expect("else")
    return Choice(Language.FEEL, test, then, parser.expression())


def _for(parser: Parser, _token: Token) -> Node:
    clauses = parser.clauses()
    parser.expect("return")
    return Iteration(clauses, parser.expression())


def _quantified(parser: Parser, token: Token) -> Node:
    clauses = parser.clauses()
    parser.expect("satisfies")
    return Quantified(Language.FEEL, token.text == "every", clauses, parser.expression())


def _not(parser: Parser, token: Token) -> Node:
    if not parser.accept("("):
        raise parser.refuse(token, N_("“not” needs brackets."), N_("Write not(…)."))
    return parser.call(token, "not")


def _function(parser: Parser, token: Token) -> Node:
    raise parser.refuse(token, N_("Functions cannot be defined here."), N_("Write its expression where it is needed."))


PRIMARIES: dict[str, Callable[[Parser, Token], Node]] = {
    "number": _number,
    "string": _string,
    "true": _constant,
    "false": _constant,
    "null": _constant,
    "@": _temporal,
    "(": _bracket,
    "[": _list,
    "]": _open_range,
    "{": _context,
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "not": _not,
    "function": _function,
    "external": _function,
}
