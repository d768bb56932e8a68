"""The shipped type customer_inquiry, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tickets.play import Play
from tests.tickets.walks import elements, passed
from tickets import conversation
from tickets.errors import FormInvalid, NotOwner
from tickets.reading import ticket_page
from tickets.tasks import task_form

INQUIRY: dict[str, Any] = {
    "topic": "schedule",
    "asker": "family",
    "summary": "周六班请假后怎么补课",
    "details": "11 月 28 日要请假，想补到周日。",
    "lesson_affected": "no",
}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("customer_inquiry")
    return lasting_play


def ask(play: Play) -> str:
    return play.file("zhoulan", "customer_inquiry", **INQUIRY)


def reply(play: Play, number: str) -> None:
    play.complete("lina", "Task_Handle", number, next="answer")
    play.complete("lina", "Task_Reply", number, outcome="answered", reply="周日下午有空位，已排好")


def state(play: Play, number: str) -> tuple[str, list[str]]:
    return play.ticket(number).status, sorted(play.open_tasks(number))


def a_question_is_answered_by_its_owner_and_confirmed(play: Play) -> None:
    number = ask(play)
    assert play.ticket(number).title == INQUIRY["summary"]
    assert state(play, number) == ("offered", ["Task_Handle"])
    reply(play, number)
    assert state(play, number) == ("resolved", ["Task_Confirm"])
    assert play.ticket(number).owner_id == play.cast.people["lina"]
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.zhoulan, number, play.cast.clock.now())
    assert [answers.values["reply"] for answers in page.answers[1:]] == ["周日下午有空位，已排好"]
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert (state(play, number), play.passed(number)[-1]) == (("closed", []), "EndEvent_Closed")


def a_lesson_soon_asks_for_its_date(play: Play) -> None:
    with pytest.raises(FormInvalid):
        play.file("zhoulan", "customer_inquiry", **INQUIRY | {"lesson_affected": "soon"})


def another_role_helps_and_the_owner_answers(play: Play) -> None:
    number = ask(play)
    with pytest.raises(FormInvalid):
        play.complete("lina", "Task_Handle", number, next="help", help_role="consultant")
    play.complete("lina", "Task_Handle", number, next="help", help_role="consultant", help_question="周日有空位吗")
    assert state(play, number) == ("in_progress", ["Task_Help"])
    with pytest.raises(NotOwner):
        conversation.reply(play.runtime, play.cast.liutao, number, "有")
    play.complete("liutao", "Task_Help", number, help_result="done", help_answer="有，已留位")
    again = play.task("Task_Handle", number)
    assert again.assignee_id == play.cast.people["lina"]
    with play.runtime.reading() as session:
        shown = task_form(play.runtime, session, play.cast.lina, again.public_id)
    assert shown.data["help_answer"] == "有，已留位"
    reply(play, number)
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.zhoulan, number, play.cast.clock.now())
    assert "有，已留位" not in str([answers.values for answers in page.answers])
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert play.ticket(number).status == "closed"


def what_is_missing_is_asked_of_the_requester(play: Play) -> None:
    number = ask(play)
    play.complete("lina", "Task_Handle", number, next="ask", question="是哪个班？")
    assert state(play, number) == ("awaiting_requester", ["Task_Supply"])
    play.complete("zhoulan", "Task_Supply", number, more_info="周六上午的剑桥少儿三级")
    assert state(play, number) == ("in_progress", ["Task_Handle"])
    reply(play, number)
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")


def what_is_not_supplied_in_seven_days_closes_by_itself(play: Play) -> None:
    number = ask(play)
    play.complete("lina", "Task_Handle", number, next="ask", question="是哪个班？")
    play.pass_time(days=6, hours=23)
    assert state(play, number) == ("awaiting_requester", ["Task_Supply"])
    play.pass_time(hours=1)
    assert (state(play, number), play.passed(number)[-1]) == (("closed", []), "EndEvent_NotSupplied")


def what_is_not_solved_is_handled_again(play: Play) -> None:
    number = ask(play)
    reply(play, number)
    play.complete("zhoulan", "Task_Confirm", number, solved="no", still_wrong="周日我们也有事")
    assert state(play, number) == ("in_progress", ["Task_Handle"])
    reply(play, number)
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert play.passed(number).count("Task_Reply") == 2


def without_an_objection_in_three_days_it_closes_by_itself(play: Play) -> None:
    number = ask(play)
    reply(play, number)
    play.pass_time(days=2, hours=23)
    assert state(play, number) == ("resolved", ["Task_Confirm"])
    play.pass_time(hours=1)
    assert (state(play, number), play.passed(number)[-1]) == (("closed", []), "EndEvent_AutoClosed")


def an_inquiry_nobody_handles_for_four_hours_is_chased_by_the_lead(play: Play) -> None:
    number = ask(play)
    play.pass_time(hours=4)
    assert sorted(play.open_tasks(number)) == ["Task_ChaseHandle", "Task_Handle"]
    play.complete("zhangwei", "Task_ChaseHandle", number, chase_action="settled", chase_note="李娜马上处理")
    assert play.open_tasks(number) == ["Task_Handle"]
    assert play.passed(number)[-1] == "EndEvent_HandleChased"


def an_inquiry_that_is_handled_is_chased_no_more(play: Play) -> None:
    number = ask(play)
    play.pass_time(hours=4)
    play.complete("lina", "Task_Handle", number, next="answer")
    assert play.open_tasks(number) == ["Task_Reply"]


def help_that_does_not_come_in_a_day_is_chased_by_the_owner_s_superior(play: Play) -> None:
    number = ask(play)
    play.complete("lina", "Task_Handle", number, next="help", help_role="developer", help_question="请查日志")
    play.pass_time(days=1)
    assert sorted(play.open_tasks(number)) == ["Task_ChaseHelp", "Task_Help"]
    assert play.task("Task_ChaseHelp", number).assignee_id == play.cast.people["zhangwei"]
    play.complete("zhangwei", "Task_ChaseHelp", number, chase_action="settled", chase_note="王磊马上回")
    play.complete("wanglei", "Task_Help", number, help_result="known", help_answer="日志里没有错误")
    reply(play, number)
    play.complete("zhoulan", "Task_Confirm", number, solved="yes")
    assert state(play, number) == ("closed", [])


WALKS: list[Callable[[Play], None]] = [
    a_question_is_answered_by_its_owner_and_confirmed,
    a_lesson_soon_asks_for_its_date,
    another_role_helps_and_the_owner_answers,
    what_is_missing_is_asked_of_the_requester,
    what_is_not_supplied_in_seven_days_closes_by_itself,
    what_is_not_solved_is_handled_again,
    without_an_objection_in_three_days_it_closes_by_itself,
    an_inquiry_nobody_handles_for_four_hours_is_chased_by_the_lead,
    an_inquiry_that_is_handled_is_chased_no_more,
    help_that_does_not_come_in_a_day_is_chased_by_the_owner_s_superior,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_customer_inquiry(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("customer_inquiry") - passed(play) == set()
