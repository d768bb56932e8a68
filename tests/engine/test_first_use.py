"""The first requests after a start come at the same moment; what they use first is ready for that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.definitions import dump, read_bundle
from tests.engine.build import bpmn, chain, end, start, user

ROOT = Path(__file__).parents[2]
TRIES = 6
"""Where it was not ready, the process crashed in one of three or four."""
AT_ONCE = """
import sys, threading
from pathlib import Path
from engine.definitions import load

sys.setswitchinterval(1e-6)
content, ready, loaded = Path(sys.argv[1]).read_bytes(), threading.Barrier(8), []

def go():
    ready.wait()
    loaded.append(load(content))

threads = [threading.Thread(target=go) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(0 if len(loaded) == 8 else "not all were loaded")
"""


def test_a_definition_is_loaded_by_many_threads_at_once(tmp_path: Path) -> None:
    bundle = read_bundle({"a.bpmn": bpmn(start(), user("look"), end(), chain("begin", "look", "done"))})
    stored = tmp_path / "compiled"
    stored.write_bytes(dump(bundle.definitions[0][1]))
    running = [subprocess.Popen([sys.executable, "-c", AT_ONCE, stored], cwd=ROOT) for _ in range(TRIES)]
    assert [each.wait(60) for each in running] == [0] * TRIES
