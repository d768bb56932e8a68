"""Owns storing versions: the files of an upload and what was read of them, and what new tickets run on from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import Compiled, dump
from engine.definitions.stored import READER_VERSION
from engine.models import DeployedFile, Deployment, ProcessDefinition
from engine.step import World
from tickets import audit
from tickets.actor import Actor
from tickets.inserts import insert_unless_there
from tickets.places import Place
from tickets.standards import steps
from tickets.start_events import offer_starts
from tickets.types import StoredForm, TicketType
from tickets.uploads.reading import Reading

DEFAULT_PREFIX = "T"


@dataclass(frozen=True)
class DeployedType:
    """A ticket type's version that an upload stands for."""

    key: str
    version: int
    public_id: UUID
    new: bool
    """False when exactly this was deployed already: no version was made."""
    name: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class ComingType:
    """A ticket type's version that an upload would become; not `new` when exactly this is there already."""

    key: str
    version: int
    new: bool
    name: str
    names: Mapping[str, str]


def store(
    session: Session,
    world: World,
    actor: Actor | None,
    files: Mapping[str, bytes],
    read: Reading,
    brand_id: int,
    *,
    via: str = "system",
) -> list[DeployedType]:
    """New versions of what was read, live from now on; what is there already, byte for byte, stays as it is."""
    take_turn(session, brand_id)
    for form, source in read.forms.items():
        insert_unless_there(session, StoredForm, digest=form, content=dict(source))
    digest, called = _digest(files), called_by(compiled for _, compiled in read.definitions)
    deployment: Deployment | None = None
    made = []
    for path, compiled in read.definitions:
        current = newest(session, brand_id, compiled.process.id)
        if current is not None and _is_same(current, digest):
            made.append(deployed(current, new=False))
            continue
        if deployment is None:
            by = actor.person_id if actor is not None else None
            fresh = Deployment(brand_id=brand_id, created_at=world.now, created_by_id=by)
            deployment = _keep_files(session, files, fresh)
        definition = _definition(compiled, current, deployment, path, digest)
        publish(session, world, definition, compiled, called=compiled.process.id in called)
        what = f"{definition.key} v{definition.version}"
        audit.record(session, actor, "type.deployed", what, brand_id=brand_id, at=world.now, via=via)
        made.append(deployed(definition, new=True))
    return made


def coming(
    session: Session, files: Mapping[str, bytes], definitions: Sequence[tuple[str, Compiled]], brand_id: int
) -> list[ComingType]:
    """What storing them would make; nothing is written."""
    digest, found = _digest(files), []
    for _, compiled in definitions:
        process = compiled.process
        current = newest(session, brand_id, process.id)
        new = current is None or not _is_same(current, digest)
        version = (current.version if current is not None else 0) + new
        found.append(ComingType(process.id, version, new, process.name, process.names))
    return found


def publish(session: Session, world: World, definition: ProcessDefinition, compiled: Compiled, *, called: bool) -> None:
    """New tickets run on this version, events start it, standards take over its steps, from now on.

    `called`: another process of its upload calls it, so nobody files it by itself.
    """
    session.add(definition)
    session.flush()
    _offer(session, definition, compiled, called=called)
    offer_starts(session, definition, compiled.process, world)
    steps.deployed(session, definition.key, definition.brand_id, compiled, world.now)


def take_turn(session: Session, brand_id: int) -> None:
    """One after another per brand: on PostgreSQL two at once would both make the same version."""
    session.execute(sa.select(Place.id).where(Place.id == brand_id).with_for_update())


def newest(session: Session, brand_id: int, key: str) -> ProcessDefinition | None:
    """The newest version of a type, which is the live one."""
    query = sa.select(ProcessDefinition).where(ProcessDefinition.brand_id == brand_id, ProcessDefinition.key == key)
    return session.scalars(query.order_by(ProcessDefinition.version.desc()).limit(1)).first()


def holds(version: ProcessDefinition) -> tuple[int, str]:
    """What it is made of; two versions of the same hold the very same."""
    return version.deployment_id, version.path


def called_by(upload: Iterable[Compiled]) -> frozenset[str]:
    """The keys of what the processes of one upload call."""
    return frozenset(key for compiled in upload for key in compiled.called)


def _is_same(current: ProcessDefinition, digest: str) -> bool:
    return current.digest == digest and current.reader_version == READER_VERSION


def deployed(definition: ProcessDefinition, *, new: bool) -> DeployedType:
    """What a stored version is told as."""
    return DeployedType(
        definition.key, definition.version, definition.public_id, new, definition.name, definition.names
    )


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


def _offer(session: Session, definition: ProcessDefinition, compiled: Compiled, *, called: bool) -> None:
    """New tickets of this type run on this version from now on."""
    known = sa.select(TicketType).where(TicketType.brand_id == definition.brand_id, TicketType.key == definition.key)
    kind = session.scalar(known) or TicketType(brand_id=definition.brand_id, key=definition.key)
    for name, value in _type_facts(definition, compiled, called=called).items():
        setattr(kind, name, value)
    session.add(kind)
    session.flush()


def _type_facts(definition: ProcessDefinition, compiled: Compiled, *, called: bool) -> dict[str, Any]:
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
        "fileable": start is not None and not called,
        "definition_id": definition.id,
        "updated_at": definition.created_at,
    }


def _digest(files: Mapping[str, bytes]) -> str:
    """One digest for the whole upload: the same files again make no new version."""
    parts = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
