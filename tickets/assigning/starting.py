"""Owns what a new ticket begins with: its owner as the rules find them, or the offer that waits for a yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tickets import deadlines
from tickets.assigning.placing import place
from tickets.case import Case
from tickets.cause import Cause
from tickets.change import Was, told
from tickets.deadlines import DeadlineKind
from tickets.steps import Plan
from tickets.ticket import Status
from tickets.timeline import EventKind

TRIED = "tried"


def begin_with(session: Session, plan: Plan, cause: Cause, *, data: Mapping[str, Any]) -> tuple[Case, Cause]:
    """The case with its owner or its offer, before the ticket's row is written."""
    process, case = plan.blueprint.compiled.process, plan.case
    found = place(
        session,
        case,
        plan.step.now,
        type_key=process.id,
        file=process.settings,
        data=data,
        calendar=plan.step.live.world.calendar,
    )
    if found.offered is None or plan.step.ended:
        return replace(case, owner=found.owner or found.offered), cause
    columns = {**cause.columns, "offered_to_id": found.offered.id}
    waits = replace(cause, decided=cause.decided or Status.OFFERED, columns=columns, offer_until=found.until)
    return replace(case, owner=None, offered_to_id=found.offered.id), waits


def offer_made(session: Session, case: Case, cause: Cause, now: datetime) -> Cause:
    """The cause with the line that says so; the deadline of the offer is set, now that the ticket has its id."""
    if case.offered_to_id is None or cause.offer_until is None:
        return cause
    event = offer(session, Was.of_case(case), case.offered_to_id, cause.offer_until, now, tried=[])
    return replace(cause, told=[*cause.told, event])


def offer(
    session: Session, was: Was, person_id: int, until: datetime, now: datetime, *, tried: list[int]
) -> dict[str, Any]:
    """Sets the deadline of an offer; its line of the timeline. `tried` are those who were asked before."""
    args = {"person_id": person_id, TRIED: [*tried, person_id]}
    deadlines.put(session, DeadlineKind.ACCEPT, until, ticket_id=was.id, brand_id=was.brand_id, args=args)
    return told(was, EventKind.ASSIGNED, None, now, public=False, to_id=person_id, until_at=until.isoformat())
