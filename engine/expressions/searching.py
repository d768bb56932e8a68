"""What searching text for text costs, charged before it is done: some searches take the product of both lengths."""

from __future__ import annotations

from typing import Any

from engine.expressions.budget import Run
from engine.expressions.values import weigh

_PAIRS = 12  # 4,096 pairs of characters a step: some microseconds, as any step
_READ = 6  # 64 characters read from memory a step


def charge_search(run: Run, whole: str, part: Any, *, backwards: bool = False) -> None:
    """Take what finding `part` in `whole` may cost.

    CPython (Objects/stringlib/fastsearch.h) reads long text once when it searches forwards; short text, and all text
    backwards, it may read again for each character of `part`.
    """
    length, sought = len(whole), len(part)
    short = length < 2500 or (sought < 100 and length < 30_000) or sought < 6
    run.spend(length >> _READ)
    if backwards or short:
        run.spend(length * sought >> _PAIRS)


def charge_strip(run: Run, whole: str, characters: Any = None) -> None:
    """Take what stripping costs: each character of `whole` may be looked for in all `characters`."""
    run.spend((len(whole) >> _READ) + (len(whole) * len(characters or "") >> _PAIRS))


def charge_ends(run: Run, part: Any) -> None:
    """Take what comparing the beginning or end of a text with `part`, a text or a tuple of texts, costs."""
    run.spend(weigh(run, part) >> _READ)


def charge_reading(run: Run, left: Any, right: Any) -> None:
    """Take what comparing two long texts costs."""
    if type(left) is str and type(right) is str and len(left) > 1000:
        run.spend(min(len(left), len(right)) >> _READ)
