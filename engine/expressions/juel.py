"""JUEL, the expressions of Camunda 7, Flowable and Activiti, to the checked tree."""

from __future__ import annotations

import re

from engine.expressions.cursor import Cursor, Token
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
from engine.expressions.problems import N_
from engine.expressions.source import Source, check_source, unreadable
from engine.expressions.template import read_template, split

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
        if kind == "word":
            kind = "keyword" if text == "empty" else "operator" if text in _WORDS else "name"
            text = _WORDS.get(text, text)
        tokens.append(Token(kind, text, found.start(found.lastgroup or 0)))
        if kind == "end":
            break
    return tokens


class Parser(Cursor):
    """A parser by descent (Expression Language 2.2, section 1.19)."""

    def whole(self) -> Node:
        """The expression, and nothing after it."""
        node = self.expression()
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def expression(self) -> Node:
        """Condition ? value : value"""
        with self.deeper():
            node = self.binary(1)
            if not self.accept("?"):
                return node
            then = self.expression()
            self.expect(":")
            return Choice(Language.JUEL, node, then, self.expression())

    def binary(self, least: int) -> Node:
        """Operands joined by operators that bind at least so strongly, from the left."""
        node = self.unary()
        while self.token.kind == "operator" and _LEVELS.get(self.token.text, 0) >= least:
            operator = self.take().text
            node = _joined(operator, node, self.binary(_LEVELS[operator] + 1))
        return node

    def unary(self) -> Node:
        """-, !, not and empty before a value."""
        with self.deeper():
            if operator := self.accept("-", "!", "empty"):
                return Unary(Language.JUEL, operator, self.unary())
            return self.path(self.primary())

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
        if name.kind != "name":
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
        if token.kind == "name" and token.text in _CONSTANTS:
            return Constant(_CONSTANTS[token.text])
        if token.kind == "name":
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
