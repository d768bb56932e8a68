"""Owns the addresses of confirmations: a second person's word that a step was done, and asking for it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request

from tickets.evidence import confirming
from tickets.task_policy import TaskVerb
from web.context import me, runtime
from web.language import gettext as _
from web.task_verbs import Answer, back, done, people_of

blueprint = Blueprint("confirmations", __name__, url_prefix="/tasks")


@blueprint.post("/<uuid:task_id>/confirmations")
def confirm(task_id: UUID) -> Answer:
    """Say that the step was done."""
    number = confirming.confirm(runtime(), me(), task_id, request.form.get("note", ""))
    return back(number, _("You confirmed that it was done."), task_id)


@blueprint.post("/<uuid:task_id>/confirmation-requests")
def ask(task_id: UUID) -> Answer:
    """Ask colleagues to confirm it."""

    def do() -> str:
        people = [person.id for person in people_of(task_id)]
        return confirming.ask(runtime(), me(), task_id, people, request.form.get("note", ""))

    return done(task_id, TaskVerb.ASK_CONFIRMATION, do, _("They see the step in their inbox."))
