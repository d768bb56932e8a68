"""Owns what a step has heard from above: the names that its expressions read, and what its functions answered.

It is kept with what drove the step, so that the step can be replayed when people and tickets have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

import orjson

from engine.expressions import to_json
from engine.step import Values, World

Functions = Mapping[str, Callable[..., Any]]


class Hearing:
    """Listens during one step. `functions` are the world's, overheard."""

    __slots__ = ("_answers", "_names", "_read", "functions")

    def __init__(self, world: World) -> None:
        self._names, self._read = world.names, set[str]()
        self._answers: dict[bytes, list[Any]] = {}
        self.functions: Functions = {name: partial(self._ask, name, one) for name, one in world.functions.items()}

    def read(self, names: AbstractSet[str]) -> None:
        """An expression reads these; those that are not from above are no news."""
        self._read.update(self._names.keys() & names)

    def read_all(self) -> None:
        """Something may read whatever there is."""
        self._read.update(self._names)

    def kept(self) -> Values:
        """As JSON: `names` by name, `answers` as lists of function, arguments and answer; empty when nothing was."""
        heard: Values = {}
        if self._read:
            heard["names"] = {name: self._names[name] for name in sorted(self._read)}
        if self._answers:
            heard["answers"] = list(self._answers.values())
        return heard

    def _ask(self, name: str, function: Callable[..., Any], *given: Any) -> Any:
        answer = function(*given)
        asked = [name, to_json(list(given))]
        self._answers.setdefault(orjson.dumps(asked), [*asked, to_json(answer)])
        return answer


def heard_again(heard: Values, names: AbstractSet[str]) -> tuple[Values, Functions]:
    """The names and functions of a world in which a step hears what it heard before, and no more.

    `names` are those that hide form values: what was not read of them is None.
    """
    answers = {orjson.dumps([name, given]): answer for name, given, answer in heard.get("answers", ())}

    def again(name: str, *given: Any) -> Any:
        return answers[orjson.dumps([name, to_json(list(given))])]

    asked = {name for name, _, _ in heard.get("answers", ())}
    return {**dict.fromkeys(names), **heard.get("names", {})}, {name: partial(again, name) for name in asked}
