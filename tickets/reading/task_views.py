"""Owns a ticket's open tasks as one reader sees them: whose each is, and what they may do with it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.models import UserTask
from tickets.access import Actor
from tickets.evidence.wanted import CONFIRMATION, is_mandatory, wanted_of
from tickets.reading.elements import Elements, asks_requester, beside, happens
from tickets.reading.people import Who
from tickets.reading.wanting import Wanting
from tickets.reading.work import Work
from tickets.shares import ShareKind, TaskShare
from tickets.sla import Sla, sla
from tickets.standing import Standing
from tickets.task_policy import TaskRelation, TaskVerb, task_allowed, task_fits


@dataclass(frozen=True, slots=True)
class TaskView:
    """An open task before its reader. `offered_to` names the role that may claim it, by language; `draft` is what was
    kept of a task that the reader may complete, for whoever does it in the end. One that `happens` is an event's, and
    asks whether it has; `beside`: it waits while others go on. `relations` are what the reader is to it, `verbs` what
    they may do with it now (`tickets.task_policy`), `shares` whom else it was shared with. `wanted` is the evidence it
    asks for, the least of each kind, which it can't be done without if it is `mandatory`; `wanting` is what a spot
    check found wrong when it was done before.
    """

    public_id: uuid.UUID
    name: str
    names: Mapping[str, str]
    element: str
    documentation: str
    settings: Mapping[str, str]
    happens: bool
    beside: bool
    assignee: Who | None
    offered_to: Mapping[str, str]
    delegated_by: Who | None
    shares: tuple[ShareView, ...]
    relations: frozenset[TaskRelation]
    verbs: frozenset[TaskVerb]
    claimed: bool
    mine: bool
    may_claim: bool
    may_complete: bool
    may_release: bool
    opened_at: datetime
    due: datetime | None
    sla: Sla | None
    form_digest: str | None
    draft: Mapping[str, Any] | None
    draft_at: datetime | None
    wanted: Mapping[str, int]
    mandatory: bool
    confirmations: tuple[ConfirmationView, ...]
    may_confirm: bool
    wanting: Wanting | None


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """Somebody's word that the step was done."""

    person: Who | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShareView:
    """Somebody who was asked about an open task or helps with it. `asks_me`: the reader's advice is waited for.

    `at` is when they were asked, or once they answered, when they did.
    """

    public_id: uuid.UUID
    kind: ShareKind
    person: Who | None
    by: Who | None
    question: str
    answer: str
    at: datetime
    open: bool
    asks_me: bool
    may_end: bool


def task_views(
    work: Work,
    people: Mapping[int, Who],
    actor: Actor,
    elements: Elements,
    held: Standing,
    *,
    now: datetime,
    oversees: bool,
) -> tuple[TaskView, ...]:
    """The open tasks, soonest due first; from outside only those that are or may be the reader's.

    `held`: what the reader is to the ticket; `oversees`: they are a dispatcher of its place.
    """
    seen = _Seen(work, people, actor, elements, held, now, oversees)
    shown = (task for task in work.open if held.inside or task.assignee_id == actor.person_id or task.id in work.offers)
    return tuple(_task_view(task, seen) for task in shown)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the views of all tasks of a page are made from."""

    work: Work
    people: Mapping[int, Who]
    actor: Actor
    elements: Elements
    held: Standing
    now: datetime
    oversees: bool


def current_task(tasks: Iterable[TaskView]) -> TaskView | None:
    """The one whose form is shown beside the ticket: mine first, else one I may claim."""
    mine_or_claimable = [task for task in tasks if task.may_complete]
    return min(mine_or_claimable, key=lambda task: (not task.mine, task.beside), default=None)


def _task_view(task: UserTask, seen: _Seen) -> TaskView:
    work, people, actor = seen.work, seen.people, seen.actor
    relations = _relations(task, work, actor, seen.elements, seen.held)
    verbs = _verbs(task, relations, oversees=seen.oversees)
    mine, may_do = task.assignee_id == actor.person_id, TaskVerb.COMPLETE in verbs
    return TaskView(
        public_id=task.public_id,
        name=task.name,
        names=task.names,
        element=task.element,
        documentation=task.documentation,
        settings=task.settings,
        happens=happens(seen.elements, task.element),
        beside=beside(seen.elements, task.element),
        assignee=people.get(task.assignee_id) if task.assignee_id is not None else None,
        offered_to=work.roles.get(task.id, {}) if task.assignee_id is None else {},
        delegated_by=people.get(task.delegated_by_id) if task.delegated_by_id is not None else None,
        shares=tuple(_share_view(share, people, actor, verbs) for share in work.shares if share.task_id == task.id),
        relations=relations,
        verbs=verbs,
        claimed=task.claimed_at is not None,
        mine=mine,
        may_claim=task.id in work.offers,
        may_complete=may_do,
        may_release=mine and task.claimed_at is not None and task.delegated_by_id is None,
        opened_at=task.opened_at,
        due=task.due,
        sla=sla(task.due, started=task.opened_at, now=seen.now),
        form_digest=task.form_digest,
        draft=task.draft if may_do else None,
        draft_at=task.draft_at if may_do else None,
        wanted=wanted_of(task.settings),
        mandatory=is_mandatory(task.settings),
        confirmations=_confirmation_views(task, work, people),
        may_confirm=_may_confirm(task, work, actor),
        wanting=work.wanting.get(task.id),
    )


def _confirmation_views(task: UserTask, work: Work, people: Mapping[int, Who]) -> tuple[ConfirmationView, ...]:
    given = (each for each in work.confirmations if each.task_id == task.id)
    return tuple(ConfirmationView(people.get(each.person_id), each.note, each.at) for each in given)


def _may_confirm(task: UserTask, work: Work, actor: Actor) -> bool:
    """Whether their word would count and they have not given it."""
    said = any(each.task_id == task.id and each.person_id == actor.person_id for each in work.confirmations)
    return CONFIRMATION in wanted_of(task.settings) and task.assignee_id != actor.person_id and not said


def _verbs(task: UserTask, relations: frozenset[TaskRelation], *, oversees: bool) -> frozenset[TaskVerb]:
    """What one who is this to the task may do with it."""
    allowed = (verb for verb in TaskVerb if task_allowed(verb, relations, oversees=oversees))
    asks = CONFIRMATION in wanted_of(task.settings)
    fitting = (verb for verb in allowed if asks or verb is not TaskVerb.ASK_CONFIRMATION)
    return frozenset(verb for verb in fitting if task_fits(verb, delegated=task.delegated_by_id is not None))


def _relations(task: UserTask, work: Work, actor: Actor, elements: Elements, held: Standing) -> frozenset[TaskRelation]:
    """What the reader is to the task, by owning its ticket too."""
    me, found = actor.person_id, {TaskRelation.OWNER} if held.owner else set()
    if task.assignee_id == me:
        asked = held.requester and asks_requester(elements, task.element)
        found.add(TaskRelation.REQUESTER if asked else TaskRelation.ASSIGNEE)
    if task.id in work.offers:
        found.add(TaskRelation.CANDIDATE)
    if task.delegated_by_id == me:
        found.add(TaskRelation.DELEGATOR)
    for share in work.shares:
        if share.task_id == task.id and share.person_id == me and share.closed_at is None:
            found.add(_RELATIONS[ShareKind(share.kind)])
    return frozenset(found)


_RELATIONS = {
    ShareKind.HELP: TaskRelation.HELPER,
    ShareKind.CONSULT: TaskRelation.CONSULTED,
    ShareKind.CONFIRM: TaskRelation.WITNESS,
}


def _share_view(share: TaskShare, people: Mapping[int, Who], actor: Actor, verbs: Collection[TaskVerb]) -> ShareView:
    waits = share.closed_at is None
    mine = share.person_id == actor.person_id
    consult = share.kind == ShareKind.CONSULT
    asker = share.by_id == actor.person_id or TaskVerb.HELP in verbs
    return ShareView(
        public_id=share.public_id,
        kind=ShareKind(share.kind),
        person=people.get(share.person_id),
        by=people.get(share.by_id),
        question=share.question,
        answer=share.answer,
        at=share.closed_at if share.answer and share.closed_at else share.at,
        open=waits,
        asks_me=waits and mine and consult,
        may_end=waits and (asker if share.kind != ShareKind.HELP else mine or TaskVerb.HELP in verbs),
    )
