"""A PostgreSQL that cannot be reached for a while: everybody is thrown out of the database, and nobody let in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from engine.database import create_engine


@contextmanager
def away(url: str | sa.URL) -> Iterator[None]:
    """Meanwhile no connection to this database lives or begins."""
    _let_in(url, False)
    try:
        yield
    finally:
        _let_in(url, True)


def _let_in(url: str | sa.URL, allowed: bool) -> None:
    named = sa.make_url(url)
    admin = create_engine(named.set(database="postgres").render_as_string(hide_password=False))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        quoted = connection.dialect.identifier_preparer.quote(str(named.database))
        connection.exec_driver_sql(f"ALTER DATABASE {quoted} ALLOW_CONNECTIONS {str(allowed).lower()}")
        if not allowed:
            end = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            connection.execute(end, {"name": named.database})
    admin.dispose()
