"""Working on tasks in a browser: mistakes, drafts, fields that appear, lost races, files, and the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from engine.models import TaskStatus
from tests.browser.desk import Desk, choose, complete, desk
from tests.browser.harness import complaints, shoot
from tests.cast import cast
from tests.engine import build
from tests.tickets.play import staff
from tickets.conversation import note
from tickets.people import Person
from tickets.staff import grant_role

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def number(desk: Desk) -> str:
    """A crash report that zhoulan has filed and support has not looked at."""
    desk.play.ship("crash_report")
    return desk.file_crash()


def test_fields_appear_and_go_while_one_types_and_only_what_shows_is_kept(desk: Desk, number: str) -> None:
    page = desk.enter("lina", f"/tickets/{number}")
    expect(page.get_by_label("要问什么")).to_be_hidden()
    choose(page, "信息不足，问提单人")
    page.get_by_label("要问什么").fill("重装以后还会闪退吗？")
    expect(page.get_by_text("严重程度")).to_be_hidden()
    choose(page, "新缺陷，转研发")
    expect(page.get_by_label("要问什么")).to_be_hidden()
    choose(page, "上不了课")
    complete(page)
    kept = desk.play.task("Task_Triage", number, status=TaskStatus.COMPLETED).submitted
    assert kept
    assert kept["severity"] == "blocker"
    assert "question" not in kept
    expect(page.locator("main")).not_to_contain_text("重装以后")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_buttons_of_a_ticket_s_head_share_a_line_on_a_phone(desk: Desk, number: str, locale: str) -> None:
    desk.play.claim("lina", "Task_Triage", number)
    page = desk.enter("lina", f"/tickets/{number}", phone=True, locale=locale)
    buttons = page.locator(".gd-headline .btn:visible")
    expect(buttons).to_have_count(2)
    tops = [box["y"] for one in buttons.all() if (box := one.bounding_box())]
    assert tops[0] == tops[1]
    assert page.get_by_label("More actions" if locale == "en-GB" else "更多操作", exact=True).is_visible()


def test_a_draft_is_there_when_one_comes_back(desk: Desk, number: str) -> None:
    desk.play.claim("lina", "Task_Triage", number)
    page = desk.enter("lina", f"/tickets/{number}")
    choose(page, "信息不足，问提单人")
    page.get_by_label("要问什么").fill("同班别的 Pad 呢？")
    page.get_by_label("内部说明").fill("像是权限问题")
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.close()
    again = desk.enter("lina", f"/tickets/{number}")
    expect(again.get_by_label("信息不足，问提单人")).to_be_checked()
    expect(again.get_by_label("要问什么")).to_have_value("同班别的 Pad 呢？")
    expect(again.get_by_label("内部说明")).to_have_value("像是权限问题")


def test_what_was_typed_before_the_ticket_was_accepted_is_there_afterwards(desk: Desk, number: str) -> None:
    page = desk.enter("lina", f"/tickets/{number}")
    choose(page, "信息不足，问提单人")
    page.get_by_label("要问什么").fill("同班别的 Pad 呢？")
    page.locator("#story").get_by_role("button", name="接单", exact=True).click()
    expect(page.locator("#task-name")).to_have_text("我的待办：分诊")
    expect(page.get_by_label("要问什么")).to_have_value("同班别的 Pad 呢？")


def test_what_a_task_is_called_is_not_cut_beside_its_due_time(desk: Desk) -> None:
    named = "Superior contacts the family and says when the next lesson is"
    look = staff("look", name=named, camunda__dueDate="2027-01-08T09:00:00+08:00")
    desk.play.define(build.start(), look, build.end(), build.chain("begin", "look", "done"))
    number = desk.play.file("zhoulan")
    desk.play.claim("lina", "look", number)
    page = desk.enter("lina", f"/tickets/{number}", locale="en")
    title = page.locator("#task-name")
    expect(title).to_have_text(f"My task: {named}")
    assert title.evaluate("it => it.scrollWidth <= it.clientWidth")
    shoot(page, "05-long-task")


def test_no_draft_follows_once_the_task_is_sent(desk: Desk, number: str) -> None:
    desk.play.claim("lina", "Task_Triage", number)
    page = desk.enter("lina", f"/tickets/{number}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.rsplit('/', 1)[1]}"))

    def slowly(route: Route) -> None:
        sleep(2)  # a draft waits for 1.5 s
        route.continue_()

    page.route("**/complete", slowly)
    choose(page, "信息不足，问提单人")
    page.get_by_label("要问什么").fill("同班别的 Pad 呢？")
    complete(page)
    assert "POST complete" in asked
    assert "PUT draft" not in asked


def test_the_second_of_two_sees_who_was_faster_and_keeps_what_they_typed(desk: Desk, number: str) -> None:
    desk.pages.expect("409")
    make_support(desk, "zhangwei")
    first, second = (desk.enter(login, f"/tickets/{number}") for login in ("lina", "zhangwei"))
    for page, words in ((first, "权限被重置"), (second, "像是内存不足")):
        choose(page, "新缺陷，转研发")
        choose(page, "上不了课")
        page.get_by_label("内部说明").fill(words)
    complete(first)
    second.get_by_role("button", name="完成待办").click()
    told = second.locator(".gd-note")
    expect(told).to_contain_text("李娜")
    expect(told).to_contain_text("分诊")
    table = second.get_by_role("table")
    expect(table).to_contain_text("权限被重置")
    expect(table).to_contain_text("像是内存不足")
    assert complaints(second) == []
    shoot(second, "11-conflict")
    second.get_by_role("button", name="存为内部备注").click()
    expect(second.locator(".gd-internal")).to_contain_text("像是内存不足")


def test_what_is_refused_is_listed_first_and_nothing_typed_is_lost(desk: Desk, tmp_path: Path) -> None:
    desk.pages.expect("422")
    desk.play.ship("crash_report")
    page = desk.enter("zhoulan", "/tickets/new/crash_report")
    page.get_by_label("机型").fill("iPad Pro 11")
    page.get_by_label("App 版本").fill("最新版")
    page.get_by_label("经过").fill("打开就退出，重启后还是。")
    (log := tmp_path / "闪退 日志.log").write_text("EXC_BAD_ACCESS", "utf-8")
    page.get_by_label("截图、录屏或日志").set_input_files(log)
    page.get_by_role("button", name="提交工单").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page.get_by_label("机型")).to_have_value("iPad Pro 11")
    expect(page.get_by_label("经过")).to_have_value("打开就退出，重启后还是。")
    version = page.get_by_label("App 版本")
    expect(version).to_have_value("最新版")
    expect(version).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("版本要写全三段，如 3.2.0")).to_be_visible()
    expect(page.locator(".gd-att")).to_contain_text("闪退 日志.log")
    shoot(page, "03-file-refused")
    for link in summary.get_by_role("link").all():
        link.click()
        assert focus_is_within(page, str(link.get_attribute("href"))), link.inner_text()
    mend_report(page)
    page.get_by_role("button", name="提交工单").click()
    expect(page).to_have_url(re.compile(r"/tickets/CR-\d+"))
    expect(page.locator("main")).to_contain_text("闪退 日志.log")


def test_several_chosen_files_are_named(desk: Desk, tmp_path: Path) -> None:
    desk.play.ship("crash_report")
    page = desk.enter("zhoulan", "/tickets/new/crash_report")
    paths = [tmp_path / name for name in ("闪退.log", "录屏.txt")]
    for path in paths:
        path.write_text("EXC_BAD_ACCESS", "utf-8")
    page.get_by_label("截图、录屏或日志").set_input_files(paths)
    expect(page.get_by_text("闪退.log、录屏.txt")).to_be_visible()
    with page.expect_response("**/live"):
        choose(page, "闪退")
    expect(page.get_by_text("闪退.log、录屏.txt")).to_be_visible()
    page.get_by_label("截图、录屏或日志").set_input_files(paths[:1])
    expect(page.get_by_text("闪退.log、录屏.txt")).to_be_hidden()


def test_a_page_that_refused_something_still_follows_what_others_do(desk: Desk, number: str) -> None:
    desk.pages.expect("422")
    page = desk.enter("lina", f"/tickets/{number}")
    page.get_by_label("内部说明").fill("像是权限问题")
    page.get_by_role("button", name="完成待办").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    note(desk.cast.runtime, desk.cast.zhangwei, number, "同机型今天第三起。", [])
    look_again(page)
    expect(page.locator(".gd-internal")).to_contain_text("今天第三起")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("内部说明")).to_have_value("像是权限问题")
    expect(page.locator("[data-bpmn-src][data-ready='1']")).to_be_visible()


def test_a_file_in_a_reply_is_saved_and_never_opened_in_our_pages(desk: Desk, number: str, tmp_path: Path) -> None:
    desk.play.claim("lina", "Task_Triage", number)
    page = desk.enter("lina", f"/tickets/{number}")
    (script := tmp_path / "截图.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    page.locator("#composer input[type=file]").set_input_files(script)
    expect(page.locator("#composer-files")).to_have_text("截图.svg")
    page.locator("textarea[name=body]").fill("按图里的步骤重新授权。")
    page.get_by_role("button", name="发送给 周岚").click()
    expect(page.locator(".gd-msg.own")).to_contain_text("截图.svg")
    requester = desk.enter("zhoulan", f"/tickets/{number}")
    link = requester.locator(".gd-msg.own .gd-att")
    with requester.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename == "截图.svg"
    assert Path(saved.value.path()).read_bytes() == script.read_bytes()
    headers = requester.request.get(str(link.get_attribute("href"))).headers
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


def test_a_day_of_work_without_a_mouse(desk: Desk, number: str) -> None:
    desk.play.claim("lina", "Task_Triage", number)
    page = desk.window()
    page.goto("/login")
    page.keyboard.type("lina")
    page.keyboard.press("Tab")
    page.keyboard.type("gongdan-demo")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/inbox"))
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=re.compile("HUAWEI"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(number))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("新缺陷，转研发"))
    page.keyboard.press("Space")
    expect(page.get_by_label("上不了课")).to_be_visible()
    expect(page.get_by_label("新缺陷，转研发")).to_be_focused()
    tab_to(page, page.get_by_label("上不了课"))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("能上课，功能受影响")).to_be_checked()
    tab_to(page, page.get_by_label("内部说明"))
    page.keyboard.type("已复现")
    tab_to(page, page.get_by_role("button", name="完成待办"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-toast]")).to_be_visible()
    assert desk.play.open_tasks(number) == ["Task_Develop"]


def make_support(desk: Desk, login: str) -> None:
    """Let somebody else work on what is offered to support."""
    with desk.cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, desk.cast.people[login])
        grant_role(session, person, role_id=desk.cast.roles["support"], place_id=desk.cast.places["qiming"])


def mend_report(page: Page) -> None:
    page.get_by_label("App 版本").fill("3.2.0")
    page.get_by_label("系统", exact=True).select_option(label="iPadOS")
    page.get_by_label("系统版本").fill("17.4")
    choose(page, "闪退")
    page.get_by_label("在做什么").select_option(label="打开 App")
    choose(page, "每次都会")
    page.get_by_label("最近一次的日期").fill("2026-11-20")
    page.get_by_label("时间", exact=True).fill("08:40")
    page.get_by_label("影响几名学员").fill("0")


def focus_is_within(page: Page, target: str) -> bool:
    """Whether the link's target is or holds what has the focus, or stands in the window at least."""
    return bool(
        page.evaluate(
            """target => {
            const element = document.getElementById(target.slice(1));
            const box = element.getBoundingClientRect();
            return element.contains(document.activeElement) || (box.top >= 0 && box.bottom <= innerHeight);
            }""",
            target,
        )
    )


def look_again(page: Page) -> None:
    """Let the page ask at once whether something has changed, as it does when one comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {wanted}")
