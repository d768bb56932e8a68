"""Owns what becomes of a filled-in form: the values that are accepted, or what is wrong with each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.expressions import N_, Message
from forms.checks import check
from forms.evidence import check_count
from forms.fields import Group, InputField, ListField
from forms.files import FilePorts, KnownFiles, Store, Upload
from forms.form import Form
from forms.nodes import Builder, Node, Setting, every
from forms.paths import put
from forms.sending import ADD, DROP, REMOVE, ROW, WRONG, HtmlSource, JsonSource, Source
from forms.settling import settle
from forms.surplus import surplus


@dataclass(frozen=True, slots=True)
class Submission:
    """What was read from a post.

    `values`: plain JSON by field path, only what is visible and accepted. `errors`: by path (`items[0].title`), in the
    order of the form. `entered`: what to show again, or keep as a draft, wrong entries included. `edited`: a button of
    the form itself was pressed (a row added or removed, a file taken off), so show the form again, with `focus` (a
    control's name) focused. `still_wrong`: those of the errors that the page showed before.
    """

    values: dict[str, Any]
    errors: dict[str, Message]
    entered: dict[str, Any]
    edited: bool = False
    focus: str = ""
    still_wrong: Mapping[str, Message] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the values may be used."""
        return not self.errors and not self.edited


def parse_html(
    form: Form,
    items: Iterable[tuple[str, str | Upload]],
    *,
    now: datetime,
    values_before: Mapping[str, Any] | None = None,
    names: Mapping[str, Any] | None = None,
    store: Store | None = None,
    known_files: KnownFiles | None = None,
) -> Submission:
    """Read a posted HTML form: `items` are all its names and values in order, files included.

    Unknown, hidden, readonly and disabled fields are not taken. `now` is aware and in the place's zone. `values_before`
    is the data that the form was opened with, `names` what expressions may name beside it. `store` keeps each upload;
    `known_files` finds a file that this person may attach; without them no file is accepted.
    """
    setting = Setting(values_before or {}, now, names or {}, sending=True)
    source = HtmlSource.of(items, now, FilePorts(store, known_files))
    nodes, errors = _read(form, source, setting)
    wrong = set(source.texts(WRONG))
    return Submission(
        _values(nodes, errors),
        errors,
        _entered(nodes),
        edited=any(name in source.items for name in (ADD, REMOVE, DROP)),
        focus=_focus(source, nodes),
        still_wrong={path: message for path, message in errors.items() if path in wrong},
    )


def parse_json(
    form: Form,
    values: object,
    *,
    now: datetime,
    values_before: Mapping[str, Any] | None = None,
    names: Mapping[str, Any] | None = None,
    known_files: KnownFiles | None = None,
) -> Submission:
    """Read what an API sends; unknown keys are errors; hidden, readonly and disabled fields are not taken.

    A key that is missing keeps its value from `values_before`, else the field's default; null empties it. Whatever
    `values` is, nothing is raised. The rest as for `parse_html`.
    """
    setting = Setting(values_before or {}, now, names or {}, sending=True)
    source = JsonSource(values if isinstance(values, Mapping) else {}, now, FilePorts(known=known_files))
    nodes, errors = _read(form, source, setting)
    errors |= {path: message for path, message in surplus(form.fields, values).items() if path not in errors}
    return Submission(_values(nodes, errors), errors, _entered(nodes))


def _read(form: Form, source: Source, setting: Setting) -> tuple[list[Node], dict[str, Message]]:
    nodes = Builder(setting).build(form.fields, source, setting.data)
    settle(nodes, setting)
    errors = {}
    for node in every(nodes):
        if error := _error(node, setting.now):
            errors[node.path] = error
    if setting.purse.empty:
        first = next((node.path for node in every(nodes) if isinstance(node.field, InputField)), "")
        errors = {first: Message(N_("This form works out more than it may. Tell whoever made it")), **errors}
    return nodes, errors


def _error(node: Node, now: datetime) -> Message | None:
    if node.hidden or node.locked:
        return None
    if isinstance(node.field, InputField):
        return check(node, node.field, now)
    if node.error is None and isinstance(node.field, ListField) and node.field.evidence is not None:
        return check_count(node.field, [_values(row.nodes, {}) for row in node.rows])
    return node.error


def _values(nodes: Sequence[Node], errors: Mapping[str, Message]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    _collect(nodes, errors, values)
    return values


def _collect(nodes: Sequence[Node], errors: Mapping[str, Message], values: dict[str, Any]) -> None:
    for node in nodes:
        match node.field:
            case Group() if not node.hidden:
                _collect(node.children, errors, values)
            case ListField() as field if not node.hidden:
                put(values, field.path, [_values(row.nodes, errors) for row in node.rows])
            case InputField() as field if not (node.hidden or node.disabled or node.path in errors):
                put(values, field.path, node.value)


def _entered(nodes: Sequence[Node]) -> dict[str, Any]:
    entered: dict[str, Any] = {}
    _gather(nodes, entered)
    return entered


def _gather(nodes: Sequence[Node], entered: dict[str, Any]) -> None:
    for node in nodes:
        match node.field:
            case Group() if not node.hidden:
                _gather(node.children, entered)
            case ListField() as field if not node.hidden:
                put(entered, field.path, [{ROW: row.number, **_entered(row.nodes)} for row in node.rows])
            case InputField() as field if not (node.hidden or node.locked):
                put(entered, field.path, node.value if node.error is None else node.entered)


def _focus(source: HtmlSource, nodes: Sequence[Node]) -> str:
    """The control to go on with: in a row just added its first one; where something was taken away, the list itself."""
    for name in source.texts(ADD)[:1]:
        for node in every(nodes):
            if node.name == name and node.rows:
                inputs = (inner.name for inner in every(node.rows[-1].nodes) if isinstance(inner.field, InputField))
                return next((found for found in inputs), name)
    removed = [name.rpartition("[")[0] for name in source.texts(REMOVE)] + [
        name.partition(":")[0] for name in source.texts(DROP)
    ]
    return removed[0] if removed else ""
