"""What every test can ask for: a database of its own on SQLite and on PostgreSQL."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from tests.databases import Databases, Kind, Run

settings.register_profile(
    "gongdan",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,  # elsewhere every run looks at other examples
    suppress_health_check=[HealthCheck.too_slow],  # the machine is slow, not the test
)
settings.load_profile("gongdan")

RUN = pytest.StashKey[Run]()
SELDOM = 5_000
"""Objects made, not yet freed, between two looks for garbage: pages and processes make many at a time."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = Run()


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the garbage collector need not walk through thousands of tests again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, 10, 10)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[RUN].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(RUN, None):
        run.close()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    worker = getattr(request.config, "workerinput", None)
    found = Databases(Path(worker["run_folder"]) if worker else request.config.stash[RUN].folder)
    yield found
    found.close()


@pytest.fixture
def make_database(databases: Databases) -> Iterator[Callable[[str], str]]:
    """Give it "sqlite" or "postgresql" for the URL of a fresh migrated database, dropped when the test ends."""
    made: list[str] = []

    def make(kind: str) -> str:
        made.append(databases.create(Kind(kind)))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture(params=[kind.value for kind in Kind])
def database_url(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> str:
    """A fresh migrated database on each kind; `parametrize("database_url", ["sqlite"], indirect=True)` for one kind."""
    return make_database(request.param)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """The product's engine on a fresh database, once on each kind."""
    from engine.database import create_engine

    made = create_engine(database_url)
    yield made
    made.dispose()
