"""Tasks through the pages: claim, release, complete, drafts, live forms, and a lost race that loses nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.web.site import Site

TRIAGE = {"finding": "defect", "severity": "major", "triage_note": "权限被重置"}


@pytest.fixture(autouse=True)
def number(site: Site) -> str:
    """A crash report of zhoulan's, offered to support."""
    site.play.ship("crash_report")
    return site.file_crash()


def test_claiming_makes_the_task_mine_and_releasing_gives_it_back(site: Site, number: str) -> None:
    lina, task = site.browser("lina"), site.task("Task_Triage")
    page = lina.follow(lina.post(f"{task}/claim"))
    assert page.toasts[0].startswith("已认领，这个待办归你了。")
    assert page.words("#task-name") == ["我的待办：分诊"]
    page = lina.follow(lina.post(f"{task}/release"))
    assert page.toasts[0].startswith("已放回，等其他人认领。")
    assert page.words("#task-name") == ["分诊"]


@pytest.mark.parametrize("button", ["#task li button", "#story .btn-primary"])
def test_what_was_typed_before_claiming_or_accepting_is_there_afterwards(site: Site, number: str, button: str) -> None:
    lina = site.browser("lina")
    tree = lina.get(f"/tickets/{number}").tree
    first = tree.cssselect("[form=task-form], #task-form button")[0]
    assert first.get("formaction") is None, "the Enter key still completes the task"
    (pressed,) = tree.cssselect(button)
    assert pressed.get("form", "task-form") == "task-form"
    page = lina.follow(lina.post(pressed.get("formaction", ""), {"finding": "known", "triage_note": "半句"}))
    assert page.value("[name=finding]:checked") == "known"
    assert page.words("[name=triage_note]") == ["半句"]


def test_a_form_that_was_sent_along_untouched_is_no_draft(site: Site, number: str) -> None:
    lina, task = site.browser("lina"), site.task("Task_Triage")
    lina.post(f"{task}/claim", {"triage_note": ""})
    assert site.play.task("Task_Triage").draft is None
    lina.post(f"{task}/release", {"triage_note": "半句"})
    assert lina.follow(lina.post(f"{task}/claim")).words("[name=triage_note]") == ["半句"]


def test_somebody_else_s_task_is_not_mine_to_touch(site: Site) -> None:
    task = site.task("Task_Triage")
    site.browser("lina").post(f"{task}/claim")
    for login, status in (("zhangwei", 403), ("chenxiao", 403), ("zhoulan", 404), ("huangyi", 404)):
        visitor = site.browser(login)
        for verb in ("claim", "release", "complete", "live"):
            answer = visitor.post(f"{task}/{verb}", TRIAGE)
            assert answer.status == status, (login, verb)
        assert visitor.put(f"{task}/draft", TRIAGE).status == status
    assert site.play.open_tasks() == ["Task_Triage"]


def test_an_unknown_task_is_not_found(site: Site) -> None:
    lina = site.browser("lina")
    for verb in ("claim", "release", "complete", "live"):
        assert lina.post(f"/tasks/{uuid4()}/{verb}").status == 404
        assert lina.post(f"/tasks/1/{verb}").status == 404


def test_nobody_works_without_signing_in(site: Site) -> None:
    visitor, task = site.anonymous(), site.task("Task_Triage")
    for verb in ("claim", "release", "complete", "live"):
        assert visitor.post(f"{task}/{verb}", TRIAGE).location == "/login"
    assert site.play.open_tasks() == ["Task_Triage"]


def test_completing_goes_on_to_the_next_task(site: Site, number: str) -> None:
    lina = site.browser("lina")
    page = lina.follow(lina.post(f"{site.task('Task_Triage')}/complete", TRIAGE))
    assert page.toasts == ["待办已完成。"]
    assert site.play.open_tasks() == ["Task_Develop"]
    assert page.words("#other-tasks") == ["待办"]
    assert page.words("#side .gd-list li > .gd-sub") == ["等 研发工程师 认领"]
    assert "严重程度" in page.words("#side dt")


def test_a_refused_form_is_shown_again_beside_the_ticket(site: Site, number: str) -> None:
    answer = site.browser("lina").post(
        f"{site.task('Task_Triage')}/complete", {"finding": "defect", "triage_note": "看过"}
    )
    assert answer.status == 422
    assert answer.words(".gd-wrong a") == ["严重程度"]
    assert answer.words("[name=triage_note]") == ["看过"]
    assert answer.tree.cssselect("[name=finding][value=defect][checked]")
    assert answer.words("h1") == ["HUAWEI DBY2-W09 崩溃，App 3.2.0"]
    assert site.play.open_tasks() == ["Task_Triage"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "工单号是字母加数字，如 CR-20377"), ("en", "A ticket number is letters and digits, such as CR-20377")],
)
def test_what_a_pattern_wants_is_said_in_the_reader_s_language(site: Site, language: str, said: str) -> None:
    known = {**TRIAGE, "finding": "known", "duplicate_of": "CR 1666"}
    answer = site.browser("lina", language=language).post(f"{site.task('Task_Triage')}/complete", known)
    assert answer.status == 422
    assert answer.words(".gd-err") == [said]


def test_hidden_and_unknown_fields_are_dropped(site: Site) -> None:
    form = {**TRIAGE, "duplicate_of": "CR-1", "question": "?", "owner": "lina", "__proto__": "x"}
    assert site.browser("lina").post(f"{site.task('Task_Triage')}/complete", form).status == 303
    submitted = site.play.instance()
    assert submitted is not None
    data = site.play.ticket().data
    assert "duplicate_of" not in data
    assert "__proto__" not in data


def test_a_live_form_shows_what_depends_on_what(site: Site) -> None:
    lina, task = site.browser("lina"), site.task("Task_Triage")
    assert not lina.post(f"{task}/live", {"finding": ""}).tree.cssselect("[name=severity]")
    answer = lina.post(f"{task}/live", {"finding": "known", "triage_note": "x"})
    assert answer.tree.cssselect("[name=severity]")
    assert answer.tree.cssselect("[name=duplicate_of]")
    assert answer.words("[name=triage_note]") == ["x"]
    assert not answer.tree.cssselect(".gd-err")


def test_a_draft_is_kept_and_shown_to_its_writer_alone(site: Site, number: str) -> None:
    lina, task = site.browser("lina"), site.task("Task_Triage")
    lina.post(f"{task}/claim")
    saved = lina.put(f"{task}/draft", {"finding": "known", "duplicate_of": "not a number", "triage_note": "半句"})
    assert (saved.status, saved.text) == (200, "草稿已保存 09:00")
    page = lina.get(f"/tickets/{number}")
    assert page.words("[name=triage_note]") == ["半句"]
    assert page.value("[name=duplicate_of]") == "not a number"
    assert "半句" not in site.browser("zhangwei").get(f"/tickets/{number}").text


def test_a_lost_race_keeps_what_was_typed_and_says_who_was_faster(site: Site, number: str) -> None:
    task = site.task("Task_Triage")
    lina, elsewhere = site.browser("lina"), site.browser("lina")
    assert elsewhere.post(f"{task}/complete", {**TRIAGE, "severity": "minor"}).status == 303
    answer = lina.post(f"{task}/complete", TRIAGE)
    assert answer.status == 409
    assert answer.words(".gd-note .gd-strong") == ["李娜 在今天 09:00 完成了「分诊」，你的提交没有生效"]
    rows = {row[0]: row[1:] for row in (line.split() for line in answer.words(".gd-diff tbody tr"))}
    assert rows["严重程度"] == ["轻微", "能上课，功能受影响"]
    assert rows["内部说明"] == ["权限被重置", "权限被重置"]
    assert answer.words("#difference + span") == ["1 项不同"]
    kept = answer.tree.cssselect("textarea[name=body]")[0].text_content()
    assert "能上课，功能受影响" in kept
    page = lina.follow(lina.post(f"/tickets/{number}/notes", {"body": kept}))
    assert "能上课，功能受影响" in page.words(".gd-internal p")[0]


@pytest.mark.parametrize("verb", ["claim", "complete"])
def test_whoever_is_overtaken_in_claiming_keeps_what_was_typed(site: Site, number: str, verb: str) -> None:
    task, lina = site.task("Task_Triage"), site.browser("lina")
    assert lina.get(f"/tickets/{number}").tree.cssselect("#task-form")
    passed_on = site.browser("zhangwei").post(f"{task}/transfer", {"to": "wanglei", "why": "他熟悉"})
    assert passed_on.status == 303
    answer = lina.post(f"{task}/{verb}", TRIAGE)
    assert answer.status == 403
    assert answer.words(".gd-note .gd-strong") == ["这个待办是 王磊 的。"]
    assert "内部说明 权限被重置" in answer.words(".gd-diff tbody tr")
    assert answer.words(".gd-diff th") == ["字段", "你，未生效"]
    kept = answer.tree.cssselect("textarea[name=body]")[0].text_content()
    page = lina.follow(lina.post(f"/tickets/{number}/notes", {"body": kept}))
    assert "权限被重置" in page.words(".gd-internal p")[0]
    untyped = lina.post(f"{task}/{verb}")
    assert not untyped.tree.cssselect(".gd-diff")
    assert "你填写的内容" not in untyped.text


def test_a_task_the_process_took_away_keeps_what_was_typed(site: Site, number: str) -> None:
    play = site.play
    play.complete("lina", "Task_Triage", finding="need_info", question="哪个版本的系统？")
    task = site.task("Task_Supply")
    play.pass_time(days=8)
    answer = site.browser("zhoulan").post(f"{task}/complete", {"supplement": "4.2"})
    assert answer.status == 409
    assert answer.words(".gd-note .gd-strong") == ["「补充信息」已经不在待办，你的提交没有生效"]


def test_a_chase_whose_step_is_done_meanwhile_shows_what_was_typed_and_nothing_beside_it(
    site: Site, number: str
) -> None:
    site.play.pass_time(minutes=31)
    chase = site.task("Task_ChaseTriage")
    lina, zhangwei = site.browser("lina"), site.browser("zhangwei")
    assert "催办：分诊" in " ".join(zhangwei.get("/inbox?view=roles").words("main"))
    assert lina.post(f"{site.task('Task_Triage')}/complete", TRIAGE).status == 303
    answer = zhangwei.post(f"{chase}/complete", {"chase_action": "settled", "chase_note": "李娜马上处理"})
    assert answer.status == 409
    assert "流程已经往前走，不用再办了。" in answer.words(".gd-note .gd-sub")[0]
    assert answer.words(".gd-diff th") == ["字段", "你，未生效"]
    assert answer.words(".gd-diff tbody tr") == ["怎么处理 处理完了，只差登记", "为什么超时 李娜马上处理"]
    assert "催办" not in " ".join(zhangwei.get("/inbox?view=roles").words("main"))


def test_a_process_that_can_not_go_on_says_so_and_can_be_tried_again(site: Site) -> None:
    from tests.engine.build import chain, end, script, start
    from tests.tickets.play import staff

    site.play.define(
        start(),
        staff("work"),
        script("work_it_out", "share = 1 / 0"),
        end(),
        chain("begin", "work", "work_it_out", "done"),
    )
    number = site.play.file("zhoulan")
    lina = site.browser("lina")
    answer = lina.post(f"/tasks/{site.play.task('work', number).public_id}/complete")
    assert answer.status == 409
    assert "work_it_out" in answer.text
    page = lina.get(f"/tickets/{number}")
    assert page.words(".gd-incident h2")
    assert not page.tree.cssselect(".gd-incident form")
    admin = site.browser("zhangwei")
    again = admin.get(f"/tickets/{number}").value(".gd-incident form", "action")
    assert admin.post(again).status == 409
    assert lina.post(again).status == 403
    assert site.browser("huangyi").post(again).status == 404
    assert site.anonymous().post(again).location == "/login"
