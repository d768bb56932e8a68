"""Owns events of other systems (CloudEvents 1.0): each is taken in once, and does what its type means here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from engine.expressions import N_, Message
from tickets import received_events
from tickets.actor import Actor
from tickets.departing import depart, undo_latest
from tickets.departing.aftermath import DEPARTED, RETURNED
from tickets.departing.plan import Wish
from tickets.errors import Invalid
from tickets.messages import send
from tickets.runtime import Runtime
from tickets.texts import line_problem

MOST_SOURCE, MOST_ID = 512, 255


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event: `source` and `id` together name it, `type` says what happened, `subject` to what, `data` more."""

    id: str
    source: str
    type: str
    subject: str
    data: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Of all that an event says besides its name."""
        said = [self.type, self.subject, self.data]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it: `departing`, `returned`, `correlated`, `started` or `kept`; the same again: `again`."""

    outcome: str
    ticket: str | None = None
    departure: str | None = None
    again: bool = False


def take_in(runtime: Runtime, actor: Actor, event: Incoming) -> Taken:
    """Do what the event means, once for its source and id within 30 days; after that the first answer again.

    Raises Invalid, Forbidden, NotFound, Conflict: then nothing was done, and the event may be sent again.
    """
    _check(event)
    whose: dict[str, Any] = {"brand_id": actor.brand_id, "source": event.source, "event_id": event.id}
    with runtime.writing() as session, session.begin():
        before = received_events.recall(session, digest=event.digest, now=runtime.clock.now(), **whose)
    if before is not None:
        return Taken(**before, again=True)
    try:
        taken = _MEANINGS.get(event.type, _message)(runtime, actor, event)
    except BaseException:
        with runtime.writing() as session, session.begin():
            received_events.forget(session, **whose)
        raise
    answer = {"outcome": taken.outcome, "ticket": taken.ticket, "departure": taken.departure}
    with runtime.writing() as session, session.begin():
        received_events.remember(session, answer=answer, **whose)
    return taken


def _check(event: Incoming) -> None:
    for name, text, limit in (("id", event.id, MOST_ID), ("source", event.source, MOST_SOURCE)):
        if problem := line_problem(text, limit):
            told = {"name": name, "problem": problem}
            raise Invalid(Message(N_("The event's “%(name)s” can't be kept: %(problem)s"), told))


def _departed(runtime: Runtime, actor: Actor, event: Incoming) -> Taken:
    made = depart(runtime, actor, _person(event), _wish(event.data.get("plan")), at=_moment(event.data.get("at")))
    return Taken("departing", departure=str(made))


def _returned(runtime: Runtime, actor: Actor, event: Incoming) -> Taken:
    return Taken("returned", departure=str(undo_latest(runtime, actor, _person(event))))


def _message(runtime: Runtime, actor: Actor, event: Incoming) -> Taken:
    sent = send(runtime, actor, name=event.type, key=event.subject, payload=event.data)
    return Taken("kept" if sent.number is None else "started" if sent.started else "correlated", sent.number)


_MEANINGS: Mapping[str, Callable[[Runtime, Actor, Incoming], Taken]] = {DEPARTED: _departed, RETURNED: _returned}
"""What is not here is a message to the processes."""


def _person(event: Incoming) -> UUID | str:
    """Whom it is about: `data.person` (an id), else `data.login`, else the event's subject."""
    if isinstance(given := event.data.get("person"), str) and given:
        try:
            return UUID(given)
        except ValueError:
            raise Invalid(Message(N_("data.person is not an id; send the person's login as data.login."))) from None
    login = event.data.get("login") or event.subject
    if not isinstance(login, str) or not login:
        raise Invalid(Message(N_("Say who it is: data.login, or data.person with an id.")))
    return login


def _moment(given: object) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(Message(N_("data.at is a moment with its zone, like 2026-11-30T18:00:00+08:00.")))
    return moment


def _wish(given: object) -> Wish:
    """A plan as JSON: {"default": "superior", "types": {"crash_report": "dispatch"}, "people": ["lina"] …}."""
    if given is None:
        return Wish()
    if not isinstance(given, Mapping):
        raise Invalid(_NO_PLAN)
    if unknown := sorted(given.keys() - _PLAN.keys()):
        raise Invalid(Message(N_("A plan has no member “%(name)s”."), {"name": unknown[0][:40]}))
    if not all(_PLAN[name](value) for name, value in given.items()):
        raise Invalid(_NO_PLAN)
    return Wish(**given)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_ways(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value.values()))


def _is_logins(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


_PLAN: Mapping[str, Callable[[object], bool]] = {
    "default": _is_text,
    "types": _is_ways,
    "alone": _is_text,
    "role": _is_text,
    "role_place": _is_text,
    "people": _is_logins,
}
_NO_PLAN = Message(N_("data.plan is an object of texts: default, types, alone, role, role_place, people (a list)."))
