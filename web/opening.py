"""Owns what a process begins with: its settings, how its log looks, its database, and when it is to stop."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from engine.database import create_engine
from engine.jobs import queued
from tickets.runtime import Runtime
from web import logs
from web.config import Config, ConfigError, read_config


def settings(*, host: str | None = None, port: int | None = None) -> Config:
    """The settings of this process, options before the environment; a wrong one ends the program with its name.

    From now on the log looks as they say.
    """
    given = {"GONGDAN_HOST": host, "GONGDAN_PORT": str(port) if port else None}
    try:
        config = read_config(os.environ | {name: value for name, value in given.items() if value})
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    logs.start(config.log_format)
    return config


@contextmanager
def opened(config: Config) -> Iterator[Runtime]:
    """What verbs are given, on an upgraded database; closed afterwards."""
    import migrations
    from tickets import rebuilding, work
    from tickets.service import holidays

    migrations.upgrade(config.database_url)
    with connected(config) as runtime:
        holidays.seed(runtime)
        rebuilding.catch_up(runtime)
        work.hand_over(runtime)
        yield runtime


@contextmanager
def as_it_is(config: Config) -> Iterator[Runtime]:
    """The same for those who only read: a database of another version ends the program, and nothing is written."""
    import migrations

    with connected(config) as runtime:
        with runtime.database.connect() as connection:
            current = migrations.is_current(connection)
        if not current:
            raise click.ClickException("The database is not of this release's version; run `gongdan db upgrade` first.")
        yield runtime


@contextmanager
def connected(config: Config) -> Iterator[Runtime]:
    """What verbs are given, whatever the database is like; closed afterwards."""
    from tickets.service.working import Calendars

    connections = 2 * config.threads + 4  # a request may read while its verb writes; the beat needs some too
    database = queued(create_engine(config.database_url, pool_size=connections))
    try:
        yield Runtime(
            database=database,
            files_folder=config.files_folder,
            max_file_bytes=config.max_file_bytes,
            calendars=Calendars(database),
        )
    finally:
        database.dispose()


def asked_to_stop() -> threading.Event:
    """Set from now on when somebody presses Ctrl-C or the system asks to stop."""
    stop = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda _number, _frame: stop.set())
    return stop


def settle() -> None:
    """What has been loaded by now stays, so Python's collector need not walk it again amid requests and steps."""
    gc.collect()
    gc.freeze()
