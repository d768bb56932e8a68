"""What the fuzzer found once stays found: each file in found/<target>/ keeps the promise of its target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FOUND = sorted(path for path in (Path(__file__).parent / "found").glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_is_mended(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xfe", b"a", b"1", "工单".encode(), b"{}\x00{}", b"<a/>"])
def test_a_few_bytes_are_answered(target: str, data: bytes) -> None:
    TARGETS[target](data)
