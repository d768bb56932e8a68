"""Owns the checks of what runs: processes, jobs, timers, incidents, messages, and whether definitions can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import sqlalchemy as sa

from engine import job_list
from engine.database import reading
from engine.definitions import load
from engine.models import STOPS, JobStatus, ProcessDefinition, ProcessInstance, Timer
from tickets.connectors.reading import missing_anywhere
from tickets.connectors.sealing import unopenable
from tickets.connectors.secret import sealed_secrets
from tickets.deadlines import Deadline
from tickets.notices.models import Delivery, DeliveryStatus
from tickets.notices.signing import webhook_secrets
from tickets.operating.pulse import is_alive, pulses, release
from tickets.types import TicketType
from web.doctor.finding import Finding, Patient, ok, warning, wrong

LATE = timedelta(minutes=1)
SAMPLE = 300


def processes(patient: Patient) -> Iterator[Finding]:
    """Somebody runs timers and jobs; on SQLite only one process does."""
    with reading(patient.database) as session:
        alive = [each for each in pulses(session) if is_alive(each, patient.now)]
    said = ", ".join(f"{each.kind} on {each.host} (process {each.pid}, {each.release})" for each in alive)
    if not alive:
        mend = "Start `gongdan run` (or `gongdan worker`); look at its log if it was started."
        yield warning("processes", "none runs timers and jobs", mend)
    elif patient.on_sqlite and len(alive) > 1:
        mend = "Stop all but one, or move to PostgreSQL."
        yield wrong("processes", f"{len(alive)} run on one SQLite database: {said}", mend)
    else:
        yield ok("processes", said)
    others = {each.release for each in alive} - {release()}
    if others:
        mend = "Restart them, so that all are of one release."
        yield warning("releases", f"some are of {', '.join(sorted(others))}, and this is {release()}", mend)


def jobs(patient: Patient) -> Iterator[Finding]:
    """None was given up."""
    with reading(patient.database) as session:
        counts = job_list.by_state(session, not_over=True)
    failed = sum(count for (_, state), count in counts.items() if state == JobStatus.FAILED)
    waiting = sum(count for (_, state), count in counts.items() if state in (JobStatus.QUEUED, JobStatus.RUNNING))
    if failed:
        names = ", ".join(sorted(name for name, state in counts if state == JobStatus.FAILED))
        yield warning("jobs", f"{failed} were given up ({names})", "See why under System, Operations, and retry them.")
    else:
        yield ok("jobs", f"none was given up, {waiting} wait or run")


def timers(patient: Patient) -> Iterator[Finding]:
    """None is late."""
    with patient.database.connect() as connection:
        late, tried = 0, 0
        for table in (Timer, Deadline):
            overdue = sa.select(sa.func.count()).where(table.due_at < patient.now - LATE)
            late += connection.scalar(overdue) or 0
            tried += connection.scalar(sa.select(sa.func.count()).where(table.attempts > 0)) or 0
    if late or tried:
        mend = "If processes run, look in their log for “timer failed” and “deadline failed”."
        yield warning("timers", f"{late} are more than a minute late, {tried} have failed before", mend)
    else:
        yield ok("timers", "none is late")


def incidents(patient: Patient) -> Iterator[Finding]:
    """No process waits for somebody to mend it."""
    with patient.database.connect() as connection:
        count = connection.scalar(sa.select(sa.func.count()).where(STOPS))
    if count:
        yield warning("incidents", f"{count} processes could not go on", "See them under System, Operations.")
    else:
        yield ok("incidents", "every process can go on")


def messages(patient: Patient) -> Iterator[Finding]:
    """Every mail and message has gone out."""
    given_up = sa.select(sa.func.count()).where(Delivery.status == DeliveryStatus.FAILED)
    with patient.database.connect() as connection:
        count = connection.scalar(given_up)
    if count:
        yield warning("messages", f"{count} could not be sent", "See why under System, Operations.")
    else:
        yield ok("messages", "none was given up")


def definitions(patient: Patient) -> Iterator[Finding]:
    """What tickets run on, or may be filed as, can be read by this release."""
    offered = sa.select(TicketType.definition_id).where(TicketType.active)
    running = sa.select(ProcessInstance.definition_id).where(ProcessInstance.ended_at.is_(None))
    used = sa.or_(ProcessDefinition.id.in_(offered), ProcessDefinition.id.in_(running))
    columns = (ProcessDefinition.key, ProcessDefinition.version, ProcessDefinition.compiled)
    query = sa.select(*columns).where(used).order_by(ProcessDefinition.id.desc()).limit(SAMPLE)
    unread, count = [], 0
    with patient.database.connect() as connection:
        for key, version, compiled in connection.execute(query):
            count += 1
            if not _can_be_read(compiled):
                unread.append(f"{key} (version {version})")
    if unread:
        mend = "Run the release that published them, publish the files anew with this one, and tell us."
        yield wrong("definitions", f"this release can't read {', '.join(unread[:10])}", mend)
    else:
        yield ok("definitions", f"all {count} in use can be read")


def _can_be_read(compiled: bytes) -> bool:
    try:
        load(compiled)
    except (msgspec.MsgspecError, ValueError):
        return False
    return True


def secrets(patient: Patient) -> Iterator[Finding]:
    """Secrets open with the keys that are set, and none that a ticket type needs is missing."""
    with reading(patient.database) as session:
        every = [*sealed_secrets(session), *webhook_secrets(session)]
        lost, missing = unopenable(every, patient.config.keyring), missing_anywhere(session)
    if lost:
        mend = "Put the old key behind the new one in GONGDAN_ENCRYPTION_KEY (or bring back GONGDAN_SECRET_KEY, or the"
        mend += " file secret_key of the data folder); or type the secrets anew on the page Secrets,"
        mend += " and remove such webhooks and add them again."
        yield wrong("secrets", f"no known key opens {', '.join(lost[:5])}", mend)
    if missing:
        mend = "Add them on the page Secrets; calls of these ticket types stop until then."
        yield warning("secrets", f"ticket types name secrets that nobody added: {', '.join(missing[:5])}", mend)
    if not lost and not missing:
        yield ok("secrets", "every one can be opened, and none is missing")
