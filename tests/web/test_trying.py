"""`gongdan try` on the command line: which files it tries, what it prints of each, and its exit status."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.engine import build
from tests.engine.build import chain, end, flow, service, start, user, xor
from tickets.trial import children
from web.cli import main

GOOD = build.bpmn(start(), user("ask"), end(), chain("begin", "ask", "done"))
PICTURE = GOOD.replace(b'isExecutable="true"', b'isExecutable="false"')
FOREVER = build.bpmn(
    start(),
    service("again"),
    xor("choose", default="choose-again"),
    end(),
    chain("begin", "again", "choose"),
    flow("choose", "again"),
    flow("choose", "done", "${1 > 2}"),
)
KEYS = {"file", "accepted", "errors", "warnings", "ended", "covered", "elements", "walks", "seconds", "notes"}


def tried(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["try", *map(str, arguments)])


def told(*arguments: str | Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The files' lines, and the summary."""
    *files, last = map(orjson.loads, tried("--json", *arguments).stdout.splitlines())
    assert all(line.keys() == KEYS for line in files)
    assert last.keys() == {"summary"}
    return files, last["summary"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One BPMN file by its ending, one by its root, a picture below, and much that is none."""
    made = tmp_path / "some"
    (made / "below").mkdir(parents=True)
    (made / "a.bpmn").write_bytes(GOOD)
    (made / "b.bpmn20.xml").write_bytes(GOOD)
    (made / "below" / "C.BPMN").write_bytes(PICTURE)
    (made / "table.dmn").write_text('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" />', "utf-8")
    (made / "table.xml").write_text('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" />', "utf-8")
    (made / "other.xml").write_text("<beans />", "utf-8")
    (made / "broken.xml").write_text("<def", "utf-8")
    (made / "f.form").write_text("{}", "utf-8")
    (made / "again").symlink_to(made)
    (made / "gone.bpmn").symlink_to(made / "nowhere")
    os.mkfifo(made / "pipe.bpmn")
    return made


def test_what_an_upload_would_refuse_is_walked_and_fails(tmp_path: Path) -> None:
    often = build.catch("wait", build.timer("every", "R/PT10S"))
    (tmp_path / "a.bpmn").write_bytes(build.bpmn(start(), often, end(), chain("begin", "wait", "done")))
    outcome = tried(tmp_path / "a.bpmn")
    assert outcome.exit_code == 1
    assert "an upload would refuse it; walked all the same: 3 of 3 elements" in outcome.stdout
    [line], _ = told(tmp_path / "a.bpmn")
    assert (line["accepted"], line["ended"]) == (True, True)


@pytest.mark.parametrize("ending", ["zip", "bar"])
def test_an_archive_is_tried_as_it_would_be_uploaded(tmp_path: Path, ending: str) -> None:
    packed = tmp_path / f"types.{ending}"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("asked/a.bpmn", GOOD)
        archive.writestr("asked/readme.txt", "what it is")
    files, whole = told(packed)
    assert [line["file"] for line in files] == [f"{packed}/asked/a.bpmn"]
    assert (whole["accepted"], whole["ended"]) == (1, 1)


def test_an_archive_that_cannot_be_taken_apart_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    outcome = tried(tmp_path / "a.zip")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "a.zip: " in outcome.stderr


def test_a_folder_gives_a_line_for_each_bpmn_file_below_it(folder: Path) -> None:
    files, whole = told(folder)
    assert [line["file"] for line in files] == [
        f"{folder}/{name}" for name in ("a.bpmn", "b.bpmn20.xml", "below/C.BPMN")
    ]
    assert whole == {
        "files": 3,
        "accepted": 3,
        "ended": 2,
        "pictures": 1,
        "elements": 6,
        "covered": 6,
        "seconds": whole["seconds"],
    }


def test_a_file_is_called_as_it_was_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    files, _ = told("./a.bpmn", "below", folder / "f.form")
    assert [line["file"] for line in files] == ["./a.bpmn", "below/C.BPMN"]


def test_a_line_says_what_was_walked(folder: Path) -> None:
    [line], _ = told(folder / "a.bpmn")
    assert (line["accepted"], line["ended"], line["errors"]) == (True, True, [])
    assert line["covered"] == line["elements"] == ["begin", "ask", "done"]
    assert line["walks"] == [{"visited": ["begin", "ask", "done"], "stopped": "ended"}]
    assert 0 < line["seconds"] < 10


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"", 1), (b"\x00\xff\xfe", 1), (b"<definitions", 1), (GOOD.replace(b"</definitions>", b"\n"), 6), (b"PK\x03", 1)],
    ids=["empty", "bytes", "cut", "open", "archive"],
)
def test_a_file_that_is_no_bpmn_is_a_line_with_an_error(tmp_path: Path, content: bytes, line: int) -> None:
    (tmp_path / "bad.bpmn").write_bytes(content)
    [told_of], _ = told(tmp_path)
    assert told_of["accepted"] is False
    assert told_of["ended"] is False
    assert told_of["errors"]
    assert all(error.keys() == {"element", "line", "problem", "remedy"} for error in told_of["errors"])
    assert told_of["errors"][0]["line"] >= line
    assert tried(tmp_path).exit_code == 1


def test_a_file_that_may_not_be_read_is_a_line_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "secret.bpmn").mkdir()
    (tmp_path / "secret.bpmn" / "it.bpmn").write_bytes(GOOD)
    files, _ = told(tmp_path)
    assert [line["file"] for line in files] == [f"{tmp_path}/secret.bpmn/it.bpmn"]


def test_odd_names_are_told_as_text_that_can_be_read(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/a\xff b\n.bpmn"
    Path(os.fsdecode(odd)).write_bytes(GOOD)
    (tmp_path / "流程 1.bpmn").write_bytes(GOOD)
    files, _ = told(tmp_path)
    assert [line["ended"] for line in files] == [True, True]
    assert files[1]["file"].endswith("流程 1.bpmn")
    assert len(tried(tmp_path).stdout.splitlines()) == 3, "a line for each file, and the summary"


def test_time_that_runs_out_is_told_and_the_walks_so_far_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LIMIT", 1.5)
    (tmp_path / "forever.bpmn").write_bytes(FOREVER)
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    [forever, good], _ = told(tmp_path)
    assert (forever["accepted"], forever["ended"]) == (True, False)
    assert [note for note in forever["notes"] if "Time ran out" in note]
    assert good["ended"]
    assert "time ran out before it came to an end" in tried(tmp_path / "forever.bpmn").stdout


def test_reading_that_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LIMIT", 0.0)
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    [line], _ = told(tmp_path)
    assert line["accepted"] is False
    assert line["errors"][0]["line"] == 1


def test_the_exit_status_says_whether_there_is_something_to_mend(folder: Path) -> None:
    assert tried(folder).exit_code == 0, "a picture is as good as it can be"
    (folder / "below" / "d.bpmn").write_bytes(GOOD.replace(b"userTask", b"nonsense"))
    assert tried(folder).exit_code == 1
    assert tried(folder / "nowhere.bpmn").exit_code == 2


def test_people_read_what_to_mend_and_what_was_missed(folder: Path) -> None:
    (folder / "d.bpmn").write_bytes(build.bpmn(start(), user("ask"), end(), chain("begin", "nowhere")))
    lines = tried(folder).stdout.splitlines()
    assert lines[0] == f"{folder}/a.bpmn: comes to an end; 3 of 3 elements in 1 walk"
    assert f"{folder}/below/C.BPMN: accepted; there is nothing to run in it" in lines
    refused = next(number for number, line in enumerate(lines) if line.startswith(f"{folder}/d.bpmn: refused"))
    assert lines[refused + 1].startswith("  error")
    assert lines[-1] == "4 files: 3 accepted, 2 came to an end, 1 with nothing to run; 6 of 9 elements walked."


def test_people_read_what_is_wrong_with_several_elements_once(tmp_path: Path) -> None:
    nobodys = [user(each, camunda__candidateGroups="") for each in ("a", "b")]
    (tmp_path / "a.bpmn").write_bytes(build.bpmn(start(), *nobodys, end(), chain("begin", "a", "b", "done")))
    lines = tried(tmp_path).stdout.splitlines()
    assert [line.startswith("  warning Nobody is named") for line in lines[1:-1]] == [True, False, False]
    assert lines[3].split() == ["line", "5", "a,", "line", "6", "b"]


def test_nothing_is_left_behind(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = tmp_path / "stages"
    stages.mkdir()
    monkeypatch.setattr(children, "IN_MEMORY", stages)
    assert tried(folder).exit_code == 0
    assert list(stages.iterdir()) == []
