"""The lists: the inbox and its views, all tickets with filters, one's own; each only for whom it is."""

from __future__ import annotations

import pytest

from tests.engine.build import chain, end, start
from tests.tickets.play import staff
from tests.web.site import Site


@pytest.fixture(autouse=True)
def shipped(site: Site) -> None:
    site.play.ship("crash_report")


def test_navigation_shows_what_one_may_see_and_no_more(site: Site) -> None:
    def entries(login: str) -> list[str]:
        visitor = site.browser(login)
        return visitor.follow(visitor.get("/")).words(".gd-nav a, .gd-phead nav a")

    staff = {"收件箱", "全部工单", "工单类型", "业务对象"}
    assert set(entries("zhoulan")) >= {"我的工单", "提交工单"}
    assert not set(entries("zhoulan")) & staff
    assert set(entries("wanglei")) & staff == {"收件箱"}
    assert set(entries("lina")) & staff == {"收件箱", "全部工单"}
    assert set(entries("hejing")) & staff == {"工单类型"}
    assert set(entries("admin")) >= staff | {"我的工单"}


def test_no_entry_leads_nowhere(site: Site) -> None:
    admin = site.browser("admin")
    for link in admin.get("/inbox").tree.cssselect(".gd-nav a"):
        assert admin.get(link.get("href") or "").status == 200


def test_a_filed_ticket_waits_for_the_roles_it_is_offered_to(site: Site) -> None:
    number = site.file_crash()
    lina = site.browser("lina")
    assert lina.get("/inbox?view=roles").words("tbody .gd-no") == [number]
    assert lina.get("/inbox").words(".gd-empty h2") == ["手头的都办完了"]
    assert site.browser("wanglei").get("/inbox?view=roles").words("tbody .gd-no") == []
    assert lina.get("/inbox?view=roles").words(".gd-tabs a")[:3] == ["我的待办 0", "等我的角色 1", "我负责的 0"]


def test_an_empty_inbox_leads_on_only_to_what_holds_something(site: Site) -> None:
    def ways(login: str) -> list[str | None]:
        return [link.get("href") for link in site.browser(login).get("/inbox").tree.cssselect(".gd-empty a")]

    assert ways("lina") == ["/tickets"], "where all that she sees would be"
    site.file_crash()
    assert ways("lina") == ["/inbox?view=roles"]
    assert ways("wanglei") == []
    assert ways("zhoulan") == ["/my-tickets"]


def test_a_claimed_task_is_mine_and_the_ticket_is_owned(site: Site) -> None:
    number = site.file_crash()
    lina = site.browser("lina")
    lina.post(f"{site.task('Task_Triage')}/claim")
    assert lina.get("/inbox").words("tbody .gd-no") == [number]
    assert lina.get("/inbox?view=owned").words("tbody .gd-no") == [number]
    assert lina.get("/inbox").words(".gd-nav a[aria-current]") == ["收件箱1"]


def test_the_next_page_begins_where_this_one_ends(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from tickets import inbox as inboxes
    from web.lists import inbox as lists

    numbers = [site.file_crash() for _ in range(3)]
    monkeypatch.setattr(lists, "inbox_page", lambda *given, **named: inboxes.inbox(*given, **named, limit=2))
    lina = site.browser("lina")
    first = lina.get("/inbox?view=roles")
    following = lina.get(first.value(".gd-more a", "href"))
    assert first.words("tbody .gd-no") + following.words("tbody .gd-no") == numbers
    assert not following.tree.cssselect(".gd-more")


def test_a_live_inbox_is_told_only_of_changes(site: Site) -> None:
    site.file_crash()
    lina = site.browser("lina")
    page = lina.get("/inbox?view=roles")
    source, version = page.value("#main", "data-version-src"), page.value("#main", "data-version")
    asked = lina.get(source, If_None_Match=version)
    assert (asked.status, asked.text) == (304, "")
    site.file_crash("sunyue")
    asked = lina.get(source, If_None_Match=version)
    assert asked.status == 200
    assert asked.headers["ETag"] != version


def test_all_tickets_are_for_those_whose_roles_reach_them(site: Site) -> None:
    mine, theirs = site.file_crash("zhoulan"), site.file_crash("huangyi")
    assert site.browser("chenxiao").get("/tickets").words("tbody .gd-no") == [theirs, mine]
    assert site.browser("zhaomin").get("/tickets").words("tbody .gd-no") == [mine]
    for login in ("zhoulan", "wanglei", "hejing"):
        assert site.browser(login).get("/tickets").status == 404


def test_filters_narrow_the_list_and_are_taken_away_again(site: Site) -> None:
    first, second = site.file_crash(), site.file_crash("sunyue", phone_model="iPad 9")
    lina = site.browser("lina")
    lina.post(f"/tickets/{first}/acceptance")

    def numbers(query: str) -> list[str]:
        return lina.get(f"/tickets?{query}").words("tbody .gd-no")

    assert numbers("") == [second, first]
    assert numbers("status=in_progress") == [first]
    assert numbers("status=open") == [second, first]
    assert numbers("status=closed") == []
    assert numbers("owner=me") == [first]
    assert numbers("type=crash_report&owner=me") == [first]
    page = lina.get("/tickets?status=offered&priority=normal")
    assert page.words(".gd-filter.on")[0].startswith("状态: 待接单")
    assert page.value(".gd-filter.on", "href") == "/tickets?priority=normal"
    assert lina.get("/tickets?q=nothing").words(".gd-empty h2") == ["没有符合的工单"]


def test_claiming_the_next_takes_the_first_that_waits_and_can_be_undone(site: Site) -> None:
    first, _second = site.file_crash(), site.file_crash("sunyue")
    lina = site.browser("lina")
    page = lina.follow(lina.post("/inbox/claims"))
    assert page.words("[aria-current=page].gd-no") == [first]
    undo = page.value("[data-toast] form", "action")
    assert lina.post(undo).status == 303
    assert lina.get("/inbox").words("tbody .gd-no") == []
    assert site.browser("wanglei").post("/inbox/claims").location == "/inbox"


def test_my_tickets_are_only_mine(site: Site) -> None:
    mine = site.file_crash("zhoulan")
    site.file_crash("sunyue")
    page = site.browser("zhoulan").get("/my-tickets")
    assert page.words(".gd-mine .gd-no") == [mine]
    assert page.words(".gd-mine-status .gd-st") == ["待接单"]
    assert site.browser("huangyi").get("/my-tickets").words(".gd-empty h2") == ["你还没有提交过工单"]


@pytest.mark.parametrize("path", ["/inbox", "/inbox/version", "/tickets", "/my-tickets"])
def test_nobody_sees_a_list(site: Site, path: str) -> None:
    assert site.anonymous().get(path).location.startswith("/login")


def test_the_brand_gives_the_portal_its_name_and_colour(site: Site) -> None:
    for login, key, name in (("zhoulan", "qinghe", "青禾英语"), ("huangyi", "kapok", "木棉科学")):
        page = site.browser(login).get("/my-tickets")
        assert page.tree.get("data-brand") == key
        assert name in page.words(".gd-brand")[0]


def test_who_only_files_finds_what_waits_for_them(site: Site) -> None:
    number = site.file_crash()
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get("/my-tickets").words(".gd-phead nav a") == ["我的工单", "提交工单"]
    site.play.complete("lina", "Task_Triage", finding="need_info", question="哪个版本的系统？")
    page = zhoulan.get("/my-tickets")
    assert page.words(".gd-phead nav a") == ["我的工单", "提交工单", "我的待办1"]
    address = page.value(".gd-phead nav a:last-child", "href")
    assert zhoulan.get(address).words("tbody .gd-no") == [number]


def test_who_only_files_and_works_on_a_task_finds_back_to_their_tasks(site: Site) -> None:
    site.play.define(start(), staff("check", camunda__assignee="zhoulan"), end(), chain("begin", "check", "done"))
    number = site.play.file("sunyue", "errand")
    zhoulan = site.browser("zhoulan")
    page = zhoulan.get(f"/tickets/{number}")
    assert (page.words(".gd-crumb a"), page.value(".gd-crumb a", "href")) == (["我的待办"], "/inbox")
    assert zhoulan.get("/inbox").words("h1") == ["我的待办"]
    assert site.browser("lina").get("/inbox").words("h1") == ["收件箱"]


def test_the_portal_offers_only_views_that_hold_something(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get("/inbox").words(".gd-tabs a") == [], "one list needs no tabs"
    assert zhoulan.get("/inbox").value(".gd-empty a", "href") == "/my-tickets"
    assert zhoulan.get("/inbox?view=roles").words(".gd-tabs a") == ["我的待办 0", "等我的角色 0"], (
        "besides where one is"
    )
    site.play.define(start(), staff("check", to="requester"), end(), chain("begin", "check", "done"))
    site.play.file("liutao", "errand")
    assert zhoulan.get("/inbox").words(".gd-tabs a") == ["我的待办 0", "等我的角色 1"]
    assert len(site.browser("lina").get("/inbox").words(".gd-tabs a")) == 4, "staff choose among all"


def test_a_first_reply_that_presses_is_what_a_row_says_until_the_requester_has_heard_something(site: Site) -> None:
    number = site.file_crash()
    lina = site.browser("lina", language="en")
    lina.post(f"/tickets/{number}/acceptance")

    def due(path: str) -> str:
        return lina.get(path).words("tbody .gd-chip")[-1]

    site.play.pass_time(minutes=25)
    assert due("/inbox?view=owned") == due("/tickets") == "First reply: 5 min left"
    site.play.pass_time(minutes=65)
    assert due("/inbox?view=owned") == due("/tickets") == "First reply: 1 h over"
    lina.post(f"/tickets/{number}/replies", {"body": "请把录屏发给我们。"})
    assert due("/tickets").startswith("by ")
