"""Rows the organisation's tests need before the engine runs: a ticket with its type, instance and tasks."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from sqlalchemy.orm import Session

from engine.models import Deployment, ProcessDefinition, ProcessInstance, TaskCandidate, TaskStatus, UserTask
from tests.cast import Cast
from tickets.access import Actor
from tickets.ticket import Ticket
from tickets.types import TicketType

_NUMBERS = count(1)


def add_type(session: Session, *, brand_id: int, at: datetime, key: str = "crash_report") -> TicketType:
    """A ticket type with one version."""
    deployment = Deployment(brand_id=brand_id, created_at=at)
    session.add(deployment)
    session.flush()
    definition = ProcessDefinition(
        brand_id=brand_id,
        key=key,
        version=1,
        name=key,
        deployment_id=deployment.id,
        path=f"{key}.bpmn",
        digest="0" * 64,
        reader_version=1,
        compiled=b"",
        created_at=at,
    )
    session.add(definition)
    session.flush()
    kind = TicketType(
        brand_id=brand_id,
        key=key,
        name=key,
        prefix="CR",
        fileable=True,
        definition_id=definition.id,
        updated_at=at,
    )
    session.add(kind)
    session.flush()
    return kind


def add_ticket(cast: Cast, requester: Actor, *, owner: Actor | None = None, filed_by: Actor | None = None) -> int:
    """The id of a ticket of the requester's brand and place."""
    now = cast.clock.now()
    with cast.runtime.writing() as session, session.begin():
        number = next(_NUMBERS)
        kind = add_type(session, brand_id=requester.brand_id, at=now, key=f"type_{number}")
        instance = ProcessInstance(
            brand_id=requester.brand_id,
            definition_id=kind.definition_id,
            revision=1,
            codec_version=1,
            state=b"",
            started_at=now,
        )
        session.add(instance)
        session.flush()
        ticket = Ticket(
            number=f"CR-{number}",
            brand_id=requester.brand_id,
            place_id=requester.place_id,
            type_id=kind.id,
            definition_id=kind.definition_id,
            instance_id=instance.id,
            title="闪退",
            requester_id=requester.person_id,
            owner_id=owner.person_id if owner else None,
            filed_by_id=filed_by.person_id if filed_by else None,
            created_at=now,
            updated_at=now,
        )
        session.add(ticket)
        session.flush()
        return ticket.id


def add_task(
    cast: Cast,
    ticket_id: int,
    *,
    assignee: Actor | None = None,
    queue_key: int | None = None,
    candidates: tuple[int, ...] = (),
    closed: bool = False,
) -> None:
    """A task of a ticket, open unless closed."""
    now = cast.clock.now()
    with cast.runtime.writing() as session, session.begin():
        ticket = session.get_one(Ticket, ticket_id)
        task = UserTask(
            brand_id=ticket.brand_id,
            instance_id=ticket.instance_id,
            ref="1",
            element="Task_Triage",
            name="分析",
            assignee_id=assignee.person_id if assignee else None,
            queue_key=queue_key,
            status=TaskStatus.COMPLETED if closed else TaskStatus.OPEN,
            opened_at=now,
            closed_at=now if closed else None,
            closed_by_id=assignee.person_id if assignee and closed else None,
        )
        session.add(task)
        session.flush()
        session.add_all(TaskCandidate(task_id=task.id, queue_key=key) for key in candidates)
