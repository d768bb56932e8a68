"""FEEL's literals, lists, contexts, ranges, functions, and what its keywords begin."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expressions.cursor import Token
from engine.expressions.feel import refusals
from engine.expressions.feel.calls import call
from engine.expressions.feel.dates import read_temporal
from engine.expressions.feel.lexer import unquoted
from engine.expressions.feel.types import read_type
from engine.expressions.feel.values import CONTEXT
from engine.expressions.loop_nodes import Clause, Iteration, Quantified
from engine.expressions.nodes import Choice, Constant, Context, Items, Lambda, Language, Name, Node, Span
from engine.expressions.problems import N_

if TYPE_CHECKING:
    from engine.expressions.feel.parser import Parser

_ADDING = 4
_CONSTANTS = {"true": True, "false": False, "null": None}


def _number(parser: Parser, token: Token) -> Node:
    value = CONTEXT.create_decimal(token.text)
    exact = value.is_finite() and token.text.replace(".", "").isdecimal() and Decimal(repr(float(value))) == value
    if not exact:
        problem = N_("The number “%(found)s” has an exponent or more than 15 digits.")
        raise parser.refuse(token, problem, N_("Write it without exponent, and with fewer digits; or as text."))
    return Constant(int(value) if value == value.to_integral_value() else value)


def _string(parser: Parser, token: Token) -> Node:
    return Constant(unquoted(parser.source, token))


def _constant(_parser: Parser, token: Token) -> Node:
    return Constant(_CONSTANTS[token.text])


def _temporal(parser: Parser, _token: Token) -> Node:
    token = parser.take()
    try:
        if token.kind == "string":
            return Constant(read_temporal(unquoted(parser.source, token)))
    except (ValueError, OverflowError):
        pass
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
    outside = len(parser.bound)
    while not parser.accept("}"):
        if entries:
            parser.expect(",")
        token, key = parser.token, _key(parser)
        if key in entries:
            raise parser.refuse(token, N_("The entry “%(found)s” stands twice."), N_("Remove one of the two."))
        # A function may call itself; {sum: sum(a)} calls FEEL's.
        itself = parser.sees("function")
        parser.bound += [key] if itself else []
        entries[key] = parser.expression()
        parser.bound += [] if itself else [key]
    del parser.bound[outside:]
    return Context(tuple(entries.items()))


def _key(parser: Parser) -> str:
    if parser.token.kind == "string":
        key = unquoted(parser.source, parser.take())
    else:
        words = [parser.name()]
        while not parser.sees(":") and parser.token.kind in ("name", "keyword"):
            words.append(parser.take().text)
        key = " ".join(words)
    parser.expect(":")
    return key


def _if(parser: Parser, _token: Token) -> Node:
    token = parser.token
    test = parser.expression()
    refusals.check_condition(parser, token, test)
    parser.expect("then")
    then = parser.expression()
    parser.expect("else")
    return Choice(Language.FEEL, test, then, parser.expression())


def _for(parser: Parser, _token: Token) -> Node:
    outside = len(parser.bound)
    clauses = _clauses(parser)
    parser.bound.append("partial")
    parser.expect("return")
    iteration = Iteration(clauses, parser.expression())
    del parser.bound[outside:]
    return iteration


def _quantified(parser: Parser, token: Token) -> Node:
    outside = len(parser.bound)
    clauses = _clauses(parser)
    parser.expect("satisfies")
    start = parser.token
    condition = parser.expression()
    refusals.check_condition(parser, start, condition)
    del parser.bound[outside:]
    return Quantified(Language.FEEL, token.text == "every", clauses, condition)


def _clauses(parser: Parser) -> tuple[Clause, ...]:
    """Name in list, …; the names are bound from there on."""
    clauses: list[Clause] = []
    while not clauses or parser.accept(","):
        name = parser.name()
        parser.expect("in")
        token, source = parser.token, parser.expression()
        if parser.accept(".."):
            source = Span(source, parser.expression())
            refusals.check_steps(parser, token, source)
        refusals.check_source(parser, token, source)
        parser.bound.append(name)
        clauses.append(Clause(Name(name), source))
    return tuple(clauses)


def _not(parser: Parser, token: Token) -> Node:
    if not parser.accept("("):
        raise parser.refuse(token, N_("“not” needs brackets."), N_("Write not(…)."))
    return call(parser, token, "not")


def _function(parser: Parser, _token: Token) -> Node:
    parser.expect("(")
    parameters: list[str] = []
    while not parser.accept(")"):
        if parameters:
            parser.expect(",")
        parameters.append(parser.name())
        if parser.accept(":"):
            read_type(parser)
    if parser.sees("external"):
        problem = N_("Functions of other languages are not run.")
        raise parser.refuse(parser.token, problem, N_("Write the function in FEEL."))
    outside = len(parser.bound)
    parser.bound += parameters
    body = parser.expression()
    del parser.bound[outside:]
    return Lambda(tuple(parameters), body)


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
}
