"""Owns the PostgreSQL server of the measurements: in the folder of the seeded files, kept from one run to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import postgres  # the tests know how to start one

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "50",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "timezone": "UTC",
}
"""The first lines after the connections are docs/operator.md's for such a size; the last ones make the seeding quick
and change nothing for who reads."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a server's `postgres` database, whose data lie in `folder`; it ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        yield postgres.start(folder, SETTINGS)
    finally:
        postgres.stop(folder, "fast")
