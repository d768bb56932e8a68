"""Owns a database that is written without waiting for the disk: what a lost demo costs is a second start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import event

from engine.database import create_engine


@contextmanager
def hastened(database: sa.Engine) -> Iterator[sa.Engine]:
    """On SQLite another engine on the same file, which leaves writing to the system; else the engine itself."""
    if database.dialect.name != "sqlite" or not database.url.database or database.url.database == ":memory:":
        yield database
        return
    url = database.url.render_as_string(hide_password=False)
    quick = create_engine(url, query_cache_size=5000, connect_args={"cached_statements": 2000})
    event.listen(quick, "connect", _leave_it_to_the_system)
    try:
        yield quick
    finally:
        quick.dispose()


def _leave_it_to_the_system(connection: object, _record: object) -> None:
    for pragma in ("synchronous=OFF", "wal_autocheckpoint=20000"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]  # sqlite3's, which SQLAlchemy does not type
