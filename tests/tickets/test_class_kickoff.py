"""The shipped type class_kickoff, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tickets.coursework import PARENTS, assignee, at, chased, class_of, confirm, late, local, opened, photos
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tests.tickets.walks import elements, passed
from tickets.errors import Forbidden, FormInvalid

CALLED_OFF = {"going_ahead": "no", "cancel_reason": "too_few", "cancel_note": "只有三名学员，并入周日班"}
CHECKED = {"checked": ["projector", "sound"], "room_ok": "ok"}
FEEDBACK = {"satisfied": 10, "asked": 11, "feedback": "家长喜欢设备演示，担心周六堵车"}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("class_kickoff")
    return lasting_play


def begin(play: Play) -> str:
    """As a campus head files it by hand for a class."""
    return play.file("zhaomin", "class_kickoff", subject_id=class_of(play))


def opens(play: Play, number: str, **later: float) -> None:
    values: dict[str, Any] = {"going_ahead": "yes", "room": "302", "host": "周岚", "families": 12}
    play.complete("zhoulan", "Task_Confirm", number, kickoff_at=at(play, **later or {"days": 8}), **values)


def prepare(play: Play, number: str) -> None:
    invite(play, number)
    check(play, number)


def invite(play: Play, number: str) -> None:
    invited = {"invite_ways": ["group", "phone"], "invited": 12, "coming": 10}
    play.complete("zhoulan", "Task_Invite", number, invitation=[play.paper("zhoulan")], **invited)


def check(play: Play, number: str) -> None:
    play.complete("zhoulan", "Task_Check", number, room_photos=photos(play, "zhoulan"), **CHECKED)


def hold(play: Play, number: str) -> None:
    play.complete("zhoulan", "Task_Hold", number, attendance=PARENTS, kickoff_photos=photos(play, "zhoulan"))


def finish(play: Play, number: str) -> None:
    confirm(play, "liutao", "Task_Feedback", number, asked_by="zhoulan")
    play.complete("zhoulan", "Task_Feedback", number, **FEEDBACK)
    assert (play.ticket(number).status, play.open_tasks(number)) == ("closed", [])
    assert play.passed(number)[-1] == "EndEvent_Done"


def a_class_opens_and_every_step_leaves_its_evidence(play: Play) -> None:
    number = begin(play)
    ticket = play.ticket(number)
    assert (ticket.title, ticket.owner_id) == ("周六上午 剑桥少儿三级 开班典礼", play.cast.people["zhoulan"])
    assert assignee(play, "Task_Confirm", number) == "zhoulan"
    opens(play, number)
    assert opened(play, number) == ["Task_Check", "Task_Invite"]
    prepare(play, number)
    assert (play.open_tasks(number), play.timers(number)) == ([], ["Event_KickoffDay"])
    play.pass_time(days=8)
    hold(play, number)
    finish(play, number)
    assert {"StartEvent_Campus", "EndEvent_Campus"} <= set(play.passed(number))


def no_step_is_done_without_its_evidence(play: Play) -> None:
    number = begin(play)
    opens(play, number)
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Invite", number, invite_ways=["group"], invited=12, coming=10)
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Check", number, room_photos=photos(play, "zhoulan", 1), **CHECKED)
    old = photos(play, "zhoulan")
    prepare(play, number)
    play.pass_time(days=8)
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Hold", number, attendance=PARENTS, kickoff_photos=old)
    absent, new = [{**row, "signed": False} for row in PARENTS], photos(play, "zhoulan")
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Hold", number, attendance=absent, kickoff_photos=new)
    hold(play, number)
    with pytest.raises(FormInvalid):
        play.complete("zhoulan", "Task_Feedback", number, **FEEDBACK)
    with pytest.raises(Forbidden):
        confirm(play, "zhoulan", "Task_Feedback", number)
    finish(play, number)


def a_class_that_does_not_open_ends_once_the_head_has_verified_it(play: Play) -> None:
    number = begin(play)
    play.complete("zhoulan", "Task_Confirm", number, **CALLED_OFF)
    assert assignee(play, "Task_Verify", number) == "zhaomin"
    with pytest.raises(Forbidden):
        play.complete("zhoulan", "Task_Verify", number, cancelled="yes", verify_note="家长都知道了")
    play.complete("zhaomin", "Task_Verify", number, cancelled="yes", verify_note="已逐个电话，家长都知道")
    assert (play.ticket(number).status, play.passed(number)[-1]) == ("closed", "EndEvent_Cancelled")


def what_the_head_finds_untrue_goes_on(play: Play) -> None:
    number = begin(play)
    play.complete("zhoulan", "Task_Confirm", number, **CALLED_OFF)
    play.complete("zhaomin", "Task_Verify", number, cancelled="no", verify_note="人数够了，照常开")
    assert opened(play, number) == ["Task_Confirm"]
    opens(play, number)
    assert opened(play, number) == ["Task_Check", "Task_Invite"]


def each_late_step_is_chased_by_the_superior_and_goes_on(play: Play) -> None:
    number = begin(play)
    play.pass_time(days=2)
    chased(play, number, "Task_ChaseConfirm", "zhaomin")
    opens(play, number, days=10)
    play.pass_time(days=4)
    chased(play, number, "Task_ChaseInvite", "zhaomin")
    play.pass_time(days=2)
    chased(play, number, "Task_ChaseCheck", "zhaomin")
    prepare(play, number)
    play.pass_time(days=4)
    assert opened(play, number) == ["Task_Hold"]
    play.pass_time(days=1)
    chased(play, number, "Task_ChaseHold", "zhaomin")
    hold(play, number)
    play.pass_time(days=3)
    chased(play, number, "Task_ChaseFeedback", "zhaomin")
    finish(play, number)


def several_late_steps_are_told_apart_and_each_chase_ends_with_its_step(play: Play) -> None:
    number = begin(play)
    play.pass_time(days=2)
    late(play, number, "Task_ChaseConfirm", "zhaomin")
    opens(play, number)
    assert play.open_tasks(number) == ["Task_Invite", "Task_Check"]
    play.pass_time(days=7)
    chases = [play.task(element, number) for element in ("Task_ChaseInvite", "Task_ChaseCheck")]
    steps = {"zh": ["邀请家长", "检查教室设备"], "en": ["invite families", "check room and devices"]}
    for language, before in (("zh", "督促："), ("en", "Chase: ")):
        assert [task.names[language] for task in chases] == [before + step for step in steps[language]]
    for task, step in zip(chases, steps["zh"], strict=True):
        assert task.documentation.startswith(f"周六上午 剑桥少儿三级：「{step}」")
    invite(play, number)
    assert sorted(play.open_tasks(number)) == ["Task_ChaseCheck", "Task_Check"]
    check(play, number)
    assert play.open_tasks(number) == []
    play.pass_time(days=1)
    hold(play, number)
    finish(play, number)


WALKS: list[Callable[[Play], None]] = [
    a_class_opens_and_every_step_leaves_its_evidence,
    no_step_is_done_without_its_evidence,
    a_class_that_does_not_open_ends_once_the_head_has_verified_it,
    what_the_head_finds_untrue_goes_on,
    each_late_step_is_chased_by_the_superior_and_goes_on,
    several_late_steps_are_told_apart_and_each_chase_ends_with_its_step,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_class_kickoff(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


def test_headquarters_starts_it_ten_days_before_a_class_opens(play: Play) -> None:
    campus = Campus(play)
    campus.set_up("class_kickoff")
    day = local(play, days=30).date().isoformat()
    subject = campus.add_class("新班", start_date=day)
    (planned,) = campus.planned(subject).values()
    assert planned[:10] == local(play, days=20).date().isoformat()
    play.cast.clock.advance(local(play, days=20, hours=12) - local(play))
    campus.begin_due()
    (occurrence,) = [each for each in campus.occurrences() if each.subject_id == subject]
    assert list(campus.records(occurrence)) == ["confirm", "invite", "room_check", "hold", "feedback"]
    assert occurrence.ticket_id is not None


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("class_kickoff") - passed(play) == set()
