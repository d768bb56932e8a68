"""Uploads are read in a process that is ended at its limits: nothing of them is kept, and everybody else goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from engine.expressions import Level
from engine.step import World
from tests.engine.build import HEAD, call, chain, end, start, user
from tests.tickets.play import SHIPPED, SHIPPED_TYPES, Play, files, staff
from tickets.deploying import deploy
from tickets.errors import Busy
from tickets.evidence.pictures import BROKEN
from tickets.runtime import Runtime
from tickets.uploads import answer, keeper, nursing
from tickets.uploads.keeper import Keeper
from tickets.uploads.nursing import Nursery
from tickets.uploads.reading import Reading, Upload, read_here

WORLD = World(datetime(2026, 11, 22, tzinfo=UTC))
ONE_TASK = files(start(), staff("look"), end(), chain("begin", "look", "done"))
ENDED = {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL}
MEGABYTE = 1024 * 1024
LONG = {"long.bpmn": files(start(), *(user(f"u{n}") for n in range(4_900)), chain("begin", "u0"))["errand.bpmn"]}
"""Takes seconds to read: in tests the limit is a fraction of that, as otherwise they would take as long."""
LARGE = {"large.bpmn": (HEAD + '<message id="m" name="m" />' * 59_000 + "</definitions>").encode()}


def nobody(_key: str) -> bytes | None:
    return None


@pytest.fixture(scope="module")
def lasting_reader() -> Iterator[Keeper]:
    kept = Keeper()
    yield kept
    kept.close()


@pytest.fixture
def reader(lasting_reader: Keeper) -> Iterator[Keeper]:
    """Whose limits a test may change."""
    kept = lasting_reader
    before = (kept.seconds, kept.memory, kept.patience)
    yield kept
    kept.seconds, kept.memory, kept.patience = before


@pytest.fixture
def own() -> Iterator[Keeper]:
    """One that the test may spoil."""
    kept = Keeper()
    yield kept
    kept.close()


def read(reader: Keeper, upload: dict[str, bytes]) -> Reading:
    return reader(Upload(upload, WORLD), nobody)


def codes(reading: Reading) -> list[tuple[str, str]]:
    return [(each.code, each.file) for each in reading.report.problems if each.level is Level.ERROR]


@pytest.mark.parametrize("key", SHIPPED_TYPES)
def test_read_elsewhere_it_is_what_it_is_here(reader: Keeper, key: str) -> None:
    upload = {path.name: path.read_bytes() for path in (SHIPPED / key).iterdir()}
    there, here = read(reader, upload), read_here(Upload(upload, WORLD), nobody)
    assert there.report.accepted
    assert (there.definitions, there.forms) == (here.definitions, here.forms)
    assert there.report.problems == here.report.problems


def test_problems_come_back_with_their_words_and_places(reader: Keeper) -> None:
    upload = files(start(), staff("a", camunda__dueDate="${a b}"), chain("begin", "a", "nowhere"))
    there, here = read(reader, upload), read_here(Upload(upload, WORLD), nobody)
    assert not there.report.accepted
    assert there.report.problems == here.report.problems
    assert [str(each.problem) for each in there.report.problems] == [str(each.problem) for each in here.report.problems]


def test_over_its_time_it_is_ended_and_the_file_named(reader: Keeper) -> None:
    reader.seconds = 0.2
    assert codes(read(reader, LONG)) == [("too-slow", "long.bpmn")]
    reader.seconds = 10
    assert read(reader, ONE_TASK).report.accepted


def test_over_its_memory_it_is_ended_and_the_file_named(reader: Keeper) -> None:
    reader.memory = 110 * MEGABYTE
    assert codes(read(reader, LARGE)) == [("too-much-memory", "large.bpmn")]
    reader.memory = 512 * MEGABYTE
    assert codes(read(reader, LARGE)) != [("too-much-memory", "large.bpmn")]


def test_what_is_said_of_the_lost_has_a_remedy(reader: Keeper) -> None:
    reader.seconds = 0.2
    (problem,) = read(reader, LONG).report.problems
    assert (problem.level, problem.line) == (Level.ERROR, 1)
    assert "longer than it may" in str(problem.problem)
    assert "smaller" in str(problem.remedy)


def test_others_are_read_while_one_is_ended(reader: Keeper) -> None:
    assert read(reader, ONE_TASK).report.accepted
    reader.seconds = 3
    found: list[Reading] = []
    bomb = threading.Thread(target=lambda: found.append(read(reader, {**LONG, **{f"{n}.bpmn": b"" for n in range(9)}})))
    bomb.start()
    assert read(reader, ONE_TASK).report.accepted
    bomb.join()
    assert len(found) == 1


def test_very_many_at_once_are_asked_to_come_again(reader: Keeper) -> None:
    reader.seconds, reader.patience = 2.0, 0.1
    told: list[Any] = []

    def send() -> None:
        try:
            told.append(read(reader, LONG))
        except Busy as busy:
            told.append(busy)

    threads = [threading.Thread(target=send) for _ in range(keeper.AT_ONCE + keeper.WAITING + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Busy) for one in told) >= 3
    assert sum(isinstance(one, Reading) for one in told) >= keeper.AT_ONCE


def nursery_of(kept: Keeper) -> subprocess.Popen[bytes]:
    assert kept._nursery is not None
    return kept._nursery.process


def test_a_nursery_that_is_gone_is_started_again(own: Keeper) -> None:
    read(own, ONE_TASK)
    first = nursery_of(own)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert read(own, ONE_TASK).report.accepted
    assert nursery_of(own).pid != first.pid


def test_a_nursery_that_hangs_is_killed_and_another_reads(own: Keeper) -> None:
    assert read(own, ONE_TASK).report.accepted
    stuck, own.answering = nursery_of(own), 0.2
    os.kill(stuck.pid, signal.SIGSTOP)
    with capture_logs() as logs:
        assert read(own, ONE_TASK).report.accepted
    assert stuck.wait(timeout=30) == -signal.SIGKILL
    assert nursery_of(own).pid != stuck.pid
    assert {"event": "upload nursery hangs", "log_level": "error", "pid": stuck.pid} in logs


def test_a_picture_is_looked_at_though_the_nursery_hangs(own: Keeper) -> None:
    read(own, ONE_TASK)
    stuck, own.answering = nursery_of(own), 0.2
    os.kill(stuck.pid, signal.SIGSTOP)
    with capture_logs():
        assert own.look(b"no picture") == BROKEN
    assert stuck.wait(timeout=30) == -signal.SIGKILL


def test_a_nursery_that_never_answers_holds_nobody_for_long(own: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the second are given up, and whoever uploads is told to come again."""
    own.starting = 0.01
    monkeypatch.setattr(keeper, "Nursery", Stopped)
    with capture_logs() as logs, pytest.raises(Busy):
        read(own, ONE_TASK)
    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        *["upload nursery hangs"] * 2,
        "upload reader does not start",
    ]
    assert own._nursery is None


class Stopped(Nursery):
    """One that is halted as soon as it is there."""

    @classmethod
    def start(cls, patience: float) -> Nursery:
        made = super().start(patience)
        os.kill(made.process.pid, signal.SIGSTOP)
        return made


def test_closing_ends_a_nursery_that_hangs(own: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursing, "CLOSING", 0.1)
    read(own, ONE_TASK)
    stuck = nursery_of(own)
    os.kill(stuck.pid, signal.SIGSTOP)
    own.close()
    assert stuck.wait(timeout=30) == -signal.SIGKILL


def test_what_a_nursery_complains_of_is_logged_but_not_without_end(
    own: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    complaints = (
        "import sys\nfor n in range(1000): print('complaint', n, 'x' * 5_000 if n == 1 else '', file=sys.stderr)"
    )
    (tmp_path / "sitecustomize.py").write_text(complaints)
    monkeypatch.syspath_prepend(tmp_path)
    with capture_logs() as logs:
        assert read(own, ONE_TASK).report.accepted
        process = nursery_of(own)
        own.close()
        process.wait()
    said = [each["line"] for each in logs if each["event"] == "upload nursery complains" and each["pid"] == process.pid]
    assert (said[0], len(said)) == ("complaint 0", nursing.MOST_LINES)
    assert max(map(len, said)) == nursing.LONGEST_LINE


def test_closing_leaves_no_process(own: Keeper) -> None:
    read(own, ONE_TASK)
    process = nursery_of(own)
    own.close()
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_it_goes_with_its_keeper_even_if_that_is_killed() -> None:
    code = (
        "import os, sys; from tests.tickets.test_upload_reader import *; kept = Keeper(); read(kept, ONE_TASK);"
        "print(nursery_of(kept).pid, flush=True); os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, cwd=Path(__file__).parents[2])
    pid = int(told.stdout)
    for _ in range(200):
        if not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes():
            return
        threading.Event().wait(0.05)
    pytest.fail("it is still there")


def limited(code: str) -> subprocess.CompletedProcess[str]:
    before = "import os, socket; from tickets.uploads.child import limit; limit(5, 200_000_000)\n"
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", before + code], check=False, capture_output=True, text=True, cwd=root)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("bytearray(300_000_000)", "MemoryError"),
        ("open('/dev/shm/gongdan-test', 'w').write('x' * 10_000)", "File"),
        ("[os.open('/dev/null', 0) for _ in range(100)]", "Too many open files"),
    ],
)
def test_the_system_holds_it_within_its_limits(code: str, said: str) -> None:
    try:
        done = limited(code)
        assert done.returncode != 0
        assert said in done.stderr or done.returncode == -signal.SIGXFSZ
    finally:
        Path("/dev/shm/gongdan-test").unlink(missing_ok=True)


def test_an_endless_loop_is_ended_by_the_system() -> None:
    before = "from tickets.uploads.child import limit; limit(0.3, 200_000_000)\nwhile True: pass"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", before], check=False, cwd=root).returncode in ENDED


def test_no_secret_of_the_server_is_where_uploads_are_read(own: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGDAN_SECRET_KEY", "hush")
    read(own, ONE_TASK)
    process = nursery_of(own)
    assert b"hush" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    opened = {int(each.name): str(each.readlink()) for each in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert opened.pop(2).startswith("pipe:")  # to our log
    assert all(each == "/dev/null" or each.startswith("socket:") for each in opened.values()), opened
    assert sum(each.startswith("socket:") for each in opened.values()) == 1


def forged(change: Any) -> bytes:
    told = msgspec.json.decode(answer.encode(read_here(Upload(ONE_TASK, WORLD), nobody)))
    change(told)
    return msgspec.json.encode(told)


FORGED: dict[str, Any] = {
    "nothing": lambda told: told.clear(),
    "words that cannot be put together": lambda told: told["problems"].append(
        {"level": "note", "code": "x", "problem": {"text": "%(a)s", "params": {"b": 1}}, "remedy": {"text": "x"}}
    ),
    "words with a broken form": lambda told: told["problems"].append(
        {"level": "note", "code": "x", "problem": {"text": "%q", "params": {"b": 1}}, "remedy": {"text": "x"}}
    ),
    "a form of another digest": lambda told: told["forms"].update({"0" * 64: {"components": []}}),
    "accepted with an error": lambda told: told["problems"].append(
        {"level": "error", "code": "x", "problem": {"text": "x"}, "remedy": {"text": "x"}}
    ),
    "refused without one": lambda told: told.update(accepted=False),
    "a node of no kind": lambda told: told["definitions"][0][1]["process"]["scope"]["nodes"][0].update(kind="shell"),
    "a level of its own": lambda told: told["problems"].append(
        {"level": "fine", "code": "x", "problem": {"text": "x"}, "remedy": {"text": "x"}}
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_an_answer_that_our_code_would_not_give_is_not_believed(what: str) -> None:
    with pytest.raises(answer.Broken):
        answer.decode(forged(FORGED[what]))


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\x80\x04cos\nsystem\n", b'{"accepted":"yes"}'])
def test_what_is_no_answer_is_not_believed(content: bytes) -> None:
    with pytest.raises(answer.Broken):
        answer.decode(content)


def elsewhere(play: Play, kept: Keeper) -> Runtime:
    return Runtime(play.runtime.database, play.runtime.files_folder, play.runtime.clock, reader=kept)


def test_what_it_calls_is_looked_up_where_it_is_deployed(lasting_play: Play, reader: Keeper) -> None:
    runtime, actor = elsewhere(lasting_play, reader), lasting_play.cast.hejing
    inner = files(start(), staff("look"), end(), chain("begin", "look", "done"), key="inner_one")
    outer = files(start(), call("go", "inner_one"), end(), chain("begin", "go", "done"), key="outer_one")
    assert deploy(runtime, actor, inner).report.accepted
    assert deploy(runtime, actor, outer).report.accepted
    number = lasting_play.file("zhoulan", "outer_one")
    assert lasting_play.open_tasks(number) == ["inner_one/look"]


def test_an_upload_that_is_ended_leaves_nothing(lasting_play: Play, reader: Keeper) -> None:
    reader.seconds = 0.2
    made = deploy(elsewhere(lasting_play, reader), lasting_play.cast.hejing, LONG)
    assert [each.code for each in made.report.problems] == ["too-slow"]
    assert made.types == []
