"""Owns whom an event is told to: the people behind each part of the table, without who did it or may not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tickets.notices.scene import Of, Scene, Task
from tickets.notices.table import FEW, STATUSES_TOLD, TABLE, Part
from tickets.permissions import Permission
from tickets.timeline import EventKind, TimelineEvent

HEARD = "heard"
"""Of an event: the ids of those who hear of the same by another one."""


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody who is to be told, as what, and the task it is about if it is one of theirs."""

    person_id: int
    part: Part
    params: Mapping[str, object] = field(default_factory=dict)


def hearers(event: TimelineEvent, scene: Scene) -> dict[int, Hearer]:
    """Who is to be told of this event, each by the first part they have in it."""
    of = scene.tickets[event.ticket_id]
    found: dict[int, Hearer] = {}
    without = {event.actor_id, *event.params.get(HEARD, ())}
    for part in TABLE[EventKind(event.kind)].parts:
        for one in _PARTS[part](event, of, scene):
            if one.person_id not in without and _may_know(event, of, one):
                found.setdefault(one.person_id, one)
    return found


def worth_telling(event: TimelineEvent) -> bool:
    """Whether anybody at all may be told; an urge merged into one that waits was told with that."""
    if event.kind == EventKind.STATUS and event.params.get("to") not in STATUSES_TOLD:
        return False
    return event.kind in TABLE and not event.params.get("merged")


def works_on(of: Of, scene: Scene, person_id: int) -> bool:
    """Whether they have to do with the ticket, wherever they belong."""
    tasks = scene.tasks[of.instance_id]
    return person_id in (of.requester_id, of.owner_id, of.offered_to_id, *(task.assignee_id for task in tasks))


def _may_know(event: TimelineEvent, of: Of, one: Hearer) -> bool:
    """What is not public stays from the requester, except a task of their own, and from those only in copy."""
    return event.public or one.part is Part.WORK or (one.person_id != of.requester_id and one.part is not Part.CC)


Finder = Callable[[TimelineEvent, Of, Scene], Iterator[Hearer]]


def _by_param(part: Part, name: str) -> Finder:
    def find(event: TimelineEvent, _of: Of, _scene: Scene) -> Iterator[Hearer]:
        if isinstance(person_id := event.params.get(name), int):
            yield Hearer(person_id, part)

    return find


def _by_column(part: Part, name: str) -> Finder:
    def find(_event: TimelineEvent, of: Of, _scene: Scene) -> Iterator[Hearer]:
        if (person_id := getattr(of, name)) is not None:
            yield Hearer(person_id, part)

    return find


def _opened(event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Task]:
    return (task for task in scene.tasks[of.instance_id] if task.opened_at == event.at and task.closed_at is None)


def _work(event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    for task in _opened(event, of, scene):
        if task.assignee_id is not None:
            yield Hearer(task.assignee_id, Part.WORK, task.params())


def _role(event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    for task in _opened(event, of, scene):
        if task.assignee_id is None and len(people := scene.candidates(task)) <= FEW:
            yield from (Hearer(each, Part.ROLE, task.params()) for each in sorted(people - {of.requester_id}))


def _assignees(event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    for task in scene.tasks[of.instance_id]:
        if task.assignee_id is not None and task.closed_at in (None, event.at):
            yield Hearer(task.assignee_id, Part.ASSIGNEE)


def _copied(_event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    return (Hearer(person_id, Part.CC) for person_id in scene.copied[of.id])


def _dispatchers(event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    """Only while nobody answers for it and nobody was asked to."""
    if event.params.get("to_id") is None and of.owner_id is None and of.offered_to_id is None:
        for person_id in scene.nearest(Permission.DISPATCH, of)[:FEW]:
            yield Hearer(person_id, Part.DISPATCHER)


def _operators(_event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    return (Hearer(person_id, Part.OPERATOR) for person_id in scene.nearest(Permission.OPERATE, of)[:FEW])


def _waivers(_event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    return (Hearer(person_id, Part.WAIVES) for person_id in scene.nearest(Permission.WAIVE, of)[:FEW])


def _publishers(_event: TimelineEvent, of: Of, scene: Scene) -> Iterator[Hearer]:
    return (Hearer(person_id, Part.PUBLISHES) for person_id in scene.nearest(Permission.DEPLOY, of)[:FEW])


_PARTS: Mapping[Part, Finder] = {
    Part.NAMED: _by_param(Part.NAMED, "to_id"),
    Part.LEFT: _by_param(Part.LEFT, "from_id"),
    Part.REQUESTER: _by_column(Part.REQUESTER, "requester_id"),
    Part.OWNER: _by_column(Part.OWNER, "owner_id"),
    Part.WORK: _work,
    Part.ROLE: _role,
    Part.ASSIGNEE: _assignees,
    Part.CC: _copied,
    Part.DISPATCHER: _dispatchers,
    Part.OPERATOR: _operators,
    Part.SUPERIOR: _by_param(Part.SUPERIOR, "superior_id"),
    Part.WAIVES: _waivers,
    Part.PUBLISHES: _publishers,
}
