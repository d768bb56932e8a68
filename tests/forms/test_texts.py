"""Texts: what is taken out of them and what they must match."""

from __future__ import annotations

from typing import Any

import pytest

from tests.forms.build import component, form, post, said, send


def error(validate: dict[str, Any], text: str, kind: str = "textfield", **properties: Any) -> str:
    read = form(component(kind, "a", validate=validate, **properties))
    by_html, by_json = said(post(read, ("a", text)).errors), said(send(read, {"a": text}).errors)
    assert by_html == by_json
    return by_html.get("a", "")


def test_a_required_text_is_needed() -> None:
    assert error({"required": True}, "") == "Fill this in"
    assert error({"required": True}, "x") == ""
    assert error({"required": True}, " \n", "textarea") == "Fill this in"
    assert error({}, "") == ""


def test_lengths_count_characters_without_the_spaces_around() -> None:
    assert error({"minLength": 3}, "课堂") == "Write at least 3 characters; now there are 2"
    assert error({"minLength": 3}, "课堂里") == ""
    assert error({"minLength": 3}, "") == ""
    assert error({"maxLength": 2}, "😀😀😀") == "Write at most 2 characters; now there are 3"
    assert error({"maxLength": "2"}, "  ab  ", "textarea") == ""


def test_a_limit_may_be_worked_out() -> None:
    read = form(component("number", "n"), component("textfield", "a", validate={"maxLength": "= n"}))
    assert said(send(read, {"n": 2, "a": "abc"}).errors) == {"a": "Write at most 2 characters; now there are 3"}
    assert send(read, {"n": 3, "a": "abc"}).ok
    assert send(read, {"a": "abc"}).ok


def test_a_pattern_may_match_anywhere_as_in_form_js() -> None:
    assert error({"pattern": r"\d\.\d"}, "version 3.2") == ""
    assert (
        error({"pattern": r"^\d+\.\d+\.\d+$"}, "3.2")
        == "This does not have the form that is expected: ^\\d+\\.\\d+\\.\\d+$"
    )
    assert error({"pattern": r"^[\u4e00-\u9fa5]+$"}, "课堂") == ""
    assert error({"pattern": r"^[\u4e00-\u9fa5]+$"}, "class") != ""


def test_a_mismatch_is_explained_in_the_designer_s_words_or_by_an_example() -> None:
    assert error({"pattern": "^x$", "patternErrorMessage": "100% x"}, "y") == "100% x"
    told = error({"pattern": "^x$"}, "y", properties={"example": "3.2.0"})
    assert told == "This does not have the form that is expected. An example: 3.2.0"


def test_a_pattern_takes_linear_time() -> None:
    assert error({"pattern": "^(a+)+$"}, "a" * 30_000 + "!") != ""


@pytest.mark.parametrize("text", ["lan.zhou@example.com", "a@b", "x+y@sub.example.cn"])
def test_an_address_is_accepted(text: str) -> None:
    assert error({"validationType": "email"}, text) == ""


@pytest.mark.parametrize("text", ["lan", "@example.com", "a@", "a b@c", "a@-x.com", "a@b..c", "a@b\nc"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert "not an e-mail address" in error({"validationType": "email"}, text, "textfield")


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "+86 755 8888 0000",
        "(0755) 8888-0000",
        "400-000-0000 转 2",
        "+4930664040900",
        "0755-8888000 ext. 12",
    ],
)
def test_a_phone_number_may_be_national_or_international(text: str) -> None:
    assert error({"validationType": "phone"}, text) == ""


@pytest.mark.parametrize("text", ["12", "abc", "138x0013", "+", "1234567890123456789012"])
def test_what_is_no_phone_number_is_refused(text: str) -> None:
    assert "not a phone number" in error({"validationType": "phone"}, text)


def test_control_characters_are_taken_out_and_line_ends_are_one() -> None:
    read = form(component("textfield", "a"), component("textarea", "b"))
    sent = {"a": " a\x00b\x07\tc\r\nd ", "b": "a\x00\r\nb\x0bc\rd\te"}
    assert post(read, *sent.items()).values == {"a": "ab c d", "b": "a\nbc\nd\te"}
    assert send(read, sent).values == {"a": " ab c d ", "b": "a\nbc\nd\te"}


def test_half_a_surrogate_pair_is_refused() -> None:
    read = form(component("textfield", "a"))
    for submission in (send(read, {"a": "x\ud800"}), post(read, ("a", "x\ud800"))):
        assert "can't be stored" in str(submission.errors["a"])
        assert submission.entered == {"a": ""}


def test_a_text_has_at_most_32_ki_characters() -> None:
    assert error({}, "x" * 32_768, "textarea") == ""
    assert error({}, "x" * 32_769, "textarea") == "Shorten this to 32768 characters"


@pytest.mark.parametrize("value", [5, True, [], {}, 1.5])
def test_json_of_another_type_is_an_error(value: Any) -> None:
    assert said(send(form(component("textfield", "a")), {"a": value}).errors) == {"a": "Give a text"}


def test_nothing_is_an_empty_text() -> None:
    read = form(component("textfield", "a"))
    assert send(read, {}).values == send(read, {"a": None}).values == post(read).values == {"a": ""}


def test_a_default_fills_what_nobody_sent() -> None:
    read = form(component("textfield", "a", defaultValue="x"))
    assert send(read, {}).values == post(read).values == {"a": "x"}
    assert send(read, {"a": None}).values == post(read, ("a", "")).values == {"a": ""}
    assert send(read, {}, {"a": "data"}).values == {"a": "data"}
    assert send(read, {}, {"a": None}).values == {"a": ""}


def test_a_default_may_be_a_template() -> None:
    read = form(
        component("textfield", "a", defaultValue="for ${requester.name}"),
        component("number", "n", defaultValue="${count}"),
    )
    names = {"requester": {"name": "周岚"}, "count": 3}
    assert send(read, {}, names=names).values == {"a": "for 周岚", "n": 3}
    assert send(read, {}).values == {"a": "", "n": None} or send(read, {}).values["n"] is None
