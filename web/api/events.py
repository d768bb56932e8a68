"""Owns POST /events: CloudEvents of other systems, one or a batch; each does what its type means, once."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from tickets.errors import DomainError
from tickets.incoming import Taken, take_in
from web.api import problems
from web.api.cloud_events import BATCH, events_sent, read_event
from web.api.entrance import JSON, api
from web.api.schemas import EventReceipt
from web.context import me, runtime


@api.post("/events")
@api.output(EventReceipt)
@api.doc(
    operation_id="sendEvent",
    responses={202: "Nobody waits for it yet; it is kept 7 days and delivered to whoever does by then."},
)
def send_event() -> tuple[EventReceipt, int] | Response:
    """Send an event (CloudEvents 1.0)

    `employee.departed` and `employee.returned` do what the pages of departures do; any other type goes on with the
    tickets that wait for that event with its `subject` as the key, or starts the ticket types that begin with it. The
    same `source` and `id` again within 30 days gets the first answer. A batch gets a list: each event's receipt or
    problem, with its status.
    """
    sent = events_sent()
    if request.mimetype == BATCH:
        return _each(sent)
    taken = take_in(runtime(), me(), read_event(sent[0]))
    return _receipt(sent[0], taken), _status(taken)


def _each(sent: list[dict[str, Any]]) -> Response:
    """Every event on its own: one that is refused does not keep the others."""
    return Response(orjson.dumps([_answer(each) for each in sent]), HTTPStatus.OK, content_type=JSON)


def _answer(sent: Mapping[str, Any]) -> dict[str, Any]:
    try:
        taken = take_in(runtime(), me(), read_event(sent))
    except DomainError as refused:
        problem = problems.of_domain(refused)
        return {"id": sent.get("id"), "status": problem.status_code, "problem": problem.get_json()}
    return {**_receipt(sent, taken).model_dump(mode="json"), "status": _status(taken)}


def _receipt(sent: Mapping[str, Any], taken: Taken) -> EventReceipt:
    departure = UUID(taken.departure) if taken.departure else None
    return EventReceipt(id=sent["id"], outcome=taken.outcome, ticket=taken.ticket, departure=departure)


def _status(taken: Taken) -> int:
    return HTTPStatus.ACCEPTED if taken.outcome == "kept" else HTTPStatus.OK
