"""Owns data at an element's edge: what goes in, what comes out, and the scripts run on the way (10.4, 13.3.2).

Inputs are the element's own: they lie beside its token's data, so nothing around it ever sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.definitions.model import Node
from engine.definitions.parts import Assign
from engine.definitions.wording import compile_expr
from engine.expressions import Expression, Script, compile_script
from engine.names import FUNCTIONS
from engine.spiff.scopes import ScopeSpec
from engine.spiff.tokens import Token
from engine.step import Values

Given = tuple[str, Expression]
"""A name, or the path to an entry (`order.total`), and what it is given; empty: all entries of what it is given."""


@dataclass(frozen=True)
class Mapped:
    """An element's mappings and scripts, compiled; `hidden` are names that mean something else outside."""

    inputs: Sequence[Given] = ()
    outputs: Sequence[Given] = ()
    only_inputs: bool = False
    only_outputs: bool = False
    before: Script | None = None
    after: Script | None = None
    hidden: frozenset[str] = frozenset()

    def enter(self, token: Token) -> None:
        """The script first, which changes data as a script task does; then the inputs, each seeing those before it."""
        if self.before is not None:
            instance, element = token.workflow.top_workflow, token.task_spec.element
            token.change(*instance.execute(self.before, token.look(), element))
        if self.inputs or self.only_inputs:
            rounds = token.task_spec.repeats
            counters = rounds.counters(token) if rounds is not None else {}
            token.internal_data["local"] = _given(self.inputs, token, {**token.look(), **counters}, beside={})
        if self.only_inputs:
            token.internal_data["alone"] = True

    def leave(self, token: Token) -> None:
        """The script first, then the outputs; of the rest what no input hides comes out too, unless only outputs do.

        What happened in a scope of the element's own is written already, so only what is new here is written.
        """
        changed: Values = {}
        deleted = [] if isinstance(token.task_spec, ScopeSpec) else list(token.removed)
        if self.after is not None:
            instance, element = token.workflow.top_workflow, token.task_spec.element
            changed, gone = instance.execute(self.after, self._known(token), element)
            token.result.update(changed)
            token.removed = [*(name for name in token.removed if name not in changed), *gone]
            deleted += gone
        known = self._known(token)
        out = _given(self.outputs, token, known, beside=known)
        token.last = {**known, **out}
        produced, removed = self.outward(token.result, token.removed)
        token.result, token.removed = {**produced, **out}, [name for name in removed if name not in out]
        if token.task_spec.repeats is None:
            new, lost = self.outward(changed, deleted)
            token.workflow.write({**new, **out}, [name for name in lost if name not in out])

    def outward(self, changed: Values, deleted: Sequence[str]) -> tuple[Values, Sequence[str]]:
        """What of the changes made inside is seen outside without being mapped."""
        if self.only_outputs:
            return {}, ()
        seen = {name: value for name, value in changed.items() if name not in self.hidden}
        return seen, [name for name in deleted if name not in self.hidden]

    def _known(self, token: Token) -> Values:
        known: Values = token.known()
        for name in token.removed:
            if name not in token.result:
                known.pop(name, None)
        return known


def passage_of(node: Node) -> Mapped | None:
    """None for the many elements that say nothing of their data."""
    before, after = node.before.strip(), node.after.strip()
    if not (node.inputs or node.outputs or node.only_inputs or node.only_outputs or before or after):
        return None
    return Mapped(
        inputs=_compiled(node.inputs),
        outputs=_compiled(node.outputs),
        only_inputs=node.only_inputs,
        only_outputs=node.only_outputs,
        before=compile_script(node.before, functions=FUNCTIONS) if before else None,
        after=compile_script(node.after, functions=FUNCTIONS) if after else None,
        hidden=frozenset(one.name.partition(".")[0] for one in node.inputs),
    )


def _compiled(assigned: Iterable[Assign]) -> Sequence[Given]:
    return tuple((one.name, compile_expr(one.value)) for one in assigned)


def _given(assigned: Iterable[Given], token: Token, data: Values, *, beside: Values) -> Values:
    """The values in order; later expressions see what earlier ones gave. A path's other entries are those `beside`."""
    instance, given = token.workflow.top_workflow, Values()
    for name, expression in assigned:
        value = instance.evaluate(expression, {**data, **given}, token.task_spec.element)
        if not name:
            given.update(value if isinstance(value, Mapping) else {})
            continue
        top, *path = name.split(".")
        given[top] = _placed(given.get(top, beside.get(top)), path, value)
    return given


def _placed(whole: object, path: Sequence[str], value: object) -> object:
    """A copy of `whole` with the entry at `path` set; without a path, the value itself."""
    if not path:
        return value
    kept = dict(whole) if isinstance(whole, Mapping) else {}
    return {**kept, path[0]: _placed(kept.get(path[0]), path[1:], value)}
