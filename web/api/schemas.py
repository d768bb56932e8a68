"""Owns the shapes that the API takes and gives; the description at /api/v1/openapi.json is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tickets.subjects import SubjectKind

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255, pattern=r"^[^\r\n\t]*$")]
Loose = Field(strict=False)
"""For values that JSON only has as texts: dates and ids."""


class Taken(BaseModel):
    """What a caller sends: nothing is converted, nothing unknown is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Given(BaseModel):
    """What a caller gets; times are RFC 3339 in UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SubjectKey(Taken):
    """A subject by the id that the other system gave it."""

    kind: Annotated[SubjectKind, Loose]
    external_id: Line


About = Annotated[UUID, Loose] | SubjectKey


class NewTicket(Taken):
    """A ticket to file; `data` are the values of the type's start form, `subject` a subject's id or its key."""

    type: Line = Field(examples=["crash_report"])
    title: Line | None = None
    data: dict[str, Any] = Field(default={}, examples=[{"phone_model": "Mate 60", "app_version": "3.2.0"}])
    subject: About | None = None
    requester: Line | None = Field(
        default=None, description="Whom it is filed for: an id, login or phone; the caller without it."
    )
    channel: Literal["phone", "mail", "desk", "chat"] | None = Field(
        default=None, description="How the requester reached you, if it is filed for them."
    )


class TaskAnswer(Taken):
    """What completes a task: the values of its form."""

    values: dict[str, Any] = {}


class TaskQuery(Taken):
    """Whose tasks, and which page of them."""

    assigned: Literal["me", "candidate"] = "me"
    cursor: str | None = Field(default=None, max_length=512, description="The `next_cursor` of the page before.")
    limit: Annotated[int, Loose, Field(ge=1, le=200)] = 50


class NewMessage(Taken):
    """An event from another system; `key` is what the waiting process correlates by, by default the ticket's number."""

    name: Line = Field(examples=["payment.received"])
    key: Line = Field(examples=["CR-20418"])
    payload: dict[str, Any] = {}
    subject: Annotated[UUID, Loose] | SubjectKey | None = Field(
        default=None, description="Whom a started ticket is about."
    )


class NewSignal(Taken):
    """A signal from another system; whoever waits for its name hears it, and nobody after that."""

    name: Line = Field(examples=["term.begun"])
    payload: dict[str, Any] = {}


class SubjectValues(Taken):
    """A subject as the other system has it now; a new one needs `name` and `place`."""

    name: str | None = Field(default=None, max_length=200)
    brand: str | None = Field(default=None, description="The brand's external id, where places of several have one.")
    place: str | None = Field(default=None, description="The external id of the campus.")
    responsible: str | None = Field(default=None, description="The login of who answers for it: consultant, teacher …")
    contract_end: str | None = Field(default=None, examples=["2027-08-31"])
    attributes: dict[str, Any] | None = Field(default=None, examples=[{"grade": "3"}])


class PersonRef(Given):
    id: UUID
    name: str


class PlaceRef(Given):
    id: UUID
    name: str


class TypeRef(Given):
    key: str
    name: str
    version: int


class SubjectRef(Given):
    id: UUID
    kind: str
    external_id: str
    name: str


class TaskRef(Given):
    """An open task as seen from its ticket."""

    id: UUID
    name: str
    assignee: PersonRef | None
    due_at: datetime | None


class TicketState(Given):
    """A ticket as far as the caller may see it."""

    id: UUID
    number: str
    url: str
    type: TypeRef
    title: str
    status: str
    priority: str
    requester: PersonRef | None
    owner: PersonRef | None
    place: PlaceRef
    subject: SubjectRef | None
    data: dict[str, Any]
    hidden: list[str] = Field(description="Names of the data that are left out: sensitive, and not for this caller.")
    tasks: list[TaskRef]
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    accepted_at: datetime | None
    first_reply_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None


class TaskState(Given):
    """A task of the caller, or one they may claim."""

    id: UUID
    name: str
    ticket: str = Field(description="The ticket's number.")
    title: str = Field(description="The ticket's title.")
    status: str
    assignee: PersonRef | None
    due_at: datetime | None
    opened_at: datetime


class CompletedTask(TaskState):
    """A task that was completed, and what is open on its ticket now."""

    next: list[TaskRef] = Field(description="The ticket's open tasks that the caller sees, in the order they opened.")


class TaskPage(Given):
    """One page of tasks, soonest due first; `next_cursor` fetches the next, null on the last."""

    items: list[TaskState]
    next_cursor: str | None


class TypeState(Given):
    """A ticket type; `form` is its start form as form-js JSON, null when it is filed without one."""

    id: UUID
    key: str
    name: str
    names: dict[str, str]
    category: str
    version: int
    fileable: bool = Field(description="Whether the caller may file it by hand.")
    form: dict[str, Any] | None


class TypeList(Given):
    items: list[TypeState]


class ReportLine(Given):
    """One problem of an upload; `code` never changes, the texts are in the caller's language.

    `path`: the ids of the elements that a ticket can take, in order, where the problem is such a way.
    """

    level: str
    code: str
    problem: str
    remedy: str
    element: str
    name: str
    line: int
    file: str
    path: list[str] = []


class DeployedType(Given):
    key: str
    version: int
    id: UUID
    new: bool = Field(description="False when exactly these files are live already; no version was made.")


class DeployReport(Given):
    """What was deployed, with warnings; `skipped` files are of no kind that a ticket type is made of."""

    types: list[DeployedType]
    problems: list[ReportLine]
    skipped: list[str]


class CheckedType(Given):
    key: str
    version: int = Field(description="The version that deploying would make, or the live one that these files are.")
    new: bool = Field(description="False when exactly these files are live already.")


class CheckReport(Given):
    """What deploying would say; unless `accepted`, an error among `problems` would keep it from making anything."""

    accepted: bool
    types: list[CheckedType]
    problems: list[ReportLine]
    skipped: list[str]


class MessageReceipt(Given):
    """Where it went: `correlated` or `started`, with the ticket's number, or `kept` until somebody waits for it."""

    outcome: str
    ticket: str | None


class EventReceipt(Given):
    """What came of an event: `departing`, `returned`, `correlated`, `started` or `kept`."""

    id: str
    outcome: str
    ticket: str | None = Field(description="The number of the ticket that it reached or started.")
    departure: UUID | None = Field(description="The departure that it set going or took back.")


class SignalReceipt(Given):
    """To how many tickets it goes, and how many it starts; it is on its way to them when this is answered."""

    waiting: int
    starting: int


class SubjectReceipt(Given):
    """What was kept; `changed` is false when it was so already, or is new."""

    id: UUID
    kind: str
    external_id: str
    changed: bool
