"""Owns reading a file of subjects, a workbook or CSV: its columns, and cells that a spreadsheet would run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.expressions import N_, Message
from engine.expressions.problems import clip
from forms.plain import is_storable
from tickets.csv_lines import FORMULA, is_formula, plain
from tickets.errors import Invalid
from tickets.subject_cells import FACTS, fact_called, fact_read, iso_date, person_read
from tickets.subjects import SubjectKind
from tickets.table_lines import table_lines

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 10_000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "类型", "种类"),
    "external_id": ("external_id", "编号", "id", "number"),
    "name": ("name", "姓名", "名称"),
    "brand": ("brand", "品牌"),
    "place": ("place", "校区", "地点"),
    "responsible": ("responsible", "负责人"),
    "contract_end": ("contract_end", "合同到期", "合同到期日", "contract end"),
}
"""What a column may be called; the first two are what a refusal says.

The facts that we name have columns of their own (subject_cells.FACTS), any other as `attributes.<name>` or 属性.<name>.
"""

KINDS: Mapping[str, SubjectKind] = {
    **{kind.value: kind for kind in SubjectKind},
    "学生": SubjectKind.STUDENT,
    "学员": SubjectKind.STUDENT,
    "班级": SubjectKind.CLASS,
    "产品": SubjectKind.PRODUCT,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row, its cells as read_facts takes them, and what is wrong with them as (column, problem)."""

    line: int
    kind: str
    external_id: str
    values: Mapping[str, object]
    problems: tuple[tuple[str, Message], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows; `headers` are the columns as spelled in it, by field."""

    headers: Mapping[str, str]
    rows: tuple[Row, ...]

    def header(self, field: str) -> str:
        """How the file's header spells a field, or the field when it has no such column."""
        return self.headers.get(field, field)


def read_sheet(content: bytes, kind: SubjectKind | None = None) -> Sheet:
    """Read a workbook's first sheet, or CSV in UTF-8 (with or without a mark) or GBK.

    `kind` is that of every row when there is no such column. Raises Invalid when the file is too large, no table, or
    its header lacks a column or names one we don't know.
    """
    lines = table_lines(content, MOST_ROWS, largest=LARGEST)
    header = _without_blank_end(next(lines, (1, []))[1])
    fields = _fields(header, kind)
    rows = tuple(_row(line, fields, cells, kind) for line, cells in lines)
    if not rows:
        raise _invalid(N_("The file has a header but no rows; add a row for each subject."))
    return Sheet({field: name.strip() for field, name in zip(fields, header, strict=True)}, rows)


def _without_blank_end(header: Sequence[str]) -> list[str]:
    """A workbook's rows are as wide as its widest; columns after the last one that is named are none."""
    named = [place for place, name in enumerate(header, 1) if name.strip()]
    return list(header[: max(named, default=0)])


def _fields(header: Sequence[str], kind: SubjectKind | None) -> list[str]:
    fields = [_field(name.strip()) for name in header]
    if not fields:
        raise _invalid(N_("The file is empty; its first line names the columns."))
    needed = {"external_id"} | (set() if kind else {"kind"})
    if missing := sorted(needed - set(fields)):
        raise _invalid(N_("The column “%(column)s” is missing."), column=" / ".join(COLUMNS[missing[0]][:2]))
    if double := next((field for field in fields if fields.count(field) > 1), None):
        raise _invalid(N_("The column “%(column)s” is there twice."), column=clip(double))
    return fields


def _field(name: str) -> str:
    for field, names in COLUMNS.items():
        if name.lower() in names:
            return field
    if (attribute := _ATTRIBUTE.fullmatch(name)) and is_storable(name):
        return f"attributes.{attribute[1]}"
    if fact := fact_called(name):
        return f"attributes.{fact}"
    known = tuple(" / ".join(names[:2]) for names in (*COLUMNS.values(), *FACTS.values()))
    text = N_("There is no column “%(name)s”; the columns are %(known)s and attributes.<name>.")
    raise _invalid(text, name=clip(name), known=known)


def _row(line: int, fields: Sequence[str], cells: Sequence[str], kind: SubjectKind | None) -> Row:
    problems: list[tuple[str, Message]] = []
    values: dict[str, Any] = {}
    for field, cell in zip(fields, cells, strict=False):
        value = plain(cell)
        if is_formula(value):
            problems.append((field, Message(FORMULA)))
        elif field.startswith("attributes."):
            _put_fact(values.setdefault("attributes", {}), field, value, problems)
        elif value or field != "brand":
            values[field] = _READERS.get(field, str)(value)
    if any(cell.strip() for cell in cells[len(fields) :]):
        text = N_("It has more cells than the header; a comma inside a cell needs quotation marks.")
        problems.append(("", Message(text)))
    given = str(values.pop("kind", "") or kind or "")
    return Row(line, KINDS.get(given.lower(), given), values.pop("external_id", ""), values, tuple(problems))


def _put_fact(facts: dict[str, Any], field: str, value: str, problems: list[tuple[str, Message]]) -> None:
    """An empty cell says nothing of it."""
    name = field.removeprefix("attributes.")
    try:
        facts |= {name: fact_read(name, value)} if value else {}
    except Invalid as refused:
        problems.append((field, refused.message))


_READERS: Mapping[str, Callable[[str], str]] = {"contract_end": iso_date, "responsible": person_read}
_ATTRIBUTE = re.compile(r"(?:attributes|属性)\.(.{1,64})")


def _invalid(text: str, **params: object) -> Invalid:
    return Invalid(Message(text, params))
