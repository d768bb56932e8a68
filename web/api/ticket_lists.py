"""Owns GET /tickets: the list with the filters that the pages have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, request, url_for
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.lists import Listed, list_tickets
from tickets.lists.address import Misread, read_query
from tickets.paging import PAGE_LIMIT
from tickets.places import Place
from tickets.rows import Owner, Requester
from tickets.ticket import Ticket
from web.api import problems
from web.api.entrance import api
from web.api.schemas import Given, PersonRef, PlaceRef
from web.context import me, now, runtime
from web.language import named, time_zone, translate, worded

BESIDE = frozenset({"cursor", "limit"})
PARAMETERS: Mapping[str, str] = {
    "q": "Words that the ticket's texts hold, or its number.",
    "status": "A status, or `open` for every one before the end; may come several times.",
    "type": "The key of a ticket type; may come several times.",
    "priority": "urgent, high, normal or low; may come several times.",
    "owner": "A person's id, `me` or `nobody`; likewise `assignee` and `requester`.",
    "place": "A place's id: its tickets and those of the places below.",
    "tag": "A tag's name.",
    "subject": "A subject's id.",
    "created": "2026-11-01..2026-11-22 (days, both included), today, last7d, next24h; so `due`, `resolved`, `closed`.",
    "overdue": "1: only those whose time is over; so `urged`, `unreplied`, `dispatch`.",
    "f.is.FIELD": "A field of the type's form has this value; `f.has.`, `f.from.`, `f.until.`, `f.filled.` likewise.",
    "sort": "newest, oldest, due, updated, priority, field.FIELD or field_down.FIELD.",
    "limit": "How many a page has, at most 200.",
    "cursor": "The `next_cursor` of the page before.",
}


class ListedType(Given):
    key: str
    name: str


class ListedTicket(Given):
    """A ticket in a list; GET /tickets/{number} has all of it."""

    id: UUID
    number: str
    url: str
    type: ListedType
    title: str
    status: str
    priority: str
    requester: PersonRef | None
    owner: PersonRef | None
    place: PlaceRef
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None


class TicketList(Given):
    """One page of tickets; `next_cursor` fetches the next, null on the last."""

    items: list[ListedTicket]
    next_cursor: str | None


@api.get("/tickets")
@api.output(TicketList)
@api.doc(operation_id="listTickets", description="Those that the caller may see, and that fit all that is asked.")
def list_all() -> TicketList | Response:
    """List tickets"""
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in BESIDE]
    read = read_query(pairs, now=now(), zone=time_zone())
    limit = request.args.get("limit", "50")
    if read.misread or not _is_limit(limit):
        return _refused([*read.misread], limit)
    with runtime().reading() as session:
        cursor = request.args.get("cursor")
        page = list_tickets(session, me(), read.query, now=now(), cursor=cursor, limit=int(limit))
        ids = _public_ids(session, [row.ticket.id for row in page.rows])
    return TicketList(items=[_item(row, *ids[row.ticket.id]) for row in page.rows], next_cursor=page.next_cursor)


list_all._spec["parameters"] = [  # type: ignore[attr-defined]  # APIFlask keeps a view's description on it
    {"in": "query", "name": name, "description": text, "required": False, "schema": {"type": "string"}}
    for name, text in PARAMETERS.items()
]


def _is_limit(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= PAGE_LIMIT


def _refused(misread: list[Misread], limit: str) -> Response:
    faults = [problems.fault(each.name, worded(each.why)) for each in misread]
    if not _is_limit(limit):
        faults.append(problems.fault("limit", translate(N_("It must be a number from 1 to 200."))))
    detail = translate(N_("Some filters can't be used; “errors” names each."))
    return problems.problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, code="invalid", errors=faults)


def _public_ids(session: Session, ids: Collection[int]) -> Mapping[int, tuple[UUID | None, UUID | None, UUID]]:
    """Of requester, owner and place, by ticket."""
    query = (
        sa.select(Ticket.id, Requester.public_id, Owner.public_id, Place.public_id)
        .join(Place, Place.id == Ticket.place_id)
        .outerjoin(Requester, Requester.id == Ticket.requester_id)
        .outerjoin(Owner, Owner.id == Ticket.owner_id)
        .where(Ticket.id.in_(sorted(ids)))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)} if ids else {}


def _item(row: Listed, requester: UUID | None, owner: UUID | None, place: UUID) -> ListedTicket:
    ticket = row.ticket
    facts: dict[str, Any] = {
        name: getattr(ticket, name)
        for name in ("number", "title", "status", "priority", "created_at", "updated_at", "resolved_at", "closed_at")
    }
    return ListedTicket(
        **facts,
        id=ticket.public_id,
        url=url_for("api.read", number=ticket.number),
        type=ListedType(key=ticket.type_key, name=named(ticket.type_names, ticket.type_name)),
        requester=PersonRef(id=requester, name=ticket.requester) if requester else None,
        owner=PersonRef(id=owner, name=ticket.owner) if owner else None,
        place=PlaceRef(id=place, name=named(ticket.place_names, ticket.place)),
        due_at=ticket.due,
    )
