"""Owns ordering that a standard be planned: the jobs that do it, a stretch of subjects each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.jobs import Request, enqueue, enqueue_all
from tickets.standards.tables import Standard

JOB = "standard.plan"
"""Its args: `standard_id`, `after` (the last subject planned), `run`; then `until` (a moment), or `subjects` (ids)."""
AT_ONCE = 500
"""Subjects of one job: on SQLite nobody else writes meanwhile."""


def order(session: Session, standard: Standard, now: datetime) -> None:
    """Plan it anew, from the first subject on."""
    args = {"standard_id": standard.id, "after": 0, "run": uuid4().hex}
    enqueue(session, JOB, args, run_at=now)


def order_next(session: Session, standard_id: int, run: str, after: int, now: datetime) -> None:
    """The stretch after this subject, once."""
    args = {"standard_id": standard_id, "after": after, "run": run}
    enqueue(session, JOB, args, run_at=now, key=f"{JOB}:{run}:{after}")


def follow_subjects(session: Session, changed: Iterable[tuple[int, str]], now: datetime) -> None:
    """Subjects (id, kind) were created or changed: what stands before them is planned anew, in the same transaction's
    jobs. Costs one statement where no standard is for subjects of their kind.
    """
    by_kind: dict[str, list[int]] = {}
    for ident, kind in changed:
        by_kind.setdefault(kind, []).append(ident)
    if not by_kind:
        return
    query = sa.select(Standard.id, Standard.subject_kind)
    rows = session.execute(query.where(Standard.active, Standard.subject_kind.in_(sorted(by_kind)))).all()
    requests = [
        Request({"standard_id": ident, "subjects": list(part)})
        for ident, kind in rows
        for part in _parts(by_kind[kind])
    ]
    enqueue_all(session, JOB, requests, run_at=now)


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE))
