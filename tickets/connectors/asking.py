"""Owns enqueuing calls: the job's name, and what begins it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    key = f"{first_key(args['instance_id'], args['ref'])}:{mark}"
    theirs = sa.and_(ConnectorCall.instance_id == args["instance_id"], ConnectorCall.ref == args["ref"])
    session.execute(sa.update(ConnectorCall).where(theirs).values(job=key))
    jobs.enqueue(session, JOB, dict(args), run_at=at, key=key, queue=jobs.OUTSIDE)


def first_key(instance_id: int, ref: str) -> str:
    """The key of the job of a call's first attempt."""
    return f"{JOB}:{instance_id}:{ref}"


def newest_keys(session: Session, instance_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """The jobs that calls of these instances wait for, by instance and token, where it is not the first one."""
    query = sa.select(ConnectorCall.instance_id, ConnectorCall.ref, ConnectorCall.job)
    rows = session.execute(query.where(ConnectorCall.instance_id.in_(instance_ids), ConnectorCall.job != ""))
    return {(instance_id, ref): key for instance_id, ref, key in rows}


def forget_old(session: Session, now: datetime) -> None:
    """Drop calls that are over, some months after."""
    over = ConnectorCall.state.in_((CallState.DONE, CallState.ERROR))
    session.execute(sa.delete(ConnectorCall).where(over, ConnectorCall.at < now - KEEP))
