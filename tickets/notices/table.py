"""Owns who is told of what: one table of events, whom each is told to, and by which channels unless they choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.expressions import N_
from tickets.notices.models import Channel
from tickets.timeline import EventKind


class Part(StrEnum):
    """What somebody is to a ticket when something happens to it; the first that fits is why they are told."""

    NAMED = "named"  # the event names them: it was given to them (`to_id`)
    WORK = "work"  # a task opened just now is theirs
    REQUESTER = "requester"  # only of what is public, like CC
    OWNER = "owner"
    ASSIGNEE = "assignee"  # of an open task, or of one that this took from them
    LEFT = "left"  # it was theirs before (`from_id`)
    CC = "cc"
    ROLE = "role"  # a task opened just now waits for one of few, of whom they are
    DISPATCHER = "dispatcher"  # the nearest who give out tickets, when nobody has it
    OPERATOR = "operator"  # the nearest who look after processes that stopped
    SUPERIOR = "superior"  # of whom the event names (`superior_id`)
    WAIVES = "waives"  # the nearest who decide that a step need not be done
    PUBLISHES = "publishes"  # the nearest who publish ticket types


class Topic(StrEnum):
    """What people choose by: kinds of events as they think of them."""

    WORK = "work"
    ROLE = "role"
    LETTERS = "letters"
    NOTES = "notes"
    PROGRESS = "progress"
    OUTCOME = "outcome"
    URGES = "urges"
    DUE = "due"
    COPIES = "copies"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class About:
    """A topic in words, and the channels by which one hears of it without having chosen."""

    text: str
    hint: str
    channels: frozenset[Channel]


_APP = frozenset({Channel.APP})
_ALL = frozenset(Channel)
TOPICS: Mapping[Topic, About] = {
    Topic.WORK: About(N_("Work for me"), N_("A task or a ticket is yours now, or your advice is asked for."), _ALL),
    Topic.ROLE: About(N_("Work for my roles"), N_("A task waits for one of you, or a ticket for a dispatcher."), _APP),
    Topic.LETTERS: About(N_("Letters"), N_("Replies, questions and answers."), _ALL),
    Topic.NOTES: About(N_("Notes"), N_("Internal notes on what you work on."), _APP),
    Topic.PROGRESS: About(N_("Progress"), N_("Who answers for it, what its status is, what changed."), _APP),
    Topic.OUTCOME: About(N_("Outcome"), N_("It is resolved, closed, reopened, withdrawn or rated."), _ALL),
    Topic.URGES: About(N_("Urges"), N_("Somebody urges, an urge is answered or climbs."), _ALL),
    Topic.DUE: About(N_("Due times"), N_("It is due soon, overdue or escalated."), _ALL),
    Topic.COPIES: About(N_("In copy"), N_("What you are only in copy of."), _APP),
    Topic.TROUBLE: About(
        N_("Trouble"),
        N_("A process stopped, or a variant does not hold any more; somebody has to look."),
        _ALL,
    ),
}

BROADCAST: Mapping[Topic, str] = {
    Topic.PROGRESS: TOPICS[Topic.PROGRESS].text,
    Topic.OUTCOME: TOPICS[Topic.OUTCOME].text,
    Topic.LETTERS: TOPICS[Topic.LETTERS].text,
    Topic.NOTES: TOPICS[Topic.NOTES].text,
    Topic.WORK: N_("Who has it"),
    Topic.URGES: TOPICS[Topic.URGES].text,
    Topic.DUE: TOPICS[Topic.DUE].text,
    Topic.TROUBLE: TOPICS[Topic.TROUBLE].text,
}
"""What channels and the webhooks of clients choose by: they have no work, no roles and no copies of their own."""

BY_PART: Mapping[Part, Topic] = {
    Part.WORK: Topic.WORK,
    Part.ROLE: Topic.ROLE,
    Part.DISPATCHER: Topic.ROLE,
    Part.CC: Topic.COPIES,
}
"""Who is told as one of these chooses by that topic, whatever the event; all others by the event's."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a kind of event is told to, and the topic it belongs to."""

    topic: Topic
    parts: tuple[Part, ...]


_P, _T, _K = Part, Topic, EventKind
_OPENS = (_P.WORK, _P.ROLE)
TABLE: Mapping[EventKind, Told] = {
    # what opens tasks, and is itself of interest to few
    _K.TIMER: Told(_T.PROGRESS, _OPENS),
    _K.MESSAGE: Told(_T.PROGRESS, _OPENS),
    _K.SIGNAL: Told(_T.PROGRESS, _OPENS),
    _K.CONDITION: Told(_T.PROGRESS, _OPENS),
    _K.ERROR: Told(_T.PROGRESS, _OPENS),
    _K.UNDONE: Told(_T.PROGRESS, _OPENS),
    _K.RETRIED: Told(_T.PROGRESS, _OPENS),
    _K.OFFERED: Told(_T.WORK, (_P.NAMED, *_OPENS)),
    _K.COMPLETED: Told(_T.PROGRESS, (*_OPENS, _P.REQUESTER)),
    _K.STEPPED_BACK: Told(_T.PROGRESS, (*_OPENS, _P.OWNER)),
    _K.ESCALATION: Told(_T.DUE, (*_OPENS, _P.OWNER)),
    # who has it
    _K.FILED: Told(_T.PROGRESS, (_P.REQUESTER, _P.OWNER, *_OPENS, _P.CC)),
    _K.ACCEPTED: Told(_T.PROGRESS, (_P.REQUESTER,)),
    _K.OWNER: Told(_T.WORK, (_P.NAMED, _P.REQUESTER, _P.LEFT)),
    _K.ASSIGNED: Told(_T.WORK, (_P.NAMED, _P.DISPATCHER)),
    _K.DECLINED: Told(_T.WORK, (_P.DISPATCHER,)),
    _K.LAPSED: Told(_T.WORK, (_P.NAMED, _P.LEFT, _P.DISPATCHER)),
    _K.TRANSFERRED: Told(_T.WORK, (_P.NAMED, _P.LEFT)),
    _K.DELEGATED: Told(_T.WORK, (_P.NAMED,)),
    _K.RETURNED: Told(_T.WORK, (_P.NAMED,)),
    _K.CONSULTED: Told(_T.WORK, (_P.NAMED,)),
    _K.ADVISED: Told(_T.WORK, (_P.NAMED,)),
    _K.JOINED: Told(_T.WORK, (_P.NAMED,)),
    _K.ASKED_TO_VOUCH: Told(_T.WORK, (_P.NAMED,)),
    _K.VOUCHED: Told(_T.PROGRESS, (_P.ASSIGNEE, _P.OWNER)),
    _K.VOUCH_TAKEN_BACK: Told(_T.PROGRESS, (_P.ASSIGNEE, _P.OWNER)),
    _K.DEPARTED: Told(_T.PROGRESS, (_P.NAMED, _P.REQUESTER)),
    _K.CC_ADDED: Told(_T.COPIES, (_P.NAMED,)),
    # how it stands
    _K.STATUS: Told(_T.PROGRESS, (_P.REQUESTER,)),
    _K.PRIORITY: Told(_T.PROGRESS, (_P.OWNER,)),
    _K.MERGED: Told(_T.PROGRESS, (_P.REQUESTER, _P.OWNER)),
    _K.ABSORBED: Told(_T.PROGRESS, (_P.OWNER,)),
    _K.SUSPENDED: Told(_T.PROGRESS, (_P.REQUESTER, _P.OWNER, _P.ASSIGNEE)),
    _K.RESUMED: Told(_T.PROGRESS, (_P.REQUESTER, _P.OWNER, _P.ASSIGNEE)),
    _K.RESOLVED: Told(_T.OUTCOME, (_P.REQUESTER, _P.CC)),
    _K.CONFIRMED: Told(_T.OUTCOME, (_P.OWNER,)),
    _K.RATED: Told(_T.OUTCOME, (_P.OWNER,)),
    _K.WITHDRAWN: Told(_T.OUTCOME, (_P.REQUESTER, _P.OWNER, _P.ASSIGNEE, _P.CC)),
    _K.CLOSED: Told(_T.OUTCOME, (_P.REQUESTER, _P.OWNER, _P.CC)),
    _K.REOPENED: Told(_T.OUTCOME, (_P.REQUESTER, _P.OWNER, *_OPENS, _P.ASSIGNEE, _P.CC)),
    # what was said
    _K.NOTED: Told(_T.NOTES, (_P.OWNER, _P.ASSIGNEE)),
    _K.ANSWERED: Told(_T.LETTERS, (_P.OWNER, _P.ASSIGNEE)),
    _K.ASKED: Told(_T.LETTERS, (_P.REQUESTER, _P.CC)),
    _K.REPLIED: Told(_T.LETTERS, (_P.REQUESTER, _P.CC)),
    # what presses
    _K.DUE_SOON: Told(_T.DUE, (_P.OWNER, _P.ASSIGNEE)),
    _K.OVERDUE: Told(_T.DUE, (_P.OWNER, _P.ASSIGNEE, _P.DISPATCHER)),
    _K.ESCALATED: Told(_T.DUE, (_P.NAMED, _P.OWNER)),
    _K.URGED: Told(_T.URGES, (_P.OWNER, _P.ASSIGNEE, _P.DISPATCHER)),
    _K.URGE_ANSWERED: Told(_T.URGES, (_P.REQUESTER, _P.CC)),
    _K.URGE_CLIMBED: Told(_T.URGES, (_P.NAMED, _P.OWNER)),
    # standards
    _K.WAIVER_ASKED: Told(_T.WORK, (_P.WAIVES,)),
    _K.WAIVED: Told(_T.OUTCOME, (_P.NAMED, _P.OWNER, _P.ASSIGNEE)),
    _K.WAIVER_REFUSED: Told(_T.OUTCOME, (_P.NAMED,)),
    _K.WAIVER_ENDED: Told(_T.OUTCOME, (_P.NAMED, _P.OWNER, _P.ASSIGNEE)),
    _K.CHECK_CORRECTED: Told(_T.OUTCOME, (_P.NAMED, _P.SUPERIOR, _P.OWNER)),
    _K.CHECK_FAILED: Told(_T.WORK, (_P.NAMED, _P.SUPERIOR, _P.OWNER, *_OPENS)),
    _K.VARIANT_LOST: Told(_T.TROUBLE, (_P.PUBLISHES,)),
    _K.SUBJECTS_GIVEN: Told(_T.WORK, (_P.NAMED,)),
    _K.INCIDENT: Told(_T.TROUBLE, (_P.OPERATOR,)),
}
"""From the least telling to the most: of what one step did somebody is told one thing, the last that concerns them.

Never told: who did it; the requester and those in copy of what is not public; who has left. Kinds that are not here
(claims, tags, links, titles) are on the timeline for whoever looks.
"""
RANK: Mapping[str, int] = {kind: rank for rank, kind in enumerate(TABLE)}
STATUSES_TOLD = frozenset({"resolved", "awaiting_requester"})
"""Of a status that a process sets the requester hears when it asks something of them."""
FEW = 10
"""A task for a role is told to its holders if they are no more; a larger team looks into its inbox."""


def topic_of(kind: str, part: Part) -> Topic:
    """What somebody who is told of it as `part` chooses by."""
    return BY_PART.get(part, TABLE[EventKind(kind)].topic)


def wanted(topic: Topic, channel: Channel, chosen: bool | None) -> bool:
    """Whether they want it by this channel: as they chose, else as the topic has it."""
    return channel in TOPICS[topic].channels if chosen is None else chosen
