"""Owns the kinds of simple events that are waited for: timers, messages, signals, conditions, a person's word (10.5.5).

The library's timers are not used: a due time is worked out once, on entry, and kept in the timer table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from engine.definitions.kinds import TimerKind
from engine.definitions.parts import Event
from engine.expressions import Expression
from engine.spiff.tokens import Token
from engine.spiff.working_time import calendar_of
from engine.step import Awaited, DueTimer, Opened, StepFailed
from engine.timing import NotATime, Time, Turn, first_turn, next_turn, parse_time

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance

Wait = list[Any]
"""What a token keeps of one thing it waits for, as JSON: its kind, then what that kind needs."""
LONGEST_NAME = 255


@dataclass(frozen=True)
class Part:
    """One simple event with its expressions compiled, at the element that says so.

    This one is not waited for: errors and escalations look for who catches them.
    """

    element: str
    event: Event
    lane: str = ""
    expr: Expression | None = None
    naming: Expression | None = None
    key: Expression | None = None

    def begin(self, _token: Token) -> Wait | None:
        """What `token` waits for from now on; None: nothing."""
        return None

    def again(self, token: Token, _before: Wait) -> Wait | None:
        """The same once more, after it has come to an event that does not interrupt."""
        return self.begin(token)

    def write(self, token: Token, slot: int, wait: Wait) -> None:
        """Tells the tables what is waited for."""

    def erase(self, token: Token, slot: int, outcome: str) -> None:
        """Tells the tables that it is waited for no more."""

    def name(self, token: Token) -> str:
        """The message's or signal's name, the error's or escalation's code."""
        return self.event.name if self.naming is None else self._text_of(self.naming, token)[:LONGEST_NAME]

    def correlation(self, token: Token) -> str:
        instance: Instance = token.workflow.top_workflow
        return instance.correlation(token) if self.key is None else self._text_of(self.key, token)[:LONGEST_NAME]

    def _text_of(self, expression: Expression, token: Token) -> str:
        value = token.workflow.top_workflow.evaluate(expression, token.task_spec.sees(token), self.element)
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        return str(value if value is not None else "")


class TimerPart(Part):
    """Keeps the due time, and what later turns are worked out from: the moment they count from, the text, how many."""

    def begin(self, token: Token) -> Wait:
        text = self.event.text or (self._text_of(self.expr, token) if self.expr else "")
        world, spec = token.workflow.top_workflow.world, token.task_spec
        try:
            turn = first_turn(self._time(text, token), world.now, world.zone, calendar_of(token, spec))
        except NotATime as error:
            raise StepFailed(self.element, error.message) from None
        return self._kept(turn, text)

    def again(self, token: Token, before: Wait) -> Wait | None:
        """The next turn, if any; however late the last one was, only one is due."""
        _, due, start, text, left = before
        world = token.workflow.top_workflow.world
        turn = Turn(datetime.fromisoformat(due), datetime.fromisoformat(start), left)
        after = next_turn(self._time(text, token), turn, world.now, world.zone, calendar_of(token, token.task_spec))
        return self._kept(after, text) if after is not None else None

    def write(self, token: Token, slot: int, wait: Wait) -> None:
        due = DueTimer(token.id, slot, self.element, datetime.fromisoformat(wait[1]))
        token.workflow.top_workflow.effects.timers[token.id, slot] = due

    def erase(self, token: Token, slot: int, outcome: str) -> None:
        effects = token.workflow.top_workflow.effects
        if effects.timers.pop((token.id, slot), None) is None:
            effects.timers_gone.add(token.id)

    def _kept(self, turn: Turn, text: str) -> Wait:
        return ["timer", turn.at.isoformat(), turn.start.isoformat(), text, turn.left]

    def _time(self, text: str, token: Token) -> Time:
        zone = token.workflow.top_workflow.world.zone
        return parse_time(text, zone, repeats=self.event.timer is TimerKind.CYCLE)


class MessagePart(Part):
    """Found by name and correlation key."""

    def begin(self, token: Token) -> Wait:
        return ["message", self.name(token), self.correlation(token)]

    def write(self, token: Token, slot: int, wait: Wait) -> None:
        kind, name, *key = wait
        awaited = Awaited(token.id, slot, self.element, name, "".join(key), kind)
        token.workflow.top_workflow.effects.awaited[token.id, slot] = awaited

    def erase(self, token: Token, slot: int, outcome: str) -> None:
        effects = token.workflow.top_workflow.effects
        if effects.awaited.pop((token.id, slot), None) is None:
            effects.awaited_gone.add(token.id)


class SignalPart(MessagePart):
    """Found by name alone."""

    def begin(self, token: Token) -> Wait:
        return ["signal", self.name(token)]


class ConditionPart(Part):
    """Keeps whether it held when it was last looked at: it happens when a condition becomes true."""

    def begin(self, _token: Token) -> Wait:
        return ["condition", False]

    def again(self, _token: Token, _before: Wait) -> Wait:
        return ["condition", True]

    def write(self, token: Token, slot: int, wait: Wait) -> None:
        token.workflow.top_workflow.watch(token, at_once=not wait[1])

    def erase(self, token: Token, slot: int, outcome: str) -> None:
        token.workflow.top_workflow.conditional.pop(token.id, None)


class PersonPart(Part):
    """A person says that it has happened: a task of its own, whose ref is the token's and the slot."""

    def begin(self, _token: Token) -> Wait:
        return ["person"]

    def write(self, token: Token, slot: int, wait: Wait) -> None:
        ref = ref_of(token, slot)
        spec = token.task_spec
        opened = Opened(ref, self.element, token.loop, self.lane or spec.lane_of(token), spec.sees(token))
        token.workflow.top_workflow.effects.opened[ref] = opened

    def erase(self, token: Token, slot: int, outcome: str) -> None:
        effects, ref = token.workflow.top_workflow.effects, ref_of(token, slot)
        if effects.opened.pop(ref, None) is None:
            effects.closed[ref] = outcome


@dataclass(frozen=True)
class Trigger:
    """What an event waits for: one simple event; or several, any one of them or every one (10.5.5)."""

    parts: Sequence[Part]
    all_of: bool = False


Slots = Sequence[tuple[Trigger, Part]]
"""What a node's tokens wait for; a slot is its place here."""


def slots_of(triggers: Sequence[Trigger]) -> Slots:
    return [(trigger, part) for trigger in triggers for part in trigger.parts]


def ref_of(token: Token, slot: int) -> str:
    """By which a person's task of an event is known: unlike a task's own, with a slot."""
    return f"{token.id}.{slot}"
