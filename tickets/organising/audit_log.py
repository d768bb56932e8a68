"""Owns reading the audit log: who changed what and when, before and after, within one's reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.audit import AuditEntry
from tickets.errors import Invalid, NotFound
from tickets.organising.audit_names import OF_PEOPLE, Known, names_for
from tickets.organising.reach import brands_within
from tickets.people import Person, normal_login
from tickets.permissions import Permission, Scope
from tickets.places import Place

PAGE = 50
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class AuditWanted:
    """What the log was asked for: `who` is a login or a part of a name, `what` a part of what was changed.

    Of a person that is a part of the login or the name.
    """

    who: str = ""
    what: str = ""
    action: str = ""
    after: datetime | None = None
    before: datetime | None = None

    @property
    def filtered(self) -> bool:
        return bool(self.who or self.what or self.action or self.after or self.before)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of an entry; lists and texts as they are, None where there was nothing."""

    field: str
    before: Any
    after: Any

    @property
    def gone(self) -> list[Any] | None:
        """Of two lists: what is no longer in it; None when they are no lists."""
        return _less(self.before, self.after)

    @property
    def come(self) -> list[Any] | None:
        return _less(self.after, self.before)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry, with who did it (empty: the system itself) and the brand's name."""

    entry: AuditEntry
    who: str
    login: str
    brand: Place | None
    differences: Sequence[Difference]
    known: Known
    """What the entry names by key or id."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: Sequence[AuditRow]
    next_cursor: str | None


def audit_log(
    session: Session, actor: Actor, wanted: AuditWanted, *, cursor: str | None = None, limit: int = PAGE
) -> AuditPage:
    """The entries one may see, the newest first; at most ten statements. Raises NotFound, Invalid (a broken mark)."""
    rows = list(session.execute(_query(actor, wanted, cursor).limit(limit + 1)))
    shown = rows[:limit]
    entries = [entry for entry, *_ in shown]
    known = names_for(session, actor, entries)
    made = [
        AuditRow(entry, name or "", login or "", brand, _differences(entry), known[entry.brand_id])
        for entry, name, login, brand in shown
    ]
    return AuditPage(made, str(shown[-1][0].id) if len(rows) > limit else None)


def exported(session: Session, actor: Actor, wanted: AuditWanted) -> Iterator[AuditRow]:
    """The same for a file: the newest MOST_EXPORTED entries."""
    cursor, left = None, MOST_EXPORTED
    while left:
        page = audit_log(session, actor, wanted, cursor=cursor, limit=min(500, left))
        yield from page.rows
        left -= len(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def audit_within(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of AuditEntry: a scope with `audit.see` holds its brand. Raises NotFound for those without any."""
    if not any(grant.scope in (Scope.GROUP, Scope.BRAND) for grant in actor.having(Permission.SEE_AUDIT)):
        raise NotFound
    return brands_within(actor, Permission.SEE_AUDIT, AuditEntry.brand_id)


def _query(
    actor: Actor, wanted: AuditWanted, cursor: str | None
) -> sa.Select[AuditEntry, str | None, str | None, Place | None]:
    criteria = [audit_within(actor)]
    if wanted.who:
        criteria.append(AuditEntry.actor_id.in_(_meant(wanted.who)))
    if text := "".join(filter(str.isprintable, wanted.what))[:100].strip():
        of_people = sa.or_(*(AuditEntry.action.startswith(begin) for begin in OF_PEOPLE))
        named = sa.select(Person.login).where(Person.name.icontains(text, autoescape=True))
        written = AuditEntry.what.icontains(text, autoescape=True)
        criteria.append(sa.or_(written, sa.and_(of_people, AuditEntry.what.in_(named))))
    if wanted.action:
        criteria.append(AuditEntry.action == wanted.action)
    if wanted.after:
        criteria.append(AuditEntry.at >= wanted.after)
    if wanted.before:
        criteria.append(AuditEntry.at < wanted.before)
    if cursor:
        criteria.append(AuditEntry.id < _position(cursor))
    return (
        sa.select(AuditEntry, Person.name, Person.login, Place)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .outerjoin(Place, Place.id == AuditEntry.brand_id)
        .where(*criteria)
        .order_by(AuditEntry.id.desc())
    )


def _meant(text: str) -> sa.Select[int]:
    plain = "".join(filter(str.isprintable, text))[:100].strip()
    login = normal_login(plain)
    named = Person.name.icontains(plain, autoescape=True)
    return sa.select(Person.id).where(named if login is None else sa.or_(named, Person.login == login))


def _differences(entry: AuditEntry) -> list[Difference]:
    fields = dict.fromkeys((*entry.before, *entry.after))
    return [Difference(each, entry.before.get(each), entry.after.get(each)) for each in fields]


def _less(these: Any, those: Any) -> list[Any] | None:
    if not (isinstance(these, list) and isinstance(those, list)):
        return None
    return [each for each in these if each not in those]


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Invalid(Message(N_("This address has a broken page mark; start from the first page.")))
    return int(cursor)
