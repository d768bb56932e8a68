"""Owns /tickets: filing one, and reading one."""

from __future__ import annotations

from tickets.callers import Channel
from tickets.filing import file_ticket
from web.api.answers import answer_with
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.schemas import NewTicket, TicketState
from web.api.states import subject_id, ticket_state
from web.context import me, runtime


@api.post("/tickets")
@idempotent
@api.input(NewTicket, arg_name="body")
@api.output(TicketState, status_code=201)
@api.doc(operation_id="fileTicket")
def file(body: NewTicket) -> TicketState:
    """File a ticket

    `data` is checked against the start form of the type. The caller becomes the requester, unless it is filed for
    another `requester`, which needs the right to file for others; it then belongs to their place.
    """
    answer = answer_with(body.data)
    about = subject_id(me(), body.subject)
    number = file_ticket(
        runtime(),
        me(),
        type_key=body.type,
        answer=answer,
        title=body.title,
        subject_id=about,
        requester=body.requester,
        channel=Channel(body.channel) if body.channel else None,
    )
    return ticket_state(me(), number)


@api.get("/tickets/<number>")
@api.output(TicketState)
@api.doc(operation_id="readTicket")
def read(number: str) -> TicketState:
    """Read a ticket"""
    return ticket_state(me(), number)
