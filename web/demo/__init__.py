"""Owns the demo in the browser: what is loaded at start, the roles to try, and the guided tour.

Nothing of it answers unless the program was started with `--demo`: `setup` is called only then.
"""

from __future__ import annotations

from flask import Flask

from web.demo.preparing import logins, prepare

__all__ = ["logins", "prepare", "setup"]


def setup(app: Flask) -> None:
    """Give an app the demo's addresses and what its templates say."""
    from web.demo import pages

    app.register_blueprint(pages.blueprint)
    app.context_processor(pages.known)
