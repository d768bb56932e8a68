"""Makes applications for tests: more than a thousand in a run, and what costs most of one is the same in all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from werkzeug.routing import Rule

from web import create_app

Builder = Callable[..., tuple[str, str]]
_BUILDERS: dict[tuple[Any, ...], Builder] = {}


class KnownRule(Rule):
    """Addresses are built by functions that werkzeug compiles for each rule; those of the same rule are the same."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in _BUILDERS:
            _BUILDERS[key] = super()._compile_builder(append_unknown)
        return _BUILDERS[key]


APIFlask.url_rule_class = KnownRule

__all__ = ["create_app"]
