"""Counts the statements that reach the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa


class Statement(NamedTuple):
    text: str
    parameters: Any


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[Statement]]:
    """The statements run meanwhile, in order; BEGIN and COMMIT are not among them."""
    seen: list[Statement] = []

    def see(_connection: Any, _cursor: Any, text: str, parameters: Any, *_rest: Any) -> None:
        if text not in {"BEGIN", "BEGIN IMMEDIATE"}:
            seen.append(Statement(text, parameters))

    sa.event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", see)
