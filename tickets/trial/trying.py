"""Owns trying one file: its definitions walked from every start until everything is covered or nothing new comes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog

from engine.definitions import Node
from tickets.trial.definition import Definition
from tickets.trial.finding import Found
from tickets.trial.loading import Loader
from tickets.trial.outcome import ENDED, LATE, LONG, Outcome, Walk
from tickets.trial.stage import Stage
from tickets.trial.walking import Walker

log = structlog.get_logger()

MOST_WALKS = 12
"""Of one definition; more only where it has more starts."""
DULL = 2
"""So many rounds of walks from every start that bring nothing new are enough."""
CIRCLE = "A ticket goes round here for so long that it was not followed to an end."
GIVEN = "Nothing here sets these; the trial gave them with the start"
OUT_OF_CIRCLE = "Lead a flow out of the circle whose condition comes true by what people answer."
PART = 2
"""A walk takes at most half of the time left: one that goes round in a circle leaves time for others."""


@dataclass
class Trial:
    """One file on the stage. `tell` hears of each change, in case there is no time for the rest."""

    stage: Stage
    outcome: Outcome
    until: float
    """When to stop, on the monotonic clock."""
    tell: Callable[[Outcome], None]
    _given: dict[str, None] = field(default_factory=dict)

    def run(self, found: Found) -> None:
        """Reads the file and, unless it is refused, walks it."""
        definitions = Loader.of(self.stage, found).load(self.outcome)
        self.tell(self.outcome)
        self.stage.clear()  # nothing begins by itself
        for definition in definitions:
            self._walk(definition)
        if self._given:
            names = ", ".join(self._given)
            self.outcome.notes.append(f"{GIVEN}: {names}")
        if self._is_late() or any(walk.late for walk in self.outcome.walks):
            self.outcome.notes.append(LATE)
        self.tell(self.outcome)

    def _walk(self, definition: Definition) -> None:
        tried, rounds = _Starts(list(definition.starts)), Counter[str]()
        for start in tried:
            if self._is_late():
                return
            before = len(definition.plan.covered)
            now = time.monotonic()
            until = now + max(self.until - now, 0) / PART
            walk = self._walked(Walker(self.stage, definition, start, bold=tried.walks > 1, until=until))
            self._given.update(dict.fromkeys(sorted(definition.given_at(start.id))))
            self.stage.clear()
            self.outcome.walks.append(walk)
            if walk.is_stuck:
                self.outcome.warn(*definition.place(walk.element), walk.stopped, walk.remedy)
            self.tell(self.outcome)
            whole = definition.chart.nodes.keys() <= definition.plan.covered
            tried.learn(start, ended=walk.stopped == ENDED, new=len(definition.plan.covered) > before, whole=whole)
            if walk.stopped == LONG:
                # What the clock has cut off may have been a long way and no circle.
                rounds.update({each: times for each, times in Counter(walk.visited).items() if times > 1})
        if rounds and not tried.ended:
            element, _ = rounds.most_common(1)[0]
            self.outcome.warn(*definition.place(element), CIRCLE, OUT_OF_CIRCLE)

    def _walked(self, walker: Walker) -> Walk:
        try:
            return walker.walk()
        except Exception as error:  # whatever breaks one walk is told as its outcome, and the others go on
            log.exception("walk broke", file=self.outcome.file, start=walker.start.id)
            stopped = f"broke off: {type(error).__name__}: {error}"[:500]
            return Walk(tuple(walker.visited), stopped, walker.start.id, "Report this, with the file.")

    def _is_late(self) -> bool:
        return time.monotonic() > self.until


@dataclass
class _Starts:
    """Which start to walk from next: each at least once, then in turn while that brings something new."""

    starts: list[Node]
    walks: int = 0
    dull: int = 0
    whole: bool = False
    ended: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[Node]:
        while self.starts and self._goes_on():
            number, self.walks = self.walks, self.walks + 1
            yield self.starts[number % len(self.starts)]

    def learn(self, start: Node, *, ended: bool, new: bool, whole: bool) -> None:
        """What came of a walk."""
        self.dull = 0 if new else self.dull + 1
        self.whole = whole
        if ended:
            self.ended.add(start.id)

    def _goes_on(self) -> bool:
        if self.walks < len(self.starts):
            return True
        done = self.whole and len(self.ended) == len(self.starts)
        return not done and self.dull < DULL * len(self.starts) and self.walks < MOST_WALKS
