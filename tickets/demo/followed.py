"""Owns how the demo's campuses follow a standard: who does which step in time, late or not at all, and who looks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.models import TaskStatus, UserTask
from tickets import tasks
from tickets.demo.history import History
from tickets.demo.past import HOME
from tickets.demo.pictures import picture
from tickets.evidence import confirming
from tickets.people import Person, superiors
from tickets.places import Place
from tickets.standards import planning, setting_up
from tickets.standards.checking import drawing, judging
from tickets.standards.tables import CheckedStep, Occurrence, SpotCheck, Standard, StepRecord, Verdict
from tickets.standards.waiving import deciding
from tickets.standards.waiving.asking import Wanted as Excuse
from tickets.subjects import Subject
from tickets.ticket import Ticket

KICKOFF = "class_kickoff"
DAYS = 42
"""So long ago headquarters set the standard up."""
ROUNDS = (time(10, 40), time(16, 20))
"""When campuses get round to what is asked of them."""
Moment = tuple[datetime, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open step of a class."""

    task_id: UUID
    element: str
    opened_at: datetime
    assignee_id: int
    external_id: str
    start: str
    names: tuple[str, ...]

    @property
    def patience(self) -> timedelta | None:
        """How long it lies until somebody does it; most not long, some too long, a few for ever."""
        drawn = zlib.crc32(f"{self.external_id} {self.element}".encode()) % 100
        if drawn < 83:
            return timedelta(hours=2 + drawn % (5 if self.element == "Task_Hold" else 30))
        return timedelta(days=6 + drawn % 3) if drawn < 95 else None


def followed(history: History) -> Iterator[Moment]:
    """What happens around the standard, from its setting up until now."""
    today = history.past.now.astimezone(HOME).date()
    yield _at(today - timedelta(days=DAYS), time(9, 5)), partial(_set_up, history, today)
    for back in range(DAYS - 1, -1, -1):
        for clock in ROUNDS:
            yield _at(today - timedelta(days=back), clock), partial(_round, history)
    yield history.past.moment("5 10:00"), partial(_excuse, history)
    yield history.past.moment("3 15:00"), partial(_look, history)
    yield history.past.now, partial(planning.plan_due, history.runtime)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, HOME)


def _set_up(history: History, today: date) -> None:
    with history.runtime.reading() as session:
        group = session.get_one(Place, history.actor("admin").root_id).public_id
    wanted = setting_up.Wanted(KICKOFF, group, begins_on=today - timedelta(days=DAYS))
    setting_up.set_up(history.runtime, history.actor("chenxiao"), wanted)


def _round(history: History) -> None:
    for waiting in _waiting(history):
        patience = waiting.patience
        if patience is not None and history.clock.now() - waiting.opened_at >= patience:
            _do(history, waiting)


def _waiting(history: History) -> list[Waiting]:
    with history.runtime.reading() as session:
        return [
            Waiting(row[0], row[1], row[2], row[3], row[4], row[5]["start_date"], tuple(row[5].get("students", ())))
            for row in session.execute(_OPEN)
        ]


_OPEN = (
    sa.select(
        UserTask.public_id,
        UserTask.element,
        UserTask.opened_at,
        UserTask.assignee_id,
        Subject.external_id,
        Subject.attributes,
    )
    .join(Ticket, Ticket.instance_id == UserTask.instance_id)
    .join(Occurrence, Occurrence.ticket_id == Ticket.id)
    .join(Subject, Subject.id == Occurrence.subject_id)
    .where(
        UserTask.status == TaskStatus.OPEN,
        UserTask.assignee_id.is_not(None),
        UserTask.element.in_(("Task_Confirm", "Task_Invite", "Task_Check", "Task_Hold", "Task_Feedback")),
    )
    .order_by(UserTask.id)
)


def _do(history: History, waiting: Waiting) -> None:
    login = _login(history, waiting.assignee_id)
    actor = history.actor(login)
    if waiting.element == "Task_Feedback":
        with history.runtime.reading() as session:
            above = superiors(session, waiting.assignee_id)[0]
        confirming.confirm(
            history.runtime, history.actor(_login(history, above)), waiting.task_id, "我也问了两家，属实。"
        )
    values = VALUES[waiting.element](history, waiting, actor)
    tasks.complete(history.runtime, actor, waiting.task_id, history.answer(actor, values))


def _login(history: History, person_id: int) -> str:
    history.person_id("admin")
    return next(login for login, ident in history.people.items() if ident == person_id)


def _confirmed(history: History, waiting: Waiting, _actor: Any) -> dict[str, Any]:
    begins = max(_at(date.fromisoformat(waiting.start), time(9, 30)), history.clock.now() + timedelta(hours=3))
    here = begins.astimezone(HOME)
    here = here.replace(minute=here.minute // 15 * 15, second=0, microsecond=0)
    return {
        "going_ahead": "yes",
        "kickoff_at": here.isoformat(timespec="minutes"),
        "room": "302 教室",
        "host": "校区负责人",
        "families": 8,
    }


def _invited(history: History, waiting: Waiting, actor: Any) -> dict[str, Any]:
    shot = picture(history.runtime, actor, "chat", waiting.external_id)
    return {"invite_ways": ["group", "private"], "invited": 8, "coming": 6, "invitation": [shot]}


def _checked(history: History, waiting: Waiting, actor: Any) -> dict[str, Any]:
    shots = [picture(history.runtime, actor, name, waiting.external_id) for name in ("classroom", "device")]
    return {"checked": ["projector", "sound", "network", "seats"], "room_ok": "ok", "room_photos": shots}


def _held(history: History, waiting: Waiting, actor: Any) -> dict[str, Any]:
    here = waiting.names or ("林小满", "陈一诺", "何雨桐", "梁嘉怡")
    names = [*here, "旁听学员一", "旁听学员二", "旁听学员三"][: max(4, len(here))]
    shots = [picture(history.runtime, actor, name, waiting.external_id + "h") for name in ("parents", "sign-in")]
    rows = [{"student": name, "signed": True} for name in names]
    return {
        "attendance": rows,
        "kickoff_photos": shots,
        "kickoff_note": "老师介绍了课程和作业要求，家长提了接送的问题。",
    }


def _heard(_history: History, _waiting: Waiting, _actor: Any) -> dict[str, Any]:
    return {"satisfied": 5, "asked": 6, "feedback": "都觉得老师介绍得清楚，有一家希望周末能补课。"}


VALUES: Mapping[str, Callable[[History, Waiting, Any], dict[str, Any]]] = {
    "Task_Confirm": _confirmed,
    "Task_Invite": _invited,
    "Task_Check": _checked,
    "Task_Hold": _held,
    "Task_Feedback": _heard,
}


def _excuse(history: History) -> None:
    """A class that has begun before the standard asks to be let off what is still open; another asks and waits."""
    now = history.clock.now()
    with history.runtime.reading() as session:
        standard = session.scalars(sa.select(Standard.public_id)).one()
        query = (
            sa.select(Subject.public_id, Person.login)
            .join(Occurrence, Occurrence.subject_id == Subject.id)
            .join(StepRecord, StepRecord.occurrence_id == Occurrence.id)
            .join(Person, sa.and_(Person.place_id == Subject.place_id, Person.title == "校长"))
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


def _look(history: History) -> None:
    """Headquarters draws a sample; of it one step was not done as it should."""
    with history.runtime.reading() as session:
        standard = session.scalars(sa.select(Standard.public_id)).one()
        group = session.get_one(Place, history.actor("admin").root_id).public_id
    today = history.clock.now().astimezone(HOME).date()
    wanted = drawing.Wanted(standard, group, today - timedelta(days=40), today, 1, "20261123")
    inspector = history.actor("yangfan")
    check = drawing.draw(history.runtime, inspector, wanted)
    with history.runtime.reading() as session:
        query = (
            sa.select(CheckedStep.public_id, Ticket.closed_at.is_(None), UserTask.element)
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
