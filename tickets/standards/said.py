"""Owns what a BPMN file says of a standard: whom it is for, what starts it, and its steps in the order of the flow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.database import NEVER
from engine.definitions.kinds import PEOPLES, EventKind, Kind
from engine.definitions.model import Node, Process, Scope
from engine.definitions.stored import Compiled
from engine.expressions import N_, Message
from engine.spiff.working_time import counts_working_time
from engine.timing import Calendar, Cycle, Duration, NotATime, parse_cycle, parse_duration
from tickets.standards.tables import Trigger
from tickets.subjects import SubjectKind

STANDARD, START = "standard", "standard.start"
STEP, MANDATORY, DEADLINE, EVIDENCE = "standardStep", "mandatory", "deadline", "evidence"
SLUG = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
ATTRIBUTE = re.compile(r"[^\s]{1,64}")
_UTC = ZoneInfo("UTC")


class NotSaid(ValueError):
    """A setting that can't be read; `message` says what is wrong and how it is written."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a standard, and the trigger's settings as `Standard.timing` keeps them."""

    trigger: Trigger
    timing: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SaidStep:
    """A step as the file says it; `elements` are the tasks that are it, `working` whether its deadline counts so."""

    key: str
    name: str
    names: Mapping[str, str]
    mandatory: bool
    deadline: str
    working: bool
    evidence: str
    """As written: `photo:2 confirmation`."""
    elements: tuple[str, ...]


def kind_said(settings: Mapping[str, str]) -> SubjectKind | None:
    """The kind of subject that a process is a standard for; None where it is none."""
    text = settings.get(STANDARD, "").strip()
    return SubjectKind(text) if text in set(SubjectKind) else None


def start_said(text: str) -> Start:
    """What `standard.start` says: `created`, `date start_date -P7D`, `cycle 0 9 * * MON`. Raises NotSaid."""
    word, _, rest = text.strip().partition(" ")
    if word == Trigger.CREATED and not rest.strip():
        return Start(Trigger.CREATED)
    if word == Trigger.DATE:
        return Start(Trigger.DATE, _date_said(rest))
    if word == Trigger.CYCLE:
        read_cycle(rest)
        return Start(Trigger.CYCLE, {"cycle": rest.strip(), "from": "start_date", "until": "end_date"})
    problem = N_("“%(text)s” is not “created”, “date start_date -P7D” or “cycle 0 9 * * MON”.")
    raise NotSaid(Message(problem, {"text": text[:80]}))


def read_cycle(text: str) -> Cycle:
    """The turns that a text says. Raises NotSaid, also where they come more often than once a day."""
    try:
        cycle = parse_cycle(text, _UTC)
    except NotATime as error:
        raise NotSaid(error.message) from None
    every = cycle.every
    often = every.total < _DAY if isinstance(every, Duration) else len(every.text.hours) * len(every.text.minutes) > 1
    if often:
        raise NotSaid(Message(N_("A standard starts at most once a day for each subject.")))
    return cycle


_DAY = 86_400


def read_deadline(text: str) -> Duration:
    """How long after an occurrence's start a step is due. Raises NotSaid."""
    try:
        return parse_duration(text)
    except NotATime as error:
        raise NotSaid(error.message) from None


def due_after(deadline: str, start: datetime, zone: ZoneInfo, calendar: Calendar | None) -> datetime:
    """When a step with this deadline is due; NEVER without one, or where it says nothing that can be read."""
    if not deadline:
        return NEVER
    try:
        return read_deadline(deadline).after(start, zone, calendar)
    except (NotSaid, NotATime):
        return NEVER


def is_mandatory(settings: Mapping[str, str]) -> bool:
    """Whether the step has to be gone through; it has unless the file says `false`."""
    return settings.get(MANDATORY, "").strip().casefold() != "false"


def step_key(settings: Mapping[str, str]) -> str:
    """The key of the standard step that a task is; empty for none."""
    return settings.get(STEP, "").strip()


@lru_cache(maxsize=64)
def _kept(compiled: _Identity) -> tuple[SaidStep, ...]:
    return tuple(_steps(compiled.compiled))


@dataclass(frozen=True, slots=True)
class _Identity:
    """A stored artefact by its identity: it never changes, and comparing it costs more than reading it."""

    compiled: Compiled

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.compiled is self.compiled

    def __hash__(self) -> int:
        return id(self.compiled)


def is_step_of(node: Node) -> bool:
    """Whether the node is a person's task, and a standard step."""
    return node.kind in PEOPLES and bool(step_key(node.settings))


def steps_said(compiled: Compiled) -> tuple[SaidStep, ...]:
    """The steps of a version in the order of its flow, those inside called processes where they are called."""
    return _kept(_Identity(compiled))


def _steps(compiled: Compiled) -> Iterator[SaidStep]:
    found: dict[str, list[tuple[Node, bool]]] = {}
    for node, process in in_order(compiled):
        key = step_key(node.settings)
        if is_step_of(node):
            working = counts_working_time(node.settings, process.settings, compiled.process.settings)
            found.setdefault(key, []).append((node, working))
    for key, nodes in found.items():
        first, working = nodes[0]
        yield SaidStep(
            key=key,
            name=first.name or first.id,
            names=first.names,
            mandatory=any(is_mandatory(node.settings) for node, _ in nodes),
            deadline=first.settings.get(DEADLINE, "").strip(),
            working=working,
            evidence=" ".join(first.settings.get(EVIDENCE, "").split()),
            elements=tuple(dict.fromkeys(node.id for node, _ in nodes)),
        )


def in_order(compiled: Compiled) -> Iterator[tuple[Node, Process]]:
    """Every node once, as the flow comes to it, with the process it stands in."""
    yield from _walk(compiled, compiled.process, compiled.process.scope, set())


def _walk(compiled: Compiled, process: Process, scope: Scope, called: set[str]) -> Iterator[tuple[Node, Process]]:
    for node in _flow_order(scope):
        yield node, process
        if node.body is not None:
            yield from _walk(compiled, process, node.body, called)
        if node.kind is Kind.CALL and node.called in compiled.called and node.called not in called:
            called.add(node.called)
            inner = compiled.called[node.called]
            yield from _walk(compiled, inner, inner.scope, called)


def _flow_order(scope: Scope) -> list[Node]:
    """What comes first stands first; of branches those that the file has first. A way back changes nothing."""
    nodes = {node.id: node for node in scope.nodes}
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for flow in scope.flows:
        if flow.source in nodes and flow.target in nodes:
            after[flow.source].append(flow.target)
    for node in scope.nodes:
        if node.attached_to in nodes:
            after[node.attached_to].append(node.id)
    ordered: list[str] = []
    seen: set[str] = set()
    begins = [node.id for node in scope.nodes if node.kind is Kind.START and not node.by_event]
    for begin in reversed([*begins, *(name for name in nodes if name not in begins)]):
        _finish(begin, after, seen, ordered)
    # Those that the start events lead to have been finished last, so they come first.
    return [nodes[name] for name in reversed(ordered)]


def _finish(begin: str, after: Mapping[str, list[str]], seen: set[str], ordered: list[str]) -> None:
    """Adds what can be reached and has not been, each after all that follow it (a walk without recursion)."""
    if begin in seen:
        return
    seen.add(begin)
    stack = [(begin, iter(reversed(after[begin])))]
    while stack:
        name, following = stack[-1]
        fresh = next((each for each in following if each not in seen), None)
        if fresh is None:
            ordered.append(name)
            stack.pop()
        else:
            seen.add(fresh)
            stack.append((fresh, iter(reversed(after[fresh]))))


def start_element(process: Process) -> str | None:
    """The start event that a standard's tickets begin at: the plain one, else that of the message `standard.start`."""
    plain = process.start()
    if plain is not None:
        return plain.id
    named = (node for node in process.starts() if node.event is not None and node.event.kind is EventKind.MESSAGE)
    return next((node.id for node in named if node.event is not None and node.event.name == START), None)


def _date_said(text: str) -> dict[str, Any]:
    attribute, _, offset = text.strip().partition(" ")
    if not ATTRIBUTE.fullmatch(attribute):
        raise NotSaid(Message(N_("Name the attribute that holds the date, such as: date start_date -P7D.")))
    return {"attribute": attribute, "days": days_said(offset.strip() or "P0D")}


def days_said(text: str) -> int:
    """So many days after a date, before it where the duration is negative. Raises NotSaid."""
    sign = -1 if text.startswith("-") else 1
    found = read_deadline(text.lstrip("+-"))
    if found.months or found.seconds:
        raise NotSaid(Message(N_("“%(text)s” is not a number of days such as -P7D or P1W."), {"text": text[:40]}))
    if found.days > MOST_DAYS:
        raise NotSaid(Message(N_("At most %(limit)s days before or after the date."), {"limit": MOST_DAYS}))
    return sign * found.days


MOST_DAYS = 366
