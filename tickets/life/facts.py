"""Owns a ticket's plain facts that people correct: its priority and its title."""

from __future__ import annotations

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.errors import Invalid
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.runtime import Runtime
from tickets.texts import line_problem
from tickets.ticket import Priority
from tickets.timeline import EventKind

TITLE_LIMIT = 200


def set_priority(runtime: Runtime, actor: Actor, number: str, priority: str) -> None:
    """How soon it must be done; the requester doesn't see who changed it. Raises Invalid for an unknown one."""
    if priority not in set(Priority):
        raise Invalid(Message(N_("There is no such priority; choose one of the list.")))
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.PRIORITY), runtime.clock.now()
        was = Was.of(ticket)
        if was.priority == priority:
            return
        params = {"from": was.priority, "to": priority}
        event = told(was, EventKind.PRIORITY, actor, now, public=False, **params)
        changing.write(session, Change(was, now, actor, {"priority": priority}, [event]))


def retitle(runtime: Runtime, actor: Actor, number: str, title: str) -> None:
    """What the ticket is called from now on. Raises Invalid."""
    text = " ".join(title.split())
    if problem := line_problem(text, TITLE_LIMIT):
        raise Invalid(Message(N_("The title can't be kept: %(problem)s"), {"problem": problem}))
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.RETITLE), runtime.clock.now()
        was = Was.of(ticket)
        if was.title == text:
            return
        event = told(was, EventKind.TITLE, actor, now, public=True, **{"from": was.title})
        changing.write(session, Change(was, now, actor, {"title": text}, [event]))
