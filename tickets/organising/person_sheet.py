"""Owns reading a file of people: a workbook (xlsx) or CSV, its columns, and limits that no file gets past."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from engine.expressions import N_, Message
from engine.expressions.problems import clip
from tickets.csv_lines import counted, csv_lines, plain
from tickets.errors import Invalid

LARGEST = 5 * 1024 * 1024
UNPACKED = 24 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 5000
MOST_COLUMNS = 40
LONGEST_CELL = 2000

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
    if len(content) > LARGEST:
        raise _invalid(N_("The file is larger than %(limit)s MB; split it."), limit=LARGEST // 1024**2)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _invalid(N_("This is a workbook of the old kind (.xls); save it as .xlsx or CSV."))
    lines = _workbook(content) if content.startswith(b"PK\x03\x04") else csv_lines(content, MOST_ROWS)
    header = next(lines, (1, []))[1]
    fields = _fields(header)
    rows = tuple(_row(line, fields, cells) for line, cells in lines)
    if not rows:
        raise _invalid(N_("The file has a header but no rows; add a row for each person."))
    return Sheet({field: name.strip() for field, name in zip(fields, header, strict=False) if field}, rows)


def _workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(max_row=20 * MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        rows = [(line, [_text(cell) for cell in row]) for line, row in enumerate(cells, 1) if any(row)][: MOST_ROWS + 2]
    except (
        BadZipFile,
        InvalidFileException,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        OSError,
    ) as error:
        raise _invalid(N_("The workbook is damaged; open it in the spreadsheet and save it again.")) from error
    return counted(iter(rows), MOST_ROWS)


def _check_archive(content: bytes) -> None:
    """A workbook is an archive of XML: nothing in it may unpack to more than we read, or define entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise _invalid(N_("The workbook unpacks to too much; keep only the sheet with the people."))
            for part in parts:
                with archive.open(part) as file:
                    text = file.read(part.file_size + 1)
                if len(text) > part.file_size or b"<!DOCTYPE" in text or b"<!ENTITY" in text or text[:2] in _UTF16:
                    raise _invalid(N_("The workbook is damaged; open it in the spreadsheet and save it again."))
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise _invalid(N_("The workbook is damaged; open it in the spreadsheet and save it again.")) from error


_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def _text(value: object) -> str:
    """A cell as one reads it; a formula is its text, never what it would give."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "text", value))[: LONGEST_CELL + 1]


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
