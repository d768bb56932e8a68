"""Coming in through a browser: signing in, what is not one's own, language and theme."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, desk, enter_password
from tests.browser.harness import complaints
from tests.cast import cast

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_wrong_password_keeps_the_login_and_the_right_one_leads_where_one_wanted_to_go(desk: Desk) -> None:
    desk.pages.expect("422")
    page = desk.window()
    page.goto("/subjects?kind=class")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    enter_password(page, "zhaomin", "not this one")
    expect(page.get_by_role("alert")).to_contain_text("密码不对")
    expect(page.get_by_label("密码")).to_be_focused()
    expect(page.get_by_label("密码")).to_have_value("")
    expect(page.get_by_label("登录名")).to_have_value("zhaomin")
    enter_password(page, "zhaomin")
    expect(page).to_have_url(re.compile(r"/subjects\?kind=class$"))
    expect(page.get_by_role("heading", name="业务对象", exact=True)).to_be_visible()


def test_signing_out_closes_the_pages(desk: Desk) -> None:
    page = desk.enter("lina", "/inbox")
    page.get_by_label("账号菜单").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto("/inbox")
    expect(page).to_have_url(re.compile(r"/login\?next="))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_requester_gets_no_page_of_the_staff(desk: Desk, locale: str) -> None:
    desk.pages.expect("40[34]")
    desk.play.ship("crash_report")
    others = desk.file_crash("sunyue")
    page = desk.enter("zhoulan", locale=locale)
    for path, status in {"/types": 403, "/subjects/import": 403, "/tickets": 404, f"/tickets/{others}": 404}.items():
        answer = page.goto(path)
        assert answer
        assert answer.status == status, path
        expect(page.locator(".gd-empty h2")).to_be_visible()
        assert complaints(page) == []
    page.locator(".gd-empty a").click()
    expect(page).to_have_url(re.compile("/my-tickets$"))


def test_language_and_theme_stay_as_chosen_for_the_account(desk: Desk) -> None:
    page = desk.enter("lina", "/inbox?view=roles")
    page.get_by_label("账号菜单").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/inbox?view=roles"), "one stays where one was"
    page.get_by_label("Account menu").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert background(page) < 60
    elsewhere = desk.enter("lina", "/inbox")
    expect(elsewhere.locator("html")).to_have_attribute("lang", "en")
    expect(elsewhere.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(elsewhere.get_by_role("heading", name="Inbox")).to_be_visible()


def test_the_sign_in_page_speaks_the_language_chosen_there(desk: Desk) -> None:
    page = desk.window()
    page.goto("/login")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Sign in to Gongdan")).to_be_visible()
    enter_password(page, "zhoulan")
    expect(page.get_by_role("link", name="My tickets")).to_be_visible()


def background(page: Page) -> int:
    """How light the page's ground is, 0 to 255."""
    said = page.evaluate(
        """() => {
        const canvas = document.createElement('canvas').getContext('2d');
        canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
        canvas.fillRect(0, 0, 1, 1);
        return Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3));
        }"""
    )
    return int(said)


@pytest.mark.parametrize("phone", [False, True])
def test_a_long_side_bar_shows_where_one_is_and_keeps_the_account_in_sight(desk: Desk, phone: bool) -> None:
    page = desk.enter("admin", phone=phone)
    page.set_viewport_size({"width": 390 if phone else 1280, "height": 600})
    page.goto("/system/operations")
    if phone:
        page.get_by_role("button", name="菜单", exact=True).click()
    expect(page.locator("#rail [aria-current]")).to_be_in_viewport(ratio=1)
    if phone:  # beside the button that closes the bar
        expect(page.locator("#rail .gd-brand")).to_be_in_viewport(ratio=1)
    page.get_by_label("账号菜单").click()
    expect(page.get_by_role("button", name="退出登录")).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0


def test_tabs_on_a_phone_stand_side_by_side_however_many_there_are(desk: Desk) -> None:
    page = desk.enter("admin", "/system/menus", phone=True, locale="en")
    cut = "tabs => tabs.filter(tab => tab.scrollWidth > tab.clientWidth + 1).length"
    assert page.locator(".gd-tabs a").count() > 2
    assert page.locator(".gd-tabs a").evaluate_all(cut) == 0


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_side_bar_names_the_group_whole(desk: Desk, locale: str) -> None:
    page = desk.enter("lina", "/inbox", locale=locale)
    cut = "name => name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 1"
    assert not page.locator("#rail .gd-brand").evaluate(cut)
    assert not page.locator("#rail .gd-brand small").evaluate("name => name.scrollWidth > name.offsetWidth + 1")
