"""Owns a definition on trial: its ticket type, its forms, its chart, and what walks through it have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from engine.definitions import Compiled, Kind, Node
from engine.definitions.kinds import EventKind
from engine.models import ProcessDefinition
from engine.spiff.workflow import date_functions
from engine.step import World
from forms import Form
from tickets.case import About, Someone
from tickets.steps import blueprint_of
from tickets.trial.chart import Chart
from tickets.trial.filling import domains
from tickets.trial.given import Needs, needs_of
from tickets.trial.mapping import read_by_outputs
from tickets.trial.plan import Functions, Plan, Setting
from tickets.trial.stage import Stage
from tickets.types import TicketType, form_of

GIVERS = frozenset({Kind.JOB, Kind.RECEIVE})
CARRIERS = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.MULTIPLE})
"""Events with which values come from outside."""


@dataclass
class Definition:
    """One executable process of a file; `process_ids` are all those of the file, `own` its flow nodes."""

    kind: TicketType
    compiled: Compiled
    forms: Mapping[str, Form]
    """By element."""
    needs: Needs
    chart: Chart
    plan: Plan
    own: frozenset[str]
    process_ids: frozenset[str]

    @classmethod
    def load(
        cls, stage: Stage, key: str, version: int, *, own: frozenset[str], process_ids: frozenset[str]
    ) -> Definition:
        """The deployed version, with all that walks through it need to know."""
        runtime = stage.runtime
        with runtime.reading() as session:
            wanted = sa.and_(ProcessDefinition.key == key, ProcessDefinition.version == version)
            row = session.scalars(sa.select(ProcessDefinition).where(wanted)).one()
            kind = session.scalars(sa.select(TicketType).where(TicketType.definition_id == row.id)).one()
            compiled = blueprint_of(session, runtime, row.id).compiled
            forms = {element: form_of(session, digest) for element, digest in compiled.forms.items()}
        chart = Chart.of(compiled)
        needs = needs_of(compiled, forms, chart)
        limited = {path: values for form in forms.values() for path, values in domains(form).items()}
        plan = Plan(chart, limited, list(_settings(stage, chart)))
        made = cls(kind, compiled, forms, needs, chart, plan, own, process_ids)
        plan.gives = {ident: made.given_by(node) for ident, node in chart.nodes.items()}
        return made

    @property
    def starts(self) -> Iterator[Node]:
        """The events that a ticket may begin at."""
        return self.compiled.process.starts()

    def own_id(self, element: str) -> str:
        """The element as the file calls it; empty if it is not the file's, or none that was drawn."""
        process_id, slash, ident = element.rpartition("/")
        if slash and process_id not in self.process_ids:
            return ""
        return ident if ident in self.own else ""

    def place(self, element: str) -> tuple[str, int]:
        """An element as the file calls it, and its line; for one of another file's process, what calls that."""
        if own := self.own_id(element):
            lines = (node.line for ident, node in self.chart.nodes.items() if self.own_id(ident) == own)
            return own, next(lines, 1)
        around = self.chart.holders.get(element, ())
        return self.place(around[0]) if around else (self.compiled.process.id, self.compiled.process.line)

    def given_by(self, node: Node) -> frozenset[str]:
        """The variables that come in at an element: by its form, or from outside."""
        form = self.forms.get(node.id)
        given = (form.names if form is not None else frozenset()) | self.provided_at(node)
        return given | {output.name for output in node.outputs} if given else given

    def provided_at(self, node: Node) -> frozenset[str]:
        """The variables that a job or another system gives at an element: its result, and what nothing sets."""
        carries = node.event is not None and node.event.kind in CARRIERS and node.kind is not Kind.THROW
        if node.kind not in GIVERS and not carries:
            return frozenset()
        given = frozenset(filter(None, [node.result, *self.needs.names]))
        return given & read_by_outputs(node) if node.only_outputs else given

    def given_at(self, start: str) -> frozenset[str]:
        """The variables that another system gives with a start: what is read before anything else could give it."""
        reached = {givers: self.chart.before(start, givers) for givers in set(self._givers.values())}
        return frozenset(name for name, givers in self._givers.items() if self.needs.readers[name] & reached[givers])

    @cached_property
    def _givers(self) -> Mapping[str, frozenset[str]]:
        """For each variable that nothing sets, the elements at which it may come in from outside."""
        provided = {ident: self.provided_at(node) for ident, node in self.chart.nodes.items()}
        return {
            name: frozenset(ident for ident, names in provided.items() if name in names) for name in self.needs.names
        }


def _settings(stage: Stage, chart: Chart) -> Iterator[Setting]:
    """What tickets are about: the first subject, and another whose responsible has left, where anything asks that."""
    wanted = (one for questions in chart.questions.values() for each in questions for one in each.choices)
    asks = any("departed" in expression.source for choice in wanted for expression, _ in choice.wanted)
    for about in stage.abouts if asks else stage.abouts[:1]:
        names = {"subject": about.as_name(), "requester": Someone.of(stage.requester).as_name()}
        yield Setting(about, names, _functions(World(stage.clock.now()), about))
    if not stage.abouts:
        yield Setting(None, {}, _functions(World(stage.clock.now()), None))


def _functions(world: World, about: About | None) -> Functions:
    """What conditions may call, as far as it matters for where they lead."""
    person = about.responsible if about is not None else None
    departed = person is not None and person.departed
    people: Functions = {
        "person": lambda who: {"login": str(who), "departed": False},
        "role": lambda key: {"role": str(key)},
        "responsible": lambda: person.as_name() if person is not None else None,
        "superior_of": lambda _who: {"login": "zhaomin", "departed": False},
        "departed": lambda who: isinstance(who, Mapping) and bool(who.get("departed")),
        "responsible_departed": lambda: departed,
    }
    return {**date_functions(world), **people}
