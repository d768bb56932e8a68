"""FEEL's names and calls: of its own functions, of the host's, and of those that an expression defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expressions.cursor import Token
from engine.expressions.feel import refusals
from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.feel.signature import Function
from engine.expressions.functions import check_call
from engine.expressions.nodes import Call, Constant, Defined, HostCall, Invoke, Language, Name, Node
from engine.expressions.problems import N_

if TYPE_CHECKING:
    from engine.expressions.feel.parser import Parser

Keywords = tuple[tuple[str, Node], ...]


def variable(parser: Parser) -> Node:
    """A variable or a call."""
    token, name = parser.token, parser.name()
    if parser.accept("("):
        return call(parser, token, name)
    refusals.check_variable(parser, token, name)
    return Name(name, optional=True)


def call(parser: Parser, token: Token, name: str) -> Node:
    """The call of a named function, after its bracket."""
    arguments, keywords = _arguments(parser)
    if name in parser.bound:
        return Invoke(Name(name, optional=True), arguments, keywords)
    if name in parser.functions:
        return HostCall(name, arguments, keywords)
    if name == "is defined" and len(arguments) == 1:
        return Defined(arguments[0])
    function = FUNCTIONS.get(name)
    form = None if function is None else function.taking(len(arguments) + len(keywords), [key for key, _ in keywords])
    check_call(
        parser.source,
        token.offset,
        name=name,
        table=FUNCTIONS if form is None else {name: form},
        count=len(arguments) + len(keywords),
        keywords=[key for key, _ in keywords],
        others=parser.functions | {"is defined"},
    )
    assert form is not None
    arguments = _in_order(parser, token, name, form, arguments, keywords)
    folded = refusals.check_call(parser, token, name, arguments)
    return folded or Call(Language.FEEL, name, arguments)


def invocation(parser: Parser, token: Token, function: Node) -> Node:
    """The call of a value, after its bracket."""
    if parser.kinds.of(function) not in ("", "function"):
        raise parser.refuse(token, N_("What stands before the bracket is no function."), N_("Remove the bracket."))
    return Invoke(function, *_arguments(parser))


def _arguments(parser: Parser) -> tuple[tuple[Node, ...], Keywords]:
    """Values up to the closing bracket, each by its place or all by name."""
    arguments: list[Node] = []
    keywords: dict[str, Node] = {}
    while not parser.accept(")"):
        if arguments or keywords:
            parser.expect(",")
        token, key = parser.token, _key(parser)
        if key in keywords or (key and arguments) or (keywords and not key):
            problem = N_("Some arguments are named and some are not, or one is named twice.")
            raise parser.refuse(token, problem, N_("Name every argument once, or none."))
        if key:
            keywords[key] = parser.expression()
        else:
            arguments.append(parser.expression())
    return tuple(arguments), tuple(keywords.items())


def _key(parser: Parser) -> str:
    """The argument's name, if it has one; else nothing is read."""
    start, words = parser.position, []
    while parser.token.kind in ("name", "keyword"):
        words.append(parser.take().text)
    if words and parser.accept(":"):
        return " ".join(words)
    parser.position = start
    return ""


def _in_order(
    parser: Parser,
    token: Token,
    name: str,
    form: Function,
    arguments: tuple[Node, ...],
    keywords: Keywords,
) -> tuple[Node, ...]:
    """The arguments in the parameters' order; null where a named call leaves out one in the middle."""
    if not keywords:
        return arguments
    given = dict(keywords)
    wanted = list(form.parameters)
    missing = [key for key in wanted[: form.least] if key not in given]
    if missing:
        problem = N_("“%(found)s” needs “%(missing)s”.")
        remedy = N_("Give it as well, or give the values in the function's order.")
        raise parser.source.refuse(token.offset, problem, remedy, {"found": name, "missing": ", ".join(missing)})
    last = max(wanted.index(key) for key in given)
    return tuple(given.get(key, Constant(None)) for key in wanted[: last + 1])
