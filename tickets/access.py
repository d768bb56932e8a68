"""Owns what an actor sees: the criteria that scope every query, so that the lookup is the permission check."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from engine.models import TaskCandidate, UserTask
from tickets.actor import Actor, Grant, load_actor
from tickets.copies import TicketCc
from tickets.permissions import Permission, Scope
from tickets.places import Place, ancestors
from tickets.shares import TaskShare
from tickets.subjects import Subject, SubjectKind
from tickets.ticket import Ticket
from tickets.types import TicketType

__all__ = [
    "Actor",
    "Grant",
    "Permission",
    "Scope",
    "inside_tickets",
    "load_actor",
    "overseen_tickets",
    "own_sources",
    "scope_sources",
    "sees_everything",
    "ticket_sources",
    "visible_subjects",
    "visible_tickets",
    "visible_types",
]

KEPT = 128
"""For how many actors each criterion is kept: an actor is a value, and building one costs more than running it."""


@lru_cache(KEPT)
def visible_tickets(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: they asked, filed or own it, work or worked on it or were asked to, may claim it, are in
    copy, or a scope holds it.

    One row is checked by its own indexes. A list over many tickets is quicker as a union of `ticket_sources`.
    """
    scopes = _scopes(actor, Permission.SEE, Ticket.brand_id, Ticket.place_id)
    cheap_first = (*_related(actor), *scopes, _has_task(actor), _shared_with(actor), _in_copy(actor))
    return _of_types(actor, _any(*cheap_first))


@lru_cache(KEPT)
def inside_tickets(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: they see its inside too (notes, their files), not only what its requester sees.

    Its owner does, whose scope holds it, and who works or may work on it, filed it as staff or is in copy as staff, if
    not its requester.
    """
    me = actor.person_id
    staff = (
        [Ticket.filed_by_id == me, Ticket.offered_to_id == me, _in_copy(actor)] if actor.may(Permission.NOTE) else []
    )
    asks = Ticket.requester_id.is_distinct_from(me)
    helps = sa.and_(asks, sa.or_(_has_task(actor), _shared_with(actor), *staff))
    scopes = _scopes(actor, Permission.SEE, Ticket.brand_id, Ticket.place_id)
    return _any(Ticket.owner_id == me, *scopes, helps)  # what needs a look into other tables comes last


@lru_cache(KEPT)
def ticket_sources(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """What `visible_tickets` is the union of, each found through one index: for lists that may hold many tickets."""
    return (*own_sources(actor), *scope_sources(actor)) if not sees_everything(actor) else (_EVERYTHING,)


def sees_everything(actor: Actor) -> bool:
    """Whether one of their scopes is the whole group, and every type of ticket with it."""
    return actor.only_types is None and any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEE))


@lru_cache(KEPT)
def scope_sources(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Of `ticket_sources`, those that their scopes give: a brand, the places below one, or everything."""
    scopes = _scopes(actor, Permission.SEE, Ticket.brand_id, Ticket.place_id)
    return tuple(_of_types(actor, scope) for scope in scopes)


@lru_cache(KEPT)
def own_sources(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Of `ticket_sources`, those by which a ticket is theirs, whatever their scopes are."""
    keys = sorted(actor.queue_keys)
    also = sa.select(TaskCandidate.task_id).where(TaskCandidate.queue_key.in_(keys)).correlate(None)
    candidate = UserTask.id.in_(also)
    waiting = (sa.and_(_OPEN, each) for each in (UserTask.queue_key.in_(keys), candidate))
    me = actor.person_id
    worked = UserTask.assignee_id == me  # whoever closes a task becomes its assignee
    delegated = UserTask.delegated_by_id == me
    tasks = (sa.select(UserTask.instance_id).where(each).correlate(None) for each in (worked, delegated, *waiting))
    shared = sa.select(TaskShare.ticket_id).where(TaskShare.person_id == me).correlate(None)
    copied = sa.select(TicketCc.ticket_id).where(TicketCc.person_id == me).correlate(None)
    asked = (Ticket.id.in_(each) for each in (shared, copied))
    sources = (*_related(actor), *(Ticket.instance_id.in_(each) for each in tasks), *asked)
    return tuple(_of_types(actor, source) for source in sources)


@lru_cache(KEPT)
def overseen_tickets(actor: Actor, permission: Permission) -> sa.ColumnElement[bool]:
    """On a query of Ticket: a scope with this permission holds it."""
    scopes = _scopes(actor, permission, Ticket.brand_id, Ticket.place_id)
    return _of_types(actor, _any(*scopes)) if scopes else sa.false()


@lru_cache(KEPT)
def visible_subjects(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Subject: they are responsible for it, or a scope with `subject.see` holds it.

    A product is sold at every place below the one that keeps it, so who sees subjects there sees it, too.
    """
    scopes = _scopes(actor, Permission.SEE_SUBJECTS, Subject.brand_id, Subject.place_id)
    above = {place for grant in actor.having(Permission.SEE_SUBJECTS) for place in ancestors(grant.place_path)}
    sold = sa.and_(Subject.kind == SubjectKind.PRODUCT.value, Subject.place_id.in_(sorted(above)))
    return _any(Subject.responsible_id == actor.person_id, *scopes, *([sold] if above else ()))


@lru_cache(KEPT)
def visible_types(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of TicketType: their brand's and the group's; every brand's for a role of the whole group."""
    keys = _EVERYTHING if actor.only_types is None else TicketType.key.in_(sorted(actor.only_types))
    if any(grant.scope is Scope.GROUP for grant in actor.grants):
        return keys
    brands = TicketType.brand_id.in_((actor.brand_id, actor.root_id))
    return brands if keys is _EVERYTHING else sa.and_(brands, keys)


_EVERYTHING = sa.true()
_OPEN = UserTask.status == sa.literal_column("'open'")
"""A literal, since a database uses the partial index of open tasks only where it sees one."""


def _of_types(actor: Actor, tickets: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Of these tickets, for a client of the API, those of its types."""
    if actor.only_types is None:
        return tickets
    types = sa.select(TicketType.id).where(TicketType.key.in_(sorted(actor.only_types))).correlate(None)
    return sa.and_(tickets, Ticket.type_id.in_(types))


def _has_task(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: one of its tasks is or was theirs, comes back to them, or waits in one of their queues."""
    keys = sorted(actor.queue_keys)
    also = sa.exists().where(TaskCandidate.task_id == UserTask.id, TaskCandidate.queue_key.in_(keys))
    candidate = also.correlate(UserTask)
    offered = sa.and_(_OPEN, sa.or_(UserTask.queue_key.in_(keys), candidate))
    worked = (UserTask.assignee_id == actor.person_id) | (UserTask.delegated_by_id == actor.person_id)
    mine = sa.exists().where(UserTask.instance_id == Ticket.instance_id, sa.or_(worked, offered))
    return mine.correlate(Ticket)  # only: the query around may join tasks of its own


def _related(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    me = actor.person_id
    return Ticket.requester_id == me, Ticket.filed_by_id == me, Ticket.owner_id == me, Ticket.offered_to_id == me


def _shared_with(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: they are or were consulted on one of its tasks, or help with one."""
    shared = sa.exists().where(TaskShare.ticket_id == Ticket.id, TaskShare.person_id == actor.person_id)
    return shared.correlate(Ticket)


def _in_copy(actor: Actor) -> sa.ColumnElement[bool]:
    copied = sa.exists().where(TicketCc.ticket_id == Ticket.id, TicketCc.person_id == actor.person_id)
    return copied.correlate(Ticket)


def _scopes(
    actor: Actor, permission: Permission, brand: sa.SQLColumnExpression[int], place: sa.SQLColumnExpression[int]
) -> list[sa.ColumnElement[bool]]:
    """One criterion for each way the permission reaches; only `_EVERYTHING` when it reaches the whole group."""
    grants = actor.having(permission)
    if any(grant.scope is Scope.GROUP for grant in grants):
        return [_EVERYTHING]
    brands = {grant.brand_id for grant in grants if grant.scope is Scope.BRAND}
    paths = {grant.place_path for grant in grants if grant.scope is Scope.CAMPUS}
    below = (sa.select(Place.id).where(Place.path.startswith(path)).correlate(None) for path in sorted(paths))
    return [*(brand == each for each in sorted(brands)), *(place.in_(each) for each in below)]


def _any(*criteria: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return _EVERYTHING if any(each is _EVERYTHING for each in criteria) else sa.or_(*criteria)
