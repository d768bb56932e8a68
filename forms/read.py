"""Owns the reading of a whole form: its components, whose keys they claim, and everything wrong with them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.expressions import N_, Level, Message, Problem
from forms.component import Component, Report
from forms.defaults import with_default
from forms.dependencies import check_dependencies
from forms.fields import Field, Group, InputField, Kind, ListField
from forms.form import Form
from forms.paths import KEY, RESERVED
from forms.reading import READERS, Common, read_common
from forms.schema import PROPERTIES, REFUSED
from forms.source import Unreadable, digest, parse_source

MAX_FIELDS: Final = 500
MAX_NESTING: Final = 10
MAX_ROWS: Final = 200
SCHEMA_VERSION: Final = 20
"""The newest form-js schema version that is known."""


def read_form(source: bytes | str | Mapping[str, Any], *, file: str = "") -> tuple[Form, list[Problem]]:
    """Read form-js JSON (schema of form-js 1.23). An ERROR refuses it; the form is then what could be read."""
    try:
        raw, text = parse_source(source, file)
    except Unreadable as refusal:
        return Form("", {}, "", ()), [refusal.problem]
    reader = _Reader(Report(file, text))
    fields = reader.form(raw)
    check_dependencies(fields, reader.report)
    form_id = raw.get("id")
    return Form(form_id if isinstance(form_id, str) else "", raw, digest(raw), fields), reader.report.problems


@dataclass
class _Claims:
    """The paths taken in a list row, or the form: a closed one holds a value or a list, an open one groups others."""

    closed: set[tuple[str, ...]] = field(default_factory=set)
    open: set[tuple[str, ...]] = field(default_factory=set)

    def claim(self, path: tuple[str, ...], *, closed: bool) -> bool:
        """Take a path; False if it is taken, leads through a value, or ends where others go on."""
        way = {path[:length] for length in range(1, len(path) + 1)}
        if way & self.closed or (closed and path in self.open):
            return False
        if closed:
            self.closed.add(path)
            way.discard(path)
        self.open |= way
        return True


class _Reader:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.count = 0
        self.ids: set[str] = set()

    def form(self, raw: Mapping[str, Any]) -> tuple[Field, ...]:
        whole = Component(raw, self.report, raw)
        if "components" not in raw:
            whole.error(
                "not-a-form", N_("This JSON has no components."), N_("Save the form as JSON from a form-js editor.")
            )
        if whole.of_type("schemaVersion", int, 0) > SCHEMA_VERSION:
            whole.warning(
                "newer-schema",
                N_("This form was saved by a newer form-js."),
                N_("Check that it looks right; what is not known here is reported below."),
            )
        return self.components(whole, (), _Claims(), 0)

    def components(self, parent: Component, path: tuple[str, ...], claims: _Claims, depth: int) -> tuple[Field, ...]:
        if depth > MAX_NESTING:
            parent.error("too-deep", N_("Groups and lists are nested too deep."), N_("Nest them at most 10 deep."))
            return ()
        fields = []
        for raw in parent.of_type("components", list, []):
            component = Component(
                raw if isinstance(raw, dict) else {}, self.report, raw if isinstance(raw, dict) else {}
            )
            self.count += 1
            if self.count == MAX_FIELDS + 1:
                component.error(
                    "too-many",
                    N_("This form has more than 500 fields."),
                    N_("Split it into several forms, one per task."),
                )
            if self.count <= MAX_FIELDS and (read := self.field(component, path, claims, depth)):
                fields.append(read)
        return tuple(fields)

    def field(self, component: Component, path: tuple[str, ...], claims: _Claims, depth: int) -> Field | None:
        kind = self.kind(component)
        if kind is None:
            return None
        self.known(component, kind)
        own = self.own_path(component, kind)
        if own is None:
            return None
        full = (*path, *own) if own else ()
        if full and full[0] in RESERVED:
            component.error(
                "bad-key", N_("“%(key)s” means something else already."), N_("Choose another."), key=full[0]
            )
            return None
        if own and not claims.claim(full, closed=kind is not Kind.GROUP):
            component.error(
                "duplicate-key",
                N_("The key “%(key)s” is already used by another field."),
                N_("Give every field a key of its own; a key can't lie inside another field's key either."),
                key=".".join(full),
            )
            return None
        common = read_common(component, kind, full)
        if kind is Kind.GROUP:
            return self.group(component, common, full or path, claims, depth)
        if kind is Kind.DYNAMICLIST:
            return self.list(component, common, depth)
        read = READERS[kind](component, common)
        self.labelled(component, read)
        return with_default(component, read) if isinstance(read, InputField) else read

    def group(self, component: Component, common: Common, path: tuple[str, ...], claims: _Claims, depth: int) -> Field:
        fields = self.components(component, path, claims, depth + 1)
        alignment = component.string("verticalAlignment") or "start"
        return Group(**common, fields=fields, outline=component.flag("showOutline", True), alignment=alignment)

    def list(self, component: Component, common: Common, depth: int) -> Field:
        fold = not component.flag("disableCollapse")
        return ListField(
            **common,
            fields=self.components(component, (), _Claims(), depth + 1),
            default_rows=component.count("defaultRepetitions", 1, 0, MAX_ROWS)
            if component.flag("isRepeating", True)
            else 1,
            changeable=component.flag("allowAddRemove", True) and component.flag("isRepeating", True),
            open_rows=component.count("nonCollapsedItems", 5, 1, MAX_ROWS) if fold else 0,
            outline=component.flag("showOutline", True),
        )

    def kind(self, component: Component) -> Kind | None:
        name = component.raw.get("type")
        if isinstance(name, str) and name in set(Kind):
            return Kind(name)
        if name == "button":
            note = (
                Message(N_("The button is left out.")),
                Message(N_("Nothing to do: the page around the form has its own buttons.")),
            )
            self.report.add(Level.NOTE, "button", *note, component.whole)
        elif isinstance(name, str) and name in REFUSED:
            component.error("refused-type", N_("Fields of type “%(type)s” are refused."), REFUSED[name], type=name)
        else:
            component.error(
                "unknown-type",
                N_("There is no field type “%(type)s”."),
                N_("Use one of: %(known)s."),
                type=str(name)[:100],
                known=", ".join(Kind),
            )
        return None

    def own_path(self, component: Component, kind: Kind) -> tuple[str, ...] | None:
        """The path that a component adds: () if it needs none, None if it is missing or bad."""
        if kind in {Kind.TEXT, Kind.SEPARATOR, Kind.SPACER}:
            return ()
        name = "path" if kind in {Kind.GROUP, Kind.DYNAMICLIST} else "key"
        key = component.string(name)
        if not key and kind is Kind.GROUP:
            return ()
        if not key:
            component.error(
                "missing-key",
                N_("This field has no %(name)s."),
                N_("Give it one: its value is stored under it."),
                name=name,
            )
            return None
        path = tuple(key.split("."))
        if not KEY.match(key) or len(key) > 200:
            component.error(
                "bad-key",
                N_("“%(key)s” can't be a key."),
                N_("Use letters, digits and underscores, and dots between words: device.model. No word begins with _."),
                key=key[:200],
            )
            return None
        return path

    def known(self, component: Component, kind: Kind) -> None:
        """Report properties that this type does not have, and ids that are there twice."""
        for name in sorted(str(name) for name in component.raw.keys() - PROPERTIES[kind]):
            component.warning(
                "unknown-property",
                N_("“%(property)s” means nothing for the type “%(type)s” and is left out."),
                N_("Remove it, or correct its name."),
                property=name[:100],
                type=kind,
            )
        identity = component.string("id")
        if identity in self.ids:
            component.warning(
                "duplicate-id",
                N_("The id “%(id)s” is there twice."),
                N_("Give every component its own id; editors refuse the form otherwise."),
                id=identity[:100],
            )
        self.ids |= {identity} - {""}

    def labelled(self, component: Component, read: Field) -> None:
        if isinstance(read, InputField) and not read.label.own and read.kind is not Kind.EXPRESSION:
            component.warning(
                "no-label", N_("This field has no label; its key is shown instead."), N_("Give it a label.")
            )
