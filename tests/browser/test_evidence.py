"""Evidence in a browser: photos sent at once and shown small, taken off again, a location measured, a confirmation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Route, expect

from tests.browser.desk import Desk, open_desk
from tests.browser.harness import Pages, shoot
from tests.cast import lasting_cast
from tests.databases import Databases, Kind
from tests.tickets.evidence.scene import Scene, field, photos
from tests.tickets.evidence.shots import photo

HERE = {"latitude": 22.5431, "longitude": 114.0579, "accuracy": 12}


@pytest.fixture(scope="module")
def desk(browser: Browser, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    pages = Pages(browser)
    with (
        lasting_cast(databases, Kind.SQLITE, tmp_path_factory.mktemp("evidence")) as cast,
        open_desk(cast, tmp_path_factory.mktemp("files"), pages) as opened,
    ):
        yield opened


@pytest.fixture
def number(desk: Desk) -> Iterator[str]:
    """A step that needs two photos, who was there, where, and a second person's word; lina has it."""
    signed = {**field("dynamiclist", "", evidence="signin", min="1"), "path": "signed", "label": "签到"}
    signed["components"] = [
        {**field("textfield", "name"), "label": "姓名"},
        {**field("checkbox", "there"), "label": "到场"},
    ]
    scene = Scene(desk.play)
    scene.define(
        {**photos(min="2", after="opened"), "label": "板书照片"},
        signed,
        {**field("textfield", "here", evidence="location", after="opened"), "label": "地点"},
        {**field("textarea", "note"), "label": "过程记录"},
        evidence="photo:2 signin location confirmation",
    )
    found = scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    yield found
    desk.pages.check()


def shots(count: int) -> list[FilePayload]:
    made = (photo(size=(1600, 1200), gps=True) for _ in range(count))
    return [FilePayload(name=f"板书{place}.jpg", mimeType="image/jpeg", buffer=each) for place, each in enumerate(made)]


@pytest.mark.parametrize(
    ("phone", "locale", "dark"), [(True, "zh-CN", False), (True, "en", True), (False, "zh-CN", True)]
)
def test_a_step_is_done_with_photos_a_place_and_a_second_person(
    desk: Desk, number: str, phone: bool, locale: str, dark: bool
) -> None:
    looks = f"{'phone' if phone else 'desktop'}-{locale[:2]}-{'dark' if dark else 'light'}"
    page = desk.enter("lina", phone=phone, locale=locale, dark=dark, geolocation=HERE, permissions=["geolocation"])
    page.goto(f"/tickets/{number}")
    expect(page.locator(".gd-photo-button")).to_be_visible()
    shoot(page, f"evidence-empty-{looks}")
    page.locator("[data-photos] input[type=file]").set_input_files(shots(3))
    expect(page.locator("[data-attached] img")).to_have_count(3)
    page.locator("[data-attached] .btn").first.click()
    expect(page.locator("[data-attached] img")).to_have_count(2)
    page.locator("[data-locate]").click()
    expect(page.locator("[data-place-says]")).to_contain_text("22.54310, 114.05790")
    page.locator("[name='signed[0].name']").fill("张三")
    page.locator("[type=checkbox][name='signed[0].there']").check()
    page.locator("[name=note]").fill("课前十分钟到齐")
    page.locator("#task form[action$='/complete'] button.gd-push").click()
    expect(page.locator("[data-refused]")).to_be_visible()
    expect(page.locator("[data-attached] img")).to_have_count(2)
    expect(page.locator("[name=note]")).to_have_value("课前十分钟到齐")
    shoot(page, f"evidence-refused-{looks}")
    lead = desk.enter("zhangwei", f"/tickets/{number}", phone=phone, locale=locale, dark=dark)
    shoot(lead, f"evidence-witness-{looks}")
    lead.locator("form[action$='/confirmations'] [name=note]").fill("在场")
    lead.locator("form[action$='/confirmations'] button").click()
    expect(lead.locator("[data-needs]")).to_contain_text("在场")
    page.locator("#task form[action$='/complete'] button.gd-push").click()
    expect(page.locator("#task [data-photos]")).to_have_count(0)
    expect(page.locator("a.gd-shot img").first).to_be_visible()
    shoot(page, f"evidence-done-{looks}")
    desk.pages.expect("422")
    desk.pages.check()


def test_without_the_right_to_measure_the_place_is_written(desk: Desk, number: str) -> None:
    page = desk.enter("lina", f"/tickets/{number}", phone=True)
    page.locator("[data-locate]").click()
    expect(page.locator("[data-place-says]")).to_contain_text(re.compile("浏览器|browser"))
    page.locator("[name=here]").fill("南山校区 301")
    page.locator("[name='here:why']").fill("没有定位权限")
    page.locator("#task form[action$='/complete'] button.gd-push").click()
    expect(page.locator("[name=here]")).to_have_value("南山校区 301")
    desk.pages.expect("422")
    desk.pages.check()


@pytest.mark.parametrize("held", ["**/files", "**/live"])
def test_photos_outlast_that_the_form_is_asked_anew_while_they_are_sent(desk: Desk, number: str, held: str) -> None:
    page = desk.enter("lina", phone=True)
    page.goto(f"/tickets/{number}")
    first, second = shots(2)
    chooser = page.locator("[data-photos] input[type=file]")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    if held == "**/files":  # the second photo is on its way while the form is asked anew with the first
        chooser.set_input_files([first])
        expect(page.locator("[data-attached] img")).to_have_count(1)
        page.route(held, hold)
        chooser.set_input_files([second])
        with page.expect_response("**/live"):
            page.locator("[name=note]").fill("还在传")
    else:  # the form is asked anew before the photo, and answered after it
        page.route(held, hold)
        with page.expect_request("**/live"):
            page.locator("[name=note]").fill("先写")
        chooser.set_input_files([first])
        expect(page.locator("[data-attached] img")).to_have_count(1)
        chooser.set_input_files([second])
        expect(page.locator("[data-attached] img")).to_have_count(2)
    page.route(held, lambda route: route.continue_())
    for route in waiting:
        route.continue_()
    expect(page.locator("[data-attached] img")).to_have_count(2)
    expect(page.locator("[data-attached] [name=_drop]")).to_have_count(2)
    expect(page.locator("[name=note]")).to_have_value("还在传" if held == "**/files" else "先写")


def test_a_step_pressed_while_a_photo_is_on_its_way_waits_for_it(desk: Desk, number: str) -> None:
    page = desk.enter("lina", phone=True)
    page.goto(f"/tickets/{number}")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/files", hold)
    with page.expect_response("**/live"):
        page.locator("[data-photos] input[type=file]").set_input_files(shots(1))
        page.locator("[name=note]").fill("还在传")
    expect(page.locator("[data-attached] progress")).to_have_count(1)
    page.locator("#task form[action$='/complete'] button.gd-push").click()
    expect(page.locator("#task form[action$='/complete'] button.gd-push")).to_have_attribute("aria-busy", "true")
    expect(page.locator("[data-refused]")).to_have_count(0)
    waiting[0].continue_()
    expect(page.locator("[data-refused]")).to_be_visible()
    expect(page.locator("[data-attached] [name=_drop]")).to_have_count(1)
    desk.pages.expect("422")


def test_a_photo_taken_off_stays_off_whatever_was_asked_before(desk: Desk, number: str) -> None:
    page = desk.enter("lina", phone=True)
    page.goto(f"/tickets/{number}")
    page.locator("[data-photos] input[type=file]").set_input_files(shots(2))
    expect(page.locator("[data-attached] [name=_drop]")).to_have_count(2)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/live", hold)
    with page.expect_request("**/live"):
        page.locator("[name=note]").fill("先写")
    page.locator("[data-attached] .btn").first.click()
    expect(page.locator("[data-attached] img")).to_have_count(1)
    page.route("**/live", lambda route: route.continue_())
    for route in waiting:
        route.continue_()
    expect(page.locator("[data-attached] [name=_drop]")).to_have_count(1)
