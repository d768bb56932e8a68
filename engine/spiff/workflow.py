"""Owns a running instance: its scopes, the agenda of what moves next, the budget, and what a step has brought about."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import inf
from time import thread_time
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.expressions import N_, EvaluationError, Expression, Message, Script, to_json
from engine.spiff.conditions import check
from engine.spiff.tokens import COMPLETED, LIVE, READY, STARTED, Token, copy
from engine.step import Effects, StepFailed, Values, Visit, World

if TYPE_CHECKING:
    from engine.spiff.build import Blueprint, ProcessSpec
    from engine.spiff.event_scopes import EventScopeSpec
    from engine.spiff.nodes import NodeSpec

MAX_MOVES = 10_000
MAX_TOKENS = 20_000
MAX_SECONDS = 5.0
"""Of the thread's own time: a busy machine fails no step."""
MAX_DEPTH = 30
LOOK_UP = 32
"""After how many moves the clock and the number of tokens are looked at, the clock before each expression too."""


class ScopeMixin:
    """A process's or sub-process's own tokens; it ends when none of them is live (13.3.4)."""

    lane = ""
    spec: ProcessSpec
    tasks: dict[str, Token]
    task_tree: Token
    top_workflow: Instance
    holder: Token | None = None
    """The activity that holds this scope open; None for the process itself."""
    written: Values
    """The data of the scope as a whole: what it began with and what its branches wrote since, the latest last."""
    memory: Values
    """What else is to be known of the scope as long as it is open, as JSON; empty for most."""

    def write(self, changed: Values, deleted: Sequence[str] = ()) -> None:
        """A branch has written this; the scopes around know it at once, unless this one is one round of many."""
        self.written.update(changed)
        for key in deleted:
            self.written.pop(key, None)
        holder = self.holder
        if holder is not None and holder.task_spec.repeats is None:
            if (passage := holder.task_spec.passage) is not None:
                changed, deleted = passage.outward(changed, deleted)
            holder.workflow.write(changed, deleted)

    def begin_at(self, node_id: str) -> Token:
        """A new token at a node, with what the scope knows now."""
        spec = self.spec.task_specs[node_id]
        token = self.aside(spec)
        token.data = copy(self.written)
        spec._update(token)
        return token

    def aside(self, spec: NodeSpec) -> Token:
        """A token that no flow leads to: it hangs below the scope's first one.

        That may have handed its very data on to a child that went on alone; who has several children must not.
        """
        first = self.task_tree
        if not first.is_live():
            first.data = copy(first.look())
        return Token(self, spec, first)

    def branch_ended(self) -> None:
        live = (token for token in reversed(self.tasks.values()) if token._state & LIVE)
        if any(not token.task_spec.stands_by(token) for token in live):
            return
        if self.holder is None or self.holder.task_spec.may_end(self.holder, self):
            self.finish()

    def withdraw_all(self, besides: Token | None = None) -> None:
        for token in list(self.tasks.values()):
            if token._state & LIVE and token is not besides and token.id in self.tasks:
                token.task_spec.withdraw(token)

    def events(self) -> Sequence[EventScopeSpec]:
        """The event sub-processes that errors and escalations find now: none once one of them has interrupted."""
        found = () if "at" in self.memory else self.spec.events
        begun = {token.task_spec for token in self.tasks.values() if token._state == STARTED} if found else set()
        return () if any(event.interrupting and event in begun for event in found) else found

    def finish(self) -> None:
        """Ends the scope with whatever is still live in it, and lets its holder go on."""
        self.withdraw_all()
        self.completed = True
        if (holder := self.holder) is not None:
            holder.task_spec.scope_ended(holder, self)
            self.top_workflow.subprocesses.pop(holder.id, None)
            holder.complete()


class Scope(ScopeMixin, BpmnSubWorkflow):
    """An open sub-process or called process."""

    def __init__(self, spec: ProcessSpec, holder: Token, lane: str) -> None:
        self.holder, self.lane = holder, lane
        BpmnSubWorkflow.__init__(self, spec, holder.id, holder.workflow.top_workflow, deserializing=True)

    def _calculate_depth(self) -> int:
        """The library looks through every open scope for it."""
        assert self.holder is not None
        return int(self.holder.workflow.depth) + 1


class Instance(ScopeMixin, BpmnWorkflow):
    """A process instance in memory. One step at a time moves it: `begin` a step, do something, `advance`."""

    def __init__(self, blueprint: Blueprint) -> None:
        BpmnWorkflow.__init__(self, blueprint.main, blueprint.specs, script_engine=_NO_ENGINE, deserializing=True)
        self.blueprint = blueprint
        self.counter = 0
        self.agenda: deque[Token] = deque()
        self.undecided: dict[str, Token] = {}
        self.conditional: dict[str, Token] = {}
        self._fresh: list[Token] = []
        self._moves, self._until = 0, inf
        self.effects = Effects()
        self.world = World(datetime.fromtimestamp(0, UTC))
        self.functions: dict[str, Callable[..., Any]] = {}

    def begin_step(self, world: World) -> None:
        self.world, self.effects = world, Effects()
        self._moves, self._until = 0, thread_time() + MAX_SECONDS
        self.functions = {**date_functions(world), **world.functions}

    def start(self, data: Values, start_id: str | None) -> None:
        """The first token, at the chosen start event."""
        _first(self, data, start_id=start_id)

    def advance(self) -> None:
        """Moves until only people, events and jobs can move it further; raises `StepFailed` over the budget."""
        while True:
            while self.agenda or self._fresh:
                if self._fresh:
                    fresh, self._fresh = self._fresh, []
                    check(self, fresh)
                    continue
                token = self.agenda.popleft()
                if token._state == READY and token.id in token.workflow.tasks:
                    self.spend(token.task_spec.element)
                    token.run()
            if not self._settle() and not (self.conditional and check(self, self.conditional.values())):
                return

    def watch(self, token: Token, *, at_once: bool = False) -> None:
        """Looks at the conditions that `token` waits for whenever data may have changed, and before anything moves."""
        self.conditional[token.id] = token
        if at_once:
            self._fresh.append(token)

    def find(self, ref: str) -> Token | None:
        """The token of that id, in whatever scope; the ref of an event's task has the slot behind it."""
        ident = ref.partition(".")[0]
        if ident in self.tasks:
            return self.tasks[ident]
        return next((scope.tasks[ident] for scope in self.subprocesses.values() if ident in scope.tasks), None)

    def next_id(self) -> str:
        self.counter += 1
        return str(self.counter)

    def open_scope(
        self, holder: Token, name: str, *, lane: str, at: str | None = None, data: Values | None = None
    ) -> ScopeMixin:
        """A new scope that `holder` holds open, with what the holder knows or other data; begun at its start events, or
        at the node `at`. An empty `at` begins nothing: `ScopeMixin.begin_at` does, and the holder says when it ends.
        """
        if holder.workflow.depth >= MAX_DEPTH:
            limit = Message(N_("Processes are nested deeper than %(limit)s."), {"limit": MAX_DEPTH})
            raise StepFailed(holder.task_spec.element, limit)
        scope = Scope(self.blueprint.specs[name], holder, lane)
        self.subprocesses[holder.id] = scope
        _first(scope, holder.known() if data is None else data, at=at)
        return scope

    def close_scope(self, holder: Token) -> None:
        """Withdraws everything in the scope that `holder` holds open, if any."""
        scope = self.subprocesses.pop(holder.id, None)
        if scope is not None:
            scope.completed = True
            scope.withdraw_all()

    def visited(self, token: Token, outcome: str) -> None:
        spec = token.task_spec
        if spec.element and not spec.is_container:
            entered = datetime.fromtimestamp(token.entered, UTC)
            self.effects.visits.append(Visit(spec.element, token.loop, entered, self.world.now, outcome))

    def correlation(self, token: Token) -> str:
        """The key by which messages find this instance."""
        expression = self.blueprint.correlation
        if expression is None:
            return self.world.key
        value = self.evaluate(expression, token.known(), token.task_spec.element)
        return str(value)[:255]

    def evaluate(self, expression: Expression, data: Values, element: str) -> Any:
        """The expression's value; the platform's names win over form values of the same name."""
        self.hurry(element)
        try:
            return to_json(expression.evaluate({**data, **self.world.names}, functions=self.functions))
        except EvaluationError as error:
            raise StepFailed(element, error.message) from None

    def execute(self, script: Script, data: Values, element: str) -> tuple[Values, list[str]]:
        """What a script changes and deletes of the data; what it assigns to the platform's own names is dropped."""
        self.hurry(element)
        working = {**data, **self.world.names}
        try:
            script.run(working, functions=self.functions)
        except EvaluationError as error:
            raise StepFailed(element, error.message) from None
        written = script.writes - self.world.names.keys()
        changed = {name: working[name] for name in working if name in written}
        return changed, [name for name in written if name not in working and name in data]

    def _settle(self) -> bool:
        return any(token.task_spec.settle(token) for token in list(self.undecided.values()))

    def spend(self, element: str) -> None:
        """One move of the step's budget."""
        self._moves += 1
        moves = self._moves
        if moves > MAX_MOVES or (moves % LOOK_UP == 0 and self._size() > MAX_TOKENS):
            raise _endless(element)
        if moves % LOOK_UP == 0:
            self.hurry(element)

    def hurry(self, element: str) -> None:
        """Looks at the step's clock, before whatever may take long: one move may evaluate thousands of expressions."""
        if thread_time() > self._until:
            raise _endless(element)

    def _size(self) -> int:
        return len(self.tasks) + sum(len(scope.tasks) for scope in self.subprocesses.values())


def _endless(element: str) -> StepFailed:
    return StepFailed(element, Message(N_("The process goes on by itself without end.")))


def _first(scope: ScopeMixin, data: Values, *, start_id: str | None = None, at: str | None = None) -> None:
    token = Token(scope, scope.spec.start, None)
    scope.task_tree, token.data, scope.written, scope.memory = token, data, dict(data), {}
    if start_id is not None:
        token.internal_data["start"] = start_id
    if at is not None:
        scope.memory["at"] = at
        token.internal_data["at"] = at
    if at is None:
        for event in scope.spec.events:
            event.stand_by(scope)
    if at == "":
        token._set_state(COMPLETED)
    else:
        token._ready()


class _NoEngine:
    """Stands where the library would keep its Python script engine: nothing may reach that."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"expressions never reach the library's engine ({name})")


_NO_ENGINE = _NoEngine()


def date_functions(world: World) -> dict[str, Callable[..., Any]]:
    """now, today, days_before, days_after: in the place's zone."""

    def shifted(day: Any, days: int) -> str:
        found = date.fromisoformat(str(day)[:10]) + timedelta(days=int(days))
        return f"{found.isoformat()}T09:00:00"

    return {
        "now": lambda: world.now.astimezone(world.zone),
        "today": lambda: world.now.astimezone(world.zone).date(),
        "days_before": lambda day, days: shifted(day, -int(days)),
        "days_after": shifted,
    }
