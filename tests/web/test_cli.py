"""The command line: its help, its reports, and that it starts and stops cleanly."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.database import create_engine
from tests.engine import build
from tickets.audit import AuditEntry
from tickets.demo.lived import live
from web.cli import main

ROOT = Path(__file__).parents[2]
CRASH_REPORT = ROOT / "processes/crash_report"


@pytest.fixture
def run(tmp_path: Path) -> CliRunner:
    return CliRunner(env={"GONGDAN_DATA": str(tmp_path / "data"), "GONGDAN_DATABASE_URL": None, "GONGDAN_PORT": None})


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of `gongdan run --demo`, whose many tickets are few here."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.serving.serve", lambda *_arguments, **_named: None)
        patch.setattr("web.demo.preparing.live", partial(live, share=0.05))
        run = CliRunner(env={"GONGDAN_DATA": str(folder / "data"), "GONGDAN_DATABASE_URL": None, "GONGDAN_PORT": None})
        started = run.invoke(main, ["run", "--demo"])
    assert started.exit_code == 0, started.output
    return folder / "data"


@pytest.fixture
def demo(run: CliRunner, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A database that `gongdan run --demo` has filled and left."""
    monkeypatch.setattr("web.serving.serve", lambda *_arguments, **_named: None)
    shutil.copytree(filled, tmp_path / "data")
    return run


def said(result: Result) -> str:
    return result.output


def test_help_names_every_command_and_setting(run: CliRunner) -> None:
    text = said(run.invoke(main, ["--help"]))
    for word in ("run ", "worker ", "deploy ", "db ", "GONGDAN_DATABASE_URL", "gongdan run --demo"):
        assert word in text
    assert not [line for line in text.splitlines()[1:] if line.endswith("...")]
    assert max(map(len, text.splitlines())) <= 120


def test_a_wrong_setting_ends_with_its_name(run: CliRunner) -> None:
    result = run.invoke(main, ["db", "upgrade"], env={"GONGDAN_THREADS": "many"})
    assert result.exit_code == 1
    assert "GONGDAN_THREADS" in said(result)


def test_upgrading_twice_changes_nothing(run: CliRunner) -> None:
    for _ in range(2):
        result = run.invoke(main, ["db", "upgrade"])
        assert (result.exit_code, said(result)) == (0, "The database is up to date.\n")


def test_nothing_is_deployed_into_an_empty_database(run: CliRunner) -> None:
    result = run.invoke(main, ["deploy", str(CRASH_REPORT)])
    assert result.exit_code == 1
    told = said(result)
    assert told.index("gongdan init") < told.index("gongdan run --demo"), (
        "what a real installation begins with is first"
    )


def test_the_demo_prints_its_logins_and_a_second_start_adds_nothing(demo: CliRunner) -> None:
    again = said(demo.invoke(main, ["run", "--demo"]))
    assert again.startswith("Getting the demo ready. The first time makes its people, ticket types and past:")
    assert "gongdan-demo" in again
    assert "zhoulan" in again
    assert "wufang" not in again, "the departed can't sign in"
    deployed = orjson.loads(said(demo.invoke(main, ["deploy", str(ROOT / "processes"), "--json"])))
    shipped = {path.stem: (1, False) for path in (ROOT / "processes").glob("*/*.bpmn")}
    assert {each["key"]: (each["version"], each["new"]) for each in deployed["types"]} == shipped


def test_a_changed_type_becomes_a_new_version(demo: CliRunner, tmp_path: Path) -> None:
    shutil.copytree(CRASH_REPORT, tmp_path / "crash_report")
    changed = tmp_path / "crash_report/crash_report.bpmn"
    changed.write_text(changed.read_text("utf-8").replace("崩溃上报", "闪退上报"), "utf-8")
    result = demo.invoke(main, ["deploy", str(tmp_path / "crash_report")])
    assert result.exit_code == 0
    assert "crash_report v2 published" in said(result)
    assert audited(tmp_path, "type.deployed")[-1] == "cli"


def test_what_is_only_checked_is_not_published(demo: CliRunner, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CRASH_REPORT, tmp_path / "crash_report"))
    drawing = (CRASH_REPORT / "crash_report.bpmn").read_text("utf-8")
    for content in ("闪退上报", "崩溃"):
        (folder / "crash_report.bpmn").write_text(drawing.replace("崩溃上报", content), "utf-8")
        result = demo.invoke(main, ["deploy", "--check", str(folder)])
        assert result.exit_code == 0
        assert re.search(r"crash_report v\d+ would be published; this was only checked", said(result))
    told = orjson.loads(said(demo.invoke(main, ["deploy", "--check", "--json", str(CRASH_REPORT)])).splitlines()[-1])
    assert [each["key"] for each in told["types"]] == ["crash_report"]
    (folder / "crash_report.bpmn").write_text("<definitions><process", "utf-8")
    assert demo.invoke(main, ["deploy", "--check", str(folder)]).exit_code == 1


def test_a_picture_of_a_process_is_said_to_be_none(demo: CliRunner, tmp_path: Path) -> None:
    drawn = build.bpmn(build.start(), build.end(), build.chain("begin", "done"))
    (tmp_path / "a.bpmn").write_bytes(drawn.replace(b'isExecutable="true"', b'isExecutable="false"'))
    assert said(demo.invoke(main, ["deploy", str(tmp_path)])).startswith(f"{tmp_path}: no ticket type came of it\n")


def test_a_refused_file_is_reported_with_line_and_remedy(demo: CliRunner, tmp_path: Path) -> None:
    broken = tmp_path / "broken.bpmn"
    broken.write_text("<definitions><process", "utf-8")
    result = demo.invoke(main, ["deploy", str(broken)])
    assert result.exit_code == 1
    assert "broken.bpmn: refused, 1 to mend; nothing was published" in said(result)
    report = demo.invoke(main, ["deploy", "--json", str(broken)])
    assert report.exit_code == 1
    told = orjson.loads(said(report).splitlines()[-1])
    assert told["accepted"] is False
    assert told["problems"][0]["level"] == "error"
    assert told["problems"][0]["remedy"]
    assert told["types"] == []


def test_a_folder_is_searched_for_processes_whatever_they_end_in(demo: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    drawn = build.bpmn(build.start(), build.catch("wait", build.timer("after", "soon")), build.user("a", name="Look"))
    (tmp_path / "inner/look.bpmn20.xml").write_bytes(drawn.replace(b"camunda:candidateGroups", b"camunda:tool"))
    lines = said(demo.invoke(main, ["deploy", str(tmp_path)])).splitlines()
    assert lines[0] == f"{tmp_path}/inner: refused, 1 to mend; nothing was published"
    levels = [line.split()[0] for line in lines if line[2:].startswith(("error", "warning", "note"))]
    assert levels == sorted(levels, key=("error", "warning", "note").index)
    assert levels[0] == "error"


def test_what_is_wrong_with_several_elements_is_reported_once(demo: CliRunner, tmp_path: Path) -> None:
    nobodys = [build.user(each, camunda__candidateGroups="") for each in ("a", "b")]
    drawn = build.bpmn(build.start(), *nobodys, build.end(), build.chain("begin", "a", "b", "done"))
    (tmp_path / "nobody.bpmn").write_bytes(drawn)
    lines = said(demo.invoke(main, ["deploy", str(tmp_path / "nobody.bpmn")])).splitlines()
    assert lines[0] == "nobody.bpmn: p v1 published"
    assert lines[1].startswith("  warning Nobody is named")
    assert lines[3:] == ["          nobody.bpmn:5 a, nobody.bpmn:6 b"]


@pytest.mark.parametrize("name", ["notes.txt", "empty.zip"])
def test_files_that_are_no_ticket_type_are_named(demo: CliRunner, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    result = demo.invoke(main, ["deploy", str(tmp_path / name)])
    assert result.exit_code == 1
    assert name in said(result)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until_served(address: str, process: subprocess.Popen[str]) -> int:
    while process.poll() is None:
        try:
            return int(urlopen(address, timeout=5).status)
        except HTTPError as error:
            return error.code
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(process.communicate()[0])


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`gongdan` with these arguments, in a process of its own; what is left of it in the end is killed."""
    command = [sys.executable, "-c", "from web.cli import main; main()", *arguments]
    environment = {**os.environ, "GONGDAN_DATA": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_answers_and_stops_when_asked(tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    with started(tmp_path, "run", "--demo", "--port", str(port)) as process:
        assert wait_until_served(f"http://127.0.0.1:{port}/login", process) == 200
        process.send_signal(how)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert f"http://127.0.0.1:{port}" in output
    assert "Traceback" not in output


def test_the_worker_stops_when_asked(tmp_path: Path) -> None:
    with started(tmp_path, "worker") as process:
        assert process.stdout
        assert "Ctrl-C stops" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, "")


def test_a_token_is_issued_to_somebody_who_works_here(demo: CliRunner, tmp_path: Path) -> None:
    issued = demo.invoke(main, ["token", "lina", "--name", "dashboard"])
    assert issued.exit_code == 0
    assert re.fullmatch(r"gdt_\S{43}\n", said(issued))
    assert audited(tmp_path, "token.issued") == ["cli"], "nobody is signed in on the command line"


def audited(tmp_path: Path, action: str) -> list[str]:
    """By what this came, each time."""
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'gongdan.db'}")
    with engine.connect() as connection:
        entries = sa.select(AuditEntry.via).where(AuditEntry.action == action).order_by(AuditEntry.id)
        found = list(connection.scalars(entries))
    engine.dispose()
    return found


@pytest.mark.parametrize("login", ["nobody", "wufang"], ids=["unknown", "departed"])
def test_no_token_for_who_does_not_work_here(demo: CliRunner, login: str) -> None:
    refused = demo.invoke(main, ["token", login])
    assert refused.exit_code == 1
    assert login in said(refused)


def test_an_organisation_begins_once_and_grows(run: CliRunner) -> None:
    begin = ["init", "--group", "启明教育集团", "--brand", "青禾英语"]
    secret = {"GONGDAN_ADMIN_PASSWORD": "correct horse 7"}
    first = run.invoke(main, begin, env=secret)
    made, following = said(first).splitlines()
    assert (first.exit_code, made) == (0, "Made: 启明教育集团, 青禾英语, administrator admin.")
    assert "sign in as admin" in following
    assert "nothing was changed" in said(run.invoke(main, begin, env=secret))
    assert "木棉科学" in said(run.invoke(main, [*begin, "--brand", "木棉科学"], env=secret))
    assert run.invoke(main, ["init", "--group", "别的集团"], env=secret).exit_code == 1
    assert run.invoke(main, begin, env={"GONGDAN_ADMIN_PASSWORD": "short"}).exit_code == 1


def test_the_first_administrators_password_is_asked_for_once_and_never_again(run: CliRunner) -> None:
    begin = ["init", "--group", "启明教育集团"]
    first = run.invoke(main, begin, input="correct horse 7\ncorrect horse 7\n")
    assert (first.exit_code, said(first).count("Password of the first administrator")) == (0, 1)
    again = run.invoke(main, [*begin, "--brand", "木棉科学"], input="")
    assert (again.exit_code, said(again)) == (0, "Made: 木棉科学.\n")


def test_the_search_is_made_anew_in_the_background(demo: CliRunner) -> None:
    assert "Ordered" in said(demo.invoke(main, ["rebuild", "search"]))
    assert demo.invoke(main, ["rebuild", "everything"]).exit_code == 2


def test_audit_finds_nothing_in_the_demo_and_names_what_is_damaged(demo: CliRunner, tmp_path: Path) -> None:
    well = demo.invoke(main, ["audit", "--json"])
    assert (well.exit_code, orjson.loads(said(well).splitlines()[-1])["differences"]) == (0, 0)
    with sqlite3.connect(tmp_path / "data/gongdan.db") as database:
        number, id = database.execute("SELECT number, id FROM ticket ORDER BY id LIMIT 1").fetchone()
        database.execute("UPDATE ticket SET urges = urges + 1 WHERE id = ?", (id,))
    damaged = demo.invoke(main, ["audit"])
    assert damaged.exit_code == 1
    assert f"{number}  counts: The ticket counts" in said(damaged)
    assert demo.invoke(main, ["audit", "--from", str(id), "--no-replay"]).exit_code == 0


def test_audit_writes_nothing_not_even_a_newer_version(run: CliRunner, tmp_path: Path) -> None:
    refused = run.invoke(main, ["audit"])
    assert refused.exit_code == 1
    assert "gongdan db upgrade" in refused.output
    with sqlite3.connect(tmp_path / "data/gongdan.db") as database:
        assert not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
