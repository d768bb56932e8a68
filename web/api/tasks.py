"""Owns /tasks: what waits for the caller, claiming it, completing it."""

from __future__ import annotations

from uuid import UUID

from tickets import tasks
from web.api.answers import answer_with
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.schemas import CompletedTask, TaskAnswer, TaskPage, TaskQuery, TaskState
from web.api.states import completed_task, task_page, task_state
from web.context import me, runtime


@api.get("/tasks")
@api.input(TaskQuery, location="query", arg_name="wanted")
@api.output(TaskPage)
@api.doc(operation_id="listTasks")
def list_tasks(wanted: TaskQuery) -> TaskPage:
    """List tasks

    `assigned=me`: claimed by the caller or offered to nobody else; `assigned=candidate`: theirs to claim.
    """
    return task_page(me(), wanted)


@api.post("/tasks/<uuid:task_id>/claim")
@idempotent
@api.output(TaskState)
@api.doc(operation_id="claimTask")
def claim(task_id: UUID) -> TaskState:
    """Claim a task"""
    tasks.claim(runtime(), me(), task_id)
    return task_state(me(), task_id)


@api.post("/tasks/<uuid:task_id>/complete")
@idempotent
@api.input(TaskAnswer, arg_name="body")
@api.output(CompletedTask)
@api.doc(operation_id="completeTask")
def complete(task_id: UUID, body: TaskAnswer) -> CompletedTask:
    """Complete a task

    A candidate who has not claimed it claims it with the same step. Values are checked against the task's form. The
    answer says what is open on the ticket next.
    """
    tasks.complete(runtime(), me(), task_id, answer_with(body.values))
    return completed_task(me(), task_id)
