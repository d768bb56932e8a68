"""Accepting a ticket: whoever is to work on it has its first task at once; the others are led to it."""

from __future__ import annotations

import pytest

from tests.engine import build
from tests.tickets.play import staff
from tests.web.site import Site
from tickets.life.handing_over import hand_over


def define(site: Site, *, owner: str = "", to: str = "support") -> str:
    parts = (build.start(), staff("look", to=to, name="看一看"), build.end(), build.chain("begin", "look", "done"))
    site.play.define(*parts, forms=None, **({"owner": owner} if owner else {}))
    return site.play.file("zhoulan")


@pytest.mark.parametrize("owner", ["support", "${role('support')}", '${ role("support") }'])
def test_where_the_owner_works_on_it_the_first_task_is_theirs_with_the_ticket(site: Site, owner: str) -> None:
    number, lina = define(site, owner=owner), site.browser("lina")
    lina.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = lina.follow(lina.post(f"/tickets/{number}/acceptance"))
    assert page.toasts == ["You answer for this ticket now, and its first task is yours."]
    assert site.play.task("look", number).assignee_id == site.cast.people["lina"]
    assert page.words("#task-name") == ["My task: 看一看"]
    assert site.play.told(number)[-2:] == ["accepted+", "claimed"]


@pytest.mark.parametrize("owner", ["", "developer", "${responsible()}"])
def test_where_it_does_not_say_so_they_are_led_to_the_task(site: Site, owner: str) -> None:
    number, lina = define(site, owner=owner), site.browser("lina")
    lina.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = lina.get(f"/tickets/{number}")
    if page.tree.cssselect(f"form[action='/tickets/{number}/acceptance']"):
        page = lina.follow(lina.post(f"/tickets/{number}/acceptance"))
        assert page.toasts == ["You answer for this ticket now."]
    assert site.play.task("look", number).assignee_id is None
    task = site.play.task("look", number).public_id
    (button,) = page.words(f"#story form[action='/tasks/{task}/claim'] button.btn-primary")
    assert button == "Next: claim “看一看”"
    claimed = lina.follow(lina.post(f"/tasks/{task}/claim"))
    assert not claimed.tree.cssselect(f"#story form[action='/tasks/{task}/claim']")


def test_a_task_that_others_are_meant_for_stays_theirs(site: Site) -> None:
    parts = (build.start(), staff("fix", to="developer"), build.end(), build.chain("begin", "fix", "done"))
    site.play.define(*parts, owner="support")
    number = site.play.file("zhoulan")
    hand_over(site.play.runtime, site.cast.zhangwei, number, site.cast.people["lina"], "请跟进")
    assert site.play.task("fix", number).assignee_id is None


def test_the_one_who_came_too_late_has_neither(site: Site) -> None:
    number = define(site, owner="support")
    task = site.play.task("look", number).public_id
    assert site.browser("lina").post(f"/tickets/{number}/acceptance").status == 303
    assert site.browser("zhangwei").post(f"/tasks/{task}/claim").status == 403
    assert site.play.ticket(number).owner_id == site.play.task("look", number).assignee_id
