"""Owns SQLite's part of a backup: a copy by its online backup, and putting one in the database's place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from engine.database import create_engine
from web.backup.archive import CHUNK, Damaged, Member, Writer

DATABASE = "database.sqlite"


@contextmanager
def copied(database: Path, beside: Path) -> Iterator[Path]:
    """The database as it was at one moment, in a file of its own beside the archive.

    It is copied in one go: so nobody's writing makes it begin anew, and in WAL mode it keeps nobody from writing.
    """
    path = beside / f".{database.name}.{os.getpid()}.copy"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        reading = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)
        with closing(reading) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target, pages=-1)
            target.execute("PRAGMA journal_mode=DELETE")  # all of it is in this one file
        yield path
    finally:
        remove(path)


def revision(path: Path) -> str:
    """The revision that a database file is at."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def counts(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        virtual = sa.text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")  # an index of words
        names = set(sa.inspect(connection).get_table_names()) - set(connection.scalars(virtual))
        rows = {name: sa.select(sa.func.count()).select_from(sa.table(name)) for name in names}
        found = {name: connection.scalar(count) or 0 for name, count in rows.items()}
    engine.dispose()
    return found


def write(writer: Writer, path: Path) -> None:
    """Put the copy into the archive."""
    with path.open("rb") as stream:
        writer.add_stream(DATABASE, stream, path.stat().st_size)


def unpack(member: Member, path: Path) -> None:
    """The archive's database as a file that only its owner reads."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(member.stream, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())


def check(path: Path) -> None:
    """Raises Damaged if it is no database that SQLite finds whole."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Damaged(f"its database can't be read: {error}") from error
    if found != "ok" or broken is not None:
        raise Damaged("its database is not whole")


def replace(new: Path, database: Path) -> None:
    """Put it in the place of the database, in one step; what an earlier one left beside it goes."""
    with closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    if database.exists():
        _calm(database)
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    new.replace(database)


def _calm(database: Path) -> None:
    """All of it in its one file, so that it is whole until the other takes its place; a damaged one goes as it is."""
    try:
        with closing(sqlite3.connect(database, timeout=5)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:  # somebody is at it, or it can't be opened
        raise
    except sqlite3.DatabaseError:
        pass


def remove(path: Path) -> None:
    """A database file with what belongs to it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
