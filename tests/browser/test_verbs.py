"""Every verb of tickets and tasks in a browser: the right person does it, the wrong one has no entry and a 403."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.deeds import Deed, Given, How, Stage, dialog, press, reveal, write
from tests.browser.desk import open_desk
from tests.browser.harness import DESKTOP, PHONE, Pages
from tests.cast import lasting_cast
from tests.databases import Databases, Kind
from tickets.assigning import passing, sharing
from tickets.copying import add_copies
from tickets.life import pausing, resolving
from tickets.people import Person
from tickets.policy import Verb
from tickets.task_policy import TaskVerb
from tickets.urging import urge


@pytest.fixture(scope="module")
def shared_stage(browser: Browser, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One database and one window per person for all verbs."""
    pages = Pages(browser)
    with (
        lasting_cast(databases, Kind.SQLITE, tmp_path_factory.mktemp("verbs")) as cast,
        open_desk(cast, tmp_path_factory.mktemp("files"), pages) as desk,
    ):
        yield Stage(desk)


@pytest.fixture
def stage(shared_stage: Stage) -> Iterator[Stage]:
    """The stage; a console error in any window fails the test."""
    faults = shared_stage.desk.pages.faults
    faults.clear()
    yield shared_stage
    assert not faults


def suspended(stage: Stage) -> str:
    pausing.suspend(stage.desk.cast.runtime, stage.desk.cast.lina, number := stage.worked_on(), "等供应商", None)
    return number


def resolved(stage: Stage) -> str:
    resolving.resolve(stage.desk.cast.runtime, stage.desk.cast.lina, number := stage.worked_on(), "换了网线")
    return number


def urged(stage: Stage) -> str:
    urge(stage.desk.cast.runtime, stage.desk.cast.zhoulan, number := stage.worked_on(), "")
    return number


def copied(stage: Stage) -> str:
    """liutao is in copy."""
    number = stage.worked_on()
    with stage.desk.cast.runtime.reading() as session:
        liutao = session.get_one(Person, stage.person("liutao")).public_id
    add_copies(stage.desk.cast.runtime, stage.desk.cast.lina, number, [liutao])
    return number


def delegated(stage: Stage) -> str:
    """wanglei let zhangwei do his task."""
    number = stage.worked_on()
    act = (stage.desk.cast.runtime, stage.desk.cast.wanglei, stage.task_id(number))
    passing.delegate(*act, stage.person("zhangwei"), "他熟悉")
    return number


def consulted(stage: Stage) -> str:
    """wanglei waits for zhangwei's advice."""
    number = stage.worked_on()
    act = (stage.desk.cast.runtime, stage.desk.cast.wanglei, stage.task_id(number))
    sharing.consult(*act, [stage.person("zhangwei")], "见过吗？")
    return number


def helped(stage: Stage) -> str:
    """zhangwei helps wanglei."""
    number = stage.worked_on()
    act = (stage.desk.cast.runtime, stage.desk.cast.wanglei, stage.task_id(number))
    sharing.add_helpers(*act, [stage.person("zhangwei")])
    return number


def beside(given: Given) -> Given:
    """The same, with another ticket beside it whose number is the first's."""

    def make(stage: Stage) -> str:
        if not stage.others:
            stage.others.append(stage.checked())
        return given(stage)

    return make


def assign(page: Page) -> None:
    """Tick the oldest of the queue and give it to the first who could take it."""
    page.locator("tbody input[name=tickets]").first.check()
    page.locator("aside label", has_text="李娜").click()
    page.locator(".gd-bulk .btn-primary").click()


def save_draft(page: Page) -> None:
    page.locator("#task [name=result]").fill("先记一笔")
    expect(page.locator("#task [role=status]")).to_contain_text("草稿已保存")


def send(what: str) -> How:
    """A form of one button."""
    return press(f"form[action$='/{what}'] button")


def advise(page: Page) -> None:
    page.locator("[name=answer]").fill("重装即可")
    page.locator("form:has([name=answer]) .btn-primary").click()


def finish(page: Page) -> None:
    page.locator("#task [name=result]").fill("修好了")
    page.locator("#task form[action$='/complete'] button.gd-push").click()


T, D = "/tickets/{number}", "/tasks/{task}"
WORKED, CHECKED, FILED = Stage.worked_on, Stage.checked, Stage.filed

DEEDS: Mapping[Verb, Deed] = {
    Verb.NOTE: Deed(WORKED, "wanglei", write("note", "日志里没有", "备注"), "日志里没有", "zhoulan", f"{T}/notes"),
    Verb.REPLY: Deed(WORKED, "lina", write("reply", "正在看", "发送"), "正在看", "wanglei", f"{T}/replies"),
    Verb.ASK: Deed(WORKED, "lina", write("ask", "哪个版本？", "周岚"), "待补充", "wanglei", f"{T}/questions"),
    Verb.ANSWER: Deed(WORKED, "zhoulan", write("answer", "3.2.1 版", "发送"), "3.2.1 版", "lina", f"{T}/answers"),
    Verb.ACCEPT: Deed(FILED, "lina", send("acceptance"), "李娜 接单", "chenxiao", f"{T}/acceptance"),
    Verb.DECLINE: Deed(Stage.proposed, "lina", dialog("decline", why="不归我"), "不归我", "zhangwei", f"{T}/refusal"),
    Verb.ASSIGN: Deed(
        FILED,
        "tangyan",
        assign,
        "没有等认领的工单",
        "lina",
        "/dispatch/assignments",
        page="/dispatch?view=offered",
        hidden="[href^='/dispatch'], form[action='/dispatch/assignments']",
    ),
    Verb.HAND_OVER: Deed(WORKED, "lina", dialog("hand_over", to="张伟"), "移交给 张伟", "wanglei", f"{T}/owner"),
    Verb.SUSPEND: Deed(WORKED, "lina", dialog("suspend", why="等供应商"), "等供应商", "wanglei", f"{T}/suspension"),
    Verb.RESUME: Deed(suspended, "lina", send("resumption"), "处理中", "wanglei", f"{T}/resumption"),
    Verb.RESOLVE: Deed(WORKED, "lina", dialog("resolve", why="换了网线"), "待确认", "wanglei", f"{T}/resolution"),
    Verb.CONFIRM: Deed(resolved, "zhoulan", send("confirmation"), "周岚 确认已解决", "lina", f"{T}/confirmation"),
    Verb.CLOSE: Deed(WORKED, "lina", dialog("close", why="重复"), "已关闭", "wanglei", f"{T}/closure"),
    Verb.REOPEN: Deed(resolved, "zhoulan", dialog("reopen", why="又断了"), "又断了", "wanglei", f"{T}/reopening"),
    Verb.WITHDRAW: Deed(WORKED, "zhoulan", dialog("withdraw", why="好了"), "已撤回", "lina", f"{T}/withdrawal"),
    Verb.URGE: Deed(WORKED, "zhoulan", dialog("urge", why="明天开课"), "已催", "wanglei", f"{T}/urges"),
    Verb.ANSWER_URGE: Deed(
        urged,
        "lina",
        dialog("answer_urge", body="等配件", expected="2027-01-08T09:00"),
        "等配件",
        "wanglei",
        f"{T}/urge-answers",
    ),
    Verb.CC: Deed(copied, "lina", dialog("cc", people="赵敏"), "抄送给 赵敏", "liutao", f"{T}/copies"),
    Verb.PRIORITY: Deed(WORKED, "lina", dialog("priority", priority="urgent"), "紧急", "zhoulan", f"{T}/priority"),
    Verb.RETITLE: Deed(
        WORKED, "wanglei", dialog("retitle", title="302 教室断网"), "302 教室断网", "zhoulan", f"{T}/title"
    ),
    Verb.TAG: Deed(WORKED, "wanglei", dialog("tag", tags="网络，教室"), "教室", "zhoulan", f"{T}/tags"),
    Verb.LINK: Deed(beside(WORKED), "lina", dialog("link", ticket="ER-1001"), "ER-1001", "zhoulan", f"{T}/links"),
    Verb.MERGE: Deed(beside(WORKED), "lina", dialog("merge", ticket="ER-1001"), "ER-1001", "wanglei", f"{T}/merge"),
    Verb.RATE: Deed(resolved, "zhoulan", dialog("rate", stars="4", body="挺快"), "挺快", "lina", f"{T}/rating"),
}
"""How each verb of a ticket is done; one without a row fails."""

TASK_DEEDS: Mapping[TaskVerb, Deed] = {
    TaskVerb.CLAIM: Deed(
        FILED, "lina", press("#task [action$='/claim'] button"), "李娜 认领", "chenxiao", f"{D}/claim"
    ),
    TaskVerb.RELEASE: Deed(CHECKED, "lina", press("[formaction$='/release']"), "放回", "zhangwei", f"{D}/release"),
    TaskVerb.DRAFT: Deed(
        WORKED, "wanglei", save_draft, "草稿已保存", "lina", f"{D}/draft", method="PUT", hidden="#task [name=result]"
    ),
    TaskVerb.COMPLETE: Deed(WORKED, "wanglei", finish, "已关闭", "lina", f"{D}/complete"),
    TaskVerb.TRANSFER: Deed(
        WORKED, "wanglei", dialog("transfer", to="张伟", why="他熟悉"), "待办已转交", "lina", f"{D}/transfer"
    ),
    TaskVerb.DELEGATE: Deed(WORKED, "wanglei", dialog("delegate", to="张伟"), "委派给 张伟", "lina", f"{D}/delegation"),
    TaskVerb.RECALL: Deed(delegated, "wanglei", send("recall"), "收回", "lina", f"{D}/recall"),
    TaskVerb.CONSULT: Deed(
        WORKED,
        "wanglei",
        dialog("consult", to="张伟", question="见过吗？"),
        "见过吗？",
        "chenxiao",
        f"{D}/consultations",
    ),
    TaskVerb.ADVISE: Deed(consulted, "zhangwei", advise, "重装即可", "lina", f"{D}/advice"),
    TaskVerb.HELP: Deed(WORKED, "wanglei", dialog("help", to="张伟"), "王磊 请 张伟 协办", "lina", f"{D}/helpers"),
    TaskVerb.ASK_CONFIRMATION: Deed(
        Stage.proven, "lina", dialog("ask_confirmation", to="赵敏"), "赵敏", "zhangwei", f"{D}/confirmation-requests"
    ),
    TaskVerb.LEAVE: Deed(helped, "zhangwei", send("end"), "不再协办", "lina", f"{D}/shares/{{share}}/end"),
    TaskVerb.STEP_BACK: Deed(
        WORKED, "wanglei", dialog("step_back", why="漏了一项"), "漏了一项", "zhangwei", f"{D}/return"
    ),
}
"""How each verb of a task is done; one without a row fails."""


@pytest.mark.parametrize("verb", Verb)
def test_a_verb_of_a_ticket_is_done_by_the_right_person_and_refused_to_the_wrong_one(stage: Stage, verb: Verb) -> None:
    DEEDS[verb].play(stage, verb)


@pytest.mark.parametrize("verb", TaskVerb)
def test_a_verb_of_a_task_is_done_by_the_right_person_and_refused_to_the_wrong_one(
    stage: Stage, verb: TaskVerb
) -> None:
    TASK_DEEDS[verb].play(stage, verb)


def test_another_ticket_is_found_by_its_title_or_number_and_a_number_typed_is_enough(stage: Stage) -> None:
    page, number, other = stage.window("lina"), stage.worked_on(), stage.worked_on()
    stage.desk.play.settle()
    page.goto(f"/tickets/{number}/do/merge")
    field, options = page.locator("#ticket"), page.locator("[role=option]")
    field.press_sequentially("平板")
    expect(options.first).to_contain_text("平板进不了课堂")
    expect(options.filter(has_text=number)).to_have_count(0)
    field.fill(other.removeprefix("ER-"))
    expect(options).to_have_count(1)
    field.press("Enter")
    expect(field).to_have_value(f"{other} 平板进不了课堂")
    page.locator("main .btn-primary").click()
    expect(page.locator("#story [role=status]")).to_contain_text(other)
    page.goto(f"/tickets/{other}/do/link")
    page.locator("#ticket").fill(number.lower())
    page.locator("main .btn-primary").click()
    expect(page.locator("#family-title")).to_be_visible()


def test_a_dialog_says_what_is_wrong_keeps_what_was_typed_and_closes_on_escape(stage: Stage) -> None:
    page, number = stage.window("lina"), stage.worked_on()
    page.goto(f"/tickets/{number}")
    entry = page.locator("#story [href$='/do/merge']")
    reveal(entry)
    entry.click()
    field = page.locator("#dialog [name=ticket]")
    expect(field).to_be_focused()
    field.fill("ER-0")
    page.locator("#dialog .btn-primary").click()
    expect(page.locator("#dialog [role=alert]")).to_contain_text("ER-0")
    expect(field).to_have_value("ER-0")
    expect(field).to_be_focused()
    stage.desk.pages.faults.clear()  # the 422 that this is about
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    assert page.url.endswith(number)


@pytest.mark.parametrize("phone", [False, True])
def test_what_a_dialog_s_picker_finds_lies_on_no_button(stage: Stage, phone: bool) -> None:
    page, number = stage.window("lina"), stage.worked_on()
    page.set_viewport_size(PHONE if phone else DESKTOP)
    page.goto(f"/tickets/{number}")
    entry = page.locator("#story [href$='/do/hand_over']")
    reveal(entry)
    entry.click()
    form = page.locator("#dialog form")
    form.locator("[name=why]").fill("出差")
    at = form.locator("[name=to]").bounding_box()
    form.locator("[name=to]").fill("zhangwei")
    expect(form.locator("[role=option]")).to_have_count(1)
    assert form.locator("[name=to]").bounding_box() == at, "the field stays where it is"
    form.locator(".btn-primary").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("main")).to_contain_text("张伟")
    page.set_viewport_size(DESKTOP)
