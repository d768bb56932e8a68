"""Owns which columns a list of tickets may have, on pages and in exports alike, and which it has unless told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.expressions import N_
from tickets.lists.query import Sort

FIELD = "f."
"""Before the name of a ticket's own field."""
MOST = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `sorts` are the orders that its head leads to, the first of them first; `extra` is read apart."""

    key: str
    text: str
    sorts: tuple[Sort, ...] = ()
    extra: bool = False


COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("type", N_("Type")),
        Column("status", N_("Status")),
        Column("owner", N_("Owner")),
        Column("assignee", N_("Assignee"), extra=True),
        Column("requester", N_("Requester")),
        Column("place", N_("Place")),
        Column("subject", N_("Subject"), extra=True),
        Column("tags", N_("Tags"), extra=True),
        Column("due", N_("Due"), (Sort.DUE,)),
        Column("response_due", N_("First reply due"), extra=True),
        Column("urges", N_("Urged"), extra=True),
        Column("created", N_("Filed"), (Sort.NEWEST, Sort.OLDEST)),
        Column("updated", N_("Updated"), (Sort.UPDATED,)),
        Column("resolved", N_("Resolved on")),
        Column("closed", N_("Closed on")),
    )
}
"""In the order in which they are offered."""
USUAL = ("type", "status", "owner", "due", "created")


def chosen(text: str, fields: Iterable[str]) -> tuple[str, ...]:
    """The columns that an address names, without any that is not there; the usual ones when it names none.

    `fields` are the names of the fields that may be columns.
    """
    known = {*COLUMNS, *(FIELD + name for name in fields)}
    wanted = tuple(dict.fromkeys(key for key in text[:1000].split(",") if key in known))[:MOST]
    return wanted or USUAL


def written(columns: Iterable[str]) -> str:
    """Columns as an address names them; empty for the usual ones."""
    keys = tuple(columns)
    return "" if keys == USUAL else ",".join(keys)
