"""Owns the way from a form and its values to what a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.expressions import Message
from forms.fields import (
    MANY,
    ChoiceField,
    Field,
    FileField,
    Gap,
    Group,
    InputField,
    Kind,
    ListField,
    LocationField,
    MomentField,
    NumberField,
    Subtype,
    TextField,
    TextView,
)
from forms.files import most_files
from forms.form import Form
from forms.locations import control_text, map_link
from forms.locations import shown as place_shown
from forms.markdown import to_html
from forms.moments import local_parts
from forms.nodes import Builder, Node, Row, Setting
from forms.numbers import as_decimal, bound, shown
from forms.options import token
from forms.paths import element_id
from forms.plain import fingerprint
from forms.sending import ShownSource, stored_files
from forms.settling import settle
from forms.templating import escape_markdown
from forms.views import FieldView, FileView, OptionView, RowView, Views, every_view, in_lines

_INPUTS: Final = {Subtype.DATE: "date", Subtype.TIME: "time", Subtype.DATETIME: "datetime-local"}
_STANDARD: Final = {
    "email": {"input": "email", "autocomplete": "email"},
    "phone": {"input": "tel", "autocomplete": "tel"},
}

Attributes = dict[str, Any]


def display(  # noqa: PLR0913 - what is shown, where it stands and how
    form: Form,
    values: Mapping[str, Any],
    errors: Mapping[str, Message],
    *,
    now: datetime,
    values_before: Mapping[str, Any] | None = None,
    names: Mapping[str, Any] | None = None,
    lang: str = "zh",
    readonly: bool = False,
    focus: str = "",
    prefix: str = "f",
) -> Views:
    """The fields to show: `values` are a draft or `Submission.entered` (at first empty), over the data `values_before`.

    `errors` are by path, `focus` is a control's name, both as a Submission has them. `prefix` begins every id: give
    each form of a page its own. Hidden fields are there, not `visible` and empty. `now` as for `parse_html`.
    """
    setting = Setting(values_before or {}, now, names or {})
    nodes = Builder(setting).build(form.fields, ShownSource(values, now), setting.data)
    settle(nodes, setting)
    return Views(_Display(errors, now, lang, readonly, focus, prefix).views(nodes))


@dataclass(frozen=True, slots=True)
class _Display:
    errors: Mapping[str, Message]
    now: datetime
    lang: str
    readonly: bool
    focus: str
    prefix: str

    def views(self, nodes: Sequence[Node], place: str = "") -> tuple[FieldView, ...]:
        views = [self.view(node, f"{place}-{position}") for position, node in enumerate(nodes)]
        return in_lines(views, [node.field.row for node in nodes])

    def view(self, node: Node, place: str) -> FieldView:
        """The view of a node; `place` gives an id to what has no key."""
        field = node.field
        identity = (
            element_id(self.prefix, node.name)
            if field.path and not isinstance(field, Group)
            else f"{self.prefix}-at{place}"
        )
        if node.hidden:
            return FieldView(type=field.kind, id=identity, name=node.name, path=node.path, visible=False)
        return FieldView(
            type=field.kind,
            id=identity,
            name=node.name if field.path else "",
            path=node.path if field.path else "",
            label=field.label.pick(self.lang).render(node.scope)
            or (node.field.key if isinstance(field, InputField) else ""),
            hint=field.hint.pick(self.lang).render(node.scope),
            error=self.errors.get(node.path) if field.path else None,
            focus=bool(self.focus) and node.name == self.focus,
            columns=field.columns,
            **_evidence(field),
            **self.own(node, identity, place),
        )

    def own(self, node: Node, identity: str, place: str) -> Attributes:
        match node.field:
            case Group() as field:
                return {
                    "children": self.views(node.children, place),
                    "outline": field.outline,
                    "alignment": field.alignment,
                }
            case ListField() as field:
                return self.list(node, field, identity)
            case TextView() as field:
                return {"html": to_html(field.text.pick(self.lang).render(node.scope, escape_markdown))}
            case Gap() as field:
                return {"height": field.height}
            case InputField() as field:
                return self.input(node, field, identity)
        return {}

    def list(self, node: Node, field: ListField, identity: str) -> Attributes:
        rows = tuple(self.row(row, position, node, identity) for position, row in enumerate(node.rows, start=1))
        return {"rows": rows, "changeable": field.changeable and not self.readonly, "outline": field.outline}

    def row(self, row: Row, position: int, node: Node, identity: str) -> RowView:
        place = f"{identity}-{row.number}"
        fields = self.views(row.nodes, f"-{place}")
        return RowView(
            id=place,
            name=f"{node.name}[{row.number}]",
            number=row.number,
            position=position,
            folded=self.is_folded(row, position, node.field, fields),
            fields=fields,
        )

    def is_folded(self, row: Row, position: int, field: Field, fields: Sequence[FieldView]) -> bool:
        """Rows of the data beyond the first few are folded away, but none that is new or wrong."""
        if field.evidence is not None:  # names are signed off one after the other
            return False
        beyond = isinstance(field, ListField) and bool(field.open_rows) and position > field.open_rows
        return beyond and row.stored and not any(view.error or view.focus for view in every_view(fields))

    def input(self, node: Node, field: InputField, identity: str) -> Attributes:
        common = {
            "required": _is_required(field),
            "readonly": node.locked or self.readonly,
            "sensitive": field.sensitive,
        }
        entered = node.value if node.error is None else node.entered
        match field:
            case TextField():
                return common | self.text(node, field, entered)
            case LocationField():
                return common | self.location(entered)
            case NumberField():
                return common | self.number(node, field, entered)
            case MomentField():
                return common | self.moment(node, field, entered)
            case ChoiceField():
                return common | {"options": self.options(node, field, entered, identity)}
            case FileField():
                files = tuple(
                    FileView(str(file["id"]), str(file.get("name")), int(file.get("size") or 0), str(file.get("type")))
                    for file in stored_files(entered)
                )
                return common | {
                    "files": files,
                    "accept": field.accept.render(node.scope),
                    "most": most_files(field, node.scope),
                }
        return common | {"value": entered is True if field.kind is Kind.CHECKBOX else ""}

    def text(self, node: Node, field: TextField, entered: object) -> Attributes:
        high = bound(field.max_length, node.scope)
        return {
            "value": entered if isinstance(entered, str) else "",
            "max_length": int(high) if high is not None and 0 < high < 10**6 else 0,
            "prefix": field.prefix.render(node.scope),
            "suffix": field.suffix.render(node.scope),
            **_STANDARD.get(field.standard, {}),
        }

    def location(self, entered: object) -> Attributes:
        found = entered if isinstance(entered, Mapping) else {}
        return {
            "value": str(found.get("address") or ""),
            "why": str(found.get("why") or ""),
            "measured": control_text(entered),
            "place": place_shown(entered),
            "map_link": map_link(entered),
        }

    def number(self, node: Node, field: NumberField, entered: object) -> Attributes:
        number = as_decimal(entered)
        whole = field.digits == 0 and (low := bound(field.min, node.scope)) is not None and low >= 0
        return {
            "value": entered if isinstance(entered, str) else "" if number is None else shown(number),
            "inputmode": "numeric" if whole else "decimal",
            "prefix": field.prefix.render(node.scope),
            "suffix": field.suffix.render(node.scope),
        }

    def moment(self, node: Node, field: MomentField, entered: object) -> Attributes:
        day, clock = local_parts(entered, self.now) if isinstance(entered, str) else ("", "")
        if isinstance(entered, str) and not day and not clock:
            day, _, clock = entered.partition("T") if field.subtype is not Subtype.TIME else ("", "", entered)
        common: Attributes = {
            "low": self.now.date().isoformat() if field.no_past else "",
            "high": self.now.date().isoformat() if field.no_future else "",
            "step": str(field.interval * 60) if field.interval and field.subtype is not Subtype.DATE else "",
        }
        time_label = field.time_label.pick(self.lang).render(node.scope)
        if field.subtype is Subtype.DATETIME and time_label:
            return common | {"input": "date", "value": day, "time_value": clock, "time_label": time_label}
        value = {Subtype.DATE: day, Subtype.TIME: clock, Subtype.DATETIME: f"{day}T{clock}" if day or clock else ""}[
            field.subtype
        ]
        return common | {"input": _INPUTS[field.subtype], "value": value}

    def options(self, node: Node, field: ChoiceField, entered: object, identity: str) -> tuple[OptionView, ...]:
        given: Sequence[object] = entered if field.kind in MANY and isinstance(entered, list) else [entered]
        chosen = {fingerprint(value) for value in given if value is not None}
        return tuple(
            OptionView(
                f"{identity}-{position}",
                token(option),
                option.others.get(self.lang, option.label),
                fingerprint(option.value) in chosen,
            )
            for position, option in enumerate(node.options)
        )


def _is_required(field: InputField) -> bool:
    """Evidence of which there must be some is asked for as any other answer; a location says so over both its ways."""
    proves = field.evidence is not None and field.evidence.least > 0 and not isinstance(field, LocationField)
    return field.required or proves


def _evidence(field: Field) -> Attributes:
    if field.evidence is None:
        return {}
    needed = isinstance(field, InputField) and field.required
    least = max(field.evidence.least, int(needed))
    return {"evidence": str(field.evidence.kind), "least": least, "after_opened": field.evidence.after_opened}
