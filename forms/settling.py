"""Owns what depends on what is filled in: which fields are hidden or locked, and values that are worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from forms.fields import ChoiceField, ComputedField, Flag, Group, InputField, ListField
from forms.nodes import Node, Setting, settled_choice
from forms.options import options_of
from forms.paths import pick, put
from forms.plain import plain
from forms.scope import Scope
from forms.values import Reading, chosen, empty

MAX_PASSES: Final = 24
"""Conditions that depend on each other at most 20 deep settle in fewer; others are refused at upload."""


def settle(nodes: Sequence[Node], setting: Setting) -> None:
    """Evaluate conditions and expressions until nothing changes; a hidden field is null for the others."""
    for _ in range(MAX_PASSES):
        scope = setting.scope(overlay(setting.data, nodes))
        if not [node for node in nodes if _visit(node, scope, setting, hidden=False)] or setting.purse.empty:
            return


def overlay(before: Mapping[str, Any], nodes: Iterable[Node]) -> dict[str, Any]:
    """The data with the values filled in so far."""
    data = dict(before)
    _lay(data, nodes)
    return data


def _lay(data: dict[str, Any], nodes: Iterable[Node]) -> None:
    for node in nodes:
        match node.field:
            case Group():
                _lay(data, node.children)
            case ListField() as field:
                put(data, field.path, None if node.hidden else [overlay(row.before, row.nodes) for row in node.rows])
            case InputField() as field:
                put(data, field.path, None if node.hidden else node.value)


def _visit(node: Node, scope: Scope, setting: Setting, *, hidden: bool) -> bool:
    """Settle a node and what it holds; whether anything changed."""
    was = node.hidden, node.locked, node.value
    node.scope = scope
    node.hidden = hidden or is_on(node.field.hide, scope)
    changes = [_visit(child, scope, setting, hidden=node.hidden) for child in node.children]
    if isinstance(node.field, ListField):
        rows = pick(scope.values["this"], node.field.path)
        for position, row in enumerate(node.rows):
            this = rows[position] if isinstance(rows, list) else {}
            inner = scope.row(this, position)
            changes += [_visit(child, inner, setting, hidden=node.hidden) for child in row.nodes]
    elif isinstance(node.field, InputField):
        _work_out(node, node.field, scope, setting)
    return any(changes) or was != (node.hidden, node.locked, node.value)


def is_on(flag: Flag, scope: Scope) -> bool:
    """Whether a switch is on; an expression must give true."""
    return flag if isinstance(flag, bool) else scope.run(flag) is True


def _work_out(node: Node, field: InputField, scope: Scope, setting: Setting) -> None:
    stored = node.stored or Reading(empty(field))
    node.disabled = is_on(field.disabled, scope)
    node.locked = node.disabled or isinstance(field, ComputedField) or is_on(field.readonly, scope)
    node.error, node.entered = None, None
    if isinstance(field, ChoiceField) and field.values_expression is not None:
        node.options = options_of(field, scope, setting.data)
    if isinstance(field, ComputedField):
        worked_out = field.expression is not None and (setting.sending or not field.on_send)
        node.value = plain(scope.run(field.expression)) if worked_out and field.expression else stored.entered
    elif node.locked:
        node.value = stored.entered
    else:
        reading = _current(node, field, stored)
        node.value, node.error, node.entered = reading.value, reading.error, reading.entered


def _current(node: Node, field: InputField, stored: Reading) -> Reading:
    if not isinstance(field, ChoiceField) or field.values_expression is None:
        return node.given or stored
    return chosen(field, node.given, node.options) if node.given else settled_choice(field, stored, node.options)
