"""Subjects kept by other systems: PUT by kind and external id, with what follows from a contract's end."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import Job
from tests.cast import Cast
from tickets.audit import AuditEntry
from tickets.errors import Forbidden
from tickets.places import Place, PlaceKind, add_place
from tickets.roles import Membership
from tickets.subject_facts import ATTRIBUTES_LIMIT, FIELDS, SubjectInvalid, read_facts
from tickets.subject_register import CONTRACT_JOB, Saved, put_subject
from tickets.subjects import Subject, SubjectKind

STUDENT = {"name": "林小满", "place": "sz-nanshan", "responsible": "liutao", "contract_end": "2027-08-31"}


def put(cast: Cast, values: Mapping[str, object], *, code: str = "S-1", by: str = "zhaomin") -> Saved:
    cast.clock.advance(timedelta(seconds=1))
    return put_subject(cast.runtime, cast.actor(by), "student", code, values)


def kept(cast: Cast, code: str = "S-1") -> Subject:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(Subject).where(Subject.external_id == code)).one()


def jobs(cast: Cast) -> list[dict[str, Any]]:
    with cast.runtime.reading() as session:
        return list(session.scalars(sa.select(Job.args).where(Job.name == CONTRACT_JOB).order_by(Job.id)))


def refused(cast: Cast, values: Mapping[str, object], *, by: str = "zhaomin", code: str = "S-1") -> set[str]:
    """The fields that an attempt is refused for."""
    with pytest.raises(SubjectInvalid) as caught:
        put(cast, values, by=by, code=code)
    return set(caught.value.errors)


def test_a_new_subject_is_created_and_the_same_again_changes_nothing(cast: Cast) -> None:
    first = put(cast, STUDENT | {"attributes": {"年级": "三年级"}})
    assert (first.created, first.changed) == (True, False)
    subject = kept(cast)
    assert (subject.public_id, subject.kind, subject.name) == (first.public_id, SubjectKind.STUDENT, "林小满")
    assert (subject.brand_id, subject.place_id) == (cast.places["qinghe"], cast.places["sz-nanshan"])
    assert (subject.responsible_id, subject.contract_end) == (cast.people["liutao"], date(2027, 8, 31))
    assert subject.attributes == {"年级": "三年级"}
    again = put(cast, STUDENT)
    assert (again.public_id, again.created, again.changed) == (first.public_id, False, False)
    assert kept(cast).updated_at == subject.updated_at


def test_what_is_not_said_stays_and_null_clears(cast: Cast) -> None:
    put(cast, STUDENT)
    assert put(cast, {"name": "林小滿"}).changed
    assert put(cast, {"responsible": None, "attributes": None}).changed
    subject = kept(cast)
    assert (subject.name, subject.responsible_id, subject.contract_end) == ("林小滿", None, date(2027, 8, 31))


def test_a_contract_that_begins_changes_or_ends_enqueues_one_job_with_the_change(cast: Cast) -> None:
    put(cast, STUDENT)
    put(cast, STUDENT)
    put(cast, {"contract_end": "2028-08-31"})
    put(cast, {"contract_end": "2027-08-31"})
    put(cast, {"contract_end": "2028-08-31"})
    put(cast, {"contract_end": "2027-08-31"})
    put(cast, {"contract_end": None})
    put(cast, {"name": "林"})
    ends = [None, "2027-08-31", "2028-08-31", "2027-08-31", "2028-08-31", "2027-08-31", None]
    changes = list(pairwise(ends))
    assert [(job["previous"], job["contract_end"]) for job in jobs(cast)] == changes
    assert {job["subject_id"] for job in jobs(cast)} == {kept(cast).id}


def test_only_a_student_s_contract_enqueues_a_job(cast: Cast) -> None:
    put(cast, STUDENT | {"contract_end": None})
    put_subject(cast.runtime, cast.zhaomin, "class", "C-1", STUDENT)
    assert jobs(cast) == []


def test_each_change_is_audited_with_what_differs(cast: Cast) -> None:
    put(cast, STUDENT)
    put(cast, {"name": "林大满", "contract_end": "2027-08-31"})
    put(cast, {"name": "林大满"})
    with cast.runtime.reading() as session:
        created, changed = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    assert (created.action, created.what, created.actor_id) == (
        "subject.created",
        "student S-1",
        cast.people["zhaomin"],
    )
    assert created.after["contract_end"] == "2027-08-31"
    assert (changed.action, changed.before, changed.after) == (
        "subject.changed",
        {"name": "林小满"},
        {"name": "林大满"},
    )


def test_values_that_make_no_subject_are_refused_field_by_field(cast: Cast) -> None:
    assert refused(cast, {"name": " ", "contract_end": "31.8.2027", "place": 7, "colour": "red"}) == {
        "name",
        "contract_end",
        "place",
        "colour",
    }
    assert refused(cast, STUDENT | {"place": "nowhere"}) == {"place"}
    assert refused(cast, STUDENT | {"responsible": "nobody"}) == {"responsible"}
    assert refused(cast, STUDENT | {"responsible": "huangyi"}) == {"responsible"}
    assert refused(cast, {"place": "sz-nanshan"}) == {"name"}
    assert refused(cast, {"name": "林小满"}) == {"place"}
    assert refused(cast, STUDENT | {"brand": "nowhere"}) == {"brand"}


def test_somebody_who_left_may_still_be_named_as_responsible(cast: Cast) -> None:
    put(cast, STUDENT | {"responsible": "WuFang"})
    assert kept(cast).responsible_id == cast.people["wufang"]


def test_subjects_are_kept_only_by_roles_that_may_and_only_within_their_reach(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        put(cast, STUDENT, by="liutao")
    assert refused(cast, STUDENT | {"place": "gz-tianhe"}) == {"place"}
    assert refused(cast, STUDENT | {"place": "cd-gaoxin"}) == {"place"}
    put(cast, STUDENT | {"place": "gz-tianhe"}, by="chenxiao")
    assert refused(cast, STUDENT) == {"external_id"}
    assert refused(cast, {"name": "改名"}) == {"place"}
    put(cast, {"place": "sz-nanshan"}, by="chenxiao")
    assert put(cast, {"name": "改名"}).changed


def test_two_brands_may_use_the_same_id_and_a_group_s_role_says_which_is_meant(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        kapok = session.get_one(Place, cast.places["kapok"])
        add_place(session, PlaceKind.CAMPUS, {"zh": "同号校区"}, above=kapok, external_id="sz-nanshan")
    assert refused(cast, STUDENT, by="chenxiao") == {"brand"}
    assert put(cast, STUDENT).created
    assert put(cast, STUDENT | {"brand": "kapok", "responsible": "huangyi"}, by="chenxiao").created
    assert refused(cast, {"name": "谁"}, by="chenxiao") == {"brand"}
    assert put(cast, {"name": "木棉的", "brand": "kapok"}, by="chenxiao").changed
    with cast.runtime.reading() as session:
        names = set(session.scalars(sa.select(Subject.name)))
    assert names == {"林小满", "木棉的"}


def test_a_role_at_the_group_with_a_campus_s_scope_reaches_every_brand_below(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        ids = {"person_id": cast.people["lina"], "role_id": cast.roles["campus_head"]}
        session.add(Membership(place_id=cast.places["qiming"], **ids))
    assert put(cast, STUDENT, by="lina").created


def test_a_subject_put_by_many_at_once_is_created_once(cast: Cast) -> None:
    actor = cast.zhaomin

    def attempt(number: int) -> Saved:
        return put_subject(cast.runtime, actor, "student", "S-9", STUDENT | {"name": f"林 {number}"})

    with ThreadPoolExecutor(6) as pool:
        saved = list(pool.map(attempt, range(6)))
    assert sum(each.created for each in saved) == 1
    assert len({each.public_id for each in saved}) == 1
    assert len(jobs(cast)) == 1


@pytest.mark.parametrize(
    ("kind", "code", "field"),
    [
        ("teacher", "S-1", "kind"),
        ("\ud800", "S-1", "kind"),
        ("student", "", "external_id"),
        ("student", " S-1", "external_id"),
        ("student", "a/b", "external_id"),
        ("student", "S\0", "external_id"),
        ("student", "x" * 129, "external_id"),
    ],
)
def test_an_impossible_kind_or_id_is_refused(kind: str, code: str, field: str) -> None:
    with pytest.raises(SubjectInvalid) as caught:
        read_facts(kind, code, {})
    assert set(caught.value.errors) == {field}


DEEP: dict[str, Any] = {"a": {"a": {"a": {"a": {"a": {"a": {}}}}}}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ["林"]),
        ("name", "林" * 201),
        ("name", "林\n小满"),
        ("name", "林\u202e小满"),
        ("name", "\ud800"),
        ("place", ""),
        ("place", "x" * 129),
        ("responsible", 5),
        ("contract_end", 20270831),
        ("contract_end", "2027-02-30"),
        ("contract_end", "20270831"),
        ("contract_end", "2027-W01-1"),
        ("contract_end", "٢٠٢٧-٠٨-٣١"),
        ("contract_end", "1999-12-31"),
        ("contract_end", "9999-12-31"),
        ("attributes", "grade 3"),
        ("attributes", [1]),
        ("attributes", {"a": float("nan")}),
        ("attributes", {"a": "\0"}),
        ("attributes", {"\ud800": 1}),
        ("attributes", {"a": 10**30}),
        ("attributes", {1: "a"}),
        ("attributes", {"a": "x" * ATTRIBUTES_LIMIT}),
        ("attributes", {str(number): 1 for number in range(1001)}),
        ("attributes", DEEP),
        ("\ud800", "an unknown field whose name is not text"),
    ],
)
def test_an_impossible_value_is_refused(field: str, value: object) -> None:
    with pytest.raises(SubjectInvalid) as caught:
        read_facts("student", "S-1", {field: value})
    assert len(caught.value.errors) == 1
    assert str(caught.value)


def test_every_field_can_be_read() -> None:
    facts = read_facts("product", "app", {**STUDENT, "brand": "qinghe", "attributes": {"a": {"b": [1, None, True]}}})
    assert facts.given == set(FIELDS)
    assert facts.contract_end == date(2027, 8, 31)
