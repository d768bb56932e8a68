"""Reads what a ticket's requester was answered in the end: the solution of a resolved or closed ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.reading.events import Attachment, EventView
from tickets.reading.people import Who
from tickets.reading.work import Answers
from tickets.ticket import Status
from tickets.timeline import EventKind

_ENDS = frozenset({EventKind.RESOLVED, EventKind.CLOSED})


@dataclass(frozen=True, slots=True)
class Solution:
    """Who answered, when, and with what: a text with its files, or the form of a step that the requester may see."""

    by: Who | None
    at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    answers: Answers | None = None


def solution_of(
    status: str, answers: Sequence[Answers], events: Sequence[EventView], *, requester_id: int | None
) -> Solution | None:
    """The last of what was answered in a visible step and of why it was resolved or closed, else the last reply.

    None while it is worked on, and where nobody answered anything. Of `events` those that are read are looked at.
    """
    if status not in {Status.RESOLVED, Status.CLOSED}:
        return None
    told = [event for event in events if event.public and event.actor is not None and event.actor.id != requester_id]
    ends = [_said(event, event.why) for event in told if event.kind in _ENDS and event.why]
    filled = [
        Solution(each.by, each.at, answers=each)
        for each in answers
        if each.visible and (each.by is None or each.by.id != requester_id)
    ]
    replies = [_said(event, event.body) for event in told if event.kind is EventKind.REPLIED]
    return max(ends + filled, key=lambda one: one.at, default=replies[-1] if replies else None)


def _said(event: EventView, text: str) -> Solution:
    return Solution(event.actor, event.at, text, event.attachments)
