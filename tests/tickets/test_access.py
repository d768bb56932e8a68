"""Who acts, and what they see."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.models import UserTask
from tests.cast import Cast
from tests.tickets.organisation import add_task, add_ticket, add_type
from tickets.access import (
    Actor,
    Permission,
    Scope,
    inside_tickets,
    load_actor,
    ticket_sources,
    visible_subjects,
    visible_tickets,
    visible_types,
)
from tickets.permissions import SHIPPED_ROLES, ShippedRole
from tickets.places import Place
from tickets.roles import Membership, Role, queue_of_role
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.types import TicketType


def seen(cast: Cast, actor: Actor) -> set[int]:
    """The tickets they see; a list by sources gives the same."""
    with cast.runtime.reading() as session:
        found = set(session.scalars(sa.select(Ticket.id).where(visible_tickets(actor))))
        by_source = {id_ for each in ticket_sources(actor) for id_ in session.scalars(sa.select(Ticket.id).where(each))}
    assert by_source == found
    return found


def inside(cast: Cast, actor: Actor) -> set[int]:
    with cast.runtime.reading() as session:
        return set(session.scalars(sa.select(Ticket.id).where(inside_tickets(actor))))


def everybody(cast: Cast) -> dict[str, Actor]:
    return {login: cast.actor(login) for login in cast.people if login != "wufang"}


def test_an_actor_knows_their_place_their_roles_and_their_queues(cast: Cast) -> None:
    lina = cast.lina
    assert (lina.name, lina.login, lina.via) == ("李娜", "lina", "page")
    assert lina.place_name == "技术支持中心"
    assert lina.time_zone == "Asia/Shanghai"
    assert lina.root_id == lina.brand_id == cast.places["qiming"]
    assert lina.place_path == f"/{lina.root_id}/{lina.place_id}/"
    [grant] = lina.grants
    assert (grant.role_key, grant.role_names, grant.scope) == ("support", ("技术支持", "Support"), Scope.GROUP)
    assert grant.place_path == f"/{lina.root_id}/"
    with cast.runtime.writing() as session:
        assert queue_of_role(session, cast.roles["support"], cast.places["qiming"]) in lina.queue_keys
    assert len(lina.queue_keys) == 2
    assert lina.may(Permission.WORK)
    assert not lina.may(Permission.DEPLOY)


def test_an_actor_is_loaded_in_two_statements(cast: Cast) -> None:
    statements: list[str] = []
    event.listen(cast.runtime.database, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert cast.lina
    assert len([each for each in statements if each.startswith("SELECT")]) == 2


def test_nobody_acts_who_has_departed_or_does_not_exist(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        assert load_actor(session, cast.people["wufang"]) is None
        assert load_actor(session, 10**9) is None


def test_somebody_without_roles_may_nothing_and_sees_what_they_asked(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        session.execute(sa.delete(Membership).where(Membership.person_id == cast.people["zhoulan"]))
    mine, _ = add_ticket(cast, cast.zhoulan), add_ticket(cast, cast.sunyue)
    assert cast.zhoulan.grants == ()
    assert not any(cast.zhoulan.may(permission) for permission in Permission)
    assert seen(cast, cast.zhoulan) == {mine}


def test_a_ticket_is_seen_by_its_requester_and_by_those_whose_scope_holds_it(cast: Cast) -> None:
    ticket = add_ticket(cast, cast.zhoulan)
    seeing = {login for login, actor in everybody(cast).items() if seen(cast, actor) == {ticket}}
    seers = {"zhoulan", "zhaomin", "lina", "zhangwei", "chenxiao", "guohao", "tangyan", "admin"}
    assert seeing == seers


def test_another_campus_and_another_brand_see_nothing(cast: Cast) -> None:
    add_ticket(cast, cast.zhoulan, owner=cast.liutao)
    assert seen(cast, cast.sunyue) == set()
    assert seen(cast, cast.huangyi) == set()
    there = add_ticket(cast, cast.huangyi)
    assert there not in seen(cast, cast.zhaomin)


def test_an_owner_and_whoever_filed_it_see_a_ticket(cast: Cast) -> None:
    owned = add_ticket(cast, cast.zhoulan, owner=cast.wanglei)
    filed = add_ticket(cast, cast.sunyue, filed_by=cast.liutao)
    assert seen(cast, cast.wanglei) == {owned}
    assert seen(cast, cast.liutao) == {filed}


def test_a_task_shows_its_ticket_to_whom_it_is_offered_and_who_did_it(cast: Cast) -> None:
    assigned, done, offered, shared, other = (add_ticket(cast, cast.sunyue) for _ in range(5))
    with cast.runtime.writing() as session, session.begin():
        developers = queue_of_role(session, cast.roles["developer"], cast.places["qiming"])
        consultants = queue_of_role(session, cast.roles["consultant"], cast.places["sz-nanshan"])
    add_task(cast, assigned, assignee=cast.wanglei)
    add_task(cast, done, assignee=cast.wanglei, closed=True)
    add_task(cast, offered, queue_key=developers)
    add_task(cast, shared, candidates=(consultants, developers))
    add_task(cast, other, queue_key=developers, closed=True)
    add_task(cast, other, candidates=(developers,), closed=True)
    assert seen(cast, cast.wanglei) == {assigned, done, offered, shared}
    assert seen(cast, cast.liutao) == {shared}


def test_the_criterion_holds_in_a_query_that_joins_tasks_and_places_of_its_own(cast: Cast) -> None:
    mine, other = add_ticket(cast, cast.zhoulan), add_ticket(cast, cast.huangyi)
    add_task(cast, mine, assignee=cast.wanglei)
    add_task(cast, other, assignee=cast.huangyi)
    query = (
        sa.select(UserTask.id, Ticket.id)
        .join(Ticket, Ticket.instance_id == UserTask.instance_id)
        .join(Place, Place.id == Ticket.place_id)
    )
    with cast.runtime.reading() as session:
        for actor in (cast.wanglei, cast.zhaomin):
            assert [row[1] for row in session.execute(query.where(visible_tickets(actor)))] == [mine]
            for source in ticket_sources(actor):
                assert {row[1] for row in session.execute(query.where(source))} <= {mine}


def test_the_inside_of_a_ticket_is_closed_to_its_requester(cast: Cast) -> None:
    ticket = add_ticket(cast, cast.zhoulan, owner=cast.liutao)
    add_task(cast, ticket, assignee=cast.wanglei)
    add_task(cast, ticket, assignee=cast.zhoulan)
    looking_in = {login for login, actor in everybody(cast).items() if inside(cast, actor) == {ticket}}
    overseers = {"zhaomin", "lina", "zhangwei", "chenxiao", "guohao", "tangyan", "admin"}
    assert looking_in == {"liutao", "wanglei"} | overseers


def test_staff_who_file_for_somebody_see_the_inside_and_a_requester_who_does_so_does_not(cast: Cast) -> None:
    by_staff = add_ticket(cast, cast.zhoulan, filed_by=cast.liutao)
    by_teacher = add_ticket(cast, cast.zhoulan, filed_by=cast.sunyue)
    assert inside(cast, cast.liutao) == {by_staff}
    assert inside(cast, cast.sunyue) == set()
    assert by_teacher in seen(cast, cast.sunyue)


def test_subjects_are_seen_within_the_scope_and_by_who_answers_for_them(cast: Cast) -> None:
    cast.add_subjects()

    def codes(actor: Actor) -> set[str]:
        with cast.runtime.reading() as session:
            return set(session.scalars(sa.select(Subject.external_id).where(visible_subjects(actor))))

    campus = {"QH-S-1001", "QH-S-1002", "QH-S-1003", "QH-S-1004", "QH-C-301"}
    assert codes(cast.liutao) == campus | {"qinghe-app", "classroom"}, "products of the brand and the group"
    assert codes(cast.sunyue) == {"QH-S-2001", "QH-S-2002", "QH-C-415"}
    assert codes(cast.zhoulan) == {"QH-C-301"}
    assert codes(cast.wanglei) == {"classroom"}
    assert len(codes(cast.chenxiao)) == 12


def test_types_are_those_of_the_brand_and_the_group(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        for key in ("qiming", "qinghe", "kapok"):
            add_type(session, brand_id=cast.places[key], at=cast.clock.now(), key=key)

    def keys(actor: Actor) -> set[str]:
        with cast.runtime.reading() as session:
            return set(session.scalars(sa.select(TicketType.key).where(visible_types(actor))))

    assert keys(cast.zhoulan) == {"qiming", "qinghe"}
    assert keys(cast.huangyi) == {"qiming", "kapok"}
    assert keys(cast.hejing) == {"qiming", "qinghe", "kapok"}


def test_a_role_of_the_group_held_inside_a_brand_ends_at_that_brand(cast: Cast) -> None:
    here, there = add_ticket(cast, cast.sunyue), add_ticket(cast, cast.huangyi)
    with cast.runtime.writing() as session, session.begin():
        head = {"person_id": cast.people["liutao"], "place_id": cast.places["sz-nanshan"]}
        session.add(Membership(role_id=cast.roles["hq_operations"], **head))
    assert seen(cast, cast.liutao) == {here}
    assert there in seen(cast, cast.chenxiao)


def test_a_role_of_one_brand_gives_nothing_in_another(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        role = Role(brand_id=cast.places["kapok"], key="spy", name_zh="", name_en="", scope="group")
        role.permissions = [Permission.SEE]
        session.add(role)
        session.flush()
        session.add(Membership(person_id=cast.people["huangyi"], role_id=role.id, place_id=cast.places["sz-nanshan"]))
    assert [grant.role_key for grant in cast.huangyi.grants] == ["requester"]


def test_what_a_role_of_another_version_says_gives_nothing(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        session.execute(
            sa.update(Role).where(Role.key == "support").values(permissions=["ticket.see", "moon.walk"], scope="galaxy")
        )
    [grant] = cast.lina.grants
    assert (grant.permissions, grant.scope) == (frozenset({Permission.SEE}), Scope.OWN)


@pytest.mark.parametrize("role", SHIPPED_ROLES, ids=lambda role: role.key)
def test_shipped_roles_that_work_also_note_and_those_that_edit_subjects_also_see_them(role: ShippedRole) -> None:
    assert Permission.WORK not in role.permissions or Permission.NOTE in role.permissions
    assert Permission.EDIT_SUBJECTS not in role.permissions or Permission.SEE_SUBJECTS in role.permissions
