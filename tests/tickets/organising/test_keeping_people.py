"""Taking people on and changing them, within one's reach and never beyond one's own roles."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.cast import Cast
from tests.tickets.organising.people import audited, last_audit, person, person_id, place_id, roles_of
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.granting import give_role, take_role
from tickets.organising.person_page import held_roles
from tickets.organising.person_register import put_person
from tickets.organising.skills import set_skills
from tickets.people import Person
from tickets.roles import Membership, Queue, Role

XU = {"name": "徐晴", "place": "gz-tianhe", "superior": "guohao", "phone": "138 0013-8000", "email": "xu@qm.example"}


def give(cast: Cast, login: str, role: str, place: str) -> None:
    """郭浩 gives somebody a role at a place."""
    wanted = person_id(cast, login)
    give_role(cast.runtime, cast.guohao, wanted, role_id=cast.roles[role], place_id=place_id(cast, place))


def test_somebody_new_has_a_queue_and_no_password(cast: Cast) -> None:
    saved = put_person(cast.runtime, cast.guohao, "Xu.Qing", {**XU, "roles": "requester; 课程顾问@sz-nanshan"})
    xu = person(cast, "xu.qing")
    assert (saved.created, saved.changed) == (True, False)
    assert (xu.phone, xu.superior_id, xu.brand_id) == ("13800138000", cast.people["guohao"], cast.places["qinghe"])
    assert roles_of(cast, "xu.qing") == {("requester", "gz-tianhe"), ("consultant", "sz-nanshan")}
    with cast.runtime.reading() as session:
        assert session.scalar(sa.select(Queue.id).where(Queue.person_id == xu.id))
        assert session.scalar(sa.select(Person.password_hash).where(Person.id == xu.id)) == ""
    assert [action for action, what in audited(cast) if what == "xu.qing"].count("person.role_given") == 2


def test_what_is_said_again_changes_nothing_and_what_is_left_out_stays(cast: Cast) -> None:
    put_person(cast.runtime, cast.guohao, "xu.qing", XU)
    before = audited(cast)
    again = put_person(cast.runtime, cast.guohao, "xu.qing", XU)
    assert (again.created, again.changed) == (False, False)
    assert audited(cast) == before
    assert put_person(cast.runtime, cast.guohao, "xu.qing", {"title": "班主任"}).changed
    assert (person(cast, "xu.qing").phone, last_audit(cast).after) == ("13800138000", {"title": "班主任"})
    put_person(cast.runtime, cast.guohao, "xu.qing", {"superior": "", "phone": None})
    assert (person(cast, "xu.qing").superior_id, person(cast, "xu.qing").phone) == (None, "")


@pytest.mark.parametrize(
    ("login", "values", "field"),
    [
        ("", XU, "login"),
        ("xu qing", XU, "login"),
        ("x" * 65, XU, "login"),
        ("xu", {**XU, "name": ""}, "name"),
        ("xu", {**XU, "name": "徐\u202e晴"}, "name"),
        ("xu", {**XU, "name": 7}, "name"),
        ("xu", {"place": "gz-tianhe"}, "name"),
        ("xu", {"name": "徐晴"}, "place"),
        ("xu", {**XU, "place": "nowhere"}, "place"),
        ("xu", {**XU, "place": "cd-gaoxin"}, "place"),
        ("xu", {**XU, "place": "qiming"}, "place"),
        ("xu", {**XU, "email": "xu at qm"}, "email"),
        ("xu", {**XU, "phone": "call me"}, "phone"),
        ("xu", {**XU, "language": "fr"}, "language"),
        ("xu", {**XU, "superior": "nobody"}, "superior"),
        ("xu", {**XU, "superior": "wufang"}, "superior"),
        ("xu", {**XU, "superior": "huangyi"}, "superior"),
        ("xu", {**XU, "superior": "xu"}, "superior"),
        ("xu", {**XU, "roles": "king"}, "roles"),
        ("xu", {**XU, "roles": "administrator"}, "roles"),
        ("xu", {**XU, "roles": "designer"}, "roles"),
        ("xu", {**XU, "roles": "requester@cd-gaoxin"}, "place"),
        ("huangyi", {**XU}, "login"),
        ("admin", {"title": "x"}, "login"),
    ],
)
def test_what_can_not_be_is_refused_by_its_field(cast: Cast, login: str, values: dict[str, object], field: str) -> None:
    before = audited(cast)
    with pytest.raises(FieldsInvalid) as refused:
        put_person(cast.runtime, cast.guohao, login, values)
    assert field in refused.value.errors
    assert audited(cast) == before


def test_nobody_ends_up_above_themselves(cast: Cast) -> None:
    put_person(cast.runtime, cast.admin, "wanglei", {"superior": "lina"})
    with pytest.raises(FieldsInvalid) as refused:
        put_person(cast.runtime, cast.admin, "zhangwei", {"superior": "wanglei"})
    assert "superior" in refused.value.errors


def test_a_circle_through_somebody_who_has_left_is_one_too(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        session.get_one(Person, cast.people["wufang"]).superior_id = cast.people["wanglei"]
        session.get_one(Person, cast.people["lina"]).superior_id = cast.people["wufang"]
    with pytest.raises(FieldsInvalid) as refused:
        put_person(cast.runtime, cast.admin, "wanglei", {"superior": "lina"})
    assert "superior" in refused.value.errors


def test_a_login_changes_but_not_to_one_that_is_taken(cast: Cast) -> None:
    put_person(cast.runtime, cast.admin, "lina", {"name": "李娜"}, renamed="li.na")
    assert person(cast, "li.na").id == cast.people["lina"]
    with pytest.raises(FieldsInvalid):
        put_person(cast.runtime, cast.admin, "li.na", {}, renamed="wanglei")


def test_only_who_manages_people_keeps_them(cast: Cast) -> None:
    for actor in (cast.zhaomin, cast.lina, cast.zhoulan, cast.chenxiao):
        with pytest.raises(Forbidden):
            put_person(cast.runtime, actor, "xu", XU)


def test_who_goes_to_another_brand_leaves_their_roles_behind(cast: Cast) -> None:
    put_person(cast.runtime, cast.admin, "liutao", {"place": "cd-gaoxin", "roles": "requester"})
    assert roles_of(cast, "liutao") == {("requester", "cd-gaoxin")}
    assert person(cast, "liutao").brand_id == cast.places["kapok"]


def test_a_role_is_given_and_taken_away(cast: Cast) -> None:
    zhoulan = person_id(cast, "zhoulan")
    for _twice in range(2):
        give(cast, "zhoulan", "consultant", "sz-nanshan")
    assert ("consultant", "sz-nanshan") in roles_of(cast, "zhoulan")
    assert audited(cast).count(("person.role_given", "zhoulan")) == 1
    with cast.runtime.reading() as session:
        held = next(each for each in held_roles(session, cast.people["zhoulan"]) if each.role.key == "consultant")
    take_role(cast.runtime, cast.guohao, zhoulan, membership_id=held.membership_id)
    assert ("consultant", "sz-nanshan") not in roles_of(cast, "zhoulan")
    with pytest.raises(NotFound):
        take_role(cast.runtime, cast.guohao, zhoulan, membership_id=held.membership_id)


@pytest.mark.parametrize(
    ("role", "place"),
    [("administrator", "qinghe"), ("designer", "qinghe"), ("administrator", "sz-nanshan"), ("support_lead", "qinghe")],
)
def test_nobody_gives_what_they_do_not_have(cast: Cast, role: str, place: str) -> None:
    for login in ("zhoulan", "guohao"):
        with pytest.raises(Forbidden):
            give(cast, login, role, place)


@pytest.mark.parametrize("place", ["cd-gaoxin", "kapok", "qiming", "support-centre"])
def test_nobody_gives_roles_at_places_they_do_not_manage(cast: Cast, place: str) -> None:
    with pytest.raises(NotFound):
        give(cast, "zhoulan", "requester", place)


def test_a_campus_manager_gives_nothing_that_reaches_further(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        role = Role(brand_id=cast.places["qinghe"], key="office", name_zh="校务", name_en="Office", scope="campus")
        role.permissions = ["people.manage", "ticket.file", "ticket.see", "task.work", "ticket.note", "ticket.file_for"]
        session.add(role)
        session.flush()
        held = {"person_id": cast.people["liutao"], "place_id": cast.places["sz-nanshan"]}
        session.add(Membership(role_id=role.id, **held))
        roles = {**cast.roles, "office": role.id}
    at = {"place_id": place_id(cast, "sz-nanshan")}
    zhoulan = person_id(cast, "zhoulan")
    give_role(cast.runtime, cast.liutao, zhoulan, role_id=roles["requester"], **at)
    give_role(cast.runtime, cast.liutao, zhoulan, role_id=roles["office"], **at)
    with pytest.raises(Forbidden):
        give_role(cast.runtime, cast.liutao, zhoulan, role_id=roles["support"], **at)  # reaches the whole brand
    with pytest.raises(Forbidden):
        give_role(cast.runtime, cast.liutao, person_id(cast, "zhaomin"), role_id=roles["requester"], **at)
    with pytest.raises(NotFound):
        give_role(cast.runtime, cast.liutao, person_id(cast, "sunyue"), role_id=roles["requester"], **at)


def test_nobody_takes_their_own_administration_away(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        (held,) = held_roles(session, cast.people["guohao"])
    with pytest.raises(Forbidden):
        take_role(cast.runtime, cast.guohao, person_id(cast, "guohao"), membership_id=held.membership_id)


def test_skills_are_kept_in_lower_case_each_once(cast: Cast) -> None:
    set_skills(cast.runtime, cast.guohao, person_id(cast, "liutao"), "English, 自然拼读，english;  ")
    assert last_audit(cast).after == {"skills": ["english", "自然拼读"]}
    with pytest.raises(Invalid):
        set_skills(cast.runtime, cast.guohao, person_id(cast, "liutao"), ",".join(map(str, range(31))))
    with pytest.raises(NotFound):
        set_skills(cast.runtime, cast.guohao, person_id(cast, "huangyi"), "x")
