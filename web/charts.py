"""Owns charts as drawings: where lines, grid and words of a small line chart stand, in the units of its SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LEFT, RIGHT, TOP, BOTTOM = 40, 676, 18, 190
"""The edges of the plane within 680 × 216."""
LABELS = 6
"""About so many days are written below."""


@dataclass(frozen=True, slots=True)
class Word:
    """A text and where it stands."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Paths as SVG writes them: `first` and `second` the two lines, `area` what is below the first."""

    first: str
    second: str
    area: str
    grid: Sequence[float]
    scale: Sequence[Word]
    days: Sequence[date]
    places: Sequence[float]
    """The days that are written, and where."""


def line_chart(days: Sequence[date], first: Sequence[int], second: Sequence[int]) -> LineChart:
    """Two lines over the same days, on one scale that begins at 0."""
    top = _round_up(max([*first, *second, 4]))
    across = [LEFT + (RIGHT - LEFT - 16) * number / max(len(days) - 1, 1) + 8 for number in range(len(days))]
    lines = [_path(across, numbers, top) for numbers in (first, second)]
    steps = [top * part // 4 for part in range(5)]
    every = max(len(days) // LABELS, 1)
    written = range(len(days) - 1, -1, -every)
    return LineChart(
        first=lines[0],
        second=lines[1],
        area=f"{lines[0]}L{across[-1]:.1f} {BOTTOM}L{across[0]:.1f} {BOTTOM}z" if days else "",
        grid=[_height(step, top) for step in steps],
        scale=[Word(LEFT - 6, _height(step, top) + 4, f"{step:,}") for step in steps],
        days=[days[number] for number in written],
        places=[across[number] for number in written],
    )


def _path(across: Sequence[float], numbers: Sequence[int], top: int) -> str:
    points = (f"{x:.1f} {_height(number, top):.1f}" for x, number in zip(across, numbers, strict=True))
    return "M" + "L".join(points) if numbers else ""


def _height(number: int, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * number / top, 1)


def _round_up(number: int) -> int:
    """The next number that four equal steps reach in round figures."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if number <= 4 * step * factor:
                return 4 * step * factor
        step *= 10
