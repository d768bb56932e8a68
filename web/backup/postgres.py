"""Owns PostgreSQL's part of a backup: every table by COPY in one snapshot, and putting them back in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Composable, Identifier

from web.backup.archive import CHUNK, Damaged, Member, Writer, small

PART = 8 * 1024 * 1024
"""Bytes of a table that are kept in memory at once: a member's size is written before it."""
SEQUENCES = "sequences.json"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database as it was at one moment, whatever is written meanwhile."""

    connection: Connection

    def revision(self) -> str:
        row = self.connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""

    def columns(self) -> dict[str, list[str]]:
        return {table: columns(self.connection, table) for table in tables(self.connection)}

    def write(self, writer: Writer) -> dict[str, int]:
        """Every table and sequence into the archive; how many rows each table has."""
        counts = {table: self._table(writer, table) for table in tables(self.connection)}
        values = {name: _value(self.connection, name) for name in sequences(self.connection)}
        writer.add(SEQUENCES, orjson.dumps(values))
        return counts

    def _table(self, writer: Writer, table: str) -> int:
        number, part = 0, bytearray()
        names = columns(self.connection, table)
        statement = SQL("COPY {} ({}) TO STDOUT").format(Identifier(table), _list(names))
        with self.connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for block in copy:
                    part += block
                    if len(part) >= PART:
                        writer.add(f"tables/{table}/{number:06}", bytes(part))
                        number, part = number + 1, bytearray()
            writer.add(f"tables/{table}/{number:06}", bytes(part))
            return cursor.rowcount


@contextmanager
def snapshot(database: sa.Engine) -> Iterator[Snapshot]:
    """One REPEATABLE READ transaction that reads. A sequence is read after the rows, so it is never behind them."""
    with database.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        raw.execute("SELECT 1")
        yield Snapshot(raw)


class Loading:
    """Puts tables back within the caller's transaction: foreign keys and triggers rest meanwhile, then all is checked.

    Rows are put into tables that the archive's own revision has made.
    """

    def __init__(self, connection: Connection, columns_of: dict[str, Sequence[str]]) -> None:
        self.connection, self.columns_of = connection, columns_of
        self.here = set(tables(connection))
        self.keys = _foreign_keys(connection)

    def begin(self) -> None:
        for table, name, _ in self.keys:
            self._run("ALTER TABLE {} DROP CONSTRAINT {}", table, name)
        for table in self.here:
            self._run("ALTER TABLE {} DISABLE TRIGGER USER", table)
            self._run("DELETE FROM {}", table)

    def load(self, member: Member) -> None:
        """One part of a table. Raises Damaged."""
        table = member.name.split("/")[1]
        if table not in self.here or table not in self.columns_of:
            raise Damaged(f"the table {table} is not one of its revision")
        names = self.columns_of[table]
        statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), _list(names))
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            while block := member.stream.read(CHUNK):
                copy.write(block)

    def sequences(self, member: Member) -> None:
        for name, (value, called) in orjson.loads(small(member)).items():
            self.connection.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", [name, value, called])

    def end(self) -> None:
        for table in self.here:
            self._run("ALTER TABLE {} ENABLE TRIGGER USER", table)
        for table, name, definition in self.keys:
            head = SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(Identifier(table), Identifier(name))
            self.connection.execute(head + SQL(definition))  # as PostgreSQL itself words it

    def _run(self, statement: Any, *names: str) -> None:
        self.connection.execute(SQL(statement).format(*map(Identifier, names)))


def clear(connection: Connection) -> None:
    """Drop everything of ours in the schema: what extensions brought stays."""
    for (statement,) in connection.execute(_DROPS).fetchall():
        connection.execute(statement)


def tables(connection: Connection) -> list[str]:
    """The tables of the schema, ours and Procrastinate's."""
    return [name for (name,) in connection.execute(_TABLES).fetchall()]


def columns(connection: Connection, table: str) -> list[str]:
    """The columns that hold values of their own, not computed ones."""
    return [name for (name,) in connection.execute(_COLUMNS, [table]).fetchall()]


def sequences(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(_SEQUENCES).fetchall()]


def _value(connection: Connection, name: str) -> Any:
    return connection.execute(SQL("SELECT last_value, is_called FROM {}").format(Identifier(name))).fetchone()


def _foreign_keys(connection: Connection) -> list[tuple[str, str, Any]]:
    return connection.execute(_KEYS).fetchall()


def _list(names: Sequence[str]) -> Composable:
    return SQL(", ").join(map(Identifier, names))


_OURS = SQL("""n.nspname = current_schema()
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')""")
_TABLES = SQL("""SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND {ours} ORDER BY c.relname""").format(ours=_OURS)
_SEQUENCES = SQL("""SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND {ours} ORDER BY c.relname""").format(ours=_OURS)
_COLUMNS = SQL("""SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = '' ORDER BY a.attnum""")
_KEYS = SQL("""SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND {ours} ORDER BY 1, 2""").format(ours=_OURS)
_DROPS = SQL("""SELECT format('DROP TABLE %I CASCADE', c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {ours}
    UNION ALL SELECT format('DROP SEQUENCE IF EXISTS %I CASCADE', c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND {ours}
    UNION ALL SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', c.oid::regprocedure) FROM pg_proc c
    JOIN pg_namespace n ON n.oid = c.pronamespace WHERE {ours}
    UNION ALL SELECT format('DROP TYPE IF EXISTS %I CASCADE', c.typname) FROM pg_type c
    JOIN pg_namespace n ON n.oid = c.typnamespace LEFT JOIN pg_class r ON r.oid = c.typrelid
    WHERE (c.typtype = 'e' OR (c.typtype = 'c' AND r.relkind = 'c')) AND {ours}""").format(ours=_OURS)
