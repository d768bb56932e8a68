"""Forms inside BPMN files become form-js JSON."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions import Level
from forms import CamundaField, Form, camunda_problems, form_from_camunda, read_form
from forms.fields import Kind
from tests.forms.build import codes, said, send


def converted(*fields: CamundaField) -> Form:
    read, problems = read_form(form_from_camunda(fields))
    assert problems == []
    return read


@pytest.mark.parametrize(
    ("kind", "expected", "value"),
    [
        ("string", Kind.TEXTFIELD, "x"),
        ("long", Kind.NUMBER, 5),
        ("integer", Kind.NUMBER, 5),
        ("double", Kind.NUMBER, 2.5),
        ("boolean", Kind.CHECKBOX, True),
        ("date", Kind.DATETIME, "2026-11-22"),
        ("enum", Kind.SELECT, "a"),
        ("checklist", Kind.CHECKLIST, ["a", "b"]),
        ("com.example.Money", Kind.TEXTFIELD, "x"),
    ],
)
def test_every_type_becomes_a_field(kind: str, expected: Kind, value: Any) -> None:
    read = converted(CamundaField(id="a", label="A", type=kind, values=[("a", "Anna"), ("b", "")]))
    assert read.inputs[0].kind is expected
    assert read.inputs[0].label.own.source == "A"
    assert send(read, {"a": value}).values == {"a": value}


def test_validations_become_the_field_s() -> None:
    read = converted(
        CamundaField(id="n", type="long", constraints=[("required", ""), ("min", "2"), ("max", "9")]),
        CamundaField(id="s", constraints=[("required", "true"), ("minlength", "2"), ("maxlength", "3")]),
        CamundaField(id="o", constraints=[("required", "false")]),
    )
    assert list(send(read, {"n": 1, "s": "x"}).errors) == ["n", "s"]
    assert list(send(read, {}).errors) == ["n", "s"]
    assert said(send(read, {"n": 2.5, "s": "xy"}).errors) == {"n": "Write a whole number"}
    assert send(read, {"n": 2, "s": "xyz"}).ok


def test_readonly_and_not_writable_fields_keep_the_data() -> None:
    read = converted(CamundaField(id="a", constraints=[("readonly", "")]), CamundaField(id="b", writable=False))
    assert send(read, {"a": "x", "b": "y"}, {"a": "1", "b": "2"}).values == {"a": "1", "b": "2"}


def test_a_property_that_is_not_readable_is_left_out_with_a_warning() -> None:
    fields = [CamundaField(id="a", readable=False, required=True)]
    assert form_from_camunda(fields)["components"] == []
    assert codes(camunda_problems(fields), Level.WARNING) == ["not-readable"]


@pytest.mark.parametrize(
    ("kind", "default", "pattern", "value"),
    [
        ("string", "x", "", "x"),
        ("long", "5", "", 5),
        ("double", "2.5", "", 2.5),
        ("boolean", "true", "", True),
        ("boolean", "no", "", False),
        ("date", "22/11/2026", "", "2026-11-22"),
        ("date", "2026-11-22", "yyyy-MM-dd", "2026-11-22"),
        ("date", "2026-11-22", "", "2026-11-22"),
        ("date", "22.11.2026 09:40", "dd.MM.yyyy HH:mm", "2026-11-22T09:40"),
        ("enum", "a", "", "a"),
        ("string", "for ${name}", "", "for 周岚"),
    ],
)
def test_defaults_are_converted(kind: str, default: str, pattern: str, value: Any) -> None:
    read = converted(CamundaField(id="a", type=kind, default=default, pattern=pattern, values=[("a", "A")]))
    assert send(read, {}, names={"name": "周岚"}).values == {"a": value}


def test_a_default_that_does_not_fit_is_a_warning() -> None:
    _, problems = read_form(form_from_camunda([CamundaField(id="a", type="long", default="many")]))
    assert codes(problems, Level.WARNING) == ["bad-default"]


def test_what_is_lost_is_a_warning_with_the_field_and_line() -> None:
    fields = [
        CamundaField(id="a", label="A", type="com.example.Money", line=7),
        CamundaField(id="b", constraints=[("validator", "com.example.Check"), ("min", "x")]),
    ]
    problems = camunda_problems(fields, file="a.bpmn")
    assert codes(problems, Level.WARNING) == ["custom-type", "custom-constraint", "bad-constraint"]
    assert (problems[0].element, problems[0].name, problems[0].line, problems[0].file) == ("a", "A", 7, "a.bpmn")


def test_an_id_that_is_no_key_is_refused_by_the_form() -> None:
    _, problems = read_form(form_from_camunda([CamundaField(id="a-b")]))
    assert codes(problems) == ["bad-key"]


def test_properties_are_passed_on() -> None:
    assert converted(CamundaField(id="a", properties={"sensitive": "true"})).inputs[0].sensitive
