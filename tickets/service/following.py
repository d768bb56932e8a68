"""Owns what a change of a ticket means for its service levels: the hook that `tickets.changing` calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from tickets.change import Change, Was
from tickets.service import clocks
from tickets.service.clocks import Mode, Tally, mode_of
from tickets.service.policies import Terms, file_settings, terms_of
from tickets.service.reckoning import Pause
from tickets.service.tables import ServiceClock, ServicePause
from tickets.ticket import Status


@dataclass(frozen=True)
class Following:
    """What is still to be written once the ticket's row is: the change with the columns that follow from it."""

    change: Change
    held: Tally | None = None

    def write(self, session: Session) -> None:
        change = self.change
        _write_pause(session, change)
        if self.held is None:
            return
        session.flush()
        clocks.set_deadlines(session, self.held)
        if change.changes("due_at"):
            move_tasks(session, change.was, change.now("due_at"))


def follow(session: Session, changes: Sequence[Change]) -> list[Following | None]:
    """None for a change that means nothing to a clock, as most do; it costs no statement."""
    concerned = [change.was.id for change in changes if _is_concerned(change)]
    found = clocks.clocks_of_all(session, concerned)
    return [
        _follow(session, change, found.get(change.was.id, [])) if change.was.id in concerned else None
        for change in changes
    ]


def _is_concerned(change: Change) -> bool:
    replied = change.was.first_reply_at is None and change.values.get("first_reply_at") is not None
    return mode_of(change.was.status) is not mode_of(change.status) or replied or _is_other_urgency(change)


def _is_other_urgency(change: Change) -> bool:
    return "priority" in change.values and change.values["priority"] != change.was.priority


def _follow(session: Session, change: Change, found: Sequence[ServiceClock]) -> Following:
    urgency, now = _is_other_urgency(change), mode_of(change.status)
    if not found and not urgency:
        return Following(change)
    held = clocks.tally(session, change.was, found)
    held.pauses = pauses_after(held.pauses, change)
    if urgency and now is not Mode.STOPPED:
        clocks.take_terms(session, held, _terms(session, change, held))
    if not found and not held.clocks:
        return Following(change)
    replied_at = change.now("first_reply_at")
    values = clocks.count(session, held, status=change.status, replied=replied_at, at=change.at)
    return Following(replace(change, values={**change.values, **values}), held)


def begin(session: Session, was: Was, terms: Terms, zone: ZoneInfo, root_id: int) -> None:
    """Starts the clocks of a ticket that has just been filed; its row says when they are due already."""
    if not terms.spans:
        return
    begun = {kind: clocks.new_clock(was, kind, terms) for kind in terms.spans}
    held = Tally(was, zone, root_id, begun)
    clocks.count(session, held, status=Status.UNASSIGNED, replied=None, at=was.created_at)
    clocks.insert_clocks(session, begun.values())
    clocks.first_deadlines(session, held)


def pauses_after(pauses: Sequence[Pause], change: Change) -> list[Pause]:
    """The pauses once the ticket has its new status; the time in which it was resolved is one, too."""
    was, now, at = mode_of(change.was.status), mode_of(change.status), change.at
    known = list(pauses)
    if was is now:
        return known
    if was is Mode.PAUSED and known and known[-1][1] is None:
        known[-1] = (known[-1][0], at)
    if now is Mode.PAUSED or was is Mode.STOPPED:
        known.append((begun(change), None if now is Mode.PAUSED else at))
    return known


def begun(change: Change) -> datetime:
    """Since when the clocks stand still that pause, or go on again, with this change."""
    stopped = change.was.resolved_at or change.was.closed_at
    return stopped if mode_of(change.was.status) is Mode.STOPPED and stopped else change.at


def move_tasks(session: Session, was: Was, due_at: datetime) -> None:
    """Open tasks without a due time of their own have the ticket's."""
    session.connection().execute(_MOVE_TASKS, {"of_instance": was.instance_id, "old": was.due_at, "due_at": due_at})


_MOVE_TASKS = sa.update(UserTask).where(
    UserTask.instance_id == sa.bindparam("of_instance"),
    UserTask.status == sa.literal(TaskStatus.OPEN.value),
    UserTask.due_at == sa.bindparam("old", type_=UserTask.due_at.type),
)


def _write_pause(session: Session, change: Change) -> None:
    was, now, connection = mode_of(change.was.status), mode_of(change.status), session.connection()
    if was is now:
        return
    if was is Mode.PAUSED:
        connection.execute(_END_PAUSE, {"of_ticket": change.was.id, "ended_at": change.at})
    if now is Mode.PAUSED or was is Mode.STOPPED:
        why = change.status if now is Mode.PAUSED else Status(change.was.status)
        row: dict[str, Any] = {"ticket_id": change.was.id, "started_at": begun(change), "why": why.value}
        connection.execute(sa.insert(ServicePause), [row | {"ended_at": None if now is Mode.PAUSED else change.at}])


_END_PAUSE = sa.update(ServicePause).where(
    ServicePause.ticket_id == sa.bindparam("of_ticket"), ServicePause.ended_at.is_(None)
)


def _terms(session: Session, change: Change, held: Tally) -> Terms:
    type_key, settings = file_settings(session, change.was.definition_id)
    return terms_of(
        session,
        type_key=type_key,
        priority=change.now("priority"),
        brand_id=change.was.brand_id,
        root_id=held.root_id,
        file=settings,
    )
