from __future__ import annotations

import pytest

from tests.tickets.evidence.scene import Scene
from tests.tickets.play import Play


@pytest.fixture
def scene(lasting_play: Play) -> Scene:
    return Scene(lasting_play)
