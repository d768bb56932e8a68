"""A form is read, and everything wrong with it is said at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.expressions import Level
from forms import read_form
from forms.fields import ChoiceField, InputField, NumberField, TextField
from forms.markdown import to_html
from tests.forms.build import codes, component, form, report, values


def test_a_plain_form_has_no_problems() -> None:
    read = form(component("textfield", "name"), component("group", "device", components=[component("number", "count")]))
    assert [field.key for field in read.inputs] == ["name", "device.count"]
    assert read.names == {"name", "device"}


def test_the_digest_does_not_depend_on_spacing_or_order() -> None:
    one, _ = read_form('{"type":"default","components":[]}')
    other, _ = read_form(b'\xef\xbb\xbf{ "components": [],\n "type": "default" }')
    assert one.digest == other.digest
    assert len(one.digest) == 64


@pytest.mark.parametrize(
    ("source", "place", "why", "remedy"),
    [
        ('{"a": 1,\n}', (2, 1), "a comma stands before a closing bracket", "Delete that comma"),
        ('{"a" 1}', (1, 6), "no colon", "text editor"),
        ("{\"a\": 'b'}", (1, 7), "no value here that JSON knows", "double quotation marks"),
        ("{'a': 1}", (1, 2), "a name in double quotation marks", "text editor"),
        ('{"a": 1 "b": 2}', (1, 9), "no comma or closing bracket", "text editor"),
        ('{"a": "b\nc"}', (1, 9), "a line break", "with a backslash"),
        ('{"a": 1}}', (1, 9), "after the last bracket", "Delete"),
        ('{"a": "b', (1, 7), "the file is over", "cut off"),
        ('{"a":', (1, 6), "the file is over", "cut off"),
        ("<form/>", (1, 1), "does not begin with a curly bracket", "form-js"),
        ("", (1, 1), "the file is empty", "Save the form again"),
    ],
)
def test_what_is_no_json_is_told_in_our_own_words(source: str, place: tuple[int, int], why: str, remedy: str) -> None:
    _form, (problem,) = read_form(source.encode(), file="ask.form")
    line, column = place
    assert (problem.code, problem.line, problem.file) == ("not-json", line, "ask.form")
    assert str(problem.problem).startswith(f"This is not JSON at column {column}: ")
    assert why in str(problem.problem)
    assert remedy in str(problem.remedy)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "not-json"),
        (b"<xml/>", "not-json"),
        (b"[1]", "not-a-form"),
        (b"{}", "not-a-form"),
        ("工单".encode("gbk"), "not-utf8"),
        (b'{"components": [NaN]}', "not-json"),
        (b'{"a": 1, "a": 2, "components": []}', "not-json"),
        (b'{"components": [], "id": "\\u0000"}', "not-storable"),
        (b'{"components": [], "id": "\\ud800"}', "not-storable"),
        (b'{"components": [], "n": 1e999}', "not-storable"),
        (b'{"components": [], "n": ' + b"9" * 5000 + b"}", "not-json"),
        (b"[" * 100_000, "too-deep"),
        (b'{"components":' + b"[" * 60 + b"]" * 60 + b"}", "not-storable"),
        (b" " * (1024 * 1024 + 1), "form-too-large"),
        ({"components": [object()]}, "not-storable"),
    ],
)
def test_what_is_no_form_is_refused_with_one_problem(source: Any, code: str) -> None:
    read, problems = read_form(source, file="a.form")
    assert codes(problems) == [code]
    assert problems[0].file == "a.form"
    assert str(problems[0].remedy)
    assert read.fields == ()


@pytest.mark.parametrize("kind", ["html", "iframe", "image", "table", "documentPreview", "multipage", "page"])
def test_types_that_load_or_run_something_are_refused(kind: str) -> None:
    _, problems = report(component(kind, url="https://example.com", content="<b>"))
    assert codes(problems) == ["refused-type"]


@pytest.mark.parametrize("kind", ["", "texfield", None, 5, "default", []])
def test_an_unknown_type_is_refused_and_the_known_ones_are_named(kind: Any) -> None:
    _, problems = report({"type": kind, "key": "a"})
    assert codes(problems) == ["unknown-type"]
    assert "textfield" in str(problems[0].remedy)


def test_a_button_is_left_out_with_a_note() -> None:
    read, problems = report({"type": "button", "action": "submit", "label": "Send"})
    assert codes(problems, Level.NOTE) == ["button"]
    assert read.fields == ()


@pytest.mark.parametrize("raw", [1, "x", None, []])
def test_a_component_that_is_no_object_is_reported(raw: Any) -> None:
    assert codes(report(raw)[1]) == ["unknown-type"]


@pytest.mark.parametrize(
    "key",
    [
        "a b",
        "a.",
        ".a",
        "a..b",
        "1",
        "a.0",
        "_a",
        "a._b",
        "a-b",
        "a[0]",
        "csrf_token",
        "this",
        "constructor",
        "x" * 201,
    ],
)
def test_a_bad_key_is_refused(key: str) -> None:
    assert codes(report(component("textfield", key))[1]) == ["bad-key"]


@pytest.mark.parametrize("key", ["a", "aB_9", "a.b.c", "机型", "a1.b2", "2fa"])
def test_a_key_is_words_joined_by_dots(key: str) -> None:
    form(component("textfield", key))


@pytest.mark.parametrize("kind", ["textfield", "number", "dynamiclist", "expression"])
def test_a_field_without_a_key_is_refused(kind: str) -> None:
    assert "missing-key" in codes(report({"type": kind, "label": "A", "expression": "=1"})[1])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (component("textfield", "a"), component("number", "a")),
        (component("textfield", "a"), component("textfield", "a.b")),
        (component("textfield", "a.b"), component("textfield", "a")),
        (component("group", "a", components=[component("textfield", "b")]), component("textfield", "a.b")),
        (component("group", "a", components=[]), component("textfield", "a")),
        (component("dynamiclist", "a", components=[]), component("textfield", "a.b")),
        (component("dynamiclist", "a", components=[]), component("group", "a", components=[])),
    ],
)
def test_two_fields_cannot_share_a_key(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert codes(report(first, second)[1]) == ["duplicate-key"]


def test_groups_may_share_a_path_and_rows_have_keys_of_their_own() -> None:
    form(
        component("group", "a", components=[component("textfield", "x")]),
        component("group", "a", components=[component("textfield", "y")]),
        component("dynamiclist", "items", components=[component("textfield", "x"), component("textfield", "a")]),
    )


def test_every_problem_is_reported_at_once_with_element_name_and_line() -> None:
    source = {
        "components": [
            {"type": "textfield", "id": "f1", "key": "model", "label": "机型", "validate": {"pattern": "(?=x)"}},
            {"type": "number", "id": "f2", "key": "count", "label": "Count", "conditional": {"hide": "=1 +"}},
            {"type": "select", "id": "f3", "key": "kind", "label": "Kind"},
        ]
    }
    text = json.dumps(source, ensure_ascii=False, indent=1)
    _, problems = read_form(text, file="x.form")
    assert codes(problems) == ["pattern", "expression", "no-options"]
    assert [(problem.element, problem.name) for problem in problems] == [
        ("model", "机型"),
        ("count", "Count"),
        ("kind", "Kind"),
    ]
    assert [text.splitlines()[problem.line - 1].strip() for problem in problems] == [
        '"id": "f1",',
        '"id": "f2",',
        '"id": "f3",',
    ]


@pytest.mark.parametrize("pattern", ["(?=x)", "(a", r"(a)\1", "(?<!b)c", "a{2000}", "x" * 1001])
def test_a_pattern_beyond_linear_time_is_refused(pattern: str) -> None:
    assert codes(report(component("textfield", "a", validate={"pattern": pattern}))[1]) == ["pattern"]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"label": 5}, "wrong-type"),
        ({"validate": []}, "wrong-type"),
        ({"validate": {"required": "yes"}}, "wrong-type"),
        ({"validate": {"minLength": "many"}}, "wrong-type"),
        ({"validate": {"minLength": True}}, "wrong-type"),
        ({"validate": {"minLength": 5, "maxLength": 3}}, "impossible-limits"),
        ({"conditional": {"hide": "a = 1"}}, "not-feel"),
        ({"conditional": {"hide": 3}}, "wrong-type"),
        ({"readonly": "yes"}, "not-feel"),
        ({"layout": {"columns": 99}}, "out-of-range"),
        ({"label": "{{a"}, "expression"),
        ({"label": "{{#if a}}b"}, "expression"),
        ({"label": "{{/if}}"}, "expression"),
        ({"label": "{{#each a}}{{/each}}"}, "expression"),
        ({"description": "= 1 +"}, "expression"),
        ({"defaultValue": "${1 +}"}, "expression"),
        ({"properties": {"label.en": "{{1 +}}"}}, "expression"),
        ({"appearance": {"prefixAdorner": "= ("}}, "expression"),
    ],
)
def test_a_bad_property_is_an_error(properties: dict[str, Any], code: str) -> None:
    assert codes(report(component("textfield", "a", **properties))[1]) == [code]


@pytest.mark.parametrize(
    ("kind", "properties", "code"),
    [
        ("number", {"increment": 0}, "out-of-range"),
        ("number", {"increment": "abc"}, "wrong-type"),
        ("number", {"decimalDigits": -1}, "out-of-range"),
        ("number", {"validate": {"min": 5, "max": "3"}}, "impossible-limits"),
        ("datetime", {"subtype": "week"}, "unknown-choice"),
        ("datetime", {"timeSerializingFormat": "x"}, "unknown-choice"),
        ("datetime", {"timeInterval": 90}, "out-of-range"),
        ("expression", {"expression": "1"}, "not-feel"),
        ("expression", {"expression": "=1", "computeOn": "never"}, "unknown-choice"),
        ("dynamiclist", {"defaultRepetitions": 1000, "components": []}, "out-of-range"),
        ("group", {"components": {}}, "wrong-type"),
        ("radio", {"valuesExpression": "=("}, "expression"),
        ("radio", {"values": {"a": 1}}, "wrong-type"),
        ("text", {"text": "{{a"}, "expression"),
    ],
)
def test_each_type_checks_its_own_properties(kind: str, properties: dict[str, Any], code: str) -> None:
    assert code in codes(report(component(kind, "" if kind == "text" else "a", **properties))[1])


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"label": ""}, "no-label"),
        ({"lable": "Name"}, "unknown-property"),
        ({"values": []}, "unknown-property"),
        ({"defaultValue": 5}, "bad-default"),
    ],
)
def test_what_loses_something_is_a_warning(properties: dict[str, Any], code: str) -> None:
    assert codes(report(component("textfield", "a", **properties))[1], Level.WARNING) == [code]


@pytest.mark.parametrize("text", ["Look ![x](https://example.com/x.png)", "Look <img src=x>"])
def test_an_image_in_a_text_is_left_out_with_a_warning(text: str) -> None:
    _, problems = report(component("text", "", text=text))
    assert codes(problems) == []
    assert codes(problems, Level.WARNING) == ["image"]
    assert "Look" in (html := str(to_html(text)))
    assert "<img" not in html


def test_a_default_that_is_no_option_is_left_out_with_a_warning() -> None:
    read, problems = report(component("select", "a", values=values("x"), defaultValue="y"))
    assert codes(problems, Level.WARNING) == ["bad-default"]
    assert read.inputs[0].default is None


def test_a_number_may_have_its_default_and_limits_as_text() -> None:
    field = form(component("number", "a", defaultValue="5", validate={"min": "1", "max": 9})).inputs[0]
    assert isinstance(field, NumberField)
    assert [field.default, field.min, field.max] == [5, 1, 9]


def test_options_that_are_none_or_there_twice_are_left_out() -> None:
    given = [
        "x",
        "x",
        {"label": "Y", "value": "y"},
        {"label": "none"},
        None,
        "",
        {"value": 3},
        {"label": "O", "value": {"id": 1}},
        0,
        False,
    ]
    read, problems = report(component("radio", "a", values=given))
    field = read.inputs[0]
    assert isinstance(field, ChoiceField)
    assert [(option.value, option.label) for option in field.options] == [
        ("x", "x"),
        ("y", "Y"),
        (3, "3"),
        ({"id": 1}, "O"),
        (0, "0"),
        (False, "false"),
    ]
    assert codes(problems, Level.WARNING) == ["duplicate-option", "bad-option"]


def test_custom_properties_say_what_is_sensitive_and_other_languages() -> None:
    field = form(
        component("textfield", "a", label="姓名", properties={"sensitive": "true", "label.en": "Name", "hint": "全名"})
    ).inputs[0]
    assert isinstance(field, TextField)
    assert field.sensitive
    assert field.label.pick("en").source == "Name"
    assert field.label.pick("zh").source == "姓名"
    assert field.hint.pick("zh").source == "全名"


def test_too_many_fields_and_too_deep_nesting_are_refused() -> None:
    many = [component("textfield", f"a{number}") for number in range(600)]
    read, problems = report(*many)
    assert codes(problems) == ["too-many"]
    assert len(read.fields) == 500
    deep: dict[str, Any] = component("textfield", "a")
    for _ in range(12):
        deep = component("group", "", components=[deep])
    assert codes(report(deep)[1]) == ["too-deep"]


def test_a_newer_schema_and_a_doubled_id_are_warnings() -> None:
    _, problems = report(component("textfield", "a", id="x"), component("textfield", "b", id="x"), schemaVersion=99)
    assert codes(problems, Level.WARNING) == ["newer-schema", "duplicate-id"]


def cycle(*conditions: tuple[str, str]) -> list[str]:
    return codes(report(*(component("textfield", key, conditional={"hide": hide}) for key, hide in conditions))[1])


def test_a_condition_must_not_wait_for_itself() -> None:
    assert cycle(("a", "= a = 1")) == ["cycle"]
    assert cycle(("a", "= b = 1"), ("b", "= a = 1")) == ["cycle"]
    assert cycle(("a", "= b.x = 1"), ("b.x", "= c = 1"), ("c", "= a = 1")) == ["cycle"]
    assert cycle(("a", "= b = 1"), ("b", "= c = 1"), ("c", '= d = "a"')) == []


def test_a_group_shares_its_condition_with_what_is_in_it() -> None:
    inner = component("textfield", "a")
    assert codes(report(component("group", "", conditional={"hide": "= a = null"}, components=[inner]))[1]) == ["cycle"]


def test_an_expression_takes_part_in_cycles() -> None:
    hidden = component("number", "a", conditional={"hide": "= total > 5"})
    assert codes(report(hidden, {"type": "expression", "key": "total", "expression": "= a + 1"})[1]) == ["cycle"]
    assert codes(report({"type": "expression", "key": "n", "expression": "= n + 1"})[1]) == ["cycle"]


def test_rows_name_their_own_fields_by_this() -> None:
    rows = [component("textfield", "a"), component("textfield", "b", conditional={"hide": "= this.a = null"})]
    assert codes(report(component("dynamiclist", "items", components=rows))[1]) == []
    rows = [component("textfield", "a", conditional={"hide": "= this.a = null"})]
    assert codes(report(component("dynamiclist", "items", components=rows))[1]) == ["cycle"]


def test_neighbours_in_a_group_with_a_path_are_no_cycle() -> None:
    rows = [component("textfield", "a"), component("textfield", "b", conditional={"hide": "= device.a = null"})]
    form(component("group", "device", components=rows))


def test_a_chain_that_is_too_long_is_refused() -> None:
    chain = [component("textfield", "a0")]
    chain += [component("textfield", f"a{n}", conditional={"hide": f"= a{n - 1} = null"}) for n in range(1, 24)]
    assert codes(report(*chain)[1]) == ["long-chain"]


def test_inputs_are_the_fields_outside_lists() -> None:
    read = form(component("textfield", "a"), component("dynamiclist", "l", components=[component("textfield", "b")]))
    assert all(isinstance(field, InputField) for field in read.inputs)
    assert [field.key for field in read.inputs] == ["a"]
