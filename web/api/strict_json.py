"""Owns how JSON is read: what a lenient reader would guess at, or what the database could not keep, is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from engine.expressions import N_, Message

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
"""Larger ones lose digits in other readers (RFC 7493, section 2.2)."""

_NOT_JSON = N_("This is not JSON: line %(line)s, column %(column)s cannot be read.")


class Malformed(Exception):
    """The body is not JSON as we take it; `message` says what to mend."""

    def __init__(self, text: str, **params: object) -> None:
        self.message = Message(text, params)
        super().__init__(str(self.message))


def loads(raw: bytes | str) -> Any:
    """The JSON value in `raw` (UTF-8), at most `MAX_DEPTH` levels deep. Raises `Malformed`."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_exact,
        )
    except UnicodeDecodeError as fault:
        raise Malformed(N_("Byte %(at)s is not UTF-8; send JSON encoded in UTF-8."), at=fault.start) from None
    except json.JSONDecodeError as fault:
        raise Malformed(_NOT_JSON, line=fault.lineno, column=fault.colno) from None
    except RecursionError:
        raise _too_deep() from None
    _check(value)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise Malformed(N_("The member “%(name)s” is there twice; keep one."), name=twice)
    return found


def _refuse_constant(literal: str) -> NoReturn:
    raise Malformed(N_("%(literal)s is not a JSON number; leave it out or send null."), literal=literal)


def _finite(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise Malformed(N_("The number %(literal)s is too large."), literal=literal[:40])
    return number


def _exact(literal: str) -> int:
    if len(literal) > 17 or abs(number := int(literal)) > MAX_INTEGER:
        raise Malformed(N_("The whole number %(literal)s is too large; send it as a text."), literal=literal[:40])
    return number


def _check(value: Any) -> None:
    """Refuse texts no database keeps, and nesting nobody reads; level by level, so depth cannot hurt."""
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise _too_deep()
        level = [inner for outer in level for inner in _inside(outer)]
        depth += 1


def _inside(value: Any) -> list[Any]:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        return [*value, *value.values()]
    elif isinstance(value, list):
        return value
    return []


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Malformed(N_("A text contains the character U+0000; leave it out."))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(N_("A text contains half of a surrogate pair; send whole characters.")) from None


def _too_deep() -> Malformed:
    return Malformed(N_("The JSON is nested more than %(depth)s levels deep; flatten it."), depth=MAX_DEPTH)
