"""Owns what an expression of a form can see where it stands: the values, the list row around it, the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engine.expressions import Budget, EvaluationError, Expression, Purse

FUNCTIONS: Final = frozenset({"now", "today"})
"""The functions that need the time, which is handed in."""

BUDGET: Final = Budget(steps=20_000, memory=4_000_000)
"""What one expression may take: a form has many, and each is worked out several times."""

ALL_STEPS: Final = 3_000_000
"""What the expressions of a form may take together while it is read or shown once."""


def purse() -> Purse:
    """What a form's expressions pay from."""
    return Purse(BUDGET, steps=ALL_STEPS)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one place in a form; `this`, `parent` and `i` (from 1) mean the list row, as in form-js."""

    values: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    purse: Purse = field(default_factory=purse)

    @classmethod
    def of(
        cls, data: Mapping[str, Any], now: datetime, names: Mapping[str, Any], paid_from: Purse | None = None
    ) -> Scope:
        """The scope of a whole form. `names` are things that are not values, such as the ticket."""
        special: dict[str, Any] = {"this": data, "parent": None, "i": []}
        functions = {"now": lambda: now, "today": now.date}
        return cls({**special, **names, **data, **_underscored(special)}, functions, paid_from or purse())

    def row(self, this: Mapping[str, Any], index: int) -> Scope:
        """The scope of the list row at `index`, from 0, within this one."""
        special = {"this": this, "parent": self.values["_this_"], "i": [*self.values["_i_"], index + 1]}
        return Scope({**self.values, **special, **_underscored(special)}, self.functions, self.purse)

    def item(self, this: object) -> Scope:
        """The scope of one turn of a template's loop: what the item holds is named directly."""
        special = {"this": this, "parent": self.values}
        inner = this if isinstance(this, Mapping) else {}
        return Scope({**self.values, **special, **inner, **_underscored(special)}, self.functions, self.purse)

    def run(self, expression: Expression) -> Any:
        """What an expression gives here; a name that nothing has is null, and so is an expression that fails."""
        if self.purse.empty:
            return None
        values = {name: self.values[name] for name in expression.names if name in self.values}
        try:
            return expression.evaluate(values, functions=self.functions, budget=self.purse)
        except EvaluationError:
            return None


def _underscored(special: Mapping[str, Any]) -> dict[str, Any]:
    return {f"_{name}_": value for name, value in special.items()}
