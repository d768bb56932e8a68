"""Owns the task at hand: finding it for whoever wants to work on it, and the data that its form opens with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from engine.database import Json
from engine.expressions import N_, Message
from engine.models import TaskCandidate, TaskStatus, UserTask
from engine.spiff.workflow import Instance
from engine.step import Values
from forms import Form
from forms.fields import ComputedField, InputField
from forms.form import walk
from tickets.access import Actor, Permission, visible_tickets
from tickets.case import CASE, WIDTH, Case, case_from
from tickets.cause import FACTS, UserTaskFacts
from tickets.errors import Forbidden, NotFound, TaskClosed
from tickets.people import Person
from tickets.shares import ShareKind, TaskShare
from tickets.ticket import Ticket
from tickets.types import EMPTY_FORM, form_of

ROUNDS = 20
"""How many earlier rounds of a task are looked at."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """A task that somebody may work on, its case, and what it was answered with in earlier rounds, newest first."""

    task: UserTaskFacts
    case: Case
    earlier: Sequence[Mapping[str, Any]]
    closed_by_id: int | None = None
    closed_at: datetime | None = None

    def form(self, session: Session) -> Form:
        return form_of(session, self.task.form_digest) if self.task.form_digest else EMPTY_FORM

    def data(self, live: Instance) -> Values:
        """The task's own data: an item of a repetition has its own."""
        token = live.find(self.task.ref)
        return token.task_spec.sees(token) if token is not None else {}

    def opening(self, live: Instance, form: Form) -> Values:
        """What its form opens with: what was answered here in an earlier round is asked anew, except where somebody
        else has given it another value since. What the form only shows stays.
        """
        data = self.data(live)
        asked = _asked(form) & data.keys() if self.earlier else frozenset()
        again = {name for name in asked if any(answers.get(name) == data[name] for answers in self.earlier)}
        return {name: value for name, value in data.items() if name not in again}


def find_task(session: Session, actor: Actor, task_id: UUID) -> AtHand:
    """The open task, theirs or offered to them. Raises NotFound (invisible), Forbidden (visible), TaskClosed."""
    found = read_task(session, task_id)
    if found.task.status == TaskStatus.OPEN and _is_theirs(session, actor, found.task):
        return found
    must_see(session, actor, found.case, found.task)
    if found.task.status != TaskStatus.OPEN:
        raise closed(session, found)
    raise Forbidden(Message(_whose(found.task), {"who": _name_of(session, found.task.assignee_id)}))


def read_task(session: Session, task_id: UUID) -> AtHand:
    """The task whoever asks, open or closed. Raises NotFound where there is none."""
    row = session.connection().execute(_TASK_AND_CASE, {"task_id": task_id}).first()
    if row is None:
        raise NotFound(N_("This task"))
    *columns, by, at, earlier = row
    case, task = case_from(tuple(columns[:WIDTH])), UserTaskFacts(*columns[WIDTH:])
    return AtHand(task, case, [answers for answers in earlier or () if answers], by, at)


def closed(session: Session, found: AtHand) -> TaskClosed:
    """That somebody was faster, and who."""
    return TaskClosed(task=found.task.name, by=_name_of(session, found.closed_by_id), at=found.closed_at)


class _JsonList(FunctionElement[Any]):
    """All values of a JSON column as one JSON list."""

    name = "json_list"
    type = Json
    inherit_cache = True


@compiles(_JsonList, "sqlite")
def _on_sqlite(element: _JsonList, compiler: Any, **options: Any) -> str:
    return f"json_group_array(json({compiler.process(element.clauses, **options)}))"


@compiles(_JsonList, "postgresql")
def _on_postgresql(element: _JsonList, compiler: Any, **options: Any) -> str:
    return f"jsonb_agg({compiler.process(element.clauses, **options)})"


_task = UserTask.__table__
_earlier = _task.alias("earlier")
_rounds = (
    sa.select(_earlier.c.submitted)
    .where(
        _earlier.c.instance_id == _task.c.instance_id,
        _earlier.c.element == _task.c.element,
        _earlier.c.status == TaskStatus.COMPLETED,
        _earlier.c.closed_at <= _task.c.opened_at,  # the items of a repetition beside it are no earlier rounds
    )
    .order_by(_earlier.c.id.desc())
    .limit(ROUNDS)
    .correlate(_task)
    .subquery("rounds")
)
_TASK_AND_CASE = (
    CASE.add_columns(
        *(_task.c[name] for name in FACTS),
        _task.c.closed_by_id,
        _task.c.closed_at,
        sa.select(_JsonList(_rounds.c.submitted)).scalar_subquery(),
    )
    .join(_task, _task.c.instance_id == Ticket.__table__.c.instance_id)
    .where(_task.c.public_id == sa.bindparam("task_id"))
)
"""Built once, as every verb of a task runs it."""


def _asked(form: Form) -> frozenset[str]:
    """The top-level names of what the form asks for, and does not only show or ask for once."""
    fields = [field for field in walk(form.fields) if field.path]
    kept = {field.path[0] for field in fields if isinstance(field, InputField) and _is_kept(field)}
    return frozenset(field.path[0] for field in fields) - kept


def _is_kept(field: InputField) -> bool:
    shown = field.readonly is True or field.disabled is True or isinstance(field, ComputedField)
    return shown or field.properties.get("asked") == "once"


def _whose(task: UserTaskFacts) -> str:
    if task.assignee_id is None:
        return N_("This task waits for other roles than yours.")
    return N_("This task is %(who)s's.")


def _is_theirs(session: Session, actor: Actor, task: UserTaskFacts) -> bool:
    """Theirs to do: they have it, help with it, or may claim it."""
    if task.assignee_id == actor.person_id:
        return True
    if task.assignee_id is None and waits_for(session, actor, task):
        return True
    return ShareKind.HELP in open_shares(session, actor, task.id)


def open_shares(session: Session, actor: Actor, task_id: int) -> set[ShareKind]:
    """What of the task is shared with them now."""
    mine = (TaskShare.task_id == task_id, TaskShare.person_id == actor.person_id, TaskShare.closed_at.is_(None))
    return {ShareKind(kind) for kind in session.scalars(sa.select(TaskShare.kind).where(*mine))}


def waits_for(session: Session, actor: Actor, task: UserTaskFacts) -> bool:
    """Whether a task that nobody has waits in one of their queues."""
    if task.queue_key in actor.queue_keys:
        return True
    if not task.widely_offered:
        return False
    offered = sa.select(TaskCandidate.task_id).where(
        TaskCandidate.task_id == task.id, TaskCandidate.queue_key.in_(sorted(actor.queue_keys))
    )
    return session.scalar(offered) is not None


def must_see(session: Session, actor: Actor, case: Case, task: UserTaskFacts) -> None:
    """Whoever sees the ticket sees its tasks, but its requester only those meant for them.

    A task that waited in one of their queues until somebody took it is still seen: they may have its page open.
    """
    if {task.queue_key, task.offered_key} & actor.queue_keys:
        return
    seen = sa.select(Ticket.id).where(Ticket.id == case.ticket_id, visible_tickets(actor))
    requester = case.requester is not None and case.requester.id == actor.person_id
    if session.scalar(seen) is None or (requester and not task.visible and not actor.may(Permission.WORK)):
        raise NotFound(N_("This task"))


def _name_of(session: Session, person_id: int | None) -> str:
    return session.scalar(sa.select(Person.name).where(Person.id == person_id)) or "" if person_id else ""
