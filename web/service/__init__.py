"""The pages of service levels: calendars, closures and policies."""

from __future__ import annotations

from flask import Blueprint, g

blueprint = Blueprint("service", __name__, url_prefix="/service")
blueprint.url_value_preprocessor(
    lambda endpoint, _values: setattr(g, "area", "closures" if endpoint == "service.closure_index" else "service")
)

from web.service import calendars, closures, policies  # noqa: E402 - they give the blueprint its addresses

__all__ = ["blueprint", "calendars", "closures", "policies"]
