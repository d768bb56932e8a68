"""Owns what ties tickets together under /tickets/<number>/…: links, the parent, merging, tags."""

from __future__ import annotations

from tickets.family import linking, merging, parents, tagging
from web.api.entrance import BODIES, api
from web.api.move_schemas import NewLink, OtherTicket, Tags
from web.api.moves import verb
from web.api.schemas import TicketState
from web.api.states import ticket_state
from web.context import me, runtime

BODIES["api.unlink"] = BODIES["api.unset_parent"] = None


@verb("links", "linkTickets", NewLink)
def link(number: str, body: NewLink) -> TicketState:
    """Link it with another ticket"""
    linking.link(runtime(), me(), number, body.ticket, body.kind)
    return ticket_state(me(), number)


@api.delete("/tickets/<number>/links/<other>")
@api.output(TicketState)
@api.doc(operation_id="unlinkTickets")
def unlink(number: str, other: str) -> TicketState:
    """Remove a link"""
    linking.unlink(runtime(), me(), number, other)
    return ticket_state(me(), number)


@verb("parent", "setParent", OtherTicket)
def set_parent(number: str, body: OtherTicket) -> TicketState:
    """Put it below another ticket

    That one does not close before it, unless its type says otherwise.
    """
    parents.set_parent(runtime(), me(), number, body.ticket)
    return ticket_state(me(), number)


@api.delete("/tickets/<number>/parent")
@api.output(TicketState)
@api.doc(operation_id="unsetParent")
def unset_parent(number: str) -> TicketState:
    """Take it out from below its parent"""
    parents.unset_parent(runtime(), me(), number)
    return ticket_state(me(), number)


@verb("merge", "mergeTicket", OtherTicket)
def merge(number: str, body: OtherTicket) -> TicketState:
    """Merge it into another ticket

    It closes, and whoever followed it is in copy of the other.
    """
    merging.merge(runtime(), me(), number, body.ticket)
    return ticket_state(me(), number)


@api.put("/tickets/<number>/tags")
@api.input(Tags, arg_name="body")
@api.output(TicketState)
@api.doc(operation_id="setTags")
def set_tags(number: str, body: Tags) -> TicketState:
    """Set its tags

    Those it has and that are not given are removed.
    """
    tagging.set_tags(runtime(), me(), number, body.tags)
    return ticket_state(me(), number)
