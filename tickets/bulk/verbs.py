"""Owns which verbs are done on many tickets at once: one table, each row leading to the ticket's own verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from engine.expressions import N_, Message
from tickets import conversation
from tickets.access import Actor
from tickets.assigning import passing
from tickets.assigning.dispatching import assign
from tickets.assigning.picking import Purpose, picked
from tickets.copying import add_copies
from tickets.errors import Invalid
from tickets.family.merging import merge
from tickets.family.tagging import add_tags
from tickets.life.ending import close
from tickets.life.facts import set_priority
from tickets.life.handing_over import hand_over
from tickets.life.pausing import resume, suspend
from tickets.life.resolving import resolve
from tickets.permissions import Permission
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.ticket import Priority


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
"""The verb on the ticket of this number, or on the task of this public id, everything else given."""
Prepare = Callable[[Runtime, Actor, Given], Act]


@dataclass(frozen=True, slots=True)
class BulkVerb:
    """An action of the bar; whoever has any of the permissions is offered it, each ticket's own rules decide.

    `of_tasks`: it is done on the tasks of an inbox's rows, so that a ticket's other tasks stay where they are.
    """

    name: str
    text: str
    asks: tuple[Asks, ...]
    permissions: frozenset[Permission]
    prepare: Prepare
    of_tasks: bool = False


def offered(actor: Actor, *, with_tasks: bool = False) -> list[BulkVerb]:
    """The actions that this person's bar has; `with_tasks`: the list's rows are tasks."""
    shown = (verb for verb in BULK.values() if with_tasks or not verb.of_tasks)
    return [verb for verb in shown if any(actor.may(permission) for permission in verb.permissions)]


def _plainly(verb: Act) -> Prepare:
    """A verb that needs nothing but the ticket."""
    return lambda _runtime, _actor, _given: verb


def _with_text(verb: Callable[[Runtime, Actor, str, str], object]) -> Prepare:
    """A verb that needs a reason."""

    def prepare(_runtime: Runtime, _actor: Actor, given: Given) -> Act:
        text = conversation.checked_body(given.text)
        return lambda runtime, actor, number: verb(runtime, actor, number, text)

    return prepare


def _hand_over(runtime: Runtime, actor: Actor, given: Given) -> Act:
    with runtime.reading() as session:
        to_id = picked(session, actor, given.person).id
    return lambda runtime, actor, number: hand_over(runtime, actor, number, to_id, given.text)


def _transfer(runtime: Runtime, actor: Actor, given: Given) -> Act:
    why = checked_reason(given.text)
    with runtime.reading() as session:
        to = passing.Target(picked(session, actor, given.person).id)
    return lambda runtime, actor, task: passing.transfer(runtime, actor, UUID(task), to, why)


def _priority(_runtime: Runtime, _actor: Actor, given: Given) -> Act:
    if given.priority not in set(Priority):
        raise Invalid(Message(N_("Choose a priority.")))
    return lambda runtime, actor, number: set_priority(runtime, actor, number, given.priority)


def _assign(runtime: Runtime, actor: Actor, given: Given) -> Act:
    with runtime.reading() as session:
        to_id = picked(session, actor, given.person).id
    return lambda runtime, actor, number: assign(runtime, actor, number, to_id, note=given.text)


def _copy_to(runtime: Runtime, actor: Actor, given: Given) -> Act:
    with runtime.reading() as session:
        people = [picked(session, actor, given.person, Purpose.ANYONE).public_id]
    return lambda runtime, actor, number: add_copies(runtime, actor, number, people)


def _tag(_runtime: Runtime, _actor: Actor, given: Given) -> Act:
    if not given.tag.strip():
        raise Invalid(Message(N_("Write the tag first.")))
    return lambda runtime, actor, number: add_tags(runtime, actor, number, [given.tag])


def _merge(_runtime: Runtime, _actor: Actor, given: Given) -> Act:
    into = given.ticket.strip()
    if not into:
        raise Invalid(Message(N_("Write the number of the ticket into which the others go.")))
    return lambda runtime, actor, number: merge(runtime, actor, number, into)


_P = Permission
_WORKS, _NOTES, _DISPATCHES = frozenset({_P.WORK}), frozenset({_P.NOTE}), frozenset({_P.DISPATCH})
_HANDS = _WORKS | _DISPATCHES

BULK: Mapping[str, BulkVerb] = {
    verb.name: verb
    for verb in (
        BulkVerb("accept", N_("Accept"), (), _WORKS, _plainly(conversation.accept)),
        BulkVerb("assign", N_("Assign"), (Asks.PERSON, Asks.TEXT), _DISPATCHES, _assign),
        BulkVerb("transfer", N_("Transfer"), (Asks.PERSON, Asks.TEXT), _HANDS, _transfer, of_tasks=True),
        BulkVerb("hand_over", N_("Hand over"), (Asks.PERSON, Asks.TEXT), _HANDS, _hand_over),
        BulkVerb("priority", N_("Priority"), (Asks.PRIORITY,), _HANDS, _priority),
        BulkVerb("tag", N_("Tag"), (Asks.TAG,), _HANDS, _tag),
        BulkVerb("cc", N_("Put in copy"), (Asks.PERSON,), _HANDS, _copy_to),
        BulkVerb("note", N_("Write a note"), (Asks.TEXT,), _NOTES, _with_text(conversation.note)),
        BulkVerb("suspend", N_("Suspend"), (Asks.TEXT,), _HANDS, _with_text(suspend)),
        BulkVerb("resume", N_("Resume"), (), _HANDS, _plainly(resume)),
        BulkVerb("resolve", N_("Resolve"), (Asks.TEXT,), _WORKS, _with_text(resolve)),
        BulkVerb("merge", N_("Merge"), (Asks.TICKET,), _HANDS, _merge),
        BulkVerb("close", N_("Close"), (Asks.TEXT,), _HANDS, _with_text(close)),
    )
}
"""In the bar's order."""
