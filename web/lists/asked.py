"""Owns what an address of the ticket list asks for: filters, columns, the saved view it came from; and its variants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from tickets.lists.address import Pair, Read, read_query
from tickets.lists.columns import written
from tickets.lists.query import TicketQuery
from web.context import now
from web.language import time_zone
from web.lists.area import with_pairs

BESIDE = frozenset({"cols", "view", "cursor"})
"""What an address says besides filters and order."""
TYPED = frozenset({"owner_is", "assignee_is", "requester_is"})
"""What a form without script sends for people: their names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One reading of an address. `columns` and `view` as they were written; `view` is a saved view's public id."""

    read: Read
    columns: str
    view: str
    cursor: str | None

    @property
    def query(self) -> TicketQuery:
        return self.read.query

    @property
    def filters(self) -> tuple[Pair, ...]:
        """Without the order."""
        return self.read.without("sort")

    @property
    def kept(self) -> tuple[Pair, ...]:
        """All that a saved view keeps."""
        return self._pairs(self.read.pairs, view="")

    def address(self, endpoint: str = "lists.tickets") -> str:
        """The same list from its beginning."""
        return with_pairs(endpoint, self._pairs(self.read.pairs))

    def at(self, cursor: str) -> str:
        """Its next page."""
        return with_pairs("lists.tickets", (*self._pairs(self.read.pairs), ("cursor", cursor)))

    def adding(self, name: str, value: str) -> str:
        """With one more filter."""
        return with_pairs("lists.tickets", self._pairs(dict.fromkeys((*self.read.pairs, (name, value)))))

    def setting(self, name: str, value: str) -> str:
        """With this filter (or order) instead of others of its name."""
        return with_pairs("lists.tickets", self._pairs((*self.read.without(*_kin(name)), (name, value))))

    def dropping(self, pair: Pair) -> str:
        """Without one filter."""
        return with_pairs("lists.tickets", self._pairs(each for each in self.read.pairs if each != pair))

    def showing(self, columns: Iterable[str]) -> str:
        """With other columns."""
        return with_pairs("lists.tickets", self._pairs(self.read.pairs, columns=written(columns)))

    def _pairs(self, pairs: Iterable[Pair], *, columns: str | None = None, view: str | None = None) -> tuple[Pair, ...]:
        beside = {"cols": self.columns if columns is None else columns, "view": self.view if view is None else view}
        return (*pairs, *((name, value) for name, value in beside.items() if value))


def asked() -> Asked:
    """What this request's address asks for."""
    return asked_by(request.args.items(multi=True))


def asked_by(pairs: Iterable[Pair]) -> Asked:
    """What these parts of an address ask for."""
    parts = MultiDict(pairs)
    filters = (pair for pair in parts.items(multi=True) if pair[0] not in BESIDE | TYPED)
    read = read_query(filters, now=now(), zone=time_zone())
    return Asked(read, ",".join(parts.getlist("cols"))[:1000], parts.get("view", "")[:40], parts.get("cursor"))


def _kin(name: str) -> tuple[str, ...]:
    """The names that say something of the same: a span of days has three."""
    return (name, f"{name}_from", f"{name}_until")
