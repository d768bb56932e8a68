"""Owns bringing Procrastinate's tables to the version installed: its own scripts, each once, noted like our revisions.

A revision of ours calls `bring_up` whenever Procrastinate comes with new scripts; `tests/test_migrations.py` says so.
"""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa
from alembic import op

NOTED = sa.table("procrastinate_script", sa.column("name", sa.Text))


def scripts() -> list[str]:
    """The scripts that the installed version has, in the order in which they run."""
    folder = resources.files("procrastinate.sql") / "migrations"
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))


def bring_up(connection: sa.Connection) -> None:
    """All tables where there are none; else the scripts that are new. On SQLite there is nothing to do."""
    if connection.dialect.name != "postgresql":
        return
    if not sa.inspect(connection).has_table(NOTED.name):
        op.create_table(NOTED.name, sa.Column("name", sa.Text, primary_key=True))
        _run(connection, "schema.sql")
        new = scripts()
    else:
        ran = set(connection.scalars(sa.select(NOTED.c.name)))
        new = [name for name in scripts() if name not in ran]
        for name in new:
            _run(connection, f"migrations/{name}")
    if new:
        connection.execute(sa.insert(NOTED), [{"name": name} for name in new])


def _run(connection: sa.Connection, path: str) -> None:
    text = resources.files("procrastinate.sql").joinpath(*path.split("/")).read_text(encoding="utf-8")
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(text)  # without parameters, so that many statements and percent signs pass
