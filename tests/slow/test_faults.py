"""The measurement of faults, in short: whatever is killed or restarted, nothing is lost and nothing is doubled."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from tests.databases import Kind
from tests.slow.server import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_lost_or_doubled_whatever_is_killed(kind: Kind) -> None:
    wanted = ["--database", kind.value, "--kills", "5", "--restarts", "1"]
    command = [sys.executable, "-m", "bench.faults", "--json", *wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1200)
    assert done.stdout, done.stderr
    found = orjson.loads(done.stdout.splitlines()[-1])
    assert found["acknowledged"] > 20
    assert found["wrong"] == []
    for name in ("lost", "doubled", "differences", "left_over", "http_5xx_other_than_503"):
        assert found[name] == 0, name
    assert found["drained"]
