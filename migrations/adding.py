"""Owns what revisions say alike on both databases: columns' types, references to a table, indexes of some rows."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def add_reference(table: str, column: str, to: str) -> None:
    """A nullable column that refers to another table's id, in place: SQLite's other way is to copy the table."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    named = f"CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {named}")


def index_where(name: str, table: str, columns: Sequence[str], condition: str) -> None:
    """An index of only the rows that meet a condition."""
    text = sa.text(condition)
    op.create_index(name, table, list(columns), sqlite_where=text, postgresql_where=text)
