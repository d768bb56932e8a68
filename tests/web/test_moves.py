"""The verbs of a ticket's life through its page: who is offered which, what each form sends, what is refused."""

from __future__ import annotations

import orjson
import pytest

from tests.web.site import Page, Site


@pytest.fixture
def number(site: Site) -> str:
    """A crash report of zhoulan's that lina has claimed."""
    site.play.ship("crash_report")
    number = site.file_crash()
    site.play.claim("lina", "Task_Triage")
    return number


def offered(site: Site, login: str, number: str) -> list[str]:
    page = site.browser(login, language="en").get(f"/tickets/{number}")
    return page.words("main [data-verb]")


def test_each_reader_is_offered_their_verbs(site: Site, number: str) -> None:
    assert {"Resolve", "Suspend", "Hand over", "Close", "Priority", "Change the title"} <= {
        *offered(site, "lina", number)
    }
    assert {"Suspend", "Hand over", "Close"} <= {*offered(site, "zhangwei", number)}
    assert "Resolve" not in offered(site, "zhangwei", number)
    assert "Withdraw" in offered(site, "zhoulan", number)
    assert "Suspend" not in offered(site, "zhoulan", number)


@pytest.mark.parametrize("verb", ["suspend", "resolve", "hand_over", "priority", "retitle", "close"])
def test_each_verb_has_a_form_as_page_and_as_dialog(site: Site, number: str, verb: str) -> None:
    lina = site.browser("lina", language="en")
    assert lina.get(f"/tickets/{number}/do/{verb}").words("h1")
    assert "<html" not in lina.get(f"/tickets/{number}/do/{verb}", HX_Request="true").text
    assert site.browser("zhoulan", language="en").get(f"/tickets/{number}/do/{verb}").status == 403
    assert site.browser("huangyi", language="en").get(f"/tickets/{number}/do/{verb}").status == 404


def send(site: Site, login: str, address: str, **values: str) -> Page:
    visitor = site.browser(login, language="en")
    return visitor.follow(visitor.post(address, values))


def test_a_ticket_is_suspended_and_resumed(site: Site, number: str) -> None:
    page = send(site, "lina", f"/tickets/{number}/suspension", why="等供应商", until="2027-01-08T09:00")
    assert page.toasts == ["The ticket is suspended; its clock stands still."]
    until = site.play.ticket(number).suspended_until
    assert until is not None
    assert until.isoformat() == "2027-01-08T01:00:00+00:00"
    assert "suspended the ticket until 8 Jan 2027 09:00: 等供应商" in " ".join(page.words("#story"))
    send(site, "lina", f"/tickets/{number}/resumption")
    assert site.play.ticket(number).status == "in_progress"


def test_what_is_refused_is_shown_again(site: Site, number: str) -> None:
    lina = site.browser("lina", language="en")
    answer = lina.post(f"/tickets/{number}/suspension", {"why": "等", "until": "soon"})
    assert answer.status == 422
    assert "soon" in answer.words("[role=alert]")[0]
    assert answer.words("[name=why]") == ["等"]
    assert lina.post(f"/tickets/{number}/closure", {"why": " "}).status == 422
    assert lina.post(f"/tickets/{number}/priority", {"priority": "x"}).status == 422
    assert lina.post(f"/tickets/{number}/title", {"title": " "}).status == 422
    assert lina.post(f"/tickets/{number}/owner", {"to": "没有这个人"}).status == 422


def test_from_resolved_to_rated(site: Site, number: str) -> None:
    send(site, "lina", f"/tickets/{number}/resolution", why="已修复")
    assert {"Confirm: it is resolved", "Rate", "Reopen"} <= {*offered(site, "zhoulan", number)}
    send(site, "zhoulan", f"/tickets/{number}/reopening", why="又坏了")
    assert site.play.ticket(number).status == "in_progress"
    send(site, "lina", f"/tickets/{number}/resolution", why="这次好了")
    send(site, "zhoulan", f"/tickets/{number}/confirmation")
    send(site, "zhoulan", f"/tickets/{number}/rating", stars="5", body="很快")
    page = site.browser("zhoulan", language="en").get(f"/tickets/{number}")
    assert any("5 of 5" in line for line in page.words(".ev"))
    assert site.browser("zhoulan", language="en").post(f"/tickets/{number}/rating", {"stars": "1"}).status == 409
    assert site.browser("zhoulan", language="en").post(f"/tickets/{number}/rating", {"stars": "many"}).status == 422


def test_a_ticket_is_handed_over_reworded_and_closed(site: Site, number: str) -> None:
    send(site, "lina", f"/tickets/{number}/priority", priority="high")
    send(site, "lina", f"/tickets/{number}/title", title="闪退")
    page = send(site, "lina", f"/tickets/{number}/owner", to="zhangwei", why="")
    assert any("张伟" in line for line in page.words(".ev"))
    send(site, "zhangwei", f"/tickets/{number}/closure", why="重复")
    ticket = site.play.ticket(number)
    assert (ticket.status, ticket.title, ticket.priority) == ("closed", "闪退", "high")


def test_a_withdrawn_ticket_is_rated_only_where_somebody_answered_for_it(site: Site, number: str) -> None:
    fresh = site.file_crash()
    for withdrawn in (number, fresh):
        send(site, "zhoulan", f"/tickets/{withdrawn}/withdrawal", why="好了")
    assert "Rate" in offered(site, "zhoulan", number)
    assert "Rate" not in offered(site, "zhoulan", fresh)


def test_a_ticket_is_withdrawn_by_its_requester(site: Site, number: str) -> None:
    page = send(site, "zhoulan", f"/tickets/{number}/withdrawal", why="好了")
    assert page.toasts == ["The ticket is withdrawn."]
    assert site.browser("zhoulan", language="en").post(f"/tickets/{number}/withdrawal", {"why": "好了"}).status == 409


def test_the_owner_asks_the_requester_for_more(site: Site, number: str) -> None:
    lina = site.browser("lina", language="en")
    assert "Ask for more" in " ".join(lina.get(f"/tickets/{number}").words("#composer label"))
    send(site, "lina", f"/tickets/{number}/questions", body="哪个版本？")
    assert site.play.ticket(number).status == "awaiting_requester"
    assert (
        site.browser("zhangwei", language="en").post(f"/tickets/{number}/questions", {"body": "哪个版本？"}).status
        == 403
    )


@pytest.mark.parametrize(
    "what",
    [
        "suspension",
        "resumption",
        "resolution",
        "confirmation",
        "closure",
        "withdrawal",
        "reopening",
        "owner",
        "refusal",
    ],
)
def test_another_brands_people_find_nothing(site: Site, number: str, what: str) -> None:
    assert site.browser("huangyi", language="en").post(f"/tickets/{number}/{what}", {"why": "x"}).status == 404


def test_tickets_are_tied_together_on_the_page(site: Site, number: str) -> None:
    other = site.file_crash()
    page = send(site, "lina", f"/tickets/{number}/links", ticket=other, kind="duplicate")
    assert page.words("#family-title") == ["Related tickets"]
    assert any(other in line for line in page.words("#side li"))
    page = send(site, "lina", f"/tickets/{number}/links/{other}/end")
    assert page.words("#family-title") == []
    send(site, "tangyan", f"/tickets/{number}/links", ticket=other, kind="parent")
    page = site.browser("tangyan", language="en").get(f"/tickets/{other}")
    assert any(number in line for line in page.words("#side li"))
    before = site.browser("tangyan", language="en").get(f"/tickets/{other}/do/close")
    assert number in before.words("form [role=status]")[0]
    assert site.browser("tangyan", language="en").get(f"/tickets/{number}/do/close").words("form [role=status]") == []
    assert site.browser("tangyan").post(f"/tickets/{other}/closure", {"why": "x"}).status == 409
    send(site, "tangyan", f"/tickets/{number}/parent/end")
    assert (
        site.browser("lina", language="en").post(f"/tickets/{number}/links", {"ticket": "X", "kind": "related"}).status
        == 422
    )


def test_a_merged_ticket_leads_on(site: Site, number: str) -> None:
    other = site.file_crash()
    page = send(site, "lina", f"/tickets/{number}/merge", ticket=other)
    assert other in page.words("#story [role=status]")[0]
    page = site.browser("zhoulan", language="en").get(f"/tickets/{number}")
    assert other in page.words("#story [role=status]")[0]
    assert page.words("#story .card-footer .gd-sub") == [f"The answer comes in {other}."]
    assert "answered you" not in page.words("#story")[0]


def test_tickets_are_suggested_by_number_or_words_to_be_linked_or_merged(site: Site, number: str) -> None:
    alike, ended, theirs = site.file_crash(), site.file_crash(), site.file_crash("huangyi")
    send(site, "zhoulan", f"/tickets/{ended}/withdrawal", why="好了")
    site.play.settle()

    def found(login: str, **query: str) -> list[str]:
        address = "&".join(f"{name}={value}" for name, value in query.items())
        return site.browser(login).get(f"/tickets/{number}/others?{address}").words("[role=option] .gd-no")

    assert found("tangyan", q=alike) == found("tangyan", q=alike.removeprefix("CR-")) == [alike]
    assert set(found("tangyan", q="HUAWEI")) == set(found("tangyan")) == {alike, ended}
    assert found("tangyan", q="HUAWEI", **{"for": "merge"}) == found("tangyan", **{"for": "merge"}) == [alike]
    assert found("tangyan", q=number) == found("tangyan", q=theirs) == found("tangyan", q="没有") == []


def test_tags_are_set_and_suggested(site: Site, number: str) -> None:
    page = send(site, "lina", f"/tickets/{number}/tags", tags="网络，教室, 急")
    assert {"急", "教室", "网络"} <= {*page.words("#story .gd-chip")}
    lina = site.browser("lina", language="en")
    assert orjson.loads(lina.get(f"/tickets/{number}/tags/suggestions?q=网").content) == ["网络"]
    assert "网络" in lina.get(f"/tickets/{number}/do/tag").value("[name=tags]")
    assert site.browser("huangyi", language="en").get(f"/tickets/{number}/tags/suggestions").status == 404
    assert "网络" not in " ".join(site.browser("zhoulan", language="en").get(f"/tickets/{number}").words())


@pytest.mark.parametrize("verb", ["link", "merge", "tag"])
def test_the_familys_forms_open(site: Site, number: str, verb: str) -> None:
    assert site.browser("lina", language="en").get(f"/tickets/{number}/do/{verb}").words("h1")


def test_a_dispatcher_assigns_or_offers_a_ticket_that_nobody_has(site: Site) -> None:
    site.play.ship("crash_report")
    number = site.file_crash()
    assert "Assign" in offered(site, "zhangwei", number)
    assert "Assign" not in offered(site, "lina", number)
    form = site.browser("zhangwei", language="en").get(f"/tickets/{number}/do/assign")
    assert [radio.get("value") for radio in form.tree.cssselect("[name=manner]")] == ["ticket", "offer", "tasks"]
    address = f"/tickets/{number}/assignment"
    assert site.browser("zhangwei", language="en").post(address, {"to": "lina", "manner": "gently"}).status == 422
    assert site.browser("lina", language="en").post(address, {"to": "lina", "manner": "offer"}).status == 403
    page = send(site, "zhangwei", address, to="wanglei", manner="offer")
    assert page.toasts == ["The ticket is offered; it goes on when it is not accepted."]
    assert site.play.ticket(number).offered_to_id == site.cast.people["wanglei"]
    page = send(site, "zhangwei", address, to="lina", manner="ticket", why="你熟")
    assert page.toasts == ["The ticket is assigned."]
    assert site.play.ticket(number).owner_id == site.cast.people["lina"]
    assert "Assign" not in offered(site, "zhangwei", number)
    assert site.browser("zhangwei", language="en").post(address, {"to": "liutao", "manner": "ticket"}).status == 409


def test_where_a_ticket_can_be_given_in_one_way_there_is_nothing_to_choose(site: Site) -> None:
    site.play.ship("crash_report")
    number = site.file_crash()
    site.play.claim("lina", "Task_Triage")
    assert site.browser("lina").post(f"{site.task('Task_Triage')}/release").status == 303
    form = site.browser("zhangwei", language="en").get(f"/tickets/{number}/do/assign")
    assert (form.value("[name=manner]", "type"), form.value("[name=manner]")) == ("hidden", "tasks")
    assert "Only its open tasks that nobody has" in form.text
