"""Owns the orders of a list and where its next page begins: by a key, then the ticket's id, so no row comes twice."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from engine.database import UtcDateTime
from tickets.field_value import FieldValue
from tickets.lists.query import Sort, TicketQuery
from tickets.ticket import Priority, Ticket

RANKS: Mapping[str, int] = {priority.value: rank for rank, priority in enumerate(Priority)}
MOST_CURSOR = 600


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the key (None where the order has only the id) and id of its last row."""

    key: Any
    id: int


@dataclass(frozen=True, slots=True)
class Order:
    """By `key` (None: by id alone), then by id; each up or down."""

    sort: Sort
    key: sa.SQLColumnExpression[Any] | None
    kind: sa.types.TypeEngine[Any] | None
    key_down: bool
    id_down: bool
    row_id: sa.SQLColumnExpression[int] = Ticket.id
    """The ticket's id where the index that has the order holds it."""

    def by(self, key: Any, row_id: Any) -> list[sa.ColumnElement[Any]]:
        """What to order by, given the columns that hold key and id."""
        last = row_id.desc() if self.id_down else row_id.asc()
        if self.key is None:
            return [last]
        return [key.desc() if self.key_down else key.asc(), last]

    def after(self, place: Place) -> sa.ColumnElement[bool]:
        """Only the rows that come after it."""
        row_id = self.row_id
        if self.key is None:
            return row_id < place.id if self.id_down else row_id > place.id
        key, bound = self.key, sa.literal(place.key, self.kind)
        if self.key_down == self.id_down:
            pair = sa.tuple_(key, row_id)
            other = sa.tuple_(bound, sa.literal(place.id, sa.BigInteger()))
            return pair < other if self.key_down else pair > other
        beyond = key < bound if self.key_down else key > bound
        within = row_id < place.id if self.id_down else row_id > place.id
        return sa.or_(beyond, sa.and_(key == bound, within))


_RANK: sa.ColumnElement[int] = sa.case(RANKS, value=Ticket.priority, else_=len(RANKS))
_MOMENT = UtcDateTime()


def order_of(query: TicketQuery, *, numeric: bool = False) -> Order:
    """The order a query asks for; `numeric`: its sort field holds numbers."""
    match query.sort:
        case Sort.OLDEST:
            return Order(query.sort, None, None, key_down=False, id_down=False)
        case Sort.DUE:
            return Order(query.sort, Ticket.due_at, _MOMENT, key_down=False, id_down=False)
        case Sort.UPDATED:
            return Order(query.sort, Ticket.updated_at, _MOMENT, key_down=True, id_down=True)
        case Sort.PRIORITY:
            return Order(query.sort, _RANK, sa.Integer(), key_down=False, id_down=True)
        case Sort.FIELD | Sort.FIELD_DOWN if query.sort_field:
            key: Any = FieldValue.number if numeric else FieldValue.text
            down = query.sort is Sort.FIELD_DOWN
            kind: sa.types.TypeEngine[Any] = sa.Double() if numeric else sa.String()
            return Order(query.sort, key, kind, key_down=down, id_down=down, row_id=FieldValue.ticket_id)
    return Order(Sort.NEWEST, None, None, key_down=False, id_down=True)


def write_place(order: Order, place: Place) -> str:
    """An opaque text for an address."""
    key = place.key.isoformat() if isinstance(place.key, datetime) else place.key
    return base64.urlsafe_b64encode(orjson.dumps([order.sort, key, place.id])).decode().rstrip("=")


def read_place(order: Order, text: str | None) -> Place | None:
    """What was written; None (the first page) when it was tampered with or belongs to another order."""
    if not text or len(text) > MOST_CURSOR:
        return None
    try:
        packed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        sort, key, row_id = orjson.loads(packed)
        if sort != order.sort or type(row_id) is not int or not 0 <= row_id < 2**63:
            return None
        return Place(_read_key(order, key), row_id)
    except (binascii.Error, ValueError, TypeError, OverflowError):
        return None


def _read_key(order: Order, key: Any) -> Any:
    """The key as the order's column holds it. Raises ValueError or TypeError for another one's."""
    if order.kind is None:
        return None
    if isinstance(order.kind, UtcDateTime):
        moment = datetime.fromisoformat(key)
        if moment.tzinfo is None:
            raise ValueError(key)
        return moment
    if isinstance(order.kind, sa.String):
        if type(key) is not str or "\0" in key:
            raise TypeError(key)
        return key
    if type(key) not in (int, float):
        raise TypeError(key)
    return key
