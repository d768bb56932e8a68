"""Owns serving: waitress with as many threads as the settings say, and the beat beside it until somebody stops it."""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click
from waitress.server import BaseWSGIServer, create_server

from tickets.runtime import Runtime
from web import create_app, schedule
from web.config import Config
from web.opening import settle

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def serve(runtime: Runtime, config: Config, *, say: Callable[[str], object]) -> None:
    """Serve until Ctrl-C or SIGTERM; requests and a beat that are under way come to their end before it returns."""
    for asked in (signal.SIGINT, signal.SIGTERM):  # a shell that starts it in the background has it ignore the first
        signal.signal(asked, _leave)
    server = listen(create_app(runtime, config), config)
    settle()
    beating = schedule.start(runtime, config)
    say(f"Gongdan serves on http://{config.host}:{config.port}  (Ctrl-C stops)")
    try:
        server.run()
    finally:
        server.close()
        schedule.end(beating)


def listen(app: WSGIApplication, config: Config) -> BaseWSGIServer:
    """A server that listens. Connections that say nothing do not keep others out, and are closed after a minute.

    Raises ClickException where the address is taken, or is none of this machine's.
    """
    try:
        return create_server(
            app,
            host=config.host,
            port=config.port,
            threads=config.threads,
            max_request_body_size=2 * config.max_request_bytes,  # above the app's own limit, whose answer is kinder
            clear_untrusted_proxy_headers=not config.trusted_proxies,
            connection_limit=500,
            channel_timeout=60,
            asyncore_use_poll=True,  # select can't watch so many
            ident=None,
        )
    except OSError as error:
        where, why = f"{config.host}:{config.port}", error.strerror or str(error)
        raise click.ClickException(
            f"Gongdan can't listen on {where}: {why}. {_REMEDIES.get(error.errno or 0, _OTHER)}"
        ) from None


_OTHER = "Choose another address with --host and --port."
_REMEDIES = {
    errno.EADDRINUSE: "Another program has this port, perhaps another Gongdan: stop it, or choose another port with "
    "--port (make run PORT=8080).",
    errno.EACCES: "Ports below 1024 are the administrator's: choose a higher one with --port, and a proxy before it.",
}
"""What to do, by what the system said."""


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
