"""Owns finding tickets by words: the index itself knows places and people, so that it looks only at one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tickets.access import Permission, Scope, inside_tickets, sees_everything
from tickets.search.document import INDEX, INDEX_TABLE, INSIDE, mark
from tickets.search.tokens import terms
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

MOST_HITS = 1000
"""A search looks at the newest so many hits."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Marks of which a hit has one each, besides the words."""

    groups: tuple[tuple[str, ...], ...] = ()


def hits(actor: Actor, text: str, dialect: str, narrow: Narrow = Narrow()) -> sa.SelectBase:
    """The ids of the newest MOST_HITS tickets whose texts hold all the words, as far as the actor reads those texts.

    One may come twice.
    The caller still adds which tickets they see: marks follow a change a moment later.
    """
    words = terms(text)
    if not words:
        return sa.select(Ticket.id).where(sa.false())
    if sees_everything(actor):
        return _newest(_Words(words, narrow.groups, inside=True), dialect)
    theirs = (*narrow.groups, tuple(_own(actor)))
    found = [_newest(_Words(words, theirs, inside=False), dialect)]
    if actor.may(Permission.SEE) or actor.may(Permission.NOTE):
        held = tuple(_held(actor))
        within = [(*narrow.groups, held)] if held else []
        found += (_readable(actor, _Words(words, each, inside=True), dialect) for each in (theirs, *within))
    rows = [each.subquery() for each in found]
    return sa.union_all(*(sa.select(each.c.id) for each in rows)) if rows[1:] else found[0]


def _readable(actor: Actor, wanted: _Words, dialect: str) -> sa.Select[int]:
    """Of the newest hits, notes included, those tickets whose notes they read.

    PostgreSQL is told by OFFSET 0 to ask hit by hit, newest first, so that a page looks at no more than it needs.
    """
    some = _newest(wanted, dialect).subquery()
    if dialect == "sqlite":
        return sa.select(Ticket.id).where(Ticket.id.in_(sa.select(some.c.id)), inside_tickets(actor))
    readable = sa.select(Ticket.id).where(Ticket.id == some.c.id, inside_tickets(actor))
    one = readable.offset(sa.literal_column("0", sa.Integer())).lateral()
    return sa.select(some.c.id).join_from(some, one, sa.true()).order_by(some.c.id.desc())


def _own(actor: Actor) -> Iterator[str]:
    """The marks of tickets that are theirs, which are few."""
    yield mark("u", actor.person_id)
    for key in sorted(actor.queue_keys):
        yield mark("q", key)


def _held(actor: Actor) -> Iterator[str]:
    """The marks of tickets that their scopes hold, which they read whole."""
    for grant in actor.having(Permission.SEE):
        if grant.scope is Scope.BRAND:
            yield mark("p", grant.brand_id)
        elif grant.scope is Scope.CAMPUS:
            yield mark("p", grant.place_id)


@dataclass(frozen=True, slots=True)
class _Words:
    words: Collection[str]
    groups: tuple[tuple[str, ...], ...]
    inside: bool

    def alternatives(self) -> Iterator[list[str]]:
        """Of each list a document holds one."""
        for word in self.words:
            yield [word, INSIDE + word] if self.inside else [word]
        for group in self.groups:
            yield list(dict.fromkeys(group))


def _newest(wanted: _Words, dialect: str) -> sa.Select[int]:
    if dialect == "sqlite":
        match = " AND ".join("(" + " OR ".join(f'"{each}"' for each in some) + ")" for some in wanted.alternatives())
        row = INDEX_TABLE.c.rowid
        found = sa.column(INDEX, is_literal=True).op("MATCH")(sa.literal(match, sa.String()))
    else:
        match = " & ".join("(" + " | ".join(f"'{each}'" for each in some) + ")" for some in wanted.alternatives())
        row = INDEX_TABLE.c.ticket_id
        found = INDEX_TABLE.c.tokens.op("@@")(sa.cast(sa.literal(match, sa.String()), _TsQuery()))
    return sa.select(row.label("id")).where(found).order_by(row.desc()).limit(MOST_HITS)


class _TsQuery(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_given: Any) -> str:
        return "tsquery"
