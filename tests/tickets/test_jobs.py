"""Jobs of processes: a service task is answered once, whatever dies in between; old things are dropped at night."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.jobs import LEASE
from engine.models import Effect, Job, JobStatus, PendingMessage, StepInput
from tests.engine.build import boundary, chain, end, error, flow, service, start, timer
from tests.tickets.play import Play, staff
from tickets import work
from tickets.cause import Cause
from tickets.driving import drive
from tickets.errors import InstanceStuck
from tickets.incidents import retry
from tickets.messages import send


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


CALLS = (start(), service("call"), staff("look"), end(), chain("begin", "call", "look", "done"))


def job_of(play: Play, number: str) -> Job:
    key = f"service:{play.instance(number).id}:"
    with play.runtime.reading() as session:
        return session.scalars(sa.select(Job).where(Job.key.startswith(key))).one()


def test_a_service_task_is_answered_by_its_job(play: Play) -> None:
    play.define(*CALLS)
    number = play.file("zhoulan")
    assert (play.open_tasks(number), job_of(play, number).args["topic"]) == ([], "mail")
    work.drain(play.runtime)
    assert (play.open_tasks(number), job_of(play, number).status) == (["look"], JobStatus.DONE)
    assert play.visited(number) == ["begin", "call"]


@pytest.mark.parametrize("died", ["before it began", "after the answer was written"])
def test_a_worker_that_dies_does_no_harm(play: Play, died: str) -> None:
    play.define(*CALLS)
    number = play.file("zhoulan")
    if died == "after the answer was written":
        work.drain(play.runtime)
    lost = {"status": JobStatus.RUNNING, "attempts": 1, "locked_until": play.cast.clock.now() + LEASE}
    with play.writing() as session, session.begin():
        session.execute(sa.update(Job).where(Job.id == job_of(play, number).id).values(lost))
    work.drain(play.runtime)
    assert job_of(play, number).status == JobStatus.RUNNING
    play.cast.clock.advance(LEASE + timedelta(seconds=1))
    work.drain(play.runtime)
    assert (play.open_tasks(number), job_of(play, number).status) == (["look"], JobStatus.DONE)
    assert play.visited(number) == ["begin", "call"]
    assert play.count(StepInput, StepInput.instance_id == play.instance(number).id) == 2


def test_an_answer_that_comes_too_late_is_dropped(play: Play) -> None:
    play.define(
        start(),
        service("call"),
        boundary("late", "call", timer("after", "PT1H")),
        staff("look"),
        end(),
        chain("begin", "call", "done"),
        chain("late", "look", "done"),
    )
    number = play.file("zhoulan")
    play.pass_time(hours=1)
    work.drain(play.runtime)
    assert (play.open_tasks(number), job_of(play, number).status) == (["look"], JobStatus.DONE)
    assert play.visited(number).count("call") == 1


def fail(play: Play, number: str, code: str) -> None:
    """The job at the ticket's service task ends with a BPMN error, as a connector will say."""
    args = job_of(play, number).args
    given = {"ref": args["ref"], "code": code, "message": "no answer", "values": {"seen": 1}}
    drive(play.runtime, "fail", args["instance_id"], lambda _: given, cause=Cause(None, left=args["left"]))


def test_a_job_that_ends_with_an_error_goes_the_way_of_what_catches_it(play: Play) -> None:
    play.define(
        start(),
        service("call"),
        boundary("refused", "call", error("e_bad")),
        staff("look"),
        end(),
        chain("begin", "call", "done"),
        chain("refused", "look"),
    )
    number = play.file("zhoulan")
    fail(play, number, "bad")
    assert (play.open_tasks(number), play.ticket(number).data) == (["look"], {"seen": 1})
    assert play.told(number) == ["filed+", "error", "status+"]
    work.drain(play.runtime)
    assert play.open_tasks(number) == ["look"], "its own job comes too late"


def test_an_error_of_a_job_that_nobody_catches_is_an_incident_that_can_be_tried_again(play: Play) -> None:
    play.define(*CALLS)
    number = play.file("zhoulan")
    fail(play, number, "bad")
    (incident,) = play.incidents(number)
    assert (incident.kind, incident.element) == ("fail", "call")
    with pytest.raises(InstanceStuck):
        retry(play.runtime, play.cast.actor("admin"), incident.public_id)
    work.drain(play.runtime)
    assert (play.open_tasks(number), play.incidents(number)) == (["look"], [])


def test_a_service_task_in_a_loop_asks_each_time(play: Play) -> None:
    play.define(
        start(),
        '<exclusiveGateway id="open" />',
        service("call"),
        staff("look", camunda__formRef="look"),
        '<exclusiveGateway id="enough" default="enough-open" />',
        end(),
        chain("begin", "open", "call", "look", "enough", "open"),
        flow("enough", "done", when="more == 'no'"),
        forms={"look": [{"type": "textfield", "key": "more"}]},
    )
    number = play.file("zhoulan")
    for more in ("yes", "no"):
        work.drain(play.runtime)
        play.complete("lina", "look", number, more=more)
    assert (play.visited(number).count("call"), play.ticket(number).status) == (2, "closed")


def test_keeping_house_drops_what_is_old_and_leaves_the_rest(play: Play) -> None:
    for days, key in ((0, "house-old"), (5, "house-new")):
        play.cast.clock.advance(timedelta(days=days))
        send(play.runtime, play.cast.admin, name="nobody.waits", key=key, payload={})
    play.cast.clock.advance(timedelta(days=3))
    work.keep_house(play.runtime)
    with play.runtime.reading() as session:
        keys = session.scalars(sa.select(PendingMessage.key).where(PendingMessage.key.startswith("house-"))).all()
    assert keys == ["house-new"]


def test_a_machine_that_is_off_every_night_keeps_house_when_it_starts(play: Play) -> None:
    def kept() -> int:
        with play.runtime.reading() as session:
            keys = sa.select(Effect.key).where(Effect.key.startswith("house:"))
            return len(session.scalars(keys).all())

    play.cast.clock.advance(timedelta(days=2))
    before = kept()
    for days, more in ((0, 1), (0, 1), (2, 2)):
        play.cast.clock.advance(timedelta(days=days))
        work.keep_house_late(play.runtime)
        assert kept() == before + more
