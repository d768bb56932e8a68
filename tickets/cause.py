"""Owns what brings a step about: who did what, and the facts of the task it was done to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.definitions import Node
from engine.step import Opened
from tickets.access import Actor
from tickets.names import Assignment


@dataclass(frozen=True)
class Cause:
    """What brought the step about: the task completed and its values, or an incident that is tried again."""

    actor: Actor | None
    task_id: int = 0
    task: UserTaskFacts | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    becomes_owner: bool = False
    incident_id: int = 0
    effect: str = ""
    """The key under which a job's effect is written with it, so that the job run again has none."""


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
    widely_offered: bool

    @property
    def visible(self) -> bool:
        """Whether the requester sees this step and what was answered in it."""
        return self.settings.get("visible") == "true"

    def label(self) -> dict[str, Any]:
        return {"task": self.name, "task_names": dict(self.names)}


@dataclass(frozen=True, slots=True)
class Placed:
    """A task opened by the step, and where it waits."""

    opened: Opened
    node: Node
    assignment: Assignment
