"""Owns the addresses of the lists as one area, and what its pages share."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request, url_for
from werkzeug.wrappers import Response as AnyResponse

Pair = tuple[str, str]

blueprint = Blueprint("lists", __name__)


def versioned(version: str) -> AnyResponse:
    """An answer without content whose ETag is a version; 304 when the asker has that one."""
    answer = Response(status=200)
    answer.set_etag(version)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


def with_pairs(endpoint: str, pairs: Iterable[Pair]) -> str:
    """An endpoint's address with these parts after its question mark; names may come several times."""
    written = urlencode([pair for pair in pairs if pair[1]], safe=".:,")
    return _address(endpoint) + (f"?{written}" if written else "")


def _address(endpoint: str) -> str:
    """Made once a request: a list's head, filters and menus and a dashboard's numbers have a hundred links."""
    made: dict[str, str] = g.setdefault("addresses", {})
    if endpoint not in made:
        made[endpoint] = url_for(endpoint)
    return made[endpoint]


@blueprint.app_template_filter("thousands")
def thousands(number: int) -> str:
    """A number with commas: 1,000."""
    return f"{number:,}"
