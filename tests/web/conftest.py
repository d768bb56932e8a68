"""What the tests of pages can ask for: the site with the named cast, their browsers, and the world outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cast import Cast, cast
from tests.tickets.desk import desk
from tests.web.outside import config, hook, mailbox
from tests.web.site import Site
from tests.web.words import compile_words

__all__ = ["cast", "config", "desk", "hook", "mailbox"]


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    compile_words()


@pytest.fixture
def engine(make_database: Callable[[str], str]) -> Iterator[sa.Engine]:
    """Pages are tested on SQLite; what differs between databases is tested below them."""
    from engine.database import create_engine

    made = create_engine(make_database("sqlite"))
    yield made
    made.dispose()


@pytest.fixture
def site(cast: Cast, tmp_path: Path) -> Site:
    """The whole application on the cast's database, with the shipped crash report to file."""
    return Site(cast, tmp_path)
