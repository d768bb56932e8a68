"""Owns how the demo's campuses follow standards: who does which step in time, late or not at all, and who looks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from engine.models import TaskStatus, UserTask
from tickets import tasks
from tickets.demo.cast import load_subjects
from tickets.demo.history import History
from tickets.demo.past import HOME
from tickets.demo.standards_work import ANSWERS, ASSESSMENT, KICKOFF, MEETING, TRIAL, Waiting
from tickets.evidence import confirming
from tickets.people import Person, superiors
from tickets.places import Place
from tickets.standards import planning, setting_up
from tickets.standards.checking import drawing, judging
from tickets.standards.tables import CheckedStep, Occurrence, SpotCheck, Standard, StepRecord, Trigger, Verdict
from tickets.standards.waiving import deciding
from tickets.standards.waiving.asking import Wanted as Excuse
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.types import TicketType

ROUNDS = (time(10, 40), time(16, 20))
"""When campuses get round to what is asked of them."""
Moment = tuple[datetime, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Introduced:
    """A standard that headquarters set up: so many days ago, at which place, at what time where not as its file says.

    `news` are students who came to try a lesson, by how many days ago.
    """

    type_key: str
    days: int
    place: str
    trigger: str = ""
    news: Mapping[int, str] = field(default_factory=dict)

    def timing(self, today: date) -> Mapping[str, Any]:
        """Every month on the day of the month that it was lately, so that a turn is under way at every start."""
        if self.trigger != Trigger.CYCLE:
            return {}
        day = min((today - timedelta(days=11)).day, 28)
        return {"cycle": f"0 9 {day} * *", "from": "start_date", "until": "end_date"}


DAYS = 42
"""So long ago headquarters set the first standard up."""
INTRODUCED = (
    Introduced(KICKOFF, DAYS, "qiming"),
    Introduced(ASSESSMENT, 20, "kapok"),
    Introduced(MEETING, 16, "sz-nanshan", Trigger.CYCLE),
    Introduced(TRIAL, 15, "sz-nanshan", news={12: "周小北", 6: "罗一禾", 3: "钟知行"}),
)


def patience(waiting: Waiting) -> timedelta | None:
    """How long a step lies until somebody does it; most not long, some too long, a few for ever."""
    drawn = zlib.crc32(f"{waiting.external_id} {waiting.element}".encode()) % 100
    if drawn < 83:
        return timedelta(hours=2 + drawn % (5 if waiting.element == "Task_Hold" else 30))
    return timedelta(days=6 + drawn % 3) if drawn < 95 else None


def followed(history: History) -> Iterator[Moment]:
    """What happens around the standards, from their setting up until now."""
    today = history.past.now.astimezone(HOME).date()
    for each in INTRODUCED:
        yield _at(today - timedelta(days=each.days), time(9, 5)), partial(_set_up, history, each, today)
        for number, (back, name) in enumerate(each.news.items()):
            yield (
                _at(today - timedelta(days=back), time(10)),
                partial(_join, history, f"QH-S-{4001 + number}", name, each),
            )
    for back in range(DAYS - 1, -1, -1):
        for clock in ROUNDS:
            yield _at(today - timedelta(days=back), clock), partial(_round, history)
    yield history.past.moment("5 10:00"), partial(_excuse, history)
    yield history.past.moment("3 15:00"), partial(_look, history)
    yield history.past.now, partial(planning.plan_due, history.runtime)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, HOME)


def _set_up(history: History, introduced: Introduced, today: date) -> None:
    with history.runtime.reading() as session:
        place = session.scalars(sa.select(Place.public_id).where(Place.external_id == introduced.place)).one()
    wanted = setting_up.Wanted(
        introduced.type_key,
        place,
        trigger=introduced.trigger or None,
        timing=introduced.timing(today),
        begins_on=today - timedelta(days=introduced.days),
    )
    setting_up.set_up(history.runtime, history.actor("chenxiao"), wanted)


def _join(history: History, external_id: str, name: str, introduced: Introduced) -> None:
    """A student comes to try a lesson."""
    facts = ("student", external_id, name, introduced.place, "liutao", None, {"年级": "二年级", "课程": "试听"})
    with history.runtime.writing() as session, session.begin():
        load_subjects(session, history.clock.now(), [facts])


def _round(history: History) -> None:
    for waiting in _waiting(history):
        spent = patience(waiting)
        if spent is not None and history.clock.now() - waiting.opened_at >= spent:
            _do(history, waiting)


def _waiting(history: History) -> list[Waiting]:
    with history.runtime.reading() as session:
        found = [Waiting(*row) for row in session.execute(_OPEN)]
    return [one for one in found if (one.type_key, one.element) in ANSWERS]


_OPEN = (
    sa.select(
        UserTask.public_id,
        TicketType.key,
        UserTask.element,
        UserTask.opened_at,
        UserTask.assignee_id,
        Subject.external_id,
        Subject.attributes,
    )
    .join(Ticket, Ticket.instance_id == UserTask.instance_id)
    .join(TicketType, TicketType.id == Ticket.type_id)
    .join(Occurrence, Occurrence.ticket_id == Ticket.id)
    .join(Subject, Subject.id == Occurrence.subject_id)
    .where(UserTask.status == TaskStatus.OPEN, UserTask.assignee_id.is_not(None))
    .where(~sa.exists().where(StepRecord.task_id == UserTask.id, StepRecord.waiver_id.is_not(None)))
    .order_by(UserTask.id)
)
"""What is there to do; nobody does what they were let off."""


def _do(history: History, waiting: Waiting) -> None:
    login = _login(history, waiting.assignee_id)
    actor = history.actor(login)
    if waiting.element == "Task_Feedback":
        with history.runtime.reading() as session:
            above = superiors(session, waiting.assignee_id)[0]
        confirming.confirm(
            history.runtime, history.actor(_login(history, above)), waiting.task_id, "我也问了两家，属实。"
        )
    values = ANSWERS[waiting.type_key, waiting.element](history, waiting, actor)
    tasks.complete(history.runtime, actor, waiting.task_id, history.answer(actor, values))


def _login(history: History, person_id: int) -> str:
    history.person_id("admin")
    return next(login for login, ident in history.people.items() if ident == person_id)


def _excuse(history: History) -> None:
    """A class that has begun before the standard asks to be let off what is still open; another asks and waits."""
    now = history.clock.now()
    with history.runtime.reading() as session:
        standard = session.scalars(_KICKOFF).one()
        query = (
            sa.select(Subject.public_id, Person.login)
            .join(Occurrence, Occurrence.subject_id == Subject.id)
            .join(StepRecord, StepRecord.occurrence_id == Occurrence.id)
            .join(Person, sa.and_(Person.place_id == Subject.place_id, Person.title == "校长"))
            .join(Standard, Standard.id == Occurrence.standard_id)
            .where(Standard.type_key == KICKOFF)
            .where(StepRecord.done_at.is_(None), Occurrence.ticket_id.is_not(None))
            .where(StepRecord.due_at.between(now - timedelta(days=6), now + timedelta(days=10)))
            .group_by(Subject.id, Subject.public_id, Person.login)
            .order_by(Subject.id)
            .limit(2)
        )
        found = session.execute(query).all()
    today = now.astimezone(HOME).date()
    days = deciding.Days(today - timedelta(days=14), today + timedelta(days=30))
    for place, (subject, login) in enumerate(found):
        excuse = Excuse(standard=standard, subject=subject)
        why = "这个班由两个班合并，开班时已经办过一次典礼。" if place == 0 else "教室装修，典礼推迟到下个月。"
        waiver = deciding.ask(history.runtime, history.actor(login), excuse, days, why)
        if place == 0:
            deciding.approve(history.runtime, history.actor("chenxiao"), waiver, "情况属实，这一期豁免。")


_KICKOFF = sa.select(Standard.public_id).where(Standard.type_key == KICKOFF)


def _look(history: History) -> None:
    """Headquarters draws a sample; of it one step, of a class that has begun long ago, was not done as it should."""
    with history.runtime.reading() as session:
        standard = session.scalars(_KICKOFF).one()
        group = session.get_one(Place, history.actor("admin").root_id).public_id
    today = history.clock.now().astimezone(HOME).date()
    wanted = drawing.Wanted(standard, group, today - timedelta(days=40), today, 1, "20261123")
    inspector = history.actor("yangfan")
    check = drawing.draw(history.runtime, inspector, wanted)
    with history.runtime.reading() as session:
        query = (
            sa.select(CheckedStep.public_id, Ticket.closed_at.is_not(None), UserTask.element)
            .join(SpotCheck, SpotCheck.id == CheckedStep.check_id)
            .join(StepRecord, StepRecord.id == CheckedStep.record_id)
            .join(UserTask, UserTask.id == StepRecord.task_id)
            .join(Ticket, Ticket.instance_id == UserTask.instance_id)
            .where(SpotCheck.public_id == check)
            .order_by(CheckedStep.id)
        )
        drawn = session.execute(query).all()
    wrong = next((row[0] for row in drawn if row[1] and row[2] == "Task_Check"), drawn[0][0])
    for step, _, _ in drawn[:-1] or drawn:
        if step == wrong:
            judging.judge(history.runtime, inspector, step, Verdict.FAILED, "照片里看不到设备，请重新检查并拍照。")
        else:
            judging.judge(history.runtime, inspector, step, Verdict.PASSED)
