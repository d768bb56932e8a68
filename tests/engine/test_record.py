"""Writing a step's rows, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import instances, record
from engine.database import NEVER, new_public_id, reading, writing
from engine.definitions import dump
from engine.instances import At
from engine.models import (
    Deployment,
    ElementVisit,
    InstanceStatus,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    StepInput,
    TaskCandidate,
    TaskStatus,
    Timer,
    UserTask,
)
from engine.record import Stale
from engine.step import Step, World
from tests.engine.build import both, boundary, bpmn, chain, end, message, start, terminate, timer, user
from tests.engine.runs import NOON, compiled, fresh

FILE = bpmn(
    *(start(), both("fork"), user("a"), user("b"), boundary("bell", "a", timer("every", "R/PT1H"), interrupting=False)),
    *(boundary("off", "a", message("m_cancel")), end("x"), end("y"), end("stop", terminate()), end()),
    *(chain("begin", "fork", "a", "done"), chain("fork", "b", "stop"), chain("bell", "x"), chain("off", "y")),
)
WAITS: dict[Callable[..., Step], type[Any]] = {
    instances.complete: UserTask,
    instances.fire_timer: Timer,
    instances.deliver: MessageSubscription,
}
EARLY = NOON - timedelta(days=1)


class Desk:
    """One instance and its rows; each move is planned on what is stored and written in one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        definition = compiled(FILE)
        self.blueprint = fresh(definition)
        with writing(engine) as session, session.begin():
            deployment = Deployment(brand_id=1, created_at=NOON, created_by_id=None)
            session.add(deployment)
            session.flush()
            row = ProcessDefinition(
                brand_id=1,
                key="p",
                version=1,
                name="p",
                deployment_id=deployment.id,
                path="p",
                digest="",
                reader_version=1,
                compiled=dump(definition),
                created_at=NOON,
            )
            session.add(row)
            session.flush()
            self.definition_id = row.id
        step = instances.start(self.blueprint, self.definition_id, data={"x": [1]}, world=World(NOON, key="T-1"))
        with writing(engine) as session, session.begin():
            self.id = record.insert_instance(session.connection(), step, brand_id=1, business_key="T-1")
            self._write(session.connection(), step)

    def plan(self, move: Callable[..., Step], element: str, **given: Any) -> Step:
        with reading(self.engine) as session:
            stored = session.get_one(ProcessInstance, self.id)
            live = instances.restore(stored.state, self.blueprint)
            model: Any = WAITS[move]
            row: Any = session.scalars(sa.select(model).where(model.element == element).order_by(model.id)).first()
        at, world = At(self.definition_id, self.id, stored.revision), World(NOON + timedelta(hours=2), key="T-1")
        slot = {} if model is UserTask else {"slot": row.slot}
        return move(live, at, ref=row.ref, world=world, **slot, **given)

    def write(self, step: Step) -> None:
        with writing(self.engine) as session, session.begin():
            connection = session.connection()
            record.update_instances(connection, [step])
            record.close_tasks(connection, step, list(step.effects.closed))
            self._write(connection, step)

    def _write(self, connection: sa.Connection, step: Step) -> None:
        tasks = [
            {
                "public_id": new_public_id(),
                "brand_id": 1,
                "instance_id": self.id,
                "ref": ref,
                "due_at": NEVER,
                "element": opened.element,
                "name": opened.element,
                "opened_at": step.now,
            }
            for ref, opened in step.effects.opened.items()
        ]
        record.open_tasks(connection, tasks, dict.fromkeys(step.effects.opened, (7, 8)))
        moved = [record.Moved(step, self.id, brand_id=1, actor_id=5, earliest=EARLY)]
        record.record_waits(connection, moved)
        record.record_history(connection, moved)

    def rows(self, model: type[Any]) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.scalars(sa.select(model).order_by(*sa.inspect(model).primary_key)))


@pytest.fixture
def desk(engine: sa.Engine) -> Desk:
    return Desk(engine)


def test_a_new_instance_has_its_tasks_timers_subscriptions_visits_and_input(desk: Desk) -> None:
    (stored,) = desk.rows(ProcessInstance)
    assert (stored.revision, stored.status, stored.business_key, stored.ended_at) == (1, "active", "T-1", None)
    assert [(task.element, task.status) for task in desk.rows(UserTask)] == [("a", "open"), ("b", "open")]
    assert {candidate.queue_key for candidate in desk.rows(TaskCandidate)} == {7, 8}
    (bell,) = desk.rows(Timer)
    assert (bell.element, bell.due_at, bell.instance_id) == ("bell", NOON + timedelta(hours=1), desk.id)
    (off,) = desk.rows(MessageSubscription)
    assert (off.name, off.key, off.element) == ("cancel", "T-1", "off")
    assert [visit.element for visit in desk.rows(ElementVisit)] == ["begin", "fork"]
    (given,) = desk.rows(StepInput)
    assert (given.revision, given.kind, given.payload, given.actor_id) == (
        *(1, "start"),
        *({"data": {"x": [1]}, "start": None}, 5),
    )


def test_a_step_is_written_once_and_only_on_the_revision_it_was_planned_on(desk: Desk) -> None:
    first, second = desk.plan(instances.complete, "a", values={"y": 1}), desk.plan(instances.complete, "b", values={})
    desk.write(first)
    before = [len(desk.rows(model)) for model in (ElementVisit, StepInput, UserTask, Timer)]
    for late in (first, second):
        with pytest.raises(Stale):
            desk.write(late)
    assert [len(desk.rows(model)) for model in (ElementVisit, StepInput, UserTask, Timer)] == before
    (stored,) = desk.rows(ProcessInstance)
    assert stored.revision == 2


def test_a_timer_that_fired_is_replaced_by_its_next_turn(desk: Desk) -> None:
    (before,) = desk.rows(Timer)
    desk.write(desk.plan(instances.fire_timer, "bell"))
    (after,) = desk.rows(Timer)
    assert (after.element, after.due_at) == ("bell", NOON + timedelta(hours=3))
    assert after.id != before.id or after.ref != before.ref
    assert [off.element for off in desk.rows(MessageSubscription)] == ["off"]


def test_what_a_message_interrupts_is_cancelled_and_waits_no_longer(desk: Desk) -> None:
    desk.write(desk.plan(instances.deliver, "off", payload={"why": "rain"}))
    assert [(task.element, task.status) for task in desk.rows(UserTask)] == [("a", "cancelled"), ("b", "open")]
    assert desk.rows(Timer) == desk.rows(MessageSubscription) == []
    assert [(visit.element, visit.outcome) for visit in desk.rows(ElementVisit)][2:] == [
        *[("a", "cancelled"), ("off", "completed"), ("y", "completed")]
    ]


def test_an_ended_instance_says_when_and_leaves_nothing_waiting(desk: Desk) -> None:
    desk.write(desk.plan(instances.complete, "b", values={}))
    (stored,) = desk.rows(ProcessInstance)
    assert (stored.status, stored.ended_at) == (InstanceStatus.COMPLETED, NOON + timedelta(hours=2))
    assert {task.status for task in desk.rows(UserTask)} == {TaskStatus.CANCELLED}
    assert desk.rows(Timer) == desk.rows(MessageSubscription) == []
