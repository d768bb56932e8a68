"""Owns filing: a new ticket by a person's answers to the start form, or by what starts its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances, record
from engine.database import NEVER
from engine.expressions import N_, Message
from engine.spiff.build import Blueprint
from engine.step import Step, StepFailed, Values
from tickets import lineage
from tickets.access import Actor, visible_subjects
from tickets.apply import Move, once, write_derived
from tickets.assigning.rulebook import current_version
from tickets.assigning.starting import begin_with, offer_made
from tickets.at_start import MAX_TITLE, owner_of, title_of
from tickets.attaching import attach_values
from tickets.callers import Channel, caller_actor, caller_for
from tickets.case import About, Case, Site, Someone, about, site_of
from tickets.cause import Cause
from tickets.change import Was
from tickets.errors import FormInvalid, Invalid, NotFound
from tickets.numbers import next_number
from tickets.offered_types import type_for
from tickets.places import check_open
from tickets.runtime import Runtime
from tickets.service.following import begin
from tickets.service.policies import Terms, terms_of
from tickets.service.promising import due_times
from tickets.steps import Plan, blueprint_of, run_step, world_of
from tickets.subjects import Subject
from tickets.tasks import Answer
from tickets.texts import line_problem
from tickets.ticket import Priority, Status, Ticket
from tickets.timeline import EventKind, event_row
from tickets.types import EMPTY_FORM, TicketType, form_of


@dataclass(frozen=True)
class Filing:
    """Everything a new ticket begins with."""

    kind: TicketType
    site: Site
    requester: Someone | None
    subject: About | None
    data: Values
    title: str
    start_id: str | None
    number: str
    public: bool = True
    cause: str = ""
    """What started it, if no person filed it; `cause_names` is what other languages call that."""
    cause_names: Mapping[str, str] = field(default_factory=dict)
    effect: str = ""
    left: int | None = None
    write_first: Callable[[Session], None] = lambda _: None
    write_last: Callable[[Session, int], None] = lambda _session, _ticket_id: None
    """What else is written in the same transaction, before the ticket (and may raise) or after it."""
    channel: str = ""
    """How its requester reached whoever filed it for them."""

    def told(self) -> dict[str, Any]:
        """What the timeline says of it."""
        names = {"cause_names": dict(self.cause_names)} if self.cause_names else {}
        by = {"channel": self.channel} if self.channel else {}
        return {"cause": self.cause, **names} if self.cause else by


def file_ticket(
    runtime: Runtime,
    actor: Actor,
    *,
    type_key: str,
    answer: Answer,
    title: str | None = None,
    subject_id: UUID | None = None,
    requester: UUID | str | None = None,
    channel: Channel | None = None,
) -> str:
    """A ticket of that type for the actor, with the start form's values; its number.

    For another `requester` (an id, login or phone) it belongs to their place. Raises NotFound (the type, the subject or
    the requester), Forbidden (not for their roles), FormInvalid, Invalid.
    """
    with runtime.reading() as session:
        caller = caller_for(session, actor, requester) if requester is not None else None
        asks = caller_actor(session, caller) if caller is not None else actor
        kind = type_for(session, actor, asks, type_key)
        form = form_of(session, kind.start_form_digest) if kind.start_form_digest else EMPTY_FORM
        submission = answer(form, {})
        if not submission.ok:
            raise FormInvalid(submission)
        subject = _subject(session, actor, subject_id) if subject_id is not None else None
        check_open(session, actor.place_id)
        site = site_of(session, asks.place_id)
    filing = Filing(
        kind=kind,
        site=site,
        requester=Someone.of(asks),
        subject=subject,
        data=dict(submission.values),
        title=_checked_title(title),
        start_id=None,
        number=next_number(runtime, kind.prefix),
        channel=channel.value if channel is not None and asks.person_id != actor.person_id else "",
    )
    return start_ticket(runtime, actor, filing)


def start_ticket(runtime: Runtime, actor: Actor | None, filing: Filing) -> str:
    """Starts the instance and writes its ticket; its number. Raises Invalid if the process fails at its first step."""
    case = new_case(runtime, filing)
    terms = terms_for(runtime, filing, case)

    def plan(session: Session) -> Plan:
        return first_step(session, runtime, filing, case, terms)

    def write(session: Session, planned: Plan) -> str:
        return _write_new(session, planned, filing, actor, terms)

    try:
        return run_step(runtime, plan, write)
    except StepFailed as error:
        raise Invalid(_cannot_start(runtime, filing, error)) from None


def first_step(session: Session, runtime: Runtime, filing: Filing, case: Case, terms: Terms) -> Plan:
    """The step that a new ticket begins with; nothing is written. Raises StepFailed."""
    blueprint = blueprint_of(session, runtime, filing.kind.definition_id)
    world = world_of(session, case, runtime)
    owner = owner_of(blueprint, session, case, world, filing.data)
    known = replace(
        case, owner=owner, rules_version=current_version(session), created_at=world.now, **due_times(terms, world)
    )
    titled = replace(known, title=filing.title or title_of(blueprint, known, world, filing.kind.name, filing.data))
    start_id = filing.start_id or _first_start(blueprint)
    world = replace(world_of(session, titled, runtime), now=world.now)
    step = instances.start(blueprint, case.definition_id, data=filing.data, world=world, start_id=start_id)
    return Plan(titled, step, blueprint)


def terms_for(runtime: Runtime, filing: Filing, case: Case) -> Terms:
    """What is promised of the new ticket."""
    site = filing.site
    whose = {"brand_id": site.brand_id, "root_id": site.root_id}
    with runtime.reading() as session:
        file = blueprint_of(session, runtime, filing.kind.definition_id).compiled.process.settings
        return terms_of(session, type_key=filing.kind.key, priority=case.priority, file=file, **whose)


def _cannot_start(runtime: Runtime, filing: Filing, error: StepFailed) -> Message:
    with runtime.reading() as session:
        node = blueprint_of(session, runtime, filing.kind.definition_id).compiled.node(error.element)
    params = {"element": node.name or node.id if node is not None else error.element, "reason": error.reason}
    text = N_("This ticket type can't start: it stops at “%(element)s”: %(reason)s Tell whoever looks after it.")
    return Message(text, params)


def _write_new(session: Session, plan: Plan, filing: Filing, actor: Actor | None, terms: Terms) -> str:
    move = enter(session, plan, filing, actor, terms)
    write_derived(session, [move])
    filing.write_last(session, move.plan.case.ticket_id)
    return filing.number


def enter(session: Session, plan: Plan, filing: Filing, actor: Actor | None, terms: Terms) -> Move:
    """Writes the rows of the new ticket and its instance; what follows from its first step is still to be written."""
    cause = Cause(actor, effect=filing.effect, left=filing.left)
    once(session, cause, plan.step.now)
    filing.write_first(session)
    connection = session.connection()
    step = plan.step
    case, cause = begin_with(session, plan, cause, data=filing.data)
    number, brand = filing.number, case.site.brand_id
    instance_id = record.insert_instance(connection, step, brand_id=brand, business_key=number)
    lineage.enter(session, filing.effect, instance_id, step.now)
    row = {**_ticket_row(case, filing, step, actor), "instance_id": instance_id}
    ticket_id = int(connection.execute(sa.insert(Ticket).returning(Ticket.id), [row]).scalar_one())
    if actor is not None:
        attach_values(session, actor, ticket_id, step.data, public=True)
    placed = replace(plan, case=replace(case, ticket_id=ticket_id, instance_id=instance_id))
    begin(session, Was.of_case(placed.case), terms, case.site.zone, case.site.root_id)
    filed = event_row(
        ticket_id,
        brand,
        EventKind.FILED,
        actor_id=actor.person_id if actor else None,
        at=step.now,
        public=filing.public,
        via=actor.via if actor else "system",
        token=actor.token if actor else "",
        params=filing.told(),
        on_behalf_of_id=_on_behalf_of(filing, actor),
    )
    return Move(placed, offer_made(session, placed.case, cause, step.now), [filed])


def _on_behalf_of(filing: Filing, actor: Actor | None) -> int | None:
    """Whom the person who files it files it for, if not for themselves."""
    asks = filing.requester
    return asks.id if actor is not None and asks is not None and asks.id != actor.person_id else None


def _ticket_row(case: Case, filing: Filing, step: Step, actor: Actor | None) -> dict[str, Any]:
    return {
        "number": filing.number,
        "brand_id": case.site.brand_id,
        "place_id": case.site.id,
        "type_id": filing.kind.id,
        "definition_id": case.definition_id,
        "title": case.title,
        "requester_id": case.requester.id if case.requester else None,
        "filed_by_id": actor.person_id if actor else None,
        "owner_id": case.owner.id if case.owner else None,
        "accepted_at": step.now if case.owner else None,
        "offered_to_id": case.offered_to_id,
        "subject_id": filing.subject.id if filing.subject else None,
        "priority": case.priority,
        "status": case.status,
        "data": step.data,
        "form_digest": filing.kind.start_form_digest,
        "due_at": case.due_at,
        "response_due_at": case.response_due_at,
        "created_at": step.now,
        "updated_at": step.now,
    }


def new_case(runtime: Runtime, filing: Filing) -> Case:
    """What is known of a ticket before it is written."""
    return Case(
        ticket_id=0,
        instance_id=0,
        definition_id=filing.kind.definition_id,
        type_id=filing.kind.id,
        revision=0,
        instance_status="active",
        number=filing.number,
        title="",
        status=Status.UNASSIGNED,
        priority=Priority.NORMAL,
        created_at=runtime.clock.now(),
        due_at=NEVER,
        site=filing.site,
        requester=filing.requester,
        owner=None,
        about=filing.subject,
    )


def _first_start(blueprint: Blueprint) -> str | None:
    start = blueprint.compiled.process.start()
    return start.id if start is not None else None


def _subject(session: Session, actor: Actor, subject_id: UUID) -> About:
    found = about(session, Subject.public_id == subject_id, visible_subjects(actor))
    if found is None:
        raise NotFound(N_("This subject"))
    return found[0]


def _checked_title(title: str | None) -> str:
    text = " ".join((title or "").split())
    if text and (problem := line_problem(text, MAX_TITLE)):
        raise Invalid(Message(N_("The title can't be kept: %(problem)s"), {"problem": problem}))
    return text
