"""Owns cutting texts into what the index holds: Chinese as characters and pairs, other words whole and in threes.

No index of a database finds a Chinese word of two characters inside a sentence; pairs do, and need no dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MOST_TERMS = 24
LONGEST_WORD = 40
LONGEST_QUERY = 200

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+)")


def tokens(text: str) -> set[str]:
    """What a text is found by."""
    found: set[str] = set()
    for is_cjk, run in _runs(text):
        if is_cjk:
            found.update(run)
            found.update(_parts(run, 2))
        else:
            found.add(run[:LONGEST_WORD])
            found.update(_parts(run[: 3 * LONGEST_WORD], 3))
    return found


def terms(text: str) -> list[str]:
    """What a text must hold all of to fit what somebody typed: parts of words fit too. Empty: nothing to look for."""
    found: dict[str, None] = {}
    for is_cjk, run in _runs(text[:LONGEST_QUERY]):
        size = 2 if is_cjk else 3
        found.update(dict.fromkeys(_parts(run, size) if len(run) >= size else [run]))
    return list(found)[:MOST_TERMS]


def keywords(text: str) -> set[str]:
    """What a short text is compared with others by: Chinese in pairs, other words whole, no single letters."""
    return {part for is_cjk, run in _runs(text) for part in (_parts(run, 2) if is_cjk else [run]) if len(part) > 1}


def folded(text: str) -> str:
    """As texts are compared: full-width and half-width forms alike, in lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    for run in _RUN.finditer(folded(text)):
        yield run["cjk"] is not None, run[0]


def _parts(run: str, size: int) -> list[str]:
    return [run[start : start + size] for start in range(len(run) - size + 1)]
