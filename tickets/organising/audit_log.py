"""Owns reading the audit log: who changed what and when, before and after, within one's reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.audit import AuditEntry
from tickets.errors import Invalid, NotFound
from tickets.people import Person, normal_login
from tickets.permissions import Permission, Scope
from tickets.places import Place
from tickets.service.tables import BusinessCalendar
from tickets.types import TicketType

PAGE = 50
MOST_EXPORTED = 20_000


Names = Mapping[str, tuple[str, Mapping[str, str]]]
"""What ticket types are called, and in which languages, by key."""


@dataclass(frozen=True, slots=True)
class AuditWanted:
    """What the log was asked for: `who` is a login or a part of a name, `what` a part of what was changed."""

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
    people: Mapping[int, str]
    places: Mapping[int, str]
    """Names of the people and places that the differences mean by id."""
    types: Names
    """Names of the brand's ticket types that `what` begins with or the differences name, by key."""
    calendars: Mapping[int, Mapping[str, str]]
    """Names of the calendars that were chosen, by id."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: Sequence[AuditRow]
    next_cursor: str | None


def audit_log(
    session: Session, actor: Actor, wanted: AuditWanted, *, cursor: str | None = None, limit: int = PAGE
) -> AuditPage:
    """The entries one may see, the newest first; six statements. Raises NotFound, Invalid (a broken cursor)."""
    rows = list(session.execute(_query(actor, wanted, cursor).limit(limit + 1)))
    shown = rows[:limit]
    entries = [entry for entry, *_ in shown]
    people = _named(session, Person, _ids(entries, PEOPLE_FIELDS))
    places = _named(session, Place, _ids(entries, PLACE_FIELDS))
    types, calendars = _types(session, actor, entries), _calendars(session, _ids(entries, ("calendar",)))
    made = [
        AuditRow(
            entry,
            name or "",
            login or "",
            brand,
            _differences(entry),
            people,
            places,
            types.get(entry.brand_id, {}),
            calendars,
        )
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
    grants = actor.having(Permission.SEE_AUDIT)
    if any(grant.scope is Scope.GROUP for grant in grants):
        return sa.true()
    brands = sorted({grant.brand_id for grant in grants if grant.scope is Scope.BRAND})
    if not brands:
        raise NotFound
    return AuditEntry.brand_id.in_(brands)


def _query(
    actor: Actor, wanted: AuditWanted, cursor: str | None
) -> sa.Select[AuditEntry, str | None, str | None, Place | None]:
    criteria = [audit_within(actor)]
    if wanted.who:
        criteria.append(AuditEntry.actor_id.in_(_meant(wanted.who)))
    if text := "".join(filter(str.isprintable, wanted.what))[:100].strip():
        criteria.append(AuditEntry.what.icontains(text, autoescape=True))
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


def _types(session: Session, actor: Actor, entries: Sequence[AuditEntry]) -> dict[int, Names]:
    """By the brand of the entries that name them: another brand's type may have the same key.

    What is of the whole group, which only those see who read it all, may name the types of any brand.
    """
    about = [entry.what for entry in entries if entry.action.startswith(OF_TYPES)]
    keys = {word for what in about for word in what.split()[:2]}
    keys |= {key for entry in entries for side in (entry.before, entry.after) for key in _type_keys(side)}
    if not keys:
        return {}
    columns = (TicketType.brand_id, TicketType.key, TicketType.name, TicketType.names)
    brands = {entry.brand_id for entry in entries}
    of_any = actor.root_id in brands and any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEE_AUDIT))
    within = sa.true() if of_any else TicketType.brand_id.in_(sorted(brands))
    found: dict[int, dict[str, tuple[str, Mapping[str, str]]]] = {}
    for brand_id, key, name, names in session.execute(
        sa.select(*columns).where(TicketType.key.in_(sorted(keys)), within).order_by(TicketType.id)
    ):
        for reader in (brand_id, actor.root_id) if of_any else (brand_id,):
            found.setdefault(reader, {}).setdefault(key, (name, names))
    return dict(found)


def _type_keys(side: Mapping[str, Any]) -> Iterator[str]:
    """The ticket types that one side of an entry names: alone, in a list, or in a departure's plan."""
    plan = side.get("plan")
    listed = [side.get("types"), plan.get("types") if isinstance(plan, dict) else None, [side.get("type_key")]]
    for each in listed:
        if isinstance(each, list | dict):
            yield from (key for key in each if isinstance(key, str) and key.isprintable())


def _calendars(session: Session, ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    query = sa.select(BusinessCalendar.id, BusinessCalendar.names).where(BusinessCalendar.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}


OF_TYPES = ("rule.", "service.policy", "type.")
"""Actions whose `what` begins with the key of a ticket type."""
PEOPLE_FIELDS = ("superior_id", "responsible_id", "owner_id", "person_id", "substitute_id")
PLACE_FIELDS = ("place_id", "brand_id")


def _ids(entries: Sequence[AuditEntry], fields: Sequence[str]) -> list[int]:
    values = {side.get(name) for entry in entries for side in (entry.before, entry.after) for name in fields}
    return sorted(value for value in values if isinstance(value, int))


def _named(session: Session, model: type[Person | Place], ids: Sequence[int]) -> dict[int, str]:
    return {row[0]: row[1] for row in session.execute(sa.select(model.id, model.name).where(model.id.in_(ids)))}


def _less(these: Any, those: Any) -> list[Any] | None:
    if not (isinstance(these, list) and isinstance(those, list)):
        return None
    return [each for each in these if each not in those]


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Invalid(Message(N_("This address has a broken page mark; start from the first page.")))
    return int(cursor)
