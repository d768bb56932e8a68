"""Owns the demo's many old tickets that one call settled: filed, accepted and closed, dozens in one transaction.

Each takes the steps that the verbs take, by the engine; what they look up is looked up once, what they write gathered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine import instances
from forms import Form
from tickets import changing
from tickets.access import Actor
from tickets.apply import apply_all, write_derived
from tickets.case import CASE, Case, Site, Someone, case_from, site_of
from tickets.cause import Cause
from tickets.change import Change, Was, told
from tickets.conversation import accepted
from tickets.demo.past import HOME, Past
from tickets.demo.story import Settled, Story
from tickets.errors import FormInvalid
from tickets.filing import Filing, enter, first_step, new_case, terms_for
from tickets.offered_types import type_for
from tickets.service.policies import Terms
from tickets.steps import Plan, at_of, world_of
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from tickets.types import TicketType, form_of

if TYPE_CHECKING:
    from tickets.demo.history import History

TOGETHER = 40
Starting = tuple[TicketType, Form, Site]


@dataclass(frozen=True)
class Call:
    """An old ticket about to be written."""

    asks: Actor
    takes: Actor
    settled: Settled
    filing: Filing
    terms: Terms
    plan: Plan


def together(stories: Mapping[int, Story], past: Past) -> Iterator[dict[int, Story]]:
    """The settled ones of these stories, some dozens at a time, in the order in which they were filed.

    Lists go by the order in which tickets are written: those of one go are of one day, and no other lies between.
    """
    batch: dict[int, Story] = {}
    began: date | None = None
    for at, place in sorted((past.moment(story.when), place) for place, story in stories.items()):
        settled, day = stories[place].settled, at.astimezone(HOME).date()
        if batch and not (settled and day == began and len(batch) < TOGETHER):
            yield batch
            batch = {}
        if settled:
            batch[place], began = stories[place], day
    if batch:
        yield batch


def settle_calls(history: History, stories: Mapping[int, Story]) -> None:
    """Write them; their numbers have been given when they were filed. The clock shows afterwards what it did before."""
    now = history.clock.moment
    with history.runtime.reading() as session:
        calls = [_call(history, session, history.number(place), story) for place, story in stories.items()]
    with history.runtime.writing() as session, session.begin():
        moves = [enter(session, each.plan, each.filing, each.asks, each.terms) for each in calls]
        write_derived(session, moves)
        ids = [move.plan.case.ticket_id for move in moves]
        changing.write_all(session, [_taken(*pair) for pair in zip(calls, _cases(session, ids), strict=True)])
        cases = _cases(session, ids)
        apply_all(session, [_closed(history, session, *pair) for pair in zip(calls, cases, strict=True)])
    history.clock.moment = now


def _call(history: History, session: Session, number: str, story: Story) -> Call:
    assert story.settled is not None
    history.clock.moment = story.filed_at
    asks = history.actor(story.login)
    kind, form, site = _starting(history, session, asks, story.type_key)
    submission = history.answer(asks, history.values(story))(form, {})
    if not submission.ok:
        raise FormInvalid(submission)
    data, requester = dict(submission.values), Someone.of(asks)
    filing = Filing(kind, site, requester, subject=None, data=data, title="", start_id=None, number=number)
    case = new_case(history.runtime, filing)
    promised = (kind.id, site.brand_id)
    if promised not in history.terms:
        history.terms[promised] = terms_for(history.runtime, filing, case)
    terms = history.terms[promised]
    plan = first_step(session, history.runtime, filing, case, terms)
    return Call(asks, history.actor(story.settled.by), story.settled, filing, terms, plan)


def _starting(history: History, session: Session, asks: Actor, type_key: str) -> Starting:
    """What they file with; it does not change while the past is played."""
    wanted = (asks.person_id, type_key)
    if wanted not in history.starting:
        kind = type_for(session, asks, asks, type_key)
        form = form_of(session, kind.start_form_digest or "")
        history.starting[wanted] = (kind, form, site_of(session, asks.place_id))
    return history.starting[wanted]


def _cases(session: Session, ids: Sequence[int]) -> list[Case]:
    """How these tickets stand now, in their order."""
    rows = session.connection().execute(CASE.where(Ticket.id.in_(ids)).order_by(Ticket.id))
    return [case_from(tuple(row)) for row in rows]


def _taken(call: Call, case: Case) -> Change:
    was, at = Was.of_case(case), call.settled.accepted_at
    event = told(was, EventKind.ACCEPTED, call.takes, at, public=True)
    return Change(was, at, call.takes, accepted(was, call.takes.person_id, at), [event])


def _closed(history: History, session: Session, call: Call, case: Case) -> tuple[Plan, Cause]:
    """As `tickets.life.ending` ends a ticket before its process does."""
    history.clock.moment = call.settled.closed_at
    world = world_of(session, case, history.runtime)
    step = instances.cancel(call.plan.step.live, at_of(case), world=world)
    said: dict[str, Any] = {"why": call.settled.said}
    event = told(Was.of_case(case), EventKind.CLOSED, call.takes, step.now, public=True, **said)
    return Plan(case, step, call.plan.blueprint), Cause(call.takes, decided=Status.CLOSED, told=[event])
