"""Owns the facts of a subject that standards go by: which its kind is asked for, and how they stand in the form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.subjects import SubjectKind

STAGES, STUDENTS = "stages", "students"
ASKED: Mapping[str, tuple[str, ...]] = {
    SubjectKind.STUDENT: (),
    SubjectKind.CLASS: ("start_date", "end_date", STAGES, STUDENTS),
    SubjectKind.PRODUCT: ("mature_date",),
}
"""By kind: the dates that things begin by, and the names that sign-in lists open with. A student's contract end is a
field of its own."""
DATED = re.compile(r"(?P<name>.*?)[\s:：]*(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?")
COUNT = re.compile(r"[0-9]{1,4}")
SEPARATOR = re.compile(r"[、,，;；]")


def is_date(text: str) -> bool:
    """Whether a date field of the browser can show it; it would drop what it can't."""
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_stages(value: Any) -> bool:
    """Whether it is a list of named dates."""
    return isinstance(value, list) and bool(value) and all(map(_is_named_date, value))


def is_names(value: Any) -> bool:
    """Whether it is a list of texts that a line can hold."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, str) and each.strip() and not SEPARATOR.search(each) for each in value)
    )


def stages_shown(value: list[Mapping[str, str]]) -> str:
    """A line each."""
    return "\n".join(f"{each['name']} {each['date']}" for each in value)


def stages_read(text: str) -> list[dict[str, str]]:
    """The named dates of its lines, each with its date at its end. Raises Invalid for a line without one."""
    return [_stage(line.strip()) for line in text.splitlines() if line.strip()]


def names_read(text: str) -> list[str]:
    """The texts of a line, parted by a comma of either language."""
    return [name.strip() for name in SEPARATOR.split(text) if name.strip()]


def students_read(text: str) -> list[str] | int:
    """Their names, in one line or several; or only how many there are."""
    return int(text) if COUNT.fullmatch(text) else names_read(text.replace("\n", ","))


def _stage(line: str) -> dict[str, str]:
    found = DATED.fullmatch(line)
    try:
        day = date(*(int(found[part]) for part in ("year", "month", "day"))) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        text = N_("“%(line)s” does not end with a date; write each stage as a line, such as: Stage 1 2026-10-24")
        raise Invalid(Message(text, {"line": line[:80]}))
    return {"name": found["name"].strip() or day.isoformat(), "date": day.isoformat()}


def _is_named_date(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"name", "date"}
        and all(isinstance(each, str) and "\n" not in each for each in value.values())
    )
