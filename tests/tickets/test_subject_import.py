"""Subjects imported from a workbook or a CSV file."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from engine.models import Job
from tests.cast import Cast
from tickets.errors import Forbidden, Invalid
from tickets.subject_import import ImportReport, import_subjects
from tickets.subject_sheet import LARGEST, MOST_ROWS, read_sheet
from tickets.subjects import Subject, SubjectKind

SHEET = """类型,编号,姓名,校区,负责人,合同到期,属性.年级
学生,S-1,林小满,sz-nanshan,liutao,2027/8/31,三年级
学生,S-2,"欧阳,一诺",sz-nanshan,,2027年9月1日,

班级,C-1,周六上午,sz-nanshan,zhoulan,,
"""


def bring(cast: Cast, text: str | bytes, kind: SubjectKind | None = None) -> ImportReport:
    content = text if isinstance(text, bytes) else text.encode()
    return import_subjects(cast.runtime, cast.zhaomin, content, kind=kind)


def kept(cast: Cast) -> dict[str, Subject]:
    with cast.runtime.reading() as session:
        return {each.external_id: each for each in session.scalars(sa.select(Subject))}


def problems(report: ImportReport) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in report.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_sheet_is_imported_in_any_usual_encoding(cast: Cast, encoding: str) -> None:
    report = bring(cast, SHEET.encode(encoding))
    assert (report.accepted, report.rows, report.created, report.changed) == (True, 3, 3, 0)
    subjects = kept(cast)
    assert subjects["S-1"].attributes == {"年级": "三年级"}
    assert str(subjects["S-1"].contract_end) == "2027-08-31"
    assert str(subjects["S-2"].contract_end) == "2027-09-01"
    assert (subjects["S-2"].name, subjects["S-2"].responsible_id) == ("欧阳,一诺", None)
    assert subjects["C-1"].kind == SubjectKind.CLASS
    with cast.runtime.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 2


def test_a_second_import_changes_only_what_differs(cast: Cast) -> None:
    bring(cast, SHEET)
    report = bring(cast, SHEET.replace("林小满", "林大满"))
    assert (report.rows, report.created, report.changed) == (3, 0, 1)


def test_a_fact_that_a_file_has_no_word_of_stays(cast: Cast) -> None:
    bring(cast, SHEET)
    other = SHEET.replace("属性.年级", "属性.备注").replace("三年级", "走读")
    assert bring(cast, other).changed == 1
    assert kept(cast)["S-1"].attributes == {"年级": "三年级", "备注": "走读"}
    assert bring(cast, SHEET.replace("三年级", "")).changed == 0


def test_nothing_is_imported_when_one_row_is_wrong_and_the_report_names_every_cell(cast: Cast) -> None:
    wrong = """学生,S-3,,sz-nanshan,,,
学生,S-4,何,gz-tianhe,,,
老师,S-5,何,sz-nanshan,,,
学生,S-6,何,sz-nanshan,nobody,31.8.2027,
学生,S-7,=HYPERLINK(1),sz-nanshan,,,
学生,S-8,何,sz-nanshan,,,一年级,多余
学生,S-1,又是林小满,sz-nanshan,,,
学生,S-9,何,sz-nanshan,nobody,,
"""
    report = bring(cast, SHEET + wrong)
    assert not report.accepted
    assert problems(report) == [
        (6, "姓名"),
        (7, "校区"),
        (8, "类型"),
        (9, "负责人"),
        (9, "合同到期"),
        (10, "姓名"),
        (11, ""),
        (12, "编号"),
        (13, "负责人"),
    ]
    assert kept(cast) == {}


def test_a_row_tells_at_once_what_can_not_be_read_and_what_is_not_there(cast: Cast) -> None:
    wrong = """学生,S-3,何,atlantis,nobody,31.8.2027,
老师,S-4,,gz-tianhe,nobody,,
学生,a/b,何,sz-nanshan,huangyi,soon,
学生,S-1,又是林小满,atlantis,,soon,
"""
    assert problems(bring(cast, SHEET + wrong)) == [
        *((6, "校区"), (6, "负责人"), (6, "合同到期")),
        *((7, "类型"), (7, "姓名"), (7, "校区"), (7, "负责人")),
        *((8, "编号"), (8, "负责人"), (8, "合同到期")),
        *((9, "编号"), (9, "校区"), (9, "合同到期")),
    ]
    brands = bring(cast, "kind,id,brand,responsible\nstudent,S-1,atlantis,nobody\nteacher,S-2,,liutao\n")
    assert problems(brands) == [(2, "brand"), (2, "responsible"), (2, "place"), (2, "name"), (3, "kind")]


def test_a_report_lists_some_problems_and_counts_the_others(cast: Cast) -> None:
    rows = "\n".join(f"student,S-{number},,sz-nanshan" for number in range(500))
    report = bring(cast, f"kind,external_id,name,place\n{rows}")
    assert (len(report.problems), report.more) == (200, 300)


def test_a_file_without_kinds_has_the_kind_it_is_imported_as(cast: Cast) -> None:
    text = "id;name;place\nX-1;数学;sz-nanshan\n"
    with pytest.raises(Invalid):
        bring(cast, text)
    assert bring(cast, text, SubjectKind.CLASS).created == 1
    assert kept(cast)["X-1"].kind == SubjectKind.CLASS


def test_values_a_spreadsheet_protects_are_taken_and_formulas_are_not(cast: Cast) -> None:
    text = 'kind,id,name,place,attributes.电话\nstudent,"=""0012""",林,sz-nanshan,+86 138-0000\n'
    assert bring(cast, text).accepted
    assert kept(cast)["0012"].attributes == {"电话": "+86 138-0000"}
    for formula in ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-1+cmd()", '=""0012""&A1'):
        report = bring(cast, f"kind,id,name,place\nstudent,S-1,{formula.replace(chr(34), '')},sz-nanshan\n")
        assert problems(report) == [(2, "name")], "and not that the name is missing, too"


def test_a_workbook_is_imported_as_a_csv_file_is(cast: Cast) -> None:
    book = Workbook()
    rows: list[tuple[object, ...]] = [
        ("类型", "编号", "姓名", "校区", "合同到期", "属性.年级", None),
        ("学员", 12, "林小满", "sz-nanshan", date(2027, 8, 31), "三年级", None),
        (None,) * 7,
        ("学员", "S-2", "欧阳,一诺", "sz-nanshan", None, None, None),
    ]
    for row in rows:
        book.worksheets[0].append(list(row))
    content = io.BytesIO()
    book.save(content)
    assert bring(cast, content.getvalue()).created == 2
    found = kept(cast)["12"]
    assert (found.name, str(found.contract_end), found.attributes) == ("林小满", "2027-08-31", {"年级": "三年级"})


def test_only_who_may_change_subjects_imports_them(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        import_subjects(cast.runtime, cast.liutao, SHEET.encode())


@pytest.mark.slow
def test_ten_thousand_rows_are_imported_at_once(cast: Cast) -> None:
    rows = "\n".join(f"student,S-{number},林,sz-nanshan,2027-08-31" for number in range(MOST_ROWS))
    assert bring(cast, f"kind,external_id,name,place,contract_end\n{rows}").created == MOST_ROWS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\n\n",
        b"kind,external_id,name\n",
        b"kind,name\nstudent,A\n",
        b"kind,external_id,name,colour\nstudent,S-1,A,red\n",
        b"kind,external_id,external_id\nstudent,S-1,S-1\n",
        b'kind,external_id,name\nstudent,S-1,"A\n',
        b'kind,external_id,name\nstudent,S-1,"A"b\n',
        b"kind,external_id,name\nstudent,S-1,\xff\xfe\xff\n",
        b"kind,external_id,name\nstudent,S-1," + b"x" * 200_000,
        b"kind,external_id,name\n" + b"student,S-1,A\n" * (MOST_ROWS + 1),
        b"PK\x03\x04 a workbook",
        b"\xd0\xcf\x11\xe0 an old workbook",
        b"x" * (LARGEST + 1),
        b"\0" * 1000,
        ",".join(f"attributes.{number}" for number in range(5000)).encode() + b"\n",
    ],
)
def test_a_file_that_is_no_table_of_subjects_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_sheet(content)
    assert str(caught.value).endswith(".")


@given(st.binary(max_size=200) | st.text(alphabet='kind,external_idname\n";\t=\0é学生', max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for start in (b"", b"kind,external_id,name,place\n"):
        with suppress(Invalid):
            assert read_sheet(start + content).rows
