"""POST /definitions."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.api.caller import FILES, REPAIR, Api, told
from tickets.types import TicketType

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ENDLESS = "bad_endless"
"""This one is found only by running it."""
BAD = sorted(
    path for path in (Path(__file__).parent.parent / "engine" / "files").glob("bad_*.bpmn") if path.stem != ENDLESS
)
LOOSE = [(name, (FILES / name).read_bytes()) for name in REPAIR]


def zipped(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def test_files_become_versions(api: Api) -> None:
    answer = api.deploy("hejing", *LOOSE)
    assert answer.status_code == 201
    assert {(made["key"], made["version"], made["new"]) for made in answer.json["types"]} == {
        ("repair", 1, True),
        ("alarm", 1, True),
    }
    same = api.deploy("hejing", *LOOSE)
    assert {(made["version"], made["new"]) for made in same.json["types"]} == {(1, False)}


def test_files_that_are_checked_are_told_what_they_would_become_and_not_kept(api: Api) -> None:
    answer = api.check("hejing", *LOOSE, ("README.md", b"hello"))
    assert (answer.status_code, answer.json["accepted"], answer.json["skipped"]) == (200, True, ["README.md"])
    coming = {(each["key"], each["version"], each["new"]) for each in answer.json["types"]}
    assert coming == {("repair", 1, True), ("alarm", 1, True)}
    with api.cast.runtime.reading() as session:
        assert session.scalars(sa.select(TicketType.key)).all() == []
    api.deploy("hejing", *LOOSE)
    assert not any(each["new"] for each in api.check("hejing", *LOOSE).json["types"])


def test_a_check_tells_the_problems_that_deploying_tells(api: Api) -> None:
    bad = ("bad_timer.bpmn", next(path for path in BAD if path.stem == "bad_timer").read_bytes())
    checked = api.check("hejing", bad)
    assert (checked.status_code, checked.json["accepted"], checked.json["types"]) == (200, False, [])
    assert checked.json["problems"] == told(api.deploy("hejing", bad), 422)["problems"]
    told(api.check("lina", bad), 403)


def test_an_archive_is_as_good_as_loose_files(api: Api) -> None:
    answer = api.deploy("hejing", ("repair.zip", zipped(*LOOSE, ("README.md", b"hello"))))
    assert answer.status_code == 201
    assert answer.json["skipped"] == ["README.md"]


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_bad_file_is_refused_or_mended_with_a_word_and_a_remedy(api: Api, path: Path) -> None:
    answer = api.deploy("hejing", (path.name, path.read_bytes()))
    refused = answer.status_code != 201
    problems = told(answer, 422)["problems"] if refused else answer.json["problems"]
    assert refused or all(line["level"] != "error" for line in problems)
    assert problems
    for line in problems:
        assert line["problem"]
        assert line["remedy"]
        assert line["file"] == path.name
        assert line["line"] >= 1
    made = [] if refused else answer.json["types"]
    with api.cast.runtime.reading() as session:
        kept = session.scalars(sa.select(TicketType.key)).all()
    assert [kind["key"] for kind in made] == kept


def test_a_form_that_is_missing_is_named(api: Api) -> None:
    answer = api.deploy("hejing", LOOSE[0])
    assert answer.status_code == 201
    named = [line["problem"] for line in answer.json["problems"] if line["code"] == "form-missing"]
    assert any("“ask”" in problem for problem in named)


def test_a_bad_form_is_refused(api: Api) -> None:
    broken = b'{"type": "default", "components": [{"type": "html", "content": "<script>"}]}'
    told(api.deploy("hejing", LOOSE[0], ("ask.form", broken), LOOSE[2]), 422, "ask.form")


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("p.zip", zipped(("../evil.bpmn", b"x")), 422),
        ("p.zip", zipped(("bomb.bpmn", b"\0" * 9_000_000)), 413),
        ("p.zip", b"PK\x03\x04 cut off", 422),
        ("p.zip", zipped(*((f"{n}.bpmn", b"") for n in range(201))), 413),
        ("notes.txt", b"hello", 422),
        ("empty.bpmn", b"", 422),
        ("large.bpmn", b"<a>" * 7_000_000, 413),
    ],
)
def test_bombs_and_slips_are_refused(api: Api, name: str, content: bytes, status: int) -> None:
    told(api.deploy("hejing", (name, content)), status)


def test_a_request_that_is_too_large_is_refused(api: Api) -> None:
    told(api.deploy("hejing", ("large.bpmn", b" " * 26 * 1024 * 1024)), 413)


def test_without_files_it_says_what_to_send(api: Api) -> None:
    told(api.post("hejing", "/definitions", data={"a": "b"}, content_type="multipart/form-data"), 422, ".bpmn")


def test_json_is_told_the_right_kind(api: Api) -> None:
    told(api.post("hejing", "/definitions", {"files": []}), 415, "multipart/form-data")


@pytest.mark.parametrize("login", ["zhoulan", "lina", "chenxiao"])
def test_only_designers_deploy(api: Api, login: str) -> None:
    told(api.deploy(login, *LOOSE), 403)


def test_the_same_upload_with_a_key_is_deployed_once_whatever_its_boundary(api: Api) -> None:
    first = api.deploy("hejing", *LOOSE, key="k1")
    again = api.deploy("hejing", *LOOSE, key="k1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json
    told(api.deploy("hejing", *LOOSE[:1], key="k1"), 422)
