"""Owns making a backup: the database at one moment, then every file that it can name; others go on working."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from engine.database import create_engine
from tickets.file_store import FileStore
from tickets.operating.pulse import release
from web.backup import archive, sqlite
from web.backup.archive import FORMAT, About, Writer


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds."""

    rows: Mapping[str, int]
    files: int
    bytes: int


def save(database_url: str, files_folder: Path, to: Path, *, now: datetime) -> Saved:
    """Write an archive of the database and the files. Raises FileExistsError, OSError, and what databases raise.

    The files come after the moment at which the database is read: a file lies in the store before a row names it, and
    is swept long after the last row that does.
    """
    url = sa.make_url(database_url)
    kept = _sqlite if url.get_backend_name() == "sqlite" else _postgresql
    with kept(database_url, to, now) as (writer, rows):
        _files(writer, FileStore(files_folder))
    return Saved(rows, writer.files, to.stat().st_size)


@contextmanager
def _sqlite(database_url: str, to: Path, now: datetime) -> Iterator[tuple[Writer, Mapping[str, int]]]:
    database = Path(sa.make_url(database_url).database or "")
    if not database.exists():
        raise FileNotFoundError(database)
    with sqlite.copied(database, to.parent) as copy:
        about = About(FORMAT, release(), sqlite.revision(copy), "sqlite", now.isoformat())
        with archive.writing(to, about) as writer:
            sqlite.write(writer, copy)
            yield writer, sqlite.counts(copy)


@contextmanager
def _postgresql(database_url: str, to: Path, now: datetime) -> Iterator[tuple[Writer, Mapping[str, int]]]:
    from web.backup import postgres  # an installation on SQLite has no psycopg

    engine = create_engine(database_url)
    try:
        with postgres.snapshot(engine) as snapshot:
            facts = {"columns": snapshot.columns()}
            about = About(FORMAT, release(), snapshot.revision(), "postgresql", now.isoformat(), facts)
            with archive.writing(to, about) as writer:
                yield writer, snapshot.write(writer)
    finally:
        engine.dispose()


def _files(writer: Writer, store: FileStore) -> None:
    for digest, size in store.contents():
        try:
            stream = store.open(digest)
        except FileNotFoundError:  # swept this very moment, so no row names it
            continue
        with stream:
            writer.add_file(digest, stream, size)
