"""Owns what one may ask of a list of tickets: a value, the same for pages, the API, saved views and dashboards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tickets.ticket import Priority, Status

ME = "me"
NOBODY = "nobody"
"""Beside the public ids of people: the reader, and that there is nobody."""


class Sort(StrEnum):
    """In which order. `FIELD` and `FIELD_DOWN` are by `TicketQuery.sort_field`, tickets without that field left out."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    UPDATED = "updated"
    PRIORITY = "priority"
    FIELD = "field"
    FIELD_DOWN = "field_down"


class FieldOp(StrEnum):
    """How a field is compared. FROM and UNTIL hold their bound; numbers as numbers, dates as ISO 8601 text."""

    IS = "is"
    HAS = "has"  # a part of the text, in any case
    FROM = "from"
    UNTIL = "until"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """Of a listed field (`tickets.field_values`): its name, how, and with what."""

    name: str
    op: FieldOp
    value: str = ""


@dataclass(frozen=True, slots=True)
class Moments:
    """From the first moment, before the second; either may be open."""

    start: datetime | None = None
    end: datetime | None = None

    def __bool__(self) -> bool:
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True)
class Promise:
    """Tickets of which a promise of its service level (`ClockKind`) came to an `Outcome` meanwhile."""

    kind: str
    outcome: str
    judged: Moments


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuery:
    """Tickets that fit all that is said; of several values of one kind any fits; what is empty asks nothing.

    People are their public ids, `ME` or `NOBODY`; places theirs, with all that is below. `tags` by name.
    `due_before` asks of tickets whose clock runs; `overdue` that it has run out.
    """

    statuses: frozenset[Status] = frozenset()
    types: tuple[str, ...] = ()
    priorities: frozenset[Priority] = frozenset()
    owners: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    subject: str = ""
    created: Moments = Moments()
    due: Moments = Moments()
    resolved: Moments = Moments()
    closed: Moments = Moments()
    overdue: bool = False
    urged: bool = False
    unreplied: bool = False
    dispatch: bool = False
    cc_me: bool = False
    promise: Promise | None = None
    fields: tuple[FieldFilter, ...] = ()
    sort: Sort = Sort.NEWEST
    sort_field: str = ""
