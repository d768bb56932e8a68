"""Gives tests databases of their own, migrated once per run and copied per test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import IO, LiteralString

import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from tests import postgres

PREFIX = "gongdan-tests-"
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free where files live in memory: hundreds of databases come and go there in half the time."""


class Kind(StrEnum):
    """The databases Gongdan runs on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def migrate(url: str) -> None:
    """Bring an empty database to the newest version, as `gongdan db upgrade` does."""
    import migrations  # late: it loads every model, and most tests need none

    migrations.upgrade(url)


class Run:
    """The folder of one test run, shared by its workers; whoever opened it first clears it away in the end."""

    def __init__(self) -> None:
        clear_abandoned()
        made = Path(tempfile.mkdtemp(prefix="new-", dir=_places()[0]))
        made.chmod(0o711)  # PostgreSQL's account has to pass through
        (made / "run.lock").touch()
        self._held = _hold(made)
        # It gets its name when it is held, or a run that starts now would take it for abandoned.
        self.folder = made.rename(made.with_name(PREFIX + made.name.removeprefix("new-")))

    def close(self) -> None:
        _clear(self.folder)
        self._held.close()


class Databases:
    """Makes and drops databases in a run's folder. One per worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._admin: psycopg.Connection | None = None

    def create(self, kind: Kind) -> str:
        """The URL of a fresh migrated database that nobody else uses."""
        name = f"gongdan_{self.folder.name.removeprefix(PREFIX)}_{uuid.uuid4().hex[:12]}"
        if kind is Kind.SQLITE:
            template = self._once("template.db", self._migrated_sqlite)
            path = self.folder / f"{name}.db"
            shutil.copyfile(template, path)
            return f"sqlite:///{path}"
        template = self._once("template.postgresql", self._migrated_postgresql)
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)  # twice as quick, 15 and up
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove it, even while somebody is still connected."""
        parsed = sa.make_url(url)
        assert parsed.database
        if parsed.get_backend_name() == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(parsed.database + suffix).unlink(missing_ok=True)
        else:
            self._execute("DROP DATABASE {} WITH (FORCE)", parsed.database)

    def close(self) -> None:
        if self._admin:
            self._admin.close()

    def _migrated_sqlite(self) -> str:
        path = self.folder / "migrated.db"
        path.unlink(missing_ok=True)  # of a try that failed
        migrate(f"sqlite:///{path}")
        return str(path)

    def _migrated_postgresql(self) -> str:
        name = f"gongdan_{self.folder.name.removeprefix(PREFIX)}_template"
        self._execute("DROP DATABASE IF EXISTS {}", name)  # of a try that failed
        self._execute("CREATE DATABASE {}", name)
        migrate(self._url(name))
        return name

    def _url(self, database: str) -> str:
        url = sa.make_url(self._server()).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    def _server(self) -> str:
        given = os.environ.get("TEST_DATABASE_URL")
        return given or self._once("server", lambda: postgres.start(self.folder))

    def _execute(self, statement: LiteralString, *names: str) -> None:
        if self._admin is None:
            url = sa.make_url(self._server()).set(drivername="postgresql").render_as_string(hide_password=False)
            self._admin = psycopg.connect(url, autocommit=True)
        self._admin.execute(SQL(statement).format(*map(Identifier, names)))

    def _once(self, name: str, make: Callable[[], str]) -> str:
        """What `make` gave to the first worker that asked; the others wait for it."""
        made = self.folder / f"{name}.made"
        with _locked(self.folder / f"{name}.lock"):
            if not made.exists():
                made.write_text(make())
            return made.read_text()


def clear_abandoned() -> None:
    """Clear the folders and servers of runs that were killed: nobody holds them any more."""
    for folder in chain.from_iterable(place.glob(f"{PREFIX}*") for place in _places()):
        try:
            held = _hold(folder)
        except (BlockingIOError, FileNotFoundError, PermissionError):
            continue  # it is in use, just went, or is somebody else's
        if folder.exists():
            _clear(folder)
        held.close()


def _places() -> list[Path]:
    """Where runs have their folders, the best first."""
    usual = Path(tempfile.gettempdir())
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return [MEMORY, usual] if roomy else [usual]


def _clear(folder: Path) -> None:
    if given := os.environ.get("TEST_DATABASE_URL"):
        _drop_all(given, f"gongdan_{folder.name.removeprefix(PREFIX)}_")
    postgres.stop(folder)
    shutil.rmtree(folder)


def _drop_all(server: str, prefix: str) -> None:
    url = sa.make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]).fetchall()
        for (name,) in rows:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _hold(folder: Path) -> IO[str]:
    lock = (folder / "run.lock").open("r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise
    return lock


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
