"""Owns conditional events: looking at conditions when they are set and whenever data may have changed (10.5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.expressions import EvaluationError, Expression
from engine.expressions.problems import BudgetExceeded
from engine.spiff.tokens import Token, difference
from engine.spiff.waits import fire, waits_of
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin
    from engine.spiff.workflow import Instance


def check(instance: Instance, tokens: Iterable[Token]) -> bool:
    """Fires what has become true since it was last looked at; whether anything has."""
    fired = False
    for token in sorted(tokens, key=lambda one: int(one.id)):
        for slot, (_, held) in waits_of(token, "condition"):
            part = token.task_spec.slots[slot][1]
            instance.spend(part.element)
            holds = part.expr is not None and _holds(instance, part.expr, token)
            if holds and not held:
                fired |= fire(token, slot, {})
            elif holds != held:
                token.internal_data["waits"][str(slot)] = ["condition", holds]
    return fired


def _holds(instance: Instance, condition: Expression, token: Token) -> bool:
    """A condition on what nobody has set yet does not hold yet."""
    data = {**scope_data(token.workflow), **instance.world.names}
    instance.hearing.read(condition.names)
    try:
        return condition.is_true(condition.evaluate(data, functions=instance.functions))
    except BudgetExceeded:
        raise
    except EvaluationError:
        return False


def scope_data(scope: ScopeMixin) -> Values:
    """What is known in a scope across all its branches, those of the scopes around it too: of each name the latest."""
    holder = scope.holder
    if holder is None:
        return dict(scope.written)
    own = holder.peek()
    around = {} if "alone" in own else scope_data(holder.workflow)
    if holder.task_spec.repeats is not None:
        around.update(difference(holder.parent.look(), holder.look())[0])
    around.update(own.get("local", {}))
    changed, deleted = difference(holder.known(), scope.written)
    around.update(changed)
    for name in deleted:
        around.pop(name, None)
    return around
