"""The doctor: looks at an installation, says what is wrong with it and how to mend it; it changes no row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from engine.database import create_engine
from web.config import Config
from web.doctor import database, machine, running
from web.doctor.finding import Check, Finding, Level, Patient, wrong

FIRST: tuple[Check, ...] = (machine.secret_key, machine.storage, machine.disk, machine.mail, machine.proxy)
"""What can be looked at without a database."""
OF_THE_DATABASE: tuple[Check, ...] = (
    database.network_disk,
    database.pragmas,
    database.foreign_keys,
    database.clock,
)
OF_ITS_ROWS: tuple[Check, ...] = (
    machine.missing_files,
    machine.orphaned_files,
    machine.time_zones,
    running.processes,
    running.jobs,
    running.timers,
    running.incidents,
    running.messages,
    running.definitions,
    running.secrets,
)
"""What needs the tables of this release."""


def examine(config: Config, now: datetime) -> list[Finding]:
    """Every finding, in the order of the checks."""
    engine = create_engine(config.database_url, pool_size=1)
    try:
        return list(_findings(Patient(config, engine, now)))
    finally:
        engine.dispose()


def _findings(patient: Patient) -> Iterator[Finding]:
    for check in FIRST:
        yield from _look(check, patient)
    reached = _look(database.reachable, patient)
    yield from reached
    if any(finding.mend is AWAY for finding in reached):
        return
    for check in OF_THE_DATABASE:
        yield from _look(check, patient)
    found = _look(database.revision, patient)
    yield from found
    if all(finding.level is Level.OK for finding in found):
        for check in OF_ITS_ROWS:
            yield from _look(check, patient)


AWAY = "Look at GONGDAN_DATABASE_URL, at whether the database runs, and at who may sign in to it."


def _look(check: Check, patient: Patient) -> list[Finding]:
    name = check.__name__.replace("_", " ")
    try:
        return list(check(patient))
    except sa.exc.SQLAlchemyError as error:
        if check is database.reachable:
            return [wrong("database", f"it can't be reached: {_said(error)}", AWAY)]
        return [wrong(name, f"the database says: {_said(error)}", "Restore a backup if the database is damaged.")]
    except OSError as error:
        return [wrong(name, f"{error.filename or ''}: {error.strerror or error}", "Look at the folder's rights.")]


def _said(error: sa.exc.SQLAlchemyError) -> str:
    """The first line, without the address, which may hold a password."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0][:300]


def worst(findings: list[Finding]) -> Level:
    """The worst of them; ok if there is none."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)
