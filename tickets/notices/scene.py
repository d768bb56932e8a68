"""Owns what has to be known of a batch of events to tell them: their tickets, tasks, copies and the roles around.

Read at once for the whole batch, each kind of fact in one statement and only if some event needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.copies import TicketCc
from tickets.notices.table import TABLE, Part
from tickets.people import Person
from tickets.permissions import Permission, Scope, permissions_in
from tickets.places import Place, ancestors
from tickets.roles import Membership, Queue, Role
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class Of:
    """The ticket of an event, as it is now."""

    id: int
    brand_id: int
    instance_id: int
    requester_id: int | None
    owner_id: int | None
    offered_to_id: int | None
    filed_by_id: int | None
    type_key: str
    path: str

    @property
    def root_id(self) -> int:
        return ancestors(self.path)[0]


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is open, or that was taken from its assignee in one of the events' moments."""

    id: int
    public_id: str
    name: str
    names: Mapping[str, str]
    assignee_id: int | None
    queue_key: int | None
    opened_at: datetime
    closed_at: datetime | None

    def params(self) -> dict[str, object]:
        return {"task": self.name, "task_names": dict(self.names), "task_id": self.public_id}


@dataclass
class Scene:
    """The facts by ticket (tasks by instance, holders by queue, those with a permission by place)."""

    tickets: dict[int, Of] = field(default_factory=dict)
    tasks: dict[int, list[Task]] = field(default_factory=lambda: defaultdict(list))
    copied: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    posts: list[_Post] = field(default_factory=list)

    def candidates(self, task: Task) -> set[int]:
        """Whose queues hold the task."""
        return {person for key in (task.queue_key, *self.keys[task.id]) if key for person in self.holders[key]}

    def nearest(self, permission: Permission, of: Of) -> list[int]:
        """Who holds it at the ticket's place, else at the nearest above where somebody does."""
        for place_id in reversed(ancestors(of.path)):
            held = (post for post in self.posts if post.place_id == place_id and permission in post.permissions)
            found = [post.person_id for post in held if post.brand_id in (of.brand_id, of.root_id)]
            if found:
                return list(dict.fromkeys(found))
        return []


@dataclass(frozen=True, slots=True)
class _Post:
    """One membership of a role that holds what is asked for; `brand_id` is the role's."""

    person_id: int
    place_id: int
    brand_id: int
    permissions: frozenset[Permission]


def nearest_to(session: Session, permission: Permission, place: Place, *, without: int | None) -> list[int]:
    """Who holds it at this place, else at the nearest above where somebody does; one person aside."""
    scene = Scene({0: Of(0, place.brand_id, 0, None, None, None, None, "", place.path)})
    _read_posts(session, scene, [permission])
    scene.posts = [post for post in scene.posts if post.person_id != without]
    return scene.nearest(permission, scene.tickets[0])


_ASKED = {
    Part.DISPATCHER: Permission.DISPATCH,
    Part.OPERATOR: Permission.OPERATE,
    Part.WAIVES: Permission.WAIVE,
    Part.PUBLISHES: Permission.DEPLOY,
}


def read_scene(session: Session, events: Sequence[TimelineEvent]) -> Scene:
    """What telling these events needs."""
    scene = Scene()
    parts = {part for event in events for part in TABLE[EventKind(event.kind)].parts}
    _read_tickets(session, scene, {event.ticket_id for event in events})
    if parts & {Part.WORK, Part.ROLE, Part.ASSIGNEE}:
        _read_tasks(session, scene, {event.at for event in events})
        _read_holders(session, scene, {event.at for event in events})
    if Part.CC in parts:
        copied = sa.select(TicketCc.ticket_id, TicketCc.person_id).where(TicketCc.ticket_id.in_(scene.tickets))
        for ticket_id, person_id in session.execute(copied.order_by(TicketCc.id)):
            scene.copied[ticket_id].append(person_id)
    if asked := {_ASKED[part] for part in parts if part in _ASKED}:
        _read_posts(session, scene, asked)
    return scene


def _read_tickets(session: Session, scene: Scene, ids: Collection[int]) -> None:
    columns = [getattr(Ticket, name) for name in Of.__slots__ if name not in ("type_key", "path")]
    query = (
        sa.select(*columns, TicketType.key, Place.path)
        .join(TicketType, TicketType.id == Ticket.type_id)
        .join(Place, Place.id == Ticket.place_id)
        .where(Ticket.id.in_(sorted(ids)))
    )
    scene.tickets.update((row[0], Of(*tuple(row))) for row in session.execute(query))


def _read_tasks(session: Session, scene: Scene, moments: Collection[datetime]) -> None:
    taken = sa.and_(UserTask.status == TaskStatus.CANCELLED, UserTask.closed_at.in_(sorted(moments)))
    columns = [getattr(UserTask, name) for name in Task.__slots__]
    query = (
        sa.select(UserTask.instance_id, *columns)
        .where(UserTask.instance_id.in_([of.instance_id for of in scene.tickets.values()]))
        .where(sa.or_(UserTask.status == TaskStatus.OPEN, taken))
        .order_by(UserTask.id)
    )
    for instance_id, task_id, public_id, *rest in session.execute(query):
        scene.tasks[instance_id].append(Task(task_id, str(public_id), *rest))


def _read_holders(session: Session, scene: Scene, moments: Collection[datetime]) -> None:
    """Whose queues the tasks wait in that were opened in these moments for nobody yet."""
    every = (task for tasks in scene.tasks.values() for task in tasks)
    waiting = [task for task in every if task.assignee_id is None and task.opened_at in moments and not task.closed_at]
    if not waiting:
        return
    also = sa.select(TaskCandidate.task_id, TaskCandidate.queue_key)
    for task_id, key in session.execute(also.where(TaskCandidate.task_id.in_([task.id for task in waiting]))):
        scene.keys[task_id].append(key)
    keys = {task.queue_key for task in waiting} | {key for more in scene.keys.values() for key in more}
    whose = sa.func.coalesce(Queue.person_id, Membership.person_id)
    member = sa.and_(Membership.role_id == Queue.role_id, Membership.place_id == Queue.place_id)
    query = (
        sa.select(Queue.id, whose)
        .outerjoin(Membership, member)
        .join(Person, Person.id == whose)
        .where(Queue.id.in_(sorted(key for key in keys if key)), Person.departed_at.is_(None))
    )
    for key, person_id in session.execute(query):
        scene.holders[key].append(person_id)


def _read_posts(session: Session, scene: Scene, asked: Iterable[Permission]) -> None:
    brands = {of.brand_id for of in scene.tickets.values()} | {of.root_id for of in scene.tickets.values()}
    roles: dict[int, tuple[int, frozenset[Permission]]] = {}
    for role in session.scalars(sa.select(Role).where(Role.brand_id.in_(sorted(brands)), Role.scope != Scope.OWN)):
        if held := permissions_in(role.permissions) & frozenset(asked):
            roles[role.id] = (role.brand_id, held)
    places = {place for of in scene.tickets.values() for place in ancestors(of.path)}
    query = (
        sa.select(Membership.person_id, Membership.place_id, Membership.role_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role_id.in_(roles), Membership.place_id.in_(sorted(places)), Person.departed_at.is_(None))
        .order_by(Membership.id)
    )
    for person_id, place_id, role_id in session.execute(query):
        scene.posts.append(_Post(person_id, place_id, *roles[role_id]))
