"""Owns the API's blueprint: its address, who may enter (Bearer tokens, never cookies) and what bodies it takes."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from types import SimpleNamespace

from apiflask import APIBlueprint
from flask import Response, g, request
from limits import RateLimitItemPerMinute
from structlog.contextvars import bind_contextvars

from engine.database import Away
from engine.expressions import N_
from tickets.clients.entering import Entering, client_of, note_call
from tickets.tokens import Holder, holder_of_token, note_use, person_of
from web.api import problems, strict_json
from web.context import now, reading, runtime
from web.security import MULTIPART, check_form, limiter

PREFIX = "/api/v1"
JSON = "application/json"
BODIES = {"api.deploy": MULTIPART, "api.check_definitions": MULTIPART, "api.claim": None}
"""What the bodies of endpoints are that do not take JSON; None: there is none."""
ALSO = {"api.send_event": frozenset({"application/cloudevents+json", "application/cloudevents-batch+json"})}
"""Further kinds that an endpoint takes, which are JSON too."""
MAX_BYTES = {JSON: 1024 * 1024, MULTIPART: 25 * 1024 * 1024, None: 1024}

api = APIBlueprint("api", __name__, url_prefix=PREFIX)
problems.setup(api)


@api.before_request
def let_in() -> None:
    """Only a valid token opens the API: who is signed in with a cookie stays outside, so no page can forge a call."""
    g.actor = g.client = g.holder = None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and 0 < len(token) <= 512:
        g.holder = holder_of_token(reading(), token.strip(), now())
        if g.holder is not None:
            _recognise(g.holder)
        reading().rollback()  # gives the connection back: verbs bring their own, and see what is new
    if g.actor is None:
        raise problems.NoToken
    bind_contextvars(person=str(g.actor.public_id))
    if g.client is not None:
        _check_client(g.client)


def _recognise(holder: Holder) -> None:
    """Who the token's holder acts as: a person as themselves, another system as its client."""
    if holder.client_id is None:
        g.actor = person_of(reading(), holder)
        return
    g.client = client_of(reading(), holder.client_id, now())
    g.actor = g.client.actor if g.client is not None else None


def _check_client(client: Entering) -> None:
    if not client.comes_from(request.remote_addr):
        text = N_("This client may not call from the address %(address)s; its administrator can allow that network.")
        raise problems.Refused(HTTPStatus.FORBIDDEN, text, address=request.remote_addr or "?")
    pace = RateLimitItemPerMinute(client.per_minute)
    if client.per_minute and not limiter.limiter.hit(pace, f"client {client.client_id}"):
        text = N_("This client may call %(count)s times a minute; wait a moment before the next call.")
        raise problems.Refused(HTTPStatus.TOO_MANY_REQUESTS, text, count=client.per_minute)


@api.before_request
def check_body() -> None:
    """A body is of the kind its endpoint takes, not larger than it needs, and read strictly."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    wanted = BODIES.get(request.endpoint or "", JSON)
    request.max_content_length = MAX_BYTES[wanted]
    if wanted and request.mimetype not in {wanted, *ALSO.get(request.endpoint or "", ())}:
        text = N_("Send the header “Content-Type: %(wanted)s” and a body of that kind.")
        raise problems.Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text, wanted=wanted)
    if wanted == MULTIPART:
        check_form()
    request.json_module = SimpleNamespace(loads=strict_json.loads)


@api.after_request
def note(answer: Response) -> Response:
    """Who looks after a client sees what it called, and of every token when it was last used."""
    with suppress(Away):  # what was asked is done
        if (client := g.get("client")) is not None:
            called = f"{request.method} {request.path}"
            note_call(runtime(), client.client_id, called, status=answer.status_code, address=request.remote_addr)
        if (holder := g.get("holder")) is not None and g.actor is not None:
            note_use(runtime(), holder)
    return answer


@api.after_request
def locate(answer: Response) -> Response:
    """What was created says where it is, also when the answer is given again."""
    if answer.status_code == HTTPStatus.CREATED and (url := (answer.get_json(silent=True) or {}).get("url")):
        answer.headers["Location"] = url
    return answer
