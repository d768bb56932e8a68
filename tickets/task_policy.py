"""Owns who may do what with a task: one table of verbs, by what the person is to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.expressions import N_
from tickets.permissions import Permission


class TaskRelation(StrEnum):
    """What a person is to an open task; one may be several."""

    ASSIGNEE = "assignee"
    REQUESTER = "requester"  # it is theirs as the one who asked for the ticket
    CANDIDATE = "candidate"  # it waits in their queues, claimed by nobody
    HELPER = "helper"
    WITNESS = "witness"  # asked to confirm that it was done
    CONSULTED = "consulted"  # asked for advice that they have not given yet
    DELEGATOR = "delegator"  # it comes back to them
    OWNER = "owner"  # of the ticket


class TaskVerb(StrEnum):
    """What people do with a task (product.md, "A ticket"); the ticket's verbs are in `tickets.policy`."""

    CLAIM = "claim"
    RELEASE = "release"
    DRAFT = "draft"
    COMPLETE = "complete"
    TRANSFER = "transfer"
    DELEGATE = "delegate"
    RECALL = "recall"
    CONSULT = "consult"
    ADVISE = "advise"
    HELP = "help"
    LEAVE = "leave"
    STEP_BACK = "step_back"
    ASK_CONFIRMATION = "ask_confirmation"


@dataclass(frozen=True, slots=True)
class TaskRule:
    """Who: any of the relations, or whoever oversees the ticket's place with that permission.

    `delegated`: whether it is done with a delegated task (True), with one that is not (False) or with either (None).
    """

    relations: frozenset[TaskRelation]
    refusal: str
    oversees: Permission | None = None
    delegated: bool | None = None


_R = TaskRelation
_WORKS = frozenset({_R.ASSIGNEE, _R.CANDIDATE, _R.HELPER})
_ANSWERS = _WORKS | {_R.REQUESTER}
_ASSIGNEE = frozenset({_R.ASSIGNEE})

_MINE_ONLY = N_("Only whoever works on this task does this.")
_PASSES_ON = N_("Only whoever works on this task and dispatchers pass it on; ask one of them.")

TASK_POLICY: Mapping[TaskVerb, TaskRule] = {
    TaskVerb.CLAIM: TaskRule(frozenset({_R.CANDIDATE}), N_("This task does not wait for you.")),
    TaskVerb.RELEASE: TaskRule(_ASSIGNEE, N_("This task is not yours to release."), delegated=False),
    TaskVerb.DRAFT: TaskRule(_ANSWERS, _MINE_ONLY),
    TaskVerb.COMPLETE: TaskRule(_ANSWERS, _MINE_ONLY),
    TaskVerb.TRANSFER: TaskRule(_ASSIGNEE, _PASSES_ON, oversees=Permission.DISPATCH, delegated=False),
    TaskVerb.DELEGATE: TaskRule(_ASSIGNEE, _MINE_ONLY, delegated=False),
    TaskVerb.RECALL: TaskRule(
        frozenset({_R.DELEGATOR}), N_("Only who delegated this task takes it back."), delegated=True
    ),
    TaskVerb.CONSULT: TaskRule(
        _ASSIGNEE | {_R.OWNER}, N_("Only the owner and whoever works on this task ask for advice.")
    ),
    TaskVerb.ADVISE: TaskRule(frozenset({_R.CONSULTED}), N_("Nobody waits for your advice on this task.")),
    TaskVerb.HELP: TaskRule(_ASSIGNEE, _MINE_ONLY),
    TaskVerb.ASK_CONFIRMATION: TaskRule(
        _ASSIGNEE | {_R.OWNER, _R.HELPER}, N_("Only the owner and whoever works on this task ask for a confirmation.")
    ),
    TaskVerb.STEP_BACK: TaskRule(
        _ASSIGNEE | {_R.OWNER}, N_("Only who works on this task, and the ticket's owner, return it to an earlier step.")
    ),
    TaskVerb.LEAVE: TaskRule(frozenset({_R.HELPER}), N_("You don't help with this task.")),
}
"""Every verb of an open task. A delegated one is not passed on: it comes back to whoever delegated it. What a task asks
of the requester nobody answers for them: they complete it, and talk with the owner on the ticket.
"""
AS_REQUESTER = N_(
    "This task asks you, who filed the ticket: complete it, or write to whoever answers for the ticket if you can’t."
)


def task_allowed(verb: TaskVerb, relations: frozenset[TaskRelation], *, oversees: bool) -> bool:
    """Whether they are one who does this. `oversees`: whether the rule's permission reaches the ticket's place."""
    rule = TASK_POLICY[verb]
    above = oversees and _R.REQUESTER not in relations
    return bool(rule.relations & relations) or (rule.oversees is not None and above)


def task_refusal(verb: TaskVerb, relations: frozenset[TaskRelation]) -> str:
    """Why one who is this to the task does not do it, a msgid."""
    return AS_REQUESTER if _R.REQUESTER in relations else TASK_POLICY[verb].refusal


def task_fits(verb: TaskVerb, *, delegated: bool) -> bool:
    """Whether the task is as the verb needs it."""
    wanted = TASK_POLICY[verb].delegated
    return wanted is None or wanted == delegated
