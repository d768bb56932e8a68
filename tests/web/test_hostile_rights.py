"""Nobody gets further than their roles reach: not by others' accounts, tokens or channels, nor by looking sideways."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine.build import chain, end, start
from tests.tickets.play import staff
from tests.web.site import Site
from tickets.actor import Actor
from tickets.clients import managing
from tickets.clients.facts import Facts
from tickets.copying import add_copies
from tickets.departing import depart, undo
from tickets.departing.plan import Wish
from tickets.errors import DomainError, Forbidden, Invalid
from tickets.family.tagging import set_tags
from tickets.notices.addresses import add_channel, brand_channels
from tickets.notices.models import NoticeAddress
from tickets.notices.urls import AddressKind, Url
from tickets.organising.fields import FieldsInvalid
from tickets.organising.person_register import put_person
from tickets.people import Person
from tickets.permissions import Permission, Scope
from tickets.places import Place
from tickets.roles import Membership, Role
from tickets.service import editing
from tickets.staff import NewPerson, add_person, grant_role
from tickets.tokens import issue_token

ROBOT = Url(AddressKind.WECOM, "wecombot://0123456789abcdef", "…cdef")


def somebody(site: Site, login: str, home: str, permissions: Iterable[Permission], scope: Scope, at: str = "") -> Actor:
    """A new person with a role of just these permissions, at their home unless elsewhere."""
    cast = site.cast
    with cast.runtime.writing() as session, session.begin():
        place = session.get_one(Place, cast.places[home])
        person = add_person(session, place, NewPerson(login, f"{login}的姓名"), password_hash="", at=cast.clock.now())
        role = Role(brand_id=cast.places["qiming"], key=f"only_{login}", name_zh=login, name_en=login, scope=scope)
        role.permissions = sorted(permissions)
        session.add(role)
        session.flush()
        grant_role(session, person, role_id=role.id, place_id=cast.places[at or home])
        cast.people[login] = person.id
    return cast.actor(login)


def public(site: Site, login: str) -> UUID:
    with site.cast.runtime.reading() as session:
        return session.get_one(Person, site.cast.people[login]).public_id


def errand(site: Site) -> str:
    """A ticket of zhoulan's that lina has; she has tagged it."""
    play = site.play
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    number = play.file("zhoulan")
    play.claim("lina", "look", number)
    set_tags(site.cast.runtime, site.cast.lina, number, ["难缠的老师"])
    return number


def test_a_client_that_may_more_than_oneself_is_not_entered_by_its_token(site: Site) -> None:
    """Whoever issues a token holds it."""
    cast = site.cast
    with cast.runtime.reading() as session:
        brand = session.get_one(Place, cast.places["qinghe"]).public_id
    client, _ = managing.create(cast.runtime, cast.guohao, Facts("人事", str(brand), ("people:write",)))
    keeper = somebody(site, "keeper", "qinghe", {Permission.MANAGE_ACCESS}, Scope.BRAND)
    with pytest.raises(Forbidden, match="Manage people"):
        managing.issue(cast.runtime, keeper, client)
    managing.disable(cast.runtime, keeper, client)
    with pytest.raises(Forbidden, match="Manage people"):
        managing.enable(cast.runtime, keeper, client)
    managing.enable(cast.runtime, cast.guohao, client)
    assert managing.issue(cast.runtime, cast.guohao, client)


@pytest.mark.parametrize("scope", [Scope.CAMPUS, Scope.OWN])
def test_a_campus_does_not_look_after_the_channels_of_its_brand(site: Site, scope: Scope) -> None:
    cast = site.cast
    add_channel(cast.runtime, cast.guohao, "值班群", ROBOT, ["urges"])
    keeper = somebody(site, "keeper", "sz-nanshan", {Permission.MANAGE_ACCESS}, scope)
    with cast.runtime.reading() as session:
        assert list(brand_channels(session, keeper)) == []
    with pytest.raises(Forbidden):
        add_channel(cast.runtime, keeper, "我的群", ROBOT, ["urges"])


def test_somebody_of_the_group_who_looks_after_a_brand_adds_channels_to_that_brand_alone(site: Site) -> None:
    cast = site.cast
    keeper = somebody(site, "keeper", "qiming", {Permission.MANAGE_ACCESS}, Scope.BRAND, at="qinghe")
    made = add_channel(cast.runtime, keeper, "青禾群", ROBOT, ["urges"])
    with cast.runtime.reading() as session:
        channel = session.scalars(sa.select(NoticeAddress).where(NoticeAddress.public_id == made)).one()
        assert channel.brand_id == cast.places["qinghe"]


def test_a_requester_is_not_told_the_tags_by_which_staff_sort_them(site: Site) -> None:
    number = errand(site)
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get(f"/tickets/{number}/tags/suggestions?q=难").status == 403
    assert "难缠" in site.browser("lina").get(f"/tickets/{number}/tags/suggestions?q=难").response.get_json()[0]
    for path in (f"/tickets/{number}", f"/my-tickets?cols=tags,assignee&q={number}", "/my-tickets?tag=难缠的老师"):
        assert "难缠" not in zhoulan.get(path).text.replace('value="难缠的老师"', ""), path


def test_a_list_keeps_tags_and_workers_of_a_ticket_from_who_sees_it_from_outside(site: Site) -> None:
    """A teacher who also exports: what they asked for themselves is no work of theirs."""
    number, cast = errand(site), site.cast
    somebody(site, "clerk", "gz-tianhe", {Permission.FILE, Permission.SEE, Permission.EXPORT}, Scope.CAMPUS)
    add_copies(cast.runtime, cast.lina, number, [public(site, "clerk")])
    clerk = site.browser("clerk")
    form = {"format": "csv", "query": "cols=tags,assignee,owner"}
    exported = clerk.post("/tickets/exports", form).text
    assert number in exported
    assert "难缠" not in exported
    assert "难缠" not in clerk.get("/tickets?cols=tags,assignee").text


def test_a_requester_does_not_read_the_tasks_of_their_ticket(site: Site) -> None:
    number, cast = errand(site), site.cast
    task = site.play.task("look", number).public_id
    with cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, cast.people["zhoulan"])
        token = issue_token(session, person, "tests", now=cast.clock.now())
    client = site.app.test_client(use_cookies=False)
    answer = client.get(f"/api/v1/tasks/{task}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404, answer.text


def administrator_at_home(site: Site) -> UUID:
    """An administrator of the whole group whose home is a campus."""
    somebody(site, "boss", "sz-nanshan", set(Permission), Scope.GROUP, at="qiming")
    return public(site, "boss")


def test_a_departure_of_somebody_beyond_oneself_is_neither_begun_nor_undone(site: Site) -> None:
    cast, boss = site.cast, administrator_at_home(site)
    with pytest.raises(Forbidden):
        depart(cast.runtime, cast.guohao, boss, Wish())
    made = depart(cast.runtime, cast.admin, boss, Wish())
    site.play.settle()
    with pytest.raises(Forbidden):
        undo(cast.runtime, cast.guohao, made)
    undo(cast.runtime, cast.admin, made)


def test_an_administrator_beyond_oneself_is_not_touched(site: Site) -> None:
    boss, guohao = administrator_at_home(site), site.browser("guohao")
    site.cast.sign_in("boss")
    for verb in ("password", "lock/end", "sessions/end", "skills", "roles", ""):
        answer = guohao.post(f"/system/people/{boss}/{verb}".rstrip("/"), {"name": "x", "login": "boss"})
        assert answer.status in (403, 404, 422), f"{verb}: {answer.status}"
    with site.cast.runtime.reading() as session:
        person = session.get_one(Person, site.cast.people["boss"])
        assert (person.name, person.session_epoch) == ("boss的姓名", 0)


def test_roles_stay_within_the_brand_of_their_holder(site: Site) -> None:
    cast = site.cast
    with pytest.raises(FieldsInvalid):
        put_person(cast.runtime, cast.admin, "liutao", {"roles": [("consultant", "cd-gaoxin")]})
    put_person(cast.runtime, cast.admin, "lina", {"roles": [("consultant", "sz-nanshan")]})  # of the group
    put_person(cast.runtime, cast.admin, "lina", {"place": "cd-gaoxin"})
    with cast.runtime.reading() as session:
        held = session.scalars(sa.select(Membership.place_id).where(Membership.person_id == cast.people["lina"]))
        assert cast.places["sz-nanshan"] not in set(held)


def test_a_brands_promise_is_not_escalated_to_another_brand(site: Site) -> None:
    cast = site.cast
    with cast.runtime.reading() as session:
        brand = session.get_one(Place, cast.places["qinghe"]).public_id
    facts = editing.PolicyFacts(resolution="P1D", escalate_after="PT1H", escalate_to="person:huangyi")
    with pytest.raises(Invalid):
        editing.put_policy(cast.runtime, cast.admin, brand, facts)


def test_the_account_of_another_system_is_nobody_to_pick_call_or_depart(site: Site) -> None:
    cast, number = site.cast, errand(site)
    with cast.runtime.reading() as session:
        brand = session.get_one(Place, cast.places["qinghe"]).public_id
    managing.create(cast.runtime, cast.guohao, Facts("人事同步", str(brand), ("people:write",)))
    with cast.runtime.reading() as session:
        account = session.scalars(sa.select(Person.public_id).where(Person.is_client)).one()
    guohao = site.browser("guohao")
    for path in (
        "/people/suggestions?q=人事同步&for=anyone",
        "/tickets/callers?q=人事同步",
        "/departures/new?q=人事同步",
    ):
        assert "client-" not in guohao.get(path).text, path
    with pytest.raises(DomainError):
        depart(cast.runtime, cast.guohao, account, Wish())
    with pytest.raises(DomainError):
        add_copies(cast.runtime, cast.lina, number, [account])


def test_who_has_left_gets_in_by_no_door(site: Site) -> None:
    cast = site.cast
    browser = site.browser("liutao")
    with cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, cast.people["liutao"])
        token = issue_token(session, person, "tests", now=cast.clock.now())
    depart(cast.runtime, cast.admin, public(site, "liutao"), Wish())
    assert "/login" in browser.get("/inbox").location
    client = site.app.test_client(use_cookies=False)
    answer = client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
