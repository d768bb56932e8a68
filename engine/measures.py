"""Owns what this process counts and times: steps, timers, jobs, pages, messages, uploads; `web.metrics` shows it.

Labels are kinds, names and endpoints, of which there are a few hundred at most: never a path, an id or a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter, thread_time

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from structlog.contextvars import bound_contextvars

disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double what Prometheus keeps
REGISTRY = CollectorRegistry()
"""Of this process alone, or of all on this machine where PROMETHEUS_MULTIPROC_DIR names their common folder."""

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
_PAGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LATE = (0.5, 1, 2, 5, 10, 30, 60, 300, 3600)

STEPS = Histogram(
    "gongdan_step_seconds", "Steps of instances, by what drove them.", ["kind"], buckets=_QUICK, registry=REGISTRY
)
STEP_CPU = Counter("gongdan_step_cpu_seconds", "Processor time of these steps.", ["kind"], registry=REGISTRY)
REPLANNED = Counter("gongdan_steps_replanned", "Steps planned again: somebody was faster.", registry=REGISTRY)
INCIDENTS = Counter("gongdan_incidents", "Steps that could not be done, by kind.", ["kind"], registry=REGISTRY)
LATENESS = Histogram(
    "gongdan_timer_lateness_seconds",
    "From when a timer or deadline was due to when it was taken up.",
    ["kind"],
    buckets=_LATE,
    registry=REGISTRY,
)
JOBS = Counter("gongdan_jobs_run", "Jobs run, by name and how it went.", ["name", "outcome"], registry=REGISTRY)
JOB_TIME = Counter("gongdan_job_seconds", "Time spent in jobs, by name.", ["name"], registry=REGISTRY)
MESSAGES = Counter("gongdan_messages", "Mails and messages sent out.", ["channel", "outcome"], registry=REGISTRY)
UPLOADS = Counter("gongdan_upload_checks", "Uploads of ticket types checked.", ["outcome"], registry=REGISTRY)
REQUESTS = Counter("gongdan_requests", "Requests answered.", ["endpoint", "status"], registry=REGISTRY)
REQUEST_TIME = Histogram(
    "gongdan_request_seconds", "Time to answer a request.", ["endpoint"], buckets=_PAGES, registry=REGISTRY
)


@dataclass(slots=True)
class Watch:
    """Runs from when it is made; the processor time is that of this thread."""

    _began: float = field(default_factory=perf_counter)
    _cpu: float = field(default_factory=thread_time)

    def step(self, kind: str) -> None:
        """A step of this kind is done."""
        self.steps(kind, 1)

    def steps(self, kind: str, number: int) -> None:
        """So many steps of this kind are done together."""
        for _ in range(number):
            STEPS.labels(kind).observe((perf_counter() - self._began) / number)
        STEP_CPU.labels(kind).inc(thread_time() - self._cpu)


@contextmanager
def job(name: str, number: int) -> Iterator[None]:
    """A job is done within: how it goes is counted, and what is logged tells which it was."""
    began, outcome = perf_counter(), "failed"
    try:
        with bound_contextvars(job=number, job_name=name):
            yield
        outcome = "done"
    finally:
        JOBS.labels(name, outcome).inc()
        JOB_TIME.labels(name).inc(perf_counter() - began)


def late(kind: str, due_at: datetime, now: datetime) -> None:
    """A timer or deadline was taken up now."""
    LATENESS.labels(kind).observe(max((now - due_at).total_seconds(), 0))
