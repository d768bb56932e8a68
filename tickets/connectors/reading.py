"""Reads connectors for those who manage them: secrets with what uses them, and the calls made lately."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import Compiled, load
from engine.definitions.call_check import secrets_used
from engine.expressions import N_
from engine.models import Incident, ProcessDefinition
from tickets.access import Actor
from tickets.connectors.asking import JOB
from tickets.connectors.secret import brands_of, managed
from tickets.connectors.tables import CallState, ConnectorCall, ConnectorSecret
from tickets.errors import NotFound
from tickets.places import Place, PlaceKind
from tickets.ticket import Ticket
from tickets.types import TicketType

CALLS = 100
MOST_TYPES = 2000
HAS_CALLS = b'"call":{'
"""Within a stored definition, where a task calls another system."""


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret and where it belongs; `types` are the ticket types that name it and would get it."""

    secret: ConnectorSecret
    place: Place
    types: Sequence[TicketType]


@dataclass(frozen=True, slots=True)
class Missing:
    """A secret that a type names and no place it is used at has."""

    name: str
    kind: TicketType


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call with its ticket's number; `incident` is the open one that stands for it."""

    call: ConnectorCall
    number: str
    incident: UUID | None


def secret_list(session: Session, actor: Actor) -> tuple[list[SecretRow], list[Missing]]:
    """The secrets one manages, by name; and those that types need and nobody has added. Raises Forbidden."""
    query = sa.select(ConnectorSecret, Place).join(Place, Place.id == ConnectorSecret.brand_id).where(managed(actor))
    rows = session.execute(query.order_by(ConnectorSecret.name, Place.path)).all()
    used = _uses(session, actor)
    found = [SecretRow(secret, place, _types_of(secret, place, used)) for secret, place in rows]
    return found, list(_missing(session, actor, used))


def secret_page(session: Session, actor: Actor, public_id: UUID) -> SecretRow:
    """One of them. Raises Forbidden, NotFound."""
    query = sa.select(ConnectorSecret, Place).join(Place, Place.id == ConnectorSecret.brand_id)
    row = session.execute(query.where(ConnectorSecret.public_id == public_id, managed(actor))).one_or_none()
    if row is None:
        raise NotFound(N_("This secret"))
    return SecretRow(row[0], row[1], _types_of(row[0], row[1], _uses(session, actor)))


def places_for(session: Session, actor: Actor) -> Sequence[Place]:
    """The group and the brands whose secrets one manages, from the top. Raises Forbidden."""
    brands = brands_of(actor)
    query = sa.select(Place).where(Place.kind.in_((PlaceKind.GROUP, PlaceKind.BRAND))).order_by(Place.path)
    return session.scalars(query if brands is None else query.where(Place.id.in_(brands))).all()


def call_list(session: Session, actor: Actor, *, failed: bool = False) -> list[CallRow]:
    """The latest calls of the brands one manages, or those that wait for somebody. Raises Forbidden."""
    brands = brands_of(actor)
    stands_for = sa.and_(
        Incident.instance_id == ConnectorCall.instance_id,
        Incident.kind == JOB,
        Incident.element == ConnectorCall.element,
        Incident.resolved_at.is_(None),
    )
    incident = sa.select(Incident.public_id).where(stands_for).order_by(Incident.id).limit(1)
    first = incident.correlate(ConnectorCall).scalar_subquery()
    calls = sa.select(ConnectorCall, Ticket.number, first).join(Ticket, Ticket.id == ConnectorCall.ticket_id)
    if brands is not None:
        calls = calls.where(ConnectorCall.brand_id.in_(brands))
    if failed:
        calls = calls.where(
            ConnectorCall.state.in_((CallState.FAILED, CallState.REFUSED)), incident.correlate(ConnectorCall).exists()
        )
    rows = session.execute(calls.order_by(ConnectorCall.at.desc(), ConnectorCall.id.desc()).limit(CALLS))
    return [CallRow(*row) for row in rows]


def missing_for(session: Session, compiled: Compiled, brand_id: int, group_id: int) -> Iterator[tuple[str, str]]:
    """The secrets that a brand's new version names and neither it nor the group has, with the first task that does."""
    used = secrets_used(compiled)
    if not used:
        return
    here = (ConnectorSecret.brand_id.in_((brand_id, group_id)), ConnectorSecret.name.in_(used))
    known = set(session.scalars(sa.select(ConnectorSecret.name).where(*here)))
    yield from ((name, node.id) for name, node in used.items() if name not in known)


def missing_anywhere(session: Session) -> list[str]:
    """The secrets that active types name and no brand nor the group has."""
    used = _used_by(session, sa.true())
    known = set(session.scalars(sa.select(ConnectorSecret.name).where(ConnectorSecret.name.in_(used))))
    return sorted(used.keys() - known)


def _uses(session: Session, actor: Actor) -> Mapping[str, list[TicketType]]:
    """The active types that name each secret: of the brands one manages, and of the group."""
    brands = brands_of(actor)
    return _used_by(session, sa.true() if brands is None else TicketType.brand_id.in_((*brands, actor.root_id)))


def _used_by(session: Session, wanted: sa.ColumnElement[bool]) -> Mapping[str, list[TicketType]]:
    query = (
        sa.select(TicketType, ProcessDefinition.compiled)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .where(TicketType.active, wanted)
        .order_by(TicketType.name)
        .limit(MOST_TYPES)
    )
    found: dict[str, list[TicketType]] = {}
    for kind, compiled in session.execute(query):
        for name in secrets_used(load(compiled)) if HAS_CALLS in compiled else ():
            found.setdefault(name, []).append(kind)
    return found


def _types_of(secret: ConnectorSecret, place: Place, used: Mapping[str, list[TicketType]]) -> list[TicketType]:
    kinds = used.get(secret.name, [])
    if place.kind == PlaceKind.GROUP:
        return kinds
    return [kind for kind in kinds if kind.brand_id in (secret.brand_id, place.parent_id)]


def _missing(session: Session, actor: Actor, used: Mapping[str, list[TicketType]]) -> Iterator[Missing]:
    names = sa.select(ConnectorSecret.name, ConnectorSecret.brand_id).where(ConnectorSecret.name.in_(used))
    there: dict[str, set[int]] = {}
    for name, brand_id in session.execute(names):
        there.setdefault(name, set()).add(brand_id)
    for name, kinds in sorted(used.items()):
        for kind in kinds:
            enough = there.get(name, set())
            if not enough & {kind.brand_id, actor.root_id} and not (kind.brand_id == actor.root_id and enough):
                yield Missing(name, kind)
