"""Where in a source text something is, and the refusals that all three languages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.expressions.budget import MAX_SOURCE
from engine.expressions.problems import N_, ExpressionError, Message, clip

NOTHING: Mapping[str, object] = MappingProxyType({})
# What a Chinese keyboard types where the language has a plain character.
FULL_WIDTH = dict(
    zip("，。；：？！（）【】｛｝“”‘’＝＋－＊／％＞＜＆｜＂＇、", ",.;:?!()[]{}\"\"''=+-*/%><&|\"',", strict=True),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where it begins in the text that its author sees; `indent` was cut from each line but the first."""

    text: str
    line: int = 1
    column: int = 1
    indent: int = 0

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character of `text`."""
        before = self.text[:offset]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") + self.indent if lines else self.column + offset
        return self.line + lines, column

    def part(self, start: int, end: int) -> Source:
        """The text from `start` to `end`, remembering where it stands."""
        return Source(self.text[start:end], *self.position(start), self.indent)

    def stripped(self) -> Source:
        """The text without space at its ends."""
        text = self.text.rstrip()
        return self.part(len(text) - len(text.lstrip()), len(text))

    def refuse(
        self,
        offset: int,
        text: str,
        remedy: str,
        params: Mapping[str, object] = NOTHING,
    ) -> ExpressionError:
        """The error to raise for what stands at `offset`; message and remedy share `params`."""
        line, column = self.position(offset)
        shown = {key: value if isinstance(value, Message) else clip(value) for key, value in params.items()}
        return ExpressionError(Message(text, shown), Message(remedy, shown), line=line, column=column)


def check_source(source: Source, most: int = MAX_SOURCE) -> None:
    """Refuse a text that is empty, too long to be read, or with characters that no language has."""
    check_text(source, most)
    if not source.text.strip():
        raise source.refuse(0, N_("The expression is empty."), N_("Write an expression, or remove the element."))


def check_text(source: Source, most: int = MAX_SOURCE) -> None:
    """Refuse a text that is too long to be read or holds characters that are not text."""
    if len(source.text) > most:
        raise source.refuse(
            0,
            N_("The expression has %(count)s characters; at most %(most)s are read."),
            N_("Split it into several tasks or fields."),
            {"count": len(source.text), "most": most},
        )
    for offset, character in enumerate(source.text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise source.refuse(
                offset,
                N_("The expression holds a character that is not text: %(character)s."),
                N_("Remove the character."),
                {"character": ascii(character)},
            )


def too_complex(source: Source, offset: int = 0) -> ExpressionError:
    """The error for a text nested too deeply or with too many parts."""
    return source.refuse(
        offset,
        N_("The expression is nested too deeply or has too many parts."),
        N_("Split it into several shorter ones."),
    )


def unreadable(source: Source, offset: int, found: str) -> ExpressionError:
    """The error for what does not belong at `offset`; knows the punctuation of Chinese keyboards."""
    plain = FULL_WIDTH.get(found[:1])
    if plain:
        return source.refuse(
            offset,
            N_("“%(found)s” is not part of the language."),
            N_("Type the plain character %(plain)s instead."),
            {"found": found[:1], "plain": plain},
        )
    if not found:
        return source.refuse(
            offset,
            N_("The expression ends too early."),
            N_("Complete it: a value, a closing bracket or a quotation mark is missing."),
        )
    return source.refuse(
        offset,
        N_("“%(found)s” is not expected here."),
        N_("Check what stands before it: an operator, a bracket or a quotation mark is missing or too many."),
        {"found": found},
    )
