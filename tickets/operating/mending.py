"""Owns what is done about jobs, stopped processes and lost messages; each is written into the audit log."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine import job_list
from engine.expressions import N_, Message
from engine.models import Incident
from tickets import incidents
from tickets.access import Actor
from tickets.audit import record
from tickets.errors import Conflict, NotFound
from tickets.notices import deliveries
from tickets.notices.models import Delivery
from tickets.operating.overview import check_runs
from tickets.runtime import Runtime
from tickets.ticket import Ticket


def retry_job(runtime: Runtime, actor: Actor, job_id: int) -> None:
    """Have a job done now that was given up or waits for its next attempt. Raises Forbidden, Conflict."""
    check_runs(actor)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if not job_list.retry(session, job_id, now):
            raise Conflict(Message(N_("This job is being done at this moment, or was done meanwhile.")))
        record(session, actor, "job.retried", f"job {job_id}", brand_id=actor.root_id, at=now)


def cancel_job(runtime: Runtime, actor: Actor, job_id: int) -> None:
    """Have a job not done that waits. Raises Forbidden, Conflict."""
    check_runs(actor)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if not job_list.cancel(session, job_id, now):
            raise Conflict(
                Message(N_("Only a job that waits can be cancelled; this one is done, given up or under way."))
            )
        record(session, actor, "job.cancelled", f"job {job_id}", brand_id=actor.root_id, at=now)


def retry_stopped(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Do the step again that failed; the ticket's number. Raises Forbidden, NotFound, Conflict, InstanceStuck."""
    check_runs(actor)
    number = incidents.retry(runtime, actor, incident_id)
    _note(runtime, actor, "incident.retried", incident_id)
    return number


def dismiss_stopped(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Set an incident aside without doing its step again; the ticket's number. Raises Forbidden, NotFound, Conflict."""
    check_runs(actor)
    number = incidents.dismiss(runtime, actor, incident_id)
    _note(runtime, actor, "incident.dismissed", incident_id)
    return number


def send_again(runtime: Runtime, actor: Actor, delivery_id: int) -> None:
    """Send once more what was given up. Raises Forbidden, NotFound."""
    check_runs(actor)
    deliveries.send_again(runtime, actor, delivery_id)
    with runtime.writing() as session, session.begin():
        brand_id = session.scalar(sa.select(Delivery.brand_id).where(Delivery.id == delivery_id)) or actor.root_id
        what, now = f"message {delivery_id}", runtime.clock.now()
        record(session, actor, "message.sent_again", what, brand_id=brand_id, at=now)


def _note(runtime: Runtime, actor: Actor, action: str, incident_id: UUID) -> None:
    with runtime.writing() as session, session.begin():
        query = (
            sa.select(Ticket.number, Incident.brand_id, Incident.element)
            .join(Ticket, Ticket.instance_id == Incident.instance_id)
            .where(Incident.public_id == incident_id)
        )
        found = session.execute(query).one_or_none()
        if found is None:
            raise NotFound(N_("This incident"))
        what = f"{found.number} {found.element}"
        record(session, actor, action, what, brand_id=found.brand_id, at=runtime.clock.now())
