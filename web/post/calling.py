"""Owns the drain of connectors' calls: beside that of messages, since a slow system must not keep mails waiting."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from engine import jobs
from engine.jobs import Handler
from tickets.connectors.asking import JOB
from tickets.connectors.calls import call
from tickets.runtime import Runtime
from web.config import Config
from web.post.http_call import send


def drain(runtime: Runtime, config: Config, *, limit: int = 100) -> int:
    """Makes the calls that are due, one after another; how many."""
    return jobs.drain(runtime.database, handlers(runtime, config), runtime.clock, limit=limit, only=True)


def handlers(runtime: Runtime, config: Config) -> Mapping[str, Handler]:
    """What the job of a call does."""
    return {JOB: partial(call, runtime, config.keyring, partial(send, config.connector_hosts))}
