"""Run by Alembic: hands the revisions a connection, and says which tables there should be when a new one is written."""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import context

from engine.database import create_engine
from migrations import metadata


def run(connection: sa.Connection, target: sa.MetaData | None) -> None:
    """Run over a connection whose transaction the caller keeps; the tables are needed only to compare with."""
    context.configure(connection=connection, target_metadata=target, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given: sa.Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given, None)
else:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ.get("GONGDAN_DATABASE_URL", "")
    if not url:
        raise SystemExit("Say which database: GONGDAN_DATABASE_URL=sqlite:////absolute/path or postgresql://…")
    made = create_engine(url)
    with made.begin() as connection:
        run(connection, metadata())
    made.dispose()
