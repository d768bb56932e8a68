"""What an API sends that the form has no place for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.forms.build import component, form, said, send

FORM = form(
    component("textfield", "title"),
    component("group", "device", components=[component("textfield", "model"), component("textfield", "os.name")]),
    component("dynamiclist", "items", components=[component("textfield", "x")]),
    {"type": "text", "text": "x"},
)


@pytest.mark.parametrize(
    ("sent", "path", "known"),
    [
        ({"titel": "x"}, "titel", "device, items, title"),
        ({"device": {"brand": "x"}}, "device.brand", "model, os"),
        ({"device": {"os": {"x": 1}}}, "device.os.x", "name"),
        ({"items": [{}, {"y": 1}]}, "items[1].y", "x"),
        ({1: "x"}, "1", "device, items, title"),
        ({"\ud800": "x"}, "?", "device, items, title"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_the_known_ones(sent: Any, path: str, known: str) -> None:
    submission = send(FORM, sent)
    assert said(submission.errors) == {path: f"There is no field with this key. Known keys: {known}"}


@pytest.mark.parametrize("sent", [None, [], "x", 5, True])
def test_values_are_an_object(sent: Any) -> None:
    assert said(send(FORM, sent).errors) == {"": "Give an object: field keys with their values"}


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"device": 5}, "device"),
        ({"device": {"os": []}}, "device.os"),
        ({"items": {}}, "items"),
        ({"items": [1]}, "items[0]"),
    ],
)
def test_the_wrong_shape_is_an_error_at_its_path(sent: Any, path: str) -> None:
    assert list(send(FORM, sent).errors) == [path]


def test_only_so_many_errors_are_told() -> None:
    assert len(send(FORM, {f"k{number}": 1 for number in range(1000)}).errors) == 50


def test_hidden_readonly_and_worked_out_fields_may_be_sent_back() -> None:
    read = form(
        component("textfield", "a", conditional={"hide": True}),
        component("textfield", "b", readonly=True),
        {"type": "expression", "key": "c", "expression": "= 1"},
    )
    assert send(read, {"a": "x", "b": "y", "c": 5}).values == {"b": "", "c": 1}


def test_a_form_without_fields_says_so() -> None:
    assert "has no fields" in said(send(form(), {"a": 1}).errors)["a"]
