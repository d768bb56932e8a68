"""Owns forms written as a JSON schema with a layout beside it (react-jsonschema-form, SpiffArena), as form-js JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.expressions import N_, Problem
from forms.json_schema_values import choices, value_component
from forms.losses import Losses

Json = Mapping[str, Any]

MAX_DEPTH: Final = 9
"""Objects and lists inside each other; form-js groups nest no deeper here."""
UNTOLD: Final = ("if", "then", "else", "dependencies", "dependentSchemas", "dependentRequired", "patternProperties")


def form_from_schema(
    schema: Json, layout: Json, *, file: str = "", text: str = ""
) -> tuple[dict[str, Any], list[Problem]]:
    """The form as form-js JSON, to be read by `read_form`, and what is lost of it."""
    reader = _Schema(schema, Losses(file, text))
    components = reader.told(schema, layout) + reader.properties(reader.resolved(schema), layout, "", 0)
    identity = schema.get("$id")
    return {
        "type": "default",
        "id": identity if isinstance(identity, str) else "form",
        "components": components,
    }, reader.losses.problems


def is_schema(value: Json) -> bool:
    """Whether JSON is the schema of an object, which is what a form gives."""
    return isinstance(value.get("properties"), dict) and value.get("type", "object") == "object"


def is_layout(value: Json) -> bool:
    """Whether JSON only says how a form looks."""
    return bool(value) and all(
        key.startswith("ui:") or (isinstance(inner, dict) and (not inner or is_layout(inner)))
        for key, inner in value.items()
    )


class _Schema:
    """One schema while it is converted: `root` is what its references begin at."""

    def __init__(self, root: Json, losses: Losses) -> None:
        self.root, self.losses = root, losses

    def told(self, schema: Json, layout: Json) -> list[dict[str, Any]]:
        """What is said above the fields."""
        text = self.losses.markdown("description", layout.get("ui:description") or schema.get("description"))
        return [{"type": "text", "text": text}] if text else []

    def properties(self, schema: Json, layout: Json, above: str, depth: int) -> list[dict[str, Any]]:
        """The components of an object's properties, in the layout's order."""
        for name in UNTOLD:
            if name in schema:
                self.losses.lost(above or name, name)
        given = _object(schema.get("properties"))
        needed = schema.get("required")
        required = set(map(str, needed)) if isinstance(needed, list) else set()
        found = []
        for name in _ordered(given, layout.get("ui:order")):
            inner, look = self.resolved(_object(given[name])), _object(layout.get(name))
            component = self.component(name, inner, look, required=name in required, above=above, depth=depth)
            if component is not None:
                found.append(component)
        return found

    def component(
        self, name: str, schema: Json, layout: Json, *, required: bool, above: str, depth: int
    ) -> dict[str, Any] | None:
        path = f"{above}.{name}" if above else name
        if not self.losses.room(path):
            return None
        key = self.losses.key(name)
        if not key or self.hidden(path, layout):
            return None
        label = self.losses.words(path, layout.get("ui:title") or schema.get("title") or name)
        kind = kind_of(schema)
        if kind == "object":
            return self.group(key, label, schema, layout, path=path, depth=depth)
        if kind == "array" and not choices(_object(schema.get("items")), layout) and not _files(schema):
            return self.rows(key, label, schema, layout, path=path, depth=depth)
        return value_component(key, label, schema, layout, path=path, required=required, losses=self.losses)

    def group(
        self, key: str, label: str, schema: Json, layout: Json, *, path: str, depth: int
    ) -> dict[str, Any] | None:
        if depth >= MAX_DEPTH:
            self.too_deep(path)
            return None
        inner = self.told(schema, layout) + self.properties(schema, layout, path, depth + 1)
        return {"type": "group", "label": label, "path": key, "components": inner}

    def rows(self, key: str, label: str, schema: Json, layout: Json, *, path: str, depth: int) -> dict[str, Any] | None:
        """A list of objects has a row for each; so has a list of values, whose rows then are objects here."""
        if depth >= MAX_DEPTH:
            self.too_deep(path)
            return None
        item, look = self.resolved(_object(schema.get("items"))), _object(layout.get("items"))
        if kind_of(item) == "object":
            inner = self.properties(item, look, path, depth + 1)
        else:
            problem = N_("A list of plain values is kept as rows with one entry, “value”.")
            self.losses.add(path, "form-rows", problem, N_("Read the rows' “value” where the list is used."))
            one = self.component("value", item, look, required=True, above=path, depth=depth + 1)
            inner = [one] if one is not None else []
        least = schema.get("minItems")
        rows = least if isinstance(least, int) and 0 < least <= 50 else 1 if item else 0
        found: dict[str, Any] = {"type": "dynamiclist", "label": label, "path": key, "components": inner}
        return {**found, "isRepeating": True, "defaultRepetitions": rows, "allowAddRemove": True}

    def hidden(self, path: str, layout: Json) -> bool:
        if layout.get("ui:widget") != "hidden":
            return False
        self.losses.lost(path, "hidden")
        return True

    def too_deep(self, path: str) -> None:
        problem = N_("This is nested too deep and is left out.")
        self.losses.add(path, "too-deep", problem, N_("Nest groups and lists at most 10 deep."))

    def resolved(self, schema: Json) -> Json:
        """The schema that a reference stands for; what is said beside it wins, and all parts count."""
        for _ in range(MAX_DEPTH):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._at(reference), **beside}
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            schema = _joined(schema, _object(part))
        return {key: value for key, value in schema.items() if key != "allOf"} if parts is not None else schema

    def _at(self, reference: str) -> Json:
        found: Any = self.root
        if not reference.startswith("#/"):
            self.losses.lost("$ref", reference)
            return {}
        for part in reference.removeprefix("#/").split("/"):
            found = _object(found).get(part)
        return _object(found)


def kind_of(schema: Json) -> str:
    """The JSON type; of several the first that is a value."""
    given = schema.get("type")
    if isinstance(given, list):
        given = next((each for each in given if each != "null"), "string")
    if isinstance(given, str):
        return given
    return "object" if isinstance(schema.get("properties"), dict) else "array" if "items" in schema else "string"


def _joined(schema: Json, part: Json) -> Json:
    """Two schemas that both hold."""
    joined = {**part, **schema}
    if "properties" in part:
        joined["properties"] = {**_object(schema.get("properties")), **_object(part.get("properties"))}
    if "required" in part:
        joined["required"] = [*_list(schema.get("required")), *_list(part.get("required"))]
    return joined


def _ordered(given: Json, order: object) -> Sequence[str]:
    """The names in the layout's order; `*` stands for those it does not name, which else come last."""
    wanted = [name for name in _list(order) if isinstance(name, str)]
    rest = [name for name in given if name not in wanted]
    found = []
    for name in wanted:
        found += rest if name == "*" else [name]
    return list(dict.fromkeys(name for name in [*found, *rest] if name in given))


def _files(schema: Json) -> bool:
    return _object(schema.get("items")).get("format") == "data-url"


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []
