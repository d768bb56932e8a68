"""The recount: a history that was played differs in nothing, and whatever is damaged in it is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import Base, new_public_id
from engine.models import (
    ElementVisit,
    InstanceStatus,
    Job,
    JobStatus,
    MessageSubscription,
    ProcessInstance,
    StepInput,
    TaskStatus,
    Timer,
    UserTask,
)
from tests.engine.build import both, boundary, catch, chain, end, message, script, service, start, timer
from tests.tickets.play import Play, staff, text
from tickets import work
from tickets.deadlines import Deadline
from tickets.life import ending, pausing, reopening
from tickets.messages import send
from tickets.recount.found import Check, Difference
from tickets.recount.walk import differences
from tickets.service.tables import ServiceClock
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.urging import urge

ERRAND = (
    start(camunda__formRef="ask"),
    staff("sort", camunda__formRef="tell"),
    script("note", "who = requester['login']\nabove = superior_of(requester)\nmuch = len(about) > 3"),
    both("fork"),
    staff("work"),
    boundary("late", "work", timer("after", "PT4H"), interrupting=False),
    staff("remind"),
    catch("answer", message()),
    service("inform"),
    both("join"),
    end(),
    end("reminded"),
    chain("begin", "sort", "note", "fork", "work", "join", "done"),
    chain("fork", "answer", "join"),
    chain("fork", "inform", "join"),
    chain("late", "remind", "reminded"),
)
"""Everything that may be waited for at once, and a script that asks about people."""
FORMS = {"ask": [text("about")], "tell": [text("found")]}


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def filed(play: Play) -> str:
    """Taken on by lina, sorted, and waiting for everything."""
    play.define(*ERRAND, forms=FORMS, **{"sla.resolution": "P2D"})
    number = play.file("zhoulan", about="课程表")
    play.complete("lina", "sort", number, found="旧的")
    play.claim("lina", "work", number)
    return number


def found(play: Play, number: str) -> list[Difference]:
    """What differs in that ticket, the newest."""
    return list(differences(play.runtime, after=play.ticket(number).id - 1))


def test_a_ticket_that_waits_for_everything_differs_in_nothing(play: Play) -> None:
    number = filed(play)
    assert play.open_tasks(number) == ["work"]
    assert found(play, number) == []


def test_a_ticket_that_went_all_its_way_differs_in_nothing(play: Play) -> None:
    number = filed(play)
    urge(play.runtime, play.cast.zhoulan, number, "急")
    play.pass_time(hours=5)
    pausing.suspend(play.runtime, play.cast.lina, number, "等零件", play.cast.clock.now() + timedelta(days=1))
    assert found(play, number) == []
    play.pass_time(days=2)
    send(play.runtime, play.cast.admin, name="order", key=number, payload={"found": "新的"})
    play.complete("lina", "work", number)
    play.complete("lina", "remind", number)
    play.settle()
    assert play.ticket(number).status == Status.CLOSED
    assert found(play, number) == []
    reopening.reopen(play.runtime, play.cast.lina, number, "还没好")
    assert found(play, number) == []
    ending.close(play.runtime, play.cast.lina, number, "够了")
    assert found(play, number) == []


def test_people_who_change_afterwards_change_no_history(play: Play) -> None:
    number = filed(play)
    with play.writing() as session, session.begin():
        session.execute(sa.text("UPDATE person SET superior_id = NULL, name = '周兰' WHERE login = 'zhoulan'"))
    assert found(play, number) == []


Damage = Callable[[Session, Ticket], Any]


def _of(model: Any, *criteria: Any) -> Callable[[Ticket], list[Any]]:
    """The criteria by which rows are the ticket's."""

    def mine(ticket: Ticket) -> list[Any]:
        whose = model.instance_id == ticket.instance_id if hasattr(model, "instance_id") else None
        if model is ProcessInstance:
            whose = model.id == ticket.instance_id
        elif model is Ticket:
            whose = model.id == ticket.id
        elif whose is None:
            whose = model.ticket_id == ticket.id
        return [whose, *criteria]

    return mine


def gone(model: Any, *criteria: Any) -> Damage:
    mine = _of(model, *criteria)
    return lambda session, ticket: session.execute(sa.delete(model).where(*mine(ticket)))


def changed(model: Any, *criteria: Any, **values: Any) -> Damage:
    mine = _of(model, *criteria)
    return lambda session, ticket: session.execute(sa.update(model).where(*mine(ticket)).values(values))


def doubled(model: type[Base], *criteria: Any, **other: Any) -> Damage:
    """The first such row once more, but for its id."""
    mine, table = _of(model, *criteria), model.__table__

    def damage(session: Session, ticket: Ticket) -> None:
        row = session.execute(sa.select(table).where(*mine(ticket)).limit(1)).mappings().one()
        values = {name: value for name, value in row.items() if name != "id"} | other
        if "public_id" in values:
            values["public_id"] = new_public_id()
        session.execute(sa.insert(model).values(values))

    return damage


def job(**values: Any) -> Damage:
    """Its service task's job is another, or gone without any values."""

    def damage(session: Session, ticket: Ticket) -> None:
        mine = Job.key.startswith(f"service:{ticket.instance_id}:")
        session.execute(sa.update(Job).where(mine).values(values) if values else sa.delete(Job).where(mine))

    return damage


def state_of_its_beginning(session: Session, ticket: Ticket) -> None:
    """The state is that of a ticket which was only filed."""
    fresh = session.scalars(
        sa.select(ProcessInstance.state).where(ProcessInstance.revision == 1).order_by(ProcessInstance.id.desc())
    ).first()
    session.execute(sa.update(ProcessInstance).where(ProcessInstance.id == ticket.instance_id).values(state=fresh))


OPEN, LATER = UserTask.status == TaskStatus.OPEN, sa.text("'2031-01-01 00:00:00+00:00'")
DAMAGES: dict[str, tuple[Damage, Check]] = {
    "an open task is lost": (gone(UserTask, OPEN), Check.TASKS),
    "an open task is there twice": (doubled(UserTask, OPEN), Check.TASKS),
    "a task is open that is done": (
        changed(UserTask, UserTask.element == "sort", status=TaskStatus.OPEN, closed_at=None),
        Check.TASKS,
    ),
    "a task is done that is open": (changed(UserTask, OPEN, status=TaskStatus.COMPLETED), Check.TASKS),
    "a task waits in nobody's queue": (changed(UserTask, OPEN, queue_key=None), Check.QUEUES),
    "a timer is lost": (gone(Timer), Check.TIMERS),
    "a timer is set twice": (doubled(Timer), Check.TIMERS),
    "a timer is set for a process that does not wait": (doubled(Timer, ref="99"), Check.TIMERS),
    "a timer is due at another time": (
        lambda session, ticket: session.execute(
            sa.update(Timer).where(Timer.instance_id == ticket.instance_id).values(due_at=ticket.created_at)
        ),
        Check.TIMERS,
    ),
    "an awaited message is lost": (gone(MessageSubscription), Check.EVENTS),
    "an awaited message is there twice": (doubled(MessageSubscription), Check.EVENTS),
    "a message is awaited by another key": (changed(MessageSubscription, key="CR-1"), Check.EVENTS),
    "a job is lost": (job(), Check.JOBS),
    "a job is done without an answer": (job(status=JobStatus.DONE), Check.JOBS),
    "a step is not written down": (gone(StepInput, StepInput.revision == 1), Check.STEPS),
    "what drove a step is other": (
        changed(StepInput, StepInput.revision == 1, payload={"data": {"about": "别的课程"}, "start": "begin"}),
        Check.REPLAY,
    ),
    "a revision is ahead": (changed(ProcessInstance, revision=ProcessInstance.revision + 1), Check.STEPS),
    "the state is an old one": (state_of_its_beginning, Check.REPLAY),
    "the process is marked as ended": (changed(ProcessInstance, status=InstanceStatus.COMPLETED), Check.ENDING),
    "the process is marked as stopped": (changed(ProcessInstance, status=InstanceStatus.INCIDENT), Check.INCIDENTS),
    "a visit is lost": (gone(ElementVisit, ElementVisit.element == "sort"), Check.VISITS),
    "a visit is there twice": (doubled(ElementVisit), Check.VISITS),
    "the data are other": (changed(Ticket, data={"about": "别的"}), Check.DATA),
    "the ticket is closed": (changed(Ticket, status=Status.CLOSED), Check.STATUS),
    "the ticket has another owner": (changed(Ticket, owner_id=Ticket.requester_id), Check.OWNER),
    "an urge is counted that nobody pressed": (changed(Ticket, urges=1), Check.COUNTS),
    "the timeline tells twice of a completion": (
        doubled(TimelineEvent, TimelineEvent.kind == EventKind.COMPLETED),
        Check.COUNTS,
    ),
    "the timeline lacks the filing": (gone(TimelineEvent, TimelineEvent.kind == EventKind.FILED), Check.COUNTS),
    "the ticket is due at another time": (changed(Ticket, due_at=Ticket.created_at), Check.CLOCKS),
    "a clock is due at another time": (changed(ServiceClock, due_at=ServiceClock.started_at), Check.CLOCKS),
    "a clock's deadline is lost": (gone(Deadline), Check.DEADLINES),
}


@pytest.fixture
def fresh(play: Play) -> None:
    """Somebody else's ticket stands at its beginning."""
    play.define(*ERRAND, forms=FORMS, **{"sla.resolution": "P2D"})
    play.file("zhoulan", about="新的")


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found_and_named(play: Play, fresh: None, what: str) -> None:
    number = filed(play)
    damage, check = DAMAGES[what]
    with play.writing() as session, session.begin():
        damage(session, play.ticket(number))
    told = found(play, number)
    assert check in {one.check for one in told}, [str(one.said) for one in told]
    assert all(one.ticket == number and "%(" not in str(one.said) for one in told)


def test_a_failed_job_waits_for_who_looks_after_jobs(play: Play) -> None:
    number = filed(play)
    with play.writing() as session, session.begin():
        job(status=JobStatus.FAILED)(session, play.ticket(number))
    assert found(play, number) == []
    work.drain(play.runtime)
    assert found(play, number) == []
