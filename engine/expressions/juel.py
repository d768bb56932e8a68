"""JUEL, the expressions of Camunda 7, Flowable and Activiti, to the checked tree."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.expressions.cursor import Cursor, Token
from engine.expressions.functions import check_call, unknown_function
from engine.expressions.juel_calls import FOREIGN_PREFIXES, HOLDERS, PREFIXES, of_instance, of_variable
from engine.expressions.juel_methods import CALLABLE
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Constant,
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
from engine.expressions.source import Source, check_source, unreadable
from engine.expressions.template import read_template, split

OPENERS = ("${", "#{")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
      |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<word>[^\W\d][\w$]*|\$[\w$]+)
      |(?P<operator>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]])
      |(?P<end>\Z)
      |(?P<other>\\.|.))""",
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
_ALIASES = {"dateTime": "now"}
"""Camunda's name for the moment as Joda has it."""
_SETTING = frozenset({"setVariable", "setVariableLocal", "setTransientVariable", "setVariables"})
_GETTER = re.compile(r"(?:get|is)([A-Z]\w*)")


class NotRun(ExpressionError):
    """The text is JUEL, but calls what only Java could answer."""


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
    """A parser by descent (Expression Language 2.2, section 1.19); `choosing`: open ? that still want their colon."""

    choosing = 0

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
            self.choosing += 1
            then = self.expression()
            self.choosing -= 1
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
        """A property, or a method of a plain value."""
        name = self.take()
        if name.kind != "name":
            self.position -= 1
            raise self.unexpected()
        arguments = self.arguments() if self.accept("(") else None
        if isinstance(node, Name) and node.id in HOLDERS:
            found = of_instance(name.text, arguments)
            if found is not None:
                return found
            if node.id != "task":
                raise self.not_run(node, name, arguments)
        if arguments is None:
            return Property(Language.JUEL, node, name.text)
        if name.text not in CALLABLE:
            raise self.not_run(node, name, arguments)
        check_call(self.source, name.offset, name=name.text, table=CALLABLE, count=len(arguments))
        return Call(Language.JUEL, name.text, (node, *arguments))

    def arguments(self) -> tuple[Node, ...]:
        """What stands between the brackets of a call."""
        arguments: list[Node] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.expression())
        return tuple(arguments)

    def not_run(self, node: Node, name: Token, arguments: tuple[Node, ...] | None) -> ExpressionError:
        """The refusal of what only Java could answer, by its name and with what may be written instead."""
        owner = _written(node)
        params = {"name": f"{owner}.{name.text}" if owner else name.text, "property": name.text}
        if arguments is None:
            text = N_("“%(name)s” is not known of a running process.")
            return self.named(name, text, N_("Write a variable's name, or ticket.number."), params)
        remedy = N_("Write what it works out with the ticket's variables, or let a service task put it into one.")
        if name.text in _SETTING:
            remedy = N_("Set the variable in a script task, or name it as the result variable.")
        elif (getter := _GETTER.fullmatch(name.text)) and not arguments and owner:
            params["property"] = f"{owner}.{getter[1][0].lower()}{getter[1][1:]}"
            remedy = N_("Write %(property)s if that is an entry of a variable.")
        text = N_("“%(name)s(…)” calls Java, which is not run.")
        return self.named(name, text, remedy, params)

    def named(self, token: Token, text: str, remedy: str, params: Mapping[str, object]) -> NotRun:
        """The refusal of something by its name."""
        error = self.source.refuse(token.offset, text, remedy, params)
        return NotRun(error.message, error.remedy, line=error.line, column=error.column)

    def primary(self) -> Node:
        """A literal, a variable, a function's call, or an expression in brackets."""
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "string":
            return Constant(_unquoted(token.text))
        if token.kind == "name" and token.text in _CONSTANTS:
            return Constant(_CONSTANTS[token.text])
        if token.kind == "name" and self.is_prefix(token):
            return self.prefixed(token)
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
        """A host function's call."""
        name = _ALIASES.get(token.text, token.text)
        if name not in self.functions:
            raise unknown_function(self.source, token.offset, token.text, self.functions)
        return HostCall(name, self.arguments())

    def is_prefix(self, token: Token) -> bool:
        """Whether this begins prefix:name(…); between ? and : only what is known as a prefix does."""
        colon, name, bracket = (*self.tokens[self.position : self.position + 3], token, token, token)[:3]
        adjacent = colon.offset == token.offset + len(token.text) and name.offset == colon.offset + 1
        called = colon.text == ":" and name.kind in ("name", "keyword", "operator") and bracket.text == "("
        known = token.text in PREFIXES or (not self.choosing and token.text in FOREIGN_PREFIXES)
        return adjacent and called and known

    def prefixed(self, prefix: Token) -> Node:
        """Flowable's var:equals(variable, value) and its kin."""
        self.take()
        name = self.take()
        written = self.source.text[name.offset : self.token.offset].strip()
        self.expect("(")
        arguments = self.arguments()
        found = of_variable(written, arguments) if prefix.text in PREFIXES and arguments else None
        if found is None:
            remedy = N_("Work without it; the language reference lists all.")
            if prefix.text in PREFIXES:
                remedy = N_("Write it with operators: x == 1, empty x.")
            text = N_("There is no function “%(name)s” here.")
            raise self.named(prefix, text, remedy, {"name": f"{prefix.text}:{written}"})
        return found


def _joined(operator: str, left: Node, right: Node) -> Node:
    if operator not in ("&&", "||"):
        return Binary(Language.JUEL, operator, left, right)
    every = operator == "&&"
    parts = left.parts if isinstance(left, Logic) and left.every is every else (left,)
    return Logic(Language.JUEL, every, (*parts, right))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _written(node: Node) -> str:
    """A path as it is written; empty for all else."""
    match node:
        case Name(id=name):
            return name
        case Property(value=value, key=key):
            owner = _written(value)
            return f"{owner}.{key}" if owner else key
    return ""
