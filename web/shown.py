"""Owns what a ticket's page shows besides what was read of the ticket: its chosen task, what was typed and refused."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import request, url_for

from forms.views import Views, every_view
from tickets.copying import Copied
from tickets.family.reading import Family
from tickets.reading import Answers, Diagram, TaskView, TicketPage
from tickets.reading.events import EventView
from tickets.timeline import EventKind
from tickets.urges import Waiting
from web import filled
from web.context import me
from web.ids import uuid_or_none
from web.language import listed, named
from web.navigation import here


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows besides what was read: the chosen task's form, the answers as texts, the diagram's key."""

    page: TicketPage
    task: TaskView | None
    views: Views | None
    answers: Sequence[tuple[Answers, Sequence[filled.Told]]]
    typed: str
    error: str
    family: Family
    copied: Sequence[Copied]
    looked: bool = False
    refused: bool = False
    """Whether the form holds what was typed and refused: then nothing fetched anew may replace it."""
    urge: Waiting | None = None
    """The urge that the reader is to answer."""
    missing: Sequence[str] = ()
    """The evidence that the refused form lacks and that none of its fields shows."""

    @property
    def hides(self) -> bool:
        """Whether something sensitive is masked that the reader may look at."""
        return self.page.may_look and any(field.hidden for _, told in self.answers for field in told)

    @property
    def solution(self) -> Sequence[filled.Told]:
        """The fields of the form that answered the requester in the end; none where it was said in words."""
        found = self.page.solution
        return next((told for each, told in self.answers if found is not None and each is found.answers), ())

    @property
    def repeats(self) -> bool:
        """Whether the shown form tells the whole solution already, for its reader to say what they think of it."""
        views = every_view(self.views) if self.views is not None else ()
        read = {(view.path, filled.words_of(view)) for view in views if view.readonly and view.visible}
        return bool(self.solution) and all((each.path, each.words) in read for each in self.solution)

    @property
    def rest(self) -> Sequence[tuple[Answers, Sequence[filled.Told]]]:
        """The answers that are not shown as the solution."""
        found = self.page.solution
        return [(each, told) for each, told in self.answers if told and (found is None or each is not found.answers)]

    @property
    def said(self) -> Mapping[UUID, Sequence[filled.Told]]:
        """Of the rest, by task, what was answered in a step that the timeline says was completed."""
        completed = {event.task_id for event in self.page.events if event.kind is EventKind.COMPLETED}
        return {each.task_id: told for each, told in self.rest if each.task_id and each.task_id in completed}

    @property
    def lead(self) -> str:
        """What the head asks for before anything else: `accept` the ticket, `claim` the shown task, or nothing."""
        if self.page.may_accept:
            return "accept"
        owner, next_one = self.page.ticket.owner, self.task
        if next_one is None or owner is None or owner.id != me().person_id:
            return ""
        return "claim" if next_one.may_claim and not next_one.mine and not next_one.beside else ""

    def passed(self, task: TaskView) -> EventView | None:
        """How the task came to whoever has it: delegated to them, or back from whom they delegated it to."""
        kinds = {EventKind.DELEGATED, EventKind.RETURNED}
        told = (each for each in self.page.events if each.kind in kinds and each.task_id == task.public_id)
        last = next(iter(reversed(list(told))), None)
        if last is None or (last.kind is EventKind.DELEGATED) != (task.delegated_by is not None):
            return None
        return last if last.kind is EventKind.DELEGATED or (task.mine and not last.mine) else None

    @property
    def chosen(self) -> UUID | None:
        """The task that the address names, which the reader stays with."""
        if self.named is not None:
            return self.named.public_id
        return self.task.public_id if self.task is not None and "task" in request.args else None

    @property
    def named(self) -> TaskView | None:
        """The open task that the address names, where the reader has not its form: they give advice, say."""
        wanted = uuid_or_none(request.args.get("task", ""))
        return next((task for task in self.page.tasks if task.public_id == wanted and not task.may_complete), None)

    @property
    def others(self) -> list[TaskView]:
        """The open tasks that have no card of their own."""
        return [task for task in self.page.tasks if task is not self.task and task is not self.named]

    @property
    def prefix(self) -> str:
        """What the ids of the shown form begin with."""
        return prefix_of(self.task.public_id) if self.task else ""

    @property
    def address(self) -> str:
        """Where the page is fetched from anew; one that answers a POST has no address of its own."""
        if request.method == "GET":
            return here()
        return url_for("ticket.show", number=self.page.ticket.number, task=self.task.public_id if self.task else None)

    @property
    def here(self) -> str:
        """The steps that are under way, as a list in words."""
        return listed(dict.fromkeys(named(task.names, task.name) for task in self.page.tasks if not task.beside))

    @property
    def path_key(self) -> str:
        """Changes when the path does, so that a refreshed page draws the diagram anew only then."""
        path: Diagram | None = self.page.diagram
        marks = [sorted(part) for part in (path.done, path.current, path.calling, path.incidents)] if path else []
        return f"{zlib.crc32(repr(marks).encode()):08x}"


def prefix_of(task_id: UUID) -> str:
    """What the ids of a task's fields begin with."""
    return f"t{task_id.hex[-12:]}"
