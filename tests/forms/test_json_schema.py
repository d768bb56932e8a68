"""JSON schemas with their layouts (react-jsonschema-form's vocabulary, SpiffArena's use of it) become forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expressions import Level
from forms import Form
from forms.fields import ChoiceField, Kind, MomentField
from forms.formats import Format, format_of, name_of, read_any
from forms.json_schema import form_from_schema
from tests.forms.build import codes, send

Json = Mapping[str, Any]


def read(properties: Json, layout: Json | None = None, *, lost: list[str] | None = None, **schema: Any) -> Form:
    """A form of these properties; what is lost is as expected, and nothing is wrong."""
    whole = {"type": "object", "properties": properties, **schema}
    form, problems = read_any(orjson.dumps(whole), orjson.dumps(layout or {}))
    assert codes(problems) == []
    assert codes(problems, Level.WARNING) == (lost or [])
    return form


@pytest.mark.parametrize(
    ("schema", "look", "kind", "value"),
    [
        ({"type": "string"}, {}, Kind.TEXTFIELD, "x"),
        ({}, {}, Kind.TEXTFIELD, "x"),
        ({"type": ["string", "null"]}, {}, Kind.TEXTFIELD, "x"),
        ({"type": "string"}, {"ui:widget": "textarea"}, Kind.TEXTAREA, "x\ny"),
        ({"type": "string"}, {"ui:options": {"widget": "textarea"}}, Kind.TEXTAREA, "x"),
        ({"type": "integer"}, {"ui:widget": "updown"}, Kind.NUMBER, 3),
        ({"type": "number"}, {}, Kind.NUMBER, 2.5),
        ({"type": "boolean"}, {}, Kind.CHECKBOX, True),
        ({"type": "boolean", "enumNames": ["Ja", "Nein"]}, {"ui:widget": "radio"}, Kind.RADIO, False),
        ({"type": "string", "enum": ["a", "b"]}, {}, Kind.SELECT, "a"),
        ({"type": "integer", "enum": [1, 2]}, {"ui:widget": "radio"}, Kind.RADIO, 2),
        ({"oneOf": [{"const": "a", "title": "A"}, {"enum": ["b"]}]}, {}, Kind.SELECT, "b"),
        ({"type": "string", "format": "date"}, {}, Kind.DATETIME, "2026-12-01"),
        ({"type": "string"}, {"ui:widget": "date"}, Kind.DATETIME, "2026-12-01"),
        ({"type": "string", "format": "date-time"}, {}, Kind.DATETIME, "2026-12-01T10:00"),
        ({"type": "string", "format": "time"}, {}, Kind.DATETIME, "10:00"),
        ({"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}}, {}, Kind.CHECKLIST, ["a"]),
        ({"type": "array", "items": {"enum": [str(n) for n in range(12)]}}, {}, Kind.TAGLIST, ["1", "11"]),
        ({"type": "string", "format": "data-url"}, {}, Kind.FILEPICKER, []),
    ],
)
def test_every_type_becomes_a_field(schema: Json, look: Json, kind: Kind, value: Any) -> None:
    form = read({"a": {"title": "A", **schema}}, {"a": look})
    assert form.inputs[0].kind is kind
    assert form.inputs[0].label.own.source == "A"
    assert send(form, {"a": value}).values == {"a": value}


def test_the_layout_orders_titles_and_explains() -> None:
    given_ = {"a": {"type": "string", "description": "Of the schema"}, "b": {"type": "string"}, "c": {"type": "string"}}
    layout = {
        "ui:order": ["c", "*", "a", "nobody"],
        "a": {"ui:title": "First", "ui:help": "Only Latin letters"},
        "c": {"ui:readonly": True, "ui:autofocus": True},
    }
    form = read(given_, layout)
    assert [field.path[0] for field in form.inputs] == ["c", "b", "a"]
    assert (form.inputs[2].label.own.source, form.inputs[2].hint.own.source) == (
        "First",
        "Of the schema\nOnly Latin letters",
    )
    assert form.inputs[0].readonly is True


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "minLength": 2, "maxLength": 3}, "ab", "a"),
        ({"type": "string", "pattern": "^a"}, "ab", "b"),
        ({"type": "string", "format": "email"}, "a@example.com", "a"),
        ({"type": "integer", "minimum": 2}, 2, 1),
        ({"type": "integer", "exclusiveMinimum": 2}, 3, 2),
        ({"type": "integer", "exclusiveMaximum": 5}, 4, 5),
        ({"type": "integer"}, 3, 2.5),
        ({"type": "string", "enum": ["a"]}, "a", "b"),
    ],
)
def test_limits_are_kept(schema: Json, good: Any, bad: Any) -> None:
    form = read({"a": schema})
    assert send(form, {"a": good}).ok
    assert not send(form, {"a": bad}).ok


def test_what_is_required_is_asked_for_but_a_box_may_stay_empty() -> None:
    form = read({"a": {"type": "string"}, "b": {"type": "boolean"}, "c": {"type": "string"}}, required=["a", "b"])
    assert list(send(form, {}).errors) == ["a"]


def test_a_default_is_the_value_while_there_is_none() -> None:
    assert send(read({"a": {"type": "string", "default": "x"}}), {}).values == {"a": "x"}


def test_objects_are_groups_and_lists_of_objects_are_rows() -> None:
    person = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    form = read({"who": person, "all": {"type": "array", "items": person, "minItems": 2}})
    answer = {"who": {"name": "x"}, "all": [{"name": "y"}, {"name": "z"}]}
    assert send(form, answer).values == answer
    assert list(send(form, {"who": {}, "all": [{}]}).errors) == ["who.name", "all[0].name"]


def test_a_list_of_plain_values_is_rows_with_one_entry_and_says_so() -> None:
    form = read({"all": {"type": "array", "items": {"type": "string"}}}, lost=["form-rows"])
    assert send(form, {"all": [{"value": "a"}]}).ok


def test_parts_that_are_referred_to_and_joined_are_followed() -> None:
    form = read(
        {"a": {"$ref": "#/definitions/word", "title": "A"}, "b": {"allOf": [{"type": "integer"}]}},
        definitions={"word": {"type": "string", "maxLength": 2}},
    )
    assert not send(form, {"a": "abc"}).ok
    assert form.inputs[1].kind is Kind.NUMBER


def test_options_may_come_from_the_data() -> None:
    form = read({"a": {"type": "string", "anyOf": ["options_from_task_data_var:fruits"]}})
    field = form.inputs[0]
    assert isinstance(field, ChoiceField)
    assert field.values_key == "fruits"


def test_dots_in_a_name_lead_inside() -> None:
    assert send(read({"invoice.total": {"type": "number"}}), {"invoice": {"total": 2}}).ok


def test_a_time_has_its_kind() -> None:
    field = read({"a": {"type": "string", "format": "date-time"}}).inputs[0]
    assert isinstance(field, MomentField)
    assert field.subtype == "datetime"


@pytest.mark.parametrize(
    ("properties", "layout", "lost"),
    [
        ({"first-name": {"type": "string"}}, {}, "form-key"),
        ({"a": {"type": "string", "title": "Hi {{ x['y'] }}"}}, {}, "form-text"),
        ({"a": {"type": "string", "pattern": "(?=a)"}}, {}, "form-lost"),
        ({"a": {"type": "string", "contentMediaType": "text/html"}}, {}, "form-lost"),
        ({"a": {"type": "string"}}, {"a": {"ui:widget": "typeahead"}}, "form-lost"),
        ({"a": {"type": "string"}}, {"a": {"ui:widget": "hidden"}}, "form-lost"),
        ({"a": {"type": "number", "exclusiveMinimum": 2}}, {}, "form-lost"),
        ({"a": {"$ref": "other.json#/a"}}, {}, "form-lost"),
    ],
)
def test_what_is_lost_is_said_with_the_fields_name(properties: Json, layout: Json, lost: str) -> None:
    form = read(properties, layout, lost=[lost])
    assert len(form.inputs) <= 1


def test_what_depends_on_other_fields_is_said() -> None:
    read({"a": {"type": "string"}}, lost=["form-lost"], dependencies={"a": ["b"]})


def test_a_problem_has_the_line_of_its_field() -> None:
    text = '{"properties": {\n  "a": {"type": "string"},\n  "b-c": {"type": "string"}\n}}'
    _, problems = read_any(text.encode(), file="ask-schema.json")
    assert [(problem.line, problem.file) for problem in problems] == [(3, "ask-schema.json")]


def test_a_schema_that_refers_to_itself_ends() -> None:
    loop = {"type": "object", "properties": {"a": {"$ref": "#/definitions/x"}, "b": {"$ref": "#/definitions/x"}}}
    form, problems = read_any(orjson.dumps({"properties": {"a": loop}, "definitions": {"x": loop}}))
    assert codes(problems) == []
    assert {"too-many", "too-deep"} & set(codes(problems, Level.WARNING))
    assert form.names <= {"a"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"components": []}', Format.FORM_JS),
        (b'{"fields": []}', Format.FLOWABLE),
        (b'{"properties": {}}', Format.SCHEMA),
        (b'{"type": "object", "properties": {"a": {}}}', Format.SCHEMA),
        (b'{"ui:order": []}', Format.LAYOUT),
        (b'{"a": {"ui:widget": "date"}}', Format.LAYOUT),
        (b"{}", Format.OTHER),
        (b"[]", Format.OTHER),
        (b"", Format.OTHER),
        (b"\xff\xfe", Format.OTHER),
        (b'{"name": "web", "dependencies": {}}', Format.OTHER),
        (b'{"type": "array", "items": {}, "properties": {}}', Format.OTHER),
        (b"\xef\xbb\xbf<html>", Format.TEXT),
        (b"${speaker} is speaking", Format.TEXT),
        ("姓名".encode() * 300, Format.TEXT),
    ],
)
def test_a_file_is_known_by_what_it_holds(content: bytes, expected: Format) -> None:
    assert format_of(content) is expected


@pytest.mark.parametrize(
    ("content", "name"),
    [(b'{"id": "a", "components": []}', "a"), (b'{"key": "b", "fields": []}', "b"), (b"[]", ""), (b'{"id": 3}', "")],
)
def test_a_form_may_have_a_name_of_its_own(content: bytes, name: str) -> None:
    assert name_of(content) == name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["string", "object", "array", "a", "#/x", "{{"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type properties items enum oneOf anyOf allOf required title default $ref minimum ui:order ui:widget"
                " ui:options enumNames format pattern a b fields options id name outcomes params".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["properties", "fields", "title", "required", "key"]), JSON), JSON)
def test_any_json_is_read_or_refused_with_a_remedy(content: Json, layout: object) -> None:
    _, problems = read_any(orjson.dumps(content), orjson.dumps(layout))
    assert all(str(problem.remedy) for problem in problems)


def test_what_is_converted_is_form_js() -> None:
    made, lost = form_from_schema({"$id": "ask", "description": "Hello", "properties": {"a": {"type": "string"}}}, {})
    assert lost == []
    assert made["id"] == "ask"
    assert [component["type"] for component in made["components"]] == ["text", "textfield"]
