"""Owns the lines of a workbook (xlsx) as people save it: its first sheet, and limits that no file gets past."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from engine.expressions import N_, Message
from tickets.csv_lines import counted, csv_lines
from tickets.errors import Invalid

UNPACKED = 24 * 1024 * 1024
MOST_PARTS = 200
MOST_COLUMNS = 40
LONGEST_CELL = 2000


def table_lines(content: bytes, most: int, *, largest: int) -> Iterator[tuple[int, list[str]]]:
    """The lines of a workbook's first sheet, or of CSV in UTF-8 or GBK, each with its number from 1; no blank ones.

    `most` rows and `largest` bytes are taken. Raises Invalid for what is no such file or too much.
    """
    if len(content) > largest:
        raise Invalid(Message(N_("The file is larger than %(limit)s MB; split it."), {"limit": largest // 1024**2}))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _invalid(N_("This is a workbook of the old kind (.xls); save it as .xlsx or CSV."))
    return _workbook(content, most) if content.startswith(b"PK\x03\x04") else csv_lines(content, most)


def _workbook(content: bytes, most: int) -> Iterator[tuple[int, list[str]]]:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(max_row=20 * most, max_col=MOST_COLUMNS, values_only=True)
        rows = [(line, [_text(cell) for cell in row]) for line, row in enumerate(cells, 1) if any(row)][: most + 2]
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
    return counted(iter(rows), most)


def _check_archive(content: bytes) -> None:
    """A workbook is an archive of XML: nothing in it may unpack to more than we read, or define entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise _invalid(N_("The workbook unpacks to too much; keep only the sheet to be imported."))
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
        return value.isoformat().removesuffix("T00:00:00")
    return str(getattr(value, "text", value))[: LONGEST_CELL + 1]


def _invalid(text: str) -> Invalid:
    return Invalid(Message(text))
