"""Measures one step: load, complete a task, save. Ours against SpiffWorkflow alone, by the length of its history.

Stock is SpiffWorkflow 3.2 with its own parser, serializer and script engine: deserialise, run the task and the engine,
serialise. Ours is what a completion does with an instance that is not in memory: decode its state, step, prune,
encode, and commit state, task, visits and input to SQLite. A history is the number of finished tasks in stock's tree;
deeper than 1,000 stock loses sight of its ready task, so its 1,000 stops a round before. CPU milliseconds, the least of
several runs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import orjson
import sqlalchemy as sa
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

import migrations
from bench import http
from engine import instances, record
from engine.database import create_engine, new_public_id, writing
from engine.definitions import dump as dump_compiled
from engine.definitions import read_bundle
from engine.definitions.stored import Compiled
from engine.instances import At
from engine.models import Deployment, ProcessDefinition, TaskStatus, UserTask
from engine.spiff.build import Blueprint, build
from engine.spiff.codec import load
from engine.spiff.workflow import Instance
from engine.step import Step, World

HISTORIES = (5, 50, 200, 1000)
WIDTHS = (50, 200, 500)
ROUND = 3
"""Tasks of one round of the loop: a gateway, a person's task, a gateway."""
DEEPEST = 330
"""Rounds after which the library still finds the ready task."""
NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="bench">'
    '<bpmn:process id="bench" isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"
LOOP = f"""{HEAD}
<bpmn:startEvent id="begin"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
<bpmn:exclusiveGateway id="again"><bpmn:incoming>f1</bpmn:incoming><bpmn:incoming>no</bpmn:incoming>
  <bpmn:outgoing>f2</bpmn:outgoing></bpmn:exclusiveGateway>
<bpmn:userTask id="work"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:userTask>
<bpmn:exclusiveGateway id="enough" default="no"><bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>no</bpmn:outgoing>
  <bpmn:outgoing>yes</bpmn:outgoing></bpmn:exclusiveGateway>
<bpmn:endEvent id="end"><bpmn:incoming>yes</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="again"/>
<bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="work"/>
<bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="enough"/>
<bpmn:sequenceFlow id="no" sourceRef="enough" targetRef="again"/>
<bpmn:sequenceFlow id="yes" sourceRef="enough" targetRef="end">
  <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">students &gt; 400</bpmn:conditionExpression>
</bpmn:sequenceFlow>{TAIL}"""
WIDE = f"""{HEAD}
<bpmn:startEvent id="begin"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
<bpmn:userTask id="work"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
  <bpmn:multiInstanceLoopCharacteristics>
    <bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">%d</bpmn:loopCardinality>
  </bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
<bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="work"/>
<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="end"/>{TAIL}"""
DATA = {
    "phone_model": "HUAWEI DBY2-W09",
    "app_version": "3.2.0",
    "what_happened": "全班 6 台 Pad 中有 2 台一进课堂就退出，都是昨天升级到 3.2 的。" * 4,
    "students": 3,
    "files": [{"id": "1", "name": "log.txt", "size": 8000}, {"id": "2", "name": "photo.jpg", "size": 90000}],
}
VALUES = {"finding": "defect", "severity": "high", "note": "重启后还是一样。"}
CLOSE = (
    sa.update(UserTask)
    .where(UserTask.instance_id == sa.bindparam("of_instance"), UserTask.ref == sa.bindparam("of_ref"))
    .values(status=TaskStatus.COMPLETED, closed_at=NOW, submitted=VALUES)
)


def figures(*, repeats: int = 9) -> dict[str, Any]:
    """All figures of the document, those of HTTP last."""
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder))
        stock = {n: stock_step(LOOP, min(n // ROUND, DEEPEST)) for n in HISTORIES}
        engine = {n: ours.step(LOOP, n // ROUND) for n in HISTORIES}
        stock_wide = {n: stock_step(WIDE % n, 0) for n in WIDTHS}
        wide = {n: ours.step(WIDE % n, 0) for n in WIDTHS}
        hot = {n: ours.step(LOOP, n // ROUND, hot=True) for n in HISTORIES}
        return {
            "stock_step_cpu_ms": _least(stock, repeats),
            "engine_step_cpu_ms": _least(engine, 20 * repeats),
            "stock_mi_step_cpu_ms": _least(stock_wide, repeats),
            "mi_step_cpu_ms": _least(wide, 4 * repeats),
            "hot_step_cpu_ms": _least(hot, 20 * repeats),
            **http.figures(),
        }


def stock_step(process: str, rounds: int) -> Callable[[], None]:
    """The library alone: from a string to a string, with one task completed between."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(process.encode()))
    workflow = BpmnWorkflow(parser.get_spec("bench"), parser.get_subprocess_specs("bench"))
    workflow.task_tree.data.update(DATA)
    workflow.do_engine_steps()
    for _ in range(rounds):
        _complete_stock(workflow)
    serializer = BpmnWorkflowSerializer()
    state = serializer.serialize_json(workflow)

    def step() -> None:
        restored = serializer.deserialize_json(state)
        _complete_stock(restored)
        serializer.serialize_json(restored)

    return step


def _complete_stock(workflow: BpmnWorkflow) -> None:
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    task.data.update(VALUES)
    task.run()
    workflow.do_engine_steps()


class Ours:
    """Instances of ours in an SQLite database; the specs are kept, as in a running process, the states are not."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'step.db'}"
        migrations.upgrade(url)
        self.database = create_engine(url)

    def step(self, process: str, rounds: int, *, hot: bool = False) -> Callable[[], None]:
        """A completion of the instance that has gone that many rounds; each call completes the next task.

        `hot`: the instance stays in memory, as between the steps of a running process.
        """
        blueprint, definition_id = self._deploy(process)
        first = instances.start(blueprint, definition_id, data=DATA, world=World(NOW))
        with writing(self.database) as session, session.begin():
            instance_id = record.insert_instance(session.connection(), first, brand_id=1, business_key="B-1")
            self._write(session.connection(), first, instance_id)
        last = first

        def once() -> None:
            nonlocal last
            live = last.live if hot else load(last.state, blueprint)
            last = self._plan(live, At(definition_id, instance_id, last.revision))
            self._commit(last, instance_id)

        for _ in range(rounds):
            once()
        return once

    def _plan(self, live: Instance, at: At) -> Step:
        ref = next(
            ref
            for ref, token in live.tasks.items()
            if token.task_spec.manual and token.task_spec.element == "work" and not token.task_spec.is_container
        )
        return instances.complete(live, at, ref=ref, values=VALUES, world=World(NOW))

    def _commit(self, step: Step, instance_id: int) -> None:
        with writing(self.database) as session, session.begin():
            connection = session.connection()
            record.update_instances(connection, [step])
            done = [{"of_instance": instance_id, "of_ref": ref} for ref in step.effects.closed]
            connection.execute(CLOSE, done)
            self._write(connection, step, instance_id)

    def _write(self, connection: sa.Connection, step: Step, instance_id: int) -> None:
        tasks = [
            {
                "public_id": new_public_id(),
                "brand_id": 1,
                "instance_id": instance_id,
                "ref": opened.ref,
                "element": opened.element,
                "name": opened.element,
                "opened_at": step.now,
            }
            for opened in step.effects.opened.values()
        ]
        record.open_tasks(connection, tasks, {})
        moved = [record.Moved(step, instance_id, brand_id=1, actor_id=None, earliest=NOW)]
        record.record_waits(connection, moved)
        record.record_history(connection, moved)

    def _deploy(self, process: str) -> tuple[Blueprint, int]:
        bundle = read_bundle({"bench.bpmn": process.encode()})
        assert bundle.report.accepted, [str(problem.problem) for problem in bundle.report.problems]
        compiled: Compiled = bundle.definitions[0][1]
        with writing(self.database) as session, session.begin():
            deployment = Deployment(brand_id=1, created_at=NOW, created_by_id=None)
            session.add(deployment)
            session.flush()
            versions = sa.select(sa.func.count()).select_from(ProcessDefinition)
            definition = ProcessDefinition(
                brand_id=1,
                key="bench",
                version=(session.scalar(versions) or 0) + 1,
                name="bench",
                deployment_id=deployment.id,
                path="bench.bpmn",
                digest="",
                reader_version=1,
                compiled=dump_compiled(compiled),
                created_at=NOW,
                created_by_id=None,
            )
            session.add(definition)
            session.flush()
            return build(compiled), definition.id


def _least(calls: dict[int, Callable[[], None]], repeats: int) -> dict[str, float]:
    """Each call's least CPU milliseconds; in turns, so that a machine's slow moments are the same for all."""
    found: dict[int, list[float]] = {size: [] for size in calls}
    for _ in range(repeats + 1):
        for size, call in calls.items():
            start = process_time()
            call()
            found[size].append((process_time() - start) * 1000)
    return {str(size): round(min(times[1:]), 3) for size, times in found.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--json", action="store_true", help="one JSON object on one line")
    wanted = arguments.parse_args()
    found = figures()
    if wanted.json:
        print(orjson.dumps(found).decode())
        return
    for name, value in found.items():
        print(f"{name:<28}{value}")


if __name__ == "__main__":
    main()
