"""Owns enqueuing calls: the job's name, and what begins it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from tickets.connectors.tables import CallState, ConnectorCall

JOB = "call"
"""The job of one attempt; also the kind of the incident of a call that failed for good."""

KEEP = timedelta(days=90)


def again(session: Session, instance_id: int, payload: Mapping[str, Any], *, mark: str, now: datetime) -> None:
    """The call that an incident is about is made again, with the same key; within the caller's transaction.

    `mark` makes it once, whoever asks for it twice.
    """
    ref = str(payload["ref"])
    waiting = {"state": CallState.WAITING, "attempts": 0}
    theirs = sa.and_(ConnectorCall.instance_id == instance_id, ConnectorCall.ref == ref)
    session.execute(sa.update(ConnectorCall).where(theirs).values(waiting))
    args = {"instance_id": instance_id, "ref": ref, "element": payload["element"], "left": payload.get("left")}
    later(session, args, mark=mark, at=now)


def later(session: Session, args: Mapping[str, Any], *, mark: str, at: datetime) -> None:
    """One more attempt at `at`."""
    key = f"{JOB}:{args['instance_id']}:{args['ref']}:{mark}"
    jobs.enqueue(session, JOB, dict(args), run_at=at, key=key, queue=jobs.OUTSIDE)


def forget_old(session: Session, now: datetime) -> None:
    """Drop calls that are over, some months after."""
    over = ConnectorCall.state.in_((CallState.DONE, CallState.ERROR))
    session.execute(sa.delete(ConnectorCall).where(over, ConnectorCall.at < now - KEEP))
