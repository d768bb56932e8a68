"""Owns gateways: exclusive, parallel and inclusive splits and joins (BPMN 2.0.2, 13.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from engine.definitions.model import Node
from engine.spiff.nodes import NodeSpec, Out
from engine.spiff.tokens import READY, STARTED, WAITING, Token, copy, difference
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.build import ProcessSpec


class ExclusiveSpec(NodeSpec):
    """The first flow whose condition holds, in the order drawn; else the default one (13.4.2)."""

    def taken(self, token: Token) -> list[Out]:
        for out in self.outs:
            if out is not self.default and (out.condition is None or self.holds(out.condition, token)):
                return [out]
        if self.default is not None:
            return [self.default]
        if self.outs:
            raise self.stuck()
        return []


class JoinSpec(NodeSpec):
    """A gateway that may have to wait for other tokens; `flows` are the ids of those that lead to it."""

    flows: Sequence[str] = ()

    def waiting(self, token: Token) -> list[Token]:
        """The tokens that wait here, in the order they came."""
        found = [t for t in token.workflow.tasks.values() if t.task_spec is self and t._state == WAITING]
        return sorted(found, key=lambda t: int(t.id))

    def join(self, used: Sequence[Token]) -> None:
        """One token goes on for those used up; it has what each of their branches changed."""
        going = used[-1]
        data = joined(used)
        for token in used[:-1]:
            token.drop()
        going.data = data
        going._ready()


class ParallelSpec(JoinSpec):
    """Waits for one token from each incoming flow; surplus tokens stay for the next round (13.4.1)."""

    def _update_hook(self, my_task: Token) -> bool | None:
        if len(self.flows) < 2:
            return True
        my_task._set_state(WAITING)
        first: dict[str, Token] = {}
        for token in self.waiting(my_task):
            first.setdefault(token.via, token)
        if len(first) == len(self.flows):
            self.join(sorted(first.values(), key=lambda t: int(t.id)))
        return None

    def taken(self, token: Token) -> list[Out]:
        return self.outs


class InclusiveSpec(JoinSpec):
    """Waits while a token elsewhere can still reach an empty incoming flow and none that is filled (13.4.3)."""

    def __init__(self, wf_spec: Any, name: str, node: Node) -> None:
        super().__init__(wf_spec, name, node)
        self.watched = True

    def _update_hook(self, my_task: Token) -> bool | None:
        if len(self.flows) < 2:
            return True
        my_task._set_state(WAITING)
        self.watch(my_task)
        return None

    def watch(self, token: Token) -> None:
        token.workflow.top_workflow.undecided[token.id] = token

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.undecided.pop(token.id, None)
        super().withdraw(token)

    def settle(self, token: Token) -> bool:
        """Called when nothing else moves: joins if nothing more can come; True if it did."""
        waiting = self.waiting(token)
        first: dict[str, Token] = {}
        for one in waiting:
            first.setdefault(one.via, one)
        empty = [flow for flow in self.flows if flow not in first]
        if empty and self._more_may_come(token, first, empty):
            return False
        for one in first.values():
            token.workflow.top_workflow.undecided.pop(one.id, None)
        self.join(sorted(first.values(), key=lambda t: int(t.id)))
        return True

    def _more_may_come(self, token: Token, filled: Iterable[str], empty: Iterable[str]) -> bool:
        live = (each for each in token.workflow.tasks.values() if each._state in (READY, WAITING, STARTED))
        others = (each.task_spec.name for each in live if each.task_spec is not self)
        return self.awaits_any(others, token.workflow.spec, filled, empty)

    def awaits_any(
        self, others: Iterable[str], scope: ProcessSpec, filled: Iterable[str], empty: Iterable[str]
    ) -> bool:
        """Whether a token at one of the nodes `others` can still come to an empty flow, and to none that is filled."""
        behind_empty, behind_filled = self._behind(scope, empty), self._behind(scope, filled)
        return any(name in behind_empty and name not in behind_filled for name in others)

    def _behind(self, scope: ProcessSpec, flows: Iterable[str]) -> set[str]:
        """Every node from which one of `flows` can be reached without passing this gateway."""
        ahead = [scope.flow_source[flow] for flow in flows]
        seen: set[str] = set()
        while ahead:
            name = ahead.pop()
            if name not in seen and name != self.name:
                seen.add(name)
                ahead += scope.sources[name]
        return seen


def joined(tokens: Sequence[Token]) -> Values:
    """The data at a join: what the branches shared, and what each changed since.

    What several changed is as the scope knows it, which keeps the latest, whoever wrote it; so is what one changed if
    another has what the scope knows, as where it was put back to what it had been. Taking one branch's data whole, as
    the library does, would undo what the others changed.
    """
    base, latest = _shared_ancestor(tokens).look(), tokens[0].workflow.written
    data: Values = copy(base)
    changes: Counter[str] = Counter()
    for token in tokens:
        changed, deleted = difference(base, token.look())
        data.update(copy(changed))
        for key in deleted:
            data.pop(key, None)
        changes.update([*changed, *deleted])
    for key, times in changes.items():
        if times > 1 or any(_equal(token.look(), latest, key) for token in tokens):
            _take_over(data, latest, key)
    return data


def _equal(one: Values, other: Values, key: str) -> bool:
    return (key in one) == (key in other) and one.get(key) == other.get(key)


def _take_over(data: Values, latest: Values, key: str) -> None:
    if key in latest:
        data[key] = copy(latest[key])
    else:
        data.pop(key, None)


def _shared_ancestor(tokens: Sequence[Token]) -> Token:
    lines = [_line(token) for token in tokens]
    shared = lines[0][0]
    for row in zip(*lines, strict=False):
        if any(token is not row[0] for token in row):
            break
        shared = row[0]
    return shared


def _line(token: Token) -> list[Token]:
    line = [token]
    while (parent := line[-1].parent) is not None:
        line.append(parent)
    return line[::-1]
