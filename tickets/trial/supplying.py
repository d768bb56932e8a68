"""Owns the values a walk is supplied with: what people type, what other systems and jobs give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.definitions import Node
from engine.definitions.asking.solving import values_of
from engine.step import Values
from forms import Form, Submission
from tickets.actor import Actor
from tickets.evidence.wanted import wanted_of
from tickets.trial.definition import Definition
from tickets.trial.filling import Pen
from tickets.trial.mapping import mapped_back
from tickets.trial.stage import Stage
from tickets.types import EMPTY_FORM


@dataclass(frozen=True)
class Supply:
    """Values for one definition, so that tokens go where its plan wishes them to."""

    stage: Stage
    definition: Definition

    def at_start(self, start: Node) -> Values:
        """What another system gives with the start, so that whatever is read is there."""
        plan, given = self.definition.plan, self.definition.given_at(start.id)
        wished = plan.wishes([start.id], {}, given)
        data = self.definition.needs.values(given - plan.absent)
        return brought(start, data | {name: value for name, value in wished.items() if name in given})

    def by_form(self, start: Node, data: Values) -> Submission:
        """The form of a start event, filled in."""
        form = self.definition.forms.get(start.id, EMPTY_FORM)
        wishes = self.definition.plan.wishes([start.id], data, form.names)
        return self._pen(wishes, self.stage.requester).fill(form, {})

    def by_person(
        self, node: Node, actor: Actor, form: Form, before: Mapping[str, Any], chosen: Values, instance_id: int
    ) -> Submission:
        """The form of a task, filled in; `chosen` are values that are settled already."""
        data = {**self.stage.data(instance_id), **before}
        wishes = self.definition.plan.wishes([node.id], data, form.names)
        pen = self._pen(mapped_back(node, wishes) | wishes | chosen, actor)
        return replace(pen, evidence=wanted_of(node.settings)).fill(form, before)

    def from_outside(self, node: Node, instance_id: int) -> Values:
        """What a job or another system gives: what is wished for, else what is there, else anything that is read."""
        plan, names, data = self.definition.plan, self.definition.provided_at(node), self.stage.data(instance_id)
        wished = plan.wishes([node.id], data, names)
        samples = self.definition.needs.values(names - plan.absent)
        samples.update({name: data[name] for name in samples.keys() & data.keys()})
        given = mapped_back(node, wished) | wished
        return samples | {name: value for name, value in given.items() if name in names}

    def _pen(self, wishes: Values, actor: Actor) -> Pen:
        stage = self.stage
        return Pen(
            now=stage.clock.now().astimezone(stage.site.zone),
            turn=self.definition.plan.walks,
            upload=lambda accept: stage.upload(actor, accept),
            known_files=lambda public_id: stage.known_file(actor, public_id),
            wishes=values_of(self.definition.needs.suits) | wishes,
        )


def brought(node: Node, values: Values) -> Values:
    """What is sent so that a message brings these values: one that is kept whole in a variable brings what is in it."""
    name = node.event.payload_to if node.event is not None else ""
    if not name:
        return values
    whole = values.get(name)
    return dict(whole) if isinstance(whole, dict) else {}
