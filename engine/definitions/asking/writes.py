"""Owns which variables the elements of a process set, as far as the file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.definitions.kinds import Kind
from engine.definitions.model import Node, Process
from engine.expressions import ExpressionError, compile_script
from engine.names import FUNCTIONS

PLATFORM = frozenset({"ticket", "requester", "owner", "subject"})
"""Names that are known everywhere."""
_COUNTED = ("Instances", "ActiveInstances", "CompletedInstances")
COUNTERS = frozenset({"loopCounter", *(prefix + name for prefix in ("nrOf", "numberOf") for name in _COUNTED)})
"""Names that repetition sets."""

FormKeys = Callable[[str, str], frozenset[str] | None]
"""The variables that a form sets, by the form's name and its text if that stands in the file; None: there is no such
form."""


def written(process: Process, keys: FormKeys | None) -> frozenset[str]:
    """The names that anything in the process sets, and those that are always known."""
    found = {name for node in process.scope.walk() for name in written_by(node)}
    if keys is not None:
        found.update(name for node in process.scope.walk() for name in keys_of(node, process, keys) or ())
    return frozenset(found - {""}) | PLATFORM | COUNTERS


def written_by(node: Node) -> Iterator[str]:
    """The names the element sets, but for a form of its own file; some may be empty."""
    for field in node.fields:
        yield field.id.partition(".")[0]
    for script in scripts(node):
        yield from _written_by_script(script)
    yield node.result
    yield node.initiator
    for assign in (*node.inputs, *node.outputs):
        yield assign.name.partition(".")[0]
    if node.call is not None:
        yield from (node.call.result_to, *(assign.name.partition(".")[0] for assign in node.call.results))
    if node.loop is not None:
        yield from (node.loop.element, node.loop.output, node.loop.output_element)
    if node.event is not None:
        yield from (node.event.code_to, node.event.message_to, node.event.payload_to)


def scripts(node: Node) -> Iterator[str]:
    """The scripts that run at the element."""
    own = node.script if node.kind is Kind.SCRIPT else ""
    yield from (script for script in (node.before, own, node.after) if script.strip())


def keys_of(node: Node, process: Process, keys: FormKeys) -> frozenset[str] | None:
    """What the element's form of its own sets; None where it has none, or one that is missing."""
    name = node.work.form if node.work is not None else ""
    return keys(name, process.forms.get(name, "")) if name else None


def _written_by_script(script: str) -> frozenset[str]:
    try:
        return compile_script(script, functions=FUNCTIONS).writes
    except ExpressionError:
        return frozenset()
