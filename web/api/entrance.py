"""Owns the API's blueprint: its address, who may enter (Bearer tokens, never cookies) and what bodies it takes."""

from __future__ import annotations

from http import HTTPStatus
from types import SimpleNamespace

from apiflask import APIBlueprint
from flask import Response, g, request

from engine.expressions import N_
from tickets.tokens import actor_of_token
from web.api import problems, strict_json
from web.context import now, reading
from web.security import MULTIPART, check_form

PREFIX = "/api/v1"
JSON = "application/json"
BODIES = {"api.deploy": MULTIPART, "api.claim": None}
"""What the bodies of endpoints are that do not take JSON; None: there is none."""
MAX_BYTES = {JSON: 1024 * 1024, MULTIPART: 25 * 1024 * 1024, None: 1024}

api = APIBlueprint("api", __name__, url_prefix=PREFIX)
problems.setup(api)


@api.before_request
def let_in() -> None:
    """Only a valid token opens the API: who is signed in with a cookie stays outside, so no page can forge a call."""
    g.actor = None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and 0 < len(token) <= 512:
        g.actor = actor_of_token(reading(), token.strip(), now())
        reading().rollback()  # gives the connection back: verbs bring their own, and see what is new
    if g.actor is None:
        raise problems.NoToken


@api.before_request
def check_body() -> None:
    """A body is of the kind its endpoint takes, not larger than it needs, and read strictly."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    wanted = BODIES.get(request.endpoint or "", JSON)
    request.max_content_length = MAX_BYTES[wanted]
    if wanted and request.mimetype != wanted:
        text = N_("Send the header “Content-Type: %(wanted)s” and a body of that kind.")
        raise problems.Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text, wanted=wanted)
    if wanted == MULTIPART:
        check_form()
    request.json_module = SimpleNamespace(loads=strict_json.loads)


@api.after_request
def locate(answer: Response) -> Response:
    """What was created says where it is, also when the answer is given again."""
    if answer.status_code == HTTPStatus.CREATED and (url := (answer.get_json(silent=True) or {}).get("url")):
        answer.headers["Location"] = url
    return answer
