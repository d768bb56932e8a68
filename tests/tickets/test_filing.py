"""Filing: what is checked, who may, what a new ticket begins with, and that a failed start leaves nothing."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import ElementVisit, ProcessInstance, StepInput, UserTask
from forms import parse_json
from tests.engine.build import boundary, chain, end, flow, script, start, timer
from tests.tickets.play import Play, files, staff, text
from tickets.errors import Forbidden, FormInvalid, Invalid, NotFound
from tickets.files import StoredFile, store_upload
from tickets.filing import file_ticket
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent
from tickets.types import TicketType


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


ASKED = start(camunda__formRef="ask")
WORKED = (staff("look"), end(), chain("begin", "look", "done"))
MODEL = text("model", validate={"required": True})


def subject(play: Play, external_id: str) -> Subject:
    with play.runtime.reading() as session:
        found = session.scalar(sa.select(Subject).where(Subject.external_id == external_id))
    if found is None:
        play.cast.add_subjects()
        return subject(play, external_id)
    return found


def test_what_was_answered_is_the_ticket_s_data(play: Play) -> None:
    play.define(ASKED, *WORKED, forms={"ask": [MODEL, text("version")]})
    number = play.file("zhoulan", model="P40")
    ticket = play.ticket(number)
    assert ticket.data == {"model": "P40", "version": ""}
    assert (ticket.requester_id, ticket.filed_by_id) == (play.cast.people["zhoulan"],) * 2
    assert ticket.place_id == play.cast.places["sz-nanshan"]
    assert ticket.brand_id == play.cast.places["qinghe"]
    assert play.told(number) == ["filed+"]


def test_wrong_or_surplus_values_are_named_field_by_field(play: Play) -> None:
    play.define(ASKED, *WORKED, forms={"ask": [MODEL]})
    before = play.tickets()
    wrong_ones: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["model"]),
        ({"model": 5, "colour": "red"}, ["model", "colour"]),
    ]
    for values, wrong in wrong_ones:
        with pytest.raises(FormInvalid) as refused:
            play.file("zhoulan", **values)
        assert list(refused.value.submission.errors) == wrong
    assert play.tickets() == before


def test_a_type_without_a_form_is_filed_with_nothing(play: Play) -> None:
    play.define(start(), *WORKED)
    play.file("zhoulan")
    assert play.ticket().data == {}
    with pytest.raises(FormInvalid):
        play.file("zhoulan", anything="x")


def test_a_type_that_is_not_there_switched_off_or_another_brand_s_is_not_found(play: Play) -> None:
    play.define(start(), *WORKED, key="hidden")
    play.upload(files(start(), *WORKED, key="theirs"), brand_id=play.cast.places["kapok"])
    with play.writing() as session, session.begin():
        session.execute(sa.update(TicketType).where(TicketType.key == "hidden").values(active=False))
    for key in ("nothing", "hidden", "theirs", "", "x" * 1000, "a\x00b"):
        with pytest.raises(NotFound):
            play.file("zhoulan", key)
    assert play.file("huangyi", "theirs")


def test_only_the_roles_that_the_type_names_file_it(play: Play) -> None:
    play.define(start(), *WORKED, key="inside", start__roles="support, consultant")
    assert play.file("lina", "inside")
    assert play.file("liutao", "inside")
    with pytest.raises(Forbidden):
        play.file("zhoulan", "inside")


def test_the_title_is_worked_out_from_the_answers_the_requester_and_the_subject(play: Play) -> None:
    play.define(
        ASKED,
        *WORKED,
        forms={"ask": [MODEL]},
        title="${model} for ${requester.name} at ${requester.place}, ${subject.name}",
    )
    student = subject(play, "QH-S-1001")
    number = play.file("liutao", subject_id=student.public_id, model=" P40\u3000Pro ")
    assert play.ticket(number).title == "P40 Pro for 刘涛 at 深圳南山校区, 林小满"
    assert play.ticket(number).subject_id == student.id


def test_without_a_title_or_with_an_empty_one_the_type_s_name_serves(play: Play) -> None:
    for title in ({}, {"title": "${model}"}):
        play.define(ASKED, *WORKED, forms={"ask": [text("model")]}, **title)
        assert play.ticket(play.file("zhoulan", model="")).title == "errand"


def test_a_long_title_is_cut_and_a_given_one_is_refused(play: Play) -> None:
    play.define(ASKED, *WORKED, forms={"ask": [text("model")]}, title="${model}")
    assert len(play.ticket(play.file("zhoulan", model="长" * 900)).title) == 200
    answer = play.answer({"model": "P40"})
    for title in ("长" * 201, "a\x00b", "a\u202eb"):
        with pytest.raises(Invalid):
            file_ticket(play.runtime, play.cast.zhoulan, type_key="errand", answer=answer, title=title)
    given = file_ticket(play.runtime, play.cast.zhoulan, type_key="errand", answer=answer, title="  My \n own  ")
    assert play.ticket(given).title == "My own"


def test_a_subject_that_is_not_theirs_to_see_is_not_found(play: Play) -> None:
    play.define(start(), *WORKED)
    before = play.tickets()
    for login, external_id in (("liutao", "MM-S-0001"), ("liutao", "QH-S-2001"), ("zhoulan", "QH-S-1001")):
        with pytest.raises(NotFound, match="This subject"):
            play.file(login, subject_id=subject(play, external_id).public_id)
    assert play.tickets() == before


def test_a_type_names_a_person_as_owner_or_a_role_that_is_offered_it(play: Play) -> None:
    play.define(start(), *WORKED, key="mine", owner="${responsible()}")
    number = play.file("chenxiao", "mine", subject_id=subject(play, "QH-S-1001").public_id)
    owned = play.ticket(number)
    assert (owned.owner_id, owned.accepted_at, owned.status) == (
        play.cast.people["liutao"],
        play.cast.clock.now(),
        "in_progress",
    )
    play.define(start(), *WORKED, key="ours", owner="${role('support')}")
    offered = play.ticket(play.file("zhoulan", "ours"))
    assert (offered.owner_id, offered.accepted_at, offered.status) == (None, None, "offered")


def test_the_superior_owns_what_a_departed_person_would(play: Play) -> None:
    play.define(start(), *WORKED, owner="${responsible()}")
    number = play.file("chenxiao", subject_id=subject(play, "QH-S-1003").public_id)
    assert play.ticket(number).owner_id == play.cast.people["zhaomin"]


def test_a_ticket_that_nobody_can_be_offered_waits_unassigned(play: Play) -> None:
    play.define(start(), staff("look", to="nobody_holds_this"), end(), chain("begin", "look", "done"))
    number = play.file("zhoulan")
    assert play.ticket(number).status == "unassigned"
    assert (play.task("look", number).queue_key, play.task("look", number).assignee_id) == (None, None)


def test_a_ticket_is_due_by_its_type_s_service_level_and_its_tasks_too(play: Play) -> None:
    play.define(start(), *WORKED, sla__resolution="PT4H")
    number = play.file("zhoulan")
    due = play.ticket(number).due
    assert due is not None
    assert (due - play.cast.clock.now()).total_seconds() == 4 * 3600
    assert play.task("look", number).due == due


def test_a_task_takes_its_own_due_date_priority_and_follow_up(play: Play) -> None:
    asks = {"camunda__dueDate": "P1D", "camunda__priority": "${urgency}", "camunda__followUpDate": "2026-12-01"}
    play.define(
        start(camunda__formRef="ask"),
        staff("look", **asks),
        end(),
        chain("begin", "look", "done"),
        forms={"ask": [{"type": "number", "key": "urgency", "label": "urgency"}]},
    )
    task = play.task("look", play.file("zhoulan", urgency=80))
    assert task.due is not None
    assert task.follow_up_at is not None
    assert (task.due - task.opened_at).days == 1
    assert (task.priority, task.follow_up_at.isoformat()) == (80, "2026-11-30T16:00:00+00:00")
    assert play.task("look", play.file("zhoulan", urgency=99999)).priority == 50


FAILS: dict[str, Any] = {
    "script": (start(), script("sum", "x = 1 / 0"), end(), chain("begin", "sum", "done")),
    "assignee": (start(), staff("sum", camunda__assignee="${1 / 0}"), end(), chain("begin", "sum", "done")),
    "due date": (start(), staff("sum", camunda__dueDate="someday"), end(), chain("begin", "sum", "done")),
    "gateway": (
        start(),
        '<exclusiveGateway id="sum" />',
        end(),
        chain("begin", "sum"),
        flow("sum", "done", when="1 > 2"),
    ),
    "timer": (
        start(),
        staff("sum"),
        boundary("late", "sum", timer("after", "${requester.name}")),
        end(),
        chain("begin", "sum", "done"),
    ),
}


@pytest.mark.parametrize("what", FAILS)
def test_a_type_that_fails_at_its_first_step_is_refused_and_nothing_is_written(play: Play, what: str) -> None:
    play.define(*FAILS[what], key="fails")
    tables = (Ticket, ProcessInstance, UserTask, ElementVisit, StepInput, TimelineEvent)
    before = [play.count(table) for table in tables]
    with pytest.raises(Invalid) as refused:
        play.file("zhoulan", "fails")
    assert ("late" if what == "timer" else "sum") in str(refused.value.message)
    assert [play.count(table) for table in tables] == before


@pytest.mark.parametrize("setting", ["title", "owner"])
def test_a_setting_that_fails_is_named(play: Play, setting: str) -> None:
    play.define(start(), *WORKED, key="fails", forms=None, **{setting: "${1 / 0}"})
    with pytest.raises(Invalid, match=setting):
        play.file("zhoulan", "fails")


def test_a_setting_of_one_expression_and_more_is_a_text(play: Play) -> None:
    play.define(ASKED, *WORKED, forms={"ask": [MODEL]}, title="${model}}")
    assert play.ticket(play.file("zhoulan", model="P40")).title == "P40}"


def test_a_process_that_ends_at_once_is_a_closed_ticket(play: Play) -> None:
    play.define(start(), script("sum", "x = 1 + 1"), end(), chain("begin", "sum", "done"))
    ticket = play.ticket(play.file("zhoulan"))
    assert (ticket.status, ticket.data, ticket.closed_at) == ("closed", {"x": 2}, play.cast.clock.now())
    assert play.instance(ticket.number).status == "completed"


def test_files_of_the_start_form_belong_to_the_ticket_and_its_requester_sees_them(play: Play) -> None:
    play.define(ASKED, *WORKED, forms={"ask": [{"type": "filepicker", "key": "photos", "multiple": True}]})
    kept = store_upload(play.runtime, play.cast.zhoulan, "a.txt", BytesIO(b"hello"))

    def answer(form: Any, before: Any) -> Any:
        known = {kept["id"]: kept}
        now = play.cast.clock.now()
        return parse_json(form, {"photos": [kept["id"]]}, now=now, values_before=before, known_files=known.get)

    number = file_ticket(play.runtime, play.cast.zhoulan, type_key="errand", answer=answer)
    with play.runtime.reading() as session:
        file = session.scalars(sa.select(StoredFile)).one()
    assert (file.ticket_id, file.public) == (play.ticket(number).id, True)


def test_those_without_the_permission_file_nothing(play: Play) -> None:
    play.define(start(), *WORKED)
    nobody = replace(play.cast.zhoulan, grants=())
    with pytest.raises(Forbidden):
        file_ticket(play.runtime, nobody, type_key="errand", answer=play.answer({}))
