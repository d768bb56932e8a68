"""Owns what a person is to a ticket, and from that what they may see of it and do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.access import Actor, inside_tickets
from tickets.copies import TicketCc
from tickets.policy import POLICY, Relation, Verb, allowed, fits
from tickets.shares import ShareKind, TaskShare
from tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """One person before one ticket. `inside`: sees its notes, tasks and diagram; else only what is public.

    `verbs` are what they may do now; `named` what they are one to do, though perhaps not as the ticket stands.
    """

    relations: frozenset[Relation]
    inside: bool
    named: frozenset[Verb]
    verbs: frozenset[Verb]

    def may(self, verb: Verb) -> bool:
        return verb in self.verbs

    @property
    def owner(self) -> bool:
        return Relation.OWNER in self.relations

    @property
    def requester(self) -> bool:
        return Relation.REQUESTER in self.relations


def standing(actor: Actor, ticket: Ticket, *, place_path: str, facts: tuple[bool, ...]) -> Standing:
    """From the columns of `standing_columns`, read together with the ticket."""
    inside, *held = facts
    relations = frozenset((*_own(actor, ticket), *(one for one, is_so in zip(_ASKED, held, strict=True) if is_so)))
    if Relation.REQUESTER in relations:
        relations -= {Relation.CANDIDATE, Relation.OFFERED}  # nobody takes on what they asked for themselves
    named = frozenset(
        verb
        for verb, rule in POLICY.items()
        if (inside or not rule.inside) and allowed(verb, actor, ticket, relations, place_path=place_path)
    )
    return Standing(relations, inside, named, frozenset(verb for verb in named if fits(verb, ticket)))


def standing_columns(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """On a query of Ticket: `sees_inside`, then one column for each relation that needs other tables."""
    return (sees_inside(actor), worked_by(actor), offered_to(actor), consulted(actor), in_copy(actor))


_ASKED = (Relation.HANDLER, Relation.CANDIDATE, Relation.CONSULTED, Relation.CC)


def _own(actor: Actor, ticket: Ticket) -> Iterator[Relation]:
    """What the ticket's own columns say."""
    me = actor.person_id
    whose = {
        Relation.REQUESTER: ticket.requester_id,
        Relation.FILER: ticket.filed_by_id,
        Relation.OWNER: ticket.owner_id,
        Relation.OFFERED: ticket.offered_to_id,
    }
    return (relation for relation, person_id in whose.items() if person_id == me)


def numbered(number: str) -> sa.ColumnElement[bool]:
    """On a query of Ticket: the one of that number; none for what no number holds and not every database takes."""
    return Ticket.number == number if number.isprintable() else sa.false()


def sees_inside(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: `inside_tickets` as a column, False where its criterion is unknown (no owner)."""
    return sa.func.coalesce(inside_tickets(actor), sa.false())


def worked_by(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: one of its tasks is or was theirs or comes back to them, or they help with one."""
    columns = (UserTask.assignee_id, UserTask.closed_by_id, UserTask.delegated_by_id)
    mine = sa.or_(*(column == actor.person_id for column in columns))
    return sa.exists().where(UserTask.instance_id == Ticket.instance_id, mine) | _shared(actor, ShareKind.HELP)


def offered_to(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: one of its open tasks waits in their queues."""
    also = sa.exists().where(TaskCandidate.task_id == UserTask.id, TaskCandidate.queue_key.in_(actor.queue_keys))
    waiting = UserTask.queue_key.in_(actor.queue_keys) | (UserTask.assignee_id.is_(None) & also)
    return sa.exists().where(UserTask.instance_id == Ticket.instance_id, UserTask.status == TaskStatus.OPEN, waiting)


def consulted(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: they are or were asked for advice on it."""
    return _shared(actor, ShareKind.CONSULT)


def in_copy(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: they are in copy."""
    return sa.exists().where(TicketCc.ticket_id == Ticket.id, TicketCc.person_id == actor.person_id)


def _shared(actor: Actor, kind: ShareKind) -> sa.ColumnElement[bool]:
    mine = (TaskShare.ticket_id == Ticket.id, TaskShare.person_id == actor.person_id, TaskShare.kind == kind)
    return sa.exists().where(*mine)
