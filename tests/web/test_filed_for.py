"""Filing for a caller: found, taken on, with their history beside the form."""

from __future__ import annotations

import pytest

from tests.engine.build import chain, end, start
from tests.tickets.play import staff, text
from tests.web.site import CRASH, Page, Site, Visitor
from tickets.people import Person


@pytest.fixture
def site(site: Site) -> Site:
    site.play.ship("crash_report")
    with site.cast.runtime.writing() as session, session.begin():
        session.get_one(Person, site.cast.people["zhoulan"]).phone = "13800138000"
    return site


def person(site: Site, login: str) -> str:
    with site.cast.runtime.reading() as session:
        return str(session.get_one(Person, site.cast.people[login]).public_id)


def search(browser: Visitor, text: str) -> Page:
    return browser.get(f"/tickets/callers?q={text}")


def test_a_caller_is_found_and_their_ticket_filed(site: Site) -> None:
    before = site.file_crash()
    lina = site.browser("lina")
    assert lina.get("/tickets/new").tree.cssselect("#callers-found")
    found = search(lina, "13800")
    assert found.words("#callers-found .gd-subj") == ["周岚"]
    chosen = lina.get(found.value("#callers-found a.gd-subj", "href"))
    assert before in " ".join(chosen.words("section[aria-labelledby=history]"))
    form = lina.get(chosen.value("a.gd-cat", "href"))
    assert "周岚" in form.words("section[aria-labelledby=caller]")[0]
    assert before in " ".join(form.words("aside"))
    assert form.value("aside [aria-labelledby=history] a", "target") == "_blank"  # what is half filled in stays
    answer = lina.post(form.value("main form", "action"), {**CRASH, ":channel": "mail"})
    assert answer.status == 303, answer.words(".gd-err")
    number = answer.location.removeprefix("/tickets/")
    assert site.play.ticket(number).requester_id == site.cast.people["zhoulan"]
    assert site.play.events(number)[0].params == {"channel": "mail"}
    assert "周岚" in lina.follow(answer).text
    assert site.browser("zhoulan").get(f"/tickets/{number}").status == 200


def test_what_is_refused_keeps_the_caller_and_the_channel(site: Site) -> None:
    lina = site.browser("lina")
    address = f"/tickets?type=crash_report&for={person(site, 'zhoulan')}"
    refused = lina.post(address, {**CRASH, "app_version": "x", ":channel": "desk"})
    assert refused.status == 422
    assert refused.value("[name=':channel'][checked]") == "desk"
    assert person(site, "zhoulan") in refused.value("main form", "action")
    live = lina.post(f"/tickets/new/crash_report/live?for={person(site, 'zhoulan')}", {"phone_model": "iPad"})
    assert person(site, "zhoulan") in live.text


def test_an_unknown_caller_is_taken_on_and_goes_on(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    nobody = search(zhaomin, "13600136000")
    assert not nobody.tree.cssselect("#callers-found .gd-subj")
    form = zhaomin.get(nobody.value("#callers-found .btn", "href"))
    assert form.value("[name=phone]") == "13600136000"
    place = form.value("[name=place] option[selected]")
    refused = zhaomin.post("/tickets/callers", {"name": "", "phone": "13600136000", "place": place})
    assert (refused.status, refused.value("[name=phone]")) == (422, "13600136000")
    assert refused.value("[name=name]", "aria-invalid") == "true"
    made = zhaomin.post("/tickets/callers", {"name": "陈妈妈", "phone": "13600136000", "place": place})
    assert "陈妈妈" in zhaomin.follow(made).words("section[aria-labelledby=for-whom]")[0]


def test_only_those_who_file_for_others_and_only_within_reach(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    assert "callers" not in zhoulan.get("/tickets/new").text
    for path in ("/tickets/callers?q=x", "/tickets/callers/new", f"/tickets/new?for={person(site, 'sunyue')}"):
        assert zhoulan.get(path).status == 403
    assert zhoulan.post("/tickets/callers", {"name": "x"}).status == 403
    address = f"/tickets?type=crash_report&for={person(site, 'sunyue')}"
    assert zhoulan.post(address, dict(CRASH)).status == 403
    tangyan = site.browser("tangyan")
    for whom in (person(site, "huangyi"), "x", "01234567-89ab-7def-8123-456789abcdef"):
        assert tangyan.get(f"/tickets/new?for={whom}").status == 404
        assert tangyan.post(f"/tickets?type=crash_report&for={whom}", dict(CRASH)).status == 404
    assert not search(tangyan, "黄毅").tree.cssselect("#callers-found .gd-subj")


def test_a_form_may_have_a_field_of_any_name(site: Site) -> None:

    fields = [text(name) for name in ("type", "subject", "requester", "channel")]
    parts = (start(camunda__formRef="ask"), staff("look"), end(), chain("begin", "look", "done"))
    site.play.define(*parts, forms={"ask": fields})
    zhoulan = site.browser("zhoulan")
    form = zhoulan.get("/tickets/new/errand")
    assert len(form.tree.cssselect("[name=type]")) == 1
    values = {"type": "语法", "subject": "英语", "requester": "张妈妈", "channel": "微信"}
    answer = zhoulan.post(form.value("main form", "action"), values)
    assert site.play.ticket(answer.location.removeprefix("/tickets/")).data == values
