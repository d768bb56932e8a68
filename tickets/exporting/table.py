"""Owns what an export says of each ticket: its columns as cells, in the reader's language and on their clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine.expressions import N_
from forms.plain import joined
from tickets.access import Actor
from tickets.event_words import PRIORITY_WORDS, STATUS_WORDS
from tickets.exporting.sheet import Cell, Row
from tickets.lists import Listed, TicketQuery, list_tickets
from tickets.lists.beside import Beside, beside
from tickets.lists.columns import COLUMNS, FIELD
from tickets.paging import PAGE_LIMIT

MOST = 50_000
"""Tickets in one export."""
ALWAYS: Mapping[str, str] = {"number": N_("Number"), "title": N_("Title"), "priority": N_("Priority")}
"""The first columns of every export."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is written: `words` are the texts of this module, translated; `labels` and `choices` those of the
    types' own fields, by their names.
    """

    language: str
    zone: str
    columns: tuple[str, ...]
    words: Mapping[str, str]
    labels: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    def say(self, text: str) -> str:
        return self.words.get(text, text)

    def clock(self, moment: datetime | None) -> datetime | None:
        """As the reader's clock shows it."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) if moment else None

    def named(self, names: Mapping[str, str], name: str) -> str:
        return names.get(self.language) or name

    def heads(self) -> Row:
        """The row of heads."""
        own = (
            self.labels.get(key.removeprefix(FIELD), key) if key.startswith(FIELD) else self.say(COLUMNS[key].text)
            for key in self.columns
        )
        return [*map(self.say, ALWAYS.values()), *own]


def texts() -> list[str]:
    """Every text that a Reader needs the words of."""
    return [
        *ALWAYS.values(),
        *(column.text for column in COLUMNS.values()),
        *STATUS_WORDS.values(),
        *PRIORITY_WORDS.values(),
    ]


def batches(
    session: Session, actor: Actor, query: TicketQuery, reader: Reader, now: datetime, *, most: int = MOST
) -> Iterator[list[Row]]:
    """The rows of the list, some at a time, as far as the actor may see them."""
    names = [key.removeprefix(FIELD) for key in reader.columns if key.startswith(FIELD)]
    cursor, left = None, most
    while left > 0:
        size = min(PAGE_LIMIT, left)
        page = list_tickets(session, actor, query, now=now, fields=names, cursor=cursor, limit=size)
        known = beside(session, actor, [row.ticket.id for row in page.rows], reader.columns)
        yield [_row(row, known[row.ticket.id], actor, reader) for row in page.rows]
        cursor, left = page.next_cursor, left - len(page.rows)
        if cursor is None:
            return


def shown(field: str, value: str, actor: Actor) -> str:
    """A field's value as this person may read it. What is sensitive never comes here: lists do not keep it."""
    del field, actor
    return value


def _row(listed: Listed, known: Beside, actor: Actor, reader: Reader) -> Row:
    ticket = listed.ticket
    first = [ticket.number, ticket.title, reader.say(PRIORITY_WORDS[ticket.priority])]
    return [*first, *(_cell(key, listed, known, actor, reader) for key in reader.columns)]


def _cell(key: str, listed: Listed, known: Beside, actor: Actor, reader: Reader) -> Cell:
    if key.startswith(FIELD):
        name = key.removeprefix(FIELD)
        words = reader.choices.get(name, {})
        values = (shown(name, value, actor) for value in listed.fields.get(name, ()))
        return _joined(reader, [words.get(value, value) for value in values])
    return _CELLS[key](listed.ticket, known, reader)


def _joined(reader: Reader, values: Sequence[str]) -> str:
    return joined(values, reader.language)


_CELLS: Mapping[str, Callable[[Any, Beside, Reader], Cell]] = {
    "type": lambda ticket, _, reader: reader.named(ticket.type_names, ticket.type_name),
    "status": lambda ticket, _, reader: reader.say(STATUS_WORDS[ticket.status]),
    "owner": lambda ticket, _, _reader: ticket.owner,
    "assignee": lambda _ticket, known, reader: _joined(reader, known.assignees),
    "requester": lambda ticket, _, _reader: ticket.requester,
    "place": lambda ticket, _, reader: reader.named(ticket.place_names, ticket.place),
    "subject": lambda _ticket, known, _reader: known.subject,
    "tags": lambda _ticket, known, reader: _joined(reader, known.tags),
    "due": lambda ticket, _, reader: reader.clock(ticket.due),
    "response_due": lambda _ticket, known, reader: reader.clock(known.response_due),
    "urges": lambda _ticket, known, _reader: known.urges,
    "created": lambda ticket, _, reader: reader.clock(ticket.created_at),
    "updated": lambda ticket, _, reader: reader.clock(ticket.updated_at),
    "resolved": lambda ticket, _, reader: reader.clock(ticket.resolved_at),
    "closed": lambda ticket, _, reader: reader.clock(ticket.closed_at),
}
"""A cell for each column of COLUMNS."""
