"""Tickets under way are put on the live version of their type: what can go goes, what can't stays and says why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.models import ProcessDefinition
from tests.engine.build import boundary, chain, end, script, start, timer
from tests.tickets.play import Play, files, staff, text
from tests.tickets.standards.campus import step
from tickets import incidents, version_moves
from tickets.audit import AuditEntry
from tickets.errors import Forbidden, InstanceStuck, Invalid, NotFound
from tickets.recount.walk import differences
from tickets.ticket import Status
from tickets.types import TicketType
from tickets.version_moves import Outlook

LATE = (
    *(boundary("late", "work", timer("after", "PT4H"), interrupting=False), staff("chase"), end("chased")),
    chain("late", "chase", "chased"),
)


def errand(play: Play, *elements: str, more: tuple[str, ...] = (), label: str = "a", **settings: str) -> None:
    """A version of the errand: these tasks of support one after another."""
    named = (staff(one, name=f"{one} ({label})", camunda__formRef="ask") for one in elements)
    drawn = (start(), *named, end(), chain("begin", *elements, "done"), *more)
    assert play.upload(files(*drawn, forms={"ask": [text(label)]}, **settings)).report.accepted


def type_id(play: Play) -> UUID:
    with play.runtime.reading() as session:
        return session.scalars(sa.select(TicketType.public_id)).one()


def look(play: Play, version: int = 1, *, by: str = "hejing") -> Outlook:
    with play.runtime.reading() as session:
        return version_moves.outlook(session, play.runtime, play.cast.actor(by), type_id(play), version)


def move(play: Play, version: int = 1, *, by: str = "hejing") -> int:
    moving = version_moves.move(play.runtime, play.cast.actor(by), type_id(play), version)
    play.settle()
    return moving.total


def version_of(play: Play, number: str) -> int:
    assert play.instance(number).definition_id == play.ticket(number).definition_id
    with play.runtime.reading() as session:
        return session.get_one(ProcessDefinition, play.ticket(number).definition_id).version


def test_an_element_drawn_anew_under_its_old_name_is_called_so(play: Play) -> None:
    for ident in ("work", "worked"):
        made = files(start(), staff(ident, name="Work"), end(), chain("begin", ident, "done"))
        assert play.upload(made).report.accepted
        if ident == "work":
            play.file("zhoulan")
    (stays,) = look(play).stay
    assert str(stays.why).startswith("That version has one of the same name with another id, worked instead of work:")


def test_a_ticket_goes_on_by_the_live_version_and_its_open_task_says_what_that_says(play: Play) -> None:
    errand(play, "work")
    number = play.file("zhoulan")
    play.claim("lina", "work", number)
    errand(play, "work", "check", more=LATE, label="b")
    assert move(play) == 1
    assert version_of(play, number) == 2
    task = play.task("work", number)
    assert (task.name, task.assignee_id) == ("work (b)", play.cast.lina.person_id)
    assert play.timers(number) == ["late"]
    play.complete("lina", "work", number, b="done")
    assert play.open_tasks(number) == ["check"]
    play.complete("lina", "check", number, b="looked")
    assert play.ticket(number).status == Status.CLOSED
    assert not list(differences(play.runtime))


def test_its_status_stays_and_the_timeline_says_inside_who_moved_it(play: Play) -> None:
    errand(play, "work")
    number = play.file("zhoulan")
    play.claim("lina", "work", number)
    before = play.ticket(number)
    errand(play, "work", "check")
    move(play)
    assert (play.ticket(number).status, play.ticket(number).owner_id) == (before.status, before.owner_id)
    line = play.events(number)[-1]
    assert (line.kind, line.actor_id, line.public) == ("version", play.cast.hejing.person_id, False)
    assert line.params == {"old": "1", "new": "2"}


def test_what_can_not_go_stays_and_is_named_before(play: Play) -> None:
    errand(play, "sort", "work")
    stays, goes = play.file("zhoulan"), play.file("zhoulan")
    play.complete("lina", "sort", goes, a="x")
    errand(play, "work", "check")
    seen = look(play)
    assert (seen.total, seen.looked_at, seen.would_move, seen.old, seen.new) == (2, 2, 1, 1, 2)
    assert [(one.number, one.element) for one in seen.stay] == [(stays, "sort (a)")]
    assert str(seen.stay[0].why).startswith("That version doesn't have it")
    assert version_of(play, goes) == 1, "looking moves nothing"
    move(play)
    assert (version_of(play, stays), version_of(play, goes)) == (1, 2)
    play.complete("lina", "sort", stays, a="x")
    move(play)
    assert version_of(play, stays) == 2


def test_a_roll_back_is_a_move_to_the_version_that_is_live_again(play: Play) -> None:
    errand(play, "work")
    errand(play, "work", "check")
    number = play.file("zhoulan")
    errand(play, "work")
    assert look(play, 2).would_move == 1
    move(play, 2)
    play.complete("lina", "work", number, a="x")
    assert play.ticket(number).status == Status.CLOSED


def test_a_stopped_ticket_goes_on_by_the_mended_version_when_it_is_tried_again(play: Play) -> None:
    def version(line: str) -> None:
        drawn = (start(), staff("work"), script("sum", line), end(), chain("begin", "work", "sum", "done"))
        assert play.upload(files(*drawn)).report.accepted

    version("total = 1 / zero")
    number = play.file("zhoulan")
    with pytest.raises(InstanceStuck):
        play.complete("lina", "work", number)
    (incident,) = play.incidents(number)
    version("total = 1")
    move(play)
    assert version_of(play, number) == 2
    incidents.retry(play.runtime, play.cast.admin, incident.public_id)
    assert play.ticket(number).status == Status.CLOSED
    assert not play.incidents(number)


def test_more_than_one_job_moves_many_and_a_job_run_again_moves_none_twice(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_moves, "MOVED", 2)
    errand(play, "work")
    numbers = [play.file("zhoulan") for _ in range(5)]
    errand(play, "work", "check")
    assert move(play) == 5
    assert {version_of(play, number) for number in numbers} == {2}
    move(play)
    assert all(play.told(number).count("version") == 1 for number in numbers)


def test_tickets_that_are_over_stay_what_they_were(play: Play) -> None:
    errand(play, "work")
    number = play.file("zhoulan")
    play.complete("lina", "work", number, a="x")
    errand(play, "work", "check")
    assert (look(play).total, move(play)) == (0, 0)
    assert version_of(play, number) == 1


def test_who_publishes_a_type_moves_its_tickets_and_nobody_else(play: Play) -> None:
    errand(play, "work")
    errand(play, "work", "check")
    for login in ("lina", "zhoulan"):
        with pytest.raises(Forbidden):
            move(play, by=login)
    with pytest.raises(NotFound):
        move(play, 9)
    with pytest.raises(Invalid, match="is the live one"):
        move(play, 2)


def test_the_audit_log_says_from_which_version_to_which_and_how_many(play: Play) -> None:
    errand(play, "work")
    play.file("zhoulan")
    errand(play, "work", "check")
    move(play)
    with play.runtime.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "type.tickets_moved")).one()
    assert (entry.what, entry.before, entry.after) == ("errand", {"version": 1, "tickets": 1}, {"version": 2})


def standard(play: Play, *elements: str) -> None:
    """A version of a standard: mandatory steps one after another."""
    drawn = (start(), *map(step, elements), end(), chain("begin", *elements, "done"))
    said: dict[str, Any] = {"standard": "class", "standard.start": "created"}
    assert play.upload(files(*drawn, **said)).report.accepted


def test_a_standard_under_way_keeps_the_steps_it_was_begun_with(play: Play) -> None:
    standard(play, "plan", "hold")
    play.file("zhoulan")
    standard(play, "plan", "hold", "report")
    (one,) = look(play).stay
    assert "standard steps are others" in str(one.why)


def test_a_mandatory_step_is_not_passed_over_by_a_move(play: Play) -> None:
    standard(play, "plan", "hold")
    number = play.file("zhoulan")
    standard(play, "hold", "plan")
    (one,) = look(play).stay
    assert "standard" not in str(one.why)
    assert (one.number, one.element) == (number, "hold")
    play.complete("lina", "plan", number)
    assert look(play).would_move == 1
