"""Owns filling an empty database with the whole made-up group."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

import migrations
from bench.seeding.bulk import filling
from bench.seeding.facts import Lot
from bench.seeding.kinds import Kind, deploy_kinds
from bench.seeding.tickets import Press
from bench.seeding.town import Town, build
from engine.clock import ManualClock
from engine.database import create_engine
from tickets.runtime import Runtime
from tickets.ticket import Ticket

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
"""When it is, in the made-up group: `bench.pages` stops its clock there."""
SEED = 20261120
LARGE = {"campuses": 300, "people": 5000}
SMALL = {"campuses": 96, "people": 800}
"""For fewer than 100,000 tickets."""


def seed(url: str, count: int) -> None:
    """Fills an empty database."""
    began = time.monotonic()
    migrations.upgrade(url)
    chance = random.Random(SEED)
    town, kinds = _founded(url, chance, SMALL if count < 100_000 else LARGE)
    with filling(sa.make_url(url)) as bulk:
        press = Press(bulk, Lot(chance, town, kinds, NOW), count - len(kinds))
        press.run(len(kinds) + 1, lambda done: _say(f"{done:,} tickets", began))
        _say("indexes and statistics", began)
    _say(f"{count:,} tickets, {press.open_tasks:,} open tasks, {press.made['event']:,} rows of timeline", began)


def _founded(url: str, chance: random.Random, sizes: dict[str, int]) -> tuple[Town, list[Kind]]:
    """Places, people and ticket types, made by the product's own verbs."""
    database = create_engine(url)
    with tempfile.TemporaryDirectory() as files:
        runtime = Runtime(database, Path(files), ManualClock(NOW))
        with runtime.writing() as session, session.begin():
            if session.scalar(sa.select(Ticket.id).limit(1)) is not None:
                raise SystemExit("This database has tickets already; name an empty one.")
            town = build(session, chance, NOW, **sizes)
        kinds = deploy_kinds(runtime, town.teachers[town.campuses[0]][0])
    database.dispose()
    return town, kinds


def _say(text: str, began: float) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)
