"""JUEL, the expressions of Camunda 7, Flowable and Activiti, to the checked tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.expressions.functions import unknown_function
from engine.expressions.nodes import (
    Binary,
    Choice,
    Constant,
    Defined,
    HostCall,
    Index,
    Language,
    Logic,
    Name,
    Node,
    Property,
    Unary,
)
from engine.expressions.problems import N_, ExpressionError
from engine.expressions.source import Source, check_source, too_complex, unreadable
from engine.expressions.template import read_template, split

MAX_NESTING = 60
OPENERS = ("${", "#{")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
      |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<word>[^\W\d][\w$]*|\$[\w$]+)
      |(?P<operator>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]])
      |(?P<end>\Z)
      |(?P<other>.))""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
}
_CONSTANTS = {"true": True, "false": False, "null": None}
_LEVELS = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!="), 3),
    **dict.fromkeys(("<", ">", "<=", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
_HOLDERS = ("execution", "task", "delegateTask", "caseExecution")
_REMEDIES = {
    "equals": N_("Write == instead of .equals(…)."),
    "isEmpty": N_("Write empty before the value instead of .isEmpty()."),
    "getVariable": N_("Write the variable's name."),
}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, string, word, operator, end or other."""

    kind: str
    text: str
    offset: int


def read_juel(source: Source, functions: frozenset[str]) -> Node:
    """The tree of `${…}`, of text with such parts, or of plain text."""
    check_source(source)
    source = source.stripped()
    parts = split(source, OPENERS)
    if len(parts) == 1 and isinstance(parts[0], Source):
        return read_part(parts[0], functions)
    return read_template(source, lambda part: read_part(part, functions), OPENERS)


def read_part(source: Source, functions: frozenset[str]) -> Node:
    """The tree of what stands between ${ and }."""
    check_source(source)
    return Parser(source, functions, _tokens(source)).whole()


def _tokens(source: Source) -> list[Token]:
    tokens = []
    for found in _TOKEN.finditer(source.text):
        kind = found.lastgroup or "other"
        text = found[kind]
        if kind == "word" and text in _WORDS:
            kind, text = "operator", _WORDS[text]
        tokens.append(Token(kind, text, found.start(found.lastgroup or 0)))
        if kind == "end":
            break
    return tokens


@dataclass(slots=True)
class Parser:
    """A parser by descent (Expression Language 2.2, section 1.19)."""

    source: Source
    functions: frozenset[str]
    tokens: list[Token] = field(default_factory=list)
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

    def accept(self, *operators: str) -> str | None:
        """The operator, if the next token is one of these; then it is read."""
        if self.token.kind == "operator" and self.token.text in operators:
            return self.take().text
        return None

    def expect(self, operator: str) -> None:
        """Read this operator, or refuse what is there."""
        if not self.accept(operator):
            raise self.unexpected()

    def unexpected(self) -> ExpressionError:
        """The error for the next token."""
        return unreadable(self.source, self.token.offset, self.token.text)

    def whole(self) -> Node:
        """The expression, and nothing after it."""
        node = self.expression()
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def expression(self) -> Node:
        """Condition ? value : value"""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise too_complex(self.source, self.token.offset)
        node = self.binary(1)
        if self.accept("?"):
            then = self.expression()
            self.expect(":")
            node = Choice(Language.JUEL, node, then, self.expression())
        self.depth -= 1
        return node

    def binary(self, least: int) -> Node:
        """Operands joined by operators that bind at least so strongly, from the left."""
        node = self.unary()
        while self.token.kind == "operator" and _LEVELS.get(self.token.text, 0) >= least:
            operator = self.take().text
            node = _joined(operator, node, self.binary(_LEVELS[operator] + 1))
        return node

    def unary(self) -> Node:
        """-, !, not and empty before a value."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise too_complex(self.source, self.token.offset)
        if self.token.kind == "word" and self.token.text == "empty":
            self.take()
            node: Node = Unary(Language.JUEL, "empty", self.unary())
        elif operator := self.accept("-", "!"):
            node = Unary(Language.JUEL, operator, self.unary())
        else:
            node = self.path(self.primary())
        self.depth -= 1
        return node

    def path(self, node: Node) -> Node:
        """.property and [index] after a value."""
        while True:
            if self.accept("["):
                node = Index(Language.JUEL, node, self.expression())
                self.expect("]")
            elif self.accept("."):
                node = self.property(node)
            else:
                return node

    def property(self, node: Node) -> Node:
        """A property; of methods only execution.getVariable("name") and hasVariable("name") are known."""
        name = self.take()
        if name.kind != "word":
            self.position -= 1
            raise self.unexpected()
        if not self.accept("("):
            return Property(Language.JUEL, node, name.text)
        known = isinstance(node, Name) and node.id in _HOLDERS and name.text in ("getVariable", "hasVariable")
        if not known or self.token.kind != "string":
            raise self.source.refuse(
                name.offset,
                N_("The method “%(name)s” is not part of the language."),
                _REMEDIES.get(name.text, N_("Put what it gives into a variable, and use that.")),
                {"name": name.text},
            )
        variable = Name(_unquoted(self.take().text), optional=True)
        self.expect(")")
        return variable if name.text == "getVariable" else Defined(variable)

    def primary(self) -> Node:
        """A literal, a variable, a function's call, or an expression in brackets."""
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "string":
            return Constant(_unquoted(token.text))
        if token.kind == "word" and token.text in _CONSTANTS:
            return Constant(_CONSTANTS[token.text])
        if token.kind == "word":
            return self.call(token) if self.accept("(") else Name(token.text)
        if token.kind == "operator" and token.text == "(":
            node = self.expression()
            self.expect(")")
            return node
        raise unreadable(self.source, token.offset, token.text)

    def number(self, token: Token) -> Node:
        """A whole number or a fraction."""
        value = int(token.text) if token.text.isdigit() and len(token.text) < 20 else float(token.text)
        if value in (float("inf"), float("-inf")):
            raise self.source.refuse(token.offset, N_("The number is too large."), N_("Write a smaller number."))
        return Constant(value)

    def call(self, token: Token) -> Node:
        """The arguments of a host function."""
        if token.text not in self.functions:
            raise unknown_function(self.source, token.offset, token.text, self.functions)
        arguments: list[Node] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.expression())
        return HostCall(token.text, tuple(arguments))


def _joined(operator: str, left: Node, right: Node) -> Node:
    if operator not in ("&&", "||"):
        return Binary(Language.JUEL, operator, left, right)
    every = operator == "&&"
    parts = left.parts if isinstance(left, Logic) and left.every is every else (left,)
    return Logic(Language.JUEL, every, (*parts, right))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
