"""Owns dividing what is due among processes: each takes what no other is at, and its death lets it go at once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

AHEAD = 8
"""How many processes find something to do before one finds nothing though there is more."""


class Kind(IntEnum):
    """What is divided; PostgreSQL's advisory locks have one space of numbers for all of it."""

    TIMERS = 1
    DEADLINES = 2
    AFTERMATH = 3
    STANDARDS = 4
    PHOTOS = 5


def claim(
    session: Session, query: sa.Select[*tuple[Any, ...]], kind: Kind, by: sa.SQLColumnExpression[Any], *, limit: int
) -> Sequence[tuple[Any, ...]]:
    """The first rows of an ordered query whose `by` no other process has claimed; until the transaction ends.

    `by` is what two must not work on at once, such as the instance. Nothing is written, so nothing is left behind; a
    row may have been dealt with just before, which whoever deals with it looks at again. On SQLite, where one process
    works, these are simply the first rows.
    """
    if session.get_bind().dialect.name != "postgresql":
        return [tuple(row) for row in session.execute(query.limit(limit))]
    window = query.add_columns(by.label("claimed_by")).limit(AHEAD * limit).subquery()
    wanted = [column for column in window.c if column.name != "claimed_by"]
    free = sa.func.pg_try_advisory_xact_lock(sa.literal(kind << 56, sa.BigInteger) + window.c.claimed_by)
    return [tuple(row) for row in session.execute(sa.select(*wanted).where(free).limit(limit))]


def hold(session: Session, kind: Kind, by: int) -> None:
    """Wait until nobody else has claimed this, and keep it until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.literal((kind << 56) + by, sa.BigInteger))))
