"""Owns who may do what with a ticket: one table of verbs, by what the person is to it and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.expressions import N_
from tickets.actor import Actor
from tickets.permissions import Permission
from tickets.ticket import ENDED, OPEN, Status, Ticket


class Relation(StrEnum):
    """What a person is to a ticket; one may be several."""

    REQUESTER = "requester"
    FILER = "filer"
    OWNER = "owner"
    OFFERED = "offered"  # the ticket was offered to them and waits for their yes
    HANDLER = "handler"  # one of its tasks is or was theirs, or they help with one
    CANDIDATE = "candidate"  # one of its open tasks waits in their queues
    CONSULTED = "consulted"
    CC = "cc"


class Verb(StrEnum):
    """What people do with a ticket (product.md, "A ticket"); a task's verbs are in `tickets.task_policy`."""

    NOTE = "note"
    REPLY = "reply"
    ASK = "ask"
    ANSWER = "answer"
    ACCEPT = "accept"
    DECLINE = "decline"
    ASSIGN = "assign"
    HAND_OVER = "hand_over"
    SUSPEND = "suspend"
    RESUME = "resume"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    URGE = "urge"
    ANSWER_URGE = "answer_urge"
    CC = "cc"
    PRIORITY = "priority"
    RETITLE = "retitle"
    TAG = "tag"
    LINK = "link"
    MERGE = "merge"
    RATE = "rate"


When = Callable[[Ticket], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who: any of the relations (of staff, `works`: with that permission too), or whoever oversees the ticket's place.

    `inside`: only for those who see the ticket's inside. `refusal` words a no to somebody who sees the ticket.
    """

    relations: frozenset[Relation]
    refusal: str
    statuses: frozenset[Status] = OPEN
    works: Permission | None = None
    oversees: Permission | None = None
    inside: bool = True
    when: When = field(default=lambda _ticket: True)


_R, _S, _P = Relation, Status, Permission
_STAFF = frozenset({_R.FILER, _R.OWNER, _R.OFFERED, _R.HANDLER, _R.CANDIDATE, _R.CONSULTED, _R.CC})
_HANDS = frozenset({_R.OWNER, _R.HANDLER})
_OWNER = frozenset({_R.OWNER})
_ASKS = frozenset({_R.REQUESTER})
_EVER = frozenset(Status)
_WORKED_ON = frozenset({_S.IN_PROGRESS, _S.AWAITING_REQUESTER})


def _asked_for(ticket: Ticket) -> bool:
    return ticket.requester_id is not None


def _free(ticket: Ticket) -> bool:
    return ticket.owner_id is None


def _urged(ticket: Ticket) -> bool:
    return ticket.urged_at is not None


def _kept(ticket: Ticket) -> bool:
    return ticket.erased_at is None


def _goes_on(ticket: Ticket) -> bool:
    return _kept(ticket) and ticket.merged_into_id is None


_OWNER_ONLY = N_("Only the owner of this ticket does this; write a note to tell them.")
_REQUESTER_ONLY = N_("Only the person who asked does this.")
_DISPATCHERS = N_("Only dispatchers and the owner do this; ask one of them.")
_HANDS_ONLY = N_("Only the owner and those who work on this ticket do this.")

POLICY: Mapping[Verb, Rule] = {
    Verb.NOTE: Rule(
        _STAFF, N_("Your roles don't let you write notes on this ticket."), _EVER, works=_P.NOTE, oversees=_P.NOTE
    ),
    Verb.REPLY: Rule(_OWNER, _OWNER_ONLY, when=_asked_for),
    Verb.ASK: Rule(_OWNER, _OWNER_ONLY, frozenset({_S.IN_PROGRESS}), when=_asked_for),
    Verb.ANSWER: Rule(
        _ASKS, N_("Only the person who filed this ticket writes here; write a note instead."), inside=False
    ),
    Verb.ACCEPT: Rule(
        frozenset({_R.OFFERED, _R.CANDIDATE}),
        N_("Only staff who may claim one of its tasks accept this ticket."),
        works=_P.WORK,
        when=_free,
    ),
    Verb.DECLINE: Rule(frozenset({_R.OFFERED}), N_("This ticket was not offered to you."), when=_free),
    Verb.ASSIGN: Rule(frozenset(), _DISPATCHERS, oversees=_P.DISPATCH),
    Verb.HAND_OVER: Rule(_OWNER, _DISPATCHERS, oversees=_P.DISPATCH),
    Verb.SUSPEND: Rule(_OWNER, _OWNER_ONLY, _WORKED_ON, oversees=_P.DISPATCH),
    Verb.RESUME: Rule(_OWNER, _OWNER_ONLY, frozenset({_S.SUSPENDED, _S.AWAITING_REQUESTER}), oversees=_P.DISPATCH),
    Verb.RESOLVE: Rule(_OWNER, _OWNER_ONLY, _WORKED_ON),
    Verb.CONFIRM: Rule(_ASKS, _REQUESTER_ONLY, frozenset({_S.RESOLVED}), inside=False),
    Verb.CLOSE: Rule(_OWNER, _DISPATCHERS, oversees=_P.DISPATCH),
    Verb.REOPEN: Rule(
        _ASKS | _OWNER,
        _REQUESTER_ONLY,
        frozenset({_S.RESOLVED, _S.CLOSED}),
        oversees=_P.DISPATCH,
        inside=False,
        when=_goes_on,
    ),
    Verb.WITHDRAW: Rule(_ASKS | {_R.FILER}, _REQUESTER_ONLY, OPEN - {_S.RESOLVED}, inside=False),
    Verb.URGE: Rule(
        _ASKS | {_R.CC},
        N_("Only the person who asked and those in copy urge."),
        OPEN - {_S.SUSPENDED, _S.RESOLVED, _S.AWAITING_REQUESTER},
        inside=False,
    ),
    Verb.ANSWER_URGE: Rule(_OWNER, _OWNER_ONLY, oversees=_P.DISPATCH, when=_urged),
    Verb.CC: Rule(_HANDS | _ASKS | {_R.FILER}, _HANDS_ONLY, _EVER, oversees=_P.DISPATCH, inside=False),
    Verb.PRIORITY: Rule(_HANDS, _HANDS_ONLY, works=_P.WORK, oversees=_P.DISPATCH),
    Verb.RETITLE: Rule(_HANDS, _HANDS_ONLY, works=_P.WORK, oversees=_P.DISPATCH),
    Verb.TAG: Rule(_HANDS, _HANDS_ONLY, _EVER, works=_P.WORK, oversees=_P.DISPATCH),
    Verb.LINK: Rule(_HANDS, _HANDS_ONLY, _EVER, works=_P.WORK, oversees=_P.DISPATCH),
    Verb.MERGE: Rule(_OWNER, _DISPATCHERS, oversees=_P.DISPATCH),
    Verb.RATE: Rule(_ASKS, _REQUESTER_ONLY, ENDED | {_S.RESOLVED}, inside=False),
}
"""Every verb of a ticket. What a process does by itself is not asked of this table."""


def allowed(verb: Verb, actor: Actor, ticket: Ticket, relations: frozenset[Relation], *, place_path: str) -> bool:
    """Whether they are one who does this, however the ticket stands now. `place_path` is the ticket's place's."""
    rule = POLICY[verb]
    if rule.oversees is not None and actor.covers(rule.oversees, brand_id=ticket.brand_id, place_path=place_path):
        return True
    related = rule.relations & relations
    return bool(related) and (rule.works is None or actor.may(rule.works))


def fits(verb: Verb, ticket: Ticket) -> bool:
    """Whether the ticket is as the verb needs it."""
    rule = POLICY[verb]
    return ticket.status in rule.statuses and rule.when(ticket)
