"""Owns trying again what a process could not do."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from engine.models import Incident
from tickets.errors import InstanceStuck
from tickets.incidents import retry as retry_incident
from tickets.ticket import Ticket
from web.context import me, read_again, runtime
from web.language import gettext as _
from web.language import worded
from web.ticket import page

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.post("/<uuid:incident_id>/retries")
def retry(incident_id: UUID) -> Response | tuple[str, int]:
    """Do the step again that failed; what fails again is said on the ticket's page."""
    try:
        number = retry_incident(runtime(), me(), incident_id)
    except InstanceStuck as stuck:
        flash(_("It stopped again: %(reason)s", reason=worded(stuck.reason)))
        return page(_number_of(incident_id)), 409
    flash(_("The process goes on."))
    return redirect(url_for("ticket.show", number=number), 303)


def _number_of(incident_id: UUID) -> str:
    """The number of its ticket, which the reader is known to see."""
    number = sa.select(Ticket.number).join(Incident, Incident.instance_id == Ticket.instance_id)
    return read_again().scalars(number.where(Incident.public_id == incident_id)).one()
