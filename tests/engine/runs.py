"""Runs scenarios the two ways that must never differ: kept in memory, and loaded anew at each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import orjson

from engine import instances
from engine.definitions import Compiled, dump, load, read_bundle
from engine.definitions.model import Node, Scope
from engine.instances import At
from engine.spiff.build import Blueprint, build
from engine.spiff.workflow import Instance
from engine.step import Asked, Awaited, DueTimer, Opened, Step, StepFailed, Thrown, Values, Visit, World
from tests.engine.build import EVENTS, bpmn

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Noon in Shanghai, a Friday."""


def compiled(*files: bytes, process: str = "p") -> Compiled:
    """The definition of `process` among files that the report accepts."""
    bundle = read_bundle({f"{number}.bpmn": content for number, content in enumerate(files)})
    assert bundle.report.accepted, [str(problem.problem) for problem in bundle.report.problems]
    return next(found for _, found in bundle.definitions if found.process.id == process)


def changed(definition: Compiled, node_id: str, **fields: Any) -> Compiled:
    """The definition with fields of one node set to what no vendor of these tests writes."""

    def in_scope(scope: Scope) -> Scope:
        return Scope(tuple(map(in_node, scope.nodes)), scope.flows)

    def in_node(node: Node) -> Node:
        body = in_scope(node.body) if node.body is not None else None
        return msgspec.structs.replace(node, body=body, **(fields if node.id == node_id else {}))

    process = msgspec.structs.replace(definition.process, scope=in_scope(definition.process.scope))
    return msgspec.structs.replace(definition, process=process)


def fresh(definition: Compiled) -> Blueprint:
    """A blueprint made from the stored artefact, as another process after a restart would make it."""
    return build(load(dump(definition)))


@dataclass
class Run:
    """An instance with everything its steps have brought about, gathered as the tables would have it."""

    definition: Compiled
    world: World
    step: Step = field(init=False)
    revision: int = 0
    tasks: dict[str, Opened] = field(default_factory=dict)
    timers: dict[tuple[str, int], DueTimer] = field(default_factory=dict)
    awaited: dict[tuple[str, int], Awaited] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    thrown: list[Thrown] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    _hot: Instance | None = field(default=None, init=False)

    @property
    def open(self) -> list[str]:
        """The elements of the open tasks, in order of id and name."""
        return sorted(task.element for task in self.tasks.values())

    @property
    def data(self) -> Values:
        return self.step.data

    @property
    def ended(self) -> bool:
        return self.step.ended

    @property
    def due(self) -> dict[str, datetime]:
        """When each waiting timer's element is due."""
        return {timer.element: timer.due_at for timer in self.timers.values()}

    @property
    def names_awaited(self) -> list[str]:
        return sorted(one.name for one in self.awaited.values())

    def visited(self, outcome: str = "completed") -> list[str]:
        return [visit.element for visit in self.visits if visit.outcome == outcome]

    def data_of(self, element: str) -> Values:
        """What the form of the open task at `element` may read."""
        return self._task(element, 0).data

    def complete(self, element: str, *, nth: int = 0, **values: Any) -> Run:
        """A person completes the `nth` oldest open task at `element`."""
        ref = self._task(element, nth).ref
        return self.complete_ref(ref, values)

    def complete_ref(self, ref: str, values: Mapping[str, Any]) -> Run:
        given = dict(values)
        return self._move(lambda live, at: instances.complete(live, at, ref=ref, values=given, world=self.world), ref)

    def answer(self, element: str, **values: Any) -> Run:
        """The job asked at `element` is done."""
        ref = next(ref for ref, asked in self.asked.items() if asked.element == element)
        return self._move(lambda live, at: instances.answer(live, at, ref=ref, values=values, world=self.world), ref)

    def fire(self, element: str) -> Run:
        """The oldest timer at `element` fires; the clock goes on to its time if that is still to come."""
        timer = next(timer for timer in self.timers.values() if timer.element == element)
        self.world = replace(self.world, now=max(self.world.now, timer.due_at))
        return self.fire_ref(timer.ref, timer.slot)

    def fire_ref(self, ref: str, slot: int) -> Run:
        return self._move(lambda live, at: instances.fire_timer(live, at, ref=ref, slot=slot, world=self.world), ref)

    def deliver(self, name: str, **payload: Any) -> Run:
        """The message arrives at the oldest that waits for it."""
        return self.reach(next(awaited for awaited in self.awaited.values() if awaited.name == name), payload)

    def signal(self, name: str, **payload: Any) -> Run:
        """A signal sent elsewhere reaches everything that waits for it."""
        for one in [awaited for awaited in self.awaited.values() if (awaited.kind, awaited.name) == ("signal", name)]:
            if self.awaited.get((one.ref, one.slot)) == one:
                self.reach(one, payload)
        return self

    def reach(self, one: Awaited, payload: Values) -> Run:
        """A message or signal reaches just this one."""
        bring = instances.signal if one.kind == "signal" else instances.deliver
        return self._move(
            lambda live, at: bring(live, at, ref=one.ref, slot=one.slot, payload=payload, world=self.world), one.ref
        )

    def fail(self, element: str, code: str, message: str = "", **values: Any) -> Run:
        """The job asked at `element` ends with a BPMN error."""
        ref = next(ref for ref, asked in self.asked.items() if asked.element == element)

        def fail(live: Instance, at: At) -> Step:
            return instances.fail(live, at, ref=ref, code=code, message=message, values=values, world=self.world)

        return self._move(fail, ref)

    def wait(self, **by: float) -> Run:
        """Nothing happens for so long."""
        self.world = replace(self.world, now=self.world.now + timedelta(**by))
        return self

    def _task(self, element: str, nth: int) -> Opened:
        return [task for task in self.tasks.values() if task.element == element][nth]

    def _begin(self, data: Values, start_id: str | None) -> None:
        def start() -> Step:
            blueprint = fresh(self.definition)
            return instances.start(blueprint, 1, data=data, world=self.world, start_id=start_id)

        self._keep(_same(start(), start()))

    def _move(self, move: Callable[[Instance, At], Step], ref: str) -> Run:
        at = At(1, 2, self.revision)
        hot, self._hot = self._hot, None
        cold = instances.restore(self.step.state, fresh(self.definition))
        loaded, expected = _tried(lambda: move(cold, at))
        moved, error = _tried(lambda: move(hot or self.loaded(), at))
        assert str(error) == str(expected)
        if moved is None or loaded is None:
            raise error or AssertionError("one way went on, the other did not")
        self._keep(_same(moved, loaded))
        self.asked.pop(ref, None)
        return self

    def loaded(self) -> Instance:
        return instances.restore(self.step.state, fresh(self.definition))

    def _keep(self, step: Step) -> None:
        self.step, self._hot, self.revision = step, step.live, step.revision
        effects = step.effects
        for ref in effects.closed:
            del self.tasks[ref]
        self.timers = {at: timer for at, timer in self.timers.items() if timer.ref not in effects.timers_gone}
        self.awaited = {at: one for at, one in self.awaited.items() if one.ref not in effects.awaited_gone}
        self.tasks.update(effects.opened)
        self.timers.update(effects.timers)
        self.awaited.update(effects.awaited)
        self.asked.update(effects.asked)
        self.thrown += effects.thrown
        self.visits += effects.visits


def run(
    *files: bytes,
    process: str = "p",
    data: Values | None = None,
    start_id: str | None = None,
    now: datetime = NOON,
    zone: str = "Asia/Shanghai",
    key: str = "T-1",
    names: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Run:
    """Starts the process of these files."""
    world = World(now, ZoneInfo(zone), names or {}, functions or {}, key)
    return run_compiled(compiled(*files, process=process), world, data=data, start_id=start_id)


def process(*parts: str, **data: object) -> Run:
    """Starts a process of these parts, which may name the messages, signals, errors and codes of `EVENTS`."""
    return run(bpmn(*parts, declarations=EVENTS), data=data)


def run_compiled(definition: Compiled, world: World, *, data: Values | None = None, start_id: str | None = None) -> Run:
    begun = Run(definition, world)
    begun._begin(data or {}, start_id)
    return begun


def _same(hot: Step, cold: Step) -> Step:
    """The order of an object's keys may differ, nothing else."""
    assert orjson.loads(hot.state) == orjson.loads(cold.state)
    assert replace(hot, state=b"") == replace(cold, state=b"")
    return hot


def _tried(move: Callable[[], Step]) -> tuple[Step | None, Exception | None]:
    try:
        return move(), None
    except (StepFailed, instances.NotWaiting) as error:
        return None, error
