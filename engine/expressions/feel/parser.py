"""FEEL to the checked tree (DMN 1.4, section 10.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.feel.lexer import Token, tokens, unquoted
from engine.expressions.feel.text import pattern
from engine.expressions.feel.values import CONTEXT, KINDS
from engine.expressions.functions import check_call
from engine.expressions.nodes import (
    Binary,
    Bound,
    Call,
    Choice,
    Clause,
    Constant,
    Context,
    Defined,
    Filter,
    HostCall,
    Items,
    Iteration,
    Kind,
    Language,
    Logic,
    Name,
    Node,
    Property,
    Quantified,
    Span,
    Unary,
    Within,
)
from engine.expressions.problems import N_, ExpressionError
from engine.expressions.source import Source, check_source, too_complex, unreadable
from engine.expressions.temporal import parse_date, parse_datetime, parse_duration, parse_time

MAX_NESTING = 60
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_LEVELS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys((*_COMPARISONS, "between", "in", "instance of"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/"), 5),
    "**": 6,
}
_COMPARING, _ADDING, _NEGATING = 3, 4, 7
_CONSTANTS = {"true": True, "false": False, "null": None}
_TYPES = frozenset(KINDS.values())
# The texts of @"…", tried in this order.
_TEMPORALS: tuple[Callable[[str], object], ...] = (parse_date, parse_datetime, parse_time, parse_duration)


def read_feel(source: Source, functions: frozenset[str]) -> Node:
    """The tree of a FEEL expression, with or without = before it."""
    check_source(source)
    source = source.stripped()
    if source.text.startswith("="):
        source = source.part(1, len(source.text))
        check_source(source)
    parser = Parser(source, functions, tokens(source))
    node = parser.expression()
    if parser.token.kind != "end":
        raise parser.unexpected()
    return node


@dataclass(slots=True)
class Parser:
    """A parser by descent over the operators' strengths."""

    source: Source
    functions: frozenset[str]
    tokens: list[Token]
    position: int = 0
    depth: int = 0

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.position]

    def take(self) -> Token:
        """Read the next token."""
        token = self.token
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these operators or keywords."""
        return self.token.kind in ("operator", "keyword") and self.token.text in texts

    def accept(self, *texts: str) -> str | None:
        """The operator or keyword, if the next token is one of these; then it is read."""
        return self.take().text if self.sees(*texts) else None

    def expect(self, text: str) -> None:
        """Read this operator or keyword, or refuse what is there."""
        if not self.accept(text):
            raise self.unexpected()

    def unexpected(self) -> ExpressionError:
        """The error for the next token."""
        return unreadable(self.source, self.token.offset, self.token.text)

    def refuse(self, token: Token, text: str, remedy: str) -> ExpressionError:
        """The error for `token`, quoted as `found`."""
        return self.source.refuse(token.offset, text, remedy, {"found": token.text})

    def expression(self, least: int = 1) -> Node:
        """Operands joined by operators that bind at least so strongly."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise too_complex(self.source, self.token.offset)
        node = self.operand()
        compared = False
        while self.sees(*_LEVELS) and _LEVELS[self.token.text] >= least:
            comparing = _LEVELS[self.token.text] == _COMPARING
            if comparing and compared:
                raise self.refuse(self.token, N_("“%(found)s” compares a comparison."), N_("Join the two with and."))
            compared = comparing
            node = self.join(node, self.take().text)
        self.depth -= 1
        return node

    def join(self, left: Node, operator: str) -> Node:
        """`left`, the operator just read, and what follows it."""
        if operator == "between":
            low = self.expression(_ADDING)
            self.expect("and")
            return Within(left, (Span(low, self.expression(_ADDING)),))
        if operator == "in":
            return Within(left, self.tests())
        if operator == "instance of":
            return self.kind(left)
        right = self.expression(_LEVELS[operator] + 1)
        if operator not in ("and", "or"):
            return Binary(Language.FEEL, operator, left, right)
        every = operator == "and"
        parts = left.parts if isinstance(left, Logic) and left.every is every else (left,)
        return Logic(Language.FEEL, every, (*parts, right))

    def tests(self) -> tuple[Node, ...]:
        """What follows `in`: one test, or several in brackets."""
        start = self.position
        if self.accept("("):
            tests = [self.test()]
            while self.accept(","):
                tests.append(self.test())
            if self.accept(")"):
                return tuple(tests)
            self.position = start
        return (self.test(),)

    def test(self) -> Node:
        """`> 5`, a range, a list or a value."""
        operator = self.accept(*_COMPARISONS)
        node = self.expression(_ADDING)
        return Bound(operator, node) if operator else node

    def kind(self, value: Node) -> Node:
        """The type after `instance of`."""
        first = self.token
        words: list[str] = []
        while self.token.kind == "name" or (words and self.sees("and")):
            words.append(self.take().text)
        name = " ".join(words)
        if name not in _TYPES and name != "Any":
            raise self.refuse(
                replace(first, text=name or first.text),
                N_("There is no type “%(found)s”."),
                N_("Write number, string, boolean, date, time, list or context."),
            )
        return Kind(value, name)

    def operand(self) -> Node:
        """A value with - before it and filters and paths after it."""
        if self.accept("-"):
            return Unary(Language.FEEL, "-", self.expression(_NEGATING))
        return self.path(self.primary())

    def path(self, node: Node) -> Node:
        """.name and [filter] after a value."""
        while True:
            if self.accept("."):
                node = Property(Language.FEEL, node, self.name())
            elif self.sees("[") and not self.ends_range():
                self.take()
                node = Filter(node, self.expression())
                self.expect("]")
            else:
                return node

    def ends_range(self) -> bool:
        """Whether the [ seen here closes a range such as [1..5[ : nothing that begins a filter follows it."""
        following = self.tokens[self.position + 1]
        return following.kind == "end" or following.text in (")", "]", ",", "}", "and", "or", "then", "else", "return")

    def name(self) -> str:
        """A name; its words may stand apart."""
        if self.token.kind not in ("name", "keyword"):
            raise self.unexpected()
        words = [self.take().text]
        while self.token.kind == "name":
            words.append(self.take().text)
        return " ".join(words)

    def primary(self) -> Node:
        """A literal, a name, a call, a list, a context, a range, or what a keyword begins."""
        token = self.token
        if token.kind == "name":
            return self.variable()
        reader = _PRIMARIES.get(token.text if token.kind in ("keyword", "operator") else token.kind)
        if reader is None:
            raise self.unexpected()
        self.take()
        return reader(self, token)

    def variable(self) -> Node:
        """A variable or a call."""
        token, name = self.token, self.name()
        return self.call(token, name) if self.accept("(") else Name(name, optional=True)

    def call(self, token: Token, name: str) -> Node:
        """The arguments of a call, after its bracket."""
        arguments = self.arguments()
        if name == "is defined" and len(arguments) == 1:
            return Defined(arguments[0])
        if name in self.functions:
            return HostCall(name, arguments)
        check_call(
            self.source,
            token.offset,
            name=name,
            table=FUNCTIONS,
            count=len(arguments),
            others=self.functions | {"is defined"},
        )
        self.check_pattern(token, name, arguments)
        return Call(Language.FEEL, name, arguments)

    def check_pattern(self, token: Token, name: str, arguments: tuple[Node, ...]) -> None:
        """Refuse a regular expression that is written out and not understood; one made at run time gives null."""
        written = arguments[1] if name in ("matches", "replace", "split") else None
        if isinstance(written, Constant) and isinstance(written.value, str):
            try:
                pattern(written.value)
            except ValueError:
                raise self.source.refuse(
                    token.offset,
                    N_("The pattern “%(pattern)s” is not understood."),
                    N_("Write a regular expression without look-around or back references."),
                    {"pattern": written.value},
                ) from None

    def arguments(self) -> tuple[Node, ...]:
        """Values up to the closing bracket."""
        arguments: list[Node] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.expression())
            if self.sees(":"):
                raise self.refuse(
                    self.token, N_("Arguments are not named here."), N_("Give the values in the function's order.")
                )
        return tuple(arguments)

    def clauses(self) -> tuple[Clause, ...]:
        """Name in list, …"""
        clauses: list[Clause] = []
        while not clauses or self.accept(","):
            name = Name(self.name())
            self.expect("in")
            source = self.expression()
            if self.accept(".."):
                source = Span(source, self.expression())
            clauses.append(Clause(name, source))
        return tuple(clauses)

    def span(self, low: Node, *, inside: bool) -> Node:
        """A range after its .. was read."""
        high = self.expression(_ADDING)
        closing = self.accept("]", ")", "[")
        if not closing:
            raise self.unexpected()
        return Span(low, high, inside, closing == "]")


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


_PRIMARIES: dict[str, Callable[[Parser, Token], Node]] = {
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
