"""Designing in a browser: an upload with mistakes, and a process that stops on data and goes on once it is mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, desk
from tests.browser.harness import complaints, shoot
from tests.cast import cast
from tests.engine import build
from tests.tickets import play
from tickets.types import TicketType

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GRADING = play.files(
    build.start(),
    play.staff("check", name="核对年级"),
    build.script("place", "level = {'三年级': 'B1', '五年级': 'B2'}[subject['年级']]"),
    play.staff("tell", name="告知家长"),
    build.end(),
    build.chain("begin", "check", "place", "tell", "done"),
    key="grading",
    standard="student",
    title="${subject.name} 分级",
)
"""A type about a student whose script knows only two grades."""


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_what_was_only_checked_stays_chosen_and_can_be_published(desk: Desk, tmp_path: Path, locale: str) -> None:
    page = desk.enter("hejing", "/types/new", locale=locale)
    good = tmp_path / "grading.bpmn"
    good.write_bytes(GRADING["grading.bpmn"])
    page.locator("input#files").set_input_files(good)
    page.locator("button[name=check]").click()
    expect(page.locator("#found [role=status]")).to_contain_text("v1")
    assert desk.play.count(TicketType, TicketType.key == "grading") == 0
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile("/types/[0-9a-f-]{36}"))
    assert desk.play.count(TicketType, TicketType.key == "grading") == 1


def test_on_a_phone_a_types_name_is_read_whole_below_what_one_may_do(desk: Desk) -> None:
    desk.play.upload(GRADING)
    page = desk.enter("hejing", "/types", phone=True, locale="en")
    page.locator("a.gd-subj").first.click()
    name = page.locator("main h1")
    expect(name).to_be_visible()
    assert name.evaluate("it => it.scrollWidth <= it.clientWidth && it.clientWidth > 300")
    expect(page.locator(".gd-crumb [aria-current]")).to_be_hidden()


def test_a_file_that_changed_after_it_was_chosen_is_asked_for_again(desk: Desk, tmp_path: Path) -> None:
    page = desk.enter("hejing", "/types/new", locale="en")
    changing = tmp_path / "grading.bpmn"
    changing.write_bytes(b"<definitions>")
    page.locator("input#files").set_input_files(changing)
    page.locator("button[name=check]").click()
    expect(page.locator("#found [role=alert]")).to_be_visible()
    changing.write_bytes(GRADING["grading.bpmn"])
    page.locator("main form button.btn-primary").click()
    expect(page.locator("[data-upload-says]")).to_contain_text("choose the files again")
    assert page.locator("input#files").evaluate("input => input.files.length") == 0
    assert complaints(page) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_an_upload_with_mistakes_says_where_they_are_and_how_to_mend_them(desk: Desk, locale: str) -> None:
    desk.pages.expect("422")
    wrong = build.bpmn(
        build.start(),
        build.catch("wait", build.timer("after", "two hours")),
        build.script("sum", "total = price *"),
        build.end(),
        build.chain("begin", "wait", "sum", "done"),
        process="errand",
    )
    page = desk.enter("hejing", "/types/new", locale=locale)
    page.locator("input#files").set_input_files({"name": "errand.bpmn", "mimeType": "text/xml", "buffer": wrong})
    page.locator("main form button.btn-primary").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found = desk.play.upload({"errand.bpmn": wrong}).report.problems
    assert {problem.element for problem in found} >= {"wait", "sum"}
    rows = page.locator("ol.gd-list > li")
    expect(rows).to_have_count(len(found))
    for problem in found:
        row = rows.filter(has_text=problem.element)
        expect(row).to_contain_text(f"errand.bpmn{'，第' if locale == 'zh-CN' else ', line'} {problem.line}")
        words = row.locator("p").all_inner_texts()
        assert [str(problem.problem), str(problem.remedy)] == words or locale == "zh-CN"
        assert bool(re.search("[\u4e00-\u9fff]", "".join(words))) is (locale == "zh-CN")
    assert complaints(page) == []
    shoot(page, "06-type-refused")


def test_a_process_that_stops_on_data_goes_on_once_it_is_mended(desk: Desk) -> None:
    desk.pages.expect("409")
    assert desk.play.upload(GRADING).report.accepted
    desk.cast.add_subjects()
    number = file_about(desk, "何雨桐")

    support = desk.enter("lina", f"/tickets/{number}")
    support.get_by_role("button", name="完成待办").click()
    expect(support.locator("[data-toast]")).to_contain_text("place")
    expect(support.locator(".gd-incident")).to_contain_text("六年级")
    expect(support.locator(".gd-incident button")).to_have_count(0)
    shoot(support, "13-stopped")
    assert complaints(support) == []

    admin = desk.enter("admin", f"/tickets/{number}")
    shoot(admin, "13-ticket-incident")
    assert complaints(admin) == []
    admin.get_by_role("button", name="重试").click()
    expect(admin.locator("[data-toast]")).to_contain_text("六年级")

    admin.goto("/subjects?q=何雨桐")
    admin.get_by_role("link", name="何雨桐").click()
    admin.get_by_role("link", name="编辑").click()
    admin.locator("input[name=attribute_value][value=六年级]").fill("五年级")
    admin.get_by_role("button", name="保存").click()

    admin.goto(f"/tickets/{number}")
    admin.get_by_role("button", name="重试").click()
    expect(admin.locator("[data-toast]")).to_be_visible()
    expect(admin.locator(".gd-incident")).to_have_count(0)
    assert desk.play.open_tasks(number) == ["tell"]
    assert desk.play.ticket(number).data["level"] == "B2"
    told = [kind.rstrip("+") for kind in desk.play.told(number)]
    assert "incident" in told
    assert "retried" in told


def file_about(desk: Desk, student: str) -> str:
    """The number of the ticket that the consultant files about a student, found by a part of the name."""
    page = desk.enter("liutao", "/tickets/new")
    page.get_by_role("link", name="grading").click()
    page.get_by_role("searchbox").press_sequentially(student[:2])
    page.get_by_label(student).check()
    page.get_by_role("button", name="提交工单").click()
    expect(page.get_by_role("heading", name=f"{student} 分级")).to_be_visible()
    return page.url.rsplit("/", 1)[1]
