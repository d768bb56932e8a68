"""Owns restoring a backup: all of it is checked first, then all of it is put back, or nothing changes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import migrations
from engine.database import create_engine
from tickets.file_store import FileStore
from tickets.operating.pulse import ALIVE, Pulse, release
from web.backup import archive, sqlite
from web.backup.archive import ABOUT, FILES, SEALS, About, Damaged, Member


class Refused(Exception):
    """It is not restored here; the text says why, and what to do."""


def restore(path: Path, database_url: str, files_folder: Path, *, replace: bool = False) -> About:
    """Put an archive's database and files in place of an empty installation's, or with `replace` of any.

    Files come first: should the database not be put back, then nothing names them, and a nightly sweep takes them away.
    Raises Damaged, Refused, OSError, and what databases raise; then the database is as it was.
    """
    about = archive.check(path)
    kind = sa.make_url(database_url).get_backend_name()
    _fits(about, kind)
    _may_go(database_url, kind, replace=replace)
    put_back = _into_sqlite if kind == "sqlite" else _into_postgresql
    put_back(path, about, database_url, FileStore(files_folder))
    return about


def _fits(about: About, kind: str) -> None:
    if about.kind != kind:
        raise Refused(f"it is a backup of {about.kind}, and GONGDAN_DATABASE_URL names a {kind} database.")
    if _number(about.release) > _number(release()) or not migrations.knows(about.revision):
        raise Refused(
            f"it was made by Gongdan {about.release} (database {about.revision}), and this is {release()}"
            f" (database {migrations.head()}); install that release, or a newer one, and restore with it."
        )


def _number(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)[:3]]


def _may_go(database_url: str, kind: str, *, replace: bool) -> None:
    """Raises Refused while Gongdan runs on the database, or if there is anything in it and it is not to be replaced."""
    if kind == "sqlite" and not Path(sa.make_url(database_url).database or "").exists():
        return
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            known = set(sa.inspect(connection).get_table_names())
            running = _running(connection) if Pulse.__tablename__ in known else ""
            if running:
                raise Refused(f"Gongdan is running on this database ({running}); stop it first.")
            if not replace and "place" in known and connection.execute(sa.text("SELECT 1 FROM place LIMIT 1")).first():
                raise Refused("there is an organisation in this database; --replace gives it up for the backup's.")
    except sa.exc.DatabaseError as error:
        if not replace or kind != "sqlite":
            raise Refused(f"the database here can't be read ({error.orig}); --replace puts the backup's.") from error
    finally:
        engine.dispose()


def _running(connection: sa.Connection) -> str:
    lately = datetime.now(UTC) - ALIVE
    found = connection.execute(sa.select(Pulse.kind, Pulse.host, Pulse.pid).where(Pulse.beat_at > lately)).all()
    return ", ".join(f"{kind} on {host}, process {pid}" for kind, host, pid in found[:5])


def _into_sqlite(path: Path, about: About, database_url: str, store: FileStore) -> None:
    database = Path(sa.make_url(database_url).database or "")
    database.parent.mkdir(parents=True, exist_ok=True)
    new = database.with_name(f".{database.name}.{os.getpid()}.restored")
    try:
        for member in _rest(path, store):
            sqlite.unpack(member, new)
        sqlite.check(new)
        if sqlite.revision(new) != about.revision:
            raise Damaged("its database is not of the revision that it says")
        url = f"sqlite:///{new}"
        migrations.upgrade(url)
        _forget_processes(url)
        sqlite.replace(new, database)
    finally:
        sqlite.remove(new)


def _forget_processes(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.delete(Pulse))
    engine.dispose()


def _into_postgresql(path: Path, about: About, database_url: str, store: FileStore) -> None:
    import psycopg

    from web.backup import postgres

    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            raw: Any = connection.connection.driver_connection
            connection.execute(sa.select(1))
            postgres.clear(raw)
            migrations.upgrade_to(connection, about.revision)
            loading = postgres.Loading(raw, about.facts.get("columns", {}))
            loading.begin()
            for member in _rest(path, store):
                if member.name == postgres.SEQUENCES:
                    loading.sequences(member)
                else:
                    loading.load(member)
            loading.end()
            migrations.upgrade_to(connection, "head")
            connection.execute(sa.delete(Pulse))
    except psycopg.Error as error:
        raise Damaged(f"PostgreSQL does not take its rows: {error.diag.message_primary}") from error
    finally:
        engine.dispose()


def _rest(path: Path, store: FileStore) -> Iterator[Member]:
    """The members that are the database's; the files are put into the store on the way."""
    for member in archive.members(path):
        if member.name.startswith(FILES):
            put = store.put(member.stream, limit=member.size)
            if put.digest != member.name.removeprefix(FILES):
                raise Damaged(f"the file {member.name} has changed since it was checked")
        elif member.name not in (ABOUT, SEALS):
            yield member
