"""Owns the insert that loses quietly: two transactions want the same unique row, one makes it, the other goes on."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.database import Base


def insert_unless_there(session: Session, model: type[Base], **values: object) -> bool:
    """Insert a row unless a unique constraint holds one already; whether it was inserted.

    On PostgreSQL it waits for a transaction that is inserting the same row; a SELECT afterwards sees what that one
    committed.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.execute(insert(model).values(**values).on_conflict_do_nothing().returning(sa.literal(1)))
    return made.first() is not None
