"""Owns what is known of each request: its id, a line in the log, and how long it took."""

from __future__ import annotations

import logging
import re
import uuid
from time import perf_counter
from urllib.parse import quote

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from engine import measures
from web.logs import ACCESS

HEADER = "X-Request-ID"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
"""What we take over from whoever asks; another is replaced, since it goes into the log."""
QUIET = frozenset({"static", "health.alive", "health.ready", "metrics.page"})
"""What is asked for so often that a line each would bury the rest."""

log = logging.getLogger(ACCESS)


def setup(app: Flask) -> None:
    """Before every other part, so that what they refuse is logged too."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Give the request its id and begin to time it; forget whom the thread served before."""
    given = request.headers.get(HEADER, "")
    g.request_id = given if ID.fullmatch(given) else uuid.uuid4().hex
    g.began = perf_counter()
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Log it, count it, and tell its id. The address is logged without its query, in which people search for names."""
    took = perf_counter() - g.began
    endpoint = request.endpoint or "none"
    measures.REQUESTS.labels(endpoint, str(response.status_code)).inc()
    measures.REQUEST_TIME.labels(endpoint).observe(took)
    response.headers[HEADER] = g.request_id
    if endpoint not in QUIET and log.isEnabledFor(logging.INFO):
        facts = {"status": response.status_code, "ms": round(1000 * took, 1), "bytes": response.content_length}
        where = {"method": request.method, "path": quote(request.path)[:500], "endpoint": endpoint}
        log.info("request", extra={**where, **facts, "from": request.remote_addr})
    return response
