"""Owns what a doctor says: of each thing looked at, whether it is well, and how to mend what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from web.config import Config


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, what was seen, and how to mend it."""

    name: str
    level: Level
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation as its checks need it; nothing of it is changed."""

    config: Config
    database: sa.Engine
    now: datetime

    @property
    def on_sqlite(self) -> bool:
        return self.database.dialect.name == "sqlite"


Check = Callable[[Patient], Iterator[Finding]]
"""Looks at one thing. It may raise SQLAlchemyError or OSError, which become a finding of their own."""


def ok(name: str, said: str) -> Finding:
    return Finding(name, Level.OK, said)


def warning(name: str, said: str, mend: str) -> Finding:
    return Finding(name, Level.WARNING, said, mend)


def wrong(name: str, said: str, mend: str) -> Finding:
    return Finding(name, Level.WRONG, said, mend)
