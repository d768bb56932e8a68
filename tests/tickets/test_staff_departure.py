"""The shipped type staff_departure, walked along every branch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.definitions.elements import CONNECTED
from tests.tickets.play import Play
from tests.tickets.walks import elements, passed
from tickets.audit import AuditEntry
from tickets.departing import depart, undo
from tickets.departing.plan import Wish
from tickets.notices.models import News, Notice
from tickets.people import Person
from tickets.places import Place
from tickets.services import SERVICES
from tickets.staff import NewPerson, add_person
from tickets.subjects import Subject
from tickets.ticket import Status
from tickets.timeline import EventKind, TimelineEvent


@pytest.fixture
def play(play: Play) -> Play:
    made = play.ship("staff_departure")
    assert not made.report.problems, "it warns of nothing"
    play.cast.add_subjects()
    play.settle()
    return play


def leave(play: Play, login: str) -> UUID:
    made = depart(play.runtime, play.cast.admin, login, Wish())
    play.settle()
    return made


def hire(play: Play, login: str, place: str = "sz-nanshan") -> None:
    """A colleague."""
    with play.writing() as session, session.begin():
        at = session.get_one(Place, play.cast.places[place])
        new = NewPerson(login=login, name=login.title(), title="课程顾问")
        play.cast.people[login] = add_person(session, at, new, password_hash="", at=play.cast.clock.now()).id


def responsible(play: Play, login: str) -> list[str]:
    """The external ids of what somebody looks after."""
    query = sa.select(Subject.external_id).join(Person, Person.id == Subject.responsible_id)
    with play.runtime.reading() as session:
        return list(session.scalars(query.where(Person.login == login).order_by(Subject.external_id)))


def rows(play: Play, **chosen: str) -> list[dict[str, str]]:
    """The form's rows with the colleague chosen for some, by name."""
    return [{"to": chosen[name]} if name in chosen else {} for name in names(play)]


def news(play: Play, login: str) -> list[dict[str, Any]]:
    """What they were told that they look after now."""
    query = sa.select(News.params).join(Notice, Notice.news_id == News.id).where(News.kind == EventKind.SUBJECTS_GIVEN)
    with play.runtime.reading() as session:
        return list(session.scalars(query.where(Notice.person_id == play.cast.people[login]).order_by(News.id)))


def moved(play: Play) -> list[dict[str, Any]]:
    """What the ticket says of who looks after whom."""
    of_ticket = (TimelineEvent.ticket_id == play.ticket().id, TimelineEvent.kind == EventKind.SUBJECTS_MOVED)
    with play.runtime.reading() as session:
        return list(session.scalars(sa.select(TimelineEvent.params).where(*of_ticket).order_by(TimelineEvent.id)))


def names(play: Play) -> list[str]:
    """Whom the form lists."""
    return [row["who"].split(" · ")[0] for row in play.ticket().data["subjects"]]


def the_superior_hands_each_of_them_to_a_colleague(play: Play) -> None:
    hire(play, "wenwen")
    leave(play, "liutao")
    ticket, task = play.ticket(), play.task("Task_HandOver")
    assert (ticket.title, ticket.status) == ("刘涛 离职，名下业务对象交接", Status.IN_PROGRESS)
    assert (ticket.owner_id, task.assignee_id) == (play.cast.people["zhaomin"],) * 2
    assert names(play) == ["林小满", "陈一诺", "何雨桐"], "the soonest end first"
    play.pass_time(days=3, minutes=1)
    assert sorted(play.open_tasks()) == ["Task_Chase", "Task_HandOver"]
    play.complete("zhaomin", "Task_HandOver", subjects=rows(play, 林小满="wenwen", 陈一诺="zhaomin"))
    play.settle()
    assert (responsible(play, "wenwen"), responsible(play, "zhaomin")) == (["QH-S-1001"], ["QH-S-1002"])
    assert names(play) == ["何雨桐"], "what is left comes back"
    assert play.open_tasks() == ["Task_HandOver"], "and nobody chases what has been done"
    play.complete("zhaomin", "Task_HandOver", all_to="wenwen", subjects=rows(play))
    play.settle()
    assert responsible(play, "wenwen") == ["QH-S-1001", "QH-S-1004"]
    assert (play.ticket().status, play.passed()[-1]) == (Status.CLOSED, "EndEvent_Done")
    mine = play.cast.people["wenwen"]
    told = [{"count": "1", "names": ["林小满"]}, {"count": "1", "names": ["何雨桐"]}]
    assert [{each: params[each] for each in ("count", "names")} for params in news(play, "wenwen")] == told
    assert [params["names"] for params in moved(play) if params["to_id"] == mine] == [["林小满"], ["何雨桐"]]


def without_a_superior_it_waits_for_a_dispatcher(play: Play) -> None:
    leave(play, "huangyi")
    ticket = play.ticket()
    assert ticket.owner_id is None, "huangyi reports to nobody"
    assert ticket.dispatch_at is not None
    assert play.open_tasks() == ["Task_HandOver"]


def who_looks_after_nothing_leaves_nothing_to_do(play: Play) -> None:
    leave(play, "tangyan")
    assert (play.ticket().title, play.ticket().status) == ("唐燕 离职，名下业务对象交接", Status.CLOSED)
    assert play.passed()[-1] == "EndEvent_Nothing"


def after_three_days_the_superiors_superior_chases(play: Play) -> None:
    leave(play, "zhoulan")
    number = play.ticket().number
    play.pass_time(days=2)
    assert play.open_tasks(number) == ["Task_HandOver"]
    play.pass_time(days=1, minutes=1)
    assert play.task("Task_Chase", number).assignee_id == play.cast.people["chenxiao"]
    play.complete("chenxiao", "Task_Chase", number, chase_note="已打电话")
    assert play.open_tasks(number) == ["Task_HandOver"]
    play.complete("zhaomin", "Task_HandOver", number, all_to="zhaomin", subjects=rows(play))
    play.settle()
    assert play.ticket(number).status == Status.CLOSED


def a_departure_undone_calls_it_off_and_leaves_what_was_handed_over(play: Play) -> None:
    made = leave(play, "sunyue")
    number = play.ticket().number
    undo(play.runtime, play.cast.admin, made)
    play.settle()
    assert (play.ticket(number).status, play.passed(number)[-1]) == (Status.CLOSED, "EndEvent_Returned")
    assert responsible(play, "sunyue") == ["QH-C-415", "QH-S-2001", "QH-S-2002"]
    again = leave(play, "sunyue")
    assert play.ticket().status != Status.CLOSED, "what was said of the return before does not end this one"
    undo(play.runtime, play.cast.admin, again)
    play.settle()


def test_every_branch(play: Play) -> None:
    the_superior_hands_each_of_them_to_a_colleague(play)
    without_a_superior_it_waits_for_a_dispatcher(play)
    who_looks_after_nothing_leaves_nothing_to_do(play)
    after_three_days_the_superiors_superior_chases(play)
    a_departure_undone_calls_it_off_and_leaves_what_was_handed_over(play)
    assert elements("staff_departure") - passed(play) == set()


def test_only_what_is_still_the_leavers_changes_hands(play: Play) -> None:
    leave(play, "liutao")
    with play.writing() as session, session.begin():
        moved = sa.update(Subject).where(Subject.external_id == "QH-S-1001")
        session.execute(moved.values(responsible_id=play.cast.people["zhoulan"]))
    play.complete("zhaomin", "Task_HandOver", all_to="zhaomin", subjects=rows(play))
    play.settle()
    assert "QH-S-1001" in responsible(play, "zhoulan")
    assert responsible(play, "zhaomin") == ["QH-S-1002", "QH-S-1004"]
    with play.runtime.reading() as session:
        audited = session.scalars(sa.select(AuditEntry.what).where(AuditEntry.action == "subject.changed"))
        assert list(audited) == ["student QH-S-1002", "student QH-S-1004"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_of_another_brand_and_nobody_who_has_left_takes_over(play: Play) -> None:
    leave(play, "liutao")
    values = {"login": "liutao", "all_to": "", "subjects": [], "left": 3}
    for login in ("huangyi", "wufang", "nobody", "", None, 5):
        asked = {**values, "all_to": login}
        given = SERVICES["gongdan:hand-over-subjects"](play.runtime, play.cast.places["qinghe"], asked, None)
        assert given["left"] == 3
    assert len(responsible(play, "liutao")) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_can_not_take_subjects_from_somebody_who_is_there(play: Play) -> None:
    asked = {"login": "liutao", "all_to": "zhaomin", "subjects": []}
    given = SERVICES["gongdan:hand-over-subjects"](play.runtime, play.cast.places["qinghe"], asked, None)
    assert (given["left"], len(responsible(play, "liutao"))) == (0, 3)


def test_uploads_know_what_is_connected() -> None:
    assert SERVICES.keys() == CONNECTED
