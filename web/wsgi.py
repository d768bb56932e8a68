"""Owns the application as gunicorn asks for it: `gunicorn -c python:web.gunicorn_settings 'web.wsgi:application()'`.

It serves and does nothing else: timers and jobs run in `gongdan worker`.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import TYPE_CHECKING

from web import create_app, logs
from web.config import read_config
from web.opening import opened, settle

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def application() -> WSGIApplication:
    """Called once in each process, so that none shares a connection with another."""
    config, stack = read_config(), ExitStack()
    logs.start(config.log_format)
    atexit.register(stack.close)
    app = create_app(stack.enter_context(opened(config)), config)
    settle()
    return app
