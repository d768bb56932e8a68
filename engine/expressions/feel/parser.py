"""FEEL to the checked tree (DMN 1.3, section 10.3.1): operators, paths, tests and ranges."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.expressions.cursor import Cursor
from engine.expressions.feel import refusals
from engine.expressions.feel.calls import invocation, variable
from engine.expressions.feel.kinds import COMPARISONS, Kinds
from engine.expressions.feel.lexer import tokens
from engine.expressions.feel.primaries import PRIMARIES
from engine.expressions.feel.types import read_type
from engine.expressions.nodes import (
    ITEM,
    Binary,
    Bound,
    Call,
    Constant,
    Filter,
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

_LEVELS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys((*COMPARISONS, "between", "in", "instance of"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/"), 5),
    "**": 6,
}
_COMPARING, _ADDING, _NEGATING = 3, 4, 7
NO_NAMES: frozenset[str] = frozenset()
ASKED = Name("?", optional=True)


@dataclass(slots=True)
class Parser(Cursor):
    """A parser by descent over the operators' strengths; `PRIMARIES` reads what stands between them.

    `bound` are the names that contexts, loops and functions around this place define; each may be a function.
    `single` are the brackets after `in` that were found to hold one value, so that none is tried twice.
    """

    kinds: Kinds = field(default_factory=Kinds)
    bound: list[str] = field(default_factory=list)
    single: set[int] = field(default_factory=set)

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
                node = self.join(node)
            return node

    def join(self, left: Node) -> Node:
        """`left`, the operator that stands here, and what follows it."""
        token = self.take()
        operator = token.text
        if operator == "between":
            return self.between(left)
        if operator == "in":
            return Within(left, self.tests())
        if operator == "instance of":
            return Kind(left, read_type(self))
        if operator == "=" and self.sees("="):
            raise self.refuse(token, N_("“==” is not part of FEEL."), N_("Write =."))
        right = self.expression(_LEVELS[operator] + 1)
        if operator not in ("and", "or"):
            refusals.check_operands(self, token, left, right)
            return Binary(Language.FEEL, operator, left, right)
        every = operator == "and"
        parts = left.parts if isinstance(left, Logic) and left.every is every else (left,)
        return Logic(Language.FEEL, every, (*parts, right))

    def between(self, value: Node) -> Node:
        """What follows `between`."""
        token = self.token
        low = self.expression(_ADDING)
        self.expect("and")
        span = Span(low, self.expression(_ADDING), open_ends=False)
        refusals.check_ends(self, token, span)
        refusals.check_direction(self, token, span)
        return Within(value, (span,))

    def tests(self) -> tuple[Node, ...]:
        """What follows `in`: one test, or several in brackets."""
        start = self.position
        if start not in self.single and self.accept("("):
            tests = [self.test()]
            while self.accept(","):
                tests.append(self.test())
            if self.accept(")") and (len(tests) > 1 or isinstance(tests[0], Bound)):
                return tuple(tests)
            self.position = start
            self.single.add(start)
        test = self.test()
        if self.sees("and", "or"):
            raise refusals.unbracketed(self)
        return (test,)

    def test(self, least: int = _ADDING) -> Node:
        """`> 5`, a range, a list or a value; a value's operators bind at least so strongly."""
        token = self.token
        operator = self.accept(*COMPARISONS)
        if operator:
            return Bound(operator, self.expression(_ADDING))
        node = self.expression(least)
        if isinstance(node, Span):
            refusals.check_direction(self, token, node)
        return node

    def unary_tests(self) -> Node:
        """Tests with commas between them, perhaps inside not(…)."""
        start = self.position
        if self.accept("not") and self.accept("("):
            tests = self.some_tests()
            if self.accept(")") and self.token.kind == "end":
                return Call(Language.FEEL, "not", (Meets(ASKED, tests),))
            self.position = start
        return Meets(ASKED, self.some_tests())

    def some_tests(self) -> tuple[Node, ...]:
        """Tests with commas between them."""
        tests = [self.test(1)]
        while self.accept(","):
            tests.append(self.test(1))
        return tuple(tests)

    def operand(self) -> Node:
        """A value with - before it and filters and paths after it."""
        token = self.token
        if not self.accept("-"):
            return self.path(self.primary())
        refusals.check_minus(self, token)
        operand = self.expression(_NEGATING)
        refusals.check_negated(self, token, operand)
        return Unary(Language.FEEL, "-", operand)

    def path(self, node: Node) -> Node:
        """.name, [filter] and (arguments) after a value."""
        while True:
            token = self.token
            if self.accept("."):
                node = Property(Language.FEEL, node, self.name())
            elif self.sees("[") and not self.ends_range():
                self.take()
                node = Filter(node, self.filter())
                self.expect("]")
            elif self.accept("("):
                node = invocation(self, token, node)
            else:
                return node

    def filter(self) -> Node:
        """The condition of a filter, or the position that it asks for."""
        token = self.token
        condition = self.test(1)
        if isinstance(condition, Bound | Span):
            return Within(Name(ITEM), (condition,))
        refusals.check_filter(self, token, condition)
        return condition

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
            return variable(self)
        if token.kind == "asked":
            self.take()
            return ASKED
        reader = PRIMARIES.get(token.text if token.kind in ("keyword", "operator") else token.kind)
        if reader is None:
            raise self.unexpected()
        self.take()
        return reader(self, token)

    def span(self, low: Node, *, inside: bool) -> Node:
        """A range after its .. was read."""
        token = self.token
        high = self.expression(_ADDING)
        closing = self.accept("]", ")", "[")
        if not closing:
            raise self.unexpected()
        span = Span(low, high, inside, closing == "]")
        refusals.check_ends(self, token, span)
        return span


def read_feel(source: Source, functions: frozenset[str], names: frozenset[str] = NO_NAMES) -> Node:
    """The tree of a FEEL expression, with or without = before it."""
    check_source(source)
    source = source.stripped()
    if source.text.startswith("="):
        source = source.part(1, len(source.text))
        check_source(source)
    parser = Parser(source, functions, tokens(source, names))
    first = parser.token
    node = parser.expression()
    if parser.token.kind != "end":
        raise parser.unexpected()
    refusals.check_result(parser, first, node)
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
