"""Owns how each thing that a story tells is done: by the verb that the page and the API use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from tickets import conversation, tasks
from tickets.access import Actor
from tickets.assigning import dispatching, passing, sharing
from tickets.assigning.passing import Target
from tickets.copying import add_copies
from tickets.demo.history import History
from tickets.demo.past import EVENING, HOME
from tickets.demo.pictures import picture
from tickets.demo.story import Act, Did
from tickets.family import merging, parents, tagging
from tickets.life import ending, facts, handing_over, pausing, rating, reopening, resolving
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.urging import answer_urge, urge

Doing = Callable[[History, int, Act], object]


def _complete(history: History, place: int, act: Act) -> None:
    values, actor = dict(act.values), history.actor(act.login)
    if values.get("release_on") == "":
        values["release_on"] = history.clock.now().astimezone(HOME).date().isoformat()
    if values.get("duplicate_of") == "":
        values["duplicate_of"] = history.alike(place)
    tasks.complete(history.runtime, actor, history.task(place, act.what), history.answer(actor, values))


def _claim(history: History, place: int, act: Act) -> None:
    tasks.claim(history.runtime, history.actor(act.login), history.task(place, act.what))


def _draft(history: History, place: int, act: Act) -> None:
    tasks.save_draft(history.runtime, history.actor(act.login), history.task(place, act.what), act.values)


def _consult(history: History, place: int, act: Act) -> None:
    people, question = [history.person_id(act.what)], act.values["text"]
    sharing.consult(history.runtime, history.actor(act.login), history.task(place), people, question)


def _transfer(history: History, place: int, act: Act) -> None:
    to = Target(person_id=history.person_id(act.what))
    why = act.values["text"]
    passing.transfer(history.runtime, history.actor(act.login), history.task(place), to, why)


def _answer_urge(history: History, place: int, act: Act) -> None:
    soon = history.clock.now() + timedelta(days=1)
    if not isinstance(act.when, datetime):
        tomorrow = history.past.now.astimezone(HOME).date() + timedelta(days=1)
        soon = datetime.combine(tomorrow, EVENING, HOME)
    answer_urge(history.runtime, history.actor(act.login), history.number(place), act.what, soon)


def _suspend(history: History, place: int, act: Act) -> None:
    until = history.past.now + timedelta(days=act.values["days"])
    pausing.suspend(history.runtime, history.actor(act.login), history.number(place), act.what, until)


def _rate(history: History, place: int, act: Act) -> None:
    rating.rate(history.runtime, history.actor(act.login), history.number(place), act.values["stars"], act.what)


def _tag(history: History, place: int, act: Act) -> None:
    tagging.add_tags(history.runtime, history.actor(act.login), history.number(place), [act.what])


def _hand_over(history: History, place: int, act: Act) -> None:
    to = history.person_id(act.what)
    handing_over.hand_over(
        history.runtime, history.actor(act.login), history.number(place), to, act.values.get("text", "")
    )


def _offer(history: History, place: int, act: Act) -> None:
    to = history.person_id(act.what)
    dispatching.offer(history.runtime, history.actor(act.login), history.number(place), to, note=act.values["text"])


def _merge(history: History, place: int, act: Act) -> None:
    merging.merge(history.runtime, history.actor(act.login), history.number(place), history.labelled(act.what))


def _belong(history: History, place: int, act: Act) -> None:
    parents.set_parent(history.runtime, history.actor(act.login), history.number(place), history.labelled(act.what))


def _copy(history: History, place: int, act: Act) -> None:
    with history.runtime.reading() as session:
        who = session.scalars(sa.select(Person.public_id).where(Person.login == act.what)).one()
    add_copies(history.runtime, history.actor(act.login), history.number(place), [who])


def _confirm(history: History, place: int, act: Act) -> None:
    ending.confirm(history.runtime, history.actor(act.login), history.number(place))


def _accept(history: History, place: int, act: Act) -> None:
    conversation.accept(history.runtime, history.actor(act.login), history.number(place))


def _saying(verb: Callable[..., object]) -> Doing:
    """A verb that takes a ticket, a text and files."""

    def say(history: History, place: int, act: Act) -> None:
        actor = history.actor(act.login)
        files = [picture(history.runtime, actor, name)["id"] for name in act.pictures]
        verb(history.runtime, actor, history.number(place), act.what, files)

    return say


def _giving(verb: Callable[[Runtime, Actor, str, str], object]) -> Doing:
    """A verb that takes a ticket and a reason."""
    return lambda history, place, act: verb(history.runtime, history.actor(act.login), history.number(place), act.what)


DOING: Mapping[Did, Doing] = {
    Did.COMPLETE: _complete,
    Did.CLAIM: _claim,
    Did.DRAFT: _draft,
    Did.CONSULT: _consult,
    Did.TRANSFER: _transfer,
    Did.ANSWER_URGE: _answer_urge,
    Did.SUSPEND: _suspend,
    Did.RATE: _rate,
    Did.TAG: _tag,
    Did.HAND_OVER: _hand_over,
    Did.OFFER: _offer,
    Did.MERGE: _merge,
    Did.BELONG: _belong,
    Did.COPY: _copy,
    Did.ACCEPT: _accept,
    Did.CONFIRM: _confirm,
    Did.REPLY: _saying(conversation.reply),
    Did.NOTE: _saying(conversation.note),
    Did.ASK: _saying(conversation.ask),
    Did.ANSWER: _saying(conversation.answer),
    Did.URGE: _giving(urge),
    Did.WITHDRAW: _giving(ending.withdraw),
    Did.CLOSE: _giving(ending.close),
    Did.DECLINE: _giving(handing_over.decline),
    Did.PRIORITY: _giving(facts.set_priority),
    Did.RESOLVE: _giving(resolving.resolve),
    Did.REOPEN: _giving(reopening.reopen),
}
