"""Taking people on, their superiors and their departure."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.cast import Cast
from tickets.access import Actor, load_actor
from tickets.audit import AuditEntry
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.people import Person, authenticate
from tickets.roles import Membership, Role
from tickets.staff import NewPerson, create_person, mark_departed, set_superior


def person(session: Session, login: str) -> Person:
    return session.scalars(sa.select(Person).where(Person.login == login)).one()


def audited(cast: Cast) -> list[tuple[str, str]]:
    with cast.runtime.reading() as session:
        return [(row[0], row[1]) for row in session.execute(sa.select(AuditEntry.action, AuditEntry.what))]


def brand_administrator(cast: Cast) -> Actor:
    """zhaomin, made the administrator of her brand."""
    with cast.runtime.writing() as session, session.begin():
        role = Role(brand_id=cast.places["qinghe"], key="brand_admin", name_zh="品牌管理员", name_en="Brand admin")
        role.permissions, role.scope = ["people.manage"], "brand"
        session.add(role)
        session.flush()
        held = {"person_id": cast.people["zhaomin"], "place_id": cast.places["qinghe"]}
        session.add(Membership(role_id=role.id, **held))
    return cast.zhaomin


def test_a_new_person_has_a_queue_and_logs_in(cast: Cast) -> None:
    new = NewPerson(login="Xu.Qing", name=" 徐晴 ", password="a good password")
    public_id = create_person(cast.runtime, cast.admin, new, place_id=cast.places["gz-tianhe"])
    with cast.runtime.reading() as session:
        found = authenticate(session, "xu.qing", "a good password")
        assert found
        assert (found.public_id, found.name, found.brand_id) == (public_id, "徐晴", cast.places["qinghe"])
        actor = load_actor(session, found.id)
        assert actor
        assert len(actor.queue_keys) == 1
    assert ("person.created", "xu.qing") in audited(cast)


def test_a_login_name_or_password_that_can_not_be_is_refused(cast: Cast) -> None:
    refused = [
        NewPerson(login="lina", name="李娜"),
        NewPerson(login="LINA", name="李娜"),
        NewPerson(login="", name="李娜"),
        NewPerson(login="li na", name="李娜"),
        NewPerson(login="linda", name=""),
        NewPerson(login="linda", name="李\u202e娜"),
        NewPerson(login="linda", name="李" * 101),
        NewPerson(login="linda", name="琳达", password="short"),
    ]
    for new in refused:
        with pytest.raises(Invalid):
            create_person(cast.runtime, cast.admin, new, place_id=cast.places["gz-tianhe"])


def test_only_who_manages_people_takes_them_on_and_only_within_reach(cast: Cast) -> None:
    new = NewPerson(login="linda", name="琳达")
    with pytest.raises(Forbidden):
        create_person(cast.runtime, cast.zhaomin, new, place_id=cast.places["sz-nanshan"])
    manager = brand_administrator(cast)
    assert create_person(cast.runtime, manager, new, place_id=cast.places["gz-tianhe"])
    for place_id in (cast.places["cd-gaoxin"], cast.places["qiming"], 10**9):
        with pytest.raises(NotFound):
            create_person(cast.runtime, manager, NewPerson(login="linus", name="林"), place_id=place_id)


def test_a_departed_person_neither_acts_nor_logs_in_and_departs_once(cast: Cast) -> None:
    lina = cast.lina
    mark_departed(cast.runtime, cast.admin, lina.public_id)
    with cast.runtime.reading() as session:
        assert load_actor(session, lina.person_id) is None
        assert person(session, "lina").session_epoch == lina.session_epoch + 1
    assert ("person.departed", "lina") in audited(cast)
    with pytest.raises(Conflict):
        mark_departed(cast.runtime, cast.admin, lina.public_id)


def test_nobody_marks_themselves_or_another_brand_s_people_as_departed(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        mark_departed(cast.runtime, cast.admin, cast.admin.public_id)
    with pytest.raises(Forbidden):
        mark_departed(cast.runtime, cast.lina, cast.wanglei.public_id)
    with pytest.raises(NotFound):
        mark_departed(cast.runtime, brand_administrator(cast), cast.huangyi.public_id)


def test_nobody_ends_up_above_themselves(cast: Cast) -> None:
    set_superior(cast.runtime, cast.admin, cast.wanglei.public_id, cast.lina.public_id)
    with cast.runtime.reading() as session:
        assert person(session, "wanglei").superior_id == cast.people["lina"]
        wufang = person(session, "wufang").public_id
    for above in (cast.lina, cast.wanglei, cast.zhangwei):
        with pytest.raises(Invalid):
            set_superior(cast.runtime, cast.admin, cast.zhangwei.public_id, above.public_id)
    set_superior(cast.runtime, cast.admin, cast.zhoulan.public_id, wufang)
    with pytest.raises(Invalid):
        set_superior(cast.runtime, cast.admin, wufang, cast.zhoulan.public_id)
    set_superior(cast.runtime, cast.admin, cast.zhoulan.public_id, None)
    set_superior(cast.runtime, cast.admin, wufang, cast.zhoulan.public_id)


def test_a_circle_through_a_departed_person_is_one_too(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        wufang = person(session, "wufang").public_id
    set_superior(cast.runtime, cast.admin, cast.zhoulan.public_id, wufang)
    set_superior(cast.runtime, cast.admin, cast.zhaomin.public_id, None)
    with pytest.raises(Invalid):
        set_superior(cast.runtime, cast.admin, cast.zhaomin.public_id, cast.zhoulan.public_id)
