from collections.abc import Callable

import pytest
import sqlalchemy as sa

from engine.database import create_engine
from tests.databases import Kind


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_a_database_comes_migrated(database_url: str) -> None:
    assert "alembic_version" in tables(database_url)


@pytest.mark.parametrize("kind", list(Kind))
def test_two_databases_of_one_test_are_apart(make_database: Callable[[str], str], kind: Kind) -> None:
    mine, theirs = make_database(kind), make_database(kind)
    engine = create_engine(mine)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE only_mine (id integer)"))
    engine.dispose()
    assert "only_mine" in tables(mine)
    assert "only_mine" not in tables(theirs)


def test_the_engine_speaks_to_the_database_of_the_test(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
