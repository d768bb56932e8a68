"""Owns plain JSON: what may be stored, compared and sent; expressions answer with more than that."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import orjson

from engine.expressions import EvaluationError, to_json

LARGEST: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""
DEPTH: Final = 20
PARTS: Final = 50_000


def is_plain(value: object, *, depth: int = DEPTH, parts: int = PARTS) -> bool:
    """Whether a value is JSON that can be stored: finite numbers, no surrogates or NUL, not too deep, not too large."""
    todo = [(value, depth)]
    while todo:
        part, left = todo.pop()
        parts -= 1
        if left < 0 or parts < 0:
            return False
        if isinstance(part, dict):
            todo += ((key if isinstance(key, str) else b"", left) for key in part)
            todo += ((below, left - 1) for below in part.values())
        elif isinstance(part, list | tuple):
            todo += ((below, left - 1) for below in part)
        elif not _is_plain_scalar(part):
            return False
    return True


def _is_plain_scalar(value: object) -> bool:
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) <= LARGEST
        case float():
            return math.isfinite(value)
        case str():
            return is_storable(value)
    return False


def is_storable(text: str) -> bool:
    """Whether a text survives UTF-8 and every database: no lone surrogate, no NUL."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def plain(value: object) -> Any:
    """An expression's answer as plain JSON; what can't be stored becomes null."""
    try:
        return to_json(value)
    except EvaluationError:
        return None


def fingerprint(value: object) -> bytes | None:
    """One spelling for equal JSON values (so `1` equals `1.0` but not `true`), or None where the value is not plain."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if is_plain(value) else None


def words(value: object) -> str:
    """A value as the text that a template shows; null shows nothing."""
    match plain(value):
        case None:
            return ""
        case bool() as flag:
            return "true" if flag else "false"
        case str() as text:
            return text
        case list() as parts:
            return ", ".join(words(part) for part in parts)
        case dict() as parts:
            return ", ".join(f"{key}: {words(part)}" for key, part in parts.items())
        case number:
            return str(number)


def joined(words: Iterable[str], language: str) -> str:
    """Several words as one list, as the language (`zh`, `en`) writes it."""
    return ("、" if language.startswith("zh") else ", ").join(words)
