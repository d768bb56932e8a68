"""Owns whom those report to whose superior leaves: the leaver's own superior."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import audit
from tickets.departing.belongings import reporting
from tickets.departing.heirs import Heirs
from tickets.departing.leave import Leave, Moved, keep
from tickets.departing.model import ChangeKind
from tickets.people import Person


def move(session: Session, leave: Leave, heirs: Heirs, limit: int) -> int:
    """Lets the first of them report to the leaver's superior; how many."""
    theirs = sa.select(Person).where(reporting(leave.leaver_id)).order_by(Person.id).limit(limit).with_for_update()
    return keep(
        session, leave, [_report_to(session, leave, person, heirs.superior_id) for person in session.scalars(theirs)]
    )


def _report_to(session: Session, leave: Leave, person: Person, superior_id: int | None) -> Moved:
    above = superior_id if superior_id != person.id else None
    before, after = {"superior_id": person.superior_id}, {"superior_id": above}
    person.superior_id = above
    audit.record(
        session,
        leave.actor,
        "person.superior",
        person.login,
        brand_id=person.brand_id,
        at=leave.now,
        before=before,
        after=after,
    )
    return Moved(ChangeKind.REPORT, person.id, before, after)
