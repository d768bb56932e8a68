"""Owns going back: an older version of a type becomes its newest, with the files and all that it was bound to then.

What was read then is taken over as it is, so that what ran then runs again, whatever has changed around it. Running
tickets stay on theirs; versions only ever count up, so history says who published what, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.definitions.stored import Compiled, load
from engine.expressions import N_, Level, Message, Problem
from engine.models import ProcessDefinition
from tickets import audit
from tickets.access import Actor, visible_types
from tickets.deploying import NOT_YOURS, may_publish, older_in, world_of
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.runtime import Runtime
from tickets.standards.said import steps_said
from tickets.standards.variants.publishing import Judged, affected, version_of
from tickets.start_events import triggers_of
from tickets.types import TicketType
from tickets.versions import DeployedType, called_by, deployed, holds, newest, publish, take_turn

_COPIED = (
    "brand_id",
    "key",
    "name",
    "names",
    "settings",
    "deployment_id",
    "path",
    "digest",
    "reader_version",
    "compiled",
)


@dataclass(frozen=True, slots=True)
class Again:
    """What publishing an older version again would do: which number it gets, and what of variants is to be said."""

    kind: TicketType
    older: ProcessDefinition
    live: ProcessDefinition
    compiled: Compiled
    judged: Judged
    starts_itself: bool
    """Whether either of the two starts tickets by events or by the clock."""

    @property
    def number(self) -> int:
        """Of the version that it becomes."""
        return self.live.version + 1

    @property
    def refused(self) -> bool:
        """Whether the group's standard, as it is now, does not allow it."""
        return any(problem.level is Level.ERROR for problem in self.judged.problems)

    @property
    def problems(self) -> Sequence[Problem]:
        return self.judged.problems

    @property
    def has_steps(self) -> bool:
        """Whether standards take steps from it."""
        return bool(steps_said(self.compiled))


def look(runtime: Runtime, actor: Actor, type_id: UUID, version: int) -> Again:
    """What it would do, for those who may publish. Raises NotFound, Forbidden, Conflict (it is live as it is)."""
    with runtime.reading() as session:
        kind, older = _found(session, actor, type_id, version)
        if not may_publish(session, actor, kind.brand_id):
            raise Forbidden(Message(NOT_YOURS))
        live = newest(session, kind.brand_id, kind.key)
        if live is None or holds(older) == holds(live):
            raise Conflict(Message(N_("Version %(version)s is what is live already."), {"version": version}))
        content = version_of(session, older.id)
        definitions = [(older.path, content.compiled)]
        affects = affected(session, kind.brand_id, definitions)
        waiting = any(start.event is not None for start in content.compiled.process.starts())
        starts = waiting or bool(triggers_of(session, live.id))
    judged = affects.judge(definitions, content.forms, older_in(runtime))
    return Again(kind, older, live, content.compiled, judged, starts)


def publish_again(runtime: Runtime, actor: Actor, type_id: UUID, version: int, *, live: int) -> DeployedType:
    """Makes it a new version, live from now on; `live` is the version that was seen to be before.

    Raises what `look` does, and Conflict where another version was published meanwhile or a standard forbids it.
    """
    again = look(runtime, actor, type_id, version)
    if again.refused:
        raise Conflict(again.problems[0].problem)
    with runtime.writing() as session, session.begin():
        take_turn(session, again.kind.brand_id)
        before = newest(session, again.kind.brand_id, again.kind.key)
        if before is None or before.version != live:
            text = N_("Another version was published meanwhile: v%(version)s. Look at it before you go back.")
            raise Conflict(Message(text, {"version": before.version if before is not None else 0}))
        world = world_of(session, runtime, again.kind.brand_id)
        again.judged.record(session, actor, world.now)
        definition = _copy(session, again, before.version + 1)
        definition.created_at, definition.created_by_id = world.now, actor.person_id
        called = definition.key in _called_beside(session, again.older)
        publish(session, world, definition, again.compiled, called=called)
        what, facts = f"{definition.key} v{definition.version}", {"files_of": version}
        audit.record(session, actor, "type.republished", what, brand_id=definition.brand_id, at=world.now, after=facts)
        return deployed(definition, new=True)


def _found(session: Session, actor: Actor, type_id: UUID, version: int) -> tuple[TicketType, ProcessDefinition]:
    of_type = sa.and_(TicketType.brand_id == ProcessDefinition.brand_id, TicketType.key == ProcessDefinition.key)
    row = session.execute(
        sa.select(TicketType, ProcessDefinition)
        .join(ProcessDefinition, of_type)
        .where(visible_types(actor), TicketType.public_id == type_id, ProcessDefinition.version == version)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This version"))
    return row[0], row[1]


def _copy(session: Session, again: Again, number: int) -> ProcessDefinition:
    older = session.get_one(ProcessDefinition, again.older.id, options=[undefer(ProcessDefinition.compiled)])
    return ProcessDefinition(version=number, **{name: getattr(older, name) for name in _COPIED})


def _called_beside(session: Session, older: ProcessDefinition) -> frozenset[str]:
    """What the processes of the same upload call."""
    beside = sa.select(ProcessDefinition.compiled).where(ProcessDefinition.deployment_id == older.deployment_id)
    return called_by(map(load, session.scalars(beside)))
