"""Lists of tickets: what is asked for, which rows answer it, and how many there are."""

from __future__ import annotations

from tickets.lists.fields import field_texts
from tickets.lists.listing import Count, Listed, count_tickets, list_tickets, ticket_ids
from tickets.lists.query import FieldFilter, FieldOp, Moments, Promise, Sort, TicketQuery

__all__ = [
    "Count",
    "FieldFilter",
    "FieldOp",
    "Listed",
    "Moments",
    "Promise",
    "Sort",
    "TicketQuery",
    "count_tickets",
    "field_texts",
    "list_tickets",
    "ticket_ids",
]
