"""Choices: only options are accepted, from wherever the options come."""

from __future__ import annotations

from typing import Any

import pytest

from tests.forms.build import component, form, post, said, send, values


@pytest.mark.parametrize("kind", ["radio", "select"])
def test_one_option_is_chosen(kind: str) -> None:
    read = form(component(kind, "a", values=values("x", "y"), validate={"required": True}))
    assert post(read, ("a", ""), ("a", "y")).values == send(read, {"a": "y"}).values == {"a": "y"}
    assert said(post(read, ("a", "")).errors) == said(send(read, {}).errors) == {"a": "Choose one"}


@pytest.mark.parametrize("kind", ["checklist", "taglist"])
def test_several_options_are_chosen_each_once(kind: str) -> None:
    read = form(component(kind, "a", values=values("x", "y", "z"), validate={"required": True}))
    assert post(read, ("a", ""), ("a", "z"), ("a", "x"), ("a", "z")).values == {"a": ["z", "x"]}
    assert send(read, {"a": ["z", "x", "z"]}).values == {"a": ["z", "x"]}
    assert said(post(read, ("a", "")).errors) == said(send(read, {"a": []}).errors) == {"a": "Choose at least one"}


@pytest.mark.parametrize("value", ["w", 1, True, ["x"], {"value": "x"}, "X", float("nan"), 10**30])
def test_what_is_no_option_is_refused(value: Any) -> None:
    read = form(component("select", "a", values=values("x")), component("checklist", "b", values=values("x")))
    submission = send(read, {"a": value, "b": ["x", value]})
    assert list(submission.errors) == ["a", "b"] if value != "x" else ["b"]
    assert submission.values == {}
    assert submission.entered == {"a": None, "b": ["x"]}


def test_the_page_s_choice_must_be_an_option_too() -> None:
    read = form(component("radio", "a", values=values("x")))
    assert said(post(read, ("a", "w<b>")).errors) == {"a": "“w<b>” is not one of the options. Choose again"}


@pytest.mark.parametrize("value", ["x", {}, 5, True])
def test_several_must_be_a_list(value: Any) -> None:
    assert said(send(form(component("taglist", "a", values=values("x"))), {"a": value}).errors) == {"a": "Give a list"}


def test_at_most_500_are_chosen() -> None:
    read = form(component("checklist", "a", values=values("x")))
    assert said(send(read, {"a": ["x"] * 501}).errors) == {"a": "Choose at most 500"}
    assert send(read, {"a": ["x"] * 500}).values == {"a": ["x"]}


def test_values_keep_their_json_type() -> None:
    options = [
        {"label": "one", "value": 1},
        {"label": "yes", "value": True},
        {"label": "o", "value": {"id": 2, "a": 1}},
        "1.5",
    ]
    read = form(component("select", "a", values=options), component("taglist", "b", values=options))
    assert post(read, ("a", "1")).values["a"] == 1
    assert post(read, ("a", "true")).values["a"] is True
    assert post(read, ("a", '{"a":1,"id":2}')).values["a"] == {"id": 2, "a": 1}
    assert send(read, {"a": 1, "b": [{"a": 1, "id": 2}, True]}).values == {"a": 1, "b": [{"id": 2, "a": 1}, True]}
    assert not send(read, {"a": "1"}).ok


@pytest.mark.parametrize("key", ["offers", "shop.offers"])
def test_options_may_lie_in_the_data(key: str) -> None:
    read = form(component("select", "a", valuesKey=key))
    offers = ["x", {"value": 2, "label": "Two"}, None]
    data = {"offers": offers, "shop": {"offers": offers}}
    assert send(read, {"a": "x"}, data).values == {"a": "x"}
    assert post(read, ("a", "2"), before=data).values == {"a": 2}
    assert not send(read, {"a": "x"}, {}).ok
    assert not send(read, {"a": "x"}, {"offers": "x", "shop": 5}).ok


def test_options_may_be_worked_out_from_what_is_filled_in() -> None:
    read = form(
        component("radio", "kind", values=values("pad", "phone")),
        component(
            "select", "model", valuesExpression='= if kind = "pad" then ["P1", "P2"] else [{label: "One", value: 1}]'
        ),
        component("textfield", "why", conditional={"hide": '= kind = "pad"'}),
    )
    assert send(read, {"kind": "pad", "model": "P2"}).values == {"kind": "pad", "model": "P2"}
    assert list(send(read, {"kind": "phone", "model": "P2"}).errors) == ["model"]
    assert post(read, ("kind", "phone"), ("model", "1"), ("why", "x")).values == {
        "kind": "phone",
        "model": 1,
        "why": "x",
    }


def test_options_that_cannot_be_worked_out_are_none() -> None:
    read = form(component("select", "a", valuesExpression='= 1 + "x"'))
    assert send(read, {}).ok
    assert not send(read, {"a": "x"}).ok


def test_a_stored_choice_that_is_gone_is_no_choice() -> None:
    read = form(component("select", "a", values=values("x")), component("checklist", "b", values=values("x")))
    assert send(read, {}, {"a": "old", "b": ["old"]}).values == {"a": None, "b": []}


def test_a_checkbox_is_ticked_or_not() -> None:
    read = form(component("checkbox", "a"), component("checkbox", "b", defaultValue=True))
    assert post(read, ("a", ""), ("a", "true"), ("b", "")).values == {"a": True, "b": False}
    assert post(read).values == send(read, {}).values == {"a": False, "b": True}
    assert send(read, {"a": True, "b": None}).values == {"a": True, "b": False}
    assert said(send(read, {"a": "true"}).errors) == {"a": "Give true or false"}


def test_a_required_checkbox_must_be_ticked() -> None:
    read = form(component("checkbox", "a", validate={"required": True}))
    assert said(send(read, {"a": False}).errors) == {"a": "Tick this to go on"}
    assert send(read, {"a": True}).ok
