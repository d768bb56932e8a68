"""Owns the addresses of tasks: claim, release, complete, the draft, and the form as it answers while one types."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tickets import tasks
from tickets.errors import Conflict, Forbidden, FormInvalid, InstanceStuck, TaskClosed
from tickets.evidence.proof import EvidenceMissing
from tickets.evidence.wanted import KINDS
from web import conflicts, drafting, filled, task_verbs, times
from web.context import me, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import worded
from web.navigation import undo
from web.shown import prefix_of
from web.ticket import page_of_task

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.post("/<uuid:task_id>/claim")
def claim(task_id: UUID) -> Response | tuple[str, int]:
    """Make an offered task one's own, with what was typed into its form before; that is shown if another has it."""
    try:
        number = tasks.claim(runtime(), me(), task_id)
    except (Conflict, Forbidden) as refused:
        return conflicts.page(task_id, refused), status_of(refused)
    drafting.keep_typed(task_id)
    flash(_("The task is yours now."), undo(url_for("tasks.release", task_id=task_id)))
    return redirect(url_for("ticket.show", number=number, task=task_id), 303)


@blueprint.post("/<uuid:task_id>/release")
def release(task_id: UUID) -> Response:
    """Give a claimed task back."""
    number = tasks.release(runtime(), me(), task_id)
    drafting.keep_typed(task_id)
    flash(_("The task waits for others again."), undo(url_for("tasks.claim", task_id=task_id)))
    return redirect(url_for("ticket.show", number=number, task=task_id), 303)


@blueprint.post("/<uuid:task_id>/complete")
def complete(task_id: UUID) -> Response | tuple[str, int]:
    """Done. What is refused is shown again with what was typed; what others did meanwhile, with it."""
    posted = filled.Posted()
    try:
        number = tasks.complete(runtime(), me(), task_id, posted)
    except FormInvalid as wrong:
        drafting.keep(task_id, wrong.submission.entered)
        views = filled.again(posted, wrong.submission, prefix=prefix_of(task_id))
        return page_of_task(task_id, views, missing=_missing(wrong)), 422
    except (Conflict, Forbidden) as refused:
        return conflicts.page(task_id, refused), status_of(refused)
    except InstanceStuck as stuck:
        flash(worded(stuck.message))
        return page_of_task(task_id), 409
    if back_to := tasks.back_with(read_again(), task_id):
        said = _("%(name)s has the task again, with what you filled in, and completes it.", name=back_to)
        return task_verbs.back(number, said, task_id)
    flash(_("The task is done."))
    return redirect(url_for("ticket.show", number=number), 303)


def _missing(refused: FormInvalid) -> Sequence[str]:
    """The evidence that is missing and that no field shows."""
    lacking = refused.lacking if isinstance(refused, EvidenceMissing) else {}
    return [worded(text) for kind, text in lacking.items() if kind in KINDS]


@blueprint.put("/<uuid:task_id>/draft")
def draft(task_id: UUID) -> str:
    """Keep what is typed so far; files wait for the real sending."""
    wanted = tasks.task_form(runtime(), reading(), me(), task_id)
    typed = filled.Posted(keep_files=False)(wanted.form, wanted.data).entered
    saved = tasks.save_draft(runtime(), me(), task_id, typed)
    return _("Draft saved %(time)s", time=times.within(saved, clock=False))


@blueprint.post("/<uuid:task_id>/live")
def live(task_id: UUID) -> str | tuple[str, int]:
    """The fields as they are with what is typed so far: what shows, what hides, what is worked out.

    On a task that was completed meanwhile nothing changes: sending the form tells who was faster.
    """
    try:
        wanted = tasks.task_form(runtime(), reading(), me(), task_id)
    except TaskClosed:
        return "", 204
    posted = filled.Posted(keep_files=False)
    views = filled.again(posted, posted(wanted.form, wanted.data), prefix=prefix_of(task_id), live=True)
    address = url_for("tasks.live", task_id=task_id)
    return render_template("parts/live_form.html", views=views, id=prefix_of(task_id), live_url=address, cards=False)
