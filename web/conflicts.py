"""Owns the page of a lost race: who finished the task meanwhile or has it now, and what was typed, kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import render_template
from sqlalchemy.orm import undefer

from engine.models import UserTask
from forms.views import FieldView
from tickets.errors import DomainError, TaskClosed
from tickets.ticket import Ticket
from tickets.types import EMPTY_FORM, form_of
from web import filled
from web.context import read_again, reading
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


def page(task_id: UUID, refused: DomainError) -> str:
    """The page for a task that is open no more or not theirs any more; the reader is known to see its ticket."""
    wanted = sa.select(UserTask, Ticket).join(Ticket, Ticket.instance_id == UserTask.instance_id)
    task, ticket = (
        read_again().execute(wanted.where(UserTask.public_id == task_id).options(undefer(UserTask.submitted))).one()
    )
    form = form_of(reading(), task.form_digest) if task.form_digest else EMPTY_FORM
    mine = filled.Posted(keep_files=False)(form, {}).entered if filled.is_sent() else {}
    theirs = filled.shown(form, {}, values=task.submitted or {}, readonly=True)
    rows = compare(theirs, filled.shown(form, {}, values=mine) if mine else ())
    closed = refused if isinstance(refused, TaskClosed) else None
    return render_template(
        "ticket/conflict.html", ticket=ticket, task=task, closed=closed, refused=refused.message, rows=rows
    )


def compare(theirs: Iterable[FieldView], mine: Iterable[FieldView]) -> list[Difference]:
    """The fields of both, in the order of the form; only those that somebody filled in."""
    counts, typed = _fields(theirs), _fields(mine)
    paths = dict.fromkeys([*counts, *typed])
    rows = [
        Difference((counts.get(path) or typed[path])[0], counts.get(path, EMPTY)[1], typed.get(path, EMPTY)[1])
        for path in paths
    ]
    return [row for row in rows if row.theirs or row.mine]


EMPTY = ("", "")


def _fields(views: Iterable[FieldView], within: str = "") -> dict[str, tuple[str, str]]:
    """By path the label and the words of each field shown; those of a list's row say which."""
    found: dict[str, tuple[str, str]] = {}
    for view in (view for view in views if view.visible):
        if view.path:
            found[view.path] = (f"{within} · {view.label}" if within else view.label, filled.words_of(view))
        found |= _fields(view.children, within)
        for row in view.rows:
            found |= _fields(row.fields, f"{view.label or _('Row')} {row.position}")
    return found
