"""Owns a running instance: its scopes, the agenda of what moves next, the budget, and what a step has brought about."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import inf
from time import thread_time
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnWorkflow

from engine.expressions import N_, EvaluationError, Expression, Message, Script, to_json
from engine.spiff.conditions import check
from engine.spiff.hearing import Hearing
from engine.spiff.open_scopes import Scope, ScopeMixin, first_token
from engine.spiff.tokens import READY, Token
from engine.step import Effects, StepFailed, Values, Visit, World

if TYPE_CHECKING:
    from engine.spiff.build import Blueprint

MAX_MOVES = 10_000
MAX_TOKENS = 20_000
MAX_SECONDS = 5.0
"""Of the thread's own time: a busy machine fails no step."""
MAX_DEPTH = 30
LOOK_UP = 32
"""After how many moves the clock and the number of tokens are looked at, the clock before each expression too."""


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
        self.hearing = Hearing(self.world)
        self.functions: dict[str, Callable[..., Any]] = {}

    def begin_step(self, world: World) -> None:
        self.world, self.effects = world, Effects()
        self._moves, self._until = 0, thread_time() + MAX_SECONDS
        self.hearing = Hearing(world)
        self.functions = {**date_functions(world), **self.hearing.functions}

    def start(self, data: Values, start_id: str | None) -> None:
        """The first token, at the chosen start event."""
        first_token(self, data, start_id=start_id)

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
                    self.spend(token.task_spec.element or _holding(token))
                    token.run()
            if not self._settle() and not (self.conditional and check(self, self.conditional.values())):
                self._look_round("")
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
        first_token(scope, holder.known() if data is None else data, at=at)
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
        self.hearing.read(expression.names)
        try:
            return to_json(expression.evaluate({**data, **self.world.names}, functions=self.functions))
        except EvaluationError as error:
            raise StepFailed(element, error.message) from None

    def execute(self, script: Script, data: Values, element: str) -> tuple[Values, list[str]]:
        """What a script changes and deletes of the data; what it assigns to the platform's own names is dropped."""
        self.hurry(element)
        self.hearing.read(script.reads)
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
        if moves > MAX_MOVES:
            raise _endless(element)
        if moves % LOOK_UP == 0:
            self._look_round(element)
            self.hurry(element)

    def hurry(self, element: str) -> None:
        """Looks at the step's clock, before whatever may take long: one move may evaluate thousands of expressions."""
        if thread_time() > self._until:
            raise _endless(element)

    def _look_round(self, element: str) -> None:
        """Looks how much is open: it may have become so much over many steps, each of them a small one."""
        if len(self.tasks) + sum(len(scope.tasks) for scope in self.subprocesses.values()) > MAX_TOKENS:
            text = N_("More than %(limit)s things would be open in this process at once.")
            raise StepFailed(element, Message(text, {"limit": MAX_TOKENS}))


def _holding(token: Token) -> str:
    """What is drawn around a token at no element of its own, such as the root of a scope."""
    holder = token.workflow.holder
    return holder.task_spec.element if holder is not None else ""


def _endless(element: str) -> StepFailed:
    return StepFailed(element, Message(N_("The process goes on by itself without end.")))


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
