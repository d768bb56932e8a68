"""Importing people: read from Excel and CSV, reported row by row, the whole file or none of it."""

from __future__ import annotations

import io
import zipfile
from uuid import UUID

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from tests.cast import Cast
from tests.tickets.organising.people import audited, person, roles_of
from tickets.access import Actor
from tickets.beat import settle
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.organising.import_rows import PeopleImport
from tickets.organising.people_import import confirm, import_of, problems_of, run, upload
from tickets.organising.person_sheet import read_sheet
from tickets.people import Person, authenticate

HEADER = "登录名,姓名,邮箱,手机,职务,地点,上级,角色\n"
GOOD = HEADER + (
    "10002,钱二,,13800000002,老师,sz-nanshan,10001,requester\n"
    "10001,赵一,z1@qm.example,13800000001,主管,sz-nanshan,zhaomin,consultant;requester@gz-tianhe\n"
    "zhoulan,,,,,,10001,\n"
)
BAD = HEADER + (
    "10001,赵一,,,,sz-nanshan,,requester\n"
    ",孙三,,,,sz-nanshan,,\n"
    "10003,李四,nowhere,,,sz-nanshan,,\n"
    "10004,周五,,,,cd-gaoxin,,\n"
    "10005,吴六,,,,sz-nanshan,,administrator\n"
    "10001,郑七,,,,sz-nanshan,,\n"
    "10006,王八,,,,sz-nanshan,10007,\n"
    "10007,冯九,,,,sz-nanshan,10006,\n"
)


def take(cast: Cast, text: str | bytes, actor: Actor | None = None, **given: str) -> UUID:
    content = text if isinstance(text, bytes) else text.encode()
    return upload(cast.runtime, actor or cast.guohao, content, file_name="人员.csv", **given)


def report(cast: Cast, made: UUID) -> PeopleImport:
    with cast.runtime.reading() as session:
        return import_of(session, cast.guohao, made)


def logins(cast: Cast) -> set[str]:
    with cast.runtime.reading() as session:
        return set(session.scalars(sa.select(Person.login)))


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]  # a new workbook has a sheet
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_dry_run_keeps_nobody_and_the_job_keeps_all(cast: Cast) -> None:
    before = logins(cast)
    made = take(cast, GOOD, password="correct horse 7")
    assert (report(cast, made).status, report(cast, made).wrong, logins(cast)) == ("checked", 0, before)
    confirm(cast.runtime, cast.guohao, made, good_only=False)
    settle(cast.runtime)
    done = report(cast, made)
    assert (done.status, done.created, done.changed, done.done) == ("done", 2, 1, 3)
    assert person(cast, "10002").superior_id == person(cast, "10001").id == person(cast, "zhoulan").superior_id
    assert person(cast, "zhoulan").name == "周岚"
    assert roles_of(cast, "10001") == {("consultant", "sz-nanshan"), ("requester", "gz-tianhe")}
    assert person(cast, "10001").must_change_password
    with cast.runtime.reading() as session:
        assert authenticate(session, "10001", "correct horse 7")
    assert ("people.imported", "人员.csv") in audited(cast)
    with pytest.raises(Conflict):
        confirm(cast.runtime, cast.guohao, made, good_only=False)


def test_every_wrong_row_is_named_and_nothing_is_imported(cast: Cast) -> None:
    before = logins(cast)
    made = take(cast, BAD)
    found = report(cast, made)
    assert [(each.line, each.column) for each in problems_of(found)] == [
        (3, "登录名"),
        (4, "邮箱"),
        (5, "地点"),
        (6, "角色"),
        (7, "登录名"),
        (8, "上级"),
        (9, "上级"),
    ]
    assert (found.wrong, found.total) == (7, 8)
    with pytest.raises(Conflict):
        confirm(cast.runtime, cast.guohao, made, good_only=False)
    assert logins(cast) == before


def test_a_row_tells_at_once_what_can_not_be_read_and_what_is_not_there(cast: Cast) -> None:
    made = take(
        cast,
        HEADER + "zhoulan,周岚,nowhere,call me,,,nobody,king\n,孙三,,12,,atlantis,,\n10001,赵一,x,,,,,\n10001,,,,,,,\n",
    )
    assert [(each.line, each.column) for each in problems_of(report(cast, made))] == [
        *((2, "邮箱"), (2, "手机"), (2, "上级"), (2, "角色")),
        *((3, "登录名"), (3, "手机"), (3, "地点")),
        *((4, "邮箱"), (4, "地点")),
        (5, "登录名"),
    ]


def test_the_good_rows_are_imported_when_told_to(cast: Cast) -> None:
    before = logins(cast)
    made = take(cast, BAD)
    confirm(cast.runtime, cast.guohao, made, good_only=True)
    settle(cast.runtime)
    assert logins(cast) - before == {"10001"}
    assert (report(cast, made).status, report(cast, made).created, report(cast, made).wrong) == ("done", 1, 7)


def test_what_fits_no_more_when_it_is_done_is_refused_whole(cast: Cast) -> None:
    before = logins(cast)
    made = take(cast, GOOD)
    with cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Person).where(Person.login == "zhaomin").values(departed_at=cast.clock.now()))
    confirm(cast.runtime, cast.guohao, made, good_only=False)
    settle(cast.runtime)
    assert report(cast, made).status == "refused"
    assert [each.line for each in problems_of(report(cast, made))] == [3]
    assert logins(cast) == before


def test_an_import_begun_again_goes_on_where_it_was(cast: Cast) -> None:
    made = take(cast, GOOD)
    confirm(cast.runtime, cast.guohao, made, good_only=False)
    found = report(cast, made)
    run(cast.runtime, found.id)
    run(cast.runtime, found.id)
    settle(cast.runtime)
    assert (report(cast, made).created, report(cast, made).changed) == (2, 1)


def test_it_is_its_maker_s_and_only_who_manages_people_makes_one(cast: Cast) -> None:
    made = take(cast, GOOD)
    with cast.runtime.reading() as session, pytest.raises(NotFound):
        import_of(session, cast.admin, made)
    for actor in (cast.zhaomin, cast.lina, cast.zhoulan):
        with pytest.raises(Forbidden):
            take(cast, GOOD, actor)


def test_formulas_and_a_second_row_of_the_same_login_are_told_with_all_else_that_is_wrong(cast: Cast) -> None:
    rows = "login,name,email,place\n10001,=1+1,,sz-nanshan\n10002,许静,,sz-nanshan\n10002,许静二,bad mail,moon\n"
    with cast.runtime.reading() as session:
        found = import_of(session, cast.admin, take(cast, rows, cast.admin))
        wrong = [(each.line, each.column) for each in problems_of(found)]
    assert wrong == [(2, "name"), (4, "login"), (4, "email"), (4, "place")]


def test_a_workbook_is_read_with_its_numbers_and_formulas_as_texts() -> None:
    sheet = read_sheet(
        workbook(("login", "Name", "phone", None), (10001, "=1+2", 13800138000.0, None), (None, None, None), ("a", "b"))
    )
    assert [(row.line, dict(row.cells)) for row in sheet.rows] == [
        (2, {"login": "10001", "name": "=1+2", "phone": "13800138000"}),
        (4, {"login": "a", "name": "b", "phone": ""}),
    ]


def bomb(name: str, content: bytes) -> bytes:
    made = io.BytesIO(workbook(("login",), ("a",)))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"PK\x03\x04 no archive",
        b"\xd0\xcf\x11\xe0 old",
        b"x" * (5 * 1024 * 1024 + 1),
        b"name,place\nx,y\n",
        b"login,login\nx,y\n",
        b"login,shoe size\nx,y\n",
        b"login\n",
        b'login,name\n"x,y\n',
        b"login\n" + b"x\n" * 5001,
        bomb("xl/media/big.bin", b"\0" * (30 * 1024 * 1024)),
        bomb("xl/evil.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>'),
        workbook(),
    ],
    ids=range(14),
)
def test_what_is_no_table_of_people_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_sheet(content)


def test_a_column_that_is_unknown_is_told_the_columns_in_both_languages() -> None:
    with pytest.raises(Invalid) as refused:
        read_sheet("登录名,血型,姓名,星座\nx,A,y,z\n".encode())
    params = refused.value.message.params
    known = params["known"]
    assert isinstance(known, tuple)
    assert params["name"] == ("血型", "星座")
    assert {"login / 登录名", "e-mail / 邮箱", "superior / 上级"} <= set(known)
    sheet = read_sheet("登录名,主管,email\nx,zhaomin,x@qm.example\n".encode())
    assert sheet.rows[0].cells == {"login": "x", "superior": "zhaomin", "email": "x@qm.example"}
