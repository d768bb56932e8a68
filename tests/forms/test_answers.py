"""What was filled in, as people read it."""

from __future__ import annotations

from typing import Any

from forms import Form, answers
from tests.forms.build import NOW, component, form, values


def told(read: Form, given: dict[str, Any], **kwargs: Any) -> list[tuple[str, str]]:
    return [(str(label), str(text)) for label, text in answers(read, given, now=NOW, **kwargs)]


def test_answers_are_told_in_the_form_s_order_without_what_is_empty() -> None:
    read = form(
        component("textfield", "name"),
        component("number", "amount", appearance={"prefixAdorner": "¥"}),
        component("checkbox", "sure"),
        component("select", "kind", values=values("x", "y")),
        component("checklist", "some", values=values("x", "y")),
        component("datetime", "at", subtype="datetime"),
        component("filepicker", "files"),
        component("textfield", "empty"),
        component("group", "g", components=[component("textfield", "inner")]),
        {"type": "expression", "key": "e", "expression": "=1"},
    )
    given = {
        "name": "周岚",
        "amount": 12.5,
        "sure": True,
        "kind": "y",
        "some": ["x", "gone"],
        "at": "2026-11-22T01:40Z",
        "files": [{"id": "1", "name": "a.png"}],
        "empty": "",
        "g": {"inner": "deep"},
        "e": 1,
    }
    assert told(read, given) == [
        ("Name", "周岚"),
        ("Amount", "¥12.5"),
        ("Sure", "Yes"),
        ("Kind", "Y"),
        ("Some", "X, gone"),
        ("At", "2026-11-22 09:40"),
        ("Files", "a.png"),
        ("Inner", "deep"),
    ]


def test_rows_are_told_one_after_the_other() -> None:
    read = form(component("dynamiclist", "items", components=[component("textfield", "title")]))
    assert told(read, {"items": [{"title": "a"}, {"title": "b"}]}) == [("Items 1: Title", "a"), ("Items 2: Title", "b")]


def test_sensitive_answers_are_masked_when_asked() -> None:
    read = form(component("textfield", "phone", properties={"sensitive": "true"}))
    assert told(read, {"phone": "138"}) == [("Phone", "138")]
    assert told(read, {"phone": "138"}, mask=True) == [("Phone", "Hidden: this is sensitive")]
    assert told(read, {"phone": ""}, mask=True) == []


def test_labels_are_in_the_reader_s_language() -> None:
    read = form(
        component(
            "radio",
            "a",
            label="种类",
            values=[{"value": "x", "label": "甲"}],
            properties={"label.en": "Kind", "value.x.en": "A"},
        )
    )
    assert told(read, {"a": "x"}) == [("种类", "甲")]
    assert told(read, {"a": "x"}, lang="en") == [("Kind", "A")]


def test_options_from_the_data_are_named() -> None:
    read = form(component("select", "a", valuesKey="offers"))
    assert told(read, {"a": 1}, values_before={"offers": [{"value": 1, "label": "One"}]}) == [("A", "One")]


def test_odd_data_does_no_harm() -> None:
    read = form(
        *(component(kind, kind, values=["x"]) for kind in ("radio", "checklist")),
        component("number", "n"),
        component("datetime", "d"),
    )
    odd: list[Any] = [None, 5, "x", [], {}, [{}], {"a": [1]}, True]
    for value in odd:
        told(read, {"radio": value, "checklist": value, "n": value, "d": value})
