"""Owns templates: texts of a form with `{{FEEL}}` in them, as in form-js (its language is called feelers)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.expressions import N_, Expression, ExpressionError, Language, Message, compile_expression
from forms.plain import words
from forms.scope import FUNCTIONS, Scope

MAX_TURNS: Final = 200
MAX_OUTPUT: Final = 64 * 1024
MAX_NESTING: Final = 8

Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Insert:
    """`{{expression}}`"""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Block:
    """`{{#if expression}}…{{/if}}` or `{{#loop expression}}…{{/loop}}`; `ends_line`: its end ended a line."""

    verb: str
    expression: Expression
    parts: tuple[Part, ...]
    ends_line: bool


Part = str | Insert | Block


@dataclass(frozen=True, slots=True)
class Template:
    """A text, constant or with parts that are worked out each time it is shown."""

    source: str
    parts: tuple[Part, ...]

    def __bool__(self) -> bool:
        return bool(self.source)

    def render(self, scope: Scope, escape: Escape = str) -> str:
        """The text where `scope` is; `escape` is applied to what is inserted. At most 64 Ki characters."""
        return _Rendering(escape).text(self.parts, scope)

    def expressions(self) -> Iterator[Expression]:
        """Every expression in it."""
        return _expressions(self.parts)


EMPTY: Final = Template("", ())


def compile_feel(source: str) -> Expression:
    """Compile FEEL as forms write it, with or without its leading `=`. Raises ExpressionError."""
    return compile_expression(source.removeprefix("="), Language.FEEL, functions=FUNCTIONS)


def compile_text(source: str) -> Template:
    """Compile a text: constant, `=FEEL`, or with `{{…}}`. Raises ExpressionError."""
    if source.startswith("="):
        return Template(source, (Insert(compile_feel(source)),))
    if "{{" not in source:
        return Template(source, (source,) if source else ())
    parts, _ = _parts(_tokens(source), "", 0)
    return Template(source, parts)


@dataclass(frozen=True, slots=True)
class _Tag:
    content: str
    line: int
    newline: bool


def _tokens(source: str) -> Iterator[str | _Tag]:
    at = 0
    while (opening := source.find("{{", at)) >= 0:
        line = source.count("\n", 0, opening) + 1
        closing = _closing(source, opening + 2)
        if closing < 0:
            raise _refused(N_("A {{ is never closed."), N_("Write }} after the expression."), line)
        if opening > at:
            yield source[at:opening]
        content = source[opening + 2 : closing].strip()
        newline = content[:1] in {"#", "/"} and source.startswith("\n", closing + 2)
        yield _Tag(content, line, newline)
        at = closing + 2 + newline
    if at < len(source):
        yield source[at:]


def _closing(source: str, at: int) -> int:
    """Where the `}}` of a tag is: not inside a string or a FEEL context."""
    depth, quoted = 0, False
    while at < len(source):
        character = source[at]
        if quoted:
            at += character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "{":
            depth += 1
        elif character == "}":
            if not depth and source.startswith("}}", at):
                return at
            depth = max(0, depth - 1)
        at += 1
    return -1


def _parts(tokens: Iterator[str | _Tag], block: str, depth: int) -> tuple[tuple[Part, ...], bool]:
    if depth > MAX_NESTING:
        raise _refused(N_("Blocks are nested too deep."), N_("Nest at most 8 blocks."), 1)
    parts: list[Part] = []
    for token in tokens:
        if isinstance(token, str):
            parts.append(token)
        elif token.content.startswith("/"):
            if token.content[1:].strip() != block:
                raise _refused(
                    N_("A block is closed that was not opened."),
                    N_("Open it before, with {{#if …}} or {{#loop …}}."),
                    token.line,
                )
            return tuple(parts), token.newline
        elif token.content.startswith("#"):
            parts.append(_block(token, tokens, depth))
        elif token.content:
            parts.append(Insert(_compiled(token.content, token.line)))
    if block:
        raise _refused(N_("A block is never closed."), N_("Write {{/if}} or {{/loop}} after it."), 1)
    return tuple(parts), False


def _block(tag: _Tag, tokens: Iterator[str | _Tag], depth: int) -> Block:
    verb, _, source = tag.content[1:].partition(" ")
    if verb not in {"if", "loop"}:
        raise _refused(N_("There is no such block."), N_("Use {{#if …}} or {{#loop …}}."), tag.line)
    expression = _compiled(source, tag.line)
    parts, ends_line = _parts(tokens, verb, depth + 1)
    return Block(verb, expression, parts, ends_line)


def _compiled(source: str, line: int) -> Expression:
    try:
        return compile_feel(source)
    except ExpressionError as fault:
        raise ExpressionError(fault.message, fault.remedy, line=line + fault.line - 1, column=fault.column) from fault


def _refused(message: str, remedy: str, line: int) -> ExpressionError:
    return ExpressionError(Message(message), Message(remedy), line=line)


class _Rendering:
    """One rendering: all its loops together turn at most MAX_TURNS times, however they are nested."""

    def __init__(self, escape: Escape) -> None:
        self.escape = escape
        self.turns = MAX_TURNS

    def text(self, parts: tuple[Part, ...], scope: Scope) -> str:
        return "".join(self.part(part, scope) for part in parts)[:MAX_OUTPUT]

    def part(self, part: Part, scope: Scope) -> str:
        match part:
            case str():
                return part
            case Insert():
                return self.escape(words(scope.run(part.expression)))
            case Block():
                texts = [self.text(part.parts, inner) for inner in self.scopes(part, scope)]
                text = "".join(texts)[:MAX_OUTPUT]
                return text + "\n" if texts and part.ends_line and not text.endswith("\n") else text

    def scopes(self, block: Block, scope: Scope) -> Iterator[Scope]:
        given = scope.run(block.expression)
        if block.verb == "if":
            if given:
                yield scope
            return
        for item in given if isinstance(given, list | tuple) else [] if given is None else [given]:
            if not self.turns:
                return
            self.turns -= 1
            yield scope.item(item)


def _expressions(parts: tuple[Part, ...]) -> Iterator[Expression]:
    for part in parts:
        if not isinstance(part, str):
            yield part.expression
        if isinstance(part, Block):
            yield from _expressions(part.parts)


def escape_markdown(text: str) -> str:
    """A value made harmless for Markdown: shown as typed, never as a link, image or markup."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~&:])", r"\\\1", text)
