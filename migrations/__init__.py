"""Owns the database's versions: Alembic revisions that ship with the program, run without Flask by `upgrade`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.database import WRITE, Base, create_engine

FOLDER = Path(__file__).parent
_LOCK = 0x676F6E67


def upgrade(url: str) -> None:
    """Bring a database, an empty one too, to the newest version: all revisions in one transaction, or none.

    Several processes may do it at once; the others wait and find nothing left to do.
    """
    engine = create_engine(url)
    try:
        with engine.execution_options(**WRITE).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            command.upgrade(config(connection), "head")
    finally:
        engine.dispose()


def is_current(connection: sa.Connection) -> bool:
    """Whether the database is at the newest version that this program knows."""
    return revision_of(connection) == head()


def revision_of(connection: sa.Connection) -> str | None:
    """The version a database is at; None of an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this program has the revision, so that it can bring a database of it up to date."""
    return any(each.revision == revision for each in ScriptDirectory.from_config(config()).walk_revisions())


def upgrade_to(connection: sa.Connection, revision: str) -> None:
    """Bring the database to a revision within the caller's transaction."""
    command.upgrade(config(connection), revision)


@cache
def head() -> str:
    """The newest version that this program knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def metadata() -> sa.MetaData:
    """The tables of all models, which live beside their verbs."""
    tickets = importlib.import_module("tickets")
    for module in pkgutil.walk_packages(tickets.__path__, "tickets."):
        importlib.import_module(module.name)
    return Base.metadata


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, for a connection whose transaction the caller keeps."""
    made = Config(FOLDER / "alembic.ini")
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made
