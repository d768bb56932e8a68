"""Owns what a waiver is asked for: a standard's step, of an occurrence, subject or place; and who may ask and see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.models import UserTask
from tickets.access import Actor, visible_subjects, visible_tickets
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.organising.reach import places_within
from tickets.permissions import Permission
from tickets.places import Place
from tickets.standards.naming import Offered, offered
from tickets.standards.tables import Occurrence, Standard, StandardStep, Waiver
from tickets.standing import numbered
from tickets.subjects import Subject
from tickets.ticket import Ticket

SEES = (Permission.SEE_STANDARDS, Permission.MANAGE_STANDARDS, Permission.CHECK_STANDARDS, Permission.WAIVE)
"""Who has one of these over a place sees its waivers and spot checks."""
_WORKS = frozenset({Permission.WORK, *SEES})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: one of `ticket` (its number), `occurrence`, `subject` or `place`, and `step` (its key) or all.

    A ticket says which standard it is of; the others need `standard`.
    """

    standard: UUID | None = None
    step: str = ""
    ticket: str = ""
    occurrence: UUID | None = None
    subject: UUID | None = None
    place: UUID | None = None


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The same, found."""

    standard: Standard
    step: StandardStep | None
    place: Place
    subject_id: int | None = None
    occurrence_id: int | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a form asks a waiver for: a ticket, a subject, or (`open`) a place that is yet to be chosen."""

    standards: Sequence[Offered]
    ticket: str = ""
    title: str = ""
    subject: str = ""
    subject_id: UUID | None = None
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def open(self) -> bool:
        return not self.ticket and self.subject_id is None


def aim_of(session: Session, actor: Actor, wanted: Wanted) -> Aim:
    """With the standards and steps to choose from. Raises NotFound for a ticket or subject that they don't see."""
    choices = offered(session, actor)
    if wanted.ticket:
        query = (
            sa.select(Ticket.number, Ticket.title, Standard.public_id)
            .join(Occurrence, Occurrence.ticket_id == Ticket.id)
            .join(Standard, Standard.id == Occurrence.standard_id)
            .where(numbered(wanted.ticket), visible_tickets(actor))
        )
        if (row := session.execute(query).one_or_none()) is None:
            raise NotFound(N_("This ticket"))
        kept = offered(session, actor, only=row.public_id)
        return Aim(kept, ticket=row.number, title=row.title, wanted=wanted)
    if wanted.subject is not None:
        mine = sa.or_(visible_subjects(actor), places_within(actor, Permission.WORK, *SEES))
        found = session.execute(
            sa.select(Subject.name, Subject.public_id)
            .join(Place, Place.id == Subject.place_id)
            .where(Subject.public_id == wanted.subject, mine)
        ).one_or_none()
        if found is None:
            raise NotFound(N_("This subject"))
        return Aim(choices, subject=found.name, subject_id=found.public_id, wanted=wanted)
    return Aim(choices, wanted=wanted)


def visible_waivers(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Waiver joined with its Place: they asked for it, or standards there are theirs to see."""
    return sa.or_(Waiver.asked_by_id == actor.person_id, places_within(actor, *SEES))


def scope_for(session: Session, actor: Actor, wanted: Wanted) -> AskedFor:
    """What they may ask a waiver for. Raises NotFound (invisible), Forbidden (they don't work there), Invalid."""
    given = [bool(each) for each in (wanted.ticket, wanted.occurrence, wanted.subject, wanted.place)]
    if sum(given) != 1:
        raise Invalid(Message(N_("Say what the waiver is for: one ticket, one subject or one place.")))
    if wanted.ticket or wanted.occurrence is not None:
        return _of_occurrence(session, actor, wanted)
    standard = _standard(session, wanted.standard)
    if wanted.subject is not None:
        return _of_subject(session, actor, wanted, standard)
    place = session.scalar(sa.select(Place).where(Place.public_id == wanted.place))
    if place is None or not (works_at(actor, place) or _within_reach(actor, place)):
        raise NotFound(N_("This place"))
    _check_there(session, standard, place, works=works_at(actor, place))
    return AskedFor(standard, _step(session, standard, wanted.step), place)


def works_at(actor: Actor, place: Place) -> bool:
    """Whether they work at the place, or at one around it: a role of theirs is held there, or reaches it."""
    return any(
        grant.permissions & _WORKS
        and (
            grant.reaches(brand_id=place.brand_id, place_path=place.path)
            or place.path.startswith(grant.place_path)
            or (grant.place_path.startswith(place.path) and grant.place_id == place.id)
        )
        for grant in actor.grants
    )


def _within_reach(actor: Actor, place: Place) -> bool:
    """Whether they know of the place at all: it is of their brand, or of the group."""
    return place.brand_id in (actor.brand_id, actor.root_id)


def _of_occurrence(session: Session, actor: Actor, wanted: Wanted) -> AskedFor:
    query = (
        sa.select(Occurrence, Standard, Place, Ticket)
        .join(Standard, Standard.id == Occurrence.standard_id)
        .join(Place, Place.id == Occurrence.place_id)
        .outerjoin(Ticket, Ticket.id == Occurrence.ticket_id)
    )
    wants = (
        query.where(numbered(wanted.ticket), visible_tickets(actor))
        if wanted.ticket
        else query.where(Occurrence.public_id == wanted.occurrence)
    )
    found = session.execute(wants).one_or_none()
    if found is None:
        raise NotFound(N_("This ticket") if wanted.ticket else N_("This occurrence"))
    occurrence, standard, place, ticket = found
    works = works_at(actor, place) or (ticket is not None and _has_task(session, actor, ticket))
    if not wanted.ticket and not works:
        raise NotFound(N_("This occurrence"))
    _check_there(session, standard, place, works=works)
    step = _step(session, standard, wanted.step)
    return AskedFor(standard, step, place, subject_id=occurrence.subject_id, occurrence_id=occurrence.id)


def _of_subject(session: Session, actor: Actor, wanted: Wanted, standard: Standard) -> AskedFor:
    query = (
        sa.select(Subject.id, Subject.kind, Place)
        .join(Place, Place.id == Subject.place_id)
        .where(
            Subject.public_id == wanted.subject,
            sa.or_(visible_subjects(actor), places_within(actor, Permission.WORK, *SEES)),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(N_("This subject"))
    subject_id, kind, place = found
    if kind != standard.subject_kind:
        raise Invalid(Message(N_("This standard is not for such a subject; choose another.")))
    _check_there(session, standard, place, works=works_at(actor, place))
    return AskedFor(standard, _step(session, standard, wanted.step), place, subject_id=subject_id)


def _check_there(session: Session, standard: Standard, place: Place, *, works: bool) -> None:
    """The standard holds at the place, or at places below it, and they work there."""
    path = session.scalars(sa.select(Place.path).where(Place.id == standard.place_id)).one()
    if not (place.path.startswith(path) or path.startswith(place.path)):
        raise NotFound(N_("This standard"))
    if not works:
        raise Forbidden(Message(N_("Only those who work there ask for a waiver; ask the head of that place.")))


def _standard(session: Session, public_id: UUID | None) -> Standard:
    found = session.scalar(sa.select(Standard).where(Standard.public_id == public_id))
    if found is None:
        raise NotFound(N_("This standard"))
    return found


def _step(session: Session, standard: Standard, key: str) -> StandardStep | None:
    if not key:
        return None
    query = sa.select(StandardStep).where(StandardStep.standard_id == standard.id, StandardStep.key == key[:64])
    found = session.scalar(query.where(StandardStep.active))
    if found is None:
        raise Invalid(Message(N_("This standard has no such step; choose one of the list.")))
    return found


def _has_task(session: Session, actor: Actor, ticket: Ticket) -> bool:
    """A task of the ticket is or was theirs."""
    mine = sa.select(UserTask.id).where(
        UserTask.instance_id == ticket.instance_id, UserTask.assignee_id == actor.person_id
    )
    return session.scalar(mine.limit(1)) is not None
