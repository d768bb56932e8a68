"""Every command that README and the guides name is run as it stands there, with names and paths of its own."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import processes
from tests.slow.server import ROOT, Server, environment, gongdan, serving

pytestmark = pytest.mark.slow

DOCUMENTS = sorted([*ROOT.glob("README*.md"), *ROOT.glob("SECURITY.md"), *(ROOT / "docs").rglob("*.md")])
INDENTED = re.compile(r"^(?: {4,}|\t)(\S.*)$", re.MULTILINE)
INLINE = re.compile(r"`(python -m [^`]+)`")
COMMAND = re.compile(r"(?:\.venv/bin/)?(gongdan|make|python -m|curl) \S")
SHIPPED = Path(str(processes.__file__)).parent
GIVEN: Mapping[str, str] = {
    "NAME": "启明教育集团",
    "LOGIN": "admin",
    "PATH…": "processes/crash_report",
    "my-process.bpmn": "processes/crash_report/crash_report.bpmn",
    "FILE": "one.tar.gz",
    "search|fields": "fields",
}
"""What stands for a word that the reader is to replace."""
SERVES = ("run", "worker")
ASKED = "GONGDAN_ADMIN_PASSWORD"


def commands(document: Path) -> Iterator[str]:
    """The lines of its blocks that are commands, without what is said beside them, and measurements named in a text."""
    text = document.read_text()
    for line in INDENTED.findall(text):
        if COMMAND.match(line):
            yield re.split(r"\s{2,}", line.strip())[0].removeprefix(".venv/bin/")
    yield from INLINE.findall(text)


NAMED = list(dict.fromkeys(command for document in DOCUMENTS for command in commands(document)))


def words(command: str) -> list[str]:
    """Its words, with the optional ones and with what the reader is to replace replaced."""
    for placeholder, given in GIVEN.items():
        command = re.sub(rf"(?<![\w./-]){re.escape(placeholder)}(?![\w./-])", given, command)
    return shlex.split(command.replace("[", "").replace("]", ""))


def of(program: str) -> list[list[str]]:
    return [words(command) for command in NAMED if command.split()[0] == program]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a group and its administrator, beside the files that the commands speak of."""
    made = tmp_path_factory.mktemp("reader")
    shutil.copytree(SHIPPED, made / "processes")
    assert init(made, "gongdan init --group 启明教育集团 --brand 青禾英语".split()).returncode == 0
    return made


def init(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command that would ask for a password."""
    told = {**environment(folder), ASKED: "correct-horse-42"}
    program = Path(sys.executable).with_name("gongdan")
    asked = [str(program), *command[1:]]
    return subprocess.run(asked, env=told, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_the_documents_name_commands() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize("command", [each for each in of("gongdan") if each[1] not in SERVES], ids=" ".join)
def test_what_a_document_says_to_type_works(folder: Path, command: list[str]) -> None:
    archive = next((word for word in command if word.endswith(".tar.gz")), "")
    if archive:
        command = [str(folder / Path(word).name) if word == archive else word for word in command]
    if "backup" in command:
        (folder / Path(archive).name).unlink(missing_ok=True)
    if "restore" in command and not (folder / Path(archive).name).exists():
        assert gongdan(folder, "backup", folder / Path(archive).name).returncode == 0
    if "restore" in command and "--check" not in command:
        command.append("--replace")
    done = init(folder, command)
    assert done.returncode in ((0, 1) if "doctor" in command else (0,)), done.stdout + done.stderr


@pytest.mark.parametrize("command", [each for each in of("gongdan") if each[1] in SERVES], ids=" ".join)
def test_what_serves_starts_and_stops_when_it_is_told(folder: Path, command: list[str]) -> None:
    program = str(Path(sys.executable).with_name("gongdan"))
    arguments = [word for word in command[1:] if word not in ("--demo", "--port", "8000")]
    server = Server(folder, command=(program, *arguments), sign="" if command[1] == "run" else "jobs run")
    server.start()
    try:
        assert server.alive()
    finally:
        server.stop()


@pytest.mark.parametrize("command", of("curl"), ids=" ".join)
def test_a_call_of_the_api_is_answered(folder: Path, command: list[str]) -> None:
    token = gongdan(folder, "token", "admin").stdout.split()[-1]
    with serving(folder, "") as server:
        told = [word.replace("$TOKEN", token).replace("http://127.0.0.1:8000", server.address) for word in command]
        answer = subprocess.run([*told, "--fail"], capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("command", of("make"), ids=" ".join)
def test_a_target_is_one_that_make_has(command: list[str]) -> None:
    """What they do is what continuous integration does, and `make run` has a test of its own."""
    told = subprocess.run(["make", "-n", *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("command", of("python"), ids=" ".join)
def test_a_measurement_takes_the_options_that_are_written(command: list[str]) -> None:
    told = helped(command[2])
    assert told.returncode == 0, told.stderr
    for option in (word for word in command if word.startswith("--")):
        assert option in told.stdout


@cache
def helped(module: str) -> subprocess.CompletedProcess[str]:
    """What a measurement says of itself; the documents name most of them several times."""
    command = [sys.executable, "-m", module, "--help"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
