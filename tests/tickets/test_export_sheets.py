"""Files for Excel in which no cell becomes a formula."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
