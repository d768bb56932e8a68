"""Starts many instances in a process of its own and prints what that cost: `python -m bench.growth.bulk URL COUNT`."""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path
from time import perf_counter, process_time

import orjson

from bench.growth import scene
from engine.clock import ManualClock
from tickets import beat
from web.opening import settle

BETWEEN_BEATS = 500
"""Tickets after which what follows from them is done, as the beat does it in a running installation."""
POINTS = (0.1, 0.25, 0.5, 0.75, 1.0)
"""Parts of the whole at which the process's memory is looked at."""


def fill(url: str, count: int) -> dict[str, object]:
    """What it took and how large the process was on the way; everything goes through filing, one after another."""
    runtime = scene.opened(url, scene.BEGIN)
    clock, actors = runtime.clock, cycle(scene.requesters(runtime))
    assert isinstance(clock, ManualClock)
    settle()
    points = {int(count * part) for part in POINTS}
    memory: dict[str, float] = {}
    seconds, processor = perf_counter(), process_time()
    for serial in range(1, count + 1):
        scene.file_one(runtime, next(actors), serial)
        clock.advance(scene.EACH)
        if serial % BETWEEN_BEATS == 0 or serial == count:
            beat.settle(runtime)
        if serial in points:
            memory[str(serial)] = _mebibytes("VmRSS")
    seconds, processor = perf_counter() - seconds, process_time() - processor
    runtime.database.dispose()
    return {
        "instances": count,
        "seconds": round(seconds, 1),
        "instances_per_s": round(count / seconds, 1),
        "cpu_ms_each": round(processor * 1000 / count, 2),
        "instances_per_cpu_s": round(count / processor, 1),
        "memory_mb": memory,
        "peak_mb": _mebibytes("VmHWM"),
    }


def _mebibytes(name: str) -> float:
    """A line of what the kernel tells of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024, 1)


if __name__ == "__main__":
    print(orjson.dumps(fill(sys.argv[1], int(sys.argv[2]))).decode())
