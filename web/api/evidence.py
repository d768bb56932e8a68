"""Owns what the API takes for evidence: files on their way into a form, and a second person's confirmation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from flask import request
from pydantic import Field

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.evidence import confirming
from tickets.files import store_upload
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.schemas import Given, Taken
from web.api.task_verbs import People, TaskPassed, person_of
from web.context import me, runtime
from web.security import MULTIPART

Note = Annotated[str, Field(max_length=confirming.LONGEST_NOTE)]
BODIES["api.keep_file"] = MULTIPART
BODIES["api.take_confirmation_back"] = None


class TaskConfirmation(Taken):
    """A second person's word that a step was done."""

    note: Note = ""


class ConfirmationRequest(Taken):
    """Who is asked to confirm a step."""

    to: People = Field(examples=[["wanglei"]])
    note: Note = ""


class FileState(Given):
    """A stored file: what a form's file field is given is its `id`."""

    id: UUID
    name: str
    size: int
    type: str


@api.post("/files")
@api.output(FileState, status_code=201)
@api.doc(operation_id="keepFile")
def keep_file() -> FileState:
    """Keep a file

    In the part `file`. It is the caller's alone until a form that names its id is completed.
    """
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid(Message(N_("Send the file in a part called “file”, with a name.")))
    return FileState.model_validate(store_upload(runtime(), me(), upload.filename, upload.stream))


@api.post("/tasks/<uuid:task_id>/confirmations")
@idempotent
@api.input(TaskConfirmation, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="confirmTask")
def confirm_task(task_id: UUID, body: TaskConfirmation) -> TaskPassed:
    """Confirm that a step was done

    By anybody who sees the task and is not its assignee, while it is open. Said twice it counts once.
    """
    return TaskPassed(ticket=confirming.confirm(runtime(), me(), task_id, body.note))


@api.delete("/tasks/<uuid:task_id>/confirmations")
@api.output(TaskPassed)
@api.doc(operation_id="takeConfirmationBack")
def take_confirmation_back(task_id: UUID) -> TaskPassed:
    """Take one's own confirmation back

    While the task is open. Twice is fine.
    """
    return TaskPassed(ticket=confirming.take_back(runtime(), me(), task_id))


@api.post("/tasks/<uuid:task_id>/confirmation-requests")
@idempotent
@api.input(ConfirmationRequest, arg_name="body")
@api.output(TaskPassed)
@api.doc(operation_id="askForConfirmation")
def ask_for_confirmation(task_id: UUID, body: ConfirmationRequest) -> TaskPassed:
    """Ask people to confirm a step"""
    people = [person_of(task_id, login) for login in dict.fromkeys(body.to)]
    return TaskPassed(ticket=confirming.ask(runtime(), me(), task_id, people, body.note))
