"""Owns the page of operations: which processes run, what is stuck or late, and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_
from engine.models import JobStatus
from tickets.deadlines import DeadlineKind
from tickets.errors import InstanceStuck
from tickets.operating import mending
from tickets.operating.overview import STATES, overview
from tickets.operating.pulse import is_alive
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.language import worded
from web.notices import CHANNELS

blueprint = Blueprint("operations", __name__, url_prefix="/system/operations")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "operations"))

STATE_WORDS: Mapping[JobStatus, str] = {
    JobStatus.FAILED: N_("Given up"),
    JobStatus.QUEUED: N_("Waiting"),
    JobStatus.RUNNING: N_("Being done"),
}
DEADLINE_WORDS: Mapping[str, str] = {
    DeadlineKind.ACCEPT: N_("An offer lapses"),
    DeadlineKind.RESUME: N_("A suspended ticket goes on"),
    DeadlineKind.CLOSE: N_("A resolved ticket closes"),
    DeadlineKind.URGE: N_("An urge climbs"),
    DeadlineKind.WARN: N_("A service level is due soon"),
    DeadlineKind.BREACH: N_("A service level is missed"),
    DeadlineKind.ESCALATE: N_("A missed one is told further up"),
}


@blueprint.get("")
def index() -> str:
    """All of it; jobs of one state, a page at a time."""
    asked, after = request.args.get("state"), request.args.get("after", "")
    state = next((state for state in STATES if state == asked), JobStatus.FAILED)
    cursor = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    shown = overview(reading(), me(), state=state, after=cursor, now=now())
    alive = {each.id: is_alive(each, now()) for each in shown.processes}
    words = {"states": STATE_WORDS, "deadlines": DEADLINE_WORDS, "channels": CHANNELS}
    return render_template("operations/page.html", shown=shown, state=state, alive=alive, later=cursor, **words)


@blueprint.post("/jobs/<int:job_id>/retry")
def retry_job(job_id: int) -> Response:
    """Have it done now."""
    mending.retry_job(runtime(), me(), job_id)
    flash(_("The job is done again in a moment."))
    return _back()


@blueprint.post("/jobs/<int:job_id>/cancellation")
def cancel_job(job_id: int) -> Response:
    """Have it not done."""
    mending.cancel_job(runtime(), me(), job_id)
    flash(_("The job is cancelled."))
    return _back()


@blueprint.post("/incidents/<uuid:incident_id>/retry")
def retry_stopped(incident_id: UUID) -> Response:
    """Do the step again."""
    try:
        number = mending.retry_stopped(runtime(), me(), incident_id)
    except InstanceStuck as stuck:
        flash(_("It stopped again: %(reason)s", reason=worded(stuck.reason)))
    else:
        flash(_("%(number)s goes on.", number=number))
    return _back()


@blueprint.post("/incidents/<uuid:incident_id>/dismissal")
def dismiss_stopped(incident_id: UUID) -> Response:
    """Set it aside."""
    number = mending.dismiss_stopped(runtime(), me(), incident_id)
    flash(
        _(
            "Set aside. What %(number)s waits for stays as it is; move the ticket by hand if it must go on.",
            number=number,
        )
    )
    return _back()


@blueprint.post("/messages/<int:delivery_id>/again")
def send_again(delivery_id: int) -> Response:
    """Send it once more."""
    mending.send_again(runtime(), me(), delivery_id)
    flash(_("It is sent again."))
    return _back()


def _back() -> Response:
    state = request.form.get("state", "")
    return redirect(url_for("operations.index", state=state if state in set(STATES) else None), 303)
