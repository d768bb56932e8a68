"""Owns POST /messages: an event of another system goes on with the process that waits for it, or starts one."""

from __future__ import annotations

from http import HTTPStatus

from tickets.messages import send
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.schemas import MessageReceipt, NewMessage
from web.api.states import subject_id
from web.context import me, runtime


@api.post("/messages")
@idempotent
@api.input(NewMessage, arg_name="body")
@api.output(MessageReceipt)
@api.doc(
    operation_id="sendMessage",
    responses={202: "Nobody waits for it yet; it is kept 7 days and delivered to whoever does by then."},
)
def send_message(body: NewMessage) -> tuple[MessageReceipt, int]:
    """Send an event"""
    about = subject_id(me(), body.subject)
    sent = send(runtime(), me(), name=body.name, key=body.key, payload=body.payload, subject_id=about)
    if sent.number is None:
        return MessageReceipt(outcome="kept", ticket=None), HTTPStatus.ACCEPTED
    return MessageReceipt(outcome="started" if sent.started else "correlated", ticket=sent.number), HTTPStatus.OK
