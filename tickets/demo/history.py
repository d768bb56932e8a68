"""Owns the demo's past: its working hours and promises, and its tickets, done by its people through the usual verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.clock import ManualClock
from engine.models import TaskStatus, UserTask
from forms import Form, Submission, parse_json
from tickets import conversation, tasks
from tickets.access import Actor
from tickets.actor import load_actor
from tickets.assigning import sharing
from tickets.beat import beat
from tickets.callers import Channel
from tickets.canned import keeping
from tickets.demo.stories import STORIES, Act, Did, Story
from tickets.family import tagging
from tickets.filing import file_ticket
from tickets.life import ending, facts, pausing, rating
from tickets.notices.reading import read_all
from tickets.people import Person
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.service import editing
from tickets.service.drafts import read_calendar
from tickets.service.editing import PolicyFacts
from tickets.service.holidays import CHINA, published
from tickets.tasks import Answer
from tickets.ticket import Ticket
from tickets.urging import answer_urge, urge

HOME = ZoneInfo("Asia/Shanghai")
CRASH = "crash_report"
HOURS = "09:00-12:00, 13:30-18:00"
EVENING = time(18)
CAUGHT_UP = "1 14:30"
"""What happened before is news to nobody."""
PROMISES = (
    PolicyFacts(CRASH, "", "PT1H", "PT16H", warn_before="20%", escalate_after="PT1H", escalate_to="superior"),
    PolicyFacts(CRASH, "urgent", "PT10M", "PT4H", warn_before="20%", escalate_after="PT30M", escalate_to="superior"),
)
CANNED = (
    keeping.Wanted(
        "更新到最新版",
        "请先把 App 更新到最新版，再试一次。还是不行的话，回一段录屏给我。",
        "Please update the app to the newest version and try again. If it still fails, send a screen recording.",
        shared=True,
    ),
    keeping.Wanted(
        "重新允许权限",
        "在系统设置里找到 App，重新允许麦克风和相机，再进课堂。",
        "Allow microphone and camera for the app again in the system settings, then rejoin the class.",
        CRASH,
        shared=True,
    ),
)


def live_through(runtime: Runtime) -> None:
    """Let the demo's people promise, file and work as told in STORIES, ending now. For a demo just loaded."""
    clock = ManualClock(now := runtime.clock.now())
    History(replace(runtime, clock=clock), clock, Past(now)).unfold()


@dataclass(frozen=True)
class Past:
    """When the things of the stories happened, seen from this moment."""

    now: datetime

    def moment(self, when: str) -> datetime:
        """The moment that an Act or Story names."""
        back, _, clock = when.partition(" ")
        if not clock:
            return self.now - timedelta(minutes=int(back))
        day = self._working_day(int(back))
        return datetime.combine(day, time.fromisoformat(clock), HOME).astimezone(UTC)

    def _working_day(self, back: int) -> date:
        """So many working days ago, the last one that is over being the first."""
        here = self.now.astimezone(HOME)
        day = here.date() + timedelta(days=here.time() > EVENING)
        while back:
            day -= timedelta(days=1)
            holiday = published().get(day)
            back -= holiday.works if holiday else day.weekday() < 5
        return day


@dataclass
class History:
    """The demo as it was lived; its clock goes from the first ticket to now."""

    runtime: Runtime
    clock: ManualClock
    past: Past
    numbers: dict[int, str] = field(default_factory=dict)
    """The tickets' numbers by their story's place in the table."""

    def unfold(self) -> None:
        """Do everything in the order in which it happened, and in between what falls due by itself."""
        self._promise()
        for moment, do in sorted(self._script(), key=lambda each: each[0]):
            self.clock.moment = moment
            do()
            while beat(self.runtime):
                pass

    def _script(self) -> Iterator[tuple[datetime, Callable[[], object]]]:
        yield self.past.moment(CAUGHT_UP), self._catch_up
        for place, story in enumerate(STORIES):
            yield self.past.moment(story.when), partial(self._file, place, story)
            for act in story.acts:
                yield self.past.moment(act.when), partial(DOING[act.did], self, place, act)

    def _promise(self) -> None:
        """Working hours for the group, what is promised of crash reports, and texts that support answers with."""
        admin = self.actor("admin")
        facts = read_calendar(zh="工作日", en="Working days", hours=[HOURS] * 5 + ["", ""], holidays=CHINA, days="")
        with self.runtime.reading() as session:
            group = session.get_one(Place, admin.root_id).public_id
        made = editing.put_calendar(self.runtime, admin, facts, owner_id=group)
        editing.choose_calendar(self.runtime, admin, group, made)
        for promise in PROMISES:
            editing.put_policy(self.runtime, admin, group, promise)
        for wanted in CANNED:
            keeping.create(self.runtime, admin, wanted)

    def _catch_up(self) -> None:
        """Everybody has read what they were told so far."""
        told = {story.login for story in STORIES} | {act.login for story in STORIES for act in story.acts}
        for login in sorted(told | {"zhangwei"}):
            read_all(self.runtime, self.actor(login))

    def _file(self, place: int, story: Story) -> None:
        happened = self.runtime.clock.now().astimezone(HOME) - timedelta(minutes=20)
        happened -= timedelta(minutes=happened.minute % 5)  # as the form asks
        values = {**story.report, "happened_at": happened.isoformat(timespec="minutes")}
        self.numbers[place] = file_ticket(
            self.runtime,
            self.actor(story.login),
            type_key=CRASH,
            answer=self.answer(values),
            requester=story.caller or None,
            channel=Channel.PHONE if story.caller else None,
        )

    def actor(self, login: str) -> Actor:
        with self.runtime.reading() as session:
            actor = load_actor(session, self.person_id(login))
        assert actor, f"{login} is of the demo"
        return actor

    def person_id(self, login: str) -> int:
        with self.runtime.reading() as session:
            return session.scalars(sa.select(Person.id).where(Person.login == login)).one()

    def task(self, place: int, element: str = "") -> UUID:
        """The open task of that element; the first there is without one."""
        query = (
            sa.select(UserTask.public_id)
            .join(Ticket, Ticket.instance_id == UserTask.instance_id)
            .where(Ticket.number == self.numbers[place], UserTask.status == TaskStatus.OPEN)
            .order_by(UserTask.id)
            .limit(1)
        )
        with self.runtime.reading() as session:
            return session.scalars(query.where(UserTask.element == element) if element else query).one()

    def answer(self, values: Mapping[str, Any]) -> Answer:
        """Reads these values as the API would."""

        def read(form: Form, before: Mapping[str, Any]) -> Submission:
            return parse_json(form, values, now=self.runtime.clock.now().astimezone(HOME), values_before=before)

        return read

    def complete(self, place: int, act: Act) -> None:
        values = dict(act.values)
        if values.get("release_on") == "":
            values["release_on"] = self.runtime.clock.now().astimezone(HOME).date().isoformat()
        tasks.complete(self.runtime, self.actor(act.login), self.task(place, act.what), self.answer(values))

    def claim(self, place: int, act: Act) -> None:
        tasks.claim(self.runtime, self.actor(act.login), self.task(place, act.what))

    def draft(self, place: int, act: Act) -> None:
        tasks.save_draft(self.runtime, self.actor(act.login), self.task(place, act.what), act.values)

    def consult(self, place: int, act: Act) -> None:
        people, question = [self.person_id(act.what)], act.values["text"]
        sharing.consult(self.runtime, self.actor(act.login), self.task(place), people, question)

    def answer_urge(self, place: int, act: Act) -> None:
        tomorrow = self.past.now.astimezone(HOME).date() + timedelta(days=1)
        soon = datetime.combine(tomorrow, EVENING, HOME)
        answer_urge(self.runtime, self.actor(act.login), self.numbers[place], act.what, soon)

    def suspend(self, place: int, act: Act) -> None:
        until = self.past.now + timedelta(days=act.values["days"])
        pausing.suspend(self.runtime, self.actor(act.login), self.numbers[place], act.what, until)

    def rate(self, place: int, act: Act) -> None:
        rating.rate(self.runtime, self.actor(act.login), self.numbers[place], act.values["stars"], act.what)

    def tag(self, place: int, act: Act) -> None:
        tagging.add_tags(self.runtime, self.actor(act.login), self.numbers[place], [act.what])


Doing = Callable[[History, int, Act], object]


def _saying(verb: Callable[[Runtime, Actor, str, str], object]) -> Doing:
    """A verb that takes a ticket and a text."""
    return lambda history, place, act: verb(history.runtime, history.actor(act.login), history.numbers[place], act.what)


DOING: Mapping[Did, Doing] = {
    Did.COMPLETE: History.complete,
    Did.CLAIM: History.claim,
    Did.DRAFT: History.draft,
    Did.CONSULT: History.consult,
    Did.ANSWER_URGE: History.answer_urge,
    Did.SUSPEND: History.suspend,
    Did.RATE: History.rate,
    Did.TAG: History.tag,
    Did.REPLY: _saying(conversation.reply),
    Did.NOTE: _saying(conversation.note),
    Did.ASK: _saying(conversation.ask),
    Did.URGE: _saying(urge),
    Did.WITHDRAW: _saying(ending.withdraw),
    Did.PRIORITY: _saying(facts.set_priority),
}
