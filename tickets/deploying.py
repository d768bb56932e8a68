"""Owns deploying: an upload of definitions and forms becomes a new version of its ticket types, with one report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import measures
from engine.definitions import At, Compiled, Report, dump
from engine.definitions.stored import READER_VERSION
from engine.expressions import N_, Message
from engine.models import DeployedFile, Deployment, ProcessDefinition
from engine.step import World
from tickets import audit
from tickets.access import Actor, Permission
from tickets.connectors.reading import missing_for
from tickets.errors import Forbidden
from tickets.inserts import insert_unless_there
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.standards import steps
from tickets.standards.variants.publishing import Judged, affected
from tickets.start_events import offer_starts
from tickets.types import StoredForm, TicketType
from tickets.uploads.reading import Reading, Upload

DEFAULT_PREFIX = "T"


@dataclass(frozen=True)
class DeployedType:
    """A ticket type's version that an upload stands for."""

    key: str
    version: int
    public_id: UUID
    new: bool
    """False when exactly this was deployed already: no version was made."""


@dataclass(frozen=True)
class Deployed:
    """What came of an upload: the report, and the versions made of it (none if it was refused)."""

    report: Report
    types: list[DeployedType] = field(default_factory=list)


def deploy(
    runtime: Runtime,
    actor: Actor | None,
    files: Mapping[str, bytes],
    *,
    brand_id: int | None = None,
    lenient: bool = False,
) -> Deployed:
    """Reads, checks and, unless refused, stores an upload; bad files never raise, the report says it all.

    `brand_id` None: the actor's own brand, or the group's without an actor. `lenient`: missing called processes and
    tables are warnings, as in a trial. Raises Forbidden, Busy.
    """
    with runtime.reading() as session:
        brand = brand_id or (actor.brand_id if actor is not None else _group_id(session))
        if actor is not None and not _may_publish(session, actor, brand):
            raise Forbidden(Message(N_("Your roles don't let you publish ticket types here; ask a process designer.")))
        world = World(runtime.clock.now(), _zone(session, brand), calendar=runtime.calendars(brand))
    read = _read(runtime, Upload(files, world, lenient=lenient), brand)
    judged = _judge(runtime, read, brand)
    measures.UPLOADS.labels("accepted" if read.report.accepted else "refused").inc()
    if not read.report.accepted:
        return Deployed(read.report)
    with runtime.writing() as session, session.begin():
        judged.record(session, actor, world.now)
        return Deployed(read.report, _store(session, world, actor, files, read, brand))


def report_on(runtime: Runtime, files: Mapping[str, bytes], brand_id: int, *, at: datetime) -> Report:
    """What an upload of these files was told then, in today's words; nothing is stored. Raises Busy."""
    with runtime.reading() as session:
        world = World(at, _zone(session, brand_id))
    return _read(runtime, Upload(files, world), brand_id).report


def _judge(runtime: Runtime, read: Reading, brand_id: int) -> Judged:
    """What the upload means for variants; the report tells it. No session is open while that is looked at."""
    with runtime.reading() as session:
        affects = affected(session, brand_id, read.definitions)
    judged = affects.judge(read.definitions, read.forms)
    judged.tell(read.report)
    return judged


def _read(runtime: Runtime, upload: Upload, brand_id: int) -> Reading:
    """No session is open while it is read: that may take seconds."""

    def newest(process_id: str) -> bytes | None:
        with runtime.reading() as session:
            return _newest(session, brand_id, process_id)

    read = runtime.reader(upload, newest)
    if read.report.accepted and not upload.lenient:
        _warn_of_secrets(runtime, read, brand_id)
    return read


def _warn_of_secrets(runtime: Runtime, read: Reading, brand_id: int) -> None:
    """Calls to other systems stop while a secret that they need is missing."""
    with runtime.reading() as session:
        for path, compiled in read.definitions:
            read.report.file = path
            for name, element in missing_for(session, compiled, brand_id, _group_id(session)):
                node = compiled.node(element)
                at = At(element, node.name if node else "", node.line if node else 1)
                problem = N_("The secret “%(name)s” is not there; calls that need it stop until somebody adds it.")
                remedy = N_("Add it under System management, Secrets, for the brand or the group.")
                read.report.warning("secret-missing", at, problem, remedy, name=name)


def _zone(session: Session, brand_id: int) -> ZoneInfo:
    return ZoneInfo(session.scalar(sa.select(Place.time_zone).where(Place.id == brand_id)) or "UTC")


def _may_publish(session: Session, actor: Actor, brand_id: int) -> bool:
    path = session.scalar(sa.select(Place.path).where(Place.id == brand_id))
    return path is not None and actor.covers(Permission.DEPLOY, brand_id=brand_id, place_path=path)


def _group_id(session: Session) -> int:
    return session.scalars(sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).order_by(Place.id)).first() or 0


def _newest(session: Session, brand_id: int, key: str) -> bytes | None:
    """The newest deployed version of a called process: the brand's own, else the group's."""
    group = _group_id(session)
    query = (
        sa.select(ProcessDefinition.compiled)
        .where(ProcessDefinition.key == key, ProcessDefinition.brand_id.in_((brand_id, group)))
        .order_by(sa.case((ProcessDefinition.brand_id == brand_id, 0), else_=1), ProcessDefinition.version.desc())
        .limit(1)
    )
    return session.scalar(query)


def _store(
    session: Session,
    world: World,
    actor: Actor | None,
    files: Mapping[str, bytes],
    read: Reading,
    brand_id: int,
) -> list[DeployedType]:
    # One deployment after another per brand: on PostgreSQL two at once would both make the same version.
    session.execute(sa.select(Place.id).where(Place.id == brand_id).with_for_update())
    now, by = world.now, actor.person_id if actor is not None else None
    for digest, source in read.forms.items():
        insert_unless_there(session, StoredForm, digest=digest, content=dict(source))
    digest = _digest(files)
    called = {key for _, compiled in read.definitions for key in compiled.called}
    deployment: Deployment | None = None
    made = []
    for path, compiled in read.definitions:
        current = _current(session, brand_id, compiled.process.id)
        if current is not None and current.digest == digest and current.reader_version == READER_VERSION:
            made.append(DeployedType(current.key, current.version, current.public_id, new=False))
            continue
        if deployment is None:
            fresh = Deployment(brand_id=brand_id, created_at=now, created_by_id=by)
            deployment = _keep_files(session, files, fresh)
        definition = _definition(compiled, current, deployment, path, digest)
        session.add(definition)
        session.flush()
        _offer(session, definition, compiled, called)
        offer_starts(session, definition, compiled.process, world)
        steps.deployed(session, definition.key, brand_id, compiled, now)
        what = f"{definition.key} v{definition.version}"
        audit.record(session, actor, "type.deployed", what, brand_id=brand_id, at=now)
        made.append(DeployedType(definition.key, definition.version, definition.public_id, new=True))
    return made


def _current(session: Session, brand_id: int, key: str) -> ProcessDefinition | None:
    query = sa.select(ProcessDefinition).where(ProcessDefinition.brand_id == brand_id, ProcessDefinition.key == key)
    return session.scalars(query.order_by(ProcessDefinition.version.desc()).limit(1)).first()


def _keep_files(session: Session, files: Mapping[str, bytes], deployment: Deployment) -> Deployment:
    deployment.files = [
        DeployedFile(path=path, digest=hashlib.sha256(content).hexdigest(), content=content)
        for path, content in files.items()
    ]
    session.add(deployment)
    session.flush()
    return deployment


def _definition(
    compiled: Compiled, current: ProcessDefinition | None, deployment: Deployment, path: str, digest: str
) -> ProcessDefinition:
    process = compiled.process
    return ProcessDefinition(
        brand_id=deployment.brand_id,
        key=process.id,
        version=current.version + 1 if current is not None else 1,
        name=process.name,
        names=process.names,
        settings=process.settings,
        deployment_id=deployment.id,
        path=path,
        digest=digest,
        reader_version=READER_VERSION,
        compiled=dump(compiled),
        created_at=deployment.created_at,
        created_by_id=deployment.created_by_id,
    )


def _offer(session: Session, definition: ProcessDefinition, compiled: Compiled, called: set[str]) -> None:
    """New tickets of this type run on this version from now on."""
    known = sa.select(TicketType).where(TicketType.brand_id == definition.brand_id, TicketType.key == definition.key)
    kind = session.scalar(known) or TicketType(brand_id=definition.brand_id, key=definition.key)
    for name, value in _type_facts(definition, compiled, called).items():
        setattr(kind, name, value)
    session.add(kind)
    session.flush()


def _type_facts(definition: ProcessDefinition, compiled: Compiled, called: set[str]) -> dict[str, Any]:
    process, settings = compiled.process, definition.settings
    start = process.start()
    return {
        "name": definition.name,
        "names": definition.names,
        "category": settings.get("category", ""),
        "icon": settings.get("icon", "ticket")[:64],
        "prefix": settings.get("prefix", DEFAULT_PREFIX),
        "documentation": process.documentation,
        "start_form_digest": compiled.forms.get(start.id) if start is not None else None,
        "start_roles": [role.strip() for role in settings.get("start.roles", "").split(",") if role.strip()],
        "fileable": start is not None and process.id not in called,
        "definition_id": definition.id,
        "updated_at": definition.created_at,
    }


def _digest(files: Mapping[str, bytes]) -> str:
    """One digest for the whole upload: the same files again make no new version."""
    parts = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
