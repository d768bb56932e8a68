"""Reads the evidence of steps that were done: photos, files, who signed in, where, and who confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.models import TaskStatus, UserTask
from forms.fields import EvidenceKind
from forms.locations import map_link, shown
from forms.plain import joined
from forms.sending import stored_files
from forms.views import PICTURES
from tickets.access import Actor, inside_tickets, visible_tickets
from tickets.evidence.attendance import Attendee, attendees
from tickets.evidence.given import Given, given_in
from tickets.evidence.proof import photo_time
from tickets.evidence.wanted import CONFIRMATION
from tickets.files import StoredFile
from tickets.people import Person
from tickets.places import Place
from tickets.standards.tables import Confirmation
from tickets.ticket import Ticket
from tickets.types import form_of

MOST_TASKS = 200


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence of a task. A photo or file has `file_id` (its public id), its `text` is its name and `at`
    when it was taken; of a sign-in list the `text` says who was there (`people`: all its lines), of a location
    where, of a confirmation who (`note`).

    `thumbnail`: whether the file has one (`/files/<id>/thumbnail`). `link`: a location on a map.
    """

    task_id: int
    kind: str
    label: str
    text: str
    at: datetime | None = None
    file_id: uuid.UUID | None = None
    thumbnail: bool = False
    link: str = ""
    note: str = ""
    people: tuple[Attendee, ...] = ()


def evidence_of(
    session: Session, actor: Actor, task_ids: Collection[int], *, language: str = "zh"
) -> Mapping[int, Sequence[Proof]]:
    """The evidence of completed tasks by their ids (`UserTask.id`), of those whose ticket they see from inside.

    Three statements for up to 200 tasks; the others are left out. Who sees only thumbnails is told so by `/files/<id>`.
    """
    wanted = sorted(task_ids)[:MOST_TASKS]
    if not wanted:
        return {}
    query = (
        sa.select(UserTask, Place.time_zone)
        .join(Ticket, Ticket.instance_id == UserTask.instance_id)
        .join(Place, Place.id == Ticket.place_id)
        .where(UserTask.id.in_(wanted), UserTask.status == TaskStatus.COMPLETED)
        .where(visible_tickets(actor), inside_tickets(actor))
        .options(undefer(UserTask.submitted))
    )
    tasks = [(task, ZoneInfo(zone)) for task, zone in session.execute(query)]
    given = {task.id: _given(session, task) for task, _ in tasks}
    files = _files(session, [each for found in given.values() for each in found])
    confirmed = _confirmed(session, [task.id for task, _ in tasks])
    return {
        task.id: [
            *(proof for each in given[task.id] for proof in _proofs(task.id, each, files, zone, language)),
            *confirmed.get(task.id, ()),
        ]
        for task, zone in tasks
    }


def _given(session: Session, task: UserTask) -> list[Given]:
    if task.form_digest is None or not task.submitted:
        return []
    return given_in(form_of(session, task.form_digest), task.submitted)


def _files(session: Session, given: Sequence[Given]) -> Mapping[str, StoredFile]:
    ids = {uuid.UUID(str(file["id"])) for each in given for file in stored_files(each.value)}
    if not ids:
        return {}
    rows = session.scalars(sa.select(StoredFile).where(StoredFile.public_id.in_(ids)))
    return {str(row.public_id): row for row in rows}


def _confirmed(session: Session, task_ids: Sequence[int]) -> Mapping[int, Sequence[Proof]]:
    query = (
        sa.select(Confirmation, Person.name)
        .join(Person, Person.id == Confirmation.person_id)
        .where(Confirmation.task_id.in_(task_ids))
        .order_by(Confirmation.id)
    )
    found: dict[int, list[Proof]] = {}
    for said, name in session.execute(query) if task_ids else ():
        proof = Proof(said.task_id, CONFIRMATION, "", name, at=said.at, note=said.note)
        found.setdefault(said.task_id, []).append(proof)
    return found


def _proofs(
    task_id: int, given: Given, files: Mapping[str, StoredFile], zone: ZoneInfo, language: str
) -> Iterator[Proof]:
    label = given.field.label.pick(language).source or given.field.key
    if given.kind in (EvidenceKind.PHOTO, EvidenceKind.FILE):
        for named in stored_files(given.value):
            file = files.get(str(named["id"]))
            if file is not None:  # an erased ticket has none any more
                yield _of_file(task_id, given, file, zone, label)
    elif given.kind is EvidenceKind.LOCATION and given.value:
        yield Proof(task_id, given.kind, label, shown(given.value), link=map_link(given.value))
    elif given.kind is EvidenceKind.SIGNIN and given.value:
        people = attendees(given.field, given.value)
        present = joined((each.name for each in people if each.present), language)
        yield Proof(task_id, given.kind, label, present, people=people)


def _of_file(task_id: int, given: Given, file: StoredFile, zone: ZoneInfo, label: str) -> Proof:
    pictured = file.content_type in PICTURES
    at = photo_time(file.taken or "", file.uploaded_at, zone)
    return Proof(task_id, given.kind, label, file.name, at, file.public_id, thumbnail=pictured)
