"""Numbers: how they are typed, sent and limited."""

from __future__ import annotations

from typing import Any

import pytest

from tests.forms.build import component, form, post, said, send


def typed(text: str, **properties: Any) -> Any:
    """The value of a number typed into a page, or the error."""
    submission = post(form(component("number", "a", **properties)), ("a", text))
    return said(submission.errors).get("a", submission.values.get("a"))


def sent(value: Any, **properties: Any) -> Any:
    submission = send(form(component("number", "a", **properties)), {"a": value})
    return said(submission.errors).get("a", submission.values.get("a"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        (" -5 ", -5),
        ("+5", 5),
        ("0.50", 0.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("１２．５", 12.5),
        ("−3", -3),
        ("", None),
        ("007", 7),
    ],
)
def test_a_number_is_typed_in_digits(text: str, value: Any) -> None:
    assert typed(text) == value


@pytest.mark.parametrize(
    "text", ["abc", "1,5", "1 000", "0x10", "1e", "--1", "NaN", "Infinity", "1e999", "一", "٣٤٥x", "9" * 100]
)
def test_what_is_no_number_is_refused_and_kept(text: str) -> None:
    submission = post(form(component("number", "a")), ("a", text))
    assert not submission.ok
    assert submission.entered == {"a": text}
    assert submission.values == {}


@pytest.mark.parametrize("value", ["5", True, [], {}, float("nan"), float("inf"), 10**400, 1e300])
def test_json_must_hold_a_finite_number(value: Any) -> None:
    assert "Write a number" in sent(value)


def test_a_number_beyond_what_json_keeps_exact_is_refused() -> None:
    assert sent(2**53 - 1) == 2**53 - 1
    assert sent(2**53) == "Write a number of at most 15 digits"
    assert typed("1e-60") == "Write a number of at most 15 digits"


def test_whole_numbers_are_whole() -> None:
    assert (sent(5.0), type(sent(5.0))) == (5, int)
    assert (sent(5.5), type(sent(5.5))) == (5.5, float)


def test_limits() -> None:
    assert typed("4", validate={"min": 5}) == "Write 5 or more"
    assert typed("5", validate={"min": 5, "max": "5"}) == 5
    assert sent(10.5, validate={"max": 10}) == "Write 10 or less"
    assert typed("", validate={"min": 5}) is None
    assert typed("", validate={"required": True}) == "Fill this in"
    assert typed("0", validate={"required": True}) == 0


def test_a_limit_may_be_worked_out_from_other_fields() -> None:
    read = form(component("number", "low"), component("number", "a", validate={"min": "= low * 2"}))
    assert said(send(read, {"low": 3, "a": 5}).errors) == {"a": "Write 6 or more"}
    assert send(read, {"low": 2, "a": 5}).ok
    assert send(read, {"a": 5}).ok


def test_digits_after_the_point() -> None:
    assert typed("1.255", decimalDigits=2) == "Write at most 2 digits after the point"
    assert typed("1.250", decimalDigits=2) == 1.25
    assert typed("1.5", decimalDigits=0) == "Write a whole number"
    assert sent(0.1, decimalDigits=1) == 0.1


def test_a_value_is_a_multiple_of_the_increment() -> None:
    assert typed("0.3", increment=0.1) == 0.3
    assert typed("7", increment="5") == "The nearest values that are possible: 5 and 10"
    assert typed("-7", increment="5") == "The nearest values that are possible: -10 and -5"
    assert typed("9007199254740991", increment="0.000000000001") == 2**53 - 1


def test_digits_may_be_kept_as_text() -> None:
    assert typed("12345678901234567890.10", serializeToString=True) == "12345678901234567890.10"
    assert sent("1.50", serializeToString=True) == "1.50"
    assert sent(1.5, serializeToString=True) == "1.5"
    assert sent("x", serializeToString=True) == "Write a number in digits, such as 12.5"
    assert typed("3", serializeToString=True, validate={"min": 5}) == "Write 5 or more"
