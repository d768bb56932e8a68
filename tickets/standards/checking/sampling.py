"""Owns the order by which a spot check draws: random to everybody who doesn't know the seed, the same for all who do.

Each done step stands for the text `occurrence id, step's key, turn`. SHA-256 (FIPS 180-4) of the seed, a line break and
that text orders the steps; of each campus the first `size` are drawn. No database and no Python version has a say.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID


class DoneStep(NamedTuple):
    """A step that was done, by the facts that order it, and its row."""

    campus_id: int
    occurrence: UUID
    step: str
    turn: int
    record_id: int

    def place_by(self, seed: str) -> int:
        """Where the seed puts it: a whole number below 2^256."""
        text = f"{seed}\n{self.occurrence} {self.step} {self.turn}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def sample(steps: Iterable[DoneStep], *, seed: str, size: int) -> dict[int, list[DoneStep]]:
    """Of each campus at most `size` steps in the seed's order, by the campus's id; `steps` may be a long stream."""
    kept: dict[int, list[tuple[int, DoneStep]]] = {}
    for step in steps:
        heap, place = kept.setdefault(step.campus_id, []), -step.place_by(seed)
        if len(heap) < size:
            heapq.heappush(heap, (place, step))
        elif place > heap[0][0]:
            heapq.heapreplace(heap, (place, step))
    return {campus: [step for _, step in sorted(heap, reverse=True)] for campus, heap in sorted(kept.items())}
