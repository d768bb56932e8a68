"""Owns what follows a ticket's status: when a suspended one resumes, and when a resolved one closes by itself."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition, Timer
from engine.timing import NotATime, parse_duration
from tickets import deadlines
from tickets.change import Change, Was
from tickets.deadlines import Deadline, DeadlineKind
from tickets.family.children import open_children
from tickets.places import Place
from tickets.settings import setting
from tickets.ticket import ENDED, Status, Ticket


def follow_status(session: Session, change: Change) -> None:
    """Deadlines follow the status, whoever changes it, a process too; a process with a timer set sees to it itself."""
    was, now = change.was, change.at
    if change.new and change.status is not Status.RESOLVED:
        return
    if was.status == Status.SUSPENDED and change.status is not Status.SUSPENDED:
        deadlines.drop(session, was.id, DeadlineKind.RESUME)
    if was.status == Status.RESOLVED and change.status is not Status.RESOLVED:
        deadlines.drop(session, was.id, DeadlineKind.CLOSE)
    if change.status is Status.RESOLVED and not _has_timer(session, was.instance_id):
        close_later(session, was, now)
    if change.status in ENDED and was.parent_id is not None:
        _free_parent(session, was, now)


def close_later(session: Session, was: Was, now: datetime) -> None:
    """Sets the deadline that the type's setting `close.after` says; an empty one: it waits for somebody."""
    query = (
        sa.select(ProcessDefinition.key, ProcessDefinition.settings, Place.path, Place.time_zone)
        .where(ProcessDefinition.id == was.definition_id, Place.id == was.place_id)
        .select_from(sa.join(ProcessDefinition, Place, sa.true()))
    )
    key, file, path, zone = session.execute(query).one()
    root_id = int(path.split("/")[1])
    text = setting(session, "close.after", type_key=key, brand_id=was.brand_id, root_id=root_id, file=file)
    try:
        due_at = parse_duration(text).after(now, ZoneInfo(zone)) if text else None
    except NotATime:
        due_at = None
    if due_at is not None:
        deadlines.put(session, DeadlineKind.CLOSE, due_at, ticket_id=was.id, brand_id=was.brand_id)


def _has_timer(session: Session, instance_id: int) -> bool:
    return session.scalar(sa.select(Timer.id).where(Timer.instance_id == instance_id).limit(1)) is not None


def _free_parent(session: Session, was: Was, now: datetime) -> None:
    """The last child has ended: a parent that was to close and waited for it does so now."""
    parent_id = was.parent_id
    assert parent_id is not None
    waits = sa.exists().where(Deadline.ticket_id == Ticket.id, Deadline.kind == DeadlineKind.CLOSE)
    query = sa.select(Ticket.brand_id).where(Ticket.id == parent_id, Ticket.status == Status.RESOLVED, ~waits)
    brand_id = session.scalar(query)
    if brand_id is not None and not set(open_children(session, parent_id)) - {was.number}:
        deadlines.put(session, DeadlineKind.CLOSE, now, ticket_id=parent_id, brand_id=brand_id)
