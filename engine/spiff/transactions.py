"""Owns cancelling a transaction: what is active ends, what has completed is undone (BPMN 2.0.2, 10.3.5 and 13.5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.definitions.kinds import EventKind, Kind
from engine.spiff.compensation import around, undo
from engine.spiff.parts import Part
from engine.spiff.tokens import LIVE, Token, difference
from engine.spiff.trail import CANCELLED, claim, remember_scope

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin


def throw_cancel(_part: Part, token: Token) -> None:
    """Outside of any transaction an end like others."""
    scopes = _inside(token)
    if not scopes:
        return
    chain = {token.id} | {id_ for scope in scopes[:-1] for id_ in _holding(scope)}
    for scope in scopes:
        _end_others(scope, chain)
    for scope in scopes:
        claim(scope, None, token.id)
    if not undo(token, scopes):
        leave_transaction(token)


def leave_transaction(token: Token) -> None:
    """All is undone: the token goes on from the cancel event on the transaction's boundary, or as if it had ended."""
    transaction = _inside(token)[-1]
    holder = transaction.holder
    assert holder is not None
    holder.internal_data[CANCELLED] = True
    whole = holder.task_spec.repeats
    host: Token = holder.parent if whole is not None and whole.is_container else holder
    for boundary in host.task_spec.boundaries:
        for slot, (_, part) in enumerate(boundary.slots):
            if part.event.kind is EventKind.CANCEL:
                boundary.catch(host, slot, {})
                return
    transaction.finish()


def _inside(token: Token) -> Sequence[ScopeMixin]:
    """The scopes around the token up to the innermost transaction; none outside of any."""
    scopes = []
    for scope in around(token.workflow):
        scopes.append(scope)
        if scope.holder is not None and scope.holder.task_spec.node.transaction:
            return scopes
    return []


def _holding(scope: ScopeMixin) -> set[str]:
    """The activity that holds the scope open and, if it is one round of many, the whole."""
    holder = scope.holder
    if holder is None:
        return set()
    return {holder.id} if holder.task_spec.repeats is None else {holder.id, holder.parent.id}


def _end_others(scope: ScopeMixin, chain: set[str]) -> None:
    for token in list(scope.tasks.values()):
        if token._state & LIVE and token.id not in chain:
            _remember_inside(token)
    for token in list(scope.tasks.values()):
        if token._state & LIVE and token.id not in chain and token.id in scope.tasks:
            token.task_spec.withdraw(token)


def _remember_inside(holder: Token) -> None:
    """A sub-process that is ended half-way leaves what has completed in it."""
    scope = holder.workflow.top_workflow.subprocesses.get(holder.id)
    if scope is None or holder.task_spec.node.kind is Kind.CALL:
        return
    for token in list(scope.tasks.values()):
        if token._state & LIVE:
            _remember_inside(token)
    remember_scope(holder, scope, difference(holder.known(), scope.written)[0], whole=False)
