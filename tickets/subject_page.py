"""Owns what a subject's page and form show besides it: the tickets about it, and what the form offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import visible_tickets
from tickets.actor import Actor
from tickets.people import Person
from tickets.permissions import Permission, Scope
from tickets.places import Place
from tickets.subject_list import SubjectRow
from tickets.ticket import Ticket
from tickets.types import TicketType

TICKETS_SHOWN = 20
PEOPLE_OFFERED = 300


@dataclass(frozen=True, slots=True)
class AboutRow:
    """One ticket about a subject, with its type and its owner's name (empty: nobody yet)."""

    ticket: Ticket
    type: TicketType
    owner: str


@dataclass(frozen=True, slots=True)
class AboutPage:
    """The newest tickets about a subject that this person sees; `more` when there are others."""

    rows: Sequence[AboutRow]
    more: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """Where a subject may belong, by brand, and who may answer for it; of many people only some are offered."""

    places: Sequence[tuple[Place, Sequence[Place]]]
    people: Sequence[Person]

    def find(self, public_id: str) -> tuple[Place, Place] | None:
        """A place that is offered, with its brand."""
        found = ((brand, place) for brand, places in self.places for place in places)
        return next(((brand, place) for brand, place in found if str(place.public_id) == public_id), None)


def tickets_about(session: Session, actor: Actor, subject_id: int) -> AboutPage:
    """The tickets about a subject, the newest first, as far as this person sees them."""
    query = (
        sa.select(Ticket, TicketType, Person.name)
        .join(TicketType, TicketType.id == Ticket.type_id)
        .outerjoin(Person, Person.id == Ticket.owner_id)
        .where(Ticket.subject_id == subject_id, visible_tickets(actor))
        .order_by(Ticket.id.desc())
        .limit(TICKETS_SHOWN + 1)
    )
    rows = [AboutRow(ticket, kind, owner or "") for ticket, kind, owner in session.execute(query)]
    return AboutPage(rows[:TICKETS_SHOWN], more=len(rows) > TICKETS_SHOWN)


def may_change(actor: Actor, row: SubjectRow) -> bool:
    """Whether this person may change this subject."""
    home = row.place
    return actor.covers(Permission.EDIT_SUBJECTS, brand_id=home.brand_id, place_path=home.path)


def choices(session: Session, actor: Actor, row: SubjectRow | None) -> Choices:
    """What the form offers; for a subject that is there, of its own brand."""
    grants = actor.having(Permission.EDIT_SUBJECTS)
    query = sa.select(Place).where(Place.external_id.is_not(None))
    if not any(grant.scope is Scope.GROUP for grant in grants):
        below = (Place.path.startswith(grant.place_path, autoescape=True) for grant in grants)
        query = query.where(sa.or_(sa.false(), *below))
    if row is not None:
        query = query.where(Place.brand_id == row.brand.id)
    places = session.scalars(query.order_by(Place.path)).all()
    brand_ids = sorted({place.brand_id for place in places})
    brands = session.scalars(sa.select(Place).where(Place.id.in_(brand_ids)).order_by(Place.path))
    people = (
        sa.select(Person)
        .where(Person.brand_id.in_((*brand_ids, actor.root_id)), Person.departed_at.is_(None))
        .order_by(Person.name, Person.id)
        .limit(PEOPLE_OFFERED)
    )
    grouped = [(brand, [place for place in places if place.brand_id == brand.id]) for brand in brands]
    return Choices(grouped, session.scalars(people).all())
