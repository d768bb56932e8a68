"""Owns how gunicorn serves: several processes of several threads, each renewed from time to time.

What an operator decides comes from the environment; an option on gunicorn's own command line goes before it.
"""

from __future__ import annotations

import os
from pathlib import Path

from web.config import read_config

_CONFIG = read_config()
_SHARED = Path("/dev/shm")  # noqa: S108  # gunicorn makes files of its own there

bind = f"{_CONFIG.host}:{_CONFIG.port}"
workers = int(os.environ.get("WEB_CONCURRENCY") or os.cpu_count() or 2)
worker_class = "gthread"
threads = _CONFIG.threads
preload_app = False  # a process must not begin with another's connections; and a reload takes the new program
timeout = 60  # a process that does not say so long that it lives is replaced
graceful_timeout = 30  # so long requests under way may take when it stops
keepalive = 15  # above a proxy's, or it finds connections closed under its hands
backlog = 512
max_requests = 20_000  # whatever leaks, leaks no further
max_requests_jitter = 2_000  # not all at once
limit_request_line = 8190
limit_request_fields = 100
control_socket_disable = True  # signals do all we need
worker_tmp_dir = str(_SHARED) if _SHARED.is_dir() else None  # the sign of life must not wait for a disk
proc_name = "gongdan-web"
