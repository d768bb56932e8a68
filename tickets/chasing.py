"""Owns that nobody chases themselves: what a late step opens for a superior goes to somebody above who has the step."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Node, Scope
from engine.definitions.stored import Compiled
from engine.models import TaskStatus, UserTask

_MEANT = "superior_of"


def chased(compiled: Compiled, element: str) -> str:
    """The user task that this one chases: a timer on it, which lets it go on, opens this one for a superior.

    Empty for any other task, also for one that such a timer opens for somebody in particular.
    """
    node = compiled.node(element)
    if node is None or node.work is None or node.work.assignee is None or _MEANT not in node.work.assignee.text:
        return ""
    processes = (compiled.process, *compiled.called.values())
    scopes = (scope for process in processes for scope in process.scope.scopes() if node in scope.nodes)
    return next((step for scope in scopes if (step := _late(scope, node))), "")


def has_step(session: Session, instance_id: int, element: str, person_id: int) -> bool:
    """Whether that step is open and theirs."""
    theirs = sa.select(UserTask.id).where(
        UserTask.instance_id == instance_id,
        UserTask.element == element,
        UserTask.assignee_id == person_id,
        UserTask.status == TaskStatus.OPEN,
    )
    return session.scalars(theirs.limit(1)).first() is not None


def _late(scope: Scope, node: Node) -> str:
    """The user task from whose timer a flow leads to the node."""
    before = {flow.source for flow in scope.flows if flow.target == node.id}
    hosts = {each.attached_to for each in scope.nodes if each.id in before and _goes_on(each)}
    return next((each.id for each in scope.nodes if each.id in hosts and each.kind is Kind.USER), "")


def _goes_on(node: Node) -> bool:
    timer = node.event is not None and node.event.kind is EventKind.TIMER
    return timer and node.kind is Kind.BOUNDARY and not node.interrupting
