"""Owns the connection to SQLite or PostgreSQL: how transactions begin, types both share, and the models' base."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
import uuid_utils
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, aliased, registry

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The due time of what has none: it sorts last in every index."""

WRITE = {"gongdan_write": True}
_DEADLOCK = "40P01"  # PostgreSQL's SQLSTATE
_AWAY = ("08", "57P", "53300", "25006")
"""How the SQLSTATEs begin of a connection that fails, a server that stops or starts, is full, or only reads."""
_POSTGRESQL: Mapping[str, Any] = {
    "pool_pre_ping": True,
    "pool_timeout": 10,
    "connect_args": {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
}
"""A server that was restarted, or is cut off, is noticed before a request waits for it."""
_SHORT = "-c jit=off -c max_parallel_workers_per_gather=0"
"""Every statement is short: compiling it or starting processes for it takes longer than it does."""


class Stale(Exception):
    """Somebody else was faster, so nothing of this transaction is kept: look again, then try once more."""


class Away(sa.exc.SQLAlchemyError):
    """The database cannot be reached, or not in time; what was not committed is gone. It is nobody's fault here."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, stored in UTC on both databases; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_TYPES: dict[Any, Any] = {
    datetime: UtcDateTime(),
    uuid.UUID: sa.Uuid(),
    dict[str, Any]: Json,
    list[Any]: Json,
    list[str]: Json,
    dict[str, str]: Json,
    bytes: sa.LargeBinary(),
}


class Base(DeclarativeBase):
    """The base of every model, engine's and tickets' alike; constraint names are given, so migrations can name them."""

    registry = registry(metadata=sa.MetaData(naming_convention=_NAMES), type_annotation_map=_TYPES)


def new_public_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): unguessable, yet growing with time, so its index stays compact."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def create_engine(url: str, **options: Any) -> sa.Engine:
    """An engine for an SQLite or PostgreSQL URL with our JSON codec and, on SQLite, our own transactions.

    SQLite's driver would begin a transaction late and as a reader; a reader that writes later fails at once when
    somebody else wrote meanwhile. So the driver's transactions are off and `begin` reads the `WRITE` execution option.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        parsed = parsed.update_query_dict({"options": " ".join((_SHORT, *parsed.normalized_query.get("options", ())))})
        options = {**_POSTGRESQL, **options}
    options = {"json_serializer": dumps, "json_deserializer": orjson.loads, "hide_parameters": True} | options
    engine = sa.create_engine(parsed, **options)  # what people typed is kept out of the log
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _give_way)
    return engine


def writing(engine: sa.Engine) -> Session:
    """A session whose transaction takes SQLite's write lock when it begins."""
    return Session(engine.execution_options(**WRITE), expire_on_commit=False)


def reading(engine: sa.Engine) -> Session:
    """A session for reading; it holds no lock."""
    return Session(engine, expire_on_commit=False, autoflush=False)


def looking(engine: sa.Engine) -> Session:
    """A session for reading that needs no transaction: on PostgreSQL each of its statements stands for itself.

    There a transaction for reading shows each statement what was committed just before, too; without one it is two
    round trips less. SQLite's transaction costs nothing and shows one moment.
    """
    session = reading(engine)
    if engine.dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    return session


def insert(connection: sa.Connection, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows whose ids nobody asks for."""
    if rows:
        connection.execute(sa.insert(model).inline(), several(rows))


def update_each(connection: sa.Connection, statement: sa.Update, rows: Sequence[dict[str, Any]]) -> None:
    """Runs an update that changes one row once for each of these; raises `Stale` unless each finds its row.

    Those that set the same columns go to the database together.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for same in alike.values():
        if connection.execute(statement, several(same)).rowcount != len(same):
            raise Stale


def several(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]] | dict[str, Any]:
    """What a statement is executed with; one row alone, as mostly, goes without the driver's many-row mode."""
    return rows if len(rows) > 1 else rows[0]


def dumps(value: Any) -> str:
    """JSON as both databases keep it."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for name, value in SQLITE_PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


SQLITE_PRAGMAS: Mapping[str, str] = {
    "journal_mode": "WAL",
    "synchronous": "NORMAL",
    "foreign_keys": "ON",
    "busy_timeout": "10000",
    "cache_size": "-32000",
    "temp_store": "MEMORY",
}


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("gongdan_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _give_way(context: sa.ExceptionContext) -> None:
    """Of two who wait for each other's rows the database sends one away; and it may not be there at all."""
    error = context.original_exception
    if getattr(error, "sqlstate", None) == _DEADLOCK:
        raise Stale from error
    if not context.is_pre_ping and _is_away(context, error):
        raise Away(str(error)) from error


def _is_away(context: sa.ExceptionContext, error: BaseException) -> bool:
    if context.engine is not None and context.engine.dialect.name == "sqlite":
        return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY")
    state = getattr(error, "sqlstate", None)
    unreached = context.connection is None and type(error).__name__ == "OperationalError"
    return context.is_disconnect or unreached or (state or "").startswith(_AWAY)


Model = TypeVar("Model", bound=Base)


def shared_alias(model: type[Model], name: str | None = None) -> type[Model]:
    """An alias that lives as long as its module and is used by every thread.

    SQLAlchemy 2.1 makes the index by which it finds an alias's columns at the first use, without a lock: a second
    thread meanwhile sees half of it, and writes (and keeps) a query on the table itself beside the alias. So it is
    made here, when the module is loaded.
    """
    alias = aliased(model, name=name)
    sa.inspect(alias).selectable.corresponding_column(next(iter(model.__table__.c)))
    return alias
