"""The demo that `gongdan run --demo` shows: who is there, and that every story it tells has really happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.clock import ManualClock
from engine.database import create_engine
from engine.models import Incident, Job, JobStatus, TaskStatus, UserTask
from tests.databases import Databases, Kind
from tests.tickets.play import SHIPPED
from tickets.access import load_actor
from tickets.assigning.queue import dispatch_queue
from tickets.demo import PEOPLE
from tickets.demo.crowd import BRANDS, crowd
from tickets.demo.followed import INTRODUCED
from tickets.demo.lived import live
from tickets.demo.organisation import ALL_PEOPLE, ALL_PLACES
from tickets.demo.past import HOME
from tickets.demo.pictures import NAMES, PAINTERS, drawn
from tickets.demo.standards_work import KICKOFF
from tickets.demo.stories import STORIES
from tickets.demo.story import Story
from tickets.demo.subjects import CLASSES, COURSES, STUDENTS, all_subjects
from tickets.demo.texts.crashes import COMPUTERS, TABLETS_ONLY
from tickets.demo.threads import THREADS
from tickets.demo.wide import load_all_subjects, load_people
from tickets.deploying import deploy, may_publish
from tickets.family.models import TicketTag
from tickets.files import StoredFile
from tickets.life.models import TicketRating
from tickets.people import Person
from tickets.places import PlaceKind
from tickets.runtime import Runtime
from tickets.saved_views import SavedView
from tickets.service import holidays
from tickets.service.working import Calendars
from tickets.standards.tables import CheckedStep, Occurrence, Standard, StepRecord, Trigger, Waiver, WaiverState
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.types import TicketType
from tickets.uploads.reading import read_here
from web import recounting

NOW = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def runtime(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The demo with a small part of its many tickets, lived through once for all tests here."""
    url = databases.create(Kind.SQLITE)
    engine = create_engine(url)
    files_folder, clock = tmp_path_factory.mktemp("files"), ManualClock(NOW)
    made = Runtime(engine, files_folder, clock, calendars=Calendars(engine), reader=read_here)
    holidays.seed(made)
    assert load_people(made)
    for folder in sorted(path for path in SHIPPED.iterdir() if (path / f"{path.name}.bpmn").exists()):
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        assert deploy(made, None, files).report.accepted, folder
    load_all_subjects(made)
    history = live(made, share=0.06)
    assert len(history.numbers) >= len(STORIES) + len(THREADS)
    assert not history.left_out
    yield made
    made.database.dispose()
    databases.drop(url)


def count(runtime: Runtime, table: type, *where: sa.ColumnElement[bool]) -> int:
    with runtime.reading() as session:
        return session.scalars(sa.select(sa.func.count()).select_from(table).where(*where)).one()


def test_the_organisation_is_as_large_as_a_group_is() -> None:
    assert sum(place.kind is PlaceKind.BRAND for place in ALL_PLACES) == 3
    assert sum(place.kind is PlaceKind.CAMPUS for place in ALL_PLACES) == 24
    assert len({person.login for person in ALL_PEOPLE}) == len(ALL_PEOPLE) == 60
    assert {person.login for person in PEOPLE} <= {person.login for person in ALL_PEOPLE}
    kinds = [subject[0] for subject in all_subjects(NOW.date())]
    assert (kinds.count("student"), kinds.count("class")) == (STUDENTS, CLASSES) == (150, 48)


def test_one_brands_manager_publishes_for_that_brand_and_no_other(runtime: Runtime) -> None:
    with runtime.reading() as session:
        people = {name: session.scalars(sa.select(Person).where(Person.login == name)).one() for name in MANAGERS}
        actors = {name: load_actor(session, person.id) for name, person in people.items()}
        brands = {name: person.brand_id for name, person in people.items()}
        for name, actor in actors.items():
            reached = {brand for brand in brands.values() if actor and may_publish(session, actor, brand)}
            assert reached == ({brands[name]} if name == "guohao" else set())


MANAGERS = ("guohao", "lvqiang", "jinchen")


def test_subjects_are_the_same_at_every_start_and_classes_say_when_they_run() -> None:
    subjects = all_subjects(NOW.date())
    assert subjects == all_subjects(NOW.date())
    for kind, _, name, *_, attributes in subjects:
        if kind == "class":
            assert {"start_date", "end_date", "stages"} <= attributes.keys()
            weekday = date.fromisoformat(attributes["start_date"]).weekday()
            assert "一二三四五六日"[weekday] == name[1], f"{name} begins on the day on which it is taught"


def test_the_many_tickets_are_many_and_say_many_things() -> None:
    told = list(crowd(NOW))
    assert 500 <= len(told) + len(STORIES) + len(THREADS) <= 650
    words = {story.report.get("what_happened") or story.report["details"] for story in told}
    assert len(words) > 0.5 * len(told)
    assert max(story.when for story in told if isinstance(story.when, datetime)) < NOW


def said(story: Story) -> str:
    """All that anybody writes in a story."""
    acts = [text for act in story.acts for text in (act.what, *act.values.values())]
    ending = [story.settled.said] if story.settled else []
    return " ".join(str(text) for text in (*story.report.values(), *acts, *ending))


def test_people_ask_about_what_their_own_brand_teaches() -> None:
    for story in crowd(NOW):
        others = [course for brand, course in COURSES.items() if brand != BRANDS[story.login]]
        assert not [name for course in others for name in course.classes if name in said(story)], said(story)


def test_what_is_said_of_a_crash_fits_what_the_app_runs_on() -> None:
    for story in crowd(NOW):
        if story.report.get("os") in COMPUTERS:
            assert not [word for word in ("平板", *TABLETS_ONLY) if word in said(story)], said(story)


def test_nobody_speaks_of_files_that_are_not_there() -> None:
    told = (*STORIES, *THREADS, *crowd(NOW))
    speaking = [story for story in told if any(word in said(story) for word in ("附件", "附上", "附了"))]
    assert [story for story in speaking if not story.pictures] == []


def test_crashes_of_one_model_jump_this_week() -> None:
    weeks: Counter[int] = Counter()
    for story in crowd(NOW):
        if isinstance(story.when, datetime) and story.report.get("phone_model") == "HUAWEI DBY2-W09":
            weeks[(NOW - story.when).days // 7] += 1
    assert weeks[0] > 3 * max(weeks[1], 1)


def test_tickets_are_in_every_state_that_a_ticket_can_be_in(runtime: Runtime) -> None:
    with runtime.reading() as session:
        states = set(session.scalars(sa.select(Ticket.status)))
    assert states == set(Status)


def test_every_story_has_happened(runtime: Runtime) -> None:
    with runtime.reading() as session:
        told = set(session.scalars(sa.select(TimelineEvent.kind)))
    for kind in (
        EventKind.URGED,
        EventKind.URGE_CLIMBED,
        EventKind.URGE_ANSWERED,
        EventKind.CONSULTED,
        EventKind.TRANSFERRED,
        EventKind.MERGED,
        EventKind.LINKED,
        EventKind.OWNER,
        EventKind.CC_ADDED,
        EventKind.REOPENED,
        EventKind.OVERDUE,
        EventKind.CHECK_FAILED,
    ):
        assert kind in told, kind
    assert count(runtime, TicketRating)
    assert count(runtime, TicketTag)
    assert count(runtime, SavedView)
    assert count(runtime, Ticket, Ticket.parent_id.is_not(None)) >= 2
    assert count(runtime, StoredFile, StoredFile.ticket_id.is_not(None)) > 10
    assert count(runtime, Person, Person.departed_at.is_not(None)) == 1
    assert count(runtime, TimelineEvent, TimelineEvent.at > NOW) == 0
    assert count(runtime, TimelineEvent, TimelineEvent.pending.is_(True)) == 0


def test_the_standard_is_followed_by_some_and_not_by_others(runtime: Runtime) -> None:
    now = StepRecord.valid_to > NOW
    done = StepRecord.done_at.is_not(None)
    assert count(runtime, Ticket, Ticket.type_id.in_(sa.select(TicketType.id).where(TicketType.key == KICKOFF))) > 10
    assert count(runtime, StepRecord, now, done, StepRecord.done_at <= StepRecord.due_at)
    assert count(runtime, StepRecord, now, done, StepRecord.done_at > StepRecord.due_at)
    assert count(runtime, StepRecord, now, ~done, StepRecord.due_at < NOW)
    assert count(runtime, StepRecord, now, ~done, StepRecord.waiver_id.is_not(None))
    assert count(runtime, StepRecord, now, StepRecord.turn > 1) == 1
    assert count(runtime, Waiver, Waiver.state == WaiverState.ASKED) == 1
    assert count(runtime, CheckedStep, CheckedStep.verdict.is_(None)) == 1


def test_four_standards_are_under_way_and_steps_of_each_are_done(runtime: Runtime) -> None:
    begun = sa.select(Occurrence.standard_id).where(Occurrence.ticket_id.is_not(None))
    done = sa.select(StepRecord.standard_id).where(StepRecord.done_at.is_not(None), StepRecord.valid_to > NOW)
    with runtime.reading() as session:
        standards = session.execute(sa.select(Standard.type_key, Standard.id.in_(begun), Standard.id.in_(done))).all()
    assert sorted(tuple(row) for row in standards) == [
        (key, True, True) for key in sorted({each.type_key for each in INTRODUCED})
    ]


def test_each_way_of_starting_a_standard_is_there(runtime: Runtime) -> None:
    with runtime.reading() as session:
        assert set(session.scalars(sa.select(Standard.trigger))) == set(Trigger)


def test_the_dispatcher_whom_a_reader_becomes_has_tickets_to_give_out(runtime: Runtime) -> None:
    with runtime.reading() as session:
        actor = load_actor(session, session.scalars(sa.select(Person.id).where(Person.login == "tangyan")).one())
        assert actor
        rows = dispatch_queue(session, actor).rows
    assert len(rows) == 2
    assert [len(row.tasks) for row in rows if row.ticket.status == Status.UNASSIGNED] == [0]
    assert any(row.tasks for row in rows), "of one a step waits for nobody"


def test_the_teacher_whom_a_reader_becomes_has_a_step_to_do(runtime: Runtime) -> None:
    mine = UserTask.assignee_id.in_(sa.select(Person.id).where(Person.login == "zhoulan"))
    steps = UserTask.element.in_(("Task_Confirm", "Task_Invite", "Task_Check"))
    assert count(runtime, UserTask, mine, steps, UserTask.status == TaskStatus.OPEN)


def test_nothing_is_stuck_and_the_auditor_finds_nothing(runtime: Runtime) -> None:
    assert count(runtime, Incident) == 0
    assert count(runtime, Job, Job.status == JobStatus.FAILED) == 0
    said: list[str] = []
    assert recounting.audit(runtime, after=0, replaying=True, as_json=True, say=said.append), said


def test_an_installation_with_places_is_left_alone(runtime: Runtime) -> None:
    assert not load_people(replace(runtime, clock=ManualClock(NOW)))


def test_pictures_are_small_and_each_class_has_its_own(tmp_path: Path) -> None:
    assert PAINTERS.keys() == NAMES.keys()
    for name in PAINTERS:
        assert drawn(name).startswith(b"\xff\xd8")
        assert len(drawn(name)) < 30_000
    assert drawn("classroom", "a") != drawn("classroom", "b")


def test_the_newest_tickets_come_first_wherever_lists_go_by_the_order_of_writing(runtime: Runtime) -> None:
    with runtime.reading() as session:
        filed = session.scalars(sa.select(Ticket.created_at).order_by(Ticket.id)).all()
    days = [moment.astimezone(HOME).date() for moment in filed]
    assert days == sorted(days)
