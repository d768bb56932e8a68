"""Owns Flask-SQLAlchemy: `db.session` is for a page's reads, on the very engine that steps and ticks use."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from engine.database import Base
from tickets.runtime import Runtime
from web.context import RUNTIME


class Database(SQLAlchemy):
    """Takes the runtime's engine instead of making a second one, whose transactions would begin differently."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> sa.Engine:
        runtime: Runtime = app.extensions[RUNTIME]
        return runtime.database


db = Database(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})


def setup(app: Flask) -> None:
    """Give this app its `db.session`."""
    runtime: Runtime = app.extensions[RUNTIME]
    app.config["SQLALCHEMY_DATABASE_URI"] = runtime.database.url
    db.init_app(app)
