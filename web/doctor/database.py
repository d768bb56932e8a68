"""Owns the checks of the database: its version, its settings, its revision, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

import migrations
from engine.database import UtcDateTime
from web.doctor.finding import Finding, Patient, ok, warning, wrong

OLDEST = {"sqlite": (3, 37), "postgresql": (14,)}
NETWORK = frozenset("nfs nfs4 cifs smb smb2 smb3 smbfs 9p ceph glusterfs fuse.sshfs fuse.s3fs lustre afs".split())
MOUNTS = Path("/proc/self/mounts")
SKEW, FAR_OFF = 2, 30
"""Seconds by which two clocks may differ, and by which timers become useless."""


def reachable(patient: Patient) -> Iterator[Finding]:
    """It answers, in a version we know."""
    with patient.database.connect() as connection:
        version = connection.dialect.server_version_info or ()
    name, shown = patient.database.dialect.name, ".".join(map(str, version))
    if version < OLDEST[name]:
        oldest = ".".join(map(str, OLDEST[name]))
        yield wrong("database", f"{name} {shown} answers, but is too old", f"Install {name} {oldest} or newer.")
    else:
        yield ok("database", f"{name} {shown} answers")


def pragmas(patient: Patient) -> Iterator[Finding]:
    """SQLite keeps a log beside it and checks foreign keys."""
    if not patient.on_sqlite:
        return
    with patient.database.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    if journal == "wal":
        yield ok("write-ahead log", "on")
    else:
        mend = "Keep the database on a local disk whose folder Gongdan may write to."
        yield wrong("write-ahead log", f"the journal mode is {journal}: readers and writers stop each other", mend)
    if not keys:
        yield wrong("foreign keys", "this SQLite does not check them", "Use the SQLite that comes with Python.")


def foreign_keys(patient: Patient) -> Iterator[Finding]:
    """Nobody has switched them off on PostgreSQL."""
    if patient.on_sqlite:
        return
    query = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
    with patient.database.connect() as connection:
        loose = connection.scalar(sa.text(query))
    if loose:
        mend = "Run ALTER TABLE … VALIDATE CONSTRAINT on them, or restore a backup."
        yield warning("foreign keys", f"{loose} are not validated", mend)
    else:
        yield ok("foreign keys", "all are validated")


def revision(patient: Patient) -> Iterator[Finding]:
    """Its tables are those of this release."""
    with patient.database.connect() as connection:
        here = migrations.revision_of(connection)
    if here == migrations.head():
        yield ok("migrations", f"the database is at {here}")
    elif here is None:
        yield wrong("migrations", "the database is empty", "Run `gongdan db upgrade`, then `gongdan init`.")
    elif migrations.knows(here):
        yield wrong(
            "migrations", f"it is at {here}, this release needs {migrations.head()}", "Run `gongdan db upgrade`."
        )
    else:
        mend = "Install the release that made it, or restore a backup made by this one or an older one."
        yield wrong("migrations", f"it is at {here}, which this release does not know", mend)


def clock(patient: Patient) -> Iterator[Finding]:
    """The database's machine has our time."""
    if patient.on_sqlite:
        return
    with patient.database.connect() as connection:
        there = connection.scalars(sa.select(sa.func.clock_timestamp(type_=UtcDateTime()))).one()
    apart = abs((there - patient.now).total_seconds())
    mend = "Let both machines keep their time by NTP (timedatectl set-ntp true)."
    if apart <= SKEW:
        yield ok("clock", "the database's and this machine's agree")
    else:
        say = wrong if apart > FAR_OFF else warning
        yield say("clock", f"the database's is {apart:.0f} s away from this machine's", mend)


def network_disk(patient: Patient) -> Iterator[Finding]:
    """SQLite's locks do not hold on network file systems."""
    if not patient.on_sqlite or not patient.database.url.database:
        return
    kind = file_system(Path(patient.database.url.database))
    if kind in NETWORK:
        mend = "Move it to a local disk, or use PostgreSQL."
        yield wrong("file system", f"the SQLite database is on {kind}, where its locks do not hold", mend)
    else:
        yield ok("file system", f"the database is on a local one ({kind or 'unknown'})")


def file_system(path: Path) -> str:
    """The kind of file system that holds a path; empty where the system does not say."""
    try:
        mounts = [line.split()[1:3] for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return ""
    real = path.resolve()
    held = [(point, kind) for point, kind in mounts if real.is_relative_to(point.replace("\\040", " "))]
    return max(held, key=lambda each: len(each[0]), default=("", ""))[1]
