"""The pages of service levels: calendars, closures and policies."""

from __future__ import annotations

from flask import Blueprint, g, request

blueprint = Blueprint("service", __name__, url_prefix="/service")
blueprint.url_value_preprocessor(
    lambda _endpoint, _values: setattr(g, "area", "closures" if "/closures" in request.path else "service")
)

from web.service import calendars, closures, policies  # noqa: E402 - they give the blueprint its addresses

__all__ = ["blueprint", "calendars", "closures", "policies"]
