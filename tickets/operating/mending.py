"""Owns what is done about jobs, stopped processes and lost messages; each is written into the audit log."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from engine import job_list
from engine.expressions import N_, Message
from tickets import audit, incidents
from tickets.access import Actor
from tickets.errors import Conflict
from tickets.notices import deliveries
from tickets.notices.spreading import JOB as DELIVERY
from tickets.operating.overview import check_runs
from tickets.runtime import Runtime


def retry_job(runtime: Runtime, actor: Actor, job_id: int) -> None:
    """Have a job done now that was given up or waits for its next attempt. Raises Forbidden, Conflict."""
    check_runs(actor)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if not job_list.retry(session, job_id, now):
            raise Conflict(Message(N_("This job is being done at this moment, or was done meanwhile.")))
        _settle(session, job_id, deliveries.queued_again)
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
        _settle(session, job_id, deliveries.cancelled)
        audit.record(session, actor, "job.cancelled", f"job {job_id}", brand_id=actor.root_id, at=now)


def _settle(session: Session, job_id: int, settle: Callable[[Session, str], None]) -> None:
    """What waits for the job stands as the job does: a message is sent again, or given up."""
    asked = job_list.asked(session, job_id)
    if asked is not None and asked[0] == DELIVERY:
        settle(session, str(asked[1]["key"]))


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
