"""Owns what the search knows of a ticket: its texts, apart by who may see them, and the marks that narrow a search."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId
from tickets.search.tokens import tokens

READER = 1
"""Raised whenever `tokens` gives others than before: at the next start everything is then indexed anew
(`tickets.rebuilding`)."""
INSIDE = "_"
"""Before a token that only the ticket's inside holds."""
INDEX = "ticket_search"
"""SQLite: an FTS5 table without contents; PostgreSQL: a table of a tsvector with a GIN index. Made by a revision."""


class SearchDocument(Base):
    """The texts of one ticket: `outside` its requester may see, `inside` only staff; `marks` are words of `Mark`."""

    __tablename__ = "search_document"
    ticket_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    outside: Mapped[str]
    inside: Mapped[str]
    marks: Mapped[str]
    reader: Mapped[int] = mapped_column(sa.SmallInteger)


INDEX_TABLE = sa.table(INDEX, sa.column("rowid"), sa.column("ticket_id"), sa.column("tokens", TSVECTOR))


def mark(kind: str, value: object) -> str:
    """A word that no text holds. Kinds: p a place or one above it, t type, s status, u who may see it, q a queue."""
    return f":{kind}{value}"


def indexed(outside: str, inside: str, marks: str) -> list[str]:
    """Everything a document is found by, the same for the same texts."""
    public = tokens(outside)
    private = {INSIDE + token for token in tokens(inside) - public}
    return sorted(public | private | set(marks.split()))


def joined(texts: Iterable[str], most: int) -> str:
    """Texts as one, a line each, without what no database takes, cut to a length."""
    return "\n".join(text.replace("\0", "") for text in texts if text)[:most]
