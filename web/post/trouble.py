"""Owns how what went wrong outside is kept: a sentence of ours, then a detail as the other side has it."""

from __future__ import annotations


def because(text: str, detail: object) -> str:
    """As it is kept with a delivery: `The webhook can't be reached: TimeoutError`."""
    return f"{text}: {detail}"


def parts(problem: str) -> tuple[str, str]:
    """The sentence, which has a translation, and the detail, which has none and may be empty."""
    text, _colon, detail = problem.partition(": ")
    return text, detail
