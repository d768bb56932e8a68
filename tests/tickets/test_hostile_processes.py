"""Processes that would go on by themselves for ever: each comes to an end, or turns no faster than once a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.models import Job, JobStatus, PendingMessage
from tests.engine.build import (
    both,
    catch,
    chain,
    document,
    end,
    flow,
    message,
    service,
    start,
    throw,
    timer,
    whole,
    xor,
)
from tests.tickets.play import Play, staff
from tickets import chain as chains
from tickets import incidents, lineage, messages
from tickets.errors import Invalid

AGAIN = '<message id="m_order" name="again" />'
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "LONGEST", 20)


def starting_itself(*parts: str) -> dict[str, bytes]:
    """A type that people file, and that the message it throws files again."""
    process = whole(start(), start("told", message()), *parts, end(), process="again")
    return {"again.bpmn": document(process, declarations=AGAIN)}


ONCE = (throw("tell", message()), chain("begin", "tell", "done"), flow("told", "tell"))
TWICE = (
    both("fork"),
    throw("tell", message()),
    throw("tell_too", message()),
    *(chain("begin", "fork", "tell", "done"), chain("fork", "tell_too", "done"), flow("told", "fork")),
)


@on_sqlite
@pytest.mark.parametrize("parts", [ONCE, TWICE], ids=["once", "twice"])
def test_a_type_that_starts_itself_stops(play: Play, parts: tuple[str, ...]) -> None:
    assert play.upload(starting_itself(*parts)).report.accepted
    play.file("zhoulan", "again")
    play.settle()
    assert len(play.tickets()) <= 21
    assert play.count(Job, Job.status == JobStatus.RUNNING) == 0


@on_sqlite
def test_a_loop_of_service_tasks_stops_with_an_incident_that_can_be_retried(play: Play) -> None:
    play.define(start(), xor("again"), service("mail"), chain("begin", "again", "mail", "again"))
    play.file("zhoulan")
    play.settle()
    assert play.visited().count("mail") == 19
    (incident,) = play.incidents()
    assert "without end" in str(incident.reason)
    incidents.retry(play.runtime, play.cast.admin, incident.public_id)
    play.settle()
    assert play.visited().count("mail") == 39
    assert len(play.incidents()) == 1


@on_sqlite
def test_a_loop_of_timers_turns_once_a_minute(play: Play) -> None:
    play.define(start(), xor("again"), catch("wait", timer("after", "PT0S")), chain("begin", "again", "wait", "again"))
    play.file("zhoulan")
    turns = [play.pass_time(seconds=15) for _ in range(16)]
    assert sum(turns) == 4


@on_sqlite
def test_a_type_that_starts_itself_by_a_timer_starts_once_a_minute(play: Play) -> None:
    parts = (catch("wait", timer("after", "PT0S")), throw("tell", message()))
    flows = (chain("begin", "wait", "tell", "done"), flow("told", "wait"))
    assert play.upload(starting_itself(*parts, *flows)).report.accepted
    play.file("zhoulan", "again")
    for _ in range(12):
        play.pass_time(seconds=15)
    assert len(play.tickets()) <= 5


DOUBLING = (
    *(catch("wait", timer("after", "PT1M")), both("fork"), throw("tell", message()), throw("tell_too", message())),
    *(chain("begin", "wait", "fork", "tell", "done"), chain("fork", "tell_too", "done"), flow("told", "wait")),
)


def test_a_type_that_starts_two_of_its_own_after_a_minute_is_held_up(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each starts a chain of its own: without more they would be a million after twenty minutes."""
    monkeypatch.setattr(lineage, "MOST", 8)
    assert play.upload(starting_itself(*DOUBLING)).report.accepted
    play.file("zhoulan", "again")
    for _ in range(8):
        play.pass_time(minutes=2)
    assert 9 <= len(play.tickets()) <= 17
    stuck = [number for number in play.tickets() if play.incidents(number)]
    assert stuck
    (incident,) = play.incidents(stuck[0])
    assert incident.element in ("tell", "tell_too")
    assert "held up" in str(incident.reason)
    before = len(play.tickets())
    play.pass_time(minutes=30)
    assert len(play.tickets()) == before


@on_sqlite
def test_the_next_day_what_was_held_up_may_be_tried_again(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MOST", 2)
    assert play.upload(starting_itself(*DOUBLING)).report.accepted
    play.file("zhoulan", "again")
    for _ in range(4):
        play.pass_time(minutes=2)
    stuck = next(number for number in play.tickets() if play.incidents(number))
    (incident,) = play.incidents(stuck)
    play.cast.clock.advance(timedelta(days=2))
    before = len(play.tickets())
    incidents.retry(play.runtime, play.cast.admin, incident.public_id)
    play.settle()
    assert len(play.tickets()) == before + 2


@on_sqlite
def test_what_was_on_its_way_when_the_others_were_held_up_starts_no_more_than_twice_as_many(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MOST", 3)
    many = [throw(f"tell{n}", message()) for n in range(12)]
    ways = [chain("fork", f"tell{n}", "done") for n in range(12)]
    parts = (catch("wait", timer("after", "PT1M")), both("fork"), *many, *ways, chain("begin", "wait", "fork"))
    assert play.upload(starting_itself(*parts, flow("told", "wait"))).report.accepted
    play.file("zhoulan", "again")
    for _ in range(3):
        play.pass_time(minutes=2)
    assert len(play.tickets()) == 1 + 2 * 3


@on_sqlite
def test_what_a_person_does_is_never_held_up(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MOST", 2)
    parts = (staff("look"), throw("tell", message()), chain("begin", "look", "tell", "done"), flow("told", "look"))
    assert play.upload(starting_itself(*parts)).report.accepted
    number = play.file("zhoulan", "again")
    for _ in range(4):
        play.complete("lina", "look", number)
        play.settle()
        number = play.ticket().number
    assert len(play.tickets()) == 5
    assert not any(play.incidents(each) for each in play.tickets())


@on_sqlite
def test_a_person_begins_a_new_chain(play: Play) -> None:
    parts = (start(), xor("again"), service("mail"), staff("look"), chain("begin", "again", "mail", "look", "again"))
    play.define(*parts)
    play.file("zhoulan")
    for _ in range(25):
        play.settle()
        play.complete("lina", "look")
    play.settle()
    assert play.incidents() == []


def test_of_very_many_kept_messages_one_is_taken_and_the_others_stay(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chains, "MOST_KEPT", 3)
    for number in range(8):
        messages.send(play.runtime, play.cast.admin, name="again", key="T-1001", payload={"number": number})
    parts = (start(), catch("wait", message()), staff("look"), end(), chain("begin", "wait", "look", "done"))
    assert play.upload({"hear.bpmn": document(whole(*parts, process="hear"), declarations=AGAIN)}).report.accepted
    assert play.file("zhoulan", "hear") == "T-1001"
    play.settle()
    assert play.open_tasks() == ["look"]
    assert play.count(Job, Job.run_at <= play.cast.clock.now()) == 3
    assert play.count(PendingMessage) == 7


def listening(name: str) -> dict[str, bytes]:
    """A type that waits for a message of this name."""
    declared = f'<message id="m_order" name="{name}" />'
    parts = (start(), catch("wait", message()), end(), chain("begin", "wait", "done"))
    return {"hear.bpmn": document(whole(*parts, process="hear"), declarations=declared)}


@on_sqlite
def test_a_message_that_nobody_could_send_or_keep_is_refused(play: Play) -> None:
    for name in ("n" * 256, "a&#x202E;b"):
        (problem,) = play.upload(listening(name)).report.problems
        assert problem.code == "message-name"
    broken = play.upload(listening("a&#10;b")).report
    assert [problem.code for problem in broken.problems] == ["name-lines"], "modelers break the words of a shape"
    assert play.upload(listening("n" * 255)).report.accepted


@on_sqlite
def test_a_due_time_beyond_all_calendars_is_said(play: Play) -> None:
    parts = (start(), staff("look"), chain("begin", "look"))
    play.define(*parts, sla__resolution="P99999Y")
    with pytest.raises(Invalid, match="too far away"):
        play.file("zhoulan")


def test_a_message_name_of_the_greatest_length_is_kept(play: Play) -> None:
    name = "".join(chr(0x4E00 + number * 31) for number in range(255))
    assert play.upload(listening(name)).report.accepted
    play.file("zhoulan", "hear")
    sent = messages.send(play.runtime, play.cast.admin, name=name, key="T-1001", payload={})
    assert sent.number == "T-1001"


def test_a_type_with_the_longest_key_is_started_by_a_process(play: Play) -> None:
    key = "k" * 255
    begins = whole(start("told", message()), end("over"), chain("told", "over"), process=key)
    tells = whole(start(), throw("tell", message()), end(), chain("begin", "tell", "done"), process="tells")
    assert play.upload({"both.bpmn": document(begins, tells, declarations=AGAIN)}).report.accepted
    play.file("zhoulan", "tells")
    play.settle()
    assert play.tickets() == ["T-1001", "T-1002"]
