"""Plays tickets through the real verbs: deploy a type, file it, work on it, let time pass; and looks at what became."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson
import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session, undefer

import processes
from engine.models import ElementVisit, Incident, ProcessInstance, TaskStatus, Timer, UserTask
from forms import Form, Submission, parse_json
from tests.cast import Cast, lasting_cast
from tests.databases import Databases, Kind
from tests.engine import build
from tickets import aftermath, deadlines, tasks, timers, work
from tickets.access import Actor
from tickets.beat import DEADLINES
from tickets.deploying import Deployed, deploy
from tickets.errors import FormInvalid
from tickets.files import known_file, store_upload
from tickets.filing import file_ticket
from tickets.runtime import Runtime
from tickets.tasks import Answer
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent

SHIPPED = Path(processes.__file__).parent
SHIPPED_TYPES = sorted(path.stem for path in SHIPPED.glob("*/*.bpmn"))


@dataclass
class Play:
    """One database with the cast on stage. Whoever acts is named by login."""

    cast: Cast

    @property
    def runtime(self) -> Runtime:
        return self.cast.runtime

    def ship(self, key: str) -> Deployed:
        """Deploys a shipped type, as the start of a fresh installation does."""
        return self.upload(shipped(key))

    def upload(self, files: Mapping[str, bytes], *, by: Actor | None = None, brand_id: int | None = None) -> Deployed:
        return deploy(self.runtime, by, files, brand_id=brand_id)

    def define(self, *parts: str, key: str = "errand", forms: Mapping[str, Any] | None = None, **settings: str) -> None:
        """A type of the whole group from the parts of a process (`tests.engine.build`) and forms by name."""
        made = self.upload(files(*parts, key=key, forms=forms, **settings))
        assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]

    def file(self, login: str, key: str = "errand", /, *, subject_id: UUID | None = None, **values: Any) -> str:
        answer = self.answer(values, login)
        return file_ticket(self.runtime, self.cast.actor(login), type_key=key, answer=answer, subject_id=subject_id)

    def complete(self, login: str, element: str, /, number: str = "", **values: Any) -> str:
        """The open task of that element, in the newest ticket unless its number is given."""
        task_id = self.task(element, number).public_id
        try:
            return tasks.complete(self.runtime, self.cast.actor(login), task_id, self.answer(values, login))
        except FormInvalid as refused:
            refused.add_note(str({path: str(error) for path, error in refused.submission.errors.items()}))
            raise

    def claim(self, login: str, element: str, number: str = "") -> str:
        return tasks.claim(self.runtime, self.cast.actor(login), self.task(element, number).public_id)

    def release(self, login: str, element: str, number: str = "") -> str:
        return tasks.release(self.runtime, self.cast.actor(login), self.task(element, number).public_id)

    def answer(self, values: Mapping[str, Any], login: str = "") -> Answer:
        """Reads these values as the API would; files are named by id, those that this person has uploaded."""

        def known(public_id: str) -> Mapping[str, Any] | None:
            with self.runtime.reading() as session:
                return known_file(session, self.cast.actor(login), public_id)

        def read(form: Form, before: Mapping[str, Any]) -> Submission:
            now = self.cast.clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
            return parse_json(form, values, now=now, values_before=before, known_files=known)

        return read

    def photo(self, login: str) -> str:
        """A photo like no other, taken just now and uploaded by this person; its id."""
        written = io.BytesIO()
        Image.frombytes("RGB", (2, 2), uuid4().bytes[:12]).save(written, "PNG")
        return self.upload_file(login, "photo.png", written.getvalue())

    def paper(self, login: str) -> str:
        """A file like no other, uploaded by this person; its id."""
        return self.upload_file(login, "paper.pdf", b"%PDF-1.4\n%" + uuid4().bytes)

    def upload_file(self, login: str, name: str, content: bytes) -> str:
        return str(store_upload(self.runtime, self.cast.actor(login), name, io.BytesIO(content))["id"])

    def pass_time(self, **by: float) -> int:
        """Lets the clock go on (`days=3`), then does what is due, timers and jobs; how many timers fired."""
        self.cast.clock.advance(timedelta(**by))
        fired = timers.tick(self.runtime)
        while self._rest():
            fired += timers.tick(self.runtime)
        return fired

    def settle(self) -> None:
        """Does what is due besides timers: deadlines, aftermath, jobs."""
        while self._rest():
            pass

    def _rest(self) -> int:
        done = deadlines.tick(self.runtime, DEADLINES) + aftermath.tick(self.runtime)
        return done + work.drain(self.runtime)

    def ticket(self, number: str = "") -> Ticket:
        """The ticket of that number, with its data; the newest without one."""
        query = sa.select(Ticket).options(undefer(Ticket.data)).order_by(Ticket.id.desc()).limit(1)
        with self.runtime.reading() as session:
            return session.scalars(query.where(Ticket.number == number) if number else query).one()

    def tickets(self) -> list[str]:
        with self.runtime.reading() as session:
            return list(session.scalars(sa.select(Ticket.number).order_by(Ticket.id)))

    def instance(self, number: str = "") -> ProcessInstance:
        with self.runtime.reading() as session:
            return session.get_one(ProcessInstance, self.ticket(number).instance_id)

    def task(self, element: str, number: str = "", *, status: TaskStatus = TaskStatus.OPEN) -> UserTask:
        """The newest task of that element and status."""
        query = (
            sa.select(UserTask)
            .where(
                UserTask.instance_id == self.ticket(number).instance_id,
                UserTask.element == element,
                UserTask.status == status,
            )
            .options(undefer(UserTask.draft), undefer(UserTask.submitted))
            .order_by(UserTask.id.desc())
            .limit(1)
        )
        with self.runtime.reading() as session:
            found = session.scalar(query)
        assert found is not None, f"no {status} task {element}; open: {self.open_tasks(number)}"
        return found

    def all_open(self, element: str, number: str = "") -> list[UserTask]:
        """The open tasks of that element, oldest first."""
        tasks = (task for task in self._of(UserTask, number) if task.status == TaskStatus.OPEN)
        return [task for task in tasks if task.element == element]

    def open_tasks(self, number: str = "") -> list[str]:
        """The elements of the open tasks."""
        return [task.element for task in self._of(UserTask, number) if task.status == TaskStatus.OPEN]

    def timers(self, number: str = "") -> list[str]:
        """The elements whose timers are set."""
        return [timer.element for timer in self._of(Timer, number)]

    def incidents(self, number: str = "") -> list[Incident]:
        """The open ones, but those set aside."""
        return [one for one in self._of(Incident, number) if one.resolved_at is None and one.aside_at is None]

    def visited(self, number: str = "") -> list[str]:
        """The elements left, in order, however they were left."""
        return [visit.element for visit in self._of(ElementVisit, number)]

    def passed(self, number: str = "") -> list[str]:
        """The elements gone through, in order; what was withdrawn is not among them."""
        return [visit.element for visit in self._of(ElementVisit, number) if visit.outcome == "completed"]

    def events(self, number: str = "") -> list[TimelineEvent]:
        query = sa.select(TimelineEvent).where(TimelineEvent.ticket_id == self.ticket(number).id)
        with self.runtime.reading() as session:
            return list(session.scalars(query.order_by(TimelineEvent.id)))

    def told(self, number: str = "") -> list[str]:
        """The timeline's kinds in order, those that the requester sees with a plus."""
        return [event.kind + "+" * event.public for event in self.events(number)]

    def count(self, model: type[Any], *criteria: sa.ColumnElement[bool]) -> int:
        with self.runtime.reading() as session:
            return session.scalars(sa.select(sa.func.count()).select_from(model).where(*criteria)).one()

    def writing(self) -> Session:
        return self.runtime.writing()

    def _of(self, model: type[Any], number: str) -> list[Any]:
        query = sa.select(model).where(model.instance_id == self.ticket(number).instance_id).order_by(model.id)
        with self.runtime.reading() as session:
            return list(session.scalars(query))


def files(
    *parts: str, key: str = "errand", forms: Mapping[str, Any] | None = None, **settings: str
) -> dict[str, bytes]:
    """The files of a type: its process from these parts, and its forms by name as lists of components."""
    process = build.whole(*parts, process=key, settings=build.settings(**settings) if settings else "")
    written = {f"{name}.form": form(*components) for name, components in (forms or {}).items()}
    return {f"{key}.bpmn": build.document(process, declarations=build.EVENTS), **written}


def form(*components: Mapping[str, Any]) -> bytes:
    """A form's file."""
    named = [{"id": f"Field_{place}", **component} for place, component in enumerate(components)]
    return orjson.dumps({"type": "default", "schemaVersion": 18, "components": named})


def staff(ident: str, inner: str = "", *, to: str = "support", **attributes: str) -> str:
    """A user task offered to a role, support's unless another is named."""
    return build.user(ident, inner, camunda__candidateGroups=to, **attributes)


def text(key: str, **more: Any) -> dict[str, Any]:
    """A text field."""
    return {"type": "textfield", "key": key, "label": key, **more}


def shipped(key: str) -> dict[str, bytes]:
    """The files of a shipped type by name."""
    return {path.name: path.read_bytes() for path in (SHIPPED / key).iterdir()}


@pytest.fixture
def play(cast: Cast) -> Play:
    """The cast on a stage of its own."""
    return Play(cast)


@pytest.fixture(scope="module", params=list(Kind))
def lasting_play(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Play]:
    """One stage on each kind of database, for tests that look only at tickets of their own: it is quicker."""
    with lasting_cast(databases, request.param, tmp_path_factory.mktemp("play")) as cast:
        yield Play(cast)
