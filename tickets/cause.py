"""Owns what brings a step about: who did what, and the facts of the task it was done to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.definitions import Node
from engine.models import UserTask
from engine.step import Opened
from tickets.access import Actor, Permission
from tickets.case import Case, Someone
from tickets.names import Assignment
from tickets.ticket import Status


@dataclass(frozen=True)
class Cause:
    """What brought the step about: the task completed and its values, an event, or either of them tried again."""

    actor: Actor | None
    task: UserTaskFacts | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    becomes_owner: bool = False
    retried_by: Actor | None = None
    """Who tries again what failed before; `actor` is still who did it then."""
    effect: str = ""
    """The key under which a job's effect is written with it, so that the job run again has none."""
    event: str = ""
    """The name of the message or signal that has come."""
    left: int | None = None
    """Of a job: how many jobs may still follow from it (`tickets.chain`)."""
    decided: Status | None = None
    """The status that a verb says, whatever the step leads to; `told` and `columns` are its words and further columns.
    """
    told: Sequence[Mapping[str, Any]] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    offer_until: datetime | None = None
    """Of a new ticket that is offered to one person: until when they may accept it."""


@dataclass(frozen=True, slots=True)
class UserTaskFacts:
    """What a verb knows of the task it acts on."""

    id: int
    public_id: UUID
    ref: str
    element: str
    name: str
    names: Mapping[str, str]
    settings: Mapping[str, str]
    form_digest: str | None
    status: str
    assignee_id: int | None
    queue_key: int | None
    offered_key: int | None
    widely_offered: bool
    delegated_by_id: int | None

    @classmethod
    def of(cls, task: UserTask) -> UserTaskFacts:
        return cls(*(getattr(task, name) for name in FACTS))

    @property
    def visible(self) -> bool:
        """Whether the requester sees this step and what was answered in it."""
        return self.settings.get("visible") == "true"

    def label(self) -> dict[str, Any]:
        return {"task": self.name, "task_names": dict(self.names)}


FACTS = tuple(fact.name for fact in fields(UserTaskFacts))
"""The columns of UserTask that they are read from, in their order."""


def becomes_owner(actor: Actor, case: Case) -> bool:
    """The first of the staff to take up a ticket that nobody answers for answers for it from then on."""
    asks = case.requester is not None and case.requester.id == actor.person_id
    return case.owner is None and not asks and actor.may(Permission.WORK)


def taken_up(case: Case, actor: Actor, *, owns: bool) -> Case:
    """The case as it is once they do what makes them its owner, if it does."""
    return replace(case, owner=Someone.of(actor)) if owns else case


@dataclass(frozen=True, slots=True)
class Placed:
    """A task opened by the step, and where it waits."""

    opened: Opened
    node: Node
    assignment: Assignment
