"""Owns reading a file of people: a workbook (xlsx) or CSV, its columns, and limits that no file gets past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.expressions import N_, Message
from engine.expressions.problems import clip
from tickets.csv_lines import plain
from tickets.errors import Invalid
from tickets.table_lines import MOST_COLUMNS, table_lines

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 5000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "login": ("login", "登录名", "账号", "工号"),
    "name": ("name", "姓名"),
    "email": ("e-mail", "邮箱", "email", "电子邮箱"),
    "phone": ("phone", "手机", "手机号", "电话"),
    "title": ("title", "职务", "岗位"),
    "place": ("place", "地点", "校区", "部门"),
    "superior": ("superior", "上级", "主管", "直属上级"),
    "roles": ("roles", "角色"),
    "language": ("language", "语言"),
}
"""What a column may be called; the first two, English and Chinese, are what a report says of a column."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its line in the file, from 1, and its cells by field, as texts."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows; `headers` are the columns as spelled in it, by field."""

    headers: Mapping[str, str]
    rows: tuple[SheetRow, ...]


def read_sheet(content: bytes) -> Sheet:
    """Read a workbook's first sheet, or CSV in UTF-8 or GBK. Raises Invalid for what is no table of people."""
    lines = table_lines(content, MOST_ROWS, largest=LARGEST)
    header = next(lines, (1, []))[1]
    fields = _fields(header)
    rows = tuple(_row(line, fields, cells) for line, cells in lines)
    if not rows:
        raise _invalid(N_("The file has a header but no rows; add a row for each person."))
    return Sheet({field: name.strip() for field, name in zip(fields, header, strict=False) if field}, rows)


def _fields(header: Sequence[str]) -> list[str]:
    if not any(name.strip() for name in header):
        raise _invalid(N_("The file is empty; its first line names the columns."))
    names = [name.strip() for name in header[:MOST_COLUMNS]]
    fields = [_field(name) for name in names]
    if unknown := tuple(clip(name) for name, field in zip(names, fields, strict=True) if name and not field):
        known = tuple(map(spelled, COLUMNS.values()))
        raise _invalid(N_("There is no column “%(name)s”; the columns are %(known)s."), name=unknown, known=known)
    if "login" not in fields:
        raise _invalid(N_("The column “%(column)s” is missing."), column=spelled(COLUMNS["login"]))
    if double := next((field for field in fields if field and fields.count(field) > 1), None):
        raise _invalid(N_("The column “%(column)s” is there twice."), column=double)
    return fields


def _field(name: str) -> str:
    return next((field for field, names in COLUMNS.items() if name.lower() in names), "")


def spelled(names: Sequence[str]) -> str:
    """A column's two names, as a report says them to whoever wrote the file, in either language."""
    return " / ".join(names[:2])


def _row(line: int, fields: Sequence[str], cells: Sequence[str]) -> SheetRow:
    texts = {field: plain(cell) for field, cell in zip(fields, cells, strict=False) if field}
    return SheetRow(line, {field: text.replace("\0", "\1") for field, text in texts.items()})  # 0 can't be stored


def _invalid(text: str, **params: object) -> Invalid:
    return Invalid(Message(text, params))
