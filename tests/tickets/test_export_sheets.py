"""Files for Excel in which no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from tickets.exporting.sheet import Format, csv_lines, opened, safe


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\ufeff=1", "＝1", "＠x"]
)
def test_what_would_begin_a_formula_is_shown_as_it_is(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "App 上课时闪退", "1-1", "a=b", "CR-20418", "'already"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe(text) == text


@given(st.lists(st.lists(st.text(max_size=40), min_size=1, max_size=4), max_size=5))
def test_no_csv_cell_begins_a_formula(rows: list[list[str]]) -> None:
    text = b"".join(csv_lines(rows)).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_no_cell_of_a_workbook_is_a_formula(row: list[str]) -> None:
    file = io.BytesIO()
    with opened(Format.XLSX, file, "a/b*c") as write:
        write(["head"])
        write(row)
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)


def test_numbers_stay_numbers_and_a_missing_value_is_empty() -> None:
    assert b"".join(csv_lines([[-3, 2.5, None, "x"]])).decode("utf-8-sig") == "-3,2.5,,x\r\n"


@pytest.mark.parametrize("rows", [1, 450])
def test_columns_are_as_wide_as_what_stands_in_them(rows: int) -> None:
    file = io.BytesIO()
    with opened(Format.XLSX, file, "wide") as write:
        write(["完成", "Why", "n"])
        for number in range(rows):
            write([datetime.fromisoformat("2026-11-24T09:30"), "照片里看不到桌牌，" * 9, number])
    sheet = openpyxl.load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert 16 < widths[0] < 20, "a moment is shown, not ####"
    assert widths[1:] == [48, 8]
    assert (sheet.max_row, sheet.cell(1, 1).font.b, sheet.cell(2, 1).font.b) == (rows + 1, True, False)
