"""Owns the demo's past as it is lived: its people act at past moments, and what falls due in between is done then."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from engine.clock import ManualClock
from engine.expressions import N_
from engine.models import Job, JobStatus, TaskStatus, Timer, UserTask
from forms import Form, Submission, parse_json
from tickets import deadlines, timers, work
from tickets.access import Actor
from tickets.actor import load_actor
from tickets.beat import DEADLINES, consequences, settle
from tickets.callers import Channel
from tickets.deadlines import Deadline
from tickets.demo.past import HOME, Past
from tickets.demo.pictures import picture
from tickets.demo.promises import CRASH, promise
from tickets.demo.settled import Starting, settle_calls, together
from tickets.demo.stories import STORIES
from tickets.demo.story import Story
from tickets.errors import DomainError, NotFound
from tickets.files import known_file
from tickets.filing import file_ticket
from tickets.notices.reading import read_all
from tickets.numbers import next_number
from tickets.people import Person
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.service.policies import Terms
from tickets.standards import starting
from tickets.standards.tables import Occurrence, Progress
from tickets.subjects import Subject
from tickets.tasks import Answer
from tickets.ticket import Ticket
from tickets.types import TicketType

log = structlog.get_logger()

CAUGHT_UP = "1 14:30"
"""What happened before is news to nobody."""
GATHERED = 150
"""Acts after which what follows from them is written, while it is news to nobody."""
AT_REST = timedelta(minutes=20)
"""So long after it happened people are told, lately."""
SOONEST = timedelta(minutes=7)
"""Nothing falls due sooner than this after what it waits for, except what people do."""

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
Moment = tuple[datetime, Callable[[], object]]


def live_through(
    runtime: Runtime, stories: Sequence[Story] = STORIES, besides: Callable[[History], Iterator[Moment]] | None = None
) -> History:
    """Let the demo's people promise, file and work as told, ending now. For a demo just loaded."""
    now = runtime.clock.now()
    clock = ManualClock(now)
    history = History(replace(runtime, clock=clock), clock, Past(now), stories)
    gc.collect()
    gc.freeze()
    gc.disable()  # what is made lives long or goes at once; looking for circles would take a fifth of the time
    try:
        history.unfold([*besides(history)] if besides else [])
    finally:
        gc.enable()
    return history


@dataclass
class History:
    """The demo as it was lived; its clock goes from the first ticket to now."""

    runtime: Runtime
    clock: ManualClock
    past: Past
    stories: Sequence[Story]
    numbers: dict[int, str] = field(default_factory=dict)
    """The tickets' numbers by their story's place in the table."""
    actors: dict[str, Actor] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """Why acts could not be done, if any."""
    starting: dict[tuple[int, str], Starting] = field(default_factory=dict)
    """What somebody begins a ticket of a type with, by who and the type's key."""
    terms: dict[tuple[int, int], Terms] = field(default_factory=dict)
    """What is promised, by type and brand."""
    quiet_until: datetime = LONG_AGO
    """Before that nothing falls due by itself."""

    def unfold(self, besides: Sequence[Moment]) -> None:
        """Do everything in the order in which it happened, and in between what falls due by itself."""
        script = sorted((*self._script(), *besides), key=lambda each: each[0])
        recent = self.past.moment(CAUGHT_UP)
        self.clock.moment = min(script[0][0], recent)
        self._promise()
        told_at = recent
        for done, (moment, do) in enumerate(script, start=1):
            if moment > self.past.now:
                break
            self._until(moment)
            self.clock.moment = moment
            self._try(do)
            if done % GATHERED == 0 or moment >= told_at + AT_REST:
                consequences(self.runtime)
                told_at = max(moment, recent)
        self._until(self.past.now)
        self.clock.moment = self.past.now
        settle(self.runtime)

    def _try(self, do: Callable[[], object]) -> None:
        """A demo that lacks one act is better than none: what others made impossible meanwhile is left out."""
        try:
            do()
        except DomainError as error:
            log.warning("left out of the demo", why=str(error), at=self.clock.now().isoformat())
            self.left_out.append(str(error))

    def _script(self) -> Iterator[Moment]:
        from tickets.demo.doing import DOING

        yield self.past.moment(CAUGHT_UP), self._catch_up
        for place, story in enumerate(self.stories):
            begin = self._reserve if story.settled else self._file
            yield self.past.moment(story.when), partial(begin, place, story)
            for act in story.acts:
                yield self.past.moment(act.when), partial(DOING[act.did], self, place, act)
        for calls in together(dict(enumerate(self.stories)), self.past):
            yield max(story.filed_at for story in calls.values()), partial(settle_calls, self, calls)

    def _until(self, moment: datetime) -> None:
        """Do what falls due by itself up to that moment, each at its own time."""
        while moment >= self.quiet_until and (due := self._soonest(moment)):
            at, tick = min(due, key=lambda each: each[0])
            self.clock.moment = max(at, self.clock.moment)
            if not tick(self.runtime):
                break

    def _soonest(self, until: datetime) -> list[tuple[datetime, Callable[[Runtime], int]]]:
        """What of each kind falls due first, up to that moment, and what does it."""
        with self.runtime.database.connect() as connection:
            found = connection.execute(_SOONEST).scalars().all()
        due = [(at, tick) for at, tick in zip(found, _TICKS, strict=True) if at is not None and at <= until]
        self.quiet_until = until if due else min((until + SOONEST, *(at for at in found if at is not None)))
        return due

    def _promise(self) -> None:
        admin = self.actor("admin")
        with self.runtime.reading() as session:
            group = session.get_one(Place, admin.root_id).public_id
        promise(self.runtime, self.actor, group)

    def _catch_up(self) -> None:
        """Everybody has read what they were told so far."""
        settle(self.runtime)
        told = {story.login for story in self.stories} | {act.login for story in self.stories for act in story.acts}
        for login in sorted(told | {"zhangwei"}):
            if actor := self.find(login):
                read_all(self.runtime, actor)

    def _reserve(self, place: int, story: Story) -> None:
        """The number of a ticket that is written later, with others."""
        self.numbers[place] = next_number(self.runtime, self.prefixes[story.type_key])

    def _file(self, place: int, story: Story) -> None:
        actor, values = self.actor(story.login), self.values(story)
        if story.pictures:
            values["attachments"] = [picture(self.runtime, actor, name) for name in story.pictures]
        self.numbers[place] = file_ticket(
            self.runtime,
            actor,
            type_key=story.type_key,
            answer=self.answer(actor, values),
            subject_id=self._subject(story.subject) if story.subject else None,
            requester=story.caller or None,
            channel=Channel.PHONE if story.caller else None,
        )

    def values(self, story: Story) -> dict[str, Any]:
        """What the start form was answered with, now."""
        values = dict(story.report)
        if story.type_key == CRASH:
            happened = self.clock.now().astimezone(HOME) - timedelta(minutes=20)
            happened -= timedelta(minutes=happened.minute % 5)  # as the form asks
            values["happened_at"] = happened.isoformat(timespec="minutes")
        return values

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """What the numbers of a type begin with, by its key."""
        with self.runtime.reading() as session:
            return {row[0]: row[1] for row in session.execute(sa.select(TicketType.key, TicketType.prefix))}

    def actor(self, login: str) -> Actor:
        """Who acts; what they may do is read once."""
        actor = self.find(login)
        assert actor, f"{login} works here"
        return actor

    def find(self, login: str) -> Actor | None:
        """The same, or None for somebody who has left."""
        if login not in self.actors:
            with self.runtime.reading() as session:
                actor = load_actor(session, self.person_id(login))
            if actor is None:
                return None
            self.actors[login] = actor
        return self.actors[login]

    def person_id(self, login: str) -> int:
        """Their id, departed or not."""
        if login not in self.people:
            with self.runtime.reading() as session:
                self.people = {row[0]: row[1] for row in session.execute(sa.select(Person.login, Person.id))}
        return self.people[login]

    def number(self, place: int) -> str:
        """The number of the ticket that the story at this place of the table began with."""
        if place not in self.numbers:
            raise NotFound(N_("This ticket"))
        return self.numbers[place]

    def labelled(self, label: str) -> str:
        """The number of the ticket of the story with this label."""
        return self.number(next(place for place, story in enumerate(self.stories) if story.label == label))

    def alike(self, place: int) -> str:
        """The number of the newest crash report before with the same symptom, of the same model if there is one."""
        wanted = self.stories[place].report
        before = [each for each in self.numbers if each != place and self.stories[each].type_key == CRASH]
        same = [each for each in before if self.stories[each].report["symptom"] == wanted["symptom"]]
        model = [each for each in same if self.stories[each].report["phone_model"] == wanted["phone_model"]]
        return self.numbers[(model or same or before)[-1]]

    def task(self, place: int, element: str = "") -> UUID:
        """The open task of that element; the first there is without one."""
        with self.runtime.database.connect() as connection:
            given = {"number": self.number(place), "element": element}
            found = connection.execute(_TASK if element else _FIRST_TASK, given).scalar()
        if found is None:
            raise NotFound(N_("This task"))
        return UUID(str(found))

    def answer(self, actor: Actor, values: Mapping[str, Any]) -> Answer:
        """Reads these values as the API would read theirs."""

        def known(public_id: str) -> dict[str, Any] | None:
            with self.runtime.reading() as session:
                return known_file(session, actor, public_id)

        def read(form: Form, before: Mapping[str, Any]) -> Submission:
            now = self.runtime.clock.now().astimezone(HOME)
            return parse_json(form, values, now=now, values_before=before, known_files=known)

        return read

    def _subject(self, external_id: str) -> UUID:
        with self.runtime.reading() as session:
            return session.scalars(sa.select(Subject.public_id).where(Subject.external_id == external_id)).one()


_SOONEST = sa.union_all(
    sa.select(sa.func.min(Timer.due_at)),
    sa.select(sa.func.min(Deadline.due_at)),
    sa.select(sa.func.min(Job.run_at)).where(Job.status == JobStatus.QUEUED),
    sa.select(sa.func.min(Occurrence.starts_at)).where(Occurrence.state == Progress.PLANNED),
)
_TICKS: tuple[Callable[[Runtime], int], ...] = (
    timers.tick,
    partial(deadlines.tick, handlers=DEADLINES),
    work.drain,
    starting.tick,
)
"""What does each of them: the beat, a part at a time, since to look for all of it at each step is most of the work."""
_FIRST_TASK = (
    sa.select(UserTask.public_id)
    .join(Ticket, Ticket.instance_id == UserTask.instance_id)
    .where(Ticket.number == sa.bindparam("number"), UserTask.status == TaskStatus.OPEN)
    .order_by(UserTask.id)
    .limit(1)
)
_TASK = _FIRST_TASK.where(UserTask.element == sa.bindparam("element"))
