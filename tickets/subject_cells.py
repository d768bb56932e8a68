"""Owns the facts of subjects as a spreadsheet has them: what their columns may be called, and what a cell means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.standards.triggers import day_of
from tickets.subject_asked import STAGES, STUDENTS, stages_read, students_read

FACTS: Mapping[str, tuple[str, ...]] = {
    "start_date": ("start date", "开课日期", "start_date"),
    "end_date": ("end date", "结束日期", "end_date"),
    STAGES: ("stage dates", "阶段日期", "stages"),
    STUDENTS: ("students", "学生"),
    "mature_date": ("maturity date", "到期日", "mature_date"),
    "timetable": ("timetable", "课表"),
    "level": ("level", "级别"),
    "status": ("status", "状态"),
}
"""What the columns of the facts that we name may be called: as the pages show them, the first two, or as they are kept.
"""


def fact_called(column: str) -> str:
    """The fact that a column of this name holds; empty for none of ours."""
    return next((fact for fact, names in FACTS.items() if column.lower() in names), "")


def fact_read(fact: str, cell: str) -> Any:
    """What a cell says of a fact. Raises Invalid for stages or a day that can't be read."""
    return _READERS.get(fact, str)(cell)


def iso_date(text: str) -> str:
    """A date as spreadsheets write them, in ISO 8601; anything else stays for others to refuse."""
    found = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def person_read(text: str) -> str:
    """The login of "name (login)", as the pages write a person whom others are called like; else the text itself."""
    found = re.fullmatch(r".*[(（]([^()（）]+)[)）]", text)
    return found[1].strip() if found else text


def _day(cell: str) -> str:
    text = iso_date(cell)
    if day_of(text) is None:
        raise Invalid(Message(N_("It is not a date; write it as 2027-08-31.")))
    return text


def _stages(cell: str) -> list[dict[str, str]]:
    """A line each, or in one line with commas between, as the pages list them."""
    return stages_read(_AFTER_DATE.sub("\n", cell))


_AFTER_DATE = re.compile(r"(?<=[0-9日])\s*[、,，;；]\s*")
_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("start_date", "end_date", "mature_date"), _day),
    STAGES: _stages,
    STUDENTS: students_read,
}
