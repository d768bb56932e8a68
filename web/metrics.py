"""Owns what Prometheus reads: what the processes counted, and what the database says now.

Counters are this process's, or of all on this machine (`engine.measures.REGISTRY`); gauges are read from the database
when they are asked for, so every process of every machine says the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address

import sqlalchemy as sa
from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from engine import job_list
from engine.measures import REGISTRY
from engine.models import STOPS, Timer
from tickets.deadlines import Deadline
from tickets.notices.models import Delivery, DeliveryStatus
from web.config import Config
from web.context import config, now, reading

blueprint = Blueprint("metrics", __name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@blueprint.get("/metrics")
def page() -> Response:
    """Everything, in Prometheus's text format. Whoever may not read it finds nothing here."""
    if not may_read(config(), request.headers.get("Authorization", ""), request.remote_addr):
        abort(404)
    text = generate_latest(_counted()) + generate_latest(_now(reading(), now()))
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def may_read(config: Config, authorization: str, address: str | None) -> bool:
    """With the token, from anywhere; where none is set, from this machine.

    A proxy in front of us that we were not told of makes everybody look local: where the pages have an address of their
    own (`base_url`) and no proxy is trusted, a token is needed.
    """
    if config.metrics_token:
        return compare_digest(authorization.encode(), f"Bearer {config.metrics_token}".encode())
    behind_somebody = bool(config.base_url) and not config.trusted_proxies
    try:
        return ip_address(address or "").is_loopback and not behind_somebody
    except ValueError:
        return False


def _counted() -> CollectorRegistry:
    if not os.environ.get(FOLDER):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types there
    return registry


def _now(session: Session, moment: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Now(session, moment))
    return registry


class Now(Collector):
    """What the database says at this moment, each by an index that holds only what is open."""

    def __init__(self, session: Session, moment: datetime) -> None:
        self.session, self.moment = session, moment

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("gongdan_jobs", "Jobs that are not done, by name and state.", labels=["name", "state"])
        for (name, state), count in job_list.by_state(self.session, not_over=True).items():
            jobs.add_metric([name, state], count)
        yield jobs
        due = GaugeMetricFamily("gongdan_overdue", "Timers and deadlines whose time has come.", labels=["kind"])
        oldest = GaugeMetricFamily("gongdan_overdue_seconds", "How late the latest of them is.", labels=["kind"])
        for kind, table in (("timer", Timer), ("deadline", Deadline)):
            count, first = self.session.execute(
                sa.select(sa.func.count(), sa.func.min(table.due_at)).where(table.due_at <= self.moment)
            ).one()
            due.add_metric([kind], count)
            oldest.add_metric([kind], (self.moment - first).total_seconds() if first else 0)
        yield from (due, oldest)
        incidents = sa.select(sa.func.count()).where(STOPS)
        failed = sa.select(sa.func.count()).where(Delivery.status == DeliveryStatus.FAILED)
        open_now, given_up = self.session.scalar(incidents), self.session.scalar(failed)
        yield GaugeMetricFamily("gongdan_incidents_open", "Incidents that wait for somebody.", value=open_now)
        yield GaugeMetricFamily("gongdan_messages_given_up", "Mails and messages not sent.", value=given_up)
