"""Headquarters in a browser: a standard set up, launched, done with a photo, looked at, counted and exported."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.desk import Desk, desk
from tests.browser.harness import shoot
from tests.cast import cast
from tests.engine import build
from tests.tickets.evidence.scene import photos, step
from tests.tickets.evidence.shots import photo
from tests.tickets.standards.campus import Campus

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PHOTO = FilePayload(name="教室.jpg", mimeType="image/jpeg", buffer=photo(size=(1600, 1200)))
WHY = "照片里看不到桌牌，重拍一张"


def test_a_standard_from_its_set_up_to_the_exported_matrix(desk: Desk) -> None:
    campus = stage(desk)
    headquarters = desk.sign_in("chenxiao")
    set_up(headquarters)
    desk.play.settle()
    launch(headquarters)
    desk.play.settle()
    headquarters.reload()
    expect(headquarters.locator("#launches")).to_contain_text("已发起 2 / 2")
    campus.begin_due()
    matrix = headquarters.url.partition("#")[0] + "/matrix"
    counts(headquarters, matrix, in_time="0", not_due="4")

    first, _ = campus.numbers()
    desk.cast.clock.advance(timedelta(hours=1))
    do_with_photo(desk, first)
    counts(headquarters, matrix, in_time="1", not_due="3")
    expect(score(headquarters)).to_have_text("100.0")

    again = judge_it_failed(headquarters)
    counts(headquarters, matrix, in_time="0", not_due="4")
    do_with_photo(desk, again)
    counts(headquarters, matrix, in_time="1", not_due="3")
    expect(score(headquarters)).to_have_text("50.0")
    expect(headquarters.locator(".gd-mx-tools")).to_contain_text("1 次抽查不合格")
    shoot(headquarters, "standards-path-matrix")
    drill(headquarters, first)
    export(headquarters, matrix)


def stage(desk: Desk) -> Campus:
    """Two classes, and a type whose first step needs a photo."""
    campus = Campus(desk.play)
    parts = (
        build.start(),
        step("prepare", deadline="P2D", evidence="photo"),
        step("welcome", deadline="P5D", mandatory="false"),
        build.end(),
        build.chain("begin", "prepare", "welcome", "done"),
    )
    board = {**photos(min="1", after="opened"), "label": "教室照片"}
    note = {"type": "textfield", "key": "note", "label": "备注"}
    campus.define(*parts, forms={"prepare": [board], "welcome": [note]})
    campus.add_class("kickoff-1", at="sz-nanshan")
    campus.add_class("kickoff-2", at="gz-tianhe")
    desk.cast.clock.advance(timedelta(days=1))
    return campus


def set_up(page: Page) -> None:
    """From the empty list of standards, with a look at what it would begin."""
    page.goto("/standards")
    page.locator("main").get_by_role("link", name="设立标准").click()
    page.locator("main a[href*='type=kickoff']").click()
    page.get_by_label("地点").select_option(label="青禾英语")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("main")).to_contain_text("2 个同类业务对象中的 2 个")
    shoot(page, "standards-path-preview")
    page.locator(".gd-savebar .btn-primary").click()
    expect(page).to_have_url(re.compile(r"/standards/[0-9a-f-]{36}$"))


def launch(page: Page) -> None:
    page.locator("#launches summary").click()
    page.locator("#launches .btn-primary").click()
    expect(page.locator("#launches .gd-chip")).to_be_visible()


def counts(page: Page, address: str, *, in_time: str, not_due: str) -> None:
    """What the matrix counts in all."""
    page.goto(address)
    legend = page.locator(".gd-mx-legend")
    expect(legend.locator("li", has_text="按时").locator("b")).to_have_text(in_time)
    expect(legend.locator("li", has_text="未到期").locator("b")).to_have_text(not_due)


def score(page: Page) -> Locator:
    return page.locator(".gd-mx-total b")


def do_with_photo(desk: Desk, number: str) -> None:
    """By phone; without the photo it is refused."""
    page = desk.enter("lina", f"/tickets/{number}", phone=True)
    if (begin := page.get_by_role("button", name=re.compile("^(接单|认领)$"))).count():
        begin.first.click()
    expect(page.locator("[data-photos]")).to_be_visible()
    page.locator("#task form[action$='/complete'] button.gd-push").click()
    expect(page.locator("[data-error-summary], #task .gd-err").first).to_be_visible()
    desk.pages.expect("422")
    page.locator("[data-photos] input[type=file]").set_input_files([PHOTO])
    expect(page.locator("[data-attached] img")).to_have_count(1)
    page.locator("#task form[action$='/complete'] button.gd-push").click()
    expect(page.locator("a.gd-shot img").first).to_be_visible()


def judge_it_failed(page: Page) -> str:
    """A sample of what was done, and its one step not good enough; the number of the ticket that does it again."""
    page.goto("/standards/checks/new")
    page.locator("main form .btn-primary").click()
    step = page.locator(".gd-ck")
    expect(step.locator("img").first).to_be_visible()
    look_closer(page, step.locator("a.gd-shot"))
    pull_larger(page, step.locator("[name=why]"))
    step.locator("[name=why]").fill(WHY)
    step.locator("[data-fail]").click()
    expect(step).to_contain_text(WHY)
    expect(step).to_contain_text("须重做")
    shoot(page, "standards-path-failed")
    return step.locator("[data-judged] a.gd-no, a.gd-no").last.inner_text()


def look_closer(page: Page, photo: Locator) -> None:
    """The photo opens as large as it is, beside the page where one judges it."""
    with page.expect_popup() as opened:
        photo.click()
    expect(opened.value.locator("img")).to_be_visible()
    assert opened.value.evaluate("document.contentType") == "image/jpeg"
    opened.value.close()


def pull_larger(page: Page, area: Locator) -> None:
    """By its corner: the browser keeps the height as a style of the element, which no swap may set again."""
    box = area.bounding_box()
    assert box is not None
    corner = (box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0], corner[1] + 60)
    page.mouse.up()
    expect(area).to_have_attribute("style", re.compile("height"))


def drill(page: Page, number: str) -> None:
    """From the whole to the ticket and its photo."""
    page.get_by_role("link", name="深圳南山").first.click()
    page.get_by_role("link", name="kickoff-1").first.click()
    page.goto(page.url.replace("/matrix", "/records"))
    page.locator(f"main a[href*='{number}']").first.click()
    expect(page.locator("a.gd-shot img").first).to_be_visible()


def export(page: Page, address: str) -> None:
    page.goto(address)
    rows = list(csv.reader(StringIO(downloaded(page, "csv").read_text("utf-8-sig"))))
    assert [cell for row in rows for cell in row if cell == "50.0"], rows
    sheet = load_workbook(BytesIO(downloaded(page, "xlsx").read_bytes())).active
    assert sheet is not None
    assert [row[0] for row in sheet.values][: len(rows)] == [row[0] or None for row in rows]


def downloaded(page: Page, kind: str) -> Path:
    if not page.locator(f"[name=format][value={kind}]").is_visible():
        page.locator("details:has([name=format]) summary").click()
    with page.expect_download() as download:
        page.locator(f"[name=format][value={kind}]").click()
    return Path(download.value.path())
