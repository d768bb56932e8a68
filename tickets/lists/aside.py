"""Owns telling SQLite which index not to take: it doesn't know that a page needs only the first rows of an order.

PostgreSQL does know, from its statistics of these very columns, and is told nothing.
"""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

Value = TypeVar("Value")


class Aside(sa.ColumnElement[Value]):
    """A column that is compared row by row and never looked up in an index (SQLite's unary plus)."""

    inherit_cache = True
    _traverse_internals = [("of", sa.sql.visitors.InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - SQLAlchemy's

    def __init__(self, of: sa.SQLColumnExpression[Value]) -> None:
        self.of: Any = sa.sql.coercions.expect(sa.sql.roles.ColumnArgumentRole, of)
        self.type = self.of.type


@compiles(Aside)
def _as_it_is(element: Aside[Any], compiler: Any, **given: Any) -> str:
    return str(compiler.process(element.of, **given))


@compiles(Aside, "sqlite")
def _for_sqlite(element: Aside[Any], compiler: Any, **given: Any) -> str:
    return f"+{compiler.process(element.of, **given)}"
