"""The ticket list by keyboard and mouse: filters swap the list, rows are selected and done in bulk; the palette."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, desk
from tests.browser.harness import complaints
from tests.cast import cast

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def numbers(desk: Desk) -> list[str]:
    """Three crash reports that nobody has looked at."""
    desk.play.ship("crash_report")
    return [desk.file_crash(phone_model=model) for model in ("HUAWEI P60", "iPad 9", "Mate 60")]


def test_a_filter_swaps_the_list_and_going_back_takes_it_away(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/tickets?view=all")
    page.evaluate("window.stayed = true")
    page.locator(".gd-bar summary", has_text="状态").click()
    page.get_by_role("link", name="已关闭").click()
    expect(page.locator(".gd-filter.on")).to_contain_text("已关闭")
    expect(page).to_have_url(re.compile("status=closed"))
    expect(page.locator("#list-count")).to_have_text("0")
    page.go_back()
    expect(page.locator(".gd-filter.on")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(len(numbers))
    assert page.evaluate("window.stayed"), "the page was not loaded anew"


def test_a_search_keeps_the_filters(desk: Desk, numbers: list[str]) -> None:
    desk.play.settle()
    page = desk.enter("zhangwei", "/tickets?status=open")
    page.keyboard.press("/")
    page.keyboard.type("ipad")
    page.keyboard.press("Enter")
    expect(page.locator("tbody .gd-no")).to_have_text([numbers[1]])
    expect(page.locator(".gd-filter.on")).to_have_count(1)


def test_filters_of_the_dialog_stand_in_the_address(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/tickets?type=crash_report")
    page.locator("[data-dialog]").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("紧急").check()
    assert complaints(page) == []
    dialog.locator("button.btn-primary").click()
    expect(page).to_have_url(re.compile("priority=urgent"))
    expect(dialog).to_be_hidden()
    expect(page.locator(".gd-filter.on")).to_have_count(2)


def test_rows_are_selected_by_key_and_done_in_bulk(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/tickets?view=all&sort=oldest")
    bar = page.locator("[data-bulk-bar]")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(bar).to_contain_text("3")
    expect(page.locator("[data-all]")).to_be_checked()
    bar.locator("summary", has_text="优先级").click()
    bar.get_by_label("优先级").select_option("urgent")
    bar.locator("button[value=priority]").click()
    expect(page.locator("[data-toast]")).to_contain_text("3")
    page.goto("/tickets?priority=urgent")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_row_opens_wherever_it_is_clicked_but_for_what_has_a_use_of_its_own(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/tickets?view=all")
    row = page.locator("tbody tr").first
    row.locator("[name=number]").click()
    expect(row.locator("[name=number]")).to_be_checked()
    row.locator("td").first.click(position={"x": 2, "y": 2})
    expect(page).to_have_url(re.compile("/tickets\\?view=all"))
    for how in ({"button": "middle"}, {"modifiers": ["ControlOrMeta"]}):
        with page.context.expect_page() as opened:
            row.locator("td").last.click(**how)
        expect(opened.value).to_have_url(re.compile(f"/tickets/{numbers[-1]}"))
        opened.value.close()
    row.locator("td").last.click()
    expect(page).to_have_url(re.compile(f"/tickets/{numbers[-1]}"))
    phone = desk.enter("zhoulan", "/my-tickets", phone=True)
    phone.locator(".gd-mine-status").first.tap()
    expect(phone).to_have_url(re.compile(f"/tickets/{numbers[-1]}"))


def test_callers_are_found_as_one_types_and_a_row_leads_on(desk: Desk) -> None:
    page = desk.enter("lina", "/tickets/callers")
    page.locator("main input[type=search]").press_sequentially("周")
    expect(page.locator("#callers-found .gd-subj")).to_have_text(["周岚"])
    page.locator("#callers-found li .gd-sub").first.click()
    expect(page).to_have_url(re.compile("/tickets/new.*for="))


def test_what_was_refused_is_listed_with_the_reason(desk: Desk, numbers: list[str]) -> None:
    desk.play.claim("lina", "Task_Triage", numbers[0])
    page = desk.enter("lina", "/tickets?view=all")
    page.locator("[data-all]").check()
    page.locator("[data-bulk-bar] summary", has_text="优先级").click()
    page.locator("button[value=priority]").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("link", name=numbers[0])).to_be_visible()
    assert complaints(page) == []


def test_the_next_task_is_claimed_by_a_key_and_given_back_from_the_toast(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("lina", "/inbox?view=roles")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(numbers[0]))
    page.locator("[data-toast] form button").click()
    expect(page.locator("[data-toast]")).to_be_visible()
    assert desk.play.task("Task_Triage", numbers[0]).assignee_id is None


def test_the_palette_leads_to_a_ticket_by_keyboard_alone(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/inbox")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [data-way]").first).to_be_visible()
    page.keyboard.type(numbers[1].removeprefix("CR-"))
    expect(page.locator("#palette [data-way].on")).to_contain_text(numbers[1])
    assert complaints(page) == []
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/tickets/{numbers[1]}"))
    expect(page.locator("[data-bpmn-src][data-ready='1']")).to_be_visible()


def test_the_palette_does_not_find_what_one_may_not_see(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("wanglei", "/inbox")
    page.keyboard.press("Control+k")
    page.keyboard.type(numbers[0])
    expect(page.locator("#palette-found p")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_keys_are_shown_and_closed(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("lina", "/inbox")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_list_works_without_script(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/tickets?view=all", java_script_enabled=False)
    page.get_by_label(numbers[0]).check()
    page.locator("button[value=resume]").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto("/palette?q=" + numbers[0])
    expect(page.locator("[data-way]").first).to_contain_text(numbers[0])


def test_a_large_export_shows_its_progress_and_then_its_file(
    desk: Desk, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from web.lists import exports

    monkeypatch.setattr(exports, "AT_ONCE", 1)
    page = desk.enter("zhangwei", "/tickets?view=all")
    page.locator(".gd-bar summary:has(use[href*='download'])").click()
    page.locator("button[value=csv]").click()
    expect(page.locator("progress")).to_be_visible()
    assert complaints(page) == []
    desk.play.settle()
    link = page.locator("a[download]")
    expect(link).to_be_visible()
    with page.expect_download() as caught:
        link.click()
    text = Path(caught.value.path()).read_text("utf-8-sig")
    assert all(number in text for number in numbers)


def test_a_requesters_filters_are_one_line_on_a_phone(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhoulan", "/my-tickets", phone=True, locale="en")
    chips = page.locator("[data-filters] .gd-filter")
    tops = {box["y"] for each in chips.all() if (box := each.bounding_box())}
    assert (chips.count(), len(tops)) == (4, 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page itself stays where it is"


def test_on_paper_stands_what_a_page_says_and_nothing_to_press(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", f"/tickets/{numbers[0]}", dark=True)
    expect(page.locator("#composer")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_contain_text("HUAWEI P60")
    for screen_only in ("#rail", "#composer", ".gd-bell", "main button", "main .btn"):
        expect(page.locator(f"{screen_only}:visible")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_on_a_phone_assigning_is_at_hand_wherever_one_is_among_the_candidates(desk: Desk, numbers: list[str]) -> None:
    page = desk.enter("zhangwei", "/dispatch?view=offered", phone=True)
    assign = page.get_by_role("button", name="指派")
    expect(assign).to_be_in_viewport(ratio=1)
    page.locator(".gd-t input[name=tickets]").first.check()
    page.locator("input[type=radio][name=to]").last.check()
    expect(assign).to_be_in_viewport(ratio=1)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(assign).to_be_in_viewport(ratio=1)
    assign.click()
    expect(page.locator("#toasts")).to_contain_text("指派")


@pytest.mark.parametrize("height", [844, 420])
def test_on_a_phone_what_was_done_is_told_above_the_bar_and_below_the_head(desk: Desk, height: int) -> None:
    page = desk.enter("admin", "/system/menus", phone=True)
    page.set_viewport_size({"width": 390, "height": height})
    page.locator(".gd-savebar .btn-primary").click()
    toast, bar, head = (page.locator(each).bounding_box() for each in ("[data-toast]", ".gd-savebar", ".gd-top"))
    assert toast is not None
    assert bar is not None
    assert head is not None
    assert head["y"] + head["height"] <= toast["y"]
    assert toast["y"] + toast["height"] <= bar["y"]


@pytest.mark.parametrize("path", ["/inbox?view=roles", "/tickets?view=all"])
def test_skipping_the_menus_leaves_a_list_and_what_is_selected_in_it_alone(
    desk: Desk, numbers: list[str], path: str
) -> None:
    page = desk.enter("zhangwei" if "tickets" in path else "lina", path)
    page.locator("tbody input[type=checkbox]").first.check()
    page.locator(".gd-skip").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    page.wait_for_load_state("networkidle")
    expect(page.locator("tbody input[type=checkbox]").first).to_be_checked()
