"""The shipped type stage_assessment, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tickets.coursework import assignee, at, chased, class_of, late, local, opened, photos
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tests.tickets.walks import elements, passed
from tickets.errors import FormInvalid
from tickets.tasks import task_form

HELD: dict[str, Any] = {"going_ahead": "yes", "stage": "第二阶段", "paper": "剑桥少儿三级 A 卷", "students": 12}
NOT_HELD = {"going_ahead": "no", "cancel_reason": "later", "cancel_note": "阶段延到下月，家长都知道"}
SCORES = [{"student": "林小满", "score": 86.5, "level": "a"}, {"student": "陈一诺", "score": 71, "level": "b"}]
WEAK: dict[str, Any] = {"average": 78.8, "passed": 10, "weak_points": "一般过去时"}
PLAN = {"plan": "每课 5 分钟听力，第 6 课小测一次"}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("stage_assessment")
    return lasting_play


def begin(play: Play) -> str:
    return play.file("zhaomin", "stage_assessment", subject_id=class_of(play))


def schedule(play: Play, number: str, **later: float) -> None:
    play.complete("zhoulan", "Task_Schedule", number, test_at=at(play, **later or {"days": 3}), **HELD)


def hold(play: Play, number: str, *, absent: int = 0, **values: Any) -> None:
    pictures = photos(play, "zhoulan", 1)
    play.complete("zhoulan", "Task_Test", number, tested=11, absent=absent, test_photos=pictures, **values)


def score(play: Play, number: str) -> None:
    play.complete("zhoulan", "Task_Score", number, score_way="list", scores=SCORES, **WEAK)


def the_scores_open_with_a_row_for_each_student(play: Play) -> None:
    about = class_of(play, students=["林小满", {"name": "陈一诺"}])
    number = play.file("zhaomin", "stage_assessment", subject_id=about)
    schedule(play, number, hours=1)
    play.pass_time(hours=1)
    hold(play, number)
    with play.runtime.reading() as session:
        shown = task_form(play.runtime, session, play.cast.zhoulan, play.task("Task_Score", number).public_id)
    assert shown.data["scores"] == [{"student": "林小满"}, {"student": "陈一诺"}]


def report(play: Play, number: str, sent: int = 11) -> None:
    files = [play.paper("zhoulan")]
    play.complete("zhoulan", "Task_Report", number, reports_sent=sent, report_ways=["private"], report_files=files)


def up_to_the_plan(play: Play) -> str:
    number = begin(play)
    schedule(play, number, hours=1)
    play.pass_time(hours=1)
    hold(play, number)
    score(play, number)
    assert opened(play, number) == ["Task_Plan", "Task_Report"]
    return number


def ended(play: Play, number: str) -> str:
    assert (play.ticket(number).status, play.open_tasks(number)) == ("closed", [])
    return play.passed(number)[-1]


def a_stage_is_tested_reported_and_its_plan_confirmed(play: Play) -> None:
    number = begin(play)
    assert play.ticket(number).title == "周六上午 剑桥少儿三级 阶段测试与报告"
    schedule(play, number)
    assert (play.open_tasks(number), play.timers(number)) == ([], ["Event_TestTime"])
    play.pass_time(days=3)
    hold(play, number)
    score(play, number)
    report(play, number)
    play.complete("zhoulan", "Task_Plan", number, **PLAN)
    assert assignee(play, "Task_Approve", number) == "zhaomin"
    play.complete("zhaomin", "Task_Approve", number, approved="yes")
    assert ended(play, number) == "EndEvent_Done"


def a_test_needs_a_photo_and_absent_students_another_day(play: Play) -> None:
    number = begin(play)
    schedule(play, number, hours=1)
    play.pass_time(hours=1)
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Test", number, tested=11, absent=0)
    with pytest.raises(FormInvalid):
        hold(play, number, absent=1)
    hold(play, number, absent=1, make_up_on=local(play, days=4).date().isoformat())
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Score", number, score_way="file", **WEAK)
    play.complete("zhoulan", "Task_Score", number, score_way="file", score_sheet=[play.paper("zhoulan")], **WEAK)
    assert opened(play, number) == ["Task_Plan", "Task_Report"]


def every_family_gets_a_report(play: Play) -> None:
    number = up_to_the_plan(play)
    with pytest.raises(FormInvalid) as refused:
        report(play, number, sent=10)
    assert list(refused.value.submission.errors) == ["reports_sent"]
    report(play, number)
    assert opened(play, number) == ["Task_Plan"]


def a_plan_that_is_sent_back_is_written_again(play: Play) -> None:
    number = up_to_the_plan(play)
    play.complete("zhoulan", "Task_Plan", number, **PLAN)
    play.complete("zhaomin", "Task_Approve", number, approved="no", approve_note="写明谁要单独辅导")
    with play.runtime.reading() as session:
        shown = task_form(play.runtime, session, play.cast.zhoulan, play.task("Task_Plan", number).public_id)
    assert shown.data["approve_note"] == "写明谁要单独辅导"
    tutored = [{"student": "陈一诺", "focus": "一般过去时"}]
    play.complete("zhoulan", "Task_Plan", number, tutored=tutored, **PLAN)
    play.complete("zhaomin", "Task_Approve", number, approved="yes")
    report(play, number)
    assert ended(play, number) == "EndEvent_Done"


def a_stage_without_a_test_ends_once_the_head_has_verified_it(play: Play) -> None:
    number = begin(play)
    play.complete("zhoulan", "Task_Schedule", number, **NOT_HELD)
    assert assignee(play, "Task_Verify", number) == "zhaomin"
    play.complete("zhaomin", "Task_Verify", number, cancelled="yes", verify_note="教研组同意延期")
    assert ended(play, number) == "EndEvent_Cancelled"


def what_the_head_finds_untrue_goes_on(play: Play) -> None:
    number = begin(play)
    play.complete("zhoulan", "Task_Schedule", number, **NOT_HELD)
    play.complete("zhaomin", "Task_Verify", number, cancelled="no", verify_note="按原计划测")
    assert opened(play, number) == ["Task_Schedule"]


def each_late_step_is_chased_and_goes_on(play: Play) -> None:
    number = begin(play)
    play.pass_time(days=1)
    chased(play, number, "Task_ChaseSchedule", "zhaomin")
    schedule(play, number, days=1)
    play.pass_time(days=1)
    play.pass_time(days=1)
    chased(play, number, "Task_ChaseTest", "zhaomin")
    hold(play, number)
    play.pass_time(days=2)
    chased(play, number, "Task_ChaseScore", "zhaomin")
    score(play, number)
    play.pass_time(days=2)
    chased(play, number, "Task_ChaseReport", "zhaomin")
    chased(play, number, "Task_ChasePlan", "zhaomin")
    play.complete("zhoulan", "Task_Plan", number, **PLAN)
    play.pass_time(days=2)
    chased(play, number, "Task_ChaseApprove", "chenxiao")
    play.complete("zhaomin", "Task_Approve", number, approved="yes")
    report(play, number)
    assert ended(play, number) == "EndEvent_Done"


def steps_that_are_done_late_are_chased_no_more(play: Play) -> None:
    number = up_to_the_plan(play)
    play.pass_time(days=2)
    assert sorted(play.open_tasks(number))[:2] == ["Task_ChasePlan", "Task_ChaseReport"]
    play.complete("zhoulan", "Task_Plan", number, **PLAN)
    assert sorted(play.open_tasks(number)) == ["Task_Approve", "Task_ChaseReport", "Task_Report"]
    report(play, number)
    play.pass_time(days=2)
    late(play, number, "Task_ChaseApprove", "chenxiao")
    play.complete("zhaomin", "Task_Approve", number, approved="no", approve_note="写明谁要单独辅导")
    assert play.open_tasks(number) == ["Task_Plan"]


WALKS: list[Callable[[Play], None]] = [
    a_stage_is_tested_reported_and_its_plan_confirmed,
    a_test_needs_a_photo_and_absent_students_another_day,
    the_scores_open_with_a_row_for_each_student,
    every_family_gets_a_report,
    a_plan_that_is_sent_back_is_written_again,
    a_stage_without_a_test_ends_once_the_head_has_verified_it,
    what_the_head_finds_untrue_goes_on,
    each_late_step_is_chased_and_goes_on,
    steps_that_are_done_late_are_chased_no_more,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_stage_assessment(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


def test_headquarters_starts_it_three_days_before_each_stage_ends(play: Play) -> None:
    campus = Campus(play)
    campus.set_up("stage_assessment")
    stages = [{"name": f"第{n}阶段", "date": local(play, days=30 * n).date().isoformat()} for n in (1, 2)]
    planned = campus.planned(campus.add_class("阶段班", stages=stages))
    wanted = [local(play, days=30 * n - 3).date().isoformat() for n in (1, 2)]
    assert sorted(when[:10] for when in planned.values()) == wanted[: len(planned)]
    assert planned


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("stage_assessment") - passed(play) == set()
