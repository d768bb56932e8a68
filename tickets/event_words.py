"""Owns the words of the timeline: what each kind of event says, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.expressions import N_, Message
from tickets.ticket import Priority, Status
from tickets.timeline import EventKind, TimelineEvent

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

WORDING: Mapping[str, tuple[str, ...]] = {
    EventKind.FILED: (
        N_("%(who)s filed this ticket for %(requester)s (%(channel)s)"),
        N_("%(who)s filed this ticket for %(requester)s"),
        N_("%(who)s filed this ticket"),
        N_("“%(cause)s” started this ticket"),
        N_("This ticket started by itself"),
    ),
    EventKind.ACCEPTED: (
        N_("%(who)s accepted the ticket and answers for it now"),
        N_("The ticket was accepted"),
    ),
    EventKind.OWNER: (
        N_("%(who)s handed the ticket over from %(from)s to %(to)s"),
        N_("%(who)s made %(to)s the owner"),
        N_("%(to)s answers for this ticket now"),
        N_("Nobody answers for this ticket now"),
    ),
    EventKind.CLAIMED: (N_("%(who)s claimed “%(task)s”"), N_("A task was claimed")),
    EventKind.RELEASED: (N_("%(who)s released “%(task)s”"), N_("A task was released")),
    EventKind.COMPLETED: (
        N_("%(who)s said that “%(happened)s” has happened"),
        N_("%(who)s began “%(begun)s” in “%(task)s”"),
        N_("%(who)s finished “%(task)s”; nobody needs to do any more: %(dropped)s"),
        N_("%(who)s completed “%(task)s”, next: “%(next)s”"),
        N_("%(who)s completed “%(task)s”"),
        N_("“%(task)s” is done"),
        N_("A task is done"),
    ),
    EventKind.NOTED: (N_("%(who)s wrote an internal note"), N_("An internal note")),
    EventKind.REPLIED: (N_("%(who)s replied to %(to)s"), N_("%(who)s replied"), N_("A reply")),
    EventKind.ANSWERED: (N_("%(who)s wrote back"), N_("The requester wrote back")),
    EventKind.STATUS: (
        N_("%(who)s changed the status from %(from)s to %(to)s"),
        N_("The status changed from %(from)s to %(to)s"),
        N_("The status is %(to)s now"),
        N_("The status changed"),
    ),
    EventKind.OFFERED: (
        N_("“%(task)s” waits for %(to)s, because %(absent)s has left"),
        N_("“%(task)s” waits for %(to)s, because %(away)s is away"),
        N_("“%(task)s” waits for %(to)s"),
        N_("“%(task)s” waits for somebody to claim it"),
        N_("A task waits for somebody to claim it"),
    ),
    EventKind.TIMER: (
        N_("The time set for “%(task)s” was up: “%(timer)s”"),
        N_("It was time for “%(timer)s”"),
        N_("A timer was due"),
    ),
    EventKind.MESSAGE: (
        N_("%(who)s sent the event “%(message)s”"),
        N_("The event “%(message)s” arrived"),
        N_("An event arrived"),
    ),
    EventKind.SIGNAL: (
        N_("%(who)s sent the signal “%(signal)s”"),
        N_("The signal “%(signal)s” was heard"),
        N_("A signal was heard"),
    ),
    EventKind.CONDITION: (
        N_("“%(event)s” has come true during “%(task)s”"),
        N_("“%(event)s” has come true"),
        N_("What was waited for has come true"),
    ),
    EventKind.ERROR: (
        N_("“%(task)s” failed, so it goes on with “%(event)s”"),
        N_("It failed, so it goes on with “%(event)s”"),
        N_("It failed and ended with the error “%(code)s”"),
        N_("It failed"),
    ),
    EventKind.ESCALATION: (
        N_("“%(task)s” was escalated: “%(event)s”"),
        N_("It was escalated: “%(event)s”"),
        N_("It was escalated"),
    ),
    EventKind.UNDONE: (
        N_("“%(task)s” was undone by “%(event)s”"),
        N_("“%(event)s” undid what was done before"),
        N_("What was done before was undone"),
    ),
    EventKind.INCIDENT: (
        N_("The process stopped at “%(element)s”: %(reason)s"),
        N_("The process stopped at “%(element)s”"),
        N_("The process stopped"),
    ),
    EventKind.RETRIED: (
        N_("%(who)s tried “%(element)s” again"),
        N_("%(who)s tried the stopped process again"),
        N_("“%(element)s” was tried again"),
        N_("The process was tried again"),
    ),
    EventKind.CLOSED: (
        N_("%(who)s closed the ticket: %(why)s"),
        N_("%(who)s closed the ticket"),
        N_("The ticket was closed: %(why)s"),
        N_("The ticket was closed"),
    ),
    EventKind.ASKED: (N_("%(who)s asked %(to)s for more"), N_("%(who)s asked for more"), N_("More was asked for")),
    EventKind.ASSIGNED: (
        N_("%(who)s gave “%(task)s” to %(to)s"),
        N_("%(who)s offered the ticket to %(to)s, to be accepted by %(until)s"),
        N_("%(who)s offered the ticket to %(to)s"),
        N_("The ticket was offered to %(to)s, to be accepted by %(until)s"),
        N_("The ticket was offered to %(to)s"),
        N_("The ticket waits for a dispatcher"),
    ),
    EventKind.DECLINED: (
        N_("%(who)s declined the ticket: %(why)s"),
        N_("%(who)s declined the ticket"),
        N_("It was declined"),
    ),
    EventKind.LAPSED: (
        N_("%(from)s did not accept the ticket in time; it goes to %(to)s"),
        N_("%(from)s did not accept the ticket in time; it waits for a dispatcher"),
        N_("The ticket was not accepted in time"),
    ),
    EventKind.TRANSFERRED: (
        N_("%(who)s transferred “%(task)s” from %(from)s to %(to)s: %(why)s"),
        N_("%(who)s transferred “%(task)s” to %(to)s: %(why)s"),
        N_("%(who)s transferred “%(task)s” to %(to)s"),
        N_("“%(task)s” went to %(to)s"),
        N_("A task was transferred"),
    ),
    EventKind.DELEGATED: (
        N_("%(who)s delegated “%(task)s” to %(to)s: %(why)s"),
        N_("%(who)s delegated “%(task)s” to %(to)s"),
        N_("A task was delegated"),
    ),
    EventKind.RETURNED: (
        N_("%(who)s took “%(task)s” back from %(from)s"),
        N_("%(who)s has done “%(task)s” and returned it to %(to)s"),
        N_("“%(task)s” came back to %(to)s"),
        N_("A task came back"),
    ),
    EventKind.CONSULTED: (N_("%(who)s asked %(to)s for advice"), N_("Advice was asked for")),
    EventKind.ADVISED: (N_("%(who)s advised %(to)s"), N_("%(who)s gave advice"), N_("Advice was given")),
    EventKind.JOINED: (
        N_("%(who)s asked %(to)s to help with “%(task)s”"),
        N_("%(to)s helps with “%(task)s”"),
        N_("Somebody helps with a task"),
    ),
    EventKind.VOUCHED: (
        N_("%(who)s confirmed that “%(task)s” was done: %(why)s"),
        N_("%(who)s confirmed that “%(task)s” was done"),
        N_("A step was confirmed"),
    ),
    EventKind.ASKED_TO_VOUCH: (
        N_("%(who)s asked %(to)s to confirm “%(task)s”: %(why)s"),
        N_("%(who)s asked %(to)s to confirm “%(task)s”"),
        N_("Somebody was asked to confirm a step"),
    ),
    EventKind.UNSHARED: (
        N_("%(helper)s no longer helps with “%(task)s”"),
        N_("%(who)s no longer asks %(to)s about “%(task)s”"),
        N_("Somebody is no longer asked about a task"),
    ),
    EventKind.STEPPED_BACK: (
        N_("%(who)s went back from “%(task)s” to “%(next)s”: %(why)s"),
        N_("%(who)s went back to “%(next)s”"),
        N_("The process went back a step"),
    ),
    EventKind.SUSPENDED: (
        N_("%(who)s suspended the ticket until %(until)s: %(why)s"),
        N_("%(who)s suspended the ticket: %(why)s"),
        N_("The ticket was suspended"),
    ),
    EventKind.RESUMED: (
        N_("%(who)s resumed the ticket"),
        N_("The ticket resumed by itself: the time set was up"),
    ),
    EventKind.RESOLVED: (
        N_("%(who)s said that it is resolved: %(why)s"),
        N_("%(who)s said that it is resolved"),
        N_("It is resolved"),
    ),
    EventKind.CONFIRMED: (N_("%(who)s confirmed that it is resolved"), N_("It was confirmed")),
    EventKind.REOPENED: (
        N_("%(who)s reopened the ticket: %(why)s"),
        N_("%(who)s reopened the ticket"),
        N_("The ticket was reopened"),
    ),
    EventKind.WITHDRAWN: (
        N_("%(who)s withdrew the ticket: %(why)s"),
        N_("%(who)s withdrew the ticket"),
        N_("The ticket was withdrawn"),
    ),
    EventKind.CC_ADDED: (N_("%(who)s added %(to)s in copy"), N_("%(to)s is in copy"), N_("Somebody is in copy")),
    EventKind.CC_REMOVED: (N_("%(who)s took %(to)s out of the copy"), N_("Somebody is no longer in copy")),
    EventKind.URGED: (N_("%(who)s urged: %(why)s"), N_("%(who)s urged"), N_("The ticket was urged")),
    EventKind.URGE_ANSWERED: (
        N_("%(who)s answered the urge: expected by %(until)s"),
        N_("%(who)s answered the urge"),
        N_("The urge was answered"),
    ),
    EventKind.URGE_CLIMBED: (
        N_("Nobody answered the urge, so %(to)s was told"),
        N_("Nobody answered the urge"),
    ),
    EventKind.PRIORITY: (
        N_("%(who)s changed the priority from %(from)s to %(to)s"),
        N_("The priority is %(to)s now"),
        N_("The priority changed"),
    ),
    EventKind.TITLE: (N_("%(who)s changed the title from “%(from)s”"), N_("The title changed")),
    EventKind.TAGGED: (
        N_("%(who)s added the tags %(added)s and removed %(removed)s"),
        N_("%(who)s added the tags %(added)s"),
        N_("%(who)s removed the tags %(removed)s"),
        N_("The tags changed"),
    ),
    EventKind.LINKED: (
        N_("%(who)s put this ticket below %(parent)s"),
        N_("%(who)s put %(child)s below this ticket"),
        N_("%(who)s linked this ticket with %(number)s"),
        N_("This ticket was linked with %(number)s"),
        N_("This ticket was linked"),
    ),
    EventKind.UNLINKED: (
        N_("%(who)s took this ticket out from below %(parent)s"),
        N_("%(who)s removed the link with %(number)s"),
        N_("A link was removed"),
    ),
    EventKind.MERGED: (
        N_("%(who)s merged this ticket into %(number)s"),
        N_("This ticket was merged into %(number)s"),
        N_("This ticket was merged"),
    ),
    EventKind.ABSORBED: (
        N_("%(who)s merged %(number)s into this ticket"),
        N_("%(number)s was merged into this ticket"),
        N_("Another ticket was merged into this one"),
    ),
    EventKind.DUE_SOON: (
        N_("The first reply is due soon: %(reply)s"),
        N_("It is due soon: %(due)s"),
        N_("It is due soon"),
    ),
    EventKind.OVERDUE: (
        N_("The first reply is overdue since %(reply)s"),
        N_("It is overdue since %(due)s"),
        N_("It is overdue"),
    ),
    EventKind.ESCALATED: (N_("It is overdue, so %(to)s was told"), N_("It was escalated")),
    EventKind.DEPARTED: (
        N_("%(from)s has left; “%(task)s” waits for %(to)s now"),
        N_("%(from)s has left; “%(task)s” waits for others again"),
        N_("%(from)s has left; %(to)s answers for this ticket now"),
        N_("%(from)s has left; this ticket waits for a dispatcher"),
        N_("Somebody who worked on it has left"),
    ),
    EventKind.CAME_BACK: (N_("The departure of %(from)s was undone"), N_("A departure was undone")),
    EventKind.RATED: (N_("%(who)s rated it %(stars)s of 5"), N_("It was rated")),
    EventKind.ERASED: (N_("Personal data was erased"),),
    EventKind.CHECK_FAILED: (
        N_("A spot check by %(who)s found “%(task)s” wanting, it is done again in %(redo)s: %(why)s"),
        N_("A spot check by %(who)s found “%(task)s” wanting, so it is to be done again: %(why)s"),
        N_("A spot check found a step wanting, so it is to be done again"),
    ),
    EventKind.CHECK_CORRECTED: (
        N_("%(who)s corrected the spot check of “%(task)s”: it had been done well, and counts as done: %(why)s"),
        N_("%(who)s corrected the spot check of “%(task)s”: it had been done well, and counts as done"),
        N_("A spot check was corrected"),
    ),
    EventKind.WAIVER_ASKED: (
        N_("%(who)s asked for a waiver of “%(task)s” at %(place)s until %(until)s: %(why)s"),
        N_("%(who)s asked for a waiver of “%(task)s” until %(until)s: %(why)s"),
        N_("A waiver was asked for"),
    ),
    EventKind.WAIVED: (
        N_("%(who)s waived “%(task)s” at %(place)s until %(until)s"),
        N_("%(who)s waived “%(task)s” until %(until)s"),
        N_("A step was waived"),
    ),
    EventKind.WAIVER_REFUSED: (
        N_("%(who)s refused the waiver of “%(task)s”: %(why)s"),
        N_("A waiver was refused"),
    ),
    EventKind.WAIVER_ENDED: (
        N_("%(who)s ended the waiver of “%(task)s”: %(why)s"),
        N_("The waiver of “%(task)s” is over"),
        N_("A waiver is over"),
    ),
}
"""The first template whose names are all known words the event, so an old or sparse row still reads well.

`who` is the actor, `requester` whom they acted for. In an event's `params`: a plain text; a list of texts; a person's
id under `<name>_id` (`to_id`); other languages of a text under `<name>_names` (`task_names`: {"zh": …, "en": …});
statuses or priorities as `from` and `to`; a moment as ISO 8601 under `<name>_at` (`until_at`), given as a datetime;
and a message's parameters under `reason_params`.
"""


def people_named(events: Iterable[TimelineEvent]) -> set[int]:
    """The ids of everyone the wording of these events speaks of."""
    found: set[int | None] = set()
    for event in events:
        found |= {event.actor_id, event.on_behalf_of_id}
        found |= {value for key, value in event.params.items() if key.endswith("_id") and isinstance(value, int)}
    return {person_id for person_id in found if person_id is not None}


def worded(event: TimelineEvent, names: Mapping[int, str], *, language: str = "") -> Message:
    """The event as an English msgid with its parameters; `names` are people's, `language` ("zh", "en") the reader's."""
    known = _parameters(event, names, language)
    for template in WORDING.get(event.kind, ()):
        wanted = _PLACEHOLDER.findall(template)
        if all(name in known for name in wanted):
            return Message(template, {name: known[name] for name in wanted})
    return Message(event.kind)


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
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _parameters(event: TimelineEvent, names: Mapping[int, str], language: str) -> dict[str, object]:
    texts: dict[str, Any] = {
        key: value for key, value in event.params.items() if value and isinstance(value, str | list)
    }
    known = {key: _text(event, key, value, language) for key, value in texts.items()}
    ids = {key.removesuffix("_id"): value for key, value in event.params.items() if key.endswith("_id")}
    ids |= {"who": event.actor_id, "requester": event.on_behalf_of_id}
    moments = {key.removesuffix("_at"): datetime.fromisoformat(texts[key]) for key in texts if key.endswith("_at")}
    return known | moments | {key: names[person_id] for key, person_id in ids.items() if person_id in names}


def _text(event: TimelineEvent, key: str, value: str | list[object], language: str) -> object:
    if isinstance(value, list):
        return ("、" if language.startswith("zh") else ", ").join(str(part) for part in value)
    if event.kind in _CODED and value in _CODED[event.kind]:
        return Message(_CODED[event.kind][value])
    if (reason := event.params.get(f"{key}_params")) is not None:
        return Message(value, reason)
    return event.params.get(f"{key}_names", {}).get(language, value)
