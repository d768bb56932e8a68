"""Other systems as clients: what they may, what they may not, and that it ends at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.api.caller import Answer, Api
from tests.cast import Cast
from tests.web.site import Site
from tickets.clients import managing
from tickets.clients.client import ApiCall, ApiClient
from tickets.clients.facts import ClientInvalid, Facts
from tickets.errors import Forbidden, NotFound
from tickets.people import Person
from tickets.places import Place
from tickets.tokens import ApiToken, issue_token


def place(cast: Cast, key: str) -> str:
    with cast.runtime.reading() as session:
        return str(session.get_one(Place, cast.places[key]).public_id)


@pytest.fixture
def school(cast: Cast) -> Facts:
    """The other system that tells of students: 教务系统 of 青禾英语."""
    return Facts(name="教务系统", place=place(cast, "qinghe"), scopes=("subjects:write", "tickets:read"))


Call = Callable[..., Answer]


@pytest.fixture
def call(api: Api) -> Call:
    """Calls the API with a token."""

    def calls(token: str, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return Answer(api.client.open(f"/api/v1{path}", method=method, json=body, headers=headers))

    return calls


STUDENT = {"name": "许安", "place": "sz-nanshan"}


def test_a_client_does_what_its_scopes_say_and_no_more(cast: Cast, school: Facts, call: Call) -> None:
    _, token = managing.create(cast.runtime, cast.guohao, school)
    assert call(token, "PUT", "/subjects/student/S-1", STUDENT).status_code == 201
    refused = call(token, "POST", "/messages", {"name": "paid", "key": "CR-1"})
    assert refused.status_code == 403


def test_a_client_reaches_its_place_and_no_other_brand(cast: Cast, school: Facts, call: Call) -> None:
    _, token = managing.create(cast.runtime, cast.guohao, school)
    elsewhere = call(token, "PUT", "/subjects/student/S-2", {"name": "蒋沐阳", "place": "cd-gaoxin"})
    assert elsewhere.status_code == 422
    assert "place" in elsewhere.text


def test_a_client_has_to_do_only_with_its_ticket_types(api: Api, cast: Cast, school: Facts, call: Call) -> None:
    api.deploy_repair()
    facts = replace(school, scopes=("tickets:file",), types=("coupon_approval",))
    _, token = managing.create(cast.runtime, cast.guohao, facts)
    assert call(token, "GET", "/ticket-types").json["items"] == []
    assert call(token, "POST", "/tickets", {"type": "repair"}).status_code == 404


def test_a_disabled_client_is_refused_at_once_and_enabled_again(cast: Cast, school: Facts, call: Call) -> None:
    public_id, token = managing.create(cast.runtime, cast.guohao, school)
    managing.disable(cast.runtime, cast.guohao, public_id)
    assert call(token, "GET", "/tasks").status_code == 401
    managing.enable(cast.runtime, cast.guohao, public_id)
    assert call(token, "GET", "/tasks").status_code == 200


def test_a_client_whose_time_is_over_is_refused(cast: Cast, school: Facts, call: Call) -> None:
    today = cast.clock.now().date()
    _, token = managing.create(cast.runtime, cast.guohao, replace(school, last_day=today.isoformat()))
    assert call(token, "GET", "/tasks").status_code == 200
    cast.clock.advance(timedelta(days=2))
    assert call(token, "GET", "/tasks").status_code == 401


def test_a_client_calls_only_from_its_networks(cast: Cast, school: Facts, call: Call) -> None:
    _, token = managing.create(cast.runtime, cast.guohao, replace(school, addresses="10.20.0.0/16"))
    answer = call(token, "GET", "/tasks")
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.text


def test_a_client_that_calls_too_often_is_slowed_down(cast: Cast, school: Facts, call: Call) -> None:
    _, token = managing.create(cast.runtime, cast.guohao, replace(school, per_minute="2"))
    assert [call(token, "GET", "/tasks").status_code for _ in range(3)] == [200, 200, 429]


def test_a_new_token_leaves_the_old_one_a_day(cast: Cast, school: Facts, call: Call) -> None:
    public_id, old = managing.create(cast.runtime, cast.guohao, school)
    new = managing.issue(cast.runtime, cast.guohao, public_id)
    assert [call(token, "GET", "/tasks").status_code for token in (old, new)] == [200, 200]
    cast.clock.advance(timedelta(hours=25))
    assert [call(token, "GET", "/tasks").status_code for token in (old, new)] == [401, 200]


def test_a_revoked_token_is_refused(cast: Cast, school: Facts, call: Call) -> None:
    public_id, text = managing.create(cast.runtime, cast.guohao, school)
    with cast.runtime.reading() as session:
        token = session.scalars(sa.select(ApiToken).where(ApiToken.client_id.is_not(None))).one()
    managing.revoke(cast.runtime, cast.guohao, public_id, token.public_id)
    assert call(text, "GET", "/tasks").status_code == 401


def test_calls_are_kept_without_their_query_and_forgotten_after_a_month(cast: Cast, school: Facts, call: Call) -> None:
    from tickets.work import keep_house

    _, token = managing.create(cast.runtime, cast.guohao, school)
    call(token, "GET", "/tasks?limit=7")
    with cast.runtime.reading() as session:
        (row,) = session.scalars(sa.select(ApiCall))
    assert (row.called, row.status, row.address) == ("GET /api/v1/tasks", 200, "127.0.0.1")
    cast.clock.advance(timedelta(days=31))
    keep_house(cast.runtime)
    with cast.runtime.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ApiCall)) == 0


def test_nobody_gives_a_client_more_than_they_have(cast: Cast, school: Facts) -> None:
    with pytest.raises(ClientInvalid) as refused:
        managing.create(cast.runtime, cast.guohao, replace(school, scopes=("types:deploy",)))
    assert set(refused.value.errors) == {"scopes"}
    with pytest.raises(ClientInvalid) as elsewhere:
        managing.create(cast.runtime, cast.guohao, replace(school, place=place(cast, "kapok")))
    assert set(elsewhere.value.errors) == {"place"}


def test_only_those_who_manage_access_make_clients(cast: Cast, school: Facts) -> None:
    for actor in (cast.lina, cast.tangyan, cast.zhaomin, cast.chenxiao):
        with pytest.raises(Forbidden):
            managing.create(cast.runtime, actor, school)


def test_another_brands_client_is_not_found(cast: Cast, school: Facts) -> None:
    other = replace(school, place=place(cast, "kapok"))
    public_id, _ = managing.create(cast.runtime, cast.admin, other)
    with pytest.raises(NotFound):
        managing.disable(cast.runtime, cast.guohao, public_id)


def test_every_fault_is_named_at_once(cast: Cast) -> None:
    wrong = Facts(name="", place="x", scopes=(), addresses="10.20", per_minute="-1", last_day="soon")
    with pytest.raises(ClientInvalid) as refused:
        managing.create(cast.runtime, cast.admin, wrong)
    assert set(refused.value.errors) == {"name", "place", "scopes", "addresses", "per_minute", "last_day"}


def test_nobody_signs_in_as_a_client(cast: Cast, school: Facts) -> None:
    from tickets.people import Person, authenticate

    managing.create(cast.runtime, cast.guohao, school)
    with cast.runtime.reading() as session:
        account = session.scalars(sa.select(Person).where(Person.is_client)).one()
        assert authenticate(session, account.login, "") is None
        assert session.scalars(sa.select(ApiClient.name)).one() == account.name


@pytest.fixture
def personnel(school: Facts) -> Facts:
    """The other system that tells of people: 人事系统 of 青禾英语."""
    return replace(school, name="人事系统", scopes=("people:write",))


def test_a_personnel_system_keeps_people_current_whatever_roles_they_hold(
    cast: Cast, personnel: Facts, call: Call
) -> None:
    _, token = managing.create(cast.runtime, cast.guohao, personnel)
    moved = call(token, "PUT", "/people/zhaomin", {"title": "区域校长", "phone": "13800138000", "place": "gz-tianhe"})
    assert (moved.status_code, moved.json["changed"]) == (200, True)
    with cast.runtime.reading() as session:
        person = session.get_one(Person, cast.people["zhaomin"])
        assert (person.title, person.place_id) == ("区域校长", cast.places["gz-tianhe"])
    assert call(token, "PUT", "/people/guohao", {"name": "郭浩然"}).status_code == 200


def test_it_gives_nobody_a_role_beyond_its_scopes_and_reaches_only_its_places(
    cast: Cast, personnel: Facts, call: Call
) -> None:
    _, token = managing.create(cast.runtime, cast.guohao, personnel)
    for role in ("campus_head", "administrator", "requester"):
        refused = call(token, "PUT", "/people/zhoulan", {"roles": [{"role": role, "place": None}]})
        assert (refused.status_code, "roles" in refused.text) == (422, True)
    for login in ("admin", "lina", "huangyi"):  # of the group, and of another brand
        assert call(token, "PUT", f"/people/{login}", {"title": "x"}).status_code == 422


def test_the_page_of_what_a_client_filed_names_it_and_says_that_it_called(
    api: Api, cast: Cast, school: Facts, call: Call, tmp_path: Path
) -> None:
    api.deploy_repair()
    _, token = managing.create(cast.runtime, cast.guohao, replace(school, scopes=("tickets:file",), types=()))
    filed = call(token, "POST", "/tickets", {"type": "repair", "data": {"device": "投影仪"}})
    assert filed.status_code == 201, filed.text
    page = Site(cast, tmp_path).browser("lina", language="en").get(f"/tickets/{filed.json['number']}")
    assert page.words(".gd-tl .ev")[0].startswith("教务系统 filed this ticket (by API)")


def test_what_a_person_filed_by_a_token_names_it_to_them_and_to_those_inside(
    api: Api, cast: Cast, call: Call, tmp_path: Path
) -> None:
    api.deploy_repair()
    with cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, cast.people["zhaomin"])
        token = issue_token(session, person, "排课脚本", now=cast.clock.now())
    asked = {"type": "repair", "data": {"device": "投影仪"}, "requester": "zhoulan"}
    filed = call(token, "POST", "/tickets", asked)
    assert filed.status_code == 201, filed.text
    site = Site(cast, tmp_path)
    seen = {
        login: site.browser(login, language="en").get(f"/tickets/{filed.json['number']}").words(".gd-tl .ev")[0]
        for login in ("lina", "zhaomin", "zhoulan")
    }
    assert "(by API: 排课脚本)" in seen["lina"]
    assert "(by API: 排课脚本)" in seen["zhaomin"]
    assert "(by API)" in seen["zhoulan"]
