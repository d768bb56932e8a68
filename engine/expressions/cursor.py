"""A place in a list of tokens: what the parsers of FEEL and JUEL move along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.expressions.problems import ExpressionError
from engine.expressions.source import Source, too_complex, unreadable

MAX_NESTING = 60


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, string, name, keyword, operator, other or end."""

    kind: str
    text: str
    offset: int


@dataclass(slots=True)
class Cursor:
    """The tokens of `source`, the last of kind end; `functions` are the host's."""

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
        """The error for `token`, which the messages quote as `found`."""
        return self.source.refuse(token.offset, text, remedy, {"found": token.text})

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level further in; ExpressionError beyond MAX_NESTING."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise too_complex(self.source, self.token.offset)
        yield
        self.depth -= 1
