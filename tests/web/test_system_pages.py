"""The pages of system management: people, roles, places, menus, the audit log, and one's own."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.organising.people import person_id, place_id, roles_of
from tests.tickets.statements import counted
from tests.web.site import Page, Site
from tickets import audit
from tickets.beat import settle
from tickets.demo import PASSWORD
from tickets.organising.place_tree import tree
from tickets.organising.sessions import Device
from tickets.organising.signing_in import WrongPassword, sign_in
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Role
from tickets.service.tables import BusinessCalendar
from web.context import CONFIG


def of(site: Site, login: str) -> str:
    return f"/system/people/{person_id(site.cast, login)}"


def logins(page: Page) -> set[str]:
    return set(page.words("tbody .gd-no"))


def entries(page: Page) -> list[str]:
    return page.words(".gd-rail nav a")


def test_everybody_sees_the_people_within_their_reach(site: Site) -> None:
    reach = {
        "admin": {"admin", "lina", "zhoulan", "huangyi"},
        "guohao": {"guohao", "zhoulan", "sunyue"},
        "zhaomin": {"zhaomin", "zhoulan"},
    }
    for login, seen in reach.items():
        found = logins(site.browser(login).get("/system/people"))
        assert seen <= found
        assert not ({"huangyi", "lina"} & found) - seen
    for login in ("zhoulan", "lina", "hejing"):
        assert site.browser(login).get("/system/people").status == 404


def test_people_are_searched_and_filtered(site: Site) -> None:
    admin = site.browser("admin")
    assert logins(admin.get("/system/people?q=晓")) == {"chenxiao"}
    assert logins(admin.get("/system/people?q=ZHOUL")) == {"zhoulan"}
    assert logins(admin.get("/system/people?state=departed")) == {"wufang"}
    at = place_id(site.cast, "cd-gaoxin")
    assert logins(admin.get(f"/system/people?place={at}")) == {"huangyi"}
    assert logins(admin.get(f"/system/people?role={site.cast.roles['designer']}")) == {"hejing"}
    assert "lina" in logins(admin.get(f"/system/people?superior={person_id(site.cast, 'zhangwei')}"))
    assert admin.get("/system/people?q=%25&role=x&place=y&state=z").status == 200
    assert admin.get("/system/people?cursor=x").status == 422


def test_a_list_of_people_costs_few_statements(site: Site) -> None:
    admin = site.browser("admin")
    admin.get("/system/people")
    with counted(site.cast.runtime.database) as seen:
        assert admin.get("/system/people").status == 200
    assert len(seen) <= 24


@pytest.mark.parametrize("login", ["huangyi", "lina", "admin"])
def test_who_is_out_of_reach_is_not_there(site: Site, login: str) -> None:
    guohao = site.browser("guohao")
    for path in ("", "/edit"):
        assert guohao.get(of(site, login) + path).status == 404
    for path in ("", "/roles", "/skills", "/password", "/lock/end", "/sessions/end"):
        answer = guohao.post(of(site, login) + path, {"role": "1", "place": str(place_id(site.cast, "qinghe"))})
        assert answer.status == 404, path


def test_who_sees_people_without_managing_them_changes_nothing(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    assert zhaomin.get(of(site, "zhoulan")).status == 200
    assert zhaomin.get(of(site, "zhoulan") + "/edit").status == 403
    for path in ("", "/skills", "/password", "/lock/end", "/sessions/end"):
        assert zhaomin.post(of(site, "zhoulan") + path).status == 403, path
    assert zhaomin.get("/system/people/new").status == 403
    assert zhaomin.post("/system/people", {"login": "x"}).status == 403


def test_who_is_taken_on_is_refused_for_all_that_is_missing_at_once(site: Site) -> None:
    refused = site.browser("guohao").post("/system/people", {"title": "老师"})
    assert refused.status == 422
    assert [field.get("name") for field in refused.tree.cssselect(".is-invalid")] == ["login", "name", "place"]
    assert refused.value("#title") == "老师"


def test_somebody_is_taken_on_given_a_role_and_signs_in(site: Site) -> None:
    guohao = site.browser("guohao")
    sent = {
        "login": "xuqing",
        "name": "徐晴",
        "place": str(place_id(site.cast, "gz-tianhe")),
        "superior": "孙悦 (sunyue)",
    }
    refused = guohao.post("/system/people", {**sent, "phone": "call me"})
    assert (refused.status, refused.value("#name")) == (422, "徐晴")
    made = guohao.post("/system/people", sent)
    page = guohao.follow(made)
    assert "徐晴" in page.words("h1")[0]
    role = {"role": str(site.cast.roles["requester"]), "place": sent["place"]}
    assert guohao.post(f"{made.location}/roles", role).status == 303
    assert roles_of(site.cast, "xuqing") == {("requester", "gz-tianhe")}
    password = guohao.post(f"{made.location}/password").words("#temporary")[0]
    assert password not in guohao.get(made.location).text
    visitor = site.anonymous()
    assert visitor.post("/login", {"login": "xuqing", "password": password}).status == 303
    assert visitor.get("/my-tickets").location == "/me/password"
    assert visitor.get("/inbox", HX_Request="true").headers["HX-Redirect"] == "/me/password"
    new = {"old": password, "new": "correct horse 7", "again": "correct horse 7"}
    assert visitor.post("/me/password", {**new, "again": "another"}).status == 422
    assert visitor.post("/me/password", new).status == 303
    assert visitor.get("/my-tickets").status == 200


def test_a_superior_is_typed_by_full_name_and_one_whom_the_name_does_not_tell_apart_is_asked_for(site: Site) -> None:
    guohao, at = site.browser("guohao"), str(place_id(site.cast, "gz-tianhe"))
    sent = {"login": "xuqing", "name": "徐晴", "place": at, "superior": "孙悦"}
    made = guohao.post("/system/people", sent)
    assert made.status == 303
    assert guohao.get(f"{made.location}/edit").value("#superior") == "孙悦 (sunyue)"
    assert guohao.post(made.location, {**sent, "superior": "ZHAOMIN"}).status == 303
    assert guohao.get(f"{made.location}/edit").value("#superior") == "赵敏 (zhaomin)"
    assert guohao.post("/system/people", {"login": "sun2", "name": "孙悦", "place": at, "superior": ""}).status == 303
    several = guohao.post(made.location, {**sent, "superior": "孙悦"})
    assert several.status == 422
    assert "有几个人叫「孙悦」：孙悦 (sunyue)、孙悦 (sun2)" in several.text
    nobody = guohao.post(made.location, {**sent, "superior": "黄一"})
    assert nobody.value("#superior", "aria-describedby").split()[-1] == "superior-error"
    assert nobody.words("#superior-error")
    assert "这里没有可选的「黄一」" in nobody.text


def test_a_persons_form_says_at_once_all_that_is_wrong(site: Site) -> None:
    sent = {"login": "zhoulan", "name": "", "place": str(place_id(site.cast, "gz-tianhe")), "superior": "没有这人"}
    refused = site.browser("guohao").post("/system/people", {**sent, "email": "xu at qm"})
    assert refused.status == 422
    assert refused.words("#errors a") == ["登录名", "姓名", "上级", "邮箱"]
    empty = site.browser("guohao", language="en").post("/system/people", {})
    assert empty.words("#login-error") == empty.words("#name-error") == ["It is empty; fill it in."]


def test_a_form_for_somebody_new_changes_nobody_who_is_here(site: Site) -> None:
    sent = {"login": "zhoulan", "name": "别人", "place": str(place_id(site.cast, "gz-tianhe"))}
    assert site.browser("guohao").post("/system/people", sent).status == 422
    assert site.cast.zhoulan.name == "周岚"


def test_a_person_is_changed(site: Site) -> None:
    guohao = site.browser("guohao")
    form = next(each for each in guohao.get(of(site, "zhoulan") + "/edit").tree.forms if "superior" in each.fields)
    assert guohao.post(of(site, "zhoulan"), {**dict(form.form_values()), "title": "教研组长"}).status == 303
    assert "教研组长" in guohao.get(of(site, "zhoulan")).text


def test_a_file_is_checked_then_imported(site: Site) -> None:
    guohao = site.browser("guohao")
    text = "login,name,place\n10001,赵一,sz-nanshan\n10002,,sz-nanshan\n"
    made = guohao.post("/system/people/imports", {"file": (io.BytesIO(text.encode()), "人员.csv")})
    page = guohao.follow(made)
    assert len(page.words("tbody .full")) == 1
    assert guohao.post(f"{made.location}/run", {"rows": "all"}).status == 409
    assert guohao.post(f"{made.location}/run", {"rows": "good"}).status == 303
    settle(site.cast.runtime)
    assert "10001" in logins(guohao.get("/system/people"))
    assert guohao.get("/system/people/imports").status == 200
    assert site.browser("admin").get(made.location).status == 404
    assert guohao.post("/system/people/imports", {"file": (io.BytesIO(b"PK\x03\x04"), "a.xlsx")}).status == 422
    assert guohao.get("/system/people/imports/template.xlsx").content[:2] == b"PK"
    assert site.browser("zhaomin").get("/system/people/imports/new").status == 403


def test_a_role_is_made_within_ones_own_and_deleted_while_nobody_holds_it(site: Site) -> None:
    guohao, brand = site.browser("guohao"), site.cast.places["qinghe"]
    sent = {"key": "reader", "name_zh": "旁观", "name_en": "Reader", "scope": "campus", "permission": ["ticket.see"]}
    made = guohao.post("/system/roles", {**sent, "brand": str(brand)})
    assert made.status == 303
    assert guohao.post("/system/roles", {**sent, "brand": str(brand)}).status == 422
    assert guohao.post("/system/roles", {**sent, "brand": str(site.cast.places["kapok"])}).status == 404
    assert guohao.post("/system/roles", {**sent, "brand": str(site.cast.places["qiming"])}).status == 404
    more = {**sent, "permission": ["ticket.see", "type.deploy"]}
    assert guohao.post(made.location, more).status == 403
    assert guohao.post("/system/roles", {**more, "key": "more", "brand": str(brand)}).status == 403
    assert guohao.post(made.location, {**sent, "scope": "moon"}).status == 422
    assert guohao.post(made.location, {**sent, "scope": "brand"}).status == 303
    assert guohao.post(f"{made.location}/end").status == 303
    assert guohao.get(made.location).status == 404


def test_the_group_s_roles_are_the_group_s_administrators(site: Site) -> None:
    admin, guohao = site.browser("admin"), site.browser("guohao")
    path = f"/system/roles/{site.cast.roles['requester']}"
    sent = {"name_zh": "提单人", "name_en": "Requester", "scope": "own", "permission": ["ticket.file", "subject.see"]}
    assert guohao.get(path).status == 200
    assert guohao.post(path, sent).status == 404
    assert admin.post(path, sent).status == 303
    assert admin.post(f"{path}/end").status == 409
    with site.cast.runtime.reading() as session:
        assert session.get_one(Role, site.cast.roles["requester"]).permissions == ["ticket.file", "subject.see"]
    for login in ("zhaomin", "lina", "zhoulan"):
        assert site.browser(login).get("/system/roles").status == 404


def path_of(site: Site, external_id: str) -> str:
    with site.cast.runtime.reading() as session:
        return session.scalars(sa.select(Place.path).where(Place.external_id == external_id)).one()


def test_places_are_made_renamed_moved_and_closed(site: Site) -> None:
    guohao = site.browser("guohao")
    brand = f"/system/places/{place_id(site.cast, 'qinghe')}"
    facts = {"name_zh": "深圳", "name_en": "Shenzhen", "external_id": "sz", "time_zone": "Asia/Shanghai"}
    made = guohao.post(f"{brand}/places", {**facts, "kind": "campus"})
    assert made.status == 303
    assert guohao.post(f"{brand}/places", {**facts, "kind": "campus"}).status == 422  # the id is taken
    assert guohao.post(f"{brand}/places", {**facts, "external_id": "", "kind": "brand"}).status == 422
    assert guohao.post(made.location, {**facts, "time_zone": "Moon/Sea"}).status == 422
    assert guohao.post(made.location, {**facts, "name_zh": "深圳片区"}).status == 303
    above = made.location.rpartition("/")[2]
    nanshan = f"/system/places/{place_id(site.cast, 'sz-nanshan')}"
    assert guohao.post(f"{nanshan}/move", {"above": above}).status == 303
    assert path_of(site, "sz-nanshan") == f"{path_of(site, 'sz')}{site.cast.places['sz-nanshan']}/"
    assert guohao.post(f"{made.location}/move", {"above": nanshan.rpartition("/")[2]}).status == 422
    assert site.cast.zhaomin.place_path == path_of(site, "sz-nanshan")
    assert guohao.post(f"{made.location}/closing").status == 409
    assert guohao.post(f"{nanshan}/closing").status == 303
    refused = site.browser("zhoulan").post("/tickets", {"type": "crash_report"})
    assert refused.status in (404, 422)
    assert guohao.post(f"{nanshan}/closing/end").status == 303
    assert "深圳片区" in guohao.get("/system/places?q=片区").text


def test_the_tree_of_places_is_open_as_far_down_as_fits_a_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    guohao, shown = site.browser("guohao"), ".gd-tree .gd-subj"
    assert {"青禾英语", "深圳南山校区", "广州天河校区"} <= set(guohao.get("/system/places").words(shown))
    everything = site.browser("admin").get("/system/places").words(shown)
    assert {"启明教育集团", "青禾英语", "深圳南山校区"} <= set(everything)
    assert len(everything) == len(set(everything))
    monkeypatch.setattr("web.system.places.tree", partial(tree, most=5))
    closed = site.browser("admin").get("/system/places")
    assert {"启明教育集团", "青禾英语"} <= set(closed.words(shown))
    assert "深圳南山校区" not in closed.text
    assert closed.tree.cssselect("summary[hx-get]")


def test_another_brand_s_places_are_not_there(site: Site) -> None:
    guohao = site.browser("guohao")
    for external_id in ("kapok", "cd-gaoxin", "qiming", "support-centre"):
        path = f"/system/places/{place_id(site.cast, external_id)}"
        assert guohao.get(path).status == 404
        for verb in ("", "/places", "/move", "/closing", "/closing/end"):
            sent = {"name_zh": "x", "kind": "campus", "above": str(place_id(site.cast, "qinghe"))}
            assert guohao.post(path + verb, sent).status == 404, verb
    nanshan = f"/system/places/{place_id(site.cast, 'sz-nanshan')}/move"
    assert guohao.post(nanshan, {"above": str(place_id(site.cast, "kapok"))}).status == 404
    assert site.browser("admin").post(nanshan, {"above": str(place_id(site.cast, "kapok"))}).status == 422
    for login in ("zhaomin", "lina", "zhoulan"):
        assert site.browser(login).get("/system/places").status == 404


def test_a_menu_hides_orders_and_links_but_gives_nothing(site: Site) -> None:
    guohao, brand = site.browser("guohao"), site.cast.places["qinghe"]
    keys = {"key": ["lists.inbox", "lists.tickets", "audit.index", "people.index"], "order-lists.tickets": "1"}
    link = {
        "link_url": "https://cal.qinghe.example/",
        "link_zh": "校历",
        "link_en": "",
        "link_icon": "link",
        "link_role": "",
    }
    shown = {"show-lists.inbox": "1", "show-lists.tickets": "1", "show-people.index": "1"}
    narrowed = {"roles-people.index": ["dispatcher"], "order-lists.inbox": "2"}
    assert guohao.post(f"/system/menus/{brand}", {**keys, **shown, **narrowed, **link}).status == 303
    mine = entries(guohao.get("/tickets"))
    assert [each.split()[0] for each in mine][:1] == ["全部工单"]
    assert not [each for each in mine if each.startswith(("人员", "审计"))]
    assert [each for each in mine if each.startswith("校历")]
    assert guohao.get("/system/audit").status == 200  # a menu hides; it does not forbid
    assert not [each for each in entries(site.browser("zhaomin").get("/tickets")) if "审计" in each]
    assert not [each for each in entries(site.browser("admin").get("/tickets")) if "校历" in each]
    assert guohao.post(f"/system/menus/{brand}/end").status == 303
    assert [each for each in entries(guohao.get("/tickets")) if each.startswith(("人员", "People"))]


@pytest.mark.parametrize(
    "url",
    ["http://x.example/", "javascript:alert(1)", "//x.example", "https://", "https://a b", "https://u@x.example/"],
)
def test_a_menu_links_to_https_only(site: Site, url: str) -> None:
    link = {"link_url": url, "link_zh": "x", "link_en": "", "link_icon": "link", "link_role": ""}
    assert site.browser("guohao").post(f"/system/menus/{site.cast.places['qinghe']}", link).status == 422


def test_nobody_changes_another_brand_s_menu(site: Site) -> None:
    for external_id in ("kapok", "qiming"):
        path = f"/system/menus/{site.cast.places[external_id]}"
        assert site.browser("guohao").post(path, {}).status == 404
        assert site.browser("guohao").post(f"{path}/end", {}).status == 404
    for login in ("zhaomin", "lina", "zhoulan"):
        assert site.browser(login).get("/system/menus").status == 404
        assert site.browser(login).post(f"/system/menus/{site.cast.places['qinghe']}", {}).status == 403


def test_the_audit_log_is_read_filtered_and_exported_within_the_brand(site: Site) -> None:
    guohao, admin = site.browser("guohao"), site.browser("admin")
    guohao.post(of(site, "zhoulan") + "/skills", {"skills": "=cmd|x"})
    admin.post(of(site, "huangyi") + "/skills", {"skills": "science"})
    assert guohao.get("/system/audit").words("tbody td:nth-child(4)") == ["周岚 (zhoulan)"]
    assert set(admin.get("/system/audit").words("tbody td:nth-child(4)")) == {"周岚 (zhoulan)", "黄毅 (huangyi)"}
    assert admin.get("/system/audit?who=guohao").words("tbody td:nth-child(4)") == ["周岚 (zhoulan)"]
    assert admin.get("/system/audit?what=huang&action=person.skills").words("tbody td:nth-child(4)") == [
        "黄毅 (huangyi)"
    ]
    said = site.browser("admin", language="en").get("/system/audit").value("[name=who]", "placeholder")
    assert len(said) <= len("Name or login"), "no more fits beside the other field on a phone"
    assert admin.get("/system/audit?since=2099-01-01").words("tbody") == []
    assert admin.get("/system/audit?since=x&until=9999-99-99&cursor=").status == 200
    text = admin.get("/system/audit/export.csv").text
    assert "huangyi" in text
    assert ",=cmd" not in text
    assert "huangyi" not in guohao.get("/system/audit/export.csv").text
    for login in ("zhaomin", "lina", "zhoulan", "chenxiao"):
        assert site.browser(login).get("/system/audit").status == 404
        assert site.browser(login).get("/system/audit/export.csv").status == 404


def test_the_audit_log_says_in_words_what_was_changed(site: Site) -> None:
    site.play.ship("crash_report")
    admin = site.browser("admin")
    policy = {"type": "crash_report", "priority": "high", "response": "4", "response_unit": "h", "resolution_unit": "h"}
    escalation = {"warn_unit": "%", "escalate": "30", "escalate_unit": "m", "to": "person", "login": "lina"}
    with site.cast.runtime.reading() as session:
        brand = {"brand": str(session.get_one(Place, site.cast.places["qiming"]).public_id)}
    assert admin.post("/service/policies", {**policy, **escalation, **brand}).status == 303
    rule = {"type": "crash_report", "element": "", "method": "least_loaded", "role": "support"}
    assert admin.post("/rules", rule).status == 303
    page = admin.get("/system/audit")
    assert page.words("tbody td:nth-child(4)")[:2] == ["崩溃上报 · 接单人", "崩溃上报 · 高"]
    told = " ".join(page.words("tbody td:nth-child(5)"))
    assert "4 小时" in told
    assert "PT" not in told
    admin.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert admin.get("/system/audit").words("tbody td:nth-child(4)")[:2] == [
        "Crash report · the owner",
        "Crash report · High",
    ]


def test_the_audit_log_shows_no_raw_values(site: Site) -> None:
    site.play.ship("crash_report")
    now, calendar = (
        site.cast.clock.now(),
        BusinessCalendar(brand_id=1, names={"zh": "上班日", "en": "Office"}, hours={}),
    )
    plan = {"default": "superior", "types": {"crash_report": "dispatch"}, "alone": "superior", "people": ["lina"]}
    with site.cast.runtime.writing() as session, session.begin():
        session.add(calendar)
        session.flush()
        entries: list[tuple[str, str, dict[str, Any]]] = [
            ("person.departed", "liutao", {"plan": plan}),
            ("service.calendar", "上班日", {"hours": {"0": "09:00-18:00"}, "holidays": "china"}),
            ("service.calendar.chosen", "青禾英语", {"calendar": calendar.id}),
            ("subject.created", "student QH-S-1001", {"name": "林小满"}),
            ("canned_reply.created", "重启", {"type_key": "crash_report"}),
            ("person.locked", "lina", {"failures": 10}),
            ("service.policy", "policy * *", {"priority": ""}),
            ("client.changed", "CRM", {"contact": "ops", "per_minute": 600, "types": ["crash_report"]}),
        ]
        for action, what, after in entries:
            audit.record(session, None, action, what, brand_id=site.cast.places["qiming"], at=now, after=after)
    admin = site.browser("admin")
    chinese = " ".join(admin.get("/system/audit").words("tbody td"))
    for words in (
        "交给上级",
        "崩溃上报: 进分派队列",
        "星期一 09:00-18:00",
        "上班日",
        "学员 QH-S-1001",
        "所有工单类型 · 任何优先级",
    ):
        assert words in chinese, words
    admin.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    english = " ".join(admin.get("/system/audit").words("tbody td"))
    for words in (
        "To the superior",
        "Monday 09:00-18:00",
        "Office",
        "Student QH-S-1001",
        "Wrong passwords",
        "Calls a minute",
    ):
        assert words in english, words
    for raw in ("crash_report", "china", "failures", "per minute", "student "):
        assert raw not in chinese + english, raw
    assert admin.get("/system/audit/export.csv").status == 200


def test_the_audit_log_names_places_in_the_reader_s_language(site: Site) -> None:
    english, at = "Nanshan campus", site.cast.places
    with site.cast.runtime.writing() as session, session.begin():
        place = session.get_one(Place, at["sz-nanshan"])
        place.names = {"zh": place.name, "en": english}
        written: list[tuple[str, str, dict[str, Any]]] = [
            ("standard.set_up", f"class_kickoff @ {place.name}", {}),
            ("waiver.asked", f"class_kickoff/visit · {place.name}", {}),
            ("spot_check.judged", f"class_kickoff/visit · {place.name}", {}),
            ("place.closed", place.name, {}),
            ("service.closure", place.name, {}),
            ("person.role_given", "lina", {"place": place.name}),
            ("person.changed", "lina", {"roles": [f"teacher@{place.name}"]}),
            ("client.changed", "CRM", {"place_id": place.id}),
            ("place.closed", "不在了", {}),
        ]
        for action, what, after in written:
            audit.record(session, None, action, what, brand_id=place.brand_id, at=site.cast.clock.now(), after=after)
        audit.record(session, None, "place.closed", place.name, brand_id=at["kapok"], at=site.cast.clock.now())
    admin = site.browser("admin")
    chinese = admin.get("/system/audit").words("tbody tr")
    admin.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    another, gone, *named = admin.get("/system/audit").words("tbody tr")
    assert all("深圳南山校区" in row for row in (another, *chinese[2:])), "a brand's names are its own"
    assert "不在了" in gone
    assert [english in row for row in reversed(named)] == [True, True, False, True, True, True, True, True]


def test_the_audit_log_says_whom_an_entry_is_about_and_words_a_field_by_what_it_is_of(site: Site) -> None:
    brand_id, now = site.cast.places["qinghe"], site.cast.clock.now()
    entries: list[tuple[str, str, dict[str, Any]]] = [
        ("absence.set", "zhoulan", {"from": now.isoformat(), "until": (now + timedelta(days=2)).isoformat()}),
        ("person.changed", "zhaomin", {"title": "校区校长"}),
        ("canned_reply.created", "重启", {"title": "重启"}),
        ("person.locked", "gone", {"failures": 10}),
    ]
    with site.cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Person).where(Person.login == "sunyue").values(created_at=now + timedelta(days=1)))
        for action, what, after in [*entries, ("person.unlocked", "sunyue", {})]:
            audit.record(session, None, action, what, brand_id=brand_id, at=now, after=after)
    guohao = site.browser("guohao")
    unlocked, locked, canned, changed, absent = guohao.get("/system/audit").words("tbody tr")[:5]
    assert "周岚 (zhoulan)" in absent
    assert ("开始" in absent, "来源" in absent) == (True, False)
    assert ("赵敏 (zhaomin)" in changed, "职务" in changed, "标题" in canned) == (True, True, True)
    assert "gone" in locked
    assert "孙悦" not in unlocked, "who came later is not who had the login then"
    found = guohao.get("/system/audit?what=周岚").words("tbody tr")
    assert found
    assert all("周岚 (zhoulan)" in each for each in found)
    assert "周岚 (zhoulan)" in guohao.get("/system/audit/export.csv").text


def test_a_stolen_cookie_is_dead_once_its_owner_signs_out(site: Site) -> None:
    lina = site.browser("lina")
    stolen = lina.client.get_cookie("gongdan")
    assert stolen
    lina.post("/logout")
    thief = site.anonymous()
    thief.client.set_cookie("gongdan", stolen.value)
    assert thief.get("/inbox").location.startswith("/login")


def test_one_signs_out_elsewhere(site: Site) -> None:
    here, there = site.browser("lina"), site.browser("lina")
    page = here.get("/me")
    action = next(form.action for form in page.tree.forms if form.action and form.action.count("/") == 4)
    assert site.browser("wanglei").post(action).status == 404
    assert here.post("/me/sessions/end").status == 303
    assert there.get("/inbox").status == 303
    assert here.get("/inbox").status == 200


def test_a_session_is_seen_at_most_every_few_minutes(site: Site) -> None:
    lina = site.browser("lina")
    with counted(site.cast.runtime.database) as seen:
        lina.get("/me")
    assert not [one for one in seen if one.text.startswith("UPDATE")]
    site.cast.clock.advance(timedelta(minutes=6))
    with counted(site.cast.runtime.database) as seen:
        lina.get("/me")
    assert len([one for one in seen if one.text.startswith("UPDATE person_session")]) == 1


def test_sessions_last_as_long_as_the_settings_say(site: Site) -> None:
    site.app.extensions[CONFIG] = replace(site.config, session_hours=3, session_idle_hours=1)
    lina = site.browser("lina")
    for _ in range(4):
        assert lina.get("/me").status == 200
        site.cast.clock.advance(timedelta(minutes=50))
    assert lina.get("/me").location.startswith("/login")


def test_a_locked_login_is_told_when_to_try_again_and_its_owner_of_the_tries(site: Site) -> None:
    for number in range(10):
        with pytest.raises(WrongPassword):
            sign_in(site.cast.runtime, "lina", f"guess {number}", Device())
    visitor = site.anonymous()
    assert "2026" in visitor.post("/login", {"login": "lina", "password": PASSWORD}).words("[role=alert]")[0]
    admin = site.browser("admin")
    assert admin.get(of(site, "lina")).words(".t-orange form")
    assert admin.post(of(site, "lina") + "/lock/end").status == 303
    assert visitor.post("/login", {"login": "lina", "password": PASSWORD}).status == 303


def test_nobody_signs_in_as_the_account_of_a_system(site: Site) -> None:
    with site.cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Person).where(Person.login == "huangyi").values(is_client=True))
    assert "huangyi" not in logins(site.browser("admin").get("/system/people"))
    assert site.browser("admin").get(of(site, "huangyi")).status == 404
