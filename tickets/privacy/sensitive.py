"""Owns what is sensitive of a ticket's data, and who may look at it; each look is in the audit log."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from forms import Form
from forms.fields import InputField
from forms.form import walk
from tickets import audit
from tickets.access import Actor, Permission, inside_tickets, visible_tickets
from tickets.errors import Forbidden, NotFound
from tickets.forms_asked import forms_asked
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.standing import numbered
from tickets.ticket import Ticket


def sensitive_names(forms: Iterable[Form]) -> frozenset[str]:
    """The top-level names of data that hold something sensitive by any of the forms, also deep in a list's rows."""
    fields = (field for form in forms for field in walk(form.fields))
    return frozenset(field.path[0] for field in fields if isinstance(field, InputField) and field.sensitive)


def sensitive_of(session: Session, ticket_id: int) -> frozenset[str]:
    """Of one ticket: the sensitive names among what its forms have asked so far."""
    return frozenset().union(*(sensitive_names(f for f, _ in each.forms) for each in forms_asked(session, [ticket_id])))


def may_look(actor: Actor, *, brand_id: int, place_path: str) -> bool:
    """Whether they may see what is sensitive of tickets there; without a look of their own it stays masked."""
    return actor.covers(Permission.SEE_SENSITIVE, brand_id=brand_id, place_path=place_path)


def look(runtime: Runtime, actor: Actor, number: str) -> frozenset[str]:
    """Look at what is sensitive of a ticket: the names seen, written into the audit log. Raises NotFound, Forbidden."""
    with runtime.writing() as session, session.begin():
        found = session.execute(
            sa.select(Ticket.id, Ticket.brand_id, Place.path)
            .join(Place, Place.id == Ticket.place_id)
            .where(numbered(number), visible_tickets(actor), inside_tickets(actor))
        ).one_or_none()
        if found is None:
            raise NotFound(N_("This ticket"))
        ticket_id, brand_id, path = found
        if not may_look(actor, brand_id=brand_id, place_path=path):
            raise Forbidden(Message(N_("Your roles don't let you see what is marked as sensitive.")))
        names = sensitive_of(session, ticket_id)
        note_look(session, actor, number, names, brand_id=brand_id, runtime=runtime)
        return names


def note_look(
    session: Session, actor: Actor, number: str, names: Iterable[str], *, brand_id: int, runtime: Runtime
) -> None:
    """Write into the audit log that these sensitive names of a ticket were seen, as its forms label them."""
    labels = _labels(session, number, frozenset(names))
    seen = {"fields": sorted(labels.get(name, name) for name in names)}
    now = runtime.clock.now()
    audit.record(session, actor, "sensitive.seen", number, brand_id=brand_id, at=now, after=seen)


def _labels(session: Session, number: str, names: frozenset[str]) -> dict[str, str]:
    """What the forms of the ticket call these names; the last that asked counts."""
    ids = session.scalars(sa.select(Ticket.id).where(numbered(number))).all()
    forms = (form for each in forms_asked(session, ids) for form, _ in each.forms)
    fields = (field for form in forms for field in walk(form.fields) if isinstance(field, InputField))
    labelled = ((field.path[0], field.label.own.source) for field in fields if field.path[0] in names)
    return {name: label for name, label in labelled if label}
