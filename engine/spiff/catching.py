"""Owns finding who catches what is thrown: errors and escalations outwards, signals everywhere (10.5.1, 10.5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from engine.definitions.kinds import EventKind
from engine.spiff.parts import Part
from engine.spiff.tokens import Token, copy
from engine.spiff.waits import fire, waits_of
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.event_scopes import EventScopeSpec
    from engine.spiff.events import BoundarySpec
    from engine.spiff.open_scopes import ScopeMixin
    from engine.spiff.workflow import Instance

C = TypeVar("C", "BoundarySpec", "EventScopeSpec")


@dataclass(frozen=True)
class Alarm:
    """An error or escalation on its way outwards; whoever catches it gets `values`."""

    kind: EventKind
    code: str
    message: str = ""
    values: Values | None = None


def raise_alarm(token: Token, alarm: Alarm) -> bool:
    """The nearest catcher gets it: on the thrower itself, in its scope, then outwards; False if there is none.

    At each level an exact code comes before one that takes any.
    """
    host, inside = token, dict(alarm.values or {})
    while True:
        if (found := _match(host.task_spec.boundaries, alarm, host)) is not None:
            boundary, slot, part = found
            boundary.catch(host, slot, {**inside, **_told(part, alarm)})
            return True
        if host.task_spec.repeats is not None:
            inside = {**host.task_spec.changes_so_far(host), **inside}
            host = host.parent
            continue
        scope: ScopeMixin = host.workflow
        others = [event for event in scope.events() if event is not host.task_spec]
        if (caught := _match(others, alarm, scope.task_tree)) is not None:
            event, slot, part = caught
            event.catch(scope, slot, {**inside, **_told(part, alarm)})
            return True
        if scope.holder is None:
            return False
        host = scope.holder


def send_signal(instance: Instance, name: str, payload: Values) -> None:
    """Every token that waits for the signal at this moment gets it, the one that came first before the others."""
    found = [
        (int(token.id), slot, token)
        for scope in (instance, *instance.subprocesses.values())
        for token in scope.tasks.values()
        for slot, wait in waits_of(token, "signal")
        if wait[1] == name
    ]
    for _, slot, token in sorted(found, key=lambda one: one[:2]):
        fire(token, slot, copy(payload))


def _match(specs: Sequence[C], alarm: Alarm, token: Token) -> tuple[C, int, Part] | None:
    """Which of them catches it, and in which slot."""
    found = list(_catching(specs, alarm, token))
    exact = [one for one in found if one[1] == alarm.code]
    chosen = next(iter(exact or found), None)
    return chosen[0] if chosen is not None else None


def _catching(specs: Sequence[C], alarm: Alarm, token: Token) -> Iterator[tuple[tuple[C, int, Part], str]]:
    for spec in specs:
        for slot, (_, part) in enumerate(spec.slots):
            if part.event.kind is alarm.kind and (code := part.name(token)) in ("", alarm.code):
                yield (spec, slot, part), code


def _told(part: Part, alarm: Alarm) -> Values:
    """The variables in which a catching event wants the code and the words."""
    told = ((part.event.code_to, alarm.code), (part.event.message_to, alarm.message))
    return {name: value for name, value in told if name}
