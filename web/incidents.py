"""Owns trying again what a process could not do."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from tickets.incidents import retry as retry_incident
from web.context import me, runtime
from web.language import gettext as _

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.post("/<uuid:incident_id>/retries")
def retry(incident_id: UUID) -> Response:
    """Do the step again that failed."""
    number = retry_incident(runtime(), me(), incident_id)
    flash(_("The process goes on."))
    return redirect(url_for("ticket.show", number=number), 303)
