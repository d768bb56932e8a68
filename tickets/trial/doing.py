"""Owns what moves a ticket on in a trial: the verbs of people, the clock, messages, signals and jobs, as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions import Node
from engine.definitions.adhoc import FINISH, NEXT
from engine.expressions import N_
from engine.models import EventType
from engine.step import Values
from forms import Form, Submission
from forms.fields import ChoiceField
from tickets import signals, tasks, timers
from tickets.actor import Actor
from tickets.case import Someone
from tickets.cause import Cause
from tickets.connectors import asking as connectors
from tickets.driving import drive
from tickets.errors import Conflict, DomainError, FormInvalid, InstanceStuck
from tickets.evidence.wanted import CONFIRMATION, wanted_of
from tickets.filing import Filing, start_ticket
from tickets.messages import deliver
from tickets.numbers import next_number
from tickets.receivers import Parcel, Whither
from tickets.tasks import Answer
from tickets.trial.definition import Definition
from tickets.trial.stage import Stage, Waiting
from tickets.trial.supplying import Supply, brought

MOST_FAILURES = 3
"""So often a job fails for the sake of one event; something else may catch it."""
FAILURE = "The trial lets it fail."


class Stuck(Exception):
    """The walk cannot go on; the message says where and why. `element` is as the definition calls it."""

    def __init__(self, message: str, element: str, remedy: str) -> None:
        super().__init__(message)
        self.element, self.remedy = element, remedy


UNREADABLE = N_("See to it that what is read here is set before, and is what is expected here.")
STRICT = N_("Loosen the field's rules, or give it a default that meets them.")


@dataclass
class Doer:
    """Does things to one ticket. `bold`: lets jobs fail too, where that is caught."""

    stage: Stage
    definition: Definition
    bold: bool
    instance_id: int = 0
    begun: Counter[str] = field(default_factory=Counter)
    """What was chosen in ad-hoc sub-processes."""

    @property
    def supply(self) -> Supply:
        return Supply(self.stage, self.definition)

    def file(self, start: Node) -> None:
        """A new ticket, by a person's form or as its event would begin it. Raises Stuck."""
        stage, by_person, data = self.stage, start.event is None, self.supply.at_start(start)
        if by_person:
            submission = self.supply.by_form(start, data)
            if not submission.ok:
                raise _refused(start, submission)
            data |= submission.values
        filing = Filing(
            kind=self.definition.kind,
            site=stage.site,
            requester=Someone.of(stage.requester) if by_person else None,
            subject=self.definition.plan.setting.about,
            data=data,
            title="",
            start_id=start.id,
            number=next_number(stage.runtime, self.definition.kind.prefix),
            public=by_person,
        )
        try:
            number = start_ticket(stage.runtime, stage.requester if by_person else None, filing)
        except DomainError as error:
            raise Stuck(str(error.message), self._told(error, start), UNREADABLE) from None
        self.instance_id = stage.instance_of(number)

    def _told(self, error: DomainError, start: Node) -> str:
        """The element that a ticket's first step stopped at: people are told its name."""
        name = error.message.params.get("element")
        nodes = self.definition.chart.nodes.values()
        return next((node.id for node in nodes if name in (node.id, node.name)), start.id)

    def let_happen(self, waiting: Waiting) -> None:
        """What is waited for comes: somebody completes the task, the time, the message. Raises Stuck."""
        if waiting.task_id is not None:
            self._complete(waiting)
        elif waiting.due_at is not None:
            self.stage.clock.moment = max(self.stage.clock.moment, waiting.due_at)
            timers.tick(self.stage.runtime)
        else:
            self._send(waiting)

    def work(self, *, limit: int) -> int:
        """Does the jobs that are due; how many. Nothing that the ticket sends sets anything else going."""
        elsewhere = ("message", "pending_message", "signal", "signal.start", "subject.contract")
        handlers: Mapping[str, Callable[[dict[str, Any]], None]] = {
            **dict.fromkeys(elsewhere, lambda _args: None),
            "service": self._do_job,
            connectors.JOB: self._do_job,
            "signal.heard": lambda args: signals.hear(self.stage.runtime, args),
        }
        return self.stage.drain(handlers, limit=limit)

    def _complete(self, waiting: Waiting) -> None:
        assert waiting.task_id is not None
        actor, node = self.stage.doer(waiting.task_id), self.definition.chart.nodes[waiting.element]
        for other in range(wanted_of(node.settings).get(CONFIRMATION, 0)):
            self.stage.confirm(waiting.task_id, actor, other)
        try:
            tasks.complete(self.stage.runtime, actor, waiting.task_id, self._answer(node, actor))
        except FormInvalid as refused:
            raise _refused(node, refused.submission) from None
        except (InstanceStuck, Conflict):
            return  # the instance says what became of it

    def _answer(self, node: Node, actor: Actor) -> Answer:
        def fill(form: Form, before: Mapping[str, Any]) -> Submission:
            chosen = self._begun(node, form) if node.ad_hoc is not None else {}
            return self.supply.by_person(node, actor, form, before, chosen, self.instance_id)

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
        payload = brought(node, self.supply.from_outside(node, self.instance_id))
        if waiting.kind == EventType.SIGNAL:
            signals.send(runtime, self.stage.worker, name=waiting.name, payload=payload)
        else:
            parcel = Parcel(waiting.name, waiting.key, payload)
            deliver(runtime, None, parcel, Whither(site.brand_id, site.id), keep=False)

    def _do_job(self, args: dict[str, Any]) -> None:
        """Does what a service task asks, in place of whatever would be connected; or fails, where that is caught."""
        node = self.definition.chart.nodes[args["element"]]
        given = {"ref": args["ref"], "values": self.supply.from_outside(node, self.instance_id)}
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


def _refused(node: Node, submission: Submission) -> Stuck:
    """Which of a form's fields took none of the values tried."""
    errors = "; ".join(f"{path}: {error}" for path, error in submission.errors.items())
    message = f"stopped at “{node.id}”: its form takes none of the values that were tried ({errors})"
    return Stuck(message, node.id, STRICT)
