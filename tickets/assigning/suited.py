"""Reads who suits tickets that wait: who is responsible for their subjects, who holds the roles their tasks want.

Nobody suits a ticket that they have declined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.people import Person
from tickets.places import Place, ancestors
from tickets.roles import Membership, Queue, Role
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent

HOLDERS = 200
"""So many memberships of the wanted roles are looked at, those nearest to the tickets' places first."""


class Suits(IntEnum):
    """Why somebody suits, the best reason first."""

    RESPONSIBLE = 0
    ROLE = 1
    """They hold a wanted role at the ticket's place or above it."""
    ROLE_ELSEWHERE = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody suits `tickets` of the tickets; `names` by language: of the subject, or of the role."""

    suits: Suits
    name: str
    names: Mapping[str, str]
    tickets: int
    place: str = ""
    place_names: Mapping[str, str] | None = None


NOBODY: Mapping[int, tuple[Reason, ...]] = {}
"""Where nobody was asked for."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A role that a task of the ticket wants: the role's row, or a lane's text that meant nobody there."""

    ticket_id: int
    place_path: str
    brand_id: int
    role_id: int | None
    lane: str


def suited(session: Session, tickets: Collection[int]) -> dict[int, tuple[Reason, ...]]:
    """Who suits these tickets, by person, each with their reasons, the best first; at most five statements."""
    if not tickets:
        return {}
    found: dict[int, list[Reason]] = defaultdict(list)
    for person_id, reason in [*_responsible(session, tickets), *_holders(session, _wanted(session, tickets))]:
        found[person_id].append(reason)
    return {
        person_id: tuple(sorted(reasons, key=lambda one: (one.suits, -one.tickets, one.name)))
        for person_id, reasons in found.items()
    }


def rank(reasons: Sequence[Reason]) -> tuple[int, int]:
    """Sorts people by their reasons: the best first, of equal ones that for the most tickets; nobody's last."""
    return (reasons[0].suits, -reasons[0].tickets) if reasons else (len(Suits), 0)


def _responsible(session: Session, tickets: Collection[int]) -> Iterable[tuple[int, Reason]]:
    """The person responsible for a subject, unless they asked for the ticket themselves."""
    query = (
        sa.select(Subject.responsible_id, sa.func.min(Subject.name), sa.func.count(Ticket.id))
        .join(Ticket, Ticket.subject_id == Subject.id)
        .join(Person, Person.id == Subject.responsible_id)
        .where(Ticket.id.in_(tickets), Person.departed_at.is_(None))
        .where(Ticket.requester_id.is_distinct_from(Subject.responsible_id))
        .where(~sa.select(TimelineEvent.id).where(*_DECLINED, TimelineEvent.ticket_id == Ticket.id).exists())
        .group_by(Subject.responsible_id)
    )
    for person_id, name, count in session.execute(query):
        if person_id is not None:
            yield person_id, Reason(Suits.RESPONSIBLE, name, {}, count)


_DECLINED = (TimelineEvent.kind == EventKind.DECLINED, TimelineEvent.actor_id == Subject.responsible_id)


def _wanted(session: Session, tickets: Collection[int]) -> list[_Wanted]:
    """The roles that the tickets' open tasks are offered to; of those that found nobody, what their lanes say."""
    keys = (UserTask.queue_key, UserTask.offered_key, TaskCandidate.queue_key)
    query = (
        sa.select(Ticket.id, Place.path, Ticket.brand_id, Queue.role_id, UserTask.lane)
        .select_from(Ticket)
        .join(Place, Place.id == Ticket.place_id)
        .join(UserTask, UserTask.instance_id == Ticket.instance_id)
        .outerjoin(TaskCandidate, TaskCandidate.task_id == UserTask.id)
        .outerjoin(Queue, sa.and_(Queue.id.in_(keys), Queue.role_id.is_not(None)))
        .where(Ticket.id.in_(tickets), UserTask.status == TaskStatus.OPEN, UserTask.assignee_id.is_(None))
        .distinct()
    )
    rows = [_Wanted(*row[:4], row[4] or "") for row in session.execute(query)]
    return [row for row in rows if row.role_id is not None or row.lane]


def _holders(session: Session, wanted: Sequence[_Wanted]) -> Iterable[tuple[int, Reason]]:
    """Those who hold one of the roles, each with the best reason for each role."""
    roles = _roles(session, wanted)
    if not roles:
        return
    above = Place.id.in_({place for one in wanted for place in ancestors(one.place_path)})
    brands = {one.brand_id for one in wanted}
    query = (
        sa.select(Membership.person_id, Membership.role_id, Place.path, Place.name, Place.names)
        .join(Person, Person.id == Membership.person_id)
        .join(Place, Place.id == Membership.place_id)
        .where(Membership.role_id.in_(roles), Person.departed_at.is_(None))
        .where(sa.or_(Place.brand_id.in_(brands), above))
        .order_by(sa.case((above, 0), else_=1), Membership.id)
        .limit(HOLDERS)
    )
    best: dict[tuple[int, int], Reason] = {}
    declined = _declined(session, {one.ticket_id for one in wanted})
    for person_id, role_id, path, place, place_names in session.execute(query):
        role, wants = roles[role_id]
        tickets = [one for one in wants if (person_id, one.ticket_id) not in declined]
        if not tickets:
            continue
        near = [one for one in tickets if one.place_path.startswith(path)]
        suits = Suits.ROLE if near else Suits.ROLE_ELSEWHERE
        count = len({one.ticket_id for one in near or tickets})
        names = {"zh": role.name_zh, "en": role.name_en}
        reason = Reason(suits, role.name_zh, names, count, *(("", None) if near else (place, place_names)))
        known = best.get((person_id, role_id))
        if known is None or (reason.suits, -reason.tickets) < (known.suits, -known.tickets):
            best[person_id, role_id] = reason
    for (person_id, _), reason in best.items():
        yield person_id, reason


def _declined(session: Session, tickets: Collection[int]) -> set[tuple[int, int]]:
    """Who declined which of them."""
    query = sa.select(TimelineEvent.actor_id, TimelineEvent.ticket_id).where(
        TimelineEvent.ticket_id.in_(tickets), TimelineEvent.kind == EventKind.DECLINED
    )
    return {(person_id, ticket_id) for person_id, ticket_id in session.execute(query) if person_id is not None}


def _roles(session: Session, wanted: Sequence[_Wanted]) -> dict[int, tuple[Role, list[_Wanted]]]:
    """The wanted roles with who wants each: by id, else by what a lane says, as `roles.find_role` reads it."""
    ids = {one.role_id for one in wanted if one.role_id is not None}
    lanes = {text for one in wanted if (text := one.lane.strip()) and one.role_id is None and text.isprintable()}
    said = sa.or_(
        Role.key.in_(lanes), Role.name_zh.in_(lanes), sa.func.lower(Role.name_en).in_({each.lower() for each in lanes})
    )
    rows = session.scalars(sa.select(Role).where(sa.or_(Role.id.in_(ids), said))).all() if ids or lanes else []
    meant = {row.id: [one for one in wanted if _means(one, row)] for row in rows}
    return {row.id: (row, meant[row.id]) for row in rows if meant[row.id]}


def _means(one: _Wanted, role: Role) -> bool:
    if one.role_id is not None:
        return one.role_id == role.id
    if role.brand_id not in (one.brand_id, *ancestors(one.place_path)[:1]):
        return False
    text = one.lane.strip()
    return text in (role.key, role.name_zh) or text.lower() == role.name_en.lower()
