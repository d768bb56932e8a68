"""Files: only stored ones that this person may attach get into a value."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions import Message
from forms.files import UploadRefused, accepts
from tests.forms.build import Upload, component, form, post, said, send

PHOTO = {"id": "p1", "name": "a.png", "size": 5, "type": "image/png"}
REPORT = {"id": "r1", "name": "b.pdf", "size": 7, "type": "application/pdf"}
KNOWN = {"p1": PHOTO, "r1": {**REPORT, "digest": "secret"}}


def store(upload: Upload) -> dict[str, Any]:
    if upload.filename.endswith(".exe"):
        raise UploadRefused(Message("Programs are not taken"))
    return {
        "id": f"new-{upload.filename}",
        "name": upload.filename,
        "size": upload.size,
        "type": upload.type,
        "digest": "x",
    }


def test_uploads_are_stored_and_named_in_the_value() -> None:
    read = form(component("filepicker", "a", multiple=True))
    submission = post(read, ("a", Upload("x.pdf")), ("a", Upload("")), store=store)
    assert submission.values == {"a": [{"id": "new-x.pdf", "name": "x.pdf", "size": 10, "type": "application/pdf"}]}


def test_files_attached_before_are_looked_up_never_trusted() -> None:
    read = form(component("filepicker", "a", multiple=True))
    pairs = [("a:kept", "r1"), ("a", Upload("x.pdf"))]
    submission = post(read, *pairs, store=store, known_files=KNOWN.get)
    assert [file["id"] for file in submission.values["a"]] == ["r1", "new-x.pdf"]
    assert submission.values["a"][0] == REPORT
    assert "no longer there" in said(post(read, ("a:kept", "stranger"), known_files=KNOWN.get).errors)["a"]
    assert "no longer there" in said(post(read, ("a:kept", "r1")).errors)["a"]


def test_a_file_that_the_field_has_already_may_stay() -> None:
    read = form(component("filepicker", "a"))
    assert post(read, ("a:kept", "p1"), before={"a": [PHOTO]}).values == {"a": [PHOTO]}
    assert post(read, ("a", ""), before={"a": [PHOTO]}).values == {"a": []}
    assert post(read, before={"a": [PHOTO]}).values == {"a": [PHOTO]}


def test_json_names_files_by_id() -> None:
    read = form(component("filepicker", "a", multiple=True))
    assert send(read, {"a": ["p1", {"id": "r1", "name": "forged.exe"}]}, known_files=KNOWN.get).values == {
        "a": [PHOTO, REPORT]
    }
    assert send(read, {"a": None}).values == send(read, {}).values == {"a": []}
    wrong: list[Any] = ["p1", {"id": "p1"}, 5, [5], [{}], [None], [["p1"]], ["x" * 500]]
    for value in wrong:
        assert not send(read, {"a": value}, known_files=KNOWN.get).ok


def test_how_many() -> None:
    one, many = (
        form(component("filepicker", "a")),
        form(component("filepicker", "a", multiple=True, properties={"maxFiles": "2"})),
    )
    assert said(send(one, {"a": ["p1", "r1"]}, known_files=KNOWN.get).errors) == {"a": "Attach only one file"}
    assert said(post(one, ("a", Upload("x")), ("a", Upload("y")), store=store).errors) == {"a": "Attach only one file"}
    uploads = [("a", Upload(f"{number}.pdf")) for number in range(3)]
    submission = post(many, *uploads, store=store)
    assert said(submission.errors) == {"a": "Attach at most 2 files"}
    assert len(submission.entered["a"]) == 2
    assert said(send(many, {"a": ["p1"] * 30}, known_files=KNOWN.get).errors) == {"a": "Attach at most 2 files"}


def test_a_single_file_is_replaced() -> None:
    read = form(component("filepicker", "a"))
    submission = post(read, ("a:kept", "p1"), ("a", Upload("x.pdf")), store=store, known_files=KNOWN.get)
    assert [file["id"] for file in submission.values["a"]] == ["new-x.pdf"]


def test_how_many_may_depend_on_the_form() -> None:
    read = form(component("checkbox", "several"), component("filepicker", "a", multiple="= several"))
    assert not send(read, {"several": False, "a": ["p1", "r1"]}, known_files=KNOWN.get).ok
    assert send(read, {"several": True, "a": ["p1", "r1"]}, known_files=KNOWN.get).ok


def test_a_required_file_is_needed() -> None:
    read = form(component("filepicker", "a", validate={"required": True}))
    assert said(post(read, ("a", Upload(""))).errors) == {"a": "Attach a file"}


def test_the_store_may_refuse() -> None:
    read = form(component("filepicker", "a", multiple=True))
    submission = post(read, ("a", Upload("x.exe")), ("a", Upload("y.pdf")), store=store)
    assert said(submission.errors) == {"a": "Programs are not taken"}
    assert [file["name"] for file in submission.entered["a"]] == ["y.pdf"]
    assert "can't be added here" in said(post(read, ("a", Upload("x.pdf"))).errors)["a"]


def test_only_accepted_types() -> None:
    read = form(component("filepicker", "a", accept=".pdf,image/*"))
    assert send(read, {"a": ["p1"]}, known_files=KNOWN.get).ok
    submission = post(read, ("a", Upload("x.txt", "text/plain")), store=store)
    assert said(submission.errors) == {"a": "“x.txt” is not of a type that is accepted here: .pdf,image/*"}


@pytest.mark.parametrize(
    ("accept", "name", "media_type", "expected"),
    [
        ("", "x", "y/z", True),
        (".pdf", "X.PDF", "application/octet-stream", True),
        (".pdf", "pdf", "application/pdf", False),
        ("image/*", "x", "image/png; q=1", True),
        ("image/png, .doc", "x.doc", "", True),
        ("image/*", "x.png", "text/html", False),
    ],
)
def test_accept_is_read_as_in_html(accept: str, name: str, media_type: str, expected: bool) -> None:
    assert accepts(accept, name, media_type) is expected


def test_a_file_is_taken_off_by_its_button() -> None:
    read = form(component("filepicker", "a", multiple=True))
    submission = post(
        read, ("a:kept", "p1"), ("a:kept", "r1"), ("_drop", "a:p1"), ("a", "[object File]"), known_files=KNOWN.get
    )
    assert submission.edited
    assert [file["id"] for file in submission.entered["a"]] == ["r1"]
    assert submission.focus == "a"
