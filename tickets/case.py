"""Owns the case: everything about one ticket that a step needs to know, read in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessInstance
from tickets.actor import Actor
from tickets.assigning.rulebook import VERSION
from tickets.people import Person
from tickets.places import Place
from tickets.subjects import Subject
from tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as expressions see them: `as_name()` is the value behind `requester`, `owner` and `responsible()`."""

    id: int
    public_id: UUID
    login: str
    name: str
    departed: bool
    superior_id: int | None

    @classmethod
    def of(cls, actor: Actor) -> Someone:
        """Whoever acts; where their superior is asked for, it is looked up."""
        return cls(actor.person_id, actor.public_id, actor.login, actor.name, departed=False, superior_id=None)

    def as_name(self) -> dict[str, Any]:
        return {"id": str(self.public_id), "login": self.login, "name": self.name, "departed": self.departed}


@dataclass(frozen=True, slots=True)
class About:
    """The subject as expressions see it; its attributes are names of their own unless they would hide one of ours."""

    id: int
    kind: str
    external_id: str
    name: str
    contract_end: date | None
    responsible: Someone | None
    attributes: Mapping[str, Any]

    def as_name(self) -> dict[str, Any]:
        return {
            **self.attributes,
            "kind": self.kind,
            "external_id": self.external_id,
            "name": self.name,
            "contract_end": self.contract_end.isoformat() if self.contract_end else None,
            "responsible": self.responsible.as_name() if self.responsible else None,
        }


@dataclass(frozen=True, slots=True)
class Site:
    """Where a ticket belongs."""

    id: int
    brand_id: int
    path: str
    name: str
    zone: ZoneInfo

    @property
    def root_id(self) -> int:
        return int(self.path.split("/")[1])


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket with its instance's place in time; `ticket_id` and `instance_id` are 0 before it is filed."""

    ticket_id: int
    instance_id: int
    definition_id: int
    type_id: int
    revision: int
    instance_status: str
    number: str
    title: str
    status: str
    priority: str
    created_at: datetime
    due_at: datetime
    site: Site
    requester: Someone | None
    owner: Someone | None
    about: About | None
    version: int = 1
    urges: int = 0
    filed_by_id: int | None = None
    offered_to_id: int | None = None
    parent_id: int | None = None
    response_due_at: datetime | None = None
    accepted_at: datetime | None = None
    first_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    suspended_until: datetime | None = None
    dispatch_at: datetime | None = None
    urged_at: datetime | None = None
    rules_version: int | None = None
    """Which assignment rules hold (`tickets.assigning.rulebook`); None where nobody has made any."""

    def names(self) -> dict[str, Any]:
        """What expressions may read besides the form's values."""
        place = {"place": self.site.name}
        ticket = {
            "number": self.number,
            "title": self.title,
            "status": self.status,
            "priority": self.priority,
            "created_at": self.created_at.isoformat(),
        }
        return {
            "ticket": ticket,
            "requester": {**self.requester.as_name(), **place} if self.requester else None,
            "owner": self.owner.as_name() if self.owner else None,
            "subject": self.about.as_name() if self.about else None,
        }


_ticket, _place, _subject = Ticket.__table__, Place.__table__, Subject.__table__
_requester, _owner, _responsible = (Person.__table__.alias(name) for name in ("requester", "owner", "responsible"))
_instance = ProcessInstance.__table__
_PERSON = ("id", "public_id", "login", "name", "departed_at", "superior_id")
_TICKET = (
    "id",
    "instance_id",
    "definition_id",
    "type_id",
    "number",
    "title",
    "status",
    "priority",
    "filed_by_id",
    "offered_to_id",
    "parent_id",
    "created_at",
    "due_at",
    "response_due_at",
    "version",
    "urges",
    "accepted_at",
    "first_reply_at",
    "resolved_at",
    "closed_at",
    "suspended_until",
    "dispatch_at",
    "urged_at",
)
_SUBJECT = ("id", "kind", "external_id", "name", "contract_end", "attributes")
_PLACE = ("id", "brand_id", "path", "name", "time_zone")


def _columns(table: sa.FromClause, names: tuple[str, ...]) -> list[sa.ColumnElement[Any]]:
    return [table.c[name] for name in names]


CASE = (
    sa.select(
        *_columns(_ticket, _TICKET),
        _instance.c.revision,
        _instance.c.status,
        _ticket.c.brand_id,
        VERSION,
        *_columns(_place, _PLACE),
        *_columns(_requester, _PERSON),
        *_columns(_owner, _PERSON),
        *_columns(_subject, _SUBJECT),
        *_columns(_responsible, _PERSON),
    )
    .join_from(_ticket, _instance, _instance.c.id == _ticket.c.instance_id)
    .join(_place, _place.c.id == _ticket.c.place_id)
    .outerjoin(_requester, _requester.c.id == _ticket.c.requester_id)
    .outerjoin(_owner, _owner.c.id == _ticket.c.owner_id)
    .outerjoin(_subject, _subject.c.id == _ticket.c.subject_id)
    .outerjoin(_responsible, _responsible.c.id == _subject.c.responsible_id)
)
"""The whole case in one row. Statements that every step runs are built once: building costs more than running them."""
WIDTH = len(_TICKET) + 2 + 2 + len(_PLACE) + 3 * len(_PERSON) + len(_SUBJECT)


def case_of(session: Session, *criteria: sa.ColumnElement[bool]) -> Case | None:
    """The one ticket that meets the criteria, or None."""
    row = session.connection().execute(CASE.where(*criteria)).first()
    return case_from(tuple(row)) if row is not None else None


def case_of_instance(session: Session, instance_id: int) -> Case | None:
    """The ticket of the instance, or None."""
    row = session.connection().execute(OF_INSTANCE, {"of_instance": instance_id}).first()
    return case_from(tuple(row)) if row is not None else None


OF_INSTANCE = CASE.where(_ticket.c.instance_id == sa.bindparam("of_instance"))


def case_from(row: tuple[Any, ...]) -> Case:
    """A case from the columns of `CASE`, in their order."""
    parts = iter(row)
    ticket = _take(parts, _TICKET)
    revision, instance_status, brand_id = next(parts), next(parts), next(parts)
    rules_version = next(parts)
    place = _take(parts, _PLACE)
    requester, owner = _someone(_take(parts, _PERSON)), _someone(_take(parts, _PERSON))
    subject = _take(parts, _SUBJECT)
    responsible = _someone(_take(parts, _PERSON))
    site = Site(place["id"], brand_id, place["path"], place["name"], ZoneInfo(place["time_zone"]))
    return Case(
        ticket_id=ticket.pop("id"),
        **ticket,
        revision=revision,
        instance_status=instance_status,
        site=site,
        requester=requester,
        owner=owner,
        rules_version=rules_version,
        about=About(**subject, responsible=responsible) if subject["id"] is not None else None,
    )


def someone(session: Session, *criteria: sa.ColumnElement[bool]) -> Someone | None:
    """The first person who meets the criteria, departed or not."""
    row = session.execute(sa.select(*_columns(Person.__table__, _PERSON)).where(*criteria)).first()
    return _someone(dict(zip(_PERSON, row, strict=True))) if row is not None else None


def about(session: Session, *criteria: sa.ColumnElement[bool]) -> tuple[About, int, int] | None:
    """A subject as expressions see it, with its brand and place."""
    whose = (_subject.c.brand_id, _subject.c.place_id)
    query = sa.select(*_columns(_subject, _SUBJECT), *_columns(_responsible, _PERSON), *whose)
    joined = query.outerjoin_from(_subject, _responsible, _responsible.c.id == _subject.c.responsible_id)
    row = session.execute(joined.where(*criteria)).first()
    if row is None:
        return None
    parts = iter(tuple(row))
    subject, responsible = _take(parts, _SUBJECT), _someone(_take(parts, _PERSON))
    return About(**subject, responsible=responsible), next(parts), next(parts)


def site_of(session: Session, place_id: int) -> Site:
    """The place of a ticket about to be filed."""
    place = session.get_one(Place, place_id)
    return Site(place.id, place.brand_id, place.path, place.name, ZoneInfo(place.time_zone))


def _take(parts: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: next(parts) for name in names}


def _someone(columns: dict[str, Any]) -> Someone | None:
    if columns["id"] is None:
        return None
    departed = columns.pop("departed_at") is not None
    return Someone(**columns, departed=departed)
