"""Owns one walk: a ticket of a definition from one of its starts, moved on until it ends or nothing can move it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from engine.definitions import Node
from engine.expressions import N_
from tickets.trial.definition import Definition
from tickets.trial.doing import UNREADABLE, Doer, Stuck
from tickets.trial.outcome import ENDED, LONG, Walk
from tickets.trial.stage import Snapshot, Stage, Waiting

MOST_STEPS = 200
MOST_VISITS = 1_000
ROUNDS = 3
"""A large process may take more steps: so often as many as it has elements."""
JOBS_A_STEP = 50
JOINED = N_("Let all that is waited for here come, or join with the kind of gateway that has parted the ways.")


@dataclass
class Walker:
    """One walk. A bold one prefers what was never tried: boundary events, errors, the rarer branches."""

    stage: Stage
    definition: Definition
    start: Node
    bold: bool
    until: float
    """On the monotonic clock."""
    visited: list[str] = field(default_factory=list)
    acted: Counter[str] = field(default_factory=Counter)
    """How often something was done at an element."""
    doer: Doer = field(init=False)
    _last_visit: int = 0
    _futile: set[Waiting] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.doer = Doer(self.stage, self.definition, self.bold)

    def walk(self) -> Walk:
        """Goes on until the ticket has ended, is stuck, or was followed long enough."""
        self.definition.plan.begin(bold=self.bold)
        try:
            self.doer.file(self.start)
            stopped, where = self._go(), ("", "")
        except Stuck as stuck:
            stopped, where = str(stuck), (stuck.element, stuck.remedy)
        if self.doer.instance_id:
            self._look()
        return Walk(tuple(self.visited), stopped, *where, late=stopped == LONG and self._is_late())

    def _go(self) -> str:
        most = ROUNDS * len(self.definition.chart.nodes)
        for _ in range(max(MOST_STEPS, most)):
            self._look()
            now = self.stage.snapshot(self.doer.instance_id)
            if now.ended:
                return ENDED
            if self._is_late() or len(self.visited) > max(MOST_VISITS, most):
                return LONG
            if now.incident is not None:
                element, reason = now.incident
                raise Stuck(f"stopped at “{element}”: {reason}", element, UNREADABLE)
            if self._something_new_interrupts(now) or not self.doer.work(limit=self._pace()):
                self._move(now)
        return LONG

    def _is_late(self) -> bool:
        return time.monotonic() > self.until

    def _look(self) -> None:
        """Takes down what has completed since the last look."""
        done, self._last_visit = self.stage.visits(self.doer.instance_id, self._last_visit)
        for element in done:
            self.definition.plan.passed(element)
        self.visited += [own for element in done if (own := self.definition.own_id(element))]

    def _pace(self) -> int:
        """How many jobs to do at once: one, where something may come in between that never has."""
        may_come = self.definition.chart.interruptions - self.definition.plan.covered
        return 1 if self.bold and may_come else JOBS_A_STEP

    def _something_new_interrupts(self, now: Snapshot) -> bool:
        return any(self._rank(waiting)[0] == 0 for waiting in now.waiting if waiting not in self._futile)

    def _move(self, now: Snapshot) -> None:
        """Does something that is possible; what brings nothing about is not tried again."""
        possible = [waiting for waiting in now.waiting if waiting not in self._futile]
        if not possible:
            raise self._nothing_left(now)
        chosen, before = min(possible, key=self._rank), self._last_visit
        self.acted[chosen.element] += 1
        self.definition.plan.acted[chosen.element] += 1
        self.doer.let_happen(chosen)
        self._look()
        if self._last_visit == before:
            self._futile.add(chosen)

    def _nothing_left(self, now: Snapshot) -> Stuck:
        found = [waiting.element for waiting in now.waiting] or self.stage.resting(self.doer.instance_id)
        elements = list(dict.fromkeys(found)) or [self.start.id]
        where = ", ".join(f"“{element}”" for element in elements)
        return Stuck(f"nothing is left to do, and it has not ended: it waits at {where}", elements[0], JOINED)

    def _rank(self, waiting: Waiting) -> tuple[Any, ...]:
        """What to do first: new interruptions when bold, else what is new, and of that first what leaves the rest open;
        people and messages before time.
        """
        plan, node = self.definition.plan, self.definition.chart.nodes[waiting.element]
        if node.ad_hoc is not None and self.acted[node.id] >= len(node.fields[0].values):
            return (2,)
        known = waiting.element in plan.covered or self.acted[waiting.element] > 0
        order = (waiting.kind == "timer", self.acted[waiting.element], plan.acted[waiting.element])
        if not self.definition.chart.interrupts(node):
            last = self.definition.chart.scopes_ended(waiting.element)
            return (1, known, not plan.uncovered_ahead([waiting.element]), last, *order)
        soon = not known and (self.bold or not node.interrupting)
        return (0 if soon else 2, known, False, *order)
