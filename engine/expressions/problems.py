"""What is wrong and how to mend it: the messages, problems and errors that every reader of a file shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's extractors look for
    """Mark `text` as an English msgid for extraction and return it."""
    return text


class Level(StrEnum):
    """ERROR refuses the file, WARNING lets it in, NOTE tells of a rewrite that loses nothing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Message:
    """An English msgid and its parameters, worded later in the reader's language.

    A parameter may itself be a Message: whoever translates the text translates that too. A tuple is a list of words;
    a mapping a text that somebody wrote, by language ("zh", "en"; "" for any other).
    """

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % {name: _plain(value) for name, value in self.params.items()} if self.params else self.text


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return value.get("", "")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of an upload's report; `element` and `name` are the file's own, `line` starts at 1.

    `path` are the ids and names of the elements that a token can take, in order, where the problem is such a way.
    """

    level: Level
    code: str
    problem: Message
    remedy: Message
    element: str = ""
    name: str = ""
    line: int = 1
    file: str = ""
    path: tuple[tuple[str, str], ...] = ()


class ExpressionError(Exception):
    """The expression is refused when it is compiled; `line` and `column` start at 1."""

    def __init__(self, message: Message, remedy: Message, *, line: int = 1, column: int = 1) -> None:
        super().__init__(message, remedy, line, column)
        self.message = message
        self.remedy = remedy
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message} {self.remedy}"


class EvaluationError(Exception):
    """The expression fails when it runs; `line` is the script's line, from 1, and 1 for an expression."""

    def __init__(self, message: Message, *, line: int = 1) -> None:
        super().__init__(message, line)
        self.message = message
        self.line = line

    def __str__(self) -> str:
        return str(self.message)


class BudgetExceeded(EvaluationError):
    """The expression took more steps or memory than it was given."""


def clip(value: object, length: int = 60) -> str:
    """The text of `value` on one line, at most `length` characters: what a message may quote from a file."""
    text = " ".join(str(value).split())
    return text if len(text) <= length else text[: length - 1] + "…"
