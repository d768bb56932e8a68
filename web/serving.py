"""Owns serving: waitress with as many threads as the settings say, and the beat beside it until somebody stops it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from waitress.server import create_server

from tickets.runtime import Runtime
from web import create_app, schedule
from web.config import Config


def serve(runtime: Runtime, config: Config, *, say: Callable[[str], object]) -> None:
    """Serve until Ctrl-C or SIGTERM; requests and a beat that are under way come to their end before it returns."""
    app = create_app(runtime, config)
    server = create_server(
        app,
        host=config.host,
        port=config.port,
        threads=config.threads,
        max_request_body_size=2 * config.max_request_bytes,  # above the app's own limit, whose answer is kinder
        clear_untrusted_proxy_headers=not config.trusted_proxies,
    )
    signal.signal(signal.SIGTERM, _leave)
    beating = schedule.start(runtime)
    say(f"Gongdan serves on http://{config.host}:{config.port}  (Ctrl-C stops)")
    try:
        server.run()
    finally:
        beating.shutdown()
        server.close()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
