"""Owns reading ticket types: the list of those one sees, one with its versions, and a version's files as uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Level, Message, Problem
from engine.models import DeployedFile, InstanceStatus, ProcessDefinition, ProcessInstance
from tickets.access import Actor, Permission, Scope, visible_types
from tickets.deploying import report_on
from tickets.errors import Busy, Forbidden, NotFound
from tickets.people import Person
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.start_events import Trigger, triggers_of
from tickets.ticket import OPEN, Ticket
from tickets.types import TicketType
from tickets.versions import holds

VERSIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type of the list: its live version, by whom and when that came, and how many of its tickets are open."""

    type: TicketType
    version: int
    deployed_at: datetime
    deployed_by: str
    place: Place
    open_tickets: int

    @property
    def of_group(self) -> bool:
        """Whether it is the whole group's, not one brand's."""
        return self.place.kind == PlaceKind.GROUP


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a type and how many instances still run on it."""

    definition: ProcessDefinition
    deployed_by: str
    files: Sequence[str]
    running: int
    live: bool
    files_of: int | None
    """The oldest shown version that holds the very same: this one was published again."""
    differs: bool
    """Whether it holds anything else than the live one."""


@dataclass(frozen=True, slots=True)
class TypePage:
    """A type and its newest versions, the newest first; `older` counts those not shown. `triggers` start tickets."""

    row: TypeRow
    versions: Sequence[Version]
    older: int
    triggers: Sequence[Trigger]

    @property
    def live(self) -> Version:
        """The version that new tickets run on."""
        return next(version for version in self.versions if version.live)


def type_list(session: Session, actor: Actor) -> list[TypeRow]:
    """The types this person may look into, by name. Raises Forbidden."""
    _check(actor)
    rows = session.execute(_types().where(visible_types(actor)).order_by(TicketType.name, TicketType.id)).all()
    counts = _open_tickets(session, actor)
    return [_row(row, counts) for row in rows]


def type_page(session: Session, actor: Actor, type_id: UUID) -> TypePage:
    """One type with its versions. Raises Forbidden, NotFound."""
    _check(actor)
    found = session.execute(_types().where(visible_types(actor), TicketType.public_id == type_id)).one_or_none()
    if found is None:
        raise NotFound(N_("This ticket type"))
    row = _row(found, _open_tickets(session, actor))
    versions = _versions(session, row.type)
    return TypePage(
        row=row,
        versions=versions,
        older=versions[0].definition.version - len(versions),
        triggers=triggers_of(session, row.type.definition_id),
    )


def version_files(session: Session, actor: Actor, type_id: UUID, version: int) -> Mapping[str, bytes]:
    """The files of a version byte for byte, by path. Raises Forbidden, NotFound."""
    return _contents(session, _definition(session, actor, type_id, version))


def version_file(session: Session, actor: Actor, type_id: UUID, version: int, path: str = "") -> tuple[str, bytes]:
    """One file of a version as it was uploaded, with its path; its process's own by default. Raises NotFound."""
    found = _definition(session, actor, type_id, version)
    wanted = sa.select(DeployedFile.path, DeployedFile.content).where(
        DeployedFile.deployment_id == found.deployment_id, DeployedFile.path == (path or found.path)
    )
    file = session.execute(wanted).one_or_none()
    if file is None:
        raise NotFound(N_("This file"))
    return file.path, file.content


def notices(session: Session, runtime: Runtime, definition: ProcessDefinition) -> list[Problem]:
    """What the upload of a version was warned of or told; read anew from its files, in today's words.

    Nothing while very many uploads are being read.
    """
    files = _contents(session, definition)
    try:
        report = report_on(runtime, files, definition.brand_id, at=definition.created_at)
    except Busy:
        return []
    # It was accepted, so what looks like an error now (a called process that is gone) is none.
    return [problem for problem in report.problems if problem.level is not Level.ERROR]


def type_of_version(session: Session, definition_id: UUID) -> UUID:
    """The public id of the type that a version, by its public id, belongs to."""
    query = sa.select(TicketType.public_id).join(
        ProcessDefinition,
        sa.and_(ProcessDefinition.brand_id == TicketType.brand_id, ProcessDefinition.key == TicketType.key),
    )
    return session.scalars(query.where(ProcessDefinition.public_id == definition_id)).one()


def places_to_deploy(session: Session, actor: Actor) -> list[Place]:
    """The group and the brands for which they may publish types, the group first."""
    wide = (PlaceKind.GROUP, PlaceKind.BRAND)
    query = sa.select(Place).where(Place.kind.in_(wide), Place.closed_at.is_(None)).order_by(Place.path)
    return [
        place
        for place in session.scalars(query)
        if actor.covers(Permission.DEPLOY, brand_id=place.id, place_path=place.path)
    ]


def check_may_deploy(actor: Actor) -> None:
    """Raises Forbidden for those who may not put versions live."""
    if not actor.may(Permission.DEPLOY):
        raise Forbidden(Message(N_("New versions are put live by process designers; ask one of them.")))


def _check(actor: Actor) -> None:
    if not (actor.may(Permission.SEE_TYPES) or actor.may(Permission.DEPLOY)):
        raise Forbidden(Message(N_("Ticket types are looked after by process designers; ask one of them.")))


def _types() -> sa.Select[TicketType, int, datetime, str | None, Place]:
    return (
        sa.select(TicketType, ProcessDefinition.version, ProcessDefinition.created_at, Person.name, Place)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .join(Place, Place.id == TicketType.brand_id)
        .outerjoin(Person, Person.id == ProcessDefinition.created_by_id)
    )


def _row(found: sa.Row[TicketType, int, datetime, str | None, Place], counts: Mapping[int, int]) -> TypeRow:
    kind, version, at, by, place = found
    return TypeRow(
        type=kind,
        version=version,
        deployed_at=at,
        deployed_by=by or "",
        place=place,
        open_tickets=counts.get(kind.id, 0),
    )


def _open_tickets(session: Session, actor: Actor) -> dict[int, int]:
    """How many tickets of each type are open: the brand's, or with a role of the whole group every brand's."""
    query = sa.select(Ticket.type_id, sa.func.count()).where(Ticket.status.in_(sorted(OPEN))).group_by(Ticket.type_id)
    if not any(grant.scope is Scope.GROUP for grant in actor.grants):
        query = query.where(Ticket.brand_id == actor.brand_id)
    return dict(session.execute(query).all())


def _versions(session: Session, kind: TicketType) -> list[Version]:
    of_type = sa.and_(ProcessDefinition.brand_id == kind.brand_id, ProcessDefinition.key == kind.key)
    newest = session.scalar(sa.select(sa.func.max(ProcessDefinition.version)).where(of_type)) or 0
    shown = sa.or_(ProcessDefinition.version > newest - VERSIONS_SHOWN, ProcessDefinition.id == kind.definition_id)
    rows = session.execute(
        sa.select(ProcessDefinition, Person.name)
        .outerjoin(Person, Person.id == ProcessDefinition.created_by_id)
        .where(of_type, shown)
        .order_by(ProcessDefinition.version.desc())
    ).all()
    running = _running(session, [definition.id for definition, _ in rows])
    paths = _paths(session, [definition.deployment_id for definition, _ in rows])
    live = next(definition for definition, _ in rows if definition.id == kind.definition_id)
    oldest = {holds(definition): definition.version for definition, _ in rows}
    return [
        Version(
            definition=definition,
            deployed_by=by or "",
            files=paths.get(definition.deployment_id, ()),
            running=running.get(definition.id, 0),
            live=definition.id == kind.definition_id,
            files_of=first if (first := oldest[holds(definition)]) != definition.version else None,
            differs=holds(definition) != holds(live),
        )
        for definition, by in rows
    ]


def _running(session: Session, definition_ids: Sequence[int]) -> dict[int, int]:
    query = (
        sa.select(ProcessInstance.definition_id, sa.func.count())
        .where(
            ProcessInstance.definition_id.in_(definition_ids),
            ProcessInstance.status.in_((InstanceStatus.ACTIVE, InstanceStatus.INCIDENT)),
        )
        .group_by(ProcessInstance.definition_id)
    )
    return dict(session.execute(query).all())


def _paths(session: Session, deployment_ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        sa.select(DeployedFile.deployment_id, DeployedFile.path)
        .where(DeployedFile.deployment_id.in_(deployment_ids))
        .order_by(DeployedFile.path)
    )
    found: dict[int, list[str]] = {}
    for deployment_id, path in session.execute(query):
        found.setdefault(deployment_id, []).append(path)
    return found


def _contents(session: Session, definition: ProcessDefinition) -> dict[str, bytes]:
    files = sa.select(DeployedFile.path, DeployedFile.content).order_by(DeployedFile.path)
    return dict(session.execute(files.where(DeployedFile.deployment_id == definition.deployment_id)).all())


def _definition(session: Session, actor: Actor, type_id: UUID, version: int) -> ProcessDefinition:
    _check(actor)
    found = session.scalar(
        sa.select(ProcessDefinition)
        .join(
            TicketType,
            sa.and_(TicketType.brand_id == ProcessDefinition.brand_id, TicketType.key == ProcessDefinition.key),
        )
        .where(visible_types(actor), TicketType.public_id == type_id, ProcessDefinition.version == version)
    )
    if found is None:
        raise NotFound(N_("This version"))
    return found
