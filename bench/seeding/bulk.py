"""Owns putting very many rows into a database: without the ORM, without indexes meanwhile, in the database's own way.

Values are what SQLite stores: numbers, texts (moments as text, UUIDs as 32 hexadecimal digits, JSON as text), bytes.
PostgreSQL reads the same from COPY.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, Protocol

import orjson
import psycopg
import sqlalchemy as sa
from psycopg import sql

import migrations
from tickets.search.document import INDEX

FAST = {"journal_mode": "OFF", "synchronous": "OFF", "foreign_keys": "OFF", "cache_size": "-400000", "temp_store": "2"}
MOST_BEHIND = 20
Value = int | float | str | bytes | None
Row = tuple[Value, ...]


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def json(value: Any) -> str:
    return orjson.dumps(value).decode()


class Bulk(Protocol):
    """Takes rows; `table` says how a table's rows come."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None: ...

    def index(self, rows: Iterable[tuple[int, list[str]]]) -> None:
        """Adds documents, by ticket, to the database's own index of words."""


class Table:
    """A table and the columns that rows give, in order; the others get the model's default, the same in every row."""

    def __init__(self, name: str, given: Sequence[str]) -> None:
        self.name, table = name, migrations.metadata().tables[name]
        rest = [column for column in table.columns if column.name not in given and not column.nullable]
        rest = [column for column in rest if column.server_default is None]
        self.columns = (*given, *(column.name for column in rest))
        self.rest: Row = tuple(_default(column) for column in rest)

    def whole(self, rows: Iterable[Row]) -> Iterator[Row]:
        return (row + self.rest for row in rows) if self.rest else iter(rows)


def _default(column: sa.Column[Any]) -> Value:
    default: Any = column.default
    if default is None:
        raise ValueError(f"{column} needs a value")
    value = default.arg({}) if default.is_callable else default.arg
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, dict | list):
        return json(value)
    return int(value) if isinstance(value, bool) else value


@contextmanager
def filling(url: sa.URL) -> Iterator[Bulk]:
    """Rows may be put in while the block lasts; its end makes the indexes again and gathers statistics."""
    made = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    with made as bulk, ThreadPoolExecutor(1) as thread:
        behind = Behind(bulk, thread)
        yield behind
        behind.wait()


class Behind:
    """Puts rows in in a thread of its own, while the next ones are made; never more than a few batches behind."""

    def __init__(self, bulk: Bulk, thread: ThreadPoolExecutor) -> None:
        self.bulk, self.thread = bulk, thread
        self.under_way: list[Future[None]] = []

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        self._later(lambda: self.bulk.insert(table, rows))

    def index(self, rows: Iterable[tuple[int, list[str]]]) -> None:
        self._later(lambda: self.bulk.index(rows))

    def wait(self, most: int = 0) -> None:
        while len(self.under_way) > most:
            self.under_way.pop(0).result()

    def _later(self, work: Callable[[], None]) -> None:
        self.wait(MOST_BEHIND)
        self.under_way.append(self.thread.submit(work))


class Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        places = ", ".join("?" * len(table.columns))
        names = ", ".join(f'"{name}"' for name in table.columns)
        self.connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", table.whole(rows))

    def index(self, rows: Iterable[tuple[int, list[str]]]) -> None:
        texts = ((row_id, " ".join(tokens)) for row_id, tokens in rows)
        self.connection.executemany(f"INSERT INTO {INDEX} (rowid, tokens) VALUES (?, ?)", texts)


@contextmanager
def _sqlite(url: sa.URL) -> Iterator[Bulk]:
    with closing(sqlite3.connect(url.database or "", isolation_level=None, check_same_thread=False)) as connection:
        for name, value in FAST.items():
            connection.execute(f"PRAGMA {name} = {value}")
        wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        indexes = connection.execute(wanted).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('automerge', 0)")
        connection.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('hashsize', 134217728)")
        connection.execute("BEGIN")
        yield Sqlite(connection)
        connection.execute("COMMIT")
        for _, statement in indexes:
            connection.execute(statement)
        connection.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('automerge', 4)")
        connection.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('optimize')")
        connection.execute("PRAGMA analysis_limit = 0")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")


class Postgresql:
    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
        with self.connection.cursor() as cursor, cursor.copy(copy) as target:
            target.write("".join(_line(row) for row in table.whole(rows)))

    def index(self, rows: Iterable[tuple[int, list[str]]]) -> None:
        lines = (f"{row_id}\t{' '.join(map(_lexeme, tokens))}\n" for row_id, tokens in rows)
        copy = sql.SQL("COPY {} (ticket_id, tokens) FROM STDIN").format(sql.Identifier(INDEX))
        with self.connection.cursor() as cursor, cursor.copy(copy) as target:
            target.write("".join(lines))


@contextmanager
def _postgresql(url: sa.URL) -> Iterator[Bulk]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(plain, autocommit=True)) as connection:
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "maintenance_work_mem = '1GB'",
            "timezone = 'UTC'",
        ):
            connection.execute(f"SET {setting}".encode())
        found = connection.execute(_INDEXES).fetchall()
        for name, _ in found:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield Postgresql(connection)
        for _, statement in found:
            connection.execute(statement.encode())
        for (name,) in connection.execute(_SEQUENCES).fetchall():
            last = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) + 1 FROM {}))")
            connection.execute(last.format(sql.Literal(name), sql.Identifier(name)))
        connection.execute("VACUUM ANALYZE")


_INDEXES = """SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema()
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)"""
_SEQUENCES = """WITH numbered AS MATERIALIZED (SELECT table_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name = 'id')
    SELECT table_name FROM numbered WHERE pg_get_serial_sequence(quote_ident(table_name), 'id') IS NOT NULL"""


def _lexeme(token: str) -> str:
    return f"'{token}'"


def _line(row: Row) -> str:
    return "\t".join([_field(value) for value in row]) + "\n"


def _field(value: Value) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    text = str(value)
    if "\\" in text or "\n" in text or "\t" in text:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return text
