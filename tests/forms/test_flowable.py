"""Flowable's form models become forms."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from engine.expressions import Level
from forms import Form
from forms.fields import ChoiceField, Group, Kind
from forms.formats import read_any
from tests.forms.build import codes, send


def read(*fields: Any, lost: list[str] | None = None, **model: Any) -> Form:
    form, problems = read_any(orjson.dumps({"key": "ask", "name": "Ask", "fields": list(fields), **model}))
    assert codes(problems) == []
    assert codes(problems, Level.WARNING) == (lost or [])
    return form


def field(kind: str, ident: str = "a", **more: Any) -> dict[str, Any]:
    return {"fieldType": "FormField", "id": ident, "name": ident.upper(), "type": kind, **more}


OPTIONS = [{"name": "Please choose"}, {"id": "r", "name": "Red"}, {"name": "Blue"}]


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        (field("text"), Kind.TEXTFIELD, "x"),
        (field("multi-line-text"), Kind.TEXTAREA, "x\ny"),
        (field("password"), Kind.TEXTFIELD, "x"),
        (field("integer"), Kind.NUMBER, 3),
        (field("decimal"), Kind.NUMBER, 2.5),
        (field("date"), Kind.DATETIME, "2026-12-01"),
        (field("boolean"), Kind.CHECKBOX, True),
        (field("dropdown", options=OPTIONS, hasEmptyValue=True), Kind.SELECT, "r"),
        (field("radio-buttons", options=OPTIONS), Kind.RADIO, "Blue"),
        (field("upload", params={"multiple": True}), Kind.FILEPICKER, []),
    ],
)
def test_every_type_becomes_a_field(given: Any, kind: Kind, value: Any) -> None:
    form = read(given)
    assert (form.id, form.inputs[0].kind, form.inputs[0].label.own.source) == ("ask", kind, "A")
    assert send(form, {"a": value}).values == {"a": value}


def test_the_option_that_only_says_to_choose_is_none() -> None:
    found = read(field("dropdown", options=OPTIONS, hasEmptyValue=True)).inputs[0]
    assert isinstance(found, ChoiceField)
    assert [option.value for option in found.options] == ["r", "Blue"]


@pytest.mark.parametrize(
    ("given", "good", "bad"),
    [
        (field("text", required=True), "x", ""),
        (field("text", params={"minLength": 2, "maxLength": "3"}), "ab", "abcd"),
        (field("text", params={"regexPattern": "^a"}), "ab", "b"),
        (field("integer", params={"minValue": 2, "maxValue": 4}), 3, 5),
    ],
)
def test_limits_are_kept(given: Any, good: Any, bad: Any) -> None:
    form = read(given)
    assert send(form, {"a": good}).ok
    assert not send(form, {"a": bad}).ok


def test_readonly_fields_keep_the_data_and_values_are_defaults() -> None:
    form = read(field("text", readOnly=True), field("text", "b", value="x", placeholder="Say why"))
    assert send(form, {"a": "new"}, {"a": "old"}).values == {"a": "old", "b": "x"}
    assert form.inputs[1].hint.own.source == "Say why"


def test_outcomes_are_a_choice_that_gateways_ask_for() -> None:
    form = read(outcomes=[{"name": "accept"}, {"id": "reject", "name": "Reject"}])
    found = form.inputs[0]
    assert (found.path, found.required) == (("form_ask_outcome",), True)
    assert send(form, {"form_ask_outcome": "reject"}).ok


def test_containers_are_groups_whose_fields_share_rows() -> None:
    grid = {"fieldType": "ContainerFormField", "id": "c", "name": "Address", "type": "container"}
    form = read({**grid, "fields": [[field("text"), field("text", "b")], [field("text", "c")]]})
    (group,) = form.fields
    assert isinstance(group, Group)
    rows = [inner.row for inner in group.fields]
    assert rows[0] == rows[1] != rows[2]
    assert form.names == {"a", "b", "c"}


def test_what_only_shows_something_is_shown() -> None:
    link = field("hyperlink", params={"hyperlinkUrl": "https://example.com"})
    form = read(field("headline"), field("horizontal-line"), field("spacer"), link, field("expression", value="Hi"))
    assert [found.kind for found in form.fields] == [Kind.TEXT, Kind.SEPARATOR, Kind.SPACER, Kind.TEXT, Kind.TEXT]


@pytest.mark.parametrize(
    ("given", "lost"),
    [
        (field("people"), "form-picker"),
        (field("functional-group"), "form-picker"),
        (field("signature"), "custom-type"),
        (field("dropdown", optionsExpression="${x}"), "form-lost"),
        (field("expression", expression="Hello ${name}"), "form-lost"),
        (field("text", "due-date"), "form-key"),
    ],
)
def test_what_is_lost_is_said(given: Any, lost: str) -> None:
    read(given, lost=[lost])
