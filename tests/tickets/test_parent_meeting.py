"""The shipped type parent_meeting, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tickets.coursework import PARENTS, assignee, at, chased, class_of, late, local, opened, photos
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tests.tickets.walks import elements, passed
from tickets.errors import FormInvalid

HELD: dict[str, Any] = {"going_ahead": "yes", "way": "campus", "room": "302", "families": 12}
NOT_HELD = {"going_ahead": "no", "cancel_reason": "holiday", "cancel_note": "整月放寒假，家长都知道"}
AGENDA = {"agenda": "本月学习重点；每位学员的进步；居家练习；答疑", "notice_ways": ["group"]}
SUMMARY: dict[str, Any] = {"summary": "讲了阅读进度，定了每天 15 分钟听读", "summary_ways": ["group", "private"]}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("parent_meeting")
    return lasting_play


def begin(play: Play) -> str:
    return play.file("zhaomin", "parent_meeting", subject_id=class_of(play))


def schedule(play: Play, number: str, **later: float) -> None:
    play.complete("zhoulan", "Task_Schedule", number, meeting_at=at(play, **later or {"days": 14}), **HELD)


def send_agenda(play: Play, number: str) -> None:
    play.complete("zhoulan", "Task_Agenda", number, agenda_files=[play.paper("zhoulan")], **AGENDA)


def hold(play: Play, number: str) -> None:
    play.complete("zhoulan", "Task_Hold", number, parents=PARENTS, meeting_photos=photos(play, "zhoulan"), absent=0)


def sum_up(play: Play, number: str, **values: Any) -> None:
    play.complete("zhoulan", "Task_Summary", number, summary_files=[play.paper("zhoulan")], **SUMMARY, **values)


def ended(play: Play, number: str) -> str:
    assert (play.ticket(number).status, play.open_tasks(number)) == ("closed", [])
    return play.passed(number)[-1]


def a_meeting_is_held_and_what_families_asked_is_followed_up(play: Play) -> None:
    number = begin(play)
    assert play.ticket(number).title == "周六上午 剑桥少儿三级 11 月家长会"
    schedule(play, number)
    send_agenda(play, number)
    assert (play.open_tasks(number), play.timers(number)) == ([], ["Event_MeetingTime"])
    play.pass_time(days=14)
    hold(play, number)
    sum_up(play, number, has_follow_up="yes", matters=[{"who": "林小满家", "matter": "想坐前排"}])
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_FollowUp", number)
    done = [{"who": "林小满家", "matter": "想坐前排", "result": "已换到第一排"}]
    play.complete("zhoulan", "Task_FollowUp", number, matters=done)
    assert ended(play, number) == "EndEvent_Done"


def a_meeting_without_follow_ups_is_over_with_its_summary(play: Play) -> None:
    number = begin(play)
    schedule(play, number, hours=1)
    send_agenda(play, number)
    play.pass_time(hours=1)
    hold(play, number)
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Summary", number, has_follow_up="no", **SUMMARY)
    sum_up(play, number, has_follow_up="no")
    assert ended(play, number) == "EndEvent_Done"
    assert "Task_FollowUp" not in play.passed(number)


def families_who_did_not_come_are_told_otherwise(play: Play) -> None:
    number = begin(play)
    schedule(play, number, hours=1)
    send_agenda(play, number)
    play.pass_time(hours=1)
    held = {"parents": PARENTS, "meeting_photos": photos(play, "zhoulan")}
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Hold", number, absent=2, **held)
    play.complete("zhoulan", "Task_Hold", number, absent=2, absent_plan="本周内逐个电话", **held)
    assert opened(play, number) == ["Task_Summary"]


def a_month_without_a_meeting_ends_once_the_head_has_verified_it(play: Play) -> None:
    number = begin(play)
    play.complete("zhoulan", "Task_Schedule", number, **NOT_HELD)
    assert assignee(play, "Task_Verify", number) == "zhaomin"
    play.complete("zhaomin", "Task_Verify", number, cancelled="yes", verify_note="校历整月放假")
    assert ended(play, number) == "EndEvent_Cancelled"


def what_the_head_finds_untrue_goes_on(play: Play) -> None:
    number = begin(play)
    play.complete("zhoulan", "Task_Schedule", number, **NOT_HELD)
    play.complete("zhaomin", "Task_Verify", number, cancelled="no", verify_note="20 日就复课，要开")
    assert opened(play, number) == ["Task_Schedule"]


def each_late_step_is_chased_by_the_superior_and_goes_on(play: Play) -> None:
    number = begin(play)
    play.pass_time(days=5)
    chased(play, number, "Task_ChaseSchedule", "zhaomin")
    schedule(play, number, days=8)
    play.pass_time(days=7)
    chased(play, number, "Task_ChaseAgenda", "zhaomin")
    send_agenda(play, number)
    play.pass_time(days=1)
    play.pass_time(days=1)
    chased(play, number, "Task_ChaseHold", "zhaomin")
    hold(play, number)
    play.pass_time(days=3)
    chased(play, number, "Task_ChaseSummary", "zhaomin")
    sum_up(play, number, has_follow_up="yes", matters=[{"who": "何雨桐家", "matter": "换课本"}])
    play.pass_time(days=7)
    chased(play, number, "Task_ChaseFollowUp", "zhaomin")
    matters = [{"who": "何雨桐家", "matter": "换课本", "result": "已换"}]
    play.complete("zhoulan", "Task_FollowUp", number, matters=matters)
    assert ended(play, number) == "EndEvent_Done"


def a_step_that_is_done_late_is_chased_no_more(play: Play) -> None:
    number = begin(play)
    play.pass_time(days=5)
    late(play, number, "Task_ChaseSchedule", "zhaomin")
    schedule(play, number, days=8)
    assert play.open_tasks(number) == ["Task_Agenda"]
    play.pass_time(days=7)
    late(play, number, "Task_ChaseAgenda", "zhaomin")
    send_agenda(play, number)
    assert play.open_tasks(number) == []


WALKS: list[Callable[[Play], None]] = [
    a_meeting_is_held_and_what_families_asked_is_followed_up,
    a_meeting_without_follow_ups_is_over_with_its_summary,
    families_who_did_not_come_are_told_otherwise,
    a_month_without_a_meeting_ends_once_the_head_has_verified_it,
    what_the_head_finds_untrue_goes_on,
    each_late_step_is_chased_by_the_superior_and_goes_on,
    a_step_that_is_done_late_is_chased_no_more,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_parent_meeting(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


def test_headquarters_starts_it_every_month_while_a_class_runs(play: Play) -> None:
    campus = Campus(play)
    campus.set_up("parent_meeting")
    first = local(play).date()
    dates = {"start_date": first.isoformat(), "end_date": local(play, days=40).date().isoformat()}
    subject = campus.add_class("家长会班", **dates)
    planned = campus.planned(subject)
    assert planned
    assert all(when[8:] == "01 09:00" for when in planned.values())
    assert all(when[:10] <= dates["end_date"] for when in planned.values())


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("parent_meeting") - passed(play) == set()
