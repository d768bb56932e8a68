"""Owns what is done about jobs, stopped processes and lost messages; each is written into the audit log."""

from __future__ import annotations

from uuid import UUID

from engine import job_list
from engine.expressions import N_, Message
from tickets import audit, incidents
from tickets.access import Actor
from tickets.errors import Conflict
from tickets.notices import deliveries
from tickets.operating.overview import check_runs
from tickets.runtime import Runtime


def retry_job(runtime: Runtime, actor: Actor, job_id: int) -> None:
    """Have a job done now that was given up or waits for its next attempt. Raises Forbidden, Conflict."""
    check_runs(actor)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if not job_list.retry(session, job_id, now):
            raise Conflict(Message(N_("This job is being done at this moment, or was done meanwhile.")))
        audit.record(session, actor, "job.retried", f"job {job_id}", brand_id=actor.root_id, at=now)


def cancel_job(runtime: Runtime, actor: Actor, job_id: int) -> None:
    """Have a job not done that waits. Raises Forbidden, Conflict."""
    check_runs(actor)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if not job_list.cancel(session, job_id, now):
            raise Conflict(
                Message(N_("Only a job that waits can be cancelled; this one is done, given up or under way."))
            )
        audit.record(session, actor, "job.cancelled", f"job {job_id}", brand_id=actor.root_id, at=now)


def retry_stopped(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Do the step again that failed; the ticket's number. Raises Forbidden, NotFound, Conflict, InstanceStuck."""
    check_runs(actor)
    return incidents.retry(runtime, actor, incident_id)


def dismiss_stopped(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Set an incident aside without doing its step again; the ticket's number. Raises Forbidden, NotFound, Conflict."""
    check_runs(actor)
    return incidents.dismiss(runtime, actor, incident_id)


def send_again(runtime: Runtime, actor: Actor, delivery_id: int) -> None:
    """Send once more what was given up. Raises Forbidden, NotFound."""
    check_runs(actor)
    deliveries.send_again(runtime, actor, delivery_id)
