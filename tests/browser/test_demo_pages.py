"""The demo's cards, bar, menu and tour in both languages, light and dark, on a desktop and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.database import create_engine
from tests.browser.desk import Desk, open_desk
from tests.browser.harness import Pages, complaints, shoot
from tests.browser.looks import faults, sticks_out
from tests.cast import enter
from tests.databases import Databases, Kind

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(databases: Databases, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The product as `gongdan run --demo` serves it, to the cast."""
    url, folder = databases.create(Kind.SQLITE), tmp_path_factory.mktemp("demo")
    engine, pages = create_engine(url), Pages(browser)
    with open_desk(enter(engine, folder), folder, pages, demo=True) as made:
        yield made
    pages.close()
    engine.dispose()
    databases.drop(url)


def cards(page: Page) -> None:
    expect(page.locator(".gd-demo-card")).to_have_count(9)


def bar(page: Page) -> None:
    expect(page.locator(".gd-demo")).to_be_visible()


def menu(page: Page) -> None:
    page.locator(".gd-demo summary").click()
    expect(page.locator(".gd-demo .gd-menu-item").first).to_be_visible()


def panel(page: Page) -> None:
    page.locator("[data-tour-open]").click()
    expect(page.locator("[data-tour]")).to_be_visible()


def end(page: Page) -> None:
    expect(page.locator(".gd-seen li").first).to_be_visible()


SEEN: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "cards": ("", "/login", cards),
    "tour": ("lina", "/demo/tour", bar),
    "seen": ("chenxiao", "/demo/tour/seen", end),
    "bar-staff": ("lina", "/inbox", bar),
    "bar-portal": ("zhoulan", "/", bar),
    "menu": ("chenxiao", "/standards", menu),
    "panel": ("lina", "/inbox", panel),
}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("name", SEEN)
def test_everybody_can_see_read_and_use_the_demo(demo: Desk, name: str, locale: str) -> None:
    login, address, ready = SEEN[name]
    found: list[str] = []
    for phone in (False, True):
        for dark in (False, True):
            options: dict[str, Any] = {"phone": phone, "dark": dark, "locale": locale}
            page = demo.enter(login, **options) if login else demo.window(**options)
            page.goto(address)
            ready(page)
            told = complaints(page) + faults(page) + sticks_out(page)
            found += [f"{'phone' if phone else 'desktop'}{', dark' if dark else ''}: {each}" for each in told]
            shoot(page, f"00-demo-{name}")
            page.context.close()
    demo.pages.check()
    assert not found, "\n".join(dict.fromkeys(found))


def press(page: Page, selector: str) -> None:
    page.locator(selector).locator("visible=true").first.click()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_tour_walks_the_whole_main_job(demo: Desk, phone: bool) -> None:
    demo.play.ship("crash_report")
    page = demo.window(phone=phone)
    page.goto("/login")
    press(page, "form[data-tour-start] button")
    for number, (another, deeds) in enumerate(TOUR, start=1):
        expect(page.locator("[data-tour-count]")).to_have_text(f"{number} / {len(TOUR)}")
        if another:
            press(page, "form[data-tour-go] button")
        for deed in deeds:
            press(page, deed)
            if deed == FILL:
                expect(page.locator(FILL).locator("visible=true")).to_be_enabled()
    press(page, "[data-tour-seen]")
    press(page, "[data-tour-ticket]")
    expect(page.locator("main")).to_contain_text("已关闭")


def test_the_tour_fills_in_the_reader_s_words_and_lets_one_see_what_is_said_of_a_click(demo: Desk) -> None:
    demo.play.ship("crash_report")
    page = demo.window(locale="en")
    page.goto("/login")
    press(page, "form[data-tour-start] button")
    press(page, FILL)
    expect(page.locator("[name=what_happened]")).to_have_value(re.compile("^Two tablets"))
    press(page, "main form .btn-primary")
    toast = page.locator("[data-toast]").first.bounding_box()
    panel = page.locator("[data-tour]").bounding_box()
    assert toast is not None
    assert panel is not None
    assert toast["x"] + toast["width"] <= panel["x"] or toast["y"] + toast["height"] <= panel["y"]


FILL = "[data-tour-fill]"
COMPLETE = "#task .card-footer .btn-primary"
TOUR: tuple[tuple[bool, tuple[str, ...]], ...] = (
    (False, (FILL, "main form .btn-primary")),
    (True, ("form[action$='/acceptance'] button", FILL, "#composer .btn-primary")),
    (False, (FILL, COMPLETE)),
    (True, ("#task [formaction$='/claim']", FILL, COMPLETE)),
    (True, ("[href$='/do/urge']", "#dialog .btn-primary")),
    (True, (FILL, "#urged .btn-primary")),
    (False, (FILL, COMPLETE)),
    (True, (FILL, COMPLETE)),
    (True, ("[data-tour-next]",)),
    (False, ("a[data-tour-go]", "[data-tour-next]")),
)
"""By step: whether one becomes somebody else there, and what is pressed then."""
