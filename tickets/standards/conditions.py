"""Owns the conditions by which a standard chooses subjects: each says something of one attribute, and all must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from math import isnan
from typing import Any

from engine.expressions import N_, Message
from tickets.errors import Invalid

MOST = 10
LONGEST = 200


class Is(StrEnum):
    """What a condition says of an attribute's value."""

    EQUALS = "equals"
    DIFFERS = "differs"
    ONE_OF = "one_of"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    PRESENT = "present"
    ABSENT = "absent"


UNVALUED = frozenset({Is.PRESENT, Is.ABSENT})


def read_conditions(given: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Conditions as `Standard.conditions` keeps them; lines without an attribute are left out. Raises Invalid."""
    wanted = [each for each in given if str(each.get("attribute", "")).strip() or str(each.get("value", "")).strip()]
    if len(wanted) > MOST:
        raise Invalid(Message(N_("A standard has at most %(limit)s conditions."), {"limit": MOST}))
    return [_read(each) for each in wanted]


def holds(conditions: Sequence[Mapping[str, Any]], attributes: Mapping[str, Any]) -> bool:
    """Whether all of them hold of these attributes."""
    return all(_holds(each, attributes.get(str(each.get("attribute", "")))) for each in conditions)


def _read(given: Mapping[str, Any]) -> dict[str, str]:
    attribute, value = str(given.get("attribute", "")).strip(), str(given.get("value", "")).strip()
    said = str(given.get("is") or Is.EQUALS)
    if not attribute:
        raise Invalid(Message(N_("A condition names no attribute; name one such as level, or empty the line.")))
    if max(len(attribute), len(value)) > LONGEST or not (attribute + value).isprintable():
        raise Invalid(
            Message(N_("A condition's attribute and value are one line of at most %(limit)s characters."), _L)
        )
    if said not in set(Is):
        raise Invalid(Message(N_("A condition says one of: %(known)s."), {"known": ", ".join(Is)}))
    if said in UNVALUED:
        return {"attribute": attribute, "is": said, "value": ""}
    if not value:
        text = N_("The condition on “%(attribute)s” names no value to compare with.")
        raise Invalid(Message(text, {"attribute": attribute}))
    return {"attribute": attribute, "is": said, "value": value}


_L: Mapping[str, int] = {"limit": LONGEST}


def _holds(condition: Mapping[str, Any], value: Any) -> bool:
    test = _TESTS.get(str(condition.get("is")))
    return test is not None and test(value, str(condition.get("value", "")))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _is_there(value: Any) -> bool:
    return value not in (None, "", [], {})


def _equals(value: Any, wanted: str) -> bool:
    return _is_there(value) and _text(value).casefold() == wanted.casefold()


def _one_of(value: Any, wanted: str) -> bool:
    listed = wanted.replace("，", ",").replace("、", ",").split(",")
    return any(_equals(value, each.strip()) for each in listed if each.strip())


def _contains(value: Any, wanted: str) -> bool:
    if isinstance(value, list):
        return any(_equals(each, wanted) for each in value)
    return _is_there(value) and wanted.casefold() in _text(value).casefold()


def _compared(value: Any, wanted: str) -> int | None:
    """Numbers as numbers, other texts (days such as 2026-12-01) as they stand; None for what can't be compared."""
    if isinstance(value, list):
        value = len(value)
    if not _is_there(value) or isinstance(value, dict):
        return None
    left, right = _number(_text(value)), _number(wanted)
    if left is not None and right is not None:
        return (left > right) - (left < right)
    text = _text(value)
    return (text > wanted) - (text < wanted) if left is right else None


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return None if isnan(found) else found


def _at_least(value: Any, wanted: str) -> bool:
    found = _compared(value, wanted)
    return found is not None and found >= 0


def _at_most(value: Any, wanted: str) -> bool:
    found = _compared(value, wanted)
    return found is not None and found <= 0


_TESTS: Mapping[str, Callable[[Any, str], bool]] = {
    Is.EQUALS: _equals,
    Is.DIFFERS: lambda value, wanted: not _equals(value, wanted),
    Is.ONE_OF: _one_of,
    Is.CONTAINS: _contains,
    Is.AT_LEAST: _at_least,
    Is.AT_MOST: _at_most,
    Is.PRESENT: lambda value, _: _is_there(value),
    Is.ABSENT: lambda value, _: not _is_there(value),
}
