"""What depends on what is filled in: hidden fields, locked fields, values that are worked out."""

from __future__ import annotations

from typing import Any

import pytest

from forms.files import FilePorts
from forms.sending import JsonSource
from tests.forms.build import NOW, component, form, post, said, send, values


def hide(condition: str | bool) -> dict[str, Any]:
    return {"conditional": {"hide": condition}}


def test_a_hidden_field_is_dropped_and_not_checked() -> None:
    read = form(
        component("select", "kind", values=values("fees", "other")),
        component("number", "amount", validate={"required": True, "max": 10}, **hide('= kind != "fees"')),
    )
    assert send(read, {"kind": "other", "amount": 99}).values == {"kind": "other"}
    assert list(send(read, {"kind": "fees", "amount": 99}).errors) == ["amount"]
    assert list(send(read, {"kind": "fees"}).errors) == ["amount"]
    assert post(read, ("kind", "other"), ("amount", "x")).ok


def test_a_hidden_field_is_null_for_the_others() -> None:
    read = form(
        component("checkbox", "a"),
        component("textfield", "b", **hide("= a = false")),
        component("textfield", "c", **hide("= b = null")),
        component("textfield", "d", **hide("= c != null")),
    )
    assert send(read, {"a": False, "b": "x", "c": "y", "d": "z"}).values == {"a": False, "d": "z"}
    assert send(read, {"a": True, "b": "x", "c": "y", "d": "z"}).values == {"a": True, "b": "x", "c": "y"}


def test_conditions_may_look_forward() -> None:
    read = form(
        component("textfield", "d", **hide("= c != null")),
        component("textfield", "c", **hide("= b = null")),
        component("textfield", "b", **hide("= a = false")),
        component("checkbox", "a"),
    )
    assert send(read, {"a": False, "b": "x", "c": "y", "d": "z"}).values == {"d": "z", "a": False}


def test_what_a_hidden_field_has_in_the_data_does_not_show_through() -> None:
    read = form(component("textfield", "b", **hide(True)), component("textfield", "c", **hide("= b = null")))
    assert send(read, {"c": "x"}, {"b": "data"}).values == {}


def test_a_hidden_group_hides_what_is_in_it() -> None:
    inner = [component("textfield", "x"), component("dynamiclist", "l", components=[component("number", "n")])]
    read = form(component("checkbox", "a"), component("group", "g", components=inner, **hide("= not(a)")))
    assert send(read, {"a": False, "g": {"x": "1", "l": [{"n": "bad"}]}}).values == {"a": False}
    assert send(read, {"a": True, "g": {"x": "1", "l": [{"n": 5}]}}).values == {
        "a": True,
        "g": {"x": "1", "l": [{"n": 5}]},
    }


def test_only_true_hides() -> None:
    for condition in ('= "yes"', "= 1", "= missing", '= 1 + "x"', "= missing.x > 5", False, ""):
        assert send(form(component("textfield", "a", **hide(condition))), {"a": "x"}).values == {"a": "x"}


def test_conditions_see_the_data_the_names_and_the_time() -> None:
    read = form(
        component("textfield", "a", **hide('= stage = "done" or ticket.urgent or today() > date("2026-11-21")'))
    )
    assert send(read, {"a": "x"}, {"stage": "done"}).values == {}
    assert send(read, {"a": "x"}, names={"ticket": {"urgent": True}}).values == {}
    assert send(read, {"a": "x"}, names={"ticket": {"urgent": False}}).values == {}


def test_a_readonly_field_keeps_the_data_s_value() -> None:
    read = form(
        component("textfield", "a", readonly=True, validate={"required": True}),
        component("number", "n", readonly=True, defaultValue=3),
    )
    assert send(read, {"a": "mine", "n": 9}, {"a": "data"}).values == {"a": "data", "n": 3}
    assert post(read, ("a", "mine"), before={"a": "data"}).values == {"a": "data", "n": 3}
    assert send(read, {"a": "mine"}).values == {"a": "", "n": 3}


def test_a_field_may_be_readonly_on_a_condition() -> None:
    read = form(component("checkbox", "final"), component("textfield", "a", readonly="= final"))
    assert send(read, {"final": True, "a": "mine"}, {"a": "data"}).values == {"final": True, "a": "data"}
    assert send(read, {"final": False, "a": "mine"}, {"a": "data"}).values == {"final": False, "a": "mine"}


def test_a_disabled_field_is_not_sent_but_seen() -> None:
    read = form(component("textfield", "a", disabled=True), component("textfield", "b", **hide('= a = "data"')))
    assert send(read, {"a": "mine", "b": "x"}, {"a": "data"}).values == {}
    assert send(read, {"a": "mine", "b": "x"}).values == {"b": "x"}


def test_an_expression_is_worked_out_and_never_taken() -> None:
    read = form(
        component("number", "price"),
        component("number", "count"),
        {"type": "expression", "key": "total", "expression": "= price * count"},
        {"type": "expression", "key": "double", "expression": "= total * 2", "computeOn": "presubmit"},
        component("textfield", "why", **hide("= total < 100")),
    )
    assert send(read, {"price": 5, "count": 3, "total": 999, "why": "x"}).values == {
        "price": 5,
        "count": 3,
        "total": 15,
        "double": 30,
    }
    assert send(read, {"price": 50, "count": 3, "why": "x"}).values["why"] == "x"
    assert send(read, {}).values == {"price": None, "count": None, "total": None, "double": None, "why": ""}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("= 1 / 3 > 0", True),
        ("= 10 / 4", 2.5),
        ("= 6 / 2", 3),
        ('= date("2026-11-22")', "2026-11-22"),
        ("= today()", "2026-11-22"),
        ('= {a: [1, "x"], b: null}', {"a": [1, "x"], "b": None}),
        ("= 1 / 0", None),
        ("= i", []),
    ],
)
def test_an_expression_gives_plain_json(expression: str, value: Any) -> None:
    read = form({"type": "expression", "key": "e", "expression": expression})
    assert send(read, {}).values == {"e": value}


def test_rows_see_themselves_their_parent_and_their_number() -> None:
    rows = [
        component("checkbox", "more"),
        component("textfield", "why", **hide("= not(this.more)")),
        component("textfield", "first", **hide("= i[1] > 1")),
        component("textfield", "named", **hide('= parent.owner != "me"')),
    ]
    read = form(component("textfield", "owner"), component("dynamiclist", "l", components=rows))
    sent = {
        "owner": "me",
        "l": [
            {"more": True, "why": "a", "first": "b", "named": "c"},
            {"more": False, "why": "a", "first": "b", "named": "c"},
        ],
    }
    assert send(read, sent).values == {
        "owner": "me",
        "l": [{"more": True, "why": "a", "first": "b", "named": "c"}, {"more": False, "named": "c"}],
    }
    assert send(read, {**sent, "owner": "you"}).values["l"][1] == {"more": False}


def test_a_condition_may_look_into_a_list() -> None:
    read = form(
        component("dynamiclist", "l", components=[component("number", "n")]),
        component("textfield", "why", **hide("= count(l[n > 5]) = 0")),
    )
    assert send(read, {"l": [{"n": 1}], "why": "x"}).values == {"l": [{"n": 1}]}
    assert send(read, {"l": [{"n": 1}, {"n": 9}], "why": "x"}).values["why"] == "x"


def test_nothing_of_what_was_sent_or_stored_is_changed() -> None:
    read = form(component("group", "g", components=[component("textfield", "a")]))
    data: dict[str, Any] = {"g": {"a": "x", "other": [1]}}
    sent = {"g": {"a": "y"}}
    assert send(read, sent, data).values == {"g": {"a": "y"}}
    assert data == {"g": {"a": "x", "other": [1]}}
    assert sent == {"g": {"a": "y"}}
    assert JsonSource({}, NOW, FilePorts()).values == {}


def test_the_first_field_with_an_error_comes_first() -> None:
    needed = {"validate": {"required": True}}
    read = form(component("textfield", "z", **needed), component("textfield", "a", **needed))
    assert list(said(send(read, {}).errors)) == ["z", "a"]
