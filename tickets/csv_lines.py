"""Owns the lines of a CSV file as people save it: its encoding, what parts its columns, and how many there may be."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from engine.expressions import N_, Message
from tickets.errors import Invalid


def csv_lines(content: bytes, most: int) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank with its number from 1, the header first, in UTF-8 (with or without a mark) or GBK.

    Columns are parted by commas, semicolons or tabs. Raises Invalid, while reading, where it is no such file or has
    more than `most` rows.
    """
    return counted(_lines(_decoded(content)), most)


def counted(lines: Iterator[tuple[int, list[str]]], most: int) -> Iterator[tuple[int, list[str]]]:
    """The same lines, a header and no more than `most` rows. Raises Invalid at the first that is too many."""
    for count, (line, cells) in enumerate(lines):
        if count > most:
            raise Invalid(Message(N_("The file has more than %(limit)s rows; split it."), {"limit": most}))
        yield line, cells


def plain(cell: str) -> str:
    """The cell's value; spreadsheets write ="00123" to keep the zeros."""
    quoted = re.fullmatch(r'="([^"]*)"', cell.strip())
    return quoted[1].strip() if quoted else cell.strip()


FORMULA = N_("A spreadsheet would run this as a formula; write the plain value.")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run it; a telephone number is none."""
    return _FORMULA.match(cell) is not None


_FORMULA = re.compile(r"[=@]|[+-](?![0-9 ().-]*$)")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # the second holds all of GBK
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(Message(N_("The file is neither UTF-8 nor GBK text; save it as CSV in UTF-8.")))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        problem = N_("A quotation mark is missing, or a cell is far too long; save the file as CSV again.")
        raise Invalid(Message(problem)) from None
