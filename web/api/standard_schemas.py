"""Owns what the API takes and gives of standards, their launches and what they plan."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from tickets.subjects import SubjectKind
from web.api.schemas import Given, Line, Loose, Taken


class Condition(Taken):
    """Something said of one attribute of a subject; `value` is left out for present and absent."""

    attribute: Line
    says: Literal["equals", "differs", "one_of", "contains", "at_least", "at_most", "present", "absent"] = Field(
        default="equals", alias="is"
    )
    value: str = Field(default="", max_length=200)


class StandardRule(Taken):
    """For whom and when: left out, as the type's file says; `begins_on`, from today.

    `timing` of a `date`: {"attribute", "days"} (negative: before it); of a `cycle`: {"cycle", "from", "until"}.
    """

    subject_kind: Annotated[SubjectKind, Loose] | None = None
    conditions: list[Condition] = Field(default=[], max_length=10)
    trigger: Literal["created", "date", "cycle"] | None = None
    timing: dict[str, str | int] = Field(default={}, max_length=5, examples=[{"attribute": "start_date", "days": -7}])
    begins_on: Annotated[date, Loose] | None = None


class NewStandard(StandardRule):
    """A ticket type that is to be gone through for each subject at a place and below it."""

    type: Line = Field(examples=["class_kickoff"])
    place: Annotated[UUID, Loose]
    alongside: bool = Field(
        default=False, description="Also where another standard of the type gives the same subjects theirs."
    )


class Activity(Taken):
    """Whether it starts anything."""

    active: bool


class NewLaunch(Taken):
    """Where: its own place if left out, or one below."""

    place: Annotated[UUID, Loose] | None = None


class Retry(Taken):
    """Which of those that failed; all if left out."""

    occurrences: list[Annotated[UUID, Loose]] = Field(default=[], max_length=200)


class StandardState(Given):
    """A standard as it is now."""

    id: UUID
    type: str
    name: str
    place: UUID
    subject_kind: str
    conditions: list[dict[str, Any]]
    trigger: str
    timing: dict[str, Any]
    begins_on: date
    active: bool


class StandardItem(StandardState):
    """With counts at the caller's places; `due`: steps that fall due within 7 days, `late`: within the 7 before."""

    steps: int
    running: int
    planned: int
    failed: int
    due: int
    late: int
    next_at: datetime | None


class StandardList(Given):
    items: list[StandardItem]


class StepState(Given):
    """A step, in the order of the flow; `deadline` is an ISO 8601 duration, `evidence` as the file says it."""

    key: str
    name: str
    mandatory: bool
    deadline: str
    evidence: str


class FailedState(Given):
    """An occurrence that could not be started."""

    id: UUID
    subject: UUID
    period: str
    starts_at: datetime
    reason: str


class LaunchState(Given):
    """How far a launch is; `skipped` subjects had had this period, or their time is yet to come."""

    id: UUID
    standard: UUID
    place: UUID
    state: str
    total: int
    started: int
    skipped: int
    failed: int
    created_at: datetime
    finished_at: datetime | None


class StandardDetail(StandardState):
    steps: list[StepState]
    occurrences: dict[str, int]
    """How many are in each state, at the caller's places."""
    failed: list[FailedState]
    launches: list[LaunchState]


class StartState(Given):
    """A start to come."""

    subject: UUID
    name: str
    place: UUID
    period: str
    at: datetime


class PreviewState(Given):
    """What a standard would come to: `subjects` of the `of` active ones, `ahead` starts in so many `days`."""

    subjects: int
    of: int
    ahead: int
    days: int
    first: list[StartState]


class RetryState(Given):
    """How many begin again."""

    again: int
