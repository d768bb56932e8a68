"""FEEL to the checked tree (DMN 1.4, section 10.3.1): operators, paths, calls and ranges."""

from __future__ import annotations

from dataclasses import replace

from engine.expressions.cursor import Cursor, Token
from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.feel.lexer import tokens
from engine.expressions.feel.primaries import PRIMARIES
from engine.expressions.feel.text import pattern
from engine.expressions.feel.values import KINDS
from engine.expressions.functions import check_call
from engine.expressions.nodes import (
    Binary,
    Bound,
    Call,
    Clause,
    Constant,
    Defined,
    Filter,
    HostCall,
    Kind,
    Language,
    Logic,
    Meets,
    Name,
    Node,
    Property,
    Span,
    Unary,
    Within,
)
from engine.expressions.problems import N_
from engine.expressions.source import Source, check_source

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
_TYPES = frozenset(KINDS.values())
NO_NAMES: frozenset[str] = frozenset()
ASKED = Name("?", optional=True)


class Parser(Cursor):
    """A parser by descent over the operators' strengths; `PRIMARIES` reads what stands between them."""

    def expression(self, least: int = 1) -> Node:
        """Operands joined by operators that bind at least so strongly."""
        compared = False
        with self.deeper():
            node = self.operand()
            while self.sees(*_LEVELS) and _LEVELS[self.token.text] >= least:
                comparing = _LEVELS[self.token.text] == _COMPARING
                if comparing and compared:
                    raise self.refuse(self.token, N_("“%(found)s” compares a comparison."), N_("Join both with and."))
                compared = comparing
                node = self.join(node, self.take().text)
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

    def test(self, least: int = _ADDING) -> Node:
        """`> 5`, a range, a list or a value; a value's operators bind at least so strongly."""
        operator = self.accept(*_COMPARISONS)
        return Bound(operator, self.expression(_ADDING)) if operator else self.expression(least)

    def unary_tests(self) -> Node:
        """Tests with commas between them, perhaps inside not(…)."""
        negated, start = self.accept("not"), self.position
        if negated:
            self.expect("(")
        tests = [self.test(1)]
        while self.accept(","):
            tests.append(self.test(1))
        met = Meets(ASKED, tuple(tests))
        if not negated:
            return met
        self.expect(")")
        if self.token.kind != "end":
            self.position = start - 1
            return Meets(ASKED, (self.test(1),))
        return Call(Language.FEEL, "not", (met,))

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
        if token.kind == "asked":
            self.take()
            return ASKED
        reader = PRIMARIES.get(token.text if token.kind in ("keyword", "operator") else token.kind)
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


def read_feel(source: Source, functions: frozenset[str], names: frozenset[str] = NO_NAMES) -> Node:
    """The tree of a FEEL expression, with or without = before it."""
    check_source(source)
    source = source.stripped()
    if source.text.startswith("="):
        source = source.part(1, len(source.text))
        check_source(source)
    parser = Parser(source, functions, tokens(source, names))
    node = parser.expression()
    if parser.token.kind != "end":
        raise parser.unexpected()
    return node


def read_tests(source: Source, functions: frozenset[str], names: frozenset[str] = NO_NAMES) -> Node:
    """The tree of unary tests, which asks whether `?` meets one of them; `-` is met by all."""
    check_source(source)
    source = source.stripped()
    if source.text == "-":
        return Constant(True)
    parser = Parser(source, functions, tokens(source, names))
    node = parser.unary_tests()
    if parser.token.kind != "end":
        raise parser.unexpected()
    return node
