"""Owns moving the tickets under way on an older version to the live one: looked at first, then done by jobs.

Which are left is what the tickets themselves say, so that nothing is lost where a job dies, and none is moved twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.expressions import N_, Message
from engine.models import ProcessDefinition, ProcessInstance
from engine.record import Stale
from engine.spiff.build import Blueprint
from engine.step import StepFailed
from tickets import audit
from tickets.access import Actor, Permission, visible_types
from tickets.actor import load_actor
from tickets.catalogue import check_may_deploy
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.life.changing_version import Elsewhere, Versions, change_version, planned, running_on
from tickets.life.ending import RUNNING
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.steps import blueprint_of
from tickets.types import TicketType

JOB = "version.move"
MOVED = 50
"""Tickets of one job."""
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Stays:
    """A ticket that can't be moved: the element in the way, as that version or its own calls it, and why."""

    number: str
    element: str
    names: Mapping[str, str]
    why: Message


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of the tickets of a version; `looked_at` of `total` were looked at, the oldest first."""

    type: TicketType
    old: int
    new: int
    total: int
    looked_at: int
    stay: tuple[Stays, ...]

    @property
    def would_move(self) -> int:
        return self.looked_at - len(self.stay)


def outlook(session: Session, runtime: Runtime, actor: Actor, type_id: UUID, version: int) -> Outlook:
    """What moving them to the live version would do; nothing is written. Raises Forbidden, NotFound, Invalid."""
    kind, versions = _find(session, actor, type_id, version)
    rows = running_on(session, versions.old_id, limit=LOOKED_AT)
    looked = [_look(session, runtime, ticket_id, number, versions) for ticket_id, number in rows]
    stay = tuple(one for one in looked if one is not None)
    return Outlook(kind, versions.old, versions.new, _count(session, versions.old_id), len(rows), stay)


@dataclass(frozen=True, slots=True)
class Moving:
    """So many tickets are under way on the old version."""

    old: int
    new: int
    total: int


def move(runtime: Runtime, actor: Actor, type_id: UUID, version: int) -> Moving:
    """Those that can go are moved by jobs. Raises Forbidden, NotFound, Invalid."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        kind, versions = _find(session, actor, type_id, version)
        total = _count(session, versions.old_id)
        before, after = {"version": versions.old, "tickets": total}, {"version": versions.new}
        what = (session, actor, "type.tickets_moved", kind.key)
        audit.record(*what, brand_id=kind.brand_id, at=now, before=before, after=after)
        args = {"run": uuid4().hex, "by": actor.person_id, "versions": _args(versions)}
        jobs.enqueue(session, JOB, {**args, "after": 0}, run_at=now, key=f"{JOB}:{args['run']}:0")
    return Moving(versions.old, versions.new, total)


def run(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job: some tickets, each in a transaction of its own, then the job for the next ones."""
    versions = Versions(**args["versions"])
    with runtime.reading() as session:
        actor = load_actor(session, args["by"])
        rows = running_on(session, versions.old_id, after=args["after"], limit=MOVED)
    for ticket_id, _ in rows:
        try:
            change_version(runtime, actor, ticket_id, versions)
        except (StepFailed, Elsewhere, Conflict, Stale):
            continue
    if len(rows) == MOVED:
        after = rows[-1][0]
        with runtime.writing() as session, session.begin():
            key = f"{JOB}:{args['run']}:{after}"
            jobs.enqueue(session, JOB, {**args, "after": after}, run_at=runtime.clock.now(), key=key)


def _find(session: Session, actor: Actor, type_id: UUID, version: int) -> tuple[TicketType, Versions]:
    check_may_deploy(actor)
    old, live = sa.orm.aliased(ProcessDefinition), sa.orm.aliased(ProcessDefinition)
    query = (
        sa.select(TicketType, old.id, live.id, live.version, Place.path)
        .join(old, sa.and_(old.brand_id == TicketType.brand_id, old.key == TicketType.key))
        .join(live, live.id == TicketType.definition_id)
        .join(Place, Place.id == TicketType.brand_id)
        .where(visible_types(actor), TicketType.public_id == type_id, old.version == version)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(N_("This version"))
    kind, old_id, new_id, new, path = found
    if not actor.covers(Permission.DEPLOY, brand_id=kind.brand_id, place_path=path):
        raise Forbidden(Message(N_("Its tickets are moved by whoever publishes it; ask them.")))
    if old_id == new_id:
        raise Invalid(Message(N_("This version is the live one; its tickets run on it already.")))
    return kind, Versions(old_id, new_id, version, new)


def _look(session: Session, runtime: Runtime, ticket_id: int, number: str, versions: Versions) -> Stays | None:
    try:
        planned(session, runtime, ticket_id, versions)
    except StepFailed as error:
        blueprints = [blueprint_of(session, runtime, each) for each in (versions.new_id, versions.old_id)]
        return _stays(number, error, blueprints)
    except Elsewhere:
        return None
    return None


def _stays(number: str, error: StepFailed, blueprints: list[Blueprint]) -> Stays:
    node = next((one.nodes[error.element] for one in blueprints if error.element in one.nodes), None)
    name = (node.name or node.id) if node is not None else error.element
    return Stays(number, name, node.names if node is not None else {}, error.reason)


def _count(session: Session, definition_id: int) -> int:
    running = ProcessInstance.status.in_(sorted(RUNNING))
    query = sa.select(sa.func.count()).select_from(ProcessInstance)
    return session.scalar(query.where(ProcessInstance.definition_id == definition_id, running)) or 0


def _args(versions: Versions) -> dict[str, int]:
    return {name: getattr(versions, name) for name in ("old_id", "new_id", "old", "new")}
