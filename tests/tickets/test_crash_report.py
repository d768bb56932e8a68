"""The shipped type crash_report, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from forms import display
from tests.tickets.play import Play
from tests.tickets.walks import elements, passed
from tickets import conversation
from tickets.errors import FormInvalid, NotOwner
from tickets.reading import ticket_page
from tickets.tasks import task_form

REPORT: dict[str, Any] = {
    "phone_model": "HUAWEI Mate 60",
    "app_version": "3.2.0",
    "os": "harmonyos",
    "os_version": "4.2",
    "symptom": "quit",
    "scene": "class",
    "how_often": "always",
    "what_happened": "一进课堂就退出",
    "happened_at": "2026-11-20T08:00",
    "affected_students": 3,
}
DEFECT = {"finding": "defect", "severity": "major"}
FIXED = {
    "development_result": "fixed",
    "cause": "code",
    "cause_detail": "课件为空时没有判断",
    "fix_version": "3.2.1",
    "release_on": "2026-12-01",
}
ASK = {"finding": "need_info", "question": "是哪一节课？"}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("crash_report")
    return lasting_play


def report(play: Play) -> str:
    return play.file("zhoulan", "crash_report", **REPORT)


def answer(play: Play, number: str, outcome: str = "usage") -> None:
    play.complete("lina", "Task_Reply", number, outcome=outcome, reply="请按这个办法处理")


def state(play: Play, number: str) -> tuple[str, list[str]]:
    return play.ticket(number).status, sorted(play.open_tasks(number))


def a_defect_goes_to_development_is_answered_and_confirmed(play: Play) -> None:
    number = report(play)
    assert play.ticket(number).title == "HUAWEI Mate 60 崩溃，App 3.2.0"
    assert state(play, number) == ("offered", ["Task_Triage"])
    play.complete("lina", "Task_Triage", number, **DEFECT)
    assert state(play, number) == ("in_progress", ["Task_Develop"])
    assert play.ticket(number).owner_id == play.cast.people["lina"]
    play.complete("wanglei", "Task_Develop", number, **FIXED)
    with pytest.raises(NotOwner):
        conversation.reply(play.runtime, play.cast.wanglei, number, "修好了")
    with play.runtime.reading() as session:
        task = play.task("Task_Reply", number)
        shown = task_form(play.runtime, session, play.cast.lina, task.public_id)
    assert (task.assignee_id, shown.data["fix_version"]) == (play.cast.people["lina"], "3.2.1")
    play.complete("lina", "Task_Reply", number, outcome="fixed", reply="3.2.1 已经修复", fix_version="3.2.1")
    assert state(play, number) == ("resolved", ["Task_Confirm"])
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.zhoulan, number, play.cast.clock.now())
    assert [(answers.name, answers.values["reply"]) for answers in page.answers[1:]] == [
        ("答复 Reply", "3.2.1 已经修复")
    ]
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert state(play, number) == ("closed", [])
    assert play.passed(number)[-1] == "EndEvent_Closed"
    assert play.told(number) == [
        "filed+",
        "accepted+",
        "completed",
        "status+",
        "completed",
        "completed+",
        "status+",
        "completed+",
        "closed+",
    ]


def a_known_problem_is_answered_at_once(play: Play) -> None:
    number = report(play)
    with pytest.raises(FormInvalid):
        play.complete("lina", "Task_Triage", number, finding="known", severity="minor")
    play.complete("lina", "Task_Triage", number, finding="known", severity="minor", duplicate_of="CR-20377")
    answer(play, number, "planned")
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert "Task_Develop" not in play.passed(number)


def a_question_of_usage_is_answered_at_once(play: Play) -> None:
    number = report(play)
    play.complete("lina", "Task_Triage", number, finding="usage", severity="minor")
    answer(play, number)
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert (play.ticket(number).status, "Task_Develop" in play.passed(number)) == ("closed", False)


def what_is_missing_is_supplied_and_triaged_again(play: Play) -> None:
    number = report(play)
    play.complete("lina", "Task_Triage", number, **ASK)
    assert state(play, number) == ("awaiting_requester", ["Task_Supply"])
    with play.runtime.reading() as session:
        supply = play.task("Task_Supply", number)
        shown = task_form(play.runtime, session, play.cast.zhoulan, supply.public_id)
    assert (supply.assignee_id, shown.data["question"]) == (play.cast.people["zhoulan"], "是哪一节课？")
    play.complete("zhoulan", "Task_Supply", number, more_info="周六上午第一节")
    assert state(play, number) == ("in_progress", ["Task_Triage"])
    with play.runtime.reading() as session:
        again = task_form(play.runtime, session, play.cast.lina, play.task("Task_Triage", number).public_id)
    assert not {"finding", "question", "triage_note"} & again.data.keys()
    assert again.data["more_info"] == "周六上午第一节"
    play.complete("lina", "Task_Triage", number, finding="usage", severity="minor")
    answer(play, number)
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert play.ticket(number).status == "closed"


def what_is_not_supplied_in_seven_days_closes_by_itself(play: Play) -> None:
    number = report(play)
    play.complete("lina", "Task_Triage", number, **ASK)
    play.pass_time(days=6, hours=23)
    assert state(play, number) == ("awaiting_requester", ["Task_Supply"])
    play.pass_time(hours=1)
    assert state(play, number) == ("closed", [])
    assert play.passed(number)[-1] == "EndEvent_NotSupplied"
    assert play.told(number)[-2:] == ["timer", "closed+"]


def what_is_not_solved_is_triaged_again_as_often_as_it_takes(play: Play) -> None:
    number = report(play)
    for turn in range(3):
        play.complete("lina", "Task_Triage", number, finding="usage", severity="minor")
        answer(play, number)
        if turn < 2:
            with pytest.raises(FormInvalid):
                play.complete("zhoulan", "Task_Confirm", number)
            play.complete("zhoulan", "Task_Confirm", number, solved="no", still_wrong="还是一进去就退出")
            assert state(play, number) == ("in_progress", ["Task_Triage"])
            assert play.ticket(number).resolved_at is None
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert play.ticket(number).status == "closed"
    assert play.passed(number).count("Task_Triage") == 3


def silence_of_three_days_confirms(play: Play) -> None:
    number = report(play)
    play.complete("lina", "Task_Triage", number, finding="usage", severity="minor")
    answer(play, number)
    play.pass_time(days=3)
    ticket = play.ticket(number)
    assert (ticket.status, ticket.closed_at) == ("closed", play.cast.clock.now())
    assert ticket.resolved_at is not None
    assert play.passed(number)[-1] == "EndEvent_AutoClosed"


def what_takes_too_long_is_chased_while_it_goes_on(play: Play) -> None:
    number = report(play)
    play.claim("lina", "Task_Triage", number)
    play.pass_time(minutes=30)
    assert state(play, number) == ("in_progress", ["Task_ChaseTriage", "Task_Triage"])
    tomorrow = f"{(play.cast.clock.now() + timedelta(days=1)).date()}T09:00"
    play.complete(
        "zhangwei",
        "Task_ChaseTriage",
        number,
        chase_action="reminded",
        expected_by=tomorrow,
        chase_note="人手不够，已经催了",
    )
    assert state(play, number)[1] == ["Task_Triage"]
    play.complete("lina", "Task_Triage", number, **DEFECT)
    play.pass_time(days=2)
    assert state(play, number)[1] == ["Task_ChaseDevelop", "Task_Develop"]
    play.complete("wanglei", "Task_Develop", number, **FIXED)
    assert state(play, number)[1] == ["Task_Reply"], "who chases has nothing left to chase"
    answer(play, number, "fixed")
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert state(play, number) == ("closed", [])
    assert "EndEvent_TriageChased" in play.passed(number)
    assert "EndEvent_DevelopChased" not in play.passed(number)


def a_step_done_late_again_is_chased_again(play: Play) -> None:
    number = report(play)
    for _ in range(2):
        play.pass_time(minutes=30)
        assert state(play, number)[1] == ["Task_ChaseTriage", "Task_Triage"]
        play.complete("lina", "Task_Triage", number, **ASK)
        assert state(play, number) == ("awaiting_requester", ["Task_Supply"])
        play.complete("zhoulan", "Task_Supply", number, more_info="周六上午第一节")
    play.pass_time(minutes=30)
    play.complete("zhangwei", "Task_ChaseTriage", number, chase_action="settled", chase_note="李娜正在看")
    play.complete("lina", "Task_Triage", number, finding="usage", severity="minor")
    play.complete("lina", "Task_Reply", number, outcome="usage", reply="请按这个办法处理")
    assert state(play, number) == ("resolved", ["Task_Confirm"])


def a_crash_that_is_still_to_come_is_refused(play: Play) -> None:
    tomorrow = (play.cast.clock.now() + timedelta(days=1)).isoformat()
    with pytest.raises(FormInvalid) as refused:
        play.file("zhoulan", "crash_report", **REPORT | {"happened_at": tomorrow})
    assert str(refused.value.submission.errors["happened_at"]).startswith("This is still to come. Choose 2026-")


def development_that_is_late_is_chased_by_the_lead(play: Play) -> None:
    number = report(play)
    play.complete("lina", "Task_Triage", number, **DEFECT)
    play.pass_time(days=2)
    play.complete("zhangwei", "Task_ChaseDevelop", number, chase_action="settled", chase_note="王磊今天发布")
    assert state(play, number)[1] == ["Task_Develop"]
    assert "EndEvent_DevelopChased" in play.passed(number)


WALKS: list[Callable[[Play], None]] = [
    a_defect_goes_to_development_is_answered_and_confirmed,
    a_known_problem_is_answered_at_once,
    a_question_of_usage_is_answered_at_once,
    what_is_missing_is_supplied_and_triaged_again,
    what_is_not_supplied_in_seven_days_closes_by_itself,
    what_is_not_solved_is_triaged_again_as_often_as_it_takes,
    silence_of_three_days_confirms,
    what_takes_too_long_is_chased_while_it_goes_on,
    a_step_done_late_again_is_chased_again,
    development_that_is_late_is_chased_by_the_lead,
    a_crash_that_is_still_to_come_is_refused,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_crash_report(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("crash_report") - passed(play) == set()


def test_what_comes_back_to_triage_comes_to_the_owner_with_what_was_answered(play: Play) -> None:
    number = report(play)
    assert play.task("Task_Triage", number).assignee_id is None, "nobody owns it yet"
    play.complete("lina", "Task_Triage", number, **ASK)
    play.complete("zhoulan", "Task_Supply", number, more_info="第 3 课")
    again = play.task("Task_Triage", number)
    assert again.assignee_id == play.cast.people["lina"]
    with play.runtime.reading() as session:
        asked = task_form(play.runtime, session, play.cast.lina, again.public_id)
    shown = display(asked.form, {}, {}, now=play.cast.clock.now(), values_before=asked.data)
    assert [view.html.strip() for view in shown if view.type == "text" and view.visible] == [
        "<p><strong>提单人补充的</strong>：第 3 课</p>"
    ]
