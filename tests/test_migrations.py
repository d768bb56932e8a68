"""The revisions make the tables that the models expect, on both databases."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

import migrations
from engine.database import create_engine
from migrations import procrastinate


def test_the_tables_are_those_of_the_models(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_modelled})
        assert compare_metadata(context, migrations.metadata()) == []


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """No model describes a database's own index of words, nor Procrastinate's tables."""
    return not (kind == "table" and (name or "").startswith(("ticket_search", "procrastinate_")))


def test_procrastinate_s_tables_are_those_of_its_version(engine: sa.Engine) -> None:
    """When this fails, Procrastinate has come with new scripts: a new revision calls `procrastinate.bring_up`."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert not sa.inspect(connection).has_table(procrastinate.NOTED.name)
        else:
            noted = connection.scalars(sa.select(procrastinate.NOTED.c.name).order_by("name"))
            assert noted.all() == procrastinate.scripts()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_scripts_that_procrastinate_brings_anew_run_once(engine: sa.Engine) -> None:
    noted = sa.select(procrastinate.NOTED.c.name).order_by("name")
    last = procrastinate.scripts()[-1]
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(sa.delete(procrastinate.NOTED).where(procrastinate.NOTED.c.name == last))
        for _ in range(2):
            procrastinate.bring_up(connection)
        assert connection.scalars(noted).all() == procrastinate.scripts()


def test_the_constraints_are_those_of_the_models(engine: sa.Engine, make_database: Callable[[str], str]) -> None:
    """What Alembic does not compare: checks and the conditions of partial indexes."""
    found, wanted = sa.inspect(engine), create_engine(make_database(engine.dialect.name))
    with wanted.begin() as connection:
        migrations.metadata().drop_all(connection)
        migrations.metadata().create_all(connection)
    modelled = sa.inspect(wanted)
    for table in migrations.metadata().tables:
        assert found.get_check_constraints(table) == modelled.get_check_constraints(table)
        assert indexes(found, table) == indexes(modelled, table)
        assert references(found, table) == references(modelled, table)
        assert nullable(found, table) == nullable(modelled, table)
    wanted.dispose()


def nullable(found: sa.Inspector, table: str) -> dict[str, bool]:
    return {column["name"]: column["nullable"] for column in found.get_columns(table)}


def references(found: sa.Inspector, table: str) -> dict[Any, Any]:
    """By column. SQLAlchemy does not find the name of one that was added to a table of SQLite later."""
    unnamed = {"name": None} if found.engine.dialect.name == "sqlite" else {}
    return {tuple(key["constrained_columns"]): {**key, **unnamed} for key in found.get_foreign_keys(table)}


def indexes(found: sa.Inspector, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [dict(index) for index in found.get_indexes(table)]
    for row in rows:  # conditions are expressions, equal only as text
        row["dialect_options"] = {name: str(value) for name, value in row.get("dialect_options", {}).items()}
    return rows


def test_an_upgrade_of_a_current_database_changes_nothing(database_url: str, engine: sa.Engine) -> None:
    migrations.upgrade(database_url)
    with engine.connect() as connection:
        assert migrations.is_current(connection)


def test_an_empty_database_is_not_current_until_it_is_upgraded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a%20b.db'}"
    engine = create_engine(url)
    with engine.connect() as connection:
        assert not migrations.is_current(connection)
    migrations.upgrade(url)
    with engine.connect() as connection:
        assert migrations.is_current(connection)
    engine.dispose()


def test_processes_that_upgrade_at_once_all_succeed(database_url: str, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        migrations.metadata().drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.map(migrations.upgrade, [database_url] * 3)


def test_what_waited_for_a_message_before_signals_were_waits_for_it_still(
    make_database: Callable[[str], str], engine: sa.Engine
) -> None:
    with at_revision(make_database(engine.dialect.name), "0001") as connection:
        table = sa.table("message_subscription", *map(sa.column, ("brand_id", "name", "ref", "slot", "element")))
        connection.execute(sa.insert(table).values(brand_id=1, name="order", ref="1", slot=0, element="wait"))
        command.upgrade(migrations.config(connection), "head")
        assert connection.scalars(sa.text("SELECT kind FROM message_subscription")).all() == ["message"]


def test_notices_and_messages_of_before_there_were_news_stay_as_they_are(
    make_database: Callable[[str], str], engine: sa.Engine
) -> None:
    with at_revision(make_database(engine.dialect.name), "0024") as connection:
        before = {name: written(connection, name) for name in ("notice", "delivery")}
        command.upgrade(migrations.config(connection), "0025")
        tables = reflected(connection)
        for name, row in before.items():
            table = tables[name]
            assert [dict(each) for each in connection.execute(sa.select(table)).mappings()] == [row | {"news_id": None}]
            with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
                connection.execute(sa.update(table).values(event_id=None))


@contextmanager
def at_revision(url: str, revision: str) -> Iterator[sa.Connection]:
    """A database as it was at that revision, in one transaction."""
    older = create_engine(url)
    with older.begin() as connection:
        migrations.metadata().drop_all(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
        command.upgrade(migrations.config(connection), revision)
        yield connection
    older.dispose()


def reflected(connection: sa.Connection) -> dict[str, sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    return dict(found.tables)


def written(connection: sa.Connection, name: str) -> dict[str, Any]:
    """A row of a table as it is at this revision, with those of others that it needs; as it is read again."""
    tables = reflected(connection)
    table = tables[name]
    if (found := connection.execute(sa.select(table)).mappings().first()) is None:
        needed = [column for column in table.columns if not column.nullable]
        for key in (key for column in needed for key in column.foreign_keys if key.column.table is not table):
            written(connection, key.column.table.name)
        connection.execute(sa.insert(table).values({column.name: some(column) for column in needed}))
        found = connection.execute(sa.select(table)).mappings().one()
    return dict(found)


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def some(column: sa.Column[Any]) -> object:
    """A value of the column's type; every number is 1, which every row's id is, too."""
    kind = column.type
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.Uuid) or (isinstance(kind, sa.CHAR) and kind.length == 32):
        return uuid4() if isinstance(kind, sa.Uuid) else uuid4().hex
    values: dict[type, object] = {int: 1, str: "one", bool: True, bytes: b"", datetime: NOON}
    return values[kind.python_type]


def test_there_is_one_line_of_revisions_and_each_says_what_it_does() -> None:
    script = ScriptDirectory.from_config(migrations.config())
    assert len(script.get_heads()) == 1
    assert all(revision.doc for revision in script.walk_revisions())
