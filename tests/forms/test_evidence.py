"""Evidence fields: photos, files, sign-in lists and locations, each with its least number."""

from __future__ import annotations

from typing import Any

import pytest

from forms import display
from tests.forms.build import NOW, Upload, codes, component, form, post, report, said, send, values

PHOTOS = {
    f"p{number}": {"id": f"p{number}", "name": f"{number}.jpg", "size": 5, "type": "image/jpeg"} for number in range(9)
}
OTHERS = {
    "heic": {"id": "heic", "name": "IMG_1.HEIC", "size": 5, "type": "image/heic"},
    "odd": {"id": "odd", "name": "IMG_2.heic", "size": 5, "type": "application/octet-stream"},
    "pdf": {"id": "pdf", "name": "a.pdf", "size": 5, "type": "application/pdf"},
}
KNOWN = {**PHOTOS, **OTHERS}
HERE = {"lat": 22.5431, "lon": 114.0579, "accuracy": 12.34, "at": "2026-11-22T10:29:00+08:00"}


def photos(**properties: str) -> dict[str, Any]:
    return component("filepicker", "board", properties={"evidence": "photo", **properties})


def place(**properties: str) -> dict[str, Any]:
    return component("textfield", "here", properties={"evidence": "location", **properties})


def test_a_photo_field_counts_what_it_has() -> None:
    read = form(photos(min="2"))
    assert said(send(read, {"board": ["p1"]}, known_files=KNOWN.get).errors) == {"board": "Photos: 2 needed, 1 so far"}
    assert said(send(read, {"board": ["p1", "p1"]}, known_files=KNOWN.get).errors) == {
        "board": "Photos: 2 needed, 1 so far"
    }
    assert send(read, {"board": ["p1", "p2"]}, known_files=KNOWN.get).ok
    assert said(send(read, {}).errors) == {"board": "Photos: 2 needed, 0 so far"}
    required = form({**photos(), "validate": {"required": True}})
    assert said(send(required, {}).errors) == {"board": "Photos: 1 needed, 0 so far"}


def test_a_field_without_a_least_number_may_stay_empty() -> None:
    assert send(form(photos()), {}).ok
    assert send(form(place()), {}).values == {"here": None}


def test_what_was_attached_stays_when_there_is_too_little() -> None:
    submission = post(form(photos(min="2")), ("board:kept", "p1"), known_files=KNOWN.get)
    assert not submission.ok
    assert [file["id"] for file in submission.entered["board"]] == ["p1"]


def test_only_pictures_are_photos_and_heic_is_told_what_to_do() -> None:
    read = form(photos(max="3"))
    assert "not a photo" in said(send(read, {"board": ["pdf"]}, known_files=KNOWN.get).errors)["board"]
    for name in ("heic", "odd"):
        assert "Most Compatible" in said(send(read, {"board": [name]}, known_files=KNOWN.get).errors)["board"]


def test_more_than_the_most_is_refused() -> None:
    read = form(photos(max="2"))
    assert not send(read, {"board": ["p1", "p2", "p3"]}, known_files=KNOWN.get).ok


def test_a_photo_field_asks_for_what_phones_turn_heic_into() -> None:
    view = display(form(photos(min="2", after="opened")), {}, {}, now=NOW)[0]
    assert (view.evidence, view.least, view.after_opened, view.most) == ("photo", 2, True, 20)
    assert view.accept == "image/jpeg,image/png,image/webp"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (photos(evidence="picture"), "evidence"),
        (photos(evidence="confirmation"), "evidence"),
        (component("textfield", "a", properties={"evidence": "photo"}), "evidence-field"),
        (component("filepicker", "a", properties={"evidence": "location"}), "evidence-field"),
        (photos(min="0"), "out-of-range"),
        (photos(min="51"), "out-of-range"),
        (photos(max="two"), "out-of-range"),
        (photos(min="3", max="2"), "impossible-limits"),
        (photos(after="yesterday"), "evidence-after"),
        (component("filepicker", "a", properties={"evidence": "file", "after": "opened"}), "evidence-after"),
        (place(min="2"), "out-of-range"),
    ],
)
def test_what_makes_no_sense_is_refused_at_upload(made: dict[str, Any], code: str) -> None:
    assert codes(report(made)[1]) == [code]


def students(*inner: dict[str, Any], **properties: str) -> dict[str, Any]:
    rows = [component("textfield", "name"), *inner]
    return component("dynamiclist", "signed", components=rows, properties={"evidence": "signin", **properties})


def test_rows_of_a_sign_in_list_count_once_they_are_signed_off() -> None:
    read = form(students(component("checkbox", "there"), min="2"))
    rows = [{"name": "张三", "there": True}, {"name": "李四", "there": False}, {"name": " ", "there": True}]
    assert said(send(read, {"signed": rows}).errors) == {"signed": "Names signed in: 2 needed, 1 so far"}
    rows[1]["there"] = True
    assert send(read, {"signed": rows}).ok


def test_a_list_of_names_alone_counts_the_names() -> None:
    read = form(students(min="1"))
    assert not send(read, {"signed": [{"name": ""}]}).ok
    assert send(read, {"signed": [{"name": "张三"}]}).ok


def test_a_choice_of_many_signs_in_too() -> None:
    read = form(
        component("checklist", "who", values=values("a", "b", "c"), properties={"evidence": "signin", "min": "2"})
    )
    assert said(send(read, {"who": ["a"]}).errors) == {"who": "Names signed in: 2 needed, 1 so far"}
    assert send(read, {"who": ["a", "b"]}).ok


def test_a_measured_location_is_kept_as_numbers() -> None:
    read = form(place(min="1"))
    kept = {"lat": 22.5431, "lon": 114.0579, "accuracy": 12.3, "at": "2026-11-22T02:29:00Z"}
    assert send(read, {"here": HERE}).values == {"here": kept}
    again = post(read, ("here", ""), ("here:at", "22.5431;114.0579;12.34;2026-11-22T02:29:00.000Z"), ("here:why", ""))
    assert again.values == {"here": kept}
    view = display(read, {"here": kept}, {}, now=NOW)[0]
    assert view.measured == "22.5431;114.0579;12.3;2026-11-22T02:29:00Z"
    assert view.place == "22.54310, 114.05790 (± 12 m)"
    assert view.map_link.startswith("https://")


def test_an_address_with_its_reason_will_do() -> None:
    read = form(place(min="1"))
    typed = post(read, ("here", "南山校区 301"), ("here:at", ""), ("here:why", "没有定位权限"))
    assert typed.values == {"here": {"address": "南山校区 301", "why": "没有定位权限"}}
    unexplained = post(read, ("here", "南山校区 301"), ("here:why", ""))
    assert said(unexplained.errors) == {"here": "Say why the location can't be taken"}
    assert unexplained.entered == {"here": {"address": "南山校区 301", "why": ""}}
    assert "missing" in said(post(read, ("here", "")).errors)["here"]


@pytest.mark.parametrize(
    "wrong",
    [
        "somewhere",
        5,
        [],
        {},
        {**HERE, "lat": 91},
        {**HERE, "lon": -181.0},
        {**HERE, "lat": "22"},
        {**HERE, "lat": True},
        {**HERE, "lat": float("nan")},
        {**HERE, "lat": 10**400},
        {**HERE, "accuracy": -1},
        {**HERE, "accuracy": 1e9},
        {**HERE, "at": "2026-11-22T10:29:00"},
        {**HERE, "at": "2026-11-23T10:29:00Z"},
        {**HERE, "at": "0001-01-01T00:00:00+14:00"},
        {**HERE, "at": 5},
        {**HERE, "more": 1},
        {"address": "x" * 501, "why": "y"},
        {"address": 5, "why": "y"},
        {"address": "a\ud800", "why": "y"},
        {"address": "x", "why": "y", "z": 1},
    ],
)
def test_a_location_that_is_none_is_refused(wrong: object) -> None:
    assert not send(form(place(min="1")), {"here": wrong}).ok


@pytest.mark.parametrize(
    "text", ["x", ";;;", "1;2;3", "nan;2;3;2026-11-22T02:29:00Z", "1;2;inf;2026-11-22T02:29:00Z", "9" * 3000]
)
def test_a_measurement_that_is_none_is_refused(text: str) -> None:
    assert not post(form(place(min="1")), ("here", ""), ("here:at", text)).ok


def test_uploads_of_a_photo_field_are_checked_alike() -> None:
    def store(upload: Upload) -> dict[str, Any]:
        return {"id": upload.filename, "name": upload.filename, "size": 1, "type": upload.type}

    read = form(photos(min="1"))
    assert post(read, ("board", Upload("a.jpg", "image/jpeg")), store=store).ok
    assert not post(read, ("board", Upload("a.pdf")), store=store).ok
