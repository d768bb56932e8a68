"""Owns writing rows as a file for Excel: CSV and XLSX, in which no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import IO, TypeAlias
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell: TypeAlias = str | int | float | datetime | None
"""A moment is naive: it is as the reader's clock shows it."""
Row: TypeAlias = Sequence[Cell]
Write: TypeAlias = Callable[[Row], None]

MEASURED, NARROWEST, WIDEST = 200, 8, 48
"""The rows that columns are measured by; widths in characters."""
LONGEST_CELL = 32_000
"""Excel takes 32,767 characters."""
_BREAKS = ("\t", "\r", "\n")
_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""With these a spreadsheet begins a formula (OWASP, CSV injection), in full width too where it converts them."""


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def safe(text: str) -> str:
    """A text that a spreadsheet shows as it is: what would begin a formula gets an apostrophe before it."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL]
    return f"'{clean}" if clean.startswith(_BREAKS) or clean.strip("\ufeff ").lstrip().startswith(_STARTS) else clean


def csv_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """A CSV file line by line, with the mark that lets Excel read it as UTF-8."""
    yield "\ufeff".encode()
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow([_csv(cell) for cell in row])
        yield line.getvalue().encode("utf-8", "replace")


def opened(kind: Format, file: IO[bytes], title: str) -> AbstractContextManager[Write]:
    """Write rows into a file of that kind, the first of them its head; the file is complete when the block ends."""
    return _csv_file(file) if kind is Format.CSV else _xlsx_file(file, title)


@contextmanager
def _csv_file(file: IO[bytes]) -> Iterator[Write]:
    file.write("\ufeff".encode())
    yield lambda row: file.writelines(list(csv_lines([row]))[1:])


@contextmanager
def _xlsx_file(file: IO[bytes], title: str) -> Iterator[Write]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    first: list[Row] = []
    begun = False

    def begin() -> None:
        """The columns are as wide as the first rows; a file says that before it says any row."""
        nonlocal begun
        begun = True
        for number, width in enumerate(_widths(first), start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        for number, row in enumerate(first):
            sheet.append([_xlsx(sheet, cell, bold=number == 0) for cell in row])
        first.clear()

    def write(row: Row) -> None:
        if begun:
            sheet.append([_xlsx(sheet, cell, bold=False) for cell in row])
            return
        first.append(row)
        if len(first) >= MEASURED:
            begin()

    yield write
    if not begun:
        begin()
    book.save(file)


def _widths(rows: Sequence[Row]) -> Iterator[int]:
    """How wide each column is for what stands in it, in characters; a moment that has no room shows as ####."""
    for cells in zip_longest(*rows):
        yield min(WIDEST, max(NARROWEST, 2 + max(map(_width, cells), default=0)))


def _width(cell: Cell) -> int:
    lines = _csv(cell).splitlines() or [""]
    return max(sum(1 + (east_asian_width(character) in "FW") for character in line[:WIDEST]) for line in lines)


def _csv(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M")
        case str():
            return safe(cell)
        case _:
            return str(cell)


def _xlsx(sheet: WriteOnlyWorksheet, cell: Cell, *, bold: bool) -> OpenpyxlCell | None:
    """A typed cell: texts are told to be texts, so that not even Excel's own reading makes a formula of one."""
    if cell is None:
        return None
    made = WriteOnlyCell(sheet, value=safe(cell) if isinstance(cell, str) else cell)
    if isinstance(cell, str):
        made.data_type = "s"
    elif isinstance(cell, datetime):
        made.number_format = "yyyy-mm-dd hh:mm"
    if bold:
        made.font = Font(bold=True)
    return made


def _sheet_title(title: str) -> str:
    """Without what the name of a sheet must not hold."""
    return "".join(character for character in title if character not in "[]:*?/\\'")[:31] or "1"
