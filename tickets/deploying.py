"""Owns deploying: an upload of definitions and forms becomes a new version of its ticket types, with one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import measures
from engine.definitions import At, Report
from engine.definitions.stored import load
from engine.expressions import N_, Message
from engine.models import ProcessDefinition
from engine.step import World
from tickets.access import Actor, Permission
from tickets.assigning.role_checks import warn_of_roles
from tickets.connectors.reading import missing_for
from tickets.errors import Forbidden
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.standards.variants.behind import Older, OlderVersion
from tickets.standards.variants.publishing import Judged, Live, affected, older_of
from tickets.uploads.reading import Reading, Upload
from tickets.versions import ComingType, DeployedType, coming, newest, store

NOT_YOURS = N_("Your roles don't let you publish ticket types here; ask a process designer.")


@dataclass(frozen=True)
class Deployed:
    """What came of an upload: the report, and the versions made of it (none if it was refused)."""

    report: Report
    types: list[DeployedType] = field(default_factory=list)


@dataclass(frozen=True)
class Checked:
    """What would come of an upload: the report, and the versions it would become (none if it would be refused)."""

    report: Report
    types: list[ComingType] = field(default_factory=list)


def deploy(
    runtime: Runtime,
    actor: Actor | None,
    files: Mapping[str, bytes],
    *,
    brand_id: int | None = None,
    lenient: bool = False,
    via: str = "system",
) -> Deployed:
    """Reads, checks and, unless refused, stores an upload; bad files never raise, the report says it all.

    `brand_id` None: the actor's own brand, or the group's without an actor. `lenient`: missing called processes and
    tables are warnings, as in a trial. Raises Forbidden, Busy.
    """
    brand, world = _where(runtime, actor, brand_id)
    read = _read(runtime, Upload(files, world, lenient=lenient), brand)
    judged = _judge(runtime, read, brand)
    measures.UPLOADS.labels("accepted" if read.report.accepted else "refused").inc()
    if not read.report.accepted:
        return Deployed(read.report)
    with runtime.writing() as session, session.begin():
        judged.record(session, actor, world.now)
        return Deployed(read.report, store(session, world, actor, files, read, brand, via=via))


def check(runtime: Runtime, actor: Actor | None, files: Mapping[str, bytes], *, brand_id: int | None = None) -> Checked:
    """Reads and checks an upload just as `deploy` does, and stores nothing of it. Raises Forbidden, Busy."""
    brand, world = _where(runtime, actor, brand_id)
    read = _read(runtime, Upload(files, world), brand)
    _judge(runtime, read, brand)
    if not read.report.accepted:
        return Checked(read.report)
    with runtime.reading() as session:
        return Checked(read.report, coming(session, files, read.definitions, brand))


def report_on(runtime: Runtime, files: Mapping[str, bytes], brand_id: int, *, at: datetime) -> Report:
    """What an upload of these files was told then, in today's words; nothing is stored. Raises Busy."""
    with runtime.reading() as session:
        world = World(at, _zone(session, brand_id))
    return _read(runtime, Upload(files, world), brand_id).report


def _where(runtime: Runtime, actor: Actor | None, brand_id: int | None) -> tuple[int, World]:
    """For whom it is, and the clock there. Raises Forbidden."""
    with runtime.reading() as session:
        brand = brand_id or (actor.brand_id if actor is not None else _group_id(session))
        if actor is not None and not may_publish(session, actor, brand):
            raise Forbidden(Message(NOT_YOURS))
        return brand, world_of(session, runtime, brand)


def _judge(runtime: Runtime, read: Reading, brand_id: int) -> Judged:
    """What the upload means for variants; the report tells it. No session is open while that is looked at."""
    with runtime.reading() as session:
        affects = affected(session, brand_id, read.definitions)
    judged = affects.judge(read.definitions, read.forms, older_in(runtime))
    judged.tell(read.report)
    return judged


def older_in(runtime: Runtime) -> Older:
    """Older versions of standards, as this installation keeps them."""

    def older(live: Live) -> list[OlderVersion]:
        with runtime.reading() as session:
            return older_of(session, live)

    return older


def _read(runtime: Runtime, upload: Upload, brand_id: int) -> Reading:
    """No session is open while it is read: that may take seconds."""

    def newest(process_id: str) -> bytes | None:
        with runtime.reading() as session:
            return _newest(session, brand_id, process_id)

    read = runtime.reader(upload, newest)
    if not upload.lenient:
        _tell_of_missing(runtime, read, brand_id)
    return read


def _tell_of_missing(runtime: Runtime, read: Reading, brand_id: int) -> None:
    """What the files name and this installation does not have: forms, roles, and secrets of calls to other systems."""
    with runtime.reading() as session:
        _refuse_lost_forms(session, read, brand_id)
        group_id = _group_id(session)
        if read.roles:
            warn_of_roles(session, read.roles, read.report, brand_id=brand_id, group_id=group_id)
        for path, compiled in read.definitions:
            read.report.file = path
            for name, element in missing_for(session, compiled, brand_id, group_id):
                node = compiled.node(element)
                at = At(element, node.name if node else "", node.line if node else 1)
                problem = N_("The secret “%(name)s” is not there; calls that need it stop until somebody adds it.")
                remedy = N_("Add it under System management, Secrets, for the brand or the group.")
                read.report.warning("secret-missing", at, problem, remedy, name=name)


def _refuse_lost_forms(session: Session, read: Reading, brand_id: int) -> None:
    """A form that the live version has and an upload only names was forgotten: without it, a task would ask nothing."""
    missing = {problem.element: problem for problem in read.report.problems if problem.code == "form-missing"}
    for path, process_id in read.processes if missing else ():
        live = newest(session, brand_id, process_id)
        shown = load(live.compiled).forms if live is not None else {}
        for element in sorted(missing.keys() & shown.keys()):
            lost, read.report.file = missing[element], path
            read.report.take_back(lost)
            problem = N_("The form “%(form)s” is not in this upload, and the live version has it: it would be lost.")
            remedy = N_("Upload all files of the type at once, or clear the form reference if it is meant.")
            read.report.error("form-lost", At(element, lost.name, lost.line), problem, remedy, **lost.problem.params)


def world_of(session: Session, runtime: Runtime, brand_id: int) -> World:
    """The brand's own clock and hours, by which start events are looked at."""
    return World(runtime.clock.now(), _zone(session, brand_id), calendar=runtime.calendars(brand_id))


def _zone(session: Session, brand_id: int) -> ZoneInfo:
    return ZoneInfo(session.scalar(sa.select(Place.time_zone).where(Place.id == brand_id)) or "UTC")


def may_publish(session: Session, actor: Actor, brand_id: int) -> bool:
    """Whether they may put versions live for that brand, or the group."""
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
