"""Fills a database with a group of a size that nobody types in, always the same: `python -m bench.seed`.

A million tickets over 3 brands and 300 campuses, 100,000 open tasks, ten million rows of timeline, 5,000 people, and
every text in the search. Rows go in in bulk and without indexes; it takes minutes. Unless told a database it makes an
SQLite file, or with `--postgresql` a PostgreSQL server's data, in the folder that GONGDAN_BENCH names (`.bench`), which
`bench.pages` finds again. Everybody signs in with the demo's password, for example as `administrator1`, `support1` or
`hq-operations1`. With `--standards` it is another group, in a database of its own: 5,000 classes with three standards
over twelve months, for `bench.matrix`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

import migrations
from bench import server
from bench.seeding import standards
from bench.seeding.group import seed
from engine.database import create_engine

TICKETS = 1_000_000
BYTES_A_TICKET = 9000
BYTES_A_CLASS = 60_000
MADE = 1
"""Raised when other rows are made, so that what is kept from before is not taken for today's."""
STANDARDS_MADE = 1
"""The same of standards."""


@dataclass(frozen=True)
class Stock:
    """What a database is filled with: how its files are called, what fills an empty one, the bytes it takes."""

    file: str
    server: str
    fill: Callable[[str], None]
    size: int
    made: int


def tickets(count: int) -> Stock:
    """So many tickets."""
    names = (f"tickets-{count}", f"postgresql-{count}")
    return Stock(*names, lambda url: seed(url, count), count * BYTES_A_TICKET, MADE)


def classes(count: int) -> Stock:
    """So many classes with their standards."""
    names = (f"standards-{count}", f"postgresql-standards-{count}")
    return Stock(*names, lambda url: standards.seed(url, count), count * BYTES_A_CLASS, STANDARDS_MADE)


@contextmanager
def there(count: int, *, postgresql: bool = False, url: str | None = None) -> Iterator[str]:
    """The URL of a database seeded with tickets: of this one, or of the one that is kept, made if it is not there."""
    with stocked(tickets(count), postgresql=postgresql, url=url) as kept:
        yield kept


@contextmanager
def stocked(stock: Stock, *, postgresql: bool = False, url: str | None = None) -> Iterator[str]:
    """The same of any stock."""
    if url is not None:
        yield url
    elif postgresql:
        with _server(stock) as kept:
            yield kept
    else:
        yield _file(stock)


def _file(stock: Stock) -> str:
    """The URL of the SQLite file that is kept."""
    path = _kept(stock.file, stock)
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=path.parent) as part:
            made = Path(part) / path.name
            stock.fill(f"sqlite:///{made}")
            made.rename(path)
    _bring_up_to_date(f"sqlite:///{path}")
    return f"sqlite:///{path}"


@contextmanager
def _server(stock: Stock) -> Iterator[str]:
    """The URL of a PostgreSQL server's database that is kept; the server runs as long as the block."""
    path = _kept(stock.server, stock)
    done = path / "seeded"
    if path.exists() and not done.exists():
        shutil.rmtree(path)  # of a try that failed
    with server.running(path) as url:
        if not done.exists():
            stock.fill(url)
            done.touch()
        _bring_up_to_date(url)
        yield url


def _kept(name: str, stock: Stock) -> Path:
    """Where it is kept; older ones go, and there is room for a new one."""
    folder = Path(os.environ.get("GONGDAN_BENCH") or ".bench").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{stock.made}"
    for older in folder.glob(f"{name}-*"):
        if older != path:
            shutil.rmtree(older) if older.is_dir() else older.unlink()
    free, needed = shutil.disk_usage(folder).free, 2 * stock.size
    if not path.exists() and free < needed:
        raise SystemExit(f"{folder} has {free >> 20} MB free and {needed >> 20} MB are needed; set GONGDAN_BENCH.")
    return path


def _bring_up_to_date(url: str) -> None:
    """What was seeded by an older program gets today's tables and indexes, as an installation does."""
    engine = create_engine(url)
    with engine.connect() as connection:
        current = migrations.is_current(connection)
    if not current:
        migrations.upgrade(url)
        with engine.begin() as connection:
            connection.execute(sa.text("ANALYZE"))
    engine.dispose()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--tickets", type=int, default=TICKETS)
    arguments.add_argument("--standards", action="store_true", help="classes with their standards, and few tickets")
    arguments.add_argument("--classes", type=int, default=standards.CLASSES, help="with --standards: how many")
    where = arguments.add_mutually_exclusive_group()
    where.add_argument("--database", help="the URL of an empty database (default: an SQLite file, kept)")
    where.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server that is started for it, kept")
    given = arguments.parse_args()
    stock = classes(given.classes) if given.standards else tickets(given.tickets)
    if given.database:
        stock.fill(given.database)
        return
    with stocked(stock, postgresql=given.postgresql) as url:
        print(url)


if __name__ == "__main__":
    main()
