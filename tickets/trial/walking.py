"""Owns one walk: a ticket of a definition from one of its starts, moved on by people, time, messages and jobs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions import Node
from engine.definitions.adhoc import FINISH, NEXT
from engine.definitions.solving import values_of
from engine.models import EventType
from engine.step import Values
from forms import Form, Submission
from forms.fields import ChoiceField
from tickets import signals, tasks, timers
from tickets.actor import Actor
from tickets.case import Someone
from tickets.cause import Cause
from tickets.driving import drive
from tickets.errors import Conflict, DomainError, FormInvalid, InstanceStuck
from tickets.filing import Filing, start_ticket
from tickets.messages import deliver
from tickets.numbers import next_number
from tickets.receivers import Parcel, Whither
from tickets.tasks import Answer
from tickets.trial.definition import Definition
from tickets.trial.filling import Pen
from tickets.trial.mapping import mapped_back
from tickets.trial.outcome import ENDED, LONG, Walk
from tickets.trial.stage import Snapshot, Stage, Waiting
from tickets.types import EMPTY_FORM

MOST_STEPS = 200
MOST_VISITS = 1_000
JOBS_A_STEP = 50
MOST_FAILURES = 3
"""So often a job fails for the sake of one event; something else may catch it."""
FAILURE = "The trial lets it fail."


class Stuck(Exception):
    """The walk cannot go on; the message says where and why."""


@dataclass
class Walker:
    """One walk. A bold one prefers what was never tried: boundary events, errors, the rarer branches."""

    stage: Stage
    definition: Definition
    start: Node
    bold: bool
    until: float
    """On the monotonic clock."""
    instance_id: int = 0
    visited: list[str] = field(default_factory=list)
    acted: Counter[str] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    """What was chosen in ad-hoc sub-processes."""
    _last_visit: int = 0
    _futile: set[Waiting] = field(default_factory=set)

    def walk(self) -> Walk:
        """Goes on until the ticket has ended, is stuck, or was followed long enough."""
        self.definition.plan.begin(bold=self.bold)
        try:
            stopped = self._go()
        except Stuck as stuck:
            stopped = str(stuck)
        if self.instance_id:
            self._look()
        return Walk(tuple(self.visited), stopped)

    def _go(self) -> str:
        self._begin()
        for _ in range(MOST_STEPS):
            self._look()
            if time.monotonic() > self.until or len(self.visited) > MOST_VISITS:
                return LONG
            now = self.stage.snapshot(self.instance_id)
            if now.ended:
                return ENDED
            if now.incident is not None:
                raise Stuck(f"stopped at “{now.incident[0]}”: {now.incident[1]}")
            if self._something_new_interrupts(now) or not self.stage.drain(self._handlers(), limit=self._pace()):
                self._move(now)
        return LONG

    def _pace(self) -> int:
        """How many jobs to do at once: one, where something may come in between that never has."""
        chart = self.definition.chart
        known = self.definition.plan.covered
        return 1 if self.bold and not chart.interruptions <= known else JOBS_A_STEP

    def _something_new_interrupts(self, now: Snapshot) -> bool:
        return any(self._rank(waiting)[0] == 0 for waiting in now.waiting if waiting not in self._futile)

    def _move(self, now: Snapshot) -> None:
        """Does something that is possible; what brings nothing about is not tried again."""
        possible = [waiting for waiting in now.waiting if waiting not in self._futile]
        if not possible:
            raise Stuck(self._nothing_left(now))
        chosen, before = min(possible, key=self._rank), self._last_visit
        self._act(chosen)
        self._look()
        if self._last_visit == before:
            self._futile.add(chosen)

    def _look(self) -> None:
        done, self._last_visit = self.stage.visits(self.instance_id, self._last_visit)
        for element in done:
            self.definition.plan.passed(element)
        self.visited += [own for element in done if (own := self.definition.own_id(element))]

    # What sets the ticket going

    def _begin(self) -> None:
        stage, by_person = self.stage, self.start.event is None
        data = _brought(self.start, self._start_data())
        if by_person:
            form = self._form(self.start)
            submission = self._pen(self._wishes(self.start.id, data, form.names), stage.requester).fill(form, {})
            if not submission.ok:
                raise Stuck(_refused(self.start, submission))
            data |= submission.values
        filing = Filing(
            kind=self.definition.kind,
            site=stage.site,
            requester=Someone.of(stage.requester) if by_person else None,
            subject=stage.about,
            data=data,
            title="",
            start_id=self.start.id,
            number=next_number(stage.runtime, self.definition.kind.prefix),
            public=by_person,
        )
        try:
            number = start_ticket(stage.runtime, stage.requester if by_person else None, filing)
        except DomainError as error:
            raise Stuck(str(error.message)) from None
        self.instance_id = stage.instance_of(number)

    def _start_data(self) -> Values:
        """What another system would give with the start, so that whatever is read is there."""
        given = self.definition.given_at(self.start.id)
        wished = self._wishes(self.start.id, {}, given)
        data = self.definition.needs.values(given - self.definition.plan.absent)
        return data | {name: value for name, value in wished.items() if name in given}

    # What may happen next

    def _nothing_left(self, now: Snapshot) -> str:
        elements = [waiting.element for waiting in now.waiting] or self.stage.resting(self.instance_id)
        where = ", ".join(f"“{element}”" for element in dict.fromkeys(elements)) or "its end"
        return f"nothing is left to do, and it has not ended: it waits at {where}"

    def _rank(self, waiting: Waiting) -> tuple[Any, ...]:
        """What to do first: new interruptions when bold, else what is new, people and messages before time."""
        plan, node = self.definition.plan, self.definition.chart.nodes[waiting.element]
        if node.ad_hoc is not None and self.acted[node.id] >= len(node.fields[0].values):
            return (2,)
        known = waiting.element in plan.covered or self.acted[waiting.element] > 0
        order = (waiting.kind == "timer", self.acted[waiting.element], plan.acted[waiting.element])
        if not self.definition.chart.interrupts(node):
            return (1, known, not plan.uncovered_ahead([waiting.element]), *order)
        soon = not known and (self.bold or not node.interrupting)
        return (0 if soon else 2, known, False, *order)

    def _act(self, waiting: Waiting) -> None:
        self.acted[waiting.element] += 1
        self.definition.plan.acted[waiting.element] += 1
        if waiting.task_id is not None:
            self._complete(waiting)
        elif waiting.due_at is not None:
            self.stage.clock.moment = max(self.stage.clock.moment, waiting.due_at)
            timers.tick(self.stage.runtime)
        else:
            self._send(waiting)

    def _complete(self, waiting: Waiting) -> None:
        assert waiting.task_id is not None
        actor = self.stage.doer(waiting.task_id)
        node = self.definition.chart.nodes[waiting.element]
        try:
            tasks.complete(self.stage.runtime, actor, waiting.task_id, self._answer(node, actor))
        except FormInvalid as refused:
            raise Stuck(_refused(node, refused.submission)) from None
        except (InstanceStuck, Conflict):
            return  # the snapshot says what became of it

    def _answer(self, node: Node, actor: Actor) -> Answer:
        def fill(form: Form, before: Mapping[str, Any]) -> Submission:
            data = {**self.stage.data(self.instance_id), **before}
            begun = self._begun(node, form) if node.ad_hoc is not None else {}
            wishes = self._wishes(node.id, data, form.names)
            return self._pen(mapped_back(node, wishes) | wishes | begun, actor).fill(form, before)

        return fill

    def _begun(self, node: Node, form: Form) -> Values:
        """What to begin in an ad-hoc sub-process: each of its activities once, then nothing more."""
        offered = (each.options for each in form.inputs if isinstance(each, ChoiceField) and each.path == (NEXT,))
        choices = [str(option.value) for options in offered for option in options]
        chosen = min(choices, key=lambda choice: (self.begun[choice], choice == FINISH), default="")
        if self.begun[chosen] and FINISH in choices:
            chosen = FINISH
        self.definition.plan.pending[node.id] = int(self.begun[chosen] > 0)
        self.begun[chosen] += 1
        return {NEXT: chosen}

    def _send(self, waiting: Waiting) -> None:
        """What another system would send: with values for what nothing else sets."""
        runtime, site = self.stage.runtime, self.stage.site
        node = self.definition.chart.nodes[waiting.element]
        payload = _brought(node, self._provided(node))
        if waiting.kind == EventType.SIGNAL:
            signals.send(runtime, self.stage.worker, name=waiting.name, payload=payload)
        else:
            parcel = Parcel(waiting.name, waiting.key, payload)
            deliver(runtime, None, parcel, Whither(site.brand_id, site.id), keep=False)

    # Jobs

    def _handlers(self) -> Mapping[str, Callable[[dict[str, Any]], None]]:
        """The ticket's own jobs are done; nothing that it sends sets anything else going."""
        elsewhere = ("message", "pending_message", "signal", "signal.start", "subject.contract")
        return {
            **dict.fromkeys(elsewhere, lambda _args: None),
            "service": self._do_job,
            "signal.heard": lambda args: signals.hear(self.stage.runtime, args),
        }

    def _do_job(self, args: dict[str, Any]) -> None:
        """Does what a service task asks, in place of whatever would be connected; or fails, where that is caught."""
        node = self.definition.chart.nodes[args["element"]]
        given = {"ref": args["ref"], "values": self._provided(node)}
        code = self._failure(node)
        if code is not None:
            given |= {"code": code, "message": FAILURE}
        kind, cause = "job" if code is None else "fail", Cause(None, left=args.get("left"))
        drive(self.stage.runtime, kind, args["instance_id"], lambda _: given, cause=cause)

    def _failure(self, node: Node) -> str | None:
        """The code of an error that the job should end with, so that what catches it is tried too."""
        for code, event in self.definition.chart.catching(node.id).items() if self.bold else ():
            if event not in self.definition.plan.covered and self.definition.plan.acted[event] < MOST_FAILURES:
                self.definition.plan.acted[event] += 1
                return code or "error"
        return None

    def _provided(self, node: Node) -> Values:
        """Values from outside: those wished for, else what is there, else any for what is read and nothing sets."""
        names = self.definition.provided_at(node)
        data = self.stage.data(self.instance_id)
        wished = self._wishes(node.id, data, names)
        samples = self.definition.needs.values(names - self.definition.plan.absent)
        samples.update({name: data[name] for name in samples.keys() & data.keys()})
        given = mapped_back(node, wished) | wished
        return samples | {name: value for name, value in given.items() if name in names}

    # Values

    def _wishes(self, element: str, data: Values, names: frozenset[str]) -> Values:
        return self.definition.plan.wishes([element], data, names)

    def _pen(self, wishes: Values, actor: Actor) -> Pen:
        stage = self.stage
        return Pen(
            now=stage.clock.now().astimezone(stage.site.zone),
            turn=self.definition.plan.walks,
            upload=lambda accept: stage.upload(actor, accept),
            known_files=lambda public_id: stage.known_file(actor, public_id),
            wishes=values_of(self.definition.needs.suits) | wishes,
        )

    def _form(self, node: Node) -> Form:
        return self.definition.forms.get(node.id, EMPTY_FORM)


def _brought(node: Node, values: Values) -> Values:
    """What is sent so that a message brings these values: one that is kept whole in a variable brings what is in it."""
    name = node.event.payload_to if node.event is not None else ""
    if not name:
        return values
    whole = values.get(name)
    return dict(whole) if isinstance(whole, dict) else {}


def _refused(node: Node, submission: Submission) -> str:
    """Which of a form's fields took none of the values tried."""
    errors = "; ".join(f"{path}: {error}" for path, error in submission.errors.items())
    return f"stopped at “{node.id}”: its form takes none of the values that were tried ({errors})"
