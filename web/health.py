"""Owns what a load balancer asks: whether the process is alive, and whether it can serve. It needs no sign-in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

import migrations
from tickets.runtime import Runtime
from web.context import runtime

blueprint = Blueprint("health", __name__)

LEAST_FREE = 200 * 1024 * 1024
"""Bytes without which neither the database nor an upload can be relied on."""


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is looked at, so that a database that is away gets nobody restarted."""
    return _kept_nowhere(jsonify(status="ok"))


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether requests can be served now: 200, or 503 with the checks that failed, in a word each."""
    found = {name: check(runtime()) for name, check in CHECKS.items()}
    well = not any(found.values())
    said = {name: problem or "ok" for name, problem in found.items()}
    return _kept_nowhere(jsonify(status="ok" if well else "unavailable", checks=said)), 200 if well else 503


def _kept_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _database(runtime: Runtime) -> str:
    try:
        with runtime.database.connect() as connection:
            connection.execute(sa.select(1))
    except sa.exc.SQLAlchemyError:
        return "unreachable"
    return ""


def _migrations(runtime: Runtime) -> str:
    try:
        with runtime.database.connect() as connection:
            return "" if migrations.is_current(connection) else "not the version of this program"
    except sa.exc.SQLAlchemyError:
        return "unknown"


def _storage(runtime: Runtime) -> str:
    folder = _nearest(runtime.files_folder)
    return "" if os.access(folder, os.W_OK | os.X_OK) else "not writable"


def _disk(runtime: Runtime) -> str:
    try:
        free = shutil.disk_usage(_nearest(runtime.files_folder)).free
    except OSError:
        return "unknown"
    return "" if free >= LEAST_FREE else "full"


CHECKS: Mapping[str, Callable[[Runtime], str]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "disk": _disk,
}
"""Each says what is wrong, or nothing."""


def _nearest(folder: Path) -> Path:
    """The folder, or where it will be made with the first upload."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
