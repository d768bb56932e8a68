"""Owns the stage of a trial: a throwaway installation whose clock stands still, its people, and what waits there."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from engine import jobs
from engine.clock import ManualClock
from engine.jobs import Handler
from engine.models import (
    ElementVisit,
    Incident,
    InstanceStatus,
    Job,
    MessageSubscription,
    PendingMessage,
    ProcessInstance,
    TaskStatus,
    Timer,
    UserTask,
)
from engine.spiff.workflow import Instance
from engine.step import Values
from tickets.access import Actor, load_actor
from tickets.case import About, Site, about, case_of, site_of
from tickets.evidence.pictures import look
from tickets.files import known_file, store_upload
from tickets.inserts import insert_unless_there
from tickets.people import Person, person_by_login
from tickets.roles import queue_of_person
from tickets.runtime import Runtime
from tickets.standards.tables import Confirmation
from tickets.steps import read_live
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.uploads.reading import read_here

REQUESTER = "zhoulan"
WORKER = "admin"
STUDENTS = ("QH-S-1001", "QH-S-1003")
"""One whose consultant is there, and one whose consultant has left."""

_FILES = {
    "application/pdf": ("sample.pdf", b"%PDF-1.4\n%sample\n"),
    "application/zip": ("sample.zip", b"PK\x03\x04" + b"\0" * 32),
    "video/mp4": ("sample.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 32),
    "audio/mpeg": ("sample.mp3", b"ID3\x03" + b"\0" * 32),
    "text/plain": ("sample.txt", b"sample\n"),
}


@dataclass(frozen=True)
class Waiting:
    """What an instance waits for at an element: a person's task, a due time, a message or a signal."""

    element: str
    ref: str
    slot: int = 0
    kind: str = "task"
    task_id: UUID | None = None
    due_at: datetime | None = None
    name: str = ""
    key: str = ""


@dataclass(frozen=True)
class Snapshot:
    """Where an instance stands: over or not, what it waits for, and what stopped it."""

    ended: bool
    waiting: Sequence[Waiting] = ()
    incident: tuple[str, str] | None = None
    """The element and why."""


@dataclass
class Stage:
    """One installation, for one file after another. People are the demo's."""

    runtime: Runtime
    clock: ManualClock
    requester: Actor
    worker: Actor
    """Does what is offered to anybody, as an administrator could."""
    site: Site
    abouts: tuple[About, ...]
    """What tickets may be about."""
    own_queue: int
    began_at: datetime
    _people: dict[int, Actor | None] = field(default_factory=dict)
    _pictures: int = 0

    @classmethod
    def enter(cls, database: sa.Engine, folder: Path, clock: ManualClock) -> Stage:
        """On a database that holds the demo's people and subjects; files go below `folder`."""
        runtime = Runtime(database, folder, clock, reader=read_here, pictures=look)
        with runtime.writing() as session, session.begin():
            requester, worker = _actor(session, REQUESTER), _actor(session, WORKER)
            found = (about(session, Subject.external_id == student) for student in STUDENTS)
            abouts = tuple(one[0] for one in found if one is not None)
            site, queue = site_of(session, requester.place_id), queue_of_person(session, worker.person_id)
        return cls(runtime, clock, requester, worker, site, abouts, queue, clock.now())

    def snapshot(self, instance_id: int) -> Snapshot:
        """Where the instance stands now."""
        with self.runtime.reading() as session:
            status = session.scalar(sa.select(ProcessInstance.status).where(ProcessInstance.id == instance_id))
            if status not in (InstanceStatus.ACTIVE, InstanceStatus.INCIDENT):
                return Snapshot(ended=True)
            stuck = _incident(session, instance_id) if status == InstanceStatus.INCIDENT else None
            return Snapshot(ended=False, waiting=list(_waiting(session, instance_id)), incident=stuck)

    def visits(self, instance_id: int, after: int) -> tuple[list[str], int]:
        """The elements completed since the visit of that id, in order, and the last visit's id."""
        query = sa.select(ElementVisit.id, ElementVisit.element, ElementVisit.outcome).where(
            ElementVisit.instance_id == instance_id, ElementVisit.id > after
        )
        with self.runtime.reading() as session:
            rows = session.execute(query.order_by(ElementVisit.id)).all()
        done = [row.element for row in rows if row.outcome == "completed"]
        return done, rows[-1].id if rows else after

    def data(self, instance_id: int) -> Values:
        """The ticket's data."""
        with self.runtime.reading() as session:
            return dict(session.scalar(sa.select(Ticket.data).where(Ticket.instance_id == instance_id)) or {})

    def doer(self, task_id: UUID) -> Actor:
        """Whoever may complete the task: its assignee; else an administrator, who takes what waits for nobody."""
        columns = (UserTask.assignee_id, UserTask.queue_key)
        with self.runtime.reading() as session:
            row = session.execute(sa.select(*columns).where(UserTask.public_id == task_id)).one()
            if row.assignee_id is not None and row.assignee_id not in self._people:
                self._people[row.assignee_id] = load_actor(session, row.assignee_id)
        if row.assignee_id is not None:
            return self._people[row.assignee_id] or self.worker
        if row.queue_key is None:
            self._take_up(task_id)
            return self.worker
        return replace(self.worker, queue_keys=self.worker.queue_keys | {row.queue_key})

    def _take_up(self, task_id: UUID) -> None:
        """From the dispatch queue to the worker's own."""
        mine = {"queue_key": self.own_queue, "offered_key": self.own_queue}
        with self.runtime.writing() as session, session.begin():
            session.execute(sa.update(UserTask).where(UserTask.public_id == task_id).values(mine))

    def drain(self, handlers: Mapping[str, Handler], *, limit: int) -> int:
        """Runs the jobs that are due; how many ran."""
        return jobs.drain(self.runtime.database, handlers, self.clock, limit=limit)

    def clear(self) -> None:
        """Forgets what a walk leaves unfinished, so that it takes no part in the next, and turns the clock back."""
        left = (Timer, MessageSubscription, PendingMessage, Job)
        with self.runtime.writing() as session, session.begin():
            for table in left:
                session.execute(sa.delete(table))
        self.clock.moment = self.began_at

    def upload(self, actor: Actor, accept: str) -> Mapping[str, Any]:
        """A small file that an `accept` attribute takes, stored as that person's."""
        self._pictures += 1
        name, content = _file_for(accept, self._pictures)
        return store_upload(self.runtime, actor, name, io.BytesIO(content))

    def confirm(self, task_id: UUID, doer: Actor, number: int) -> None:
        """Another of the staff confirms a task: the first, second, third of them that is not who does it."""
        with self.runtime.reading() as session:
            people = sa.select(Person.id).where(Person.departed_at.is_(None), Person.id != doer.person_id)
            other_id = session.scalars(people.order_by(Person.id).offset(number).limit(1)).first()
            task = session.execute(sa.select(UserTask.id, UserTask.brand_id).where(UserTask.public_id == task_id)).one()
        row = {"brand_id": task.brand_id, "task_id": task.id, "person_id": other_id, "at": self.clock.now()}
        with self.runtime.writing() as session, session.begin():
            insert_unless_there(session, Confirmation, **row)

    def known_file(self, actor: Actor, public_id: str) -> Mapping[str, Any] | None:
        """A file that this person may put into a form."""
        with self.runtime.reading() as session:
            return known_file(session, actor, public_id)

    def resting(self, instance_id: int) -> list[str]:
        """The elements at which the instance's tokens are, when nothing can move them."""
        with self.runtime.reading() as session:
            case = case_of(session, Ticket.instance_id == instance_id)
            live = read_live(session, self.runtime, case) if case is not None else None
            return list(_resting(live)) if live is not None else []

    def instance_of(self, number: str) -> int:
        """The id of a ticket's instance."""
        with self.runtime.reading() as session:
            return session.scalars(sa.select(Ticket.instance_id).where(Ticket.number == number)).one()


def _picture(ending: str, number: int) -> tuple[str, bytes]:
    """A picture like no other: it may be evidence."""
    written = io.BytesIO()
    Image.new("RGB", (8, 8), (number >> 16 & 255, number >> 8 & 255, number & 255)).save(written, _PICTURES[ending])
    return f"sample{ending}", written.getvalue()


_PICTURES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


def _file_for(accept: str, number: int) -> tuple[str, bytes]:
    """`number` tells pictures apart."""
    wanted = [token.strip().lower() for token in accept.split(",") if token.strip()]
    for token in wanted:
        if token in ("image/*", "image/jpeg", "image/png", "image/webp", *_PICTURES):
            ending = "." + token.rpartition("/")[2] if "/" in token else token
            return _picture(".png" if ending == ".*" else ending, number)
        if token.startswith("."):
            content = next((content for name, content in _FILES.values() if name.endswith(token)), b"sample\n")
            return f"sample{token}", content
        kind = token.removesuffix("*")
        found = next((file for media, file in _FILES.items() if media.startswith(kind)), None)
        if found is not None:
            return found
    return _FILES["text/plain"]


def _actor(session: Session, login: str) -> Actor:
    person = person_by_login(session, login)
    actor = load_actor(session, person.id) if person is not None else None
    assert actor is not None, f"the demo has no {login}"
    return actor


def _resting(live: Instance) -> Iterator[str]:
    for scope in (live, *live.subprocesses.values()):
        for token in scope.tasks.values():
            spec = token.task_spec
            if token.is_live() and spec.element and not spec.is_container and token.id not in live.subprocesses:
                yield spec.element


def _incident(session: Session, instance_id: int) -> tuple[str, str] | None:
    query = sa.select(Incident).where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
    found = session.scalars(query.order_by(Incident.id.desc())).first()
    if found is None:
        return None
    return found.element, found.reason % found.params if found.params else found.reason


def _waiting(session: Session, instance_id: int) -> Iterator[Waiting]:
    tasks = sa.select(UserTask.element, UserTask.ref, UserTask.public_id).where(
        UserTask.instance_id == instance_id, UserTask.status == TaskStatus.OPEN
    )
    for task in session.execute(tasks.order_by(UserTask.id)):
        yield Waiting(task.element, task.ref, task_id=task.public_id)
    for timer in session.scalars(sa.select(Timer).where(Timer.instance_id == instance_id).order_by(Timer.due_at)):
        yield Waiting(timer.element, timer.ref, timer.slot, "timer", due_at=timer.due_at)
    awaited = sa.select(MessageSubscription).where(MessageSubscription.instance_id == instance_id)
    for one in session.scalars(awaited.order_by(MessageSubscription.id)):
        kind = getattr(one, "kind", "message")
        yield Waiting(one.element, one.ref, one.slot, kind, name=one.name, key=one.key or "")
