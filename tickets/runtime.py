"""Owns what every verb is given: the database, the clock, the file store and the hot instances; one per process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import Clock, SystemClock
from engine.database import reading, writing
from engine.spiff.hot import HotInstances


@dataclass(frozen=True)
class Runtime:
    """Passed explicitly to verbs; nothing below `web/` finds it by itself."""

    database: sa.Engine
    files_folder: Path
    clock: Clock = field(default_factory=SystemClock)
    hot: HotInstances = field(default_factory=HotInstances)
    max_file_bytes: int = 25 * 1024 * 1024

    def reading(self) -> Session:
        return reading(self.database)

    def writing(self) -> Session:
        return writing(self.database)
