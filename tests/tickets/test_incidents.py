"""Incidents: what a failed step leaves, and trying it again."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import Incident, StepInput, TaskStatus
from forms import Form, Submission, parse_json
from tests.engine.build import (
    ORDER,
    both,
    boundary,
    catch,
    chain,
    document,
    end,
    message,
    script,
    service,
    settings,
    start,
    sub,
    terminate,
    timer,
    times,
    whole,
)
from tests.tickets.play import Play, staff, text
from tickets import incidents, tasks, work
from tickets.audit import AuditEntry
from tickets.errors import Conflict, Forbidden, InstanceStuck, NotFound
from tickets.files import StoredFile, store_upload
from tickets.messages import send
from tickets.reading import ticket_page
from tickets.recount.walk import differences
from tickets.subjects import Subject

NEEDS_CLASSES = "n = int(subject['classes'])"
"""Fails until the subject says how many classes it has."""


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


LOOK = staff("look", camunda__formRef="look")


def student(play: Play, **attributes: Any) -> Subject:
    """林小满 with these attributes alone."""
    wanted = sa.select(Subject).where(Subject.external_id == "QH-S-1001")
    with play.runtime.reading() as session:
        known = session.scalar(wanted) is not None
    if not known:
        play.cast.add_subjects()
        play.settle()
    with play.writing() as session, session.begin():
        found = session.scalars(wanted).one()
        found.attributes = attributes
        return found


def stuck_ticket(play: Play, *, login: str = "lina") -> str:
    """A ticket whose first completion failed at the script after it."""
    sums = script("sum", NEEDS_CLASSES).replace('id="sum"', 'id="sum" name="Count the classes"')
    play.define(
        start(),
        LOOK,
        sums,
        staff("reply", camunda__assignee="${owner}"),
        end(),
        chain("begin", "look", "sum", "reply", "done"),
        forms={"look": [text("model", validate={"required": True})]},
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    with pytest.raises(InstanceStuck, match="Count the classes"):
        play.complete(login, "look", number, model="P40")
    return number


def retry(play: Play, number: str, login: str = "admin") -> str:
    return incidents.retry(play.runtime, play.cast.actor(login), play.incidents(number)[0].public_id)


def test_a_failed_completion_keeps_the_answer_and_writes_nothing_else(play: Play) -> None:
    number = stuck_ticket(play)
    task, instance = play.task("look", number), play.instance(number)
    assert (task.draft, task.draft_at, task.submitted) == ({"model": "P40"}, play.cast.clock.now(), None)
    assert (task.assignee_id, task.closed_at) == (None, None)
    assert (instance.status, instance.revision, play.ticket(number).data) == ("incident", 1, {})
    assert (play.visited(number), play.ticket(number).owner_id) == (["begin"], None)
    assert play.count(StepInput, StepInput.instance_id == instance.id) == 1
    assert play.told(number) == ["filed+", "incident"]
    event = play.events(number)[-1]
    assert (event.params["element"], event.actor_id) == ("Count the classes", play.cast.people["lina"])


def test_who_completed_it_finds_their_answer_in_the_form_again(play: Play) -> None:
    number = stuck_ticket(play)
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.lina, number, play.cast.clock.now())
        others = ticket_page(session, play.cast.zhangwei, number, play.cast.clock.now())
    assert page.current_task is not None
    assert page.current_task.draft == {"model": "P40"}
    assert [task.draft for task in others.tasks] == [None]


def test_the_same_failure_again_renews_its_one_incident(play: Play) -> None:
    number = stuck_ticket(play)
    before = play.incidents(number)[0]
    play.cast.clock.advance(timedelta(minutes=5))
    for _ in range(3):
        with pytest.raises(InstanceStuck):
            play.complete("lina", "look", number, model="P50")
    (after,) = play.incidents(number)
    assert (after.public_id, after.opened_at) == (before.public_id, play.cast.clock.now())
    assert after.payload["values"] == {"model": "P50"}
    assert play.task("look", number).draft == {"model": "P50"}
    assert play.told(number) == ["filed+", "incident"]


def test_a_retry_succeeds_once_the_cause_is_mended_as_if_nothing_had_failed(play: Play) -> None:
    number = stuck_ticket(play)
    student(play, classes="3")
    play.cast.clock.advance(timedelta(hours=1))
    assert retry(play, number) == number
    lina, admin, now = play.cast.people["lina"], play.cast.people["admin"], play.cast.clock.now()
    done = play.task("look", number, status=TaskStatus.COMPLETED)
    assert (done.assignee_id, done.closed_by_id, done.submitted, done.draft) == (lina, lina, {"model": "P40"}, None)
    assert play.ticket(number).data == {"model": "P40", "n": 3}
    assert (play.ticket(number).owner_id, play.task("reply", number).assignee_id) == (lina, lina)
    assert play.instance(number).status == "active"
    assert play.incidents(number) == []
    with play.runtime.reading() as session:
        resolved = session.scalars(sa.select(Incident).where(Incident.instance_id == play.instance(number).id)).one()
    assert (resolved.resolved_at, resolved.resolved_by_id) == (now, admin)
    assert play.told(number) == ["filed+", "incident", "retried", "accepted+", "completed", "status+"]
    assert [event.actor_id for event in play.events(number)[2:5]] == [admin, lina, lina]


def test_a_retry_that_fails_again_says_so_and_stays_open_as_the_first_one_s(play: Play) -> None:
    number = stuck_ticket(play)
    before = play.incidents(number)[0]
    with pytest.raises(InstanceStuck, match="Count the classes"):
        retry(play, number)
    (after,) = play.incidents(number)
    assert (after.public_id, after.actor_id) == (before.public_id, play.cast.people["lina"])
    assert play.told(number) == ["filed+", "incident"]


def test_what_they_answer_better_next_time_resolves_it_too(play: Play) -> None:
    play.define(
        start(),
        LOOK,
        script("sum", "n = 10 / count"),
        staff("more"),
        end(),
        chain("begin", "look", "sum", "more", "done"),
        forms={"look": [{"type": "number", "key": "count"}]},
    )
    number = play.file("zhoulan")
    with pytest.raises(InstanceStuck):
        play.complete("lina", "look", number, count=0)
    play.complete("lina", "look", number, count=5)
    assert (play.incidents(number), play.instance(number).status) == ([], "active")
    assert play.ticket(number).data == {"count": 5, "n": 2.0}


def test_only_those_who_look_after_processes_try_again(play: Play) -> None:
    number = stuck_ticket(play)
    for login, error in (("lina", Forbidden), ("chenxiao", Forbidden), ("sunyue", NotFound), ("huangyi", NotFound)):
        with pytest.raises(error):
            retry(play, number, login)
    with pytest.raises(NotFound):
        incidents.retry(play.runtime, play.cast.admin, uuid.uuid4())
    with play.runtime.reading() as session:
        for login, allowed in (("zhangwei", True), ("lina", False)):
            page = ticket_page(session, play.cast.actor(login), number, play.cast.clock.now())
            assert [incident.may_retry for incident in page.incidents] == [allowed]
    student(play, classes="3")
    assert retry(play, number, "zhangwei") == number


def test_a_resolved_incident_is_not_tried_again(play: Play) -> None:
    number = stuck_ticket(play)
    incident_id = play.incidents(number)[0].public_id
    student(play, classes="3")
    retry(play, number)
    with pytest.raises(Conflict, match="resolved before"):
        incidents.retry(play.runtime, play.cast.admin, incident_id)


def test_trying_again_and_setting_aside_are_in_the_audit_log_once(play: Play) -> None:
    tried, aside = stuck_ticket(play), stuck_ticket(play)
    incident_id = play.incidents(aside)[0].public_id
    incidents.dismiss(play.runtime, play.cast.admin, incident_id)
    with pytest.raises(Conflict, match="set aside before"):
        incidents.dismiss(play.runtime, play.cast.admin, incident_id)
    student(play, classes="3")
    retry(play, tried)
    with play.runtime.reading() as session:
        entries = sa.select(AuditEntry.action).where(
            AuditEntry.what.in_([f"{one} Count the classes" for one in (aside, tried)])
        )
        found = session.scalars(entries.order_by(AuditEntry.id)).all()
    assert found == ["incident.dismissed", "incident.retried"]


def two_branches(play: Play) -> str:
    """Two tasks side by side, each with a script after it that needs the subject."""
    play.define(
        start(),
        both("fork"),
        staff("one"),
        script("first", NEEDS_CLASSES),
        staff("two"),
        script("second", NEEDS_CLASSES),
        both("join"),
        staff("last"),
        end(),
        chain("begin", "fork", "one", "first", "join", "last", "done"),
        chain("fork", "two", "second", "join"),
    )
    return play.file("chenxiao", subject_id=student(play).public_id)


def test_an_instance_stays_marked_until_its_last_incident_is_overcome(play: Play) -> None:
    number = two_branches(play)
    for element in ("one", "two"):
        with pytest.raises(InstanceStuck):
            play.complete("lina", element, number)
    assert len(play.incidents(number)) == 2
    student(play, classes="3")
    retry(play, number)
    assert (len(play.incidents(number)), play.instance(number).status) == (1, "incident")
    retry(play, number)
    assert (play.incidents(number), play.instance(number).status) == ([], "active")
    assert play.open_tasks(number) == ["last"]


def test_a_step_elsewhere_in_the_instance_leaves_the_mark(play: Play) -> None:
    number = two_branches(play)
    with pytest.raises(InstanceStuck):
        play.complete("lina", "one", number)
    student(play, classes="3")
    play.complete("lina", "two", number)
    assert (len(play.incidents(number)), play.instance(number).status) == (1, "incident")
    play.complete("lina", "one", number)
    assert (play.incidents(number), play.instance(number).status) == ([], "active")
    play.complete("lina", "last", number)
    assert play.instance(number).status == "completed"


def test_an_end_that_takes_the_failed_branch_along_resolves_its_incident(play: Play) -> None:
    play.define(
        start(),
        both("fork"),
        staff("one"),
        script("first", NEEDS_CLASSES),
        staff("stop"),
        end(),
        end("all_over", terminate()),
        chain("begin", "fork", "one", "first", "done"),
        chain("fork", "stop", "all_over"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    with pytest.raises(InstanceStuck):
        play.complete("lina", "one", number)
    incident_id = play.incidents(number)[0].public_id
    play.complete("lina", "stop", number)
    assert (play.incidents(number), play.instance(number).status) == ([], "completed")
    with pytest.raises(Conflict):
        incidents.retry(play.runtime, play.cast.admin, incident_id)


def test_a_task_taken_back_resolves_its_incident(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("late", "look", timer("after", "PT1H")),
        script("sum", NEEDS_CLASSES),
        staff("more"),
        end(),
        chain("begin", "look", "sum", "done"),
        chain("late", "more", "done"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    with pytest.raises(InstanceStuck):
        play.complete("lina", "look", number)
    play.pass_time(hours=1)
    assert (play.incidents(number), play.instance(number).status) == ([], "active")


def test_a_failing_timer_is_an_incident_and_fires_no_more_until_it_is_tried_again(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("late", "look", timer("after", "PT1H"), interrupting=False),
        script("sum", NEEDS_CLASSES),
        staff("chase"),
        end(),
        chain("begin", "look", "done"),
        chain("late", "sum", "chase"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    for _ in range(3):
        play.pass_time(hours=1)
    (incident,) = play.incidents(number)
    assert (incident.kind, incident.element, incident.actor_id) == ("timer", "sum", None)
    assert (play.timers(number), play.open_tasks(number)) == ([], ["look"])
    student(play, classes="3")
    retry(play, number)
    assert sorted(play.open_tasks(number)) == ["chase", "look"]
    assert play.told(number)[-3:] == ["incident", "retried", "timer"]
    assert play.instance(number).status == "active"


STOPPED_TIMER = (
    start(),
    staff("look"),
    boundary("late", "look", timer("after", "PT1H"), interrupting=False),
    script("sum", NEEDS_CLASSES),
    staff("chase"),
    end(),
    chain("begin", "look", "done"),
    chain("late", "sum", "chase"),
)
STOPPED_JOB = (
    start(),
    service("call"),
    script("sum", NEEDS_CLASSES),
    staff("chase"),
    end(),
    chain("begin", "call", "sum", "chase", "done"),
)


@pytest.mark.parametrize("parts", [STOPPED_TIMER, STOPPED_JOB], ids=["timer", "job"])
def test_what_was_set_aside_still_counts_as_waited_for_and_can_be_tried_again(play: Play, parts: Any) -> None:
    play.define(*parts)
    number = play.file("chenxiao", subject_id=student(play).public_id)
    work.drain(play.runtime)
    play.pass_time(hours=1)
    (incident,) = play.incidents(number)
    incidents.dismiss(play.runtime, play.cast.admin, incident.public_id)
    assert play.incidents(number) == []
    assert not list(differences(play.runtime, after=play.ticket(number).id - 1))
    with pytest.raises(InstanceStuck):
        incidents.retry(play.runtime, play.cast.admin, incident.public_id)
    assert [one.public_id for one in play.incidents(number)] == [incident.public_id]
    incidents.dismiss(play.runtime, play.cast.admin, incident.public_id)
    student(play, classes="3")
    incidents.retry(play.runtime, play.cast.admin, incident.public_id)
    assert ("chase" in play.open_tasks(number), play.instance(number).status) == (True, "active")
    assert play.count(Incident, Incident.instance_id == play.instance(number).id, Incident.resolved_at.is_(None)) == 0
    assert not list(differences(play.runtime, after=play.ticket(number).id - 1))


def test_what_was_set_aside_is_over_when_the_process_moves_past_it(play: Play) -> None:
    number = two_branches(play)
    with pytest.raises(InstanceStuck):
        play.complete("lina", "one", number)
    incidents.dismiss(play.runtime, play.cast.admin, play.incidents(number)[0].public_id)
    student(play, classes="3")
    play.complete("lina", "one", number)
    assert play.count(Incident, Incident.instance_id == play.instance(number).id, Incident.resolved_at.is_(None)) == 0


def test_a_failing_timer_of_an_event_gateway_leaves_the_other_one_set(play: Play) -> None:
    play.define(
        start(),
        '<eventBasedGateway id="either" />',
        catch("soon", timer("after", "PT1H")),
        script("sum", NEEDS_CLASSES),
        catch("later", timer("after", "PT5H")),
        staff("look"),
        end(),
        chain("begin", "either", "soon", "sum", "done"),
        chain("either", "later", "look", "done"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    play.pass_time(hours=1)
    assert (len(play.incidents(number)), play.timers(number)) == (1, ["later"])
    play.pass_time(hours=4)
    assert (play.open_tasks(number), play.incidents(number)) == (["look"], [])


def waits_for_an_order(play: Play, key: str) -> str:
    parts = (start(), catch("wait", message()), script("sum", NEEDS_CLASSES), staff("look"), end())
    process = whole(*parts, chain("begin", "wait", "sum", "look", "done"), process=key)
    play.upload({"a.bpmn": document(process, declarations=ORDER)})
    return play.file("chenxiao", key, subject_id=student(play).public_id)


def test_a_failing_message_is_an_incident_that_keeps_its_payload(play: Play) -> None:
    number = waits_for_an_order(play, "failing_message")
    sent = send(play.runtime, play.cast.admin, name="order", key=number, payload={"amount": 5})
    assert sent.number == number
    (incident,) = play.incidents(number)
    assert (incident.kind, incident.payload["payload"]) == ("message", {"amount": 5})
    student(play, classes="3")
    retry(play, number)
    assert (play.open_tasks(number), play.ticket(number).data) == (["look"], {"amount": 5, "n": 3})


def test_a_failing_service_task_is_an_incident(play: Play) -> None:
    play.define(
        start(),
        service("call"),
        script("sum", NEEDS_CLASSES),
        staff("look"),
        end(),
        chain("begin", "call", "sum", "look", "done"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    work.drain(play.runtime)
    assert [incident.kind for incident in play.incidents(number)] == ["job"]
    student(play, classes="3")
    retry(play, number)
    assert (play.open_tasks(number), play.incidents(number)) == (["look"], [])


def test_files_of_the_failed_answer_are_attached_when_it_succeeds(play: Play) -> None:
    play.define(
        start(),
        staff("look", settings(visible="true"), camunda__formRef="look"),
        script("sum", NEEDS_CLASSES),
        end(),
        chain("begin", "look", "sum", "done"),
        forms={"look": [{"type": "filepicker", "key": "photos"}]},
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    kept = store_upload(play.runtime, play.cast.lina, "a.txt", BytesIO(b"hello"))

    def answer(form: Form, before: Any) -> Submission:
        known = {kept["id"]: kept}
        now = play.cast.clock.now()
        return parse_json(form, {"photos": [kept["id"]]}, now=now, values_before=before, known_files=known.get)

    with pytest.raises(InstanceStuck):
        tasks.complete(play.runtime, play.cast.lina, play.task("look", number).public_id, answer)
    student(play, classes="3")
    retry(play, number)
    with play.runtime.reading() as session:
        file = session.scalars(sa.select(StoredFile).where(StoredFile.public_id == uuid.UUID(kept["id"]))).one()
    assert (file.ticket_id, file.public) == (play.ticket(number).id, True)


def test_an_assignee_that_can_t_be_worked_out_stops_the_step_before_it(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        staff("call", camunda__assignee="${subject.attributes_that_are_not_there.login}", camunda__dueDate="${1 / 0}"),
        end(),
        chain("begin", "look", "call", "done"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    with pytest.raises(InstanceStuck, match="call"):
        play.complete("lina", "look", number)
    assert (play.open_tasks(number), play.visited(number)) == (["look"], ["begin"])


RUNAWAYS = {
    "endless loop": "for i in range(10 ** 9):\n    x = i",
    "too much memory": "x = 'a' * 10 ** 9",
    "not a text": "x = '\\x00'",
    "not a number": "x = 10.0 ** 400",
    "much too large a number": "x = 10 ** 4000",
}


@pytest.mark.parametrize("what", RUNAWAYS)
def test_a_script_that_runs_away_stops_the_ticket_and_nothing_else(play: Play, what: str) -> None:
    play.define(start(), staff("look"), script("sum", RUNAWAYS[what]), end(), chain("begin", "look", "sum", "done"))
    number = play.file("zhoulan")
    with pytest.raises(InstanceStuck):
        play.complete("lina", "look", number)
    assert [incident.element for incident in play.incidents(number)] == ["sum"]


def test_an_incident_of_another_ticket_does_not_hold_this_one(play: Play) -> None:
    first = stuck_ticket(play)
    second = play.file("chenxiao", subject_id=student(play, classes="2").public_id)
    play.complete("lina", "look", second, model="P50")
    assert (play.instance(first).status, play.instance(second).status) == ("incident", "active")


def test_the_items_of_a_repetition_fail_each_for_itself(play: Play) -> None:
    play.define(
        start(),
        sub("room", staff("check"), script("sum", NEEDS_CLASSES), chain("check", "sum"), loop=times("2")),
        staff("last"),
        end(),
        chain("begin", "room", "last", "done"),
    )
    number = play.file("chenxiao", subject_id=student(play).public_id)
    for task in play.all_open("check", number):
        with pytest.raises(InstanceStuck):
            tasks.complete(play.runtime, play.cast.lina, task.public_id, play.answer({}))
    assert len(play.incidents(number)) == 2
    student(play, classes="1")
    for _ in range(2):
        retry(play, number)
    assert (play.open_tasks(number), play.incidents(number)) == (["last"], [])
