"""Lists: rows come, go, and are told apart."""

from __future__ import annotations

from typing import Any

import pytest

from forms import Form
from tests.forms.build import component, form, post, said, send


def goods(**properties: Any) -> Form:
    rows = [component("textfield", "title", validate={"required": True}), component("number", "count")]
    return form(component("dynamiclist", "items", components=rows, **properties))


def test_rows_are_read_in_their_order() -> None:
    submission = post(
        goods(),
        ("items", ""),
        ("items", "7"),
        ("items", "2"),
        ("items[2].title", "b"),
        ("items[7].title", "a"),
        ("items[7].count", "3"),
    )
    assert submission.values == {"items": [{"title": "a", "count": 3}, {"title": "b", "count": None}]}
    assert submission.entered["items"][0] == {"_row": 7, "title": "a", "count": 3}


def test_rows_are_found_by_their_controls_too() -> None:
    submission = post(
        goods(), ("items[10].title", "b"), ("items[9].title", "a"), ("items[x].title", "c"), ("items[-1].title", "d")
    )
    assert [row["title"] for row in submission.values["items"]] == ["a", "b"]


def test_errors_name_the_position_and_what_was_typed_stays() -> None:
    submission = post(goods(), ("items", "4"), ("items[4].title", ""), ("items[4].count", "many"))
    assert said(submission.errors) == {
        "items[0].title": "Fill this in",
        "items[0].count": "Write a number in digits, such as 12.5",
    }
    assert submission.entered == {"items": [{"_row": 4, "title": "", "count": "many"}]}


def test_json_rows() -> None:
    assert send(goods(), {"items": [{"title": "a"}, {"title": "b", "count": 2}]}).values == {
        "items": [{"title": "a", "count": None}, {"title": "b", "count": 2}]
    }
    assert send(goods(), {"items": []}).values == {"items": []}
    assert list(send(goods(), {"items": [{"title": 5, "size": 1}]}).errors) == ["items[0].title", "items[0].size"]


@pytest.mark.parametrize("value", [5, "x", {}, True, [5], [[]], [None]])
def test_rows_must_be_a_list_of_objects(value: Any) -> None:
    assert not send(goods(), {"items": value}).ok


def test_a_list_starts_with_its_default_rows() -> None:
    assert len(send(goods(defaultRepetitions=2), {}).values["items"]) == 2
    assert send(goods(defaultRepetitions=0), {}).values == {"items": []}
    assert send(goods(), {}, {"items": [{"title": "a"}, {"title": "b"}]}).values["items"][1]["title"] == "b"


def test_a_row_is_added() -> None:
    submission = post(goods(), ("items", ""), ("items", "0"), ("items[0].title", "a"), ("_add", "items"))
    assert submission.edited
    assert not submission.ok
    assert submission.entered["items"] == [
        {"_row": 0, "title": "a", "count": None},
        {"_row": 1, "title": "", "count": None},
    ]
    assert submission.focus == "items[1].title"


def test_a_row_is_removed_and_the_others_keep_their_numbers() -> None:
    submission = post(
        goods(),
        ("items", "0"),
        ("items", "1"),
        ("items[0].title", "a"),
        ("items[1].title", "b"),
        ("_remove", "items[0]"),
    )
    assert submission.edited
    assert submission.entered["items"] == [{"_row": 1, "title": "b", "count": None}]
    assert submission.focus == "items"


def test_a_number_is_not_used_again_for_data_that_was_removed() -> None:
    before = {"items": [{"title": "a"}, {"title": "b"}]}
    submission = post(goods(), ("items", "0"), ("items[0].title", "a"), ("_add", "items"), before=before)
    assert [row["_row"] for row in submission.entered["items"]] == [0, 2]
    submission = post(goods(), ("items", "999999"), ("items[999999].title", "a"), ("_add", "items"), before=before)
    assert [row["_row"] for row in submission.entered["items"]] == [999999, 2]


def test_a_readonly_field_keeps_its_row_s_data_when_another_row_goes() -> None:
    rows = [component("textfield", "title", readonly=True), component("number", "count")]
    read = form(component("dynamiclist", "items", components=rows))
    before = {"items": [{"title": "a"}, {"title": "b"}]}
    submission = post(read, ("items", "1"), ("items[1].title", "forged"), ("items[1].count", "3"), before=before)
    assert submission.values == {"items": [{"title": "b", "count": 3}]}


def test_a_fixed_list_keeps_its_rows() -> None:
    read = goods(allowAddRemove=False, defaultRepetitions=2)
    pairs = [
        ("items", "0"),
        ("items", "1"),
        ("items", "2"),
        ("items[0].title", "a"),
        ("items[1].title", "b"),
        ("items[2].title", "c"),
    ]
    assert [row["title"] for row in post(read, *pairs).values["items"]] == ["a", "b"]
    assert [row["title"] for row in post(read, *pairs, ("_remove", "items[0]")).entered["items"]] == ["a", "b"]
    assert said(send(read, {"items": [{"title": "a"}]}).errors)["items"] == "This list has 2 rows, no more and no fewer"


def test_there_are_at_most_200_rows() -> None:
    assert said(send(goods(), {"items": [{"title": "a"}] * 201}).errors) == {"items": "Give at most 200 rows"}
    full = [("items", str(number)) for number in range(200)]
    submission = post(goods(), *full, ("_add", "items"))
    assert len(submission.entered["items"]) == 200


def test_rows_in_all_are_limited_too() -> None:
    inner = component("dynamiclist", "inner", components=[component("number", f"n{number}") for number in range(20)])
    read = form(component("dynamiclist", "outer", components=[inner]))
    submission = send(read, {"outer": [{"inner": [{}] * 200}] * 200})
    assert "too many rows in all" in " ".join(said(submission.errors).values())


def test_lists_nest() -> None:
    inner = component("dynamiclist", "tags", components=[component("textfield", "name")], defaultRepetitions=0)
    read = form(component("group", "g", components=[component("dynamiclist", "items", components=[inner])]))
    submission = post(
        read, ("g.items", "3"), ("g.items[3].tags", "5"), ("g.items[3].tags[5].name", "x"), ("_add", "g.items[3].tags")
    )
    assert submission.values == {"g": {"items": [{"tags": [{"name": "x"}, {"name": ""}]}]}}
    assert submission.focus == "g.items[3].tags[6].name"


def test_what_the_page_showed_as_wrong_stays_shown_until_it_is_mended() -> None:
    pairs = [
        ("items", "0"),
        ("items[0].title", ""),
        ("items[0].count", "x"),
        ("_wrong", "items[0].title"),
        ("_wrong", "other"),
    ]
    submission = post(goods(), *pairs)
    assert list(submission.still_wrong) == ["items[0].title"]
