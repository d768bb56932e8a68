"""Owns the checks of the machine and the settings: key, storage, files, disk, time zones, mail, proxy."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from tickets.file_store import FileStore
from tickets.files import StoredFile
from tickets.places import Place
from web.doctor.finding import Finding, Patient, ok, warning, wrong
from web.post import smtp

SAMPLE = 200
LEFT_OVER = 40 * 24 * 3600
"""Seconds after which a sweep should have taken what nobody names."""
GIGABYTE = 1024**3


def secret_key(patient: Patient) -> Iterator[Finding]:
    """It can't be guessed, nor read by others."""
    key, path = patient.config.secret_key, patient.config.data_folder / "secret_key"
    mend = "Set GONGDAN_SECRET_KEY to 48 random characters, or leave it out and one is made; everybody signs in anew."
    if len(set(key)) < 12:
        yield wrong("secret key", "it repeats itself, so it may be guessed", mend)
    elif not os.environ.get("GONGDAN_SECRET_KEY") and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield warning("secret key", f"others on this machine can read {path}", f"chmod 600 {path}")
    else:
        yield ok("secret key", "set, and strong")


def storage(patient: Patient) -> Iterator[Finding]:
    """Files can be put where they are kept."""
    folder = patient.config.files_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as error:
        mend = f"Give the account that runs Gongdan the right to write to {folder}."
        yield wrong("storage", f"{folder} can't be written: {error.strerror}", mend)
    else:
        yield ok("storage", f"{folder} can be written")


def missing_files(patient: Patient) -> Iterator[Finding]:
    """What tickets name is there: the newest files, looked at one by one."""
    newest = sa.select(StoredFile.digest, StoredFile.size).order_by(StoredFile.id.desc()).limit(SAMPLE)
    with patient.database.connect() as connection:
        rows = connection.execute(newest).all()
    store = FileStore(patient.config.files_folder)
    lost = sum(not _is_there(store, digest, size) for digest, size in rows)
    if lost:
        mend = "Take them from a backup: `gongdan restore` into another folder, then copy files/sha256 over."
        yield wrong("files", f"{lost} of the newest {len(rows)} are missing or of another size", mend)
    else:
        yield ok("files", f"the newest {len(rows)} are there")


def _is_there(store: FileStore, digest: str, size: int) -> bool:
    try:
        with store.open(digest) as stream:
            return os.fstat(stream.fileno()).st_size == size
    except OSError:
        return False


def orphaned_files(patient: Patient) -> Iterator[Finding]:
    """What nobody names any more is swept at night."""
    folder, before = patient.config.files_folder / "sha256", patient.now.timestamp() - LEFT_OVER
    old = []
    for path in folder.glob("??/??/*"):
        if path.stat().st_mtime < before:
            old.append(path.name)
        if len(old) == SAMPLE:
            break
    with patient.database.connect() as connection:
        named = set(connection.scalars(sa.select(StoredFile.digest).where(StoredFile.digest.in_(old))))
    if orphans := set(old) - named:
        mend = "Let `gongdan run` or `gongdan worker` run over night (19:30 UTC); it sweeps them."
        yield warning("left-over files", f"{len(orphans)} of {len(old)} old ones are named by nobody", mend)


def disk(patient: Patient) -> Iterator[Finding]:
    """There is room."""
    folders = {patient.config.data_folder}
    if patient.on_sqlite and patient.database.url.database:
        folders.add(Path(patient.database.url.database).parent)
    for folder in sorted(folders):
        usage = shutil.disk_usage(folder)
        said = f"{usage.free / GIGABYTE:.1f} GB are free below {folder}"
        mend = "Make room, or move GONGDAN_DATA to a larger disk."
        if usage.free < GIGABYTE / 5:
            yield wrong("disk", said, mend)
        elif usage.free < GIGABYTE or usage.free < usage.total / 50:
            yield warning("disk", said, mend)
        else:
            yield ok("disk", said)


def time_zones(patient: Patient) -> Iterator[Finding]:
    """Every place's zone is known here."""
    with patient.database.connect() as connection:
        zones = set(connection.scalars(sa.select(Place.time_zone).distinct())) | {"Asia/Shanghai", "UTC"}
    unknown = sorted(zone for zone in zones if not _is_zone(zone))
    if unknown:
        mend = "Install the package tzdata anew, or correct the places under System, Places."
        yield wrong("time zones", f"not known here: {', '.join(unknown)}", mend)
    else:
        yield ok("time zones", f"all {len(zones)} are known")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def mail(patient: Patient) -> Iterator[Finding]:
    """The mail server takes us, where one is set."""
    server = patient.config.smtp
    if server is None:
        yield ok("mail", "no server is set, so notices stay in the pages (GONGDAN_SMTP_URL)")
        return
    try:
        smtp.greet(server)
    except (smtp.Unreachable, smtp.Refused) as error:
        mend = "Look at GONGDAN_SMTP_URL: scheme, host, port, user and password, and at the firewall."
        yield wrong("mail", f"{server.host}:{server.port}: {error}", mend)
    else:
        yield ok("mail", f"{server.host}:{server.port} takes us")


def proxy(patient: Patient) -> Iterator[Finding]:
    """What a proxy in front is to be known by."""
    config = patient.config
    if config.base_url.startswith("https://") and not config.secure_cookies:
        mend = "Set GONGDAN_SECURE_COOKIES=yes, so that no cookie goes over http."
        yield warning("cookies", "the pages are on https, but cookies go over http too", mend)
    if config.base_url.startswith("https://") and not config.trusted_proxies:
        mend = "Set GONGDAN_TRUSTED_PROXIES to their number (mostly 1), or everybody seems to come from one address."
        yield warning("proxy", "the pages are on https, but no proxy in front is trusted", mend)
