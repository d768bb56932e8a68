"""The page of assignment rules."""

from __future__ import annotations

import pytest

from tests.web.site import Site


@pytest.fixture(autouse=True)
def number(site: Site) -> str:
    site.play.ship("crash_report")
    return site.file_crash()


RULE = {"type": "crash_report", "element": "Task_Triage", "method": "least_loaded", "role": "support"}


def test_a_rule_is_added_shown_tried_and_removed(site: Site, number: str) -> None:
    admin = site.browser("admin", language="en")
    page = admin.follow(admin.post("/rules", RULE))
    assert page.toasts == ["The rule holds from now on."]
    assert page.words("ol.gd-list li .gd-grow") == ["The least loaded of a role Support"]
    tried = admin.get(f"/rules/trial?type=crash_report&number={number}")
    assert "李娜" in tried.words(".gd-props dd")
    page = admin.follow(admin.post(page.value("[formaction]", "formaction"), {"type": "crash_report"}))
    assert page.words("ol.gd-list li") == []


def test_a_rule_is_changed_where_it_stands(site: Site) -> None:
    admin = site.browser("admin", language="en")
    page = admin.follow(admin.post("/rules", RULE))
    form = admin.get(page.value("[aria-label='Change rule 1']", "href").partition("#")[0])
    assert form.tree.cssselect("option[value=least_loaded][selected]")
    assert form.tree.cssselect("#element[disabled]")
    action = form.value("form[aria-labelledby=new-rule]", "action")
    refused = admin.post(action, {**RULE, "method": "skills", "skills": ""})
    assert (refused.status, refused.value("form[aria-labelledby=new-rule]", "action")) == (422, action)
    page = admin.follow(admin.post(action, {"type": "crash_report", "method": "person", "who": "lina"}))
    assert page.words("ol.gd-list li .gd-grow") == ["A named person 李娜 (lina)"]
    assert site.browser("guohao").post(action, {"method": "person", "who": "lina"}).status == 404


def test_the_group_s_rules_show_as_such_in_a_brand_until_it_has_its_own(site: Site) -> None:
    site.browser("admin", language="en").post("/rules", RULE)
    guohao = site.browser("guohao", language="en")
    page = guohao.get("/rules?type=crash_report")
    assert page.words(".gd-tag") == ["From the group"]
    assert not page.tree.cssselect("[formaction]")
    page = guohao.follow(guohao.post("/rules", {**RULE, "method": "person", "who": "lina"}))
    assert page.words(".gd-tag") == []
    assert page.words("ol.gd-list li .gd-grow") == ["A named person 李娜 (lina)"]


def test_what_is_refused_keeps_what_was_typed(site: Site) -> None:
    answer = site.browser("admin", language="en").post("/rules", {**RULE, "method": "skills", "skills": ""})
    assert answer.status == 422
    assert answer.tree.cssselect("option[value=skills][selected]")


@pytest.mark.parametrize(("login", "status"), [("lina", 403), ("zhaomin", 403), ("zhoulan", 403), ("hejing", 200)])
def test_only_who_manages_types_sees_them(site: Site, login: str, status: int) -> None:
    visitor = site.browser(login)
    assert visitor.get("/rules").status == status
    if status == 403:
        assert visitor.post("/rules", RULE).status == 403
        assert visitor.get("/rules/trial?number=CR-1").status == 403


def test_a_ticket_that_is_not_there_is_said_to(site: Site) -> None:
    assert site.browser("admin", language="en").get("/rules/trial?type=crash_report&number=CR-0").status == 404
