"""Owns reading subjects: the list one may see, searched and paged, and one subject."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.expressions import N_, Message
from tickets.access import visible_subjects, visible_tickets
from tickets.actor import Actor
from tickets.errors import Invalid, NotFound
from tickets.people import Person
from tickets.places import Place
from tickets.subjects import Subject, SubjectKind
from tickets.ticket import OPEN, Ticket

LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject with its place, its brand's name and who answers for it."""

    subject: Subject
    place: Place
    brand: Place
    responsible: Person | None


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """Rows of the list, the newest first; `next_cursor` is None on the last page."""

    rows: Sequence[SubjectRow]
    next_cursor: str | None


def subject_list(
    session: Session,
    actor: Actor,
    *,
    kind: SubjectKind | None = None,
    search: str = "",
    of: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> SubjectPage:
    """The subjects they may see, `limit` at a time; `search` is a part of the name or of the external id, `of` is
    the person who looks after them.

    Raises Invalid for a cursor that no page gave.
    """
    query = _rows().where(visible_subjects(actor)).order_by(Subject.id.desc()).limit(limit + 1)
    if kind is not None:
        query = query.where(Subject.kind == kind)
    if text := "".join(filter(str.isprintable, search))[:LONGEST_SEARCH].strip():
        holds = (column.icontains(text, autoescape=True) for column in (Subject.name, Subject.external_id))
        query = query.where(sa.or_(*holds))
    if of is not None:
        query = query.where(
            Subject.responsible_id == sa.select(Person.id).where(Person.public_id == of).scalar_subquery()
        )
    if cursor:
        query = query.where(Subject.id < _position(cursor))
    rows = [SubjectRow(*row) for row in session.execute(query)]
    return SubjectPage(rows[:limit], str(rows[limit - 1].subject.id) if len(rows) > limit else None)


def under_way(session: Session, actor: Actor, type_id: int, subjects: Collection[int]) -> Mapping[int, str]:
    """The newest open ticket of the type about each of these subjects, of those one sees: numbers by subject."""
    if not subjects:
        return {}
    about = (Ticket.subject_id.in_(subjects), Ticket.type_id == type_id, Ticket.status.in_(sorted(OPEN)))
    query = sa.select(Ticket.subject_id, Ticket.number).where(*about, visible_tickets(actor)).order_by(Ticket.id)
    return {subject_id: number for subject_id, number in session.execute(query) if subject_id is not None}


def find_subject(session: Session, actor: Actor, public_id: UUID) -> SubjectRow:
    """One subject. Raises NotFound, also when they may not see it."""
    row = session.execute(_rows().where(Subject.public_id == public_id, visible_subjects(actor))).one_or_none()
    if row is None:
        raise NotFound(N_("This subject"))
    return SubjectRow(*row)


_BRAND = shared_alias(Place)


def _rows() -> sa.Select[Subject, Place, Place, Person | None]:
    return (
        sa.select(Subject, Place, _BRAND, Person)
        .join(Place, Place.id == Subject.place_id)
        .join(_BRAND, _BRAND.id == Subject.brand_id)
        .outerjoin(Person, Person.id == Subject.responsible_id)
    )


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Invalid(Message(N_("This address has a broken page mark; start from the first page.")))
    return int(cursor)
