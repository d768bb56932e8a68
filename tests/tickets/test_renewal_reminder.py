"""The shipped type renewal_reminder, walked along every branch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.play import Play
from tests.tickets.walks import elements, passed
from tickets.departing import depart, undo
from tickets.departing.plan import Wish
from tickets.errors import NotFound
from tickets.reading import ticket_page
from tickets.subject_register import put_subject
from tickets.subjects import Subject
from tickets.ticket import Ticket


@pytest.fixture
def play(lasting_play: Play) -> Play:
    lasting_play.ship("renewal_reminder")
    return lasting_play


def today(play: Play) -> date:
    """In Shenzhen."""
    return (play.cast.clock.now() + timedelta(hours=8)).date()


def put(play: Play, external_id: str, *, days: int | None, responsible: str = "liutao") -> None:
    """Tells the student whose contract ends in so many days, and lets the jobs run."""
    end = (today(play) + timedelta(days=days)).isoformat() if days is not None else None
    values = {"name": "林小满", "place": "sz-nanshan", "responsible": responsible, "contract_end": end}
    play.cast.clock.advance(timedelta(seconds=1))
    put_subject(play.runtime, play.cast.admin, "student", external_id, values)
    play.settle()


def reminders(play: Play, external_id: str) -> list[str]:
    """The numbers of a student's tickets."""
    query = sa.select(Ticket.number).join(Subject, Subject.id == Ticket.subject_id)
    with play.runtime.reading() as session:
        return list(session.scalars(query.where(Subject.external_id == external_id).order_by(Ticket.id)))


def reminder(play: Play, external_id: str, *, days: int = 40, responsible: str = "liutao") -> str:
    """The one ticket of a student just put."""
    put(play, external_id, days=days, responsible=responsible)
    (number,) = reminders(play, external_id)
    return number


def has(play: Play, number: str) -> dict[str, str]:
    """Who has each open task."""
    logins = {person_id: login for login, person_id in play.cast.people.items()}
    return {each: logins[play.task(each, number).assignee_id or 0] for each in play.open_tasks(number)}


def contact(play: Play, login: str, number: str, *, element: str = "Task_Contact", **values: Any) -> None:
    play.complete(login, element, number, channel="phone", contact_note="聊了二十分钟", **values)


def in_days(play: Play, days: int) -> str:
    return (today(play) + timedelta(days=days)).isoformat()


def thirty_days_before_the_end_the_consultant_is_asked_and_the_contract_is_renewed(play: Play) -> None:
    number = reminder(play, "W-1")
    ticket = play.ticket(number)
    assert ticket.title == f"林小满 续费，合同 {in_days(play, 40)} 到期"
    assert (ticket.owner_id, ticket.status, ticket.requester_id) == (play.cast.people["liutao"], "in_progress", None)
    assert (play.open_tasks(number), play.timers(number)) == ([], ["Event_Due"])
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.liutao, number, play.cast.clock.now())
    assert page.diagram is not None
    assert page.diagram.current == {"Event_Due"}
    play.pass_time(days=9)
    assert play.open_tasks(number) == []
    play.pass_time(days=1)
    task = play.task("Task_Contact", number)
    assert task.assignee_id == play.cast.people["liutao"]
    assert task.due is not None
    assert task.due.date() == today(play) + timedelta(days=3)
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.liutao, number, play.cast.clock.now())
    assert page.diagram is not None
    assert page.diagram.current == {"Task_Contact"}
    contact(play, "liutao", number, result="renewed", renewed_until=in_days(play, 400))
    assert (play.ticket(number).status, play.passed(number)[-1]) == ("closed", "EndEvent_Renewed")


def a_contract_that_ends_soon_is_due_at_once(play: Play) -> None:
    number = reminder(play, "W-2", days=5)
    play.pass_time(minutes=1)
    assert play.open_tasks(number) == ["Task_Contact"]


def a_family_that_considers_is_asked_again_on_the_day_they_named_and_then_lost(play: Play) -> None:
    number = reminder(play, "W-3", days=30)
    play.pass_time(hours=2)
    contact(play, "liutao", number, result="considering", concern="price", next_contact=in_days(play, 5))
    assert (play.open_tasks(number), play.timers(number)) == ([], ["Event_NextContact"])
    play.pass_time(days=4)
    assert play.open_tasks(number) == []
    play.pass_time(days=1)
    contact(play, "liutao", number, result="unreachable", next_contact=in_days(play, 3))
    play.pass_time(days=3)
    contact(play, "liutao", number, result="lost", loss_reason="price")
    review = play.task("Task_ReviewLoss", number)
    assert review.assignee_id == play.cast.people["zhaomin"]
    with pytest.raises(NotFound):
        play.complete("sunyue", "Task_ReviewLoss", number)
    play.complete("zhaomin", "Task_ReviewLoss", number, loss_reason="price", loss_review="价格没谈好", win_back="later")
    assert (play.ticket(number).status, play.passed(number)[-1]) == ("closed", "EndEvent_Lost")


def what_can_t_be_decided_before_the_end_is_reviewed_as_lost(play: Play) -> None:
    number = reminder(play, "W-4", days=10)
    play.pass_time(hours=1)
    contact(play, "liutao", number, result="considering", concern="schedule", next_contact=in_days(play, 11))
    assert play.open_tasks(number) == ["Task_ReviewLoss"]


def a_consultant_who_has_left_is_stood_in_for_by_the_superior(play: Play) -> None:
    number = reminder(play, "W-5", days=20, responsible="")
    put(play, "W-5", days=20)
    assert reminders(play, "W-5") == [number]
    departed = play.cast.people["wufang"]
    with play.writing() as session, session.begin():
        session.execute(sa.update(Subject).where(Subject.external_id == "W-5").values(responsible_id=departed))
    play.pass_time(hours=1)
    assert play.task("Task_ContactBySuperior", number).assignee_id == play.cast.people["zhaomin"]
    contact(
        play,
        "zhaomin",
        number,
        element="Task_ContactBySuperior",
        result="renewed",
        renewed_until=in_days(play, 300),
    )
    assert play.ticket(number).status == "closed"


def a_student_without_a_consultant_waits_for_somebody_to_assign(play: Play) -> None:
    number = reminder(play, "W-6", days=20, responsible="")
    play.pass_time(hours=1)
    task = play.task("Task_ContactBySuperior", number)
    assert (play.ticket(number).status, task.assignee_id, task.queue_key) == ("unassigned", None, None)


def a_contact_not_made_in_three_days_is_chased_by_the_superior(play: Play) -> None:
    number = reminder(play, "W-7", days=20)
    play.pass_time(hours=1)
    play.pass_time(days=3)
    assert sorted(play.open_tasks(number)) == ["Task_Chase", "Task_Contact"]
    assert play.task("Task_Chase", number).assignee_id == play.cast.people["zhaomin"]
    play.complete("zhaomin", "Task_Chase", number, chase_action="settled", chase_note="已经打过电话了")
    assert play.open_tasks(number) == ["Task_Contact"]
    assert play.ticket(number).status == "in_progress"
    assert "EndEvent_Chased" in play.passed(number)


def whoever_takes_over_from_who_left_does_not_chase_themselves(play: Play) -> None:
    """Also where the chase was open before; and undone, both are with whom they were."""
    number = reminder(play, "W-13", days=20)
    play.pass_time(hours=1)
    play.pass_time(days=3)
    made = depart(play.runtime, play.cast.admin, "liutao", Wish())
    play.settle()
    assert has(play, number) == {"Task_Contact": "zhaomin", "Task_Chase": "chenxiao"}
    undo(play.runtime, play.cast.admin, made)
    play.settle()
    assert has(play, number) == {"Task_Contact": "liutao", "Task_Chase": "zhaomin"}


def a_chase_that_comes_after_the_departure_is_not_for_who_took_over(play: Play) -> None:
    number = reminder(play, "W-14", days=20)
    play.pass_time(hours=1)
    made = depart(play.runtime, play.cast.admin, "liutao", Wish())
    play.settle()
    play.pass_time(days=3)
    assert has(play, number) == {"Task_Contact": "zhaomin", "Task_Chase": "chenxiao"}
    undo(play.runtime, play.cast.admin, made)
    play.settle()


def a_family_that_was_contacted_is_chased_no_more(play: Play) -> None:
    number = reminder(play, "W-12", days=20)
    play.pass_time(hours=1)
    play.pass_time(days=3)
    contact(play, "liutao", number, result="considering", concern="price", next_contact=in_days(play, 5))
    assert (play.open_tasks(number), play.timers(number)) == ([], ["Event_NextContact"])


def another_end_ends_the_old_reminder_and_starts_a_new_one(play: Play) -> None:
    old = reminder(play, "W-8", days=20)
    play.pass_time(hours=1)
    assert play.open_tasks(old) == ["Task_Contact"]
    put(play, "W-8", days=200)
    first, second = reminders(play, "W-8")
    assert (first, play.ticket(old).status, play.passed(old)[-1]) == (old, "closed", "EndEvent_Superseded")
    assert (play.open_tasks(old), play.timers(second)) == ([], ["Event_Due"])
    put(play, "W-8", days=20)
    assert [play.ticket(number).status for number in reminders(play, "W-8")] == ["closed", "closed", "in_progress"]


def the_same_student_told_twice_is_reminded_of_once(play: Play) -> None:
    number = reminder(play, "W-9")
    put(play, "W-9", days=40)
    assert reminders(play, "W-9") == [number]


def a_contract_that_is_taken_back_ends_its_reminder_and_starts_none(play: Play) -> None:
    number = reminder(play, "W-10")
    put(play, "W-10", days=None)
    assert reminders(play, "W-10") == [number]
    assert (play.ticket(number).status, play.passed(number)[-1]) == ("closed", "EndEvent_Superseded")
    put(play, "W-10", days=40)
    assert [play.ticket(number).status for number in reminders(play, "W-10")] == ["closed", "in_progress"]


def changes_that_come_before_any_job_runs_leave_one_reminder_for_the_last(play: Play) -> None:
    for days in (40, 50, 40, 60):
        end = in_days(play, days)
        values = {"name": "林小满", "place": "sz-nanshan", "responsible": "liutao", "contract_end": end}
        put_subject(play.runtime, play.cast.admin, "student", "W-11", values)
        play.cast.clock.advance(timedelta(seconds=1))
    play.settle()
    (number,) = reminders(play, "W-11")
    assert in_days(play, 60) in play.ticket(number).title


WALKS: list[Callable[[Play], None]] = [
    thirty_days_before_the_end_the_consultant_is_asked_and_the_contract_is_renewed,
    a_contract_that_ends_soon_is_due_at_once,
    a_family_that_considers_is_asked_again_on_the_day_they_named_and_then_lost,
    what_can_t_be_decided_before_the_end_is_reviewed_as_lost,
    a_consultant_who_has_left_is_stood_in_for_by_the_superior,
    a_student_without_a_consultant_waits_for_somebody_to_assign,
    a_contact_not_made_in_three_days_is_chased_by_the_superior,
    whoever_takes_over_from_who_left_does_not_chase_themselves,
    a_chase_that_comes_after_the_departure_is_not_for_who_took_over,
    a_family_that_was_contacted_is_chased_no_more,
    another_end_ends_the_old_reminder_and_starts_a_new_one,
    the_same_student_told_twice_is_reminded_of_once,
    a_contract_that_is_taken_back_ends_its_reminder_and_starts_none,
    changes_that_come_before_any_job_runs_leave_one_reminder_for_the_last,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_renewal_reminder(play: Play, walk: Callable[[Play], None]) -> None:
    walk(play)


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(play: Play) -> None:
    for walk in WALKS:
        walk(play)
    assert elements("renewal_reminder") - passed(play) == set()
