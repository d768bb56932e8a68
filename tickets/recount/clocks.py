"""Owns counting a ticket's service clocks anew, from its history, and comparing what they and its row say."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session, make_transient

from engine.database import NEVER
from engine.expressions import N_
from tickets.change import Was
from tickets.deadlines import DeadlineKind
from tickets.recount.dossier import Dossier
from tickets.recount.found import Check, Found, told
from tickets.service.clocks import Tally, count, next_deadline, ticket_values
from tickets.service.tables import ServiceClock
from tickets.ticket import Status

KINDS = (DeadlineKind.WARN, DeadlineKind.BREACH, DeadlineKind.ESCALATE)
COUNTED = ("due_at", "paused_since", "left", "stopped_at", "outcome", "judged_at")


def clocks(session: Session, kept: Dossier) -> Found:
    """Without a promise there is no due time; the clocks are taken out of the session first, which never writes."""
    says = {"due_at": kept.case.due_at, "response_due_at": kept.case.response_due_at, "due_left": kept.ticket.due_left}
    if not kept.clocks:
        if any(value not in (None, NEVER) for value in says.values()):
            yield told(Check.CLOCKS, N_("The ticket is due, and nothing was promised of it."))
        return
    for clock in kept.clocks:
        make_transient(clock)
    before = {clock.kind: _counted(clock) for clock in kept.clocks}
    due = ticket_values({clock.kind: clock for clock in kept.clocks})
    if due != says:
        other = ", ".join(sorted(name for name, value in due.items() if value != says[name]))
        yield told(Check.CLOCKS, N_("The ticket's %(columns)s are not those of its clocks."), columns=other)
    pauses = [(row.started_at, row.ended_at) for row in kept.pauses]
    held = Tally(Was.of_case(kept.case), kept.case.site.zone, kept.case.site.root_id, _by_kind(kept), pauses)
    yield from _deadlines(session, kept, held)
    at = kept.case.resolved_at or kept.case.closed_at or kept.case.created_at
    count(session, held, status=Status(kept.case.status), replied=kept.case.first_reply_at, at=at)
    for kind, was in before.items():
        now = _counted(held.clocks[kind])
        for name in COUNTED:
            if was[name] != now[name]:
                text = N_("The %(kind)s clock's %(column)s is %(kept)s, and counted anew %(counted)s.")
                yield told(Check.CLOCKS, text, kind=kind, column=name, kept=was[name], counted=now[name])


def _by_kind(kept: Dossier) -> dict[str, ServiceClock]:
    return {clock.kind: clock for clock in kept.clocks}


def _counted(clock: ServiceClock) -> dict[str, Any]:
    return {name: getattr(clock, name) for name in COUNTED}


def _deadlines(session: Session, kept: Dossier, held: Tally) -> Found:
    """What comes next on each clock; a deadline that failed comes later than it should."""
    rows = {(row.kind, row.key): row for row in kept.deadlines if row.kind in KINDS}
    wanted = {
        (kind.value, clock.kind): moment
        for clock in held.clocks.values()
        for kind, moment in next_deadline(clock, held.course(session, clock))
    }
    for kind, key in sorted(wanted.keys() - rows.keys()):
        yield told(
            Check.DEADLINES, N_("The deadline %(kind)s of the %(clock)s clock is not set."), kind=kind, clock=key
        )
    for kind, key in sorted(rows.keys() - wanted.keys()):
        yield told(
            Check.DEADLINES, N_("The deadline %(kind)s of the %(clock)s clock is too many."), kind=kind, clock=key
        )
    for found in sorted(rows.keys() & wanted.keys()):
        row = rows[found]
        if row.due_at != wanted[found] and not row.attempts:
            text = N_("The deadline %(kind)s of the %(clock)s clock is at another moment than counted.")
            yield told(Check.DEADLINES, text, kind=row.kind, clock=row.key)
