"""Fills a database with a group of a size that nobody types in, always the same: `python -m bench.seed`.

A million tickets over 3 brands and 300 campuses, 100,000 open tasks, ten million rows of timeline, 5,000 people, and
every text in the search. Rows go in in bulk and without indexes; it takes minutes. Unless told a database it makes an
SQLite file in the folder that GONGDAN_BENCH names (`.bench`), which `bench.pages` finds again. Everybody signs in with
the demo's password, for example as `administrator1`, `support1` or `hq-operations1`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

import migrations
from bench.seeding.bulk import filling
from bench.seeding.kinds import deploy_kinds
from bench.seeding.tickets import Press
from bench.seeding.town import build
from engine.clock import ManualClock
from engine.database import create_engine
from tickets.runtime import Runtime
from tickets.ticket import Ticket

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
"""When it is, in the made-up group: `bench.pages` stops its clock there."""
TICKETS = 1_000_000
BYTES_A_TICKET = 9000
SEED = 20261120


def folder() -> Path:
    """Where the seeded files are kept."""
    found = Path(os.environ.get("GONGDAN_BENCH") or ".bench").absolute()
    found.mkdir(parents=True, exist_ok=True)
    return found


def seeded(count: int = TICKETS) -> str:
    """The URL of the SQLite file with so many tickets; it is made if it is not there."""
    path = folder() / f"tickets-{count}-{_shape()}.db"
    if not path.exists():
        for older in path.parent.glob(f"tickets-{count}-*"):
            older.unlink()
        free, needed = shutil.disk_usage(path.parent).free, 2 * count * BYTES_A_TICKET
        if free < needed:
            raise SystemExit(
                f"{path.parent} has {free >> 20} MB free and {needed >> 20} MB are needed; set GONGDAN_BENCH."
            )
        with tempfile.TemporaryDirectory(dir=path.parent) as part:
            made = Path(part) / path.name
            seed(f"sqlite:///{made}", count)
            made.rename(path)
    return f"sqlite:///{path}"


def _shape() -> str:
    """A few letters that change with the tables, so that a file of an older version is not taken for today's."""
    tables = migrations.metadata().sorted_tables
    told = "\n".join(f"{table.name} {sorted(table.columns.keys())}" for table in tables)
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def seed(url: str, count: int) -> None:
    """Fills an empty database."""
    began = time.monotonic()
    migrations.upgrade(url)
    database = create_engine(url)
    with tempfile.TemporaryDirectory() as files:
        runtime = Runtime(database, Path(files), ManualClock(NOW))
        chance = random.Random(SEED)
        large = count >= 100_000
        with runtime.writing() as session, session.begin():
            if session.scalar(sa.select(Ticket.id).limit(1)) is not None:
                raise SystemExit("This database has tickets already; name an empty one.")
            sizes = {"campuses": 300, "people": 5000} if large else {"campuses": 96, "people": 800}
            town = build(session, chance, NOW, **sizes)
        kinds = deploy_kinds(runtime, town.teachers[town.campuses[0]][0])
    database.dispose()
    with filling(sa.make_url(url)) as bulk:
        press = Press(bulk, chance, town, kinds, NOW, count - len(kinds))
        press.run(len(kinds) + 1, lambda done: _say(f"{done:,} tickets", began))
        _say("indexes and statistics", began)
    _say(f"{count:,} tickets, {press.open_tasks:,} open tasks, {press.events:,} rows of timeline", began)


def _say(text: str, began: float) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server that lives as long as the block."""
    from tests import postgres  # the tests know how to start one

    place = Path(tempfile.mkdtemp(prefix="gongdan-bench-", dir=folder()))
    place.chmod(0o711)
    try:
        yield postgres.start(place)
    finally:
        postgres.stop(place)
        shutil.rmtree(place)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--tickets", type=int, default=TICKETS)
    arguments.add_argument("--database", help="the URL of an empty database (default: an SQLite file, kept)")
    given = arguments.parse_args()
    if given.database:
        seed(given.database, given.tickets)
    else:
        print(seeded(given.tickets))


if __name__ == "__main__":
    main()
