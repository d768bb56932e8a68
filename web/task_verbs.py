"""Owns the verbs of a task on the ticket's page: their menu, their forms (a page or a dialog), and what they send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from engine.models import UserTask
from tickets.access import visible_tickets
from tickets.assigning import passing, sharing
from tickets.assigning.passing import Target
from tickets.assigning.roles_here import roles_at
from tickets.errors import DomainError, Forbidden, NotFound
from tickets.life import returning
from tickets.people import Person
from tickets.policy import Verb
from tickets.reading import TaskView, TicketPage, ticket_page
from tickets.task_policy import TaskVerb, task_refusal
from tickets.ticket import Ticket
from web import picking
from web.context import me, now, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import language, worded

blueprint = Blueprint("task_verbs", __name__, url_prefix="/tasks")
Answer = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A verb in a task's menu; its fields are in `ticket/task_verbs/<verb>.html`. A `plain` one has none."""

    verb: TaskVerb
    icon: str
    text: str
    button: str
    endpoint: str
    plain: bool = False

    @property
    def template(self) -> str:
        return f"ticket/task_verbs/{self.verb}.html"


ENTRIES: tuple[Entry, ...] = (
    Entry(TaskVerb.TRANSFER, "arrow-forward-up", N_("Transfer"), N_("Transfer"), "task_verbs.transfer"),
    Entry(TaskVerb.DELEGATE, "user-share", N_("Delegate"), N_("Delegate"), "task_verbs.delegate"),
    Entry(TaskVerb.RECALL, "arrow-back-up", N_("Take back"), N_("Take back"), "task_verbs.recall", plain=True),
    Entry(TaskVerb.CONSULT, "message-question", N_("Ask for advice"), N_("Ask"), "task_verbs.consult"),
    Entry(TaskVerb.STEP_BACK, "arrow-left", N_("Return to an earlier step"), N_("Return"), "task_verbs.step_back"),
    Entry(TaskVerb.ASK_CONFIRMATION, "user-question", N_("Ask for a confirmation"), N_("Send"), "confirmations.ask"),
    Entry(TaskVerb.HELP, "users-plus", N_("Add a helper"), N_("Add"), "task_verbs.add_helpers"),
)
"""In the menu's order; claim, release, complete and the answer to a question have places of their own."""


def menu(task: TaskView) -> list[Entry]:
    """What else the reader may do with the task now."""
    return [entry for entry in ENTRIES if entry.verb in task.verbs]


@blueprint.get("/<uuid:task_id>/do/<verb>")
def form(task_id: UUID, verb: str) -> str:
    """A verb's form: by htmx a dialog's content, else a page. Raises NotFound, Forbidden."""
    page, task, entry = *_shown(task_id), _entry(verb)
    if entry.verb not in task.verbs:
        raise Forbidden(Message(task_refusal(entry.verb, task.relations)))
    return _form(page, task, entry, {}, "")


@blueprint.post("/<uuid:task_id>/transfer")
def transfer(task_id: UUID) -> Answer:
    """Give the task to a person or a role for good."""

    def do() -> str:
        role = request.form.get("role", "").strip()
        target = Target(role=role) if role else Target(_person(task_id).id)
        why, hand_over = request.form.get("why", ""), "hand_over" in request.form
        return passing.transfer(runtime(), me(), task_id, target, why, hand_over=hand_over)

    return done(task_id, TaskVerb.TRANSFER, do, _("The task is transferred."))


@blueprint.post("/<uuid:task_id>/delegation")
def delegate(task_id: UUID) -> Answer:
    """Let somebody else do the task, which then comes back."""

    def do() -> str:
        return passing.delegate(runtime(), me(), task_id, _person(task_id).id, request.form.get("why", ""))

    return done(task_id, TaskVerb.DELEGATE, do, _("The task is delegated; it comes back to you once it is done."))


@blueprint.post("/<uuid:task_id>/recall")
def recall(task_id: UUID) -> Answer:
    """Take a delegated task back."""
    number = passing.recall(runtime(), me(), task_id)
    return back(number, _("The task is yours again."), task_id)


@blueprint.post("/<uuid:task_id>/consultations")
def consult(task_id: UUID) -> Answer:
    """Ask people for advice."""

    def do() -> str:
        people = [person.id for person in people_of(task_id)]
        return sharing.consult(runtime(), me(), task_id, people, request.form.get("question", ""))

    return done(task_id, TaskVerb.CONSULT, do, _("They see the question in their inbox."))


@blueprint.post("/<uuid:task_id>/advice")
def advise(task_id: UUID) -> Answer:
    """Give the advice that was asked for."""

    def do() -> str:
        return sharing.advise(runtime(), me(), task_id, request.form.get("answer", ""))

    return done(task_id, TaskVerb.ADVISE, do, _("Your advice is on the ticket."))


@blueprint.post("/<uuid:task_id>/return")
def step_back(task_id: UUID) -> Answer:
    """An earlier step is done anew."""

    def do() -> str:
        why, element = request.form.get("why", ""), request.form.get("element", "")
        return returning.step_back(runtime(), me(), task_id, why, element)

    return done(task_id, TaskVerb.STEP_BACK, do, _("The ticket is back at the earlier step."))


@blueprint.post("/<uuid:task_id>/helpers")
def add_helpers(task_id: UUID) -> Answer:
    """Have people help with the task."""

    def do() -> str:
        return sharing.add_helpers(runtime(), me(), task_id, [person.id for person in people_of(task_id)])

    return done(task_id, TaskVerb.HELP, do, _("They see the task in their inbox."))


@blueprint.post("/<uuid:task_id>/shares/<uuid:share_id>/end")
def end_share(task_id: UUID, share_id: UUID) -> Answer:
    """Take a question back, or end somebody's help."""
    number = sharing.withdraw(runtime(), me(), task_id, share_id)
    return back(number, _("Taken back."), task_id)


def done(task_id: UUID, verb: TaskVerb, do: Callable[[], str], said: str) -> Answer:
    """Do it; what is refused is shown again with what was typed."""
    try:
        number = do()
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        read_again()
        page, task = _shown(task_id)
        return _form(page, task, _entry(verb), request.form, worded(error.message)), status_of(error)
    return back(number, said, None if verb in _PARTS else task_id)


_PARTS = frozenset({TaskVerb.TRANSFER, TaskVerb.STEP_BACK})
"""After these they have the task no more."""


def back(number: str, said: str, task_id: UUID | None) -> Response:
    """To the ticket and the task they stay with, with what was done; to the inbox where they see it no more."""
    flash(said)
    read_again()
    seen = sa.select(Ticket.id).where(Ticket.number == number, visible_tickets(me()))
    if reading().scalar(seen) is None:  # who passed it on may not see it any more
        return redirect(url_for("lists.inbox"), 303)
    return redirect(url_for("ticket.show", number=number, task=task_id), 303)


def _shown(task_id: UUID) -> tuple[TicketPage, TaskView]:
    page = ticket_page(reading(), me(), _number(task_id), now(), language=language(), events=1)
    task = next((task for task in page.tasks if task.public_id == task_id), None)
    if task is None:
        raise NotFound(N_("This task"))
    return page, task


def _number(task_id: UUID) -> str:
    number = sa.select(Ticket.number).join(UserTask, UserTask.instance_id == Ticket.instance_id)
    found = reading().scalar(number.where(UserTask.public_id == task_id, visible_tickets(me())))
    if found is None:
        raise NotFound(N_("This task"))
    return found


def _brand(task_id: UUID) -> int:
    brand = sa.select(Ticket.brand_id).where(Ticket.number == _number(task_id))
    return reading().scalars(brand).one()


def _person(task_id: UUID) -> Person:
    return picking.person("to", brand_id=_brand(task_id))


def people_of(task_id: UUID) -> Sequence[Person]:
    """The people picked in the form's field `to`, of the task's brand."""
    return picking.people("to", brand_id=_brand(task_id))


def _entry(verb: str) -> Entry:
    found = next((entry for entry in (*ENTRIES, ANSWER) if entry.verb == verb and not entry.plain), None)
    if found is None:
        raise NotFound(N_("This page"))
    return found


ANSWER = Entry(TaskVerb.ADVISE, "message-reply", N_("Give advice"), N_("Send"), "task_verbs.advise")


def _form(page: TicketPage, task: TaskView, entry: Entry, typed: Mapping[str, Any], error: str) -> str:
    alone = "HX-Request" not in request.headers
    roles = roles_at(reading(), page.ticket.number) if entry.verb is TaskVerb.TRANSFER else ()
    steps_back = entry.verb is TaskVerb.STEP_BACK
    ways = returning.earlier_tasks(runtime(), reading(), me(), task.public_id) if steps_back else ()
    return render_template(
        "ticket/do.html" if alone else "ticket/do_dialog.html",
        page=page,
        ticket=page.ticket,
        task=task,
        entry=entry,
        action=url_for(entry.endpoint, task_id=task.public_id),
        typed=typed,
        error=error,
        roles=roles,
        ways=ways,
        nothing_to_do=steps_back and not ways,
        may_hand_over=Verb.HAND_OVER in page.verbs,
    )
