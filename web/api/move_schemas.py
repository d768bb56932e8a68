"""Owns what a ticket's verbs take from the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from tickets.assigning.dispatching import Manner
from tickets.family.models import LinkKind
from tickets.ticket import Priority
from web.api.schemas import Given, Line, Loose, Taken, TaskState

Why = Annotated[str, Field(min_length=1, max_length=2000)]


class Letter(Taken):
    """What is said on a ticket."""

    body: str = Field(max_length=20_000)


class Reason(Taken):
    why: Why


class Suspension(Reason):
    """Without `until` it stays suspended until somebody resumes it."""

    until: Annotated[AwareDatetime, Loose] | None = Field(default=None, examples=["2026-11-30T09:00:00+08:00"])


class NewOwner(Taken):
    """`to` is a login or an id."""

    to: Line
    why: str = Field(default="", max_length=2000)


class Assignment(Taken):
    """`ticket`: `to`, a login or an id, answers for it and has its open tasks that nobody has taken; `tasks`: only
    these; `offer`: they accept or decline it, within the time its type sets.
    """

    to: Line
    manner: Annotated[Manner, Loose] = Manner.TICKET
    note: str = Field(default="", max_length=2000)


class NewPriority(Taken):
    priority: Annotated[Priority, Loose]


class NewTitle(Taken):
    title: Line


class Rating(Taken):
    stars: Literal[1, 2, 3, 4, 5]
    text: str = Field(default="", max_length=2000)


class NewLink(Taken):
    """`duplicate`: the ticket asks the same as the other."""

    ticket: Line = Field(examples=["CR-20418"])
    kind: Annotated[LinkKind, Loose] = LinkKind.RELATED


class OtherTicket(Taken):
    ticket: Line = Field(examples=["CR-20418"])


class Tags(Taken):
    tags: list[str] = Field(max_length=20)


class Return(Reason):
    """Without `element` the task goes back to the step before."""

    element: Line | None = None


class EarlierStep(Given):
    """A step that a task may go back to, and who did it last."""

    element: str
    name: str
    by: str


class TaskDetail(TaskState):
    """A task with what completes it, while it is the caller's to do: its form as form-js JSON (its components' keys are
    the names of the values), the data it opens with, and the draft kept of it.
    """

    form: dict[str, object] | None
    data: dict[str, object]
    draft: dict[str, object] | None
    draft_at: datetime | None
    returns: list[EarlierStep] = Field(description="The steps it may go back to, the last one first.")
