"""Owns what is done with a task beside completing it: transfer, delegation, consultations, helpers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from engine.expressions import N_
from engine.models import UserTask
from tickets.access import visible_tickets
from tickets.assigning import passing, picking, sharing
from tickets.assigning.passing import Target
from tickets.errors import NotFound
from tickets.ticket import Ticket
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.schemas import Given, Line, Taken
from web.context import me, reading, runtime

BODIES["api.recall"] = None
Why = Annotated[str, Field(max_length=500)]
Letter = Annotated[str, Field(max_length=20_000)]
People = Annotated[list[Line], Field(min_length=1, max_length=20)]


class TaskTransfer(Taken):
    """To whom a task goes for good: a person's login, or a role's key at the ticket's place."""

    to: Line | None = Field(default=None, examples=["wanglei"])
    role: Line | None = Field(default=None, examples=["developer"])
    why: Why
    hand_over: bool = Field(default=False, description="Pass the ticket's ownership too.")


class TaskDelegation(Taken):
    """Who does a task for the caller, to whom it then comes back."""

    to: Line = Field(examples=["wanglei"])
    why: Why = ""


class Consultation(Taken):
    """Who is asked for advice on a task, and what."""

    to: People = Field(examples=[["wanglei", "zhangwei"]])
    question: Letter


class Advice(Taken):
    answer: Letter


class TaskHelpers(Taken):
    """Who works on a task too."""

    to: People = Field(examples=[["wanglei"]])


class TaskPassed(Given):
    """Done; the number of the task's ticket."""

    ticket: str


@api.post("/tasks/<uuid:task_id>/transfer")
@idempotent
@api.input(TaskTransfer, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="transferTask")
def transfer(task_id: UUID, body: TaskTransfer) -> TaskPassed:
    """Transfer a task

    By its assignee or a dispatcher. The ticket's owner stays who it is, unless `hand_over` says otherwise.
    """
    target = Target(role=body.role) if body.role else Target(person_of(task_id, body.to or ""))
    number = passing.transfer(runtime(), me(), task_id, target, body.why, hand_over=body.hand_over)
    return TaskPassed(ticket=number)


@api.post("/tasks/<uuid:task_id>/delegation")
@idempotent
@api.input(TaskDelegation, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="delegateTask")
def delegate(task_id: UUID, body: TaskDelegation) -> TaskPassed:
    """Delegate a task

    Completed by the delegate, it comes back to the caller with the values as its draft.
    """
    number = passing.delegate(runtime(), me(), task_id, person_of(task_id, body.to), body.why)
    return TaskPassed(ticket=number)


@api.delete("/tasks/<uuid:task_id>/delegation")
@api.output(TaskPassed)
@api.doc(operation_id="recallTask")
def recall(task_id: UUID) -> TaskPassed:
    """Take a delegated task back"""
    return TaskPassed(ticket=passing.recall(runtime(), me(), task_id))


@api.post("/tasks/<uuid:task_id>/consultations")
@idempotent
@api.input(Consultation, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="consultOnTask")
def consult(task_id: UUID, body: Consultation) -> TaskPassed:
    """Ask people for advice on a task"""
    people = [person_of(task_id, login) for login in dict.fromkeys(body.to)]
    return TaskPassed(ticket=sharing.consult(runtime(), me(), task_id, people, body.question))


@api.post("/tasks/<uuid:task_id>/advice")
@idempotent
@api.input(Advice, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="adviseOnTask")
def advise(task_id: UUID, body: Advice) -> TaskPassed:
    """Give the advice that was asked for"""
    return TaskPassed(ticket=sharing.advise(runtime(), me(), task_id, body.answer))


@api.post("/tasks/<uuid:task_id>/helpers")
@idempotent
@api.input(TaskHelpers, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="addTaskHelpers")
def add_helpers(task_id: UUID, body: TaskHelpers) -> TaskPassed:
    """Have people help with a task"""
    people = [person_of(task_id, login) for login in dict.fromkeys(body.to)]
    return TaskPassed(ticket=sharing.add_helpers(runtime(), me(), task_id, people))


def person_of(task_id: UUID, login: str) -> int:
    """Somebody of the ticket's brand or the group who may work on tasks. Raises NotFound (the task), Invalid."""
    brand = sa.select(Ticket.brand_id).join(UserTask, UserTask.instance_id == Ticket.instance_id)
    found = reading().scalar(brand.where(UserTask.public_id == task_id, visible_tickets(me())))
    if found is None:
        raise NotFound(N_("This task"))
    return picking.picked(reading(), me(), login, brand_id=found).id
