"""Owns which verbs are done on many tickets at once: one table, each row leading to the ticket's own verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.expressions import N_
from tickets import conversation
from tickets.access import Actor
from tickets.permissions import Permission
from tickets.runtime import Runtime


class Asks(StrEnum):
    """What an action needs to know besides the tickets."""

    NOTHING = ""
    PERSON = "person"
    TEXT = "text"
    PRIORITY = "priority"
    TAG = "tag"
    TICKET = "ticket"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed for an action, unchecked: the verbs check it."""

    person: str = ""
    text: str = ""
    priority: str = ""
    tag: str = ""
    ticket: str = ""
    until: str = ""


Act = Callable[[Runtime, Actor, str], object]
"""The verb on the ticket of this number, everything else given."""
Prepare = Callable[[Runtime, Actor, Given], Act]


@dataclass(frozen=True, slots=True)
class BulkVerb:
    """An action of the bar; whoever has any of the permissions is offered it, each ticket's own rules decide."""

    name: str
    text: str
    asks: tuple[Asks, ...]
    permissions: frozenset[Permission]
    prepare: Prepare


def offered(actor: Actor) -> list[BulkVerb]:
    """The actions that this person's bar has."""
    return [verb for verb in BULK.values() if any(actor.may(permission) for permission in verb.permissions)]


def _accept(_runtime: Runtime, _actor: Actor, _given: Given) -> Act:
    return conversation.accept


def _note(_runtime: Runtime, _actor: Actor, given: Given) -> Act:
    text = conversation.checked_body(given.text)
    return lambda runtime, actor, number: conversation.note(runtime, actor, number, text)


_WORKS, _NOTES = frozenset({Permission.WORK}), frozenset({Permission.NOTE})

BULK: Mapping[str, BulkVerb] = {
    verb.name: verb
    for verb in (
        BulkVerb("accept", N_("Accept"), (), _WORKS, _accept),
        BulkVerb("note", N_("Write a note"), (Asks.TEXT,), _NOTES, _note),
    )
}
"""In the bar's order."""
