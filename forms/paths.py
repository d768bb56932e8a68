"""Owns paths: where a field's value lies in nested JSON, and how such a place is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

KEY: Final = re.compile(r"(?!\d+(?:\.|\Z))[^\W_]\w*(?:\.(?!\d+(?:\.|\Z))[^\W_]\w*)*\Z")
"""A key or path: words joined by dots, none a bare number; a leading underscore belongs to the page around the form."""
RESERVED: Final = frozenset({"csrf_token", "this", "parent", "i", "constructor", "prototype"})


class Absence(Enum):
    """Says that there is no value, which is not the same as the value null."""

    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT


def pick(values: object, path: Sequence[str]) -> Any:
    """The value at `path`, or ABSENT."""
    for segment in path:
        if not isinstance(values, Mapping) or segment not in values:
            return ABSENT
        values = values[segment]
    return values


def put(values: dict[str, Any], path: Sequence[str], value: object) -> None:
    """Set the value at `path`, copying what it passes through, so that nothing shared is changed."""
    *way, last = path
    for segment in way:
        below = values.get(segment)
        values[segment] = dict(below) if isinstance(below, Mapping) else {}
        values = values[segment]
    values[last] = value


def joined(scope: str, path: Sequence[str]) -> str:
    """The written form of a path within a scope, which is "" or a row such as `items[0]`."""
    return ".".join((scope, *path)) if scope else ".".join(path)


def element_id(prefix: str, name: str) -> str:
    """An HTML id for a control's name, unique because a key holds no hyphen: `items[0].title` → `f-items-0-title`."""
    return "-".join((prefix, *re.findall(r"\w+", name)))
