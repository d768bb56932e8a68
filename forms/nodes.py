"""Owns a form while it is filled in: each field with its value, in the lists' rows as often as they have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engine.expressions import N_, Message, Purse
from forms.fields import ChoiceField, ComputedField, Field, FileField, Group, InputField, ListField, Option
from forms.options import options_of
from forms.paths import ABSENT, joined, pick
from forms.plain import plain
from forms.scope import Scope, purse
from forms.sending import MAX_ROWS, NOTHING, Source, stored_files
from forms.values import Reading, chosen, empty, from_json, from_texts

MAX_NODES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form is filled in against: the data before, the time (aware, in the place's zone), names for expressions.

    `sending`: the form is being sent, so that what is worked out only then is worked out.
    """

    data: Mapping[str, Any]
    now: datetime
    names: Mapping[str, Any]
    sending: bool = False
    purse: Purse = field(default_factory=purse)

    def scope(self, data: Mapping[str, Any]) -> Scope:
        return Scope.of(data, self.now, self.names, self.purse)


@dataclass(slots=True, eq=False)
class Node:
    """A field in its place. `name` is its control's, `path` its value's: they differ in a list that lost a row."""

    field: Field
    name: str
    path: str
    scope: Scope
    hidden: bool = False
    given: Reading | None = None
    stored: Reading | None = None
    value: Any = None
    error: Message | None = None
    entered: Any = None
    locked: bool = False
    disabled: bool = False
    options: Sequence[Option] = ()
    children: Sequence[Node] = ()
    rows: Sequence[Row] = ()


@dataclass(slots=True, eq=False)
class Row:
    """A row of a list: its number, which outlives its position; whether the data had it, and with what."""

    number: int
    stored: bool
    before: Mapping[str, Any]
    nodes: Sequence[Node]


class Builder:
    """Builds the nodes of one form; too many rows in all are cut off, and the list says so."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.scope = setting.scope(setting.data)
        self.left = MAX_NODES

    def build(
        self, fields: Sequence[Field], source: Source, before: Mapping[str, Any], name: str = "", path: str = ""
    ) -> list[Node]:
        """The nodes of one row (or the form): `name` and `path` are the row's, `before` is its part of the data."""
        self.left -= len(fields)
        return [self._node(field, source, before, name, path) for field in fields]

    def _node(self, field: Field, source: Source, before: Mapping[str, Any], name: str, path: str) -> Node:
        node = Node(field, joined(name, field.path), joined(path, field.path), self.scope)
        match field:
            case Group():
                node.children = self.build(field.fields, source, before, name, path)
            case ListField():
                self._rows(node, field, source, before)
            case InputField():
                stored = pick(before, field.path)
                given = None if isinstance(field, ComputedField) else source.given(field, node.name, stored)
                self._readings(node, field, self._stored(field, stored), given)
        return node

    def _readings(self, node: Node, field: InputField, stored: Reading, given: Reading | None) -> None:
        if isinstance(field, ChoiceField) and field.values_expression is None:
            node.options = options_of(field, self.scope, self.setting.data)
            kept = stored.entered
            stored = Reading(settled_choice(field, stored, node.options).value, entered=kept)
            given = given and chosen(field, given, node.options)
        node.stored, node.given = stored, given
        node.value = (given or stored).value

    def _stored(self, field: InputField, value: object) -> Reading:
        """The value while nobody gives one: the data's, else the default; `entered` is the data's as it is."""
        if value is ABSENT:
            default = self._default(field)
            return Reading(default.value, entered=default.value, typed=default.typed)
        if isinstance(field, FileField):
            return Reading(stored_files(value), entered=stored_files(value))
        return Reading(from_json(field, value, self.setting.now).value, entered=plain(value))

    def _default(self, field: InputField) -> Reading:
        if field.computed_default is None:
            return from_json(field, field.default, self.setting.now)
        text = self.scope.run(field.computed_default)
        return from_texts(field, [text if isinstance(text, str) else ""], self.setting.now)

    def _rows(self, node: Node, field: ListField, source: Source, before: Mapping[str, Any]) -> None:
        stored = pick(before, field.path)
        earlier = (
            [row if isinstance(row, Mapping) else {} for row in stored] if isinstance(stored, list | tuple) else []
        )
        usual = len(earlier) if isinstance(stored, list | tuple) else field.default_rows
        sent = source.rows(field, node.name, len(earlier), usual)
        rows = sent if sent is not None else [(number, NOTHING) for number in range(usual)]
        if not field.changeable and len(rows) != usual:
            node.error = Message(N_("This list has %(count)d rows, no more and no fewer"), {"count": usual})
        if len(rows) > MAX_ROWS:
            node.error = Message(N_("Give at most %(limit)d rows"), {"limit": MAX_ROWS})
        node.rows = [
            self._row(node, field, position, earlier, *row)
            for position, row in enumerate(rows[:MAX_ROWS])
            if self.left >= 0
        ]
        if self.left < 0:
            node.error = Message(N_("This form has too many rows in all. Remove some"))

    def _row(
        self,
        node: Node,
        field: ListField,
        position: int,
        earlier: Sequence[Mapping[str, Any]],
        number: int,
        source: Source,
    ) -> Row:
        stored = number < len(earlier)
        before = earlier[number] if stored else {}
        nodes = self.build(field.fields, source, before, f"{node.name}[{number}]", f"{node.path}[{position}]")
        return Row(number, stored, before, nodes)


def settled_choice(field: ChoiceField, reading: Reading, options: Sequence[Option]) -> Reading:
    """A stored choice looked up among the options of today; one that is gone is no choice."""
    found = chosen(field, reading, options)
    return found if found.error is None else Reading(empty(field))


def every(nodes: Iterable[Node]) -> Iterator[Node]:
    """All nodes in order, containers before what they hold."""
    for node in nodes:
        yield node
        yield from every(node.children)
        for row in node.rows:
            yield from every(row.nodes)
