"""What the API's tests can ask for: the cast, and a way to call as one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.caller import Api
from tests.cast import Cast, cast
from tests.web.words import compile_words

__all__ = ["api", "cast"]


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    compile_words()


@pytest.fixture
def api(cast: Cast, tmp_path: Path) -> Api:
    """The API on a fresh database with the cast in it."""
    return Api(cast, tmp_path)
