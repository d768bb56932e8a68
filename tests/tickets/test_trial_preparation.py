"""The shipped type trial_preparation, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.coursework import assignee, at, chased, late, opened, photos, student_of
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tests.tickets.walks import elements, passed
from tickets.errors import FormInvalid
from tickets.subject_register import put_subject
from tickets.subjects import Subject
from tickets.tasks import task_form

DECLINED = {"going_ahead": "no", "cancel_reason": "time", "cancel_note": "打了三次，周末都有课"}
DEVICE: dict[str, Any] = {"device_model": "HUAWEI MatePad 11", "device_checked": ["camera", "microphone"]}
BROKEN = {**DEVICE, "device_ok": "no", "device_problem": "进课堂后没有声音"}
ASSESSED = {"assess_way": "online", "level": "one", "assess_note": "听力好，不敢开口"}
TEACHER = {"lesson_teacher": "周岚", "material": "自然拼读 第 1 课"}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("trial_preparation")
    return lasting_play


def begin(play: Play) -> str:
    return play.file("liutao", "trial_preparation", subject_id=student_of(play))


def agree(play: Play, number: str) -> None:
    values = {"going_ahead": "yes", "lesson_way": "online", "device": "tablet"}
    play.complete("liutao", "Task_Contact", number, lesson_at=at(play, days=5), **values)


def check_device(play: Play, number: str) -> None:
    shots = photos(play, "liutao", 1)
    play.complete("liutao", "Task_Device", number, device_ok="yes", device_shots=shots, **DEVICE)


def assess(play: Play, number: str) -> None:
    play.complete("liutao", "Task_Assess", number, assess_files=[play.paper("liutao")], **ASSESSED)


def assign(play: Play, number: str) -> None:
    play.complete("zhaomin", "Task_Assign", number, lesson_at=at(play, days=5), **TEACHER)


def tell(play: Play, number: str) -> None:
    files = [play.paper("liutao")]
    play.complete("liutao", "Task_Tell", number, told_ways=["private"], family_confirmed="yes", told_files=files)


def ended(play: Play, number: str) -> str:
    assert (play.ticket(number).status, play.open_tasks(number)) == ("closed", [])
    return play.passed(number)[-1]


def a_family_is_ready_for_its_trial_lesson(play: Play) -> None:
    number = begin(play)
    ticket = play.ticket(number)
    assert (ticket.title, ticket.owner_id) == ("林小满 课前准备", play.cast.people["liutao"])
    agree(play, number)
    with pytest.raises(FormInvalid):
        play.complete("liutao", "Task_Device", number, device_ok="yes", **DEVICE)
    check_device(play, number)
    assess(play, number)
    assert assignee(play, "Task_Assign", number) == "zhaomin"
    assign(play, number)
    tell(play, number)
    assert ended(play, number) == "EndEvent_Ready"


def a_device_that_does_not_work_is_seen_to_and_checked_again(play: Play) -> None:
    number = begin(play)
    agree(play, number)
    play.complete("liutao", "Task_Device", number, device_shots=photos(play, "liutao", 1), **BROKEN)
    waits = play.task("Task_Help", number)
    assert waits.due_at == waits.opened_at + timedelta(hours=4), "when it is chased"
    play.pass_time(hours=4)
    assert sorted(play.open_tasks(number)) == ["Task_ChaseHelp", "Task_Help"]
    play.complete("zhangwei", "Task_ChaseHelp", number, chase_action="settled", chase_note="李娜正在连线")
    play.complete("lina", "Task_Help", number, help_outcome="solved", help_result="重新允许了麦克风")
    task = play.task("Task_Device", number)
    with play.runtime.reading() as session:
        shown = task_form(play.runtime, session, play.cast.liutao, task.public_id)
    assert shown.data["help_result"] == "重新允许了麦克风"
    assert shown.data["device_model"] == "HUAWEI MatePad 11", "it is the same device"
    assert "device_checked" not in shown.data
    check_device(play, number)
    assert opened(play, number) == ["Task_Assess"]


def a_family_that_says_no_ends_it_once_the_superior_has_called_them(play: Play) -> None:
    number = begin(play)
    play.complete("liutao", "Task_Contact", number, **DECLINED)
    assert assignee(play, "Task_Verify", number) == "zhaomin"
    play.complete("zhaomin", "Task_Verify", number, cancelled="yes", verify_note="晚上回访过，确实不来")
    assert ended(play, number) == "EndEvent_Declined"


def a_family_that_changes_its_mind_is_called_again(play: Play) -> None:
    number = begin(play)
    play.complete("liutao", "Task_Contact", number, **DECLINED)
    play.complete("zhaomin", "Task_Verify", number, cancelled="no", verify_note="换到工作日晚上就来")
    assert opened(play, number) == ["Task_Contact"]


def each_late_step_is_chased_by_the_superior_and_goes_on(play: Play) -> None:
    number = begin(play)
    for name, step in (("Contact", agree), ("Device", check_device), ("Assess", assess)):
        play.pass_time(days=1)
        chased(play, number, f"Task_Chase{name}", "zhaomin")
        step(play, number)
    play.pass_time(days=1)
    chased(play, number, "Task_ChaseAssign", "chenxiao")
    assign(play, number)
    play.pass_time(days=1)
    chased(play, number, "Task_ChaseTell", "zhaomin")
    tell(play, number)
    assert ended(play, number) == "EndEvent_Ready"


def steps_that_are_done_late_are_chased_no_more(play: Play) -> None:
    number = begin(play)
    steps = (agree, "Contact", "Device"), (check_device, "Device", "Assess"), (assess, "Assess", "Assign")
    for step, this, following in steps:
        play.pass_time(days=1)
        late(play, number, f"Task_Chase{this}", "zhaomin")
        step(play, number)
        assert play.open_tasks(number) == [f"Task_{following}"]


def a_student_nobody_answers_for_is_for_the_consultants(play: Play) -> None:
    number = begin(play)
    subject_id = play.ticket(number).subject_id
    with play.writing() as session, session.begin():
        session.execute(sa.update(Subject).where(Subject.id == subject_id).values(responsible_id=None))
    agree(play, number)
    task = play.task("Task_Device", number)
    assert (task.assignee_id, task.queue_key is None) == (None, False)
    play.claim("liutao", "Task_Device", number)
    check_device(play, number)
    assert opened(play, number) == ["Task_Assess"]


WALKS: list[Callable[[Play], None]] = [
    a_family_is_ready_for_its_trial_lesson,
    a_device_that_does_not_work_is_seen_to_and_checked_again,
    a_family_that_says_no_ends_it_once_the_superior_has_called_them,
    a_family_that_changes_its_mind_is_called_again,
    each_late_step_is_chased_by_the_superior_and_goes_on,
    steps_that_are_done_late_are_chased_no_more,
    a_student_nobody_answers_for_is_for_the_consultants,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_trial_preparation(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


def test_headquarters_starts_it_for_each_new_student(play: Play) -> None:
    campus = Campus(play)
    campus.set_up("trial_preparation")
    values = {"name": "新学员", "place": "sz-nanshan", "responsible": "liutao"}
    saved = put_subject(play.runtime, play.cast.admin, "student", "T-new", values)
    play.settle()
    campus.begin_due()
    with play.runtime.reading() as session:
        subject_id = session.scalars(sa.select(Subject.id).where(Subject.public_id == saved.public_id)).one()
    (occurrence,) = [each for each in campus.occurrences() if each.subject_id == subject_id]
    assert occurrence.ticket_id is not None
    assert list(campus.records(occurrence)) == ["contact", "device_check", "assessment", "teacher", "told"]


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("trial_preparation") - passed(play) == set()
