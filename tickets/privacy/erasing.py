"""Owns erasing a person or a subject: what was said and filled in goes, a skeleton that can be counted stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import Base
from engine.expressions import N_, Message
from engine.models import Incident, ProcessInstance, StepInput, UserTask
from tickets import audit
from tickets.access import Actor, Permission
from tickets.case import Case, case_of
from tickets.clients.client import ApiClient
from tickets.connectors.tables import ConnectorCall
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.field_value import FieldValue
from tickets.files import StoredFile
from tickets.life.ending import Ending, end
from tickets.life.models import TicketRating
from tickets.notices.models import Delivery, Notice, NoticeAddress
from tickets.organising.reach import check_not_above
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership
from tickets.runtime import Runtime
from tickets.search.indexing import forget
from tickets.shares import TaskShare
from tickets.standards.tables import Confirmation
from tickets.subjects import Subject
from tickets.ticket import OPEN, Status, Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.tokens import ApiToken
from tickets.urges import Urge

AT_ONCE = 200
GONE = "已清除 (erased)"


class Whose(StrEnum):
    """Who is erased: a person with the tickets they asked for, or a subject with the tickets about it."""

    PERSON = "person"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be erased; `open` tickets end with it."""

    whose: Whose
    public_id: UUID
    name: str
    tickets: int
    open: int


def preview(session: Session, actor: Actor, whose: Whose, public_id: UUID) -> Preview:
    """What an erasure would take. Raises NotFound, Forbidden."""
    row = _find(session, actor, whose, public_id)
    opened = sa.func.count().filter(Ticket.status.in_(sorted(OPEN)))
    tickets, open_ = session.execute(sa.select(sa.func.count(), opened).where(_theirs(whose, row.id))).one()
    return Preview(whose, public_id, row.name, tickets, open_)


def erase(runtime: Runtime, actor: Actor, whose: Whose, public_id: UUID, *, name: str) -> int:
    """Erase for good; how many tickets. `name` is typed once more by whoever does it.

    Open tickets end first. Done in batches; broken off, it is done again and goes on. Raises NotFound, Forbidden,
    Invalid, Conflict.
    """
    with runtime.reading() as session:
        row = _find(session, actor, whose, public_id)
        if name.strip() != row.name:
            raise Invalid(Message(N_("Type the name exactly as it is: %(name)s"), {"name": row.name}))
        row_id = row.id
    _end_open(runtime, actor, whose, row_id)
    count = 0
    while some := _erase_some(runtime, whose, row_id):
        count += some
    with runtime.writing() as session, session.begin():
        _erase_row(session, actor, whose, row_id, count, runtime.clock.now())
    return count


def _find(session: Session, actor: Actor, whose: Whose, public_id: UUID) -> Person | Subject:
    if not actor.may(Permission.ERASE):
        raise Forbidden(Message(N_("Your roles don't let you erase personal data; ask an administrator.")))
    model: Any = _MODELS[whose]
    query = sa.select(model, Place.path).join(Place, Place.id == model.place_id).where(model.public_id == public_id)
    found = session.execute(query).one_or_none()
    if found is None or not actor.covers(Permission.ERASE, brand_id=found[0].brand_id, place_path=found[1]):
        raise NotFound(_NAMES[whose])
    row: Person | Subject = found[0]
    if row.erased_at is not None:
        raise Conflict(Message(N_("This was erased before; nothing is left of it.")))
    if isinstance(row, Person):
        _check_person(session, actor, row)
    return row


def _check_person(session: Session, actor: Actor, person: Person) -> None:
    if person.id == actor.person_id:
        raise Forbidden(Message(N_("Nobody erases themselves; ask another administrator.")))
    check_not_above(session, actor, person)
    if session.scalar(sa.select(ApiClient.id).where(ApiClient.person_id == person.id)) is not None:
        raise Conflict(Message(N_("This is the account of another system; disable its client instead.")))


_MODELS: Mapping[Whose, type[Base]] = {Whose.PERSON: Person, Whose.SUBJECT: Subject}
_NAMES = {Whose.PERSON: N_("This person"), Whose.SUBJECT: N_("This subject")}


def _theirs(whose: Whose, row_id: int) -> sa.ColumnElement[bool]:
    return Ticket.requester_id == row_id if whose is Whose.PERSON else Ticket.subject_id == row_id


def _end_open(runtime: Runtime, actor: Actor, whose: Whose, row_id: int) -> None:
    """Nobody works any more on what is about to be forgotten."""
    query = sa.select(Ticket.id).where(_theirs(whose, row_id), Ticket.status.in_(sorted(OPEN)))
    with runtime.reading() as session:
        ids = session.scalars(query.order_by(Ticket.id)).all()
    ending = Ending(Status.CLOSED, EventKind.ERASED, children_first=False)
    for ticket_id in ids:

        def find(session: Session, wanted: int = ticket_id) -> Case:
            case = case_of(session, Ticket.id == wanted)
            assert case is not None, "tickets are never deleted"
            return case

        end(runtime, actor, find, ending)


def _erase_some(runtime: Runtime, whose: Whose, row_id: int) -> int:
    """A batch of their tickets that are not erased yet; how many."""
    wanted = sa.select(Ticket.id, Ticket.instance_id).where(_theirs(whose, row_id), Ticket.erased_at.is_(None))
    with runtime.writing() as session, session.begin():
        rows = session.execute(wanted.order_by(Ticket.id).limit(AT_ONCE)).all()
        tickets, instances = [row[0] for row in rows], [row[1] for row in rows]
        if rows:
            _erase_tickets(session, tickets, instances, runtime.clock.now())
        return len(rows)


def _erase_tickets(session: Session, tickets: Sequence[int], instances: Sequence[int], now: datetime) -> None:
    connection = session.connection()
    for model, key, values in _CLEARED:
        ids = tickets if key.endswith("ticket_id") or model is Ticket else instances
        connection.execute(sa.update(model).where(getattr(model, key).in_(ids)).values(values))
    for gone in (FieldValue, StoredFile):
        connection.execute(sa.delete(gone).where(gone.ticket_id.in_(tickets)))
    of_task = sa.select(UserTask.id).where(UserTask.instance_id.in_(instances))
    connection.execute(sa.update(Confirmation).where(Confirmation.task_id.in_(of_task)).values(note=""))
    of_event = sa.select(TimelineEvent.id).where(TimelineEvent.ticket_id.in_(tickets))
    connection.execute(sa.update(Delivery).where(Delivery.event_id.in_(of_event)).values(params={}))
    connection.execute(
        sa.update(Ticket).where(Ticket.id.in_(tickets)).values(erased_at=now, version=Ticket.version + 1)
    )
    forget(session, tickets)


_CLEARED: tuple[tuple[type[Base], str, Mapping[str, Any]], ...] = (
    (Ticket, "id", {"title": GONE, "data": {}}),
    (TimelineEvent, "ticket_id", {"body": "", "params": {}, "pending": False}),
    (TaskShare, "ticket_id", {"question": "", "answer": ""}),
    (TicketRating, "ticket_id", {"body": ""}),
    (Urge, "ticket_id", {"reason": "", "answer": ""}),
    (Notice, "ticket_id", {"params": {}}),
    (UserTask, "instance_id", {"submitted": None, "draft": None, "documentation": ""}),
    (StepInput, "instance_id", {"payload": {}}),
    (Incident, "instance_id", {"payload": {}, "params": {}}),
    (ConnectorCall, "instance_id", {"request": None, "key": ""}),
    (ProcessInstance, "id", {"state": b""}),
)
"""What is made empty: the table, the column by which it is a ticket's or its instance's, and what stays in it."""


def _erase_row(session: Session, actor: Actor, whose: Whose, row_id: int, tickets: int, now: datetime) -> None:
    row: Any = session.get_one(_MODELS[whose], row_id)
    old = (row.login, row.name) if whose is Whose.PERSON else (f"{row.kind} {row.external_id}", row.name)
    if whose is Whose.PERSON:
        _erase_person(session, row, now)
    else:
        row.attributes, row.contract_end, row.external_id = {}, None, f"erased-{row.public_id}"
    row.name, row.erased_at = GONE, now
    _scrub_audit(session, old)
    what = f"{whose.value} {row.public_id}"
    audit.record(session, actor, "privacy.erased", what, brand_id=row.brand_id, at=now, after={"tickets": tickets})


def _erase_person(session: Session, person: Person, now: datetime) -> None:
    person.login, person.email, person.phone, person.title = f"erased-{person.public_id.hex}", "", "", ""
    person.password_hash, person.session_epoch = "", person.session_epoch + 1
    person.departed_at = person.departed_at or now
    session.execute(sa.delete(Membership).where(Membership.person_id == person.id))
    session.execute(sa.delete(NoticeAddress).where(NoticeAddress.person_id == person.id))
    mine = sa.update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    session.execute(mine.values(revoked_at=now))
    session.execute(sa.update(Subject).where(Subject.responsible_id == person.id).values(responsible_id=None))


def _scrub_audit(session: Session, names: Sequence[str]) -> None:
    """Entries about them keep who did what when, and lose what it was."""
    about = sa.update(audit.AuditEntry).where(audit.AuditEntry.what.in_(names))
    session.execute(about.values(what=GONE, before={}, after={}))
