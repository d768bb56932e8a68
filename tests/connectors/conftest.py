"""What tests of connectors can ask for: the stage, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.other import Other, other_system
from tests.connectors.stage import Stage, config_for
from tests.tickets.play import Play, lasting_play

__all__ = ["lasting_play"]


@pytest.fixture
def other() -> Iterator[Other]:
    with other_system() as made:
        yield made


@pytest.fixture
def stage(lasting_play: Play, other: Other, tmp_path: Path) -> Stage:
    return Stage(lasting_play, other, config_for(tmp_path))
