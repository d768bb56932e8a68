"""What a page gets to show."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions import Message
from tests.forms.build import component, form, post, report, values
from tests.forms.pages import show, view


def test_values_come_from_the_draft_else_the_data_else_the_default() -> None:
    read = form(component("textfield", "a", defaultValue="default"))
    assert view(read, "a").value == "default"
    assert view(read, "a", values_before={"a": "data"}).value == "data"
    assert view(read, "a", {"a": "draft"}, values_before={"a": "data"}).value == "draft"
    assert view(read, "a", {"a": None}, values_before={"a": "data"}).value == ""


def test_what_was_typed_is_shown_again() -> None:
    read = form(component("number", "n"), component("datetime", "d"), component("datetime", "m", subtype="datetime"))
    submission = post(read, ("n", "many"), ("d", "soon"), ("m", "2026-13-01T09:40"))
    assert [found.value for found in show(read, submission.entered, submission.errors)] == [
        "many",
        "soon",
        "2026-13-01T09:40",
    ]


@pytest.mark.parametrize(
    ("lang", "label", "hint", "option"),
    [("zh", "种类", "说明", "平板"), ("en", "Kind", "A hint", "Tablet"), ("fr", "种类", "说明", "平板")],
)
def test_texts_are_in_the_reader_s_language(lang: str, label: str, hint: str, option: str) -> None:
    properties = {"label.en": "Kind", "description.en": "A hint", "value.pad.en": "Tablet"}
    read = form(
        component(
            "radio",
            "a",
            label="种类",
            description="说明",
            values=[{"value": "pad", "label": "平板"}],
            properties=properties,
        )
    )
    found = view(read, "a", lang=lang)
    assert (found.label, found.hint, found.options[0].label) == (label, hint, option)


def test_labels_may_be_templates() -> None:
    read = form(
        component("textfield", "name"),
        component("textfield", "a", label="Class of {{name}}", description='= "for " + name'),
    )
    found = view(read, "a", {"name": "周岚"})
    assert (found.label, found.hint) == ("Class of 周岚", "for 周岚")


def test_a_field_without_a_label_shows_its_key() -> None:
    read, _ = report(component("textfield", "a", label=""))
    assert view(read, "a").label == "a"


def test_hidden_fields_are_not_visible_and_change_with_the_values() -> None:
    read = form(component("checkbox", "more"), component("textfield", "why", conditional={"hide": "= not(more)"}))
    assert [found.visible for found in show(read, {"more": False})] == [True, False]
    assert [found.visible for found in show(read, {"more": True})] == [True, True]


def test_ids_stay_the_same_when_a_row_goes() -> None:
    read = form(component("dynamiclist", "l", components=[component("textfield", "x")]))
    first = post(read, ("l", "0"), ("l", "1"), ("l[0].x", "a"), ("l[1].x", "b"), ("_remove", "l[0]"))
    (row,) = view(read, "l", first.entered).rows
    assert (row.fields[0].id, row.fields[0].name, row.fields[0].path) == ("f-l-1-x", "l[1].x", "l[0].x")
    assert row.position == 1


def test_errors_of_rows_are_found_by_position() -> None:
    read = form(component("dynamiclist", "l", components=[component("textfield", "x")]))
    views = show(read, {"l": [{"_row": 4, "x": ""}]}, {"l[0].x": Message("bad")})
    assert [found.name for found in views.wrong] == ["l[4].x"]


def test_odd_rows_of_a_draft_do_no_harm() -> None:
    read = form(component("dynamiclist", "l", components=[component("textfield", "x")]))
    rows: list[Any] = [{"_row": 2}, {"_row": 2}, {"_row": "x"}, 5, {"_row": -1}, {"_row": 10**9}]
    numbers = [row.number for row in view(read, "l", {"l": rows}).rows]
    assert len(numbers) == len(set(numbers)) == 6


def test_readonly_shows_everything_and_takes_nothing() -> None:
    read = form(component("textfield", "a"), component("dynamiclist", "l", components=[]))
    first, rows = show(read, readonly=True)
    assert first.readonly
    assert not rows.changeable


def test_moments_are_shown_in_the_place_s_time() -> None:
    read = form(component("datetime", "a", subtype="datetime"), component("datetime", "t", subtype="time"))
    assert [found.value for found in show(read, values_before={"a": "2026-11-22T01:40Z", "t": "01:40Z"})] == [
        "2026-11-22T09:40",
        "09:40",
    ]


def test_a_moment_with_two_labels_has_two_controls() -> None:
    properties = {"dateLabel.en": "Day", "timeLabel.en": "Time"}
    read = form(
        component(
            "datetime",
            "a",
            subtype="datetime",
            dateLabel="日期",
            timeLabel="时间",
            properties=properties,
            timeInterval=15,
        )
    )
    found = view(read, "a", {"a": "2026-11-22T09:45"}, lang="en")
    assert (found.label, found.value, found.time_label, found.time_value) == ("Day", "2026-11-22", "Time", "09:45")
    assert found.step == "900"


@pytest.mark.parametrize(("subtype", "kind"), [("date", "date"), ("time", "time"), ("datetime", "datetime-local")])
def test_a_moment_has_the_browser_s_own_control(subtype: str, kind: str) -> None:
    assert view(form(component("datetime", "a", subtype=subtype)), "a").input == kind


def test_a_moment_that_must_have_been_offers_no_later_day() -> None:
    bound = component("datetime", "a", properties={"disallowFutureDates": "true"})
    assert (view(form(bound), "a").high, view(form(component("datetime", "a")), "a").high) == ("2026-11-22", "")


def test_fields_of_one_row_share_a_line() -> None:
    def placed(key: str, row: str | None, **properties: Any) -> dict[str, Any]:
        return component("textfield", key, layout={"row": row}, **properties)

    read = form(
        placed("a", "1"),
        placed("hidden", "1", conditional={"hide": True}),
        placed("b", "1"),
        placed("c", "2"),
        placed("d", None),
        placed("e", None),
    )
    assert [(found.name, found.opens, found.closes) for found in show(read) if found.visible] == [
        ("a", True, False),
        ("b", False, True),
        ("c", False, False),
        ("d", False, False),
        ("e", False, False),
    ]


def test_few_short_options_stand_in_a_row() -> None:
    assert view(form(component("radio", "a", values=values("x", "y"))), "a").compact
    assert not view(form(component("radio", "a", values=values(*"abcdefgh"))), "a").compact
    assert not view(form(component("radio", "a", values=values("long " * 12))), "a").compact


def test_rows_of_the_data_beyond_the_first_few_are_folded_unless_something_is_wrong_in_them() -> None:
    read = form(component("dynamiclist", "l", components=[component("textfield", "x")], nonCollapsedItems=1))
    data = {"l": [{"x": "a"}, {"x": "b"}, {"x": "c"}]}
    folded = [row.folded for row in show(read, {}, {"l[1].x": Message("bad")}, values_before=data)[0].rows]
    assert folded == [False, False, True]


def test_new_rows_are_never_folded() -> None:
    read = form(component("dynamiclist", "l", components=[component("textfield", "x")], nonCollapsedItems=1))
    found = view(read, "l", {"l": [{"_row": 0}, {"_row": 1}, {"_row": 2}]}, values_before={"l": [{}, {}]})
    assert [row.folded for row in found.rows] == [False, True, False]
    assert found.folds


def test_a_list_may_refuse_to_fold() -> None:
    rows = [component("textfield", "x")]
    read = form(component("dynamiclist", "l", components=rows, nonCollapsedItems=1, disableCollapse=True))
    assert not view(read, "l", values_before={"l": [{}] * 9}).folds


def test_the_focus_is_given_to_one_control() -> None:
    read = form(component("dynamiclist", "l", components=[component("textfield", "x")]))
    submission = post(read, ("l", "0"), ("l[0].x", "a"), ("_add", "l"))
    (found,) = show(read, submission.entered, focus=submission.focus)
    assert [row.fields[0].focus for row in found.rows] == [False, True]


def test_a_form_says_whether_it_is_live_and_has_files() -> None:
    assert not form(component("textfield", "a")).is_live
    assert form(component("textfield", "a", conditional={"hide": "= b"})).is_live
    assert form(component("dynamiclist", "l", components=[])).is_live
    assert form(component("group", "", components=[component("filepicker", "f")])).has_files
    assert not form(component("textfield", "a")).has_files


def test_a_prefix_keeps_two_forms_of_a_page_apart() -> None:
    read = form(component("textfield", "a"), component("group", "", components=[]))
    assert {found.id for found in show(read)} & {found.id for found in show(read, prefix="other")} == set()
