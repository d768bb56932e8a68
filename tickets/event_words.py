"""Owns how the timeline is worded: an event and what is known of it become a sentence in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.expressions import N_, Message
from forms.plain import joined
from tickets.ticket import Priority, Status
from tickets.timeline import EventKind, TimelineEvent
from tickets.timeline_words import WORDING

STATUS_WORDS: Mapping[str, str] = {
    Status.UNASSIGNED: N_("Unassigned"),
    Status.OFFERED: N_("Offered"),
    Status.IN_PROGRESS: N_("In progress"),
    Status.AWAITING_REQUESTER: N_("Awaiting requester"),
    Status.SUSPENDED: N_("Suspended"),
    Status.RESOLVED: N_("Resolved"),
    Status.CLOSED: N_("Closed"),
    Status.WITHDRAWN: N_("Withdrawn"),
}

PRIORITY_WORDS: Mapping[str, str] = {
    Priority.URGENT: N_("Urgent"),
    Priority.HIGH: N_("High"),
    Priority.NORMAL: N_("Normal"),
    Priority.LOW: N_("Low"),
}


def people_named(events: Iterable[TimelineEvent]) -> set[int]:
    """The ids of everyone the wording of these events speaks of."""
    found: set[int | None] = set()
    for event in events:
        found |= {event.actor_id, event.on_behalf_of_id}
        found |= {value for key, value in event.params.items() if key.endswith("_id") and isinstance(value, int)}
    return {person_id for person_id in found if person_id is not None}


def worded(event: TimelineEvent, names: Mapping[int, str | Message], *, language: str = "") -> Message:
    """The event as an English msgid with its parameters; `names` are people's, `language` ("zh", "en") the reader's."""
    known = _parameters(event, names, language)
    own = (THEIR_OWN[event.kind],) if event.kind in THEIR_OWN and _is_their_own(event) else ()
    for template in (*own, *WORDING.get(event.kind, ())):
        wanted = _PLACEHOLDER.findall(template)
        if all(name in known for name in wanted):
            return Message(template, {name: known[name] for name in wanted})
    return Message(event.kind)


THEIR_OWN: Mapping[str, str] = {EventKind.OWNER: N_("%(who)s handed the ticket over to %(to)s")}
"""Where somebody passes on what was theirs, and the words for passing on what nobody had would be others."""


def _is_their_own(event: TimelineEvent) -> bool:
    return event.actor_id is not None and event.params.get("from_id") == event.actor_id


CHANNEL_WORDS: Mapping[str, str] = {
    "phone": N_("by phone"),
    "mail": N_("by mail"),
    "desk": N_("at the desk"),
    "chat": N_("by chat"),
}
_CODED: Mapping[str, Mapping[str, str]] = {
    EventKind.FILED: CHANNEL_WORDS,
    EventKind.STATUS: STATUS_WORDS,
    EventKind.PRIORITY: PRIORITY_WORDS,
}
EVENT_WORDS: Mapping[str, str] = {
    "employee.departed": N_("Somebody has left"),
    "employee.returned": N_("Somebody is back"),
    "standard.start": N_("A standard begins"),
}
"""The events that the platform sends by itself, where no element of a process has a name for one."""
_EVENTS = frozenset({"cause", "timer", "message", "signal", "event"})
_ID = re.compile(r"(?=.*(?:[._:/0-9]|[a-z][A-Z]))[A-Za-z][A-Za-z0-9._:/-]*")
"""A name that programs gave: `order.paid`, `Event_0x1`, `orderPaid`."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _parameters(event: TimelineEvent, names: Mapping[int, str | Message], language: str) -> dict[str, object]:
    texts: dict[str, Any] = {
        key: value for key, value in event.params.items() if value and isinstance(value, str | list)
    }
    known = {key: _text(event, key, value, language) for key, value in texts.items() if not _is_id(event, key)}
    ids = {key.removesuffix("_id"): value for key, value in event.params.items() if key.endswith("_id")}
    if _is_their_own(event):  # who passes on what was theirs need not be named twice
        del ids["from"]
    ids |= {"who": event.actor_id, "requester": event.on_behalf_of_id}
    moments = {key.removesuffix("_at"): datetime.fromisoformat(texts[key]) for key in texts if key.endswith("_at")}
    return known | moments | {key: names[person_id] for key, person_id in ids.items() if person_id in names}


def _is_id(event: TimelineEvent, key: str) -> bool:
    """Whether an event has no name but what programs call it: then only its kind is said."""
    text = event.params.get(key)
    if key not in _EVENTS or event.params.get(f"{key}_names") or not isinstance(text, str) or text in EVENT_WORDS:
        return False
    return _ID.fullmatch(text) is not None


def _text(event: TimelineEvent, key: str, value: str | list[object], language: str) -> object:
    if isinstance(value, list):
        return joined(map(str, value), language)
    if event.kind in _CODED and value in _CODED[event.kind]:
        return Message(_CODED[event.kind][value])
    if key in _EVENTS and value in EVENT_WORDS:
        return Message(EVENT_WORDS[value])
    if (reason := event.params.get(f"{key}_params")) is not None:
        return Message(value, reason)
    return event.params.get(f"{key}_names", {}).get(language, value)
