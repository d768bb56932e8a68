"""Owns POST /signals: an event of another system that is heard by every process that waits for it just then."""

from __future__ import annotations

from http import HTTPStatus

from tickets.signals import send
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.schemas import NewSignal, SignalReceipt
from web.context import me, runtime


@api.post("/signals")
@idempotent
@api.input(NewSignal, arg_name="body")
@api.output(SignalReceipt, status_code=HTTPStatus.ACCEPTED)
@api.doc(operation_id="sendSignal")
def send_signal(body: NewSignal) -> tuple[SignalReceipt, int]:
    """Send a signal"""
    heard = send(runtime(), me(), name=body.name, payload=body.payload)
    return SignalReceipt(waiting=heard.waiting, starting=heard.starting), HTTPStatus.ACCEPTED
