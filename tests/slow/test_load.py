"""The measurements of load and growth, in short: not how quick it is, but that everything asked for is done."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import orjson
import pytest

from tests.slow.server import ROOT

pytestmark = pytest.mark.slow


def test_under_load_no_answer_is_an_error_and_all_that_was_acknowledged_is_there() -> None:
    found = run("load", "--seconds", "5", "--completing", "3", "--clients", "6")
    assert found["surprises"] == []
    assert found["http_5xx"] == 0
    assert found["acknowledged"] == found["in_database"]
    assert found["mixed"]["done"]["completed"] > 0
    assert found["completing"]["done"]["completed"] > 0
    assert found["ok"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_with_more_tickets_the_same_statements_do_the_same(database: str) -> None:
    found = run("growth", "--database", database, "--few", "200", "--many", "400", "--rounds", "5")
    for name, cost in found["costs"].items():
        assert cost["many_statements"] <= cost["few_statements"], name


def run(bench: str, *wanted: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"bench.{bench}", "--json", *wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.stdout, done.stderr
    return dict(orjson.loads(done.stdout.splitlines()[-1]))
