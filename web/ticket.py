"""Owns the ticket's page, from inside and from outside, and what people say there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from engine.models import DeployedFile, ProcessDefinition, UserTask
from forms import Form
from forms.fields import ChoiceField
from forms.form import walk
from forms.views import Views
from tickets import conversation
from tickets.access import Actor, inside_tickets, visible_tickets
from tickets.copying import copied_people, looked_at
from tickets.errors import Conflict, Invalid, NotFound
from tickets.family.reading import family_of
from tickets.files import store_upload
from tickets.policy import Verb
from tickets.privacy.sensitive import look
from tickets.reading import Answers, TaskView, TicketPage, ticket_page, ticket_version
from tickets.runtime import Runtime
from tickets.tasks import task_form
from tickets.ticket import Ticket
from tickets.types import form_of
from tickets.urges import waiting_of
from web import drafting, filled
from web.context import me, now, read_again, reading, runtime
from web.diagrams import diagram as drawn
from web.errors import status_of
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import language, worded
from web.lists import versioned
from web.navigation import stands_for
from web.shown import Shown, prefix_of

blueprint = Blueprint("ticket", __name__, url_prefix="/tickets")

EVENTS, MORE_EVENTS = 200, 2000
"""How many a page shows, and how many when asked for the earlier ones."""
Say = Callable[[Runtime, Actor, str, str, Sequence[str]], int]
"""Says something on a ticket: its number, the text, the public ids of files."""


@blueprint.get("/<number>")
def show(number: str) -> str:
    """The ticket as the reader may see it; what they were told of it counts as read."""
    shown = page(number)
    looked_at(runtime(), reading(), me(), number)
    return shown


@blueprint.get("/<number>/version")
def version(number: str) -> AnyResponse:
    """What a live page asks for."""
    return versioned(str(ticket_version(reading(), me(), number)))


@blueprint.get("/<number>/diagram.bpmn")
def diagram(number: str) -> Response:
    """The BPMN file that the ticket runs on, for those who see the process."""
    file = sa.and_(
        DeployedFile.deployment_id == ProcessDefinition.deployment_id, DeployedFile.path == ProcessDefinition.path
    )
    content = reading().scalar(
        sa.select(DeployedFile.content)
        .join(ProcessDefinition, file)
        .join(Ticket, Ticket.definition_id == ProcessDefinition.id)
        .where(Ticket.number == number, visible_tickets(me()), inside_tickets(me()))
    )
    if content is None:
        raise NotFound
    return drawn(content)


@blueprint.post("/<number>/notes")
def note(number: str) -> AnyResponse | tuple[str, int]:
    """Write an internal note."""
    return _say(number, conversation.note, _("The note is on the ticket; the requester doesn't see it."))


@blueprint.post("/<number>/replies")
def reply(number: str) -> AnyResponse | tuple[str, int]:
    """The owner writes to the requester."""
    return _say(number, conversation.reply, _("The reply is sent."))


@blueprint.post("/<number>/questions")
def ask(number: str) -> AnyResponse | tuple[str, int]:
    """The owner asks the requester for more."""
    return _say(number, conversation.ask, _("The question is sent; the clock stands still until they answer."))


@blueprint.post("/<number>/answers")
def answer(number: str) -> AnyResponse | tuple[str, int]:
    """The requester writes back."""
    return _say(number, conversation.answer, _("Sent."))


@blueprint.post("/<number>/looks")
def look_at(number: str) -> str:
    """The page with what is sensitive, this once; that somebody looked is in the audit log."""
    look(runtime(), me(), number)
    read_again()
    return page(number, looked=True)


@blueprint.post("/<number>/acceptance")
def accept(number: str) -> AnyResponse:
    """Answer for the ticket from now on; what was typed into the form of its task before is kept."""
    works = conversation.accept(runtime(), me(), number)
    if typed_into := uuid_or_none(request.args.get("task", "")):
        drafting.keep_typed(typed_into)
    flash(
        _("You answer for this ticket now, and its first task is yours.")
        if works
        else _("You answer for this ticket now.")
    )
    return redirect(url_for("ticket.show", number=number), 303)


def page(
    number: str,
    *,
    views: Views | None = None,
    task_id: UUID | None = None,
    typed: str = "",
    error: str = "",
    looked: bool = False,
    missing: Sequence[str] = (),
) -> str:
    """The page of a ticket; `views` are a refused task's fields, `typed` a refused letter, `error` why; `looked`: what
    is sensitive is shown, this once.
    """
    wanted = MORE_EVENTS if request.args.get("events") == "all" else EVENTS
    read = ticket_page(reading(), me(), number, now(), language=language(), events=wanted)
    task = _chosen(read, task_id or uuid_or_none(request.args.get("task", "")))
    refused = views is not None
    if views is None and task is not None:
        views = _views(task)
    answers = [
        (each, _told(each, read.ticket.number, mask=not looked and not _own(each, read))) for each in read.answers
    ]
    family = family_of(reading(), me(), number, inside=read.inside)
    copied = copied_people(reading(), number)
    urge = waiting_of(reading(), number) if _is_asked(read) else None
    shown = Shown(read, task, views, answers, typed, error, family, copied, looked, refused, urge, missing)
    stands_for(shown.address)
    g.area = "inbox" if read.inside else "mine"
    template = "ticket/staff.html" if read.inside else "ticket/requester.html"
    return render_template(template, shown=shown, page=read, ticket=read.ticket)


def _is_asked(read: TicketPage) -> bool:
    """Whether an urge waits for this reader's answer: they answer for the ticket, or nobody does and they may."""
    mine = read.ticket.owner is None or read.ticket.owner.id == me().person_id
    return mine and read.ticket.urged_at is not None and Verb.ANSWER_URGE in read.verbs


def page_of_task(task_id: UUID, views: Views | None = None, *, missing: Sequence[str] = ()) -> str:
    """The page of a task's ticket; `views` are the task's form as it was refused, `missing` the evidence it lacks."""
    number = sa.select(Ticket.number).join(UserTask, UserTask.instance_id == Ticket.instance_id)
    return page(
        read_again().scalars(number.where(UserTask.public_id == task_id)).one(),
        views=views,
        task_id=task_id,
        missing=missing,
    )


def _say(number: str, verb: Say, done: str) -> AnyResponse | tuple[str, int]:
    """Say what was typed, with its files; a text that is refused is shown again in the composer."""
    typed = request.form.get("body", "")
    try:
        conversation.checked_body(typed)
        files = [_stored(upload) for upload in request.files.getlist("files") if upload.filename]
        verb(runtime(), me(), number, typed, files)
    except (Invalid, Conflict) as refused:
        return page(number, typed=typed, error=worded(refused.message)), status_of(refused)
    flash(done)
    return redirect(url_for("ticket.show", number=number, task=uuid_or_none(request.args.get("task", ""))), 303)


def _stored(upload: FileStorage) -> str:
    return str(store_upload(runtime(), me(), upload.filename, upload.stream)["id"])


def _chosen(read: TicketPage, wanted: UUID | None) -> TaskView | None:
    mine = (task for task in read.tasks if task.public_id == wanted and task.may_complete)
    return next(mine, read.current_task)


def _views(task: TaskView) -> Views:
    wanted = task_form(runtime(), reading(), me(), task.public_id)
    return filled.shown(wanted.form, wanted.data, values=task.draft, prefix=prefix_of(task.public_id))


def _told(answers: Answers, number: str, *, mask: bool) -> Sequence[filled.Told]:
    form = form_of(reading(), answers.form_digest)
    names = answers.before.keys() & filled.only_shown(form) if answers.before else ()
    read = {name: answers.before[name] for name in names}
    return filled.told(form, answers.values, mask=mask, offered=_offered(form, number) | read)


def _offered(form: Form, number: str) -> dict[str, Any]:
    """Of the ticket's data what the form takes options from, so that a choice is said by its words."""
    fields = (field for field in walk(form.fields, lists=True) if isinstance(field, ChoiceField))
    keys = {field.values_key.partition(".")[0] for field in fields} - {""} - form.names
    if not keys:
        return {}
    data = reading().scalars(sa.select(Ticket.data).where(Ticket.number == number)).one()
    return {key: data[key] for key in keys & data.keys()}


def _own(answers: Answers, read: TicketPage) -> bool:
    """What one has answered oneself, or was filed for one, is no secret to one."""
    requester = read.ticket.requester if answers.task_id is None else None
    return me().person_id in {who.id for who in (answers.by, requester) if who is not None}
