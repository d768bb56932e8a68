"""The list of subjects one may see."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.cast import Cast
from tickets.access import Actor
from tickets.errors import Invalid, NotFound
from tickets.subject_list import find_subject, subject_list
from tickets.subjects import Subject, SubjectKind


def codes(cast: Cast, actor: Actor, *, kind: SubjectKind | None = None, search: str = "") -> list[str]:
    with cast.runtime.reading() as session:
        page = subject_list(session, actor, kind=kind, search=search)
        return [row.subject.external_id for row in page.rows]


def test_the_list_holds_what_the_scope_holds_the_newest_first(cast: Cast) -> None:
    cast.add_subjects()
    campus = ["QH-C-301", "QH-S-1004", "QH-S-1003", "QH-S-1002", "QH-S-1001"]
    assert codes(cast, cast.liutao) == ["classroom", "qinghe-app", *campus], "products of the group and the brand"
    assert codes(cast, cast.liutao, kind=SubjectKind.CLASS) == ["QH-C-301"]
    assert codes(cast, cast.huangyi) == ["MM-C-102", "MM-S-0001"]


def test_a_search_finds_parts_of_names_and_ids_and_takes_signs_literally(cast: Cast) -> None:
    cast.add_subjects()
    assert codes(cast, cast.chenxiao, search=" 一诺 ") == ["QH-S-1002"]
    assert codes(cast, cast.chenxiao, search="mm-s") == ["MM-S-0001"]
    for nothing in ("%", "_", "\\", "'", "林\ud800", "x" * 100_000):
        assert codes(cast, cast.chenxiao, search=nothing) in ([], ["QH-S-1001"])
    assert len(codes(cast, cast.chenxiao, search="\0")) == 12


def test_pages_follow_one_another_without_gap_or_repetition(cast: Cast) -> None:
    cast.add_subjects()
    found: list[str] = []
    cursor = None
    with cast.runtime.reading() as session:
        while True:
            page = subject_list(session, cast.chenxiao, cursor=cursor, limit=5)
            found += [row.subject.external_id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert found == codes(cast, cast.chenxiao)
    assert len(found) == 12


def test_a_page_mark_that_no_page_gave_is_refused(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        for cursor in ("x", "-1", "1 OR 1", "9" * 40, "١"):
            with pytest.raises(Invalid):
                subject_list(session, cast.chenxiao, cursor=cursor)


def test_a_subject_is_found_with_its_place_and_brand_only_by_those_who_see_it(cast: Cast) -> None:
    cast.add_subjects()
    with cast.runtime.reading() as session:
        wanted = session.scalars(sa.select(Subject.public_id).where(Subject.external_id == "QH-S-1003")).one()
        row = find_subject(session, cast.liutao, wanted)
        assert (row.place.name, row.brand.name) == ("深圳南山校区", "青禾英语")
        assert row.responsible
        assert row.responsible.login == "wufang"
        for actor in (cast.sunyue, cast.huangyi):
            with pytest.raises(NotFound):
                find_subject(session, actor, wanted)
        with pytest.raises(NotFound):
            find_subject(session, cast.admin, uuid4())
