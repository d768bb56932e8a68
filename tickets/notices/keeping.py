"""Owns how long notices are kept: what is old is dropped, so that the tables stay small."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.notices.models import Delivery, DeliveryStatus, News, Notice
from tickets.runtime import Runtime

KEEP_NOTICES = timedelta(days=180)
KEEP_DELIVERIES = timedelta(days=30)
AT_ONCE = 5000


def forget_old(runtime: Runtime) -> None:
    """Drops notices after half a year, and after a month what was sent, or could not be; news that nobody has left."""
    now = runtime.clock.now()
    unheard = [~sa.exists().where(model.news_id == News.id) for model in (Notice, Delivery)]
    over = sa.and_(Delivery.at < now - KEEP_DELIVERIES, Delivery.status != DeliveryStatus.QUEUED)
    for model, old in ((Notice, Notice.at < now - KEEP_NOTICES), (Delivery, over), (News, sa.and_(*unheard))):
        while _drop(runtime, model, old):
            pass


def _drop(runtime: Runtime, model: type[Notice | Delivery | News], old: sa.ColumnElement[bool]) -> bool:
    """Some at a time, so that nobody waits for it; whether there may be more."""
    some = sa.select(model.id).where(old).order_by(model.id).limit(AT_ONCE)
    with runtime.writing() as session, session.begin():
        return _count(session, sa.delete(model).where(model.id.in_(some))) == AT_ONCE


def _count(session: Session, statement: sa.Delete) -> int:
    return session.connection().execute(statement).rowcount
