"""Owns the page of a lost race: who finished the task meanwhile, and both contents, so nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import render_template
from sqlalchemy.orm import undefer

from engine.models import UserTask
from forms.views import FieldView, Views, every_view
from tickets.errors import TaskClosed
from tickets.ticket import Ticket
from tickets.types import EMPTY_FORM, form_of
from web import filled
from web.context import reading
from web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of the form: what counts, and what the reader typed."""

    label: str
    theirs: str
    mine: str

    @property
    def differs(self) -> bool:
        return self.theirs != self.mine


def page(task_id: UUID, closed: TaskClosed) -> str:
    """The page for a task that is no longer open; the reader is known to see its ticket."""
    wanted = sa.select(UserTask, Ticket).join(Ticket, Ticket.instance_id == UserTask.instance_id)
    task, ticket = (
        reading().execute(wanted.where(UserTask.public_id == task_id).options(undefer(UserTask.submitted))).one()
    )
    form = form_of(reading(), task.form_digest) if task.form_digest else EMPTY_FORM
    mine = filled.Posted(keep_files=False)(form, {}).entered
    theirs = filled.shown(form, {}, values=task.submitted or {}, readonly=True)
    rows = list(compare(theirs, filled.shown(form, {}, values=mine)))
    return render_template("ticket/conflict.html", ticket=ticket, task=task, closed=closed, rows=rows)


def compare(theirs: Views, mine: Views) -> Iterator[Difference]:
    """The fields of both, in the order of the form; only those that somebody filled in."""
    ours, others = _words(mine), _words(theirs)
    for path, (label, words) in (others | ours).items():
        found = Difference(label, others.get(path, ("", ""))[1], ours.get(path, ("", words))[1] if path in ours else "")
        if found.theirs or found.mine:
            yield found


def _words(views: Views) -> Mapping[str, tuple[str, str]]:
    return {view.path: (view.label, words_of(view)) for view in every_view(views) if view.path and view.visible}


def words_of(view: FieldView) -> str:
    """What stands in a field, as one text."""
    if view.options:
        return _(", ").join(option.label for option in view.options if option.chosen)
    if view.files:
        return _(", ").join(file.name for file in view.files)
    if isinstance(view.value, bool):
        return _("Yes") if view.value else ""
    return f"{view.value} {view.time_value}".strip()
