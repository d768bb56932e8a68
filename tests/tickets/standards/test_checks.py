"""Spot checks: drawn by a seed, judged by others than the doers; what failed is done again, wherever that can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.clock import ManualClock
from tests.engine.build import both, chain, end, start
from tests.tickets.hearing import heard
from tests.tickets.play import Play
from tests.tickets.standards.campus import KICKOFF, Campus, step
from tickets.audit import AuditEntry
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.life.ending import close
from tickets.people import Person
from tickets.recount.walk import differences
from tickets.standards.checking.drawing import Wanted, draw, proves
from tickets.standards.checking.judging import judge
from tickets.standards.tables import CheckedStep, SpotCheck, Standard, StandardStep, StepRecord
from tickets.ticket import Ticket

SIDE_BY_SIDE = (
    start(),
    both("fork"),
    both("meet"),
    step("prepare", deadline="P2D"),
    step("welcome", deadline="P5D"),
    end(),
    chain("begin", "fork", "prepare", "meet", "done"),
    chain("fork", "welcome", "meet"),
)


@pytest.fixture
def campus(play: Play) -> Campus:
    return Campus(play)


def begun(campus: Campus, *parts: str, classes: int = 1) -> None:
    campus.define(*(parts or KICKOFF))
    campus.set_up()
    for each in range(classes):
        campus.add_class(f"C-{each}", at="sz-nanshan" if each % 2 == 0 else "gz-tianhe")
    campus.begin_due()


def drawn(campus: Campus, by: str = "chenxiao", at: str = "qiming", **wanted: Any) -> list[CheckedStep]:
    with campus.play.runtime.reading() as session:
        standard = session.scalars(sa.select(Standard.public_id)).one()
    today = campus.play.cast.clock.now().date()
    given: dict[str, Any] = {
        "starts_on": today - timedelta(days=7),
        "ends_on": today,
        "size": 3,
        "seed": "s33d",
    } | wanted
    wish = Wanted(standard, campus.place(at), **given)
    return steps_of(campus, draw(campus.play.runtime, campus.play.cast.actor(by), wish))


def steps_of(campus: Campus, check: UUID) -> list[CheckedStep]:
    query = (
        sa.select(CheckedStep)
        .join(SpotCheck, SpotCheck.id == CheckedStep.check_id)
        .where(SpotCheck.public_id == check)
        .order_by(CheckedStep.id)
    )
    with campus.play.runtime.reading() as session:
        return list(session.scalars(query))


def key_of(campus: Campus, checked: CheckedStep) -> str:
    query = sa.select(StandardStep.key).join(StepRecord, StepRecord.step_id == StandardStep.id)
    with campus.play.runtime.reading() as session:
        return session.scalars(query.where(StepRecord.id == checked.record_id)).one()


def judged(campus: Campus, checked: CheckedStep, verdict: str, why: str = "", by: str = "chenxiao") -> CheckedStep:
    judge(campus.play.runtime, campus.play.cast.actor(by), checked.public_id, verdict, why)
    with campus.play.runtime.reading() as session:
        return session.get_one(CheckedStep, checked.id)


def record(campus: Campus, key: str = "prepare") -> StepRecord:
    return campus.records(campus.occurrences()[0])[key]


def test_it_draws_of_each_campus_what_was_done_there(campus: Campus) -> None:
    begun(campus, classes=6)
    numbers = campus.play.tickets()
    for number in numbers:
        campus.play.complete("lina", "prepare", number)
    steps = drawn(campus, size=2)
    places = campus.play.cast.places
    assert [step.place_id for step in steps] == [places["sz-nanshan"]] * 2 + [places["gz-tianhe"]] * 2
    assert all(step.verdict is None for step in steps)
    assert {key_of(campus, step) for step in steps} == {"prepare"}
    assert [step.id for step in drawn(campus, size=2)] == [step.id for step in steps], "sent twice, drawn once"
    again = drawn(campus, by="admin", size=2)
    assert [step.record_id for step in again] == [step.record_id for step in steps], "the same seed, the same sample"
    assert len(drawn(campus, size=2, at="gz-tianhe")) == 2


def test_a_sample_can_be_proved_even_after_it_was_judged(campus: Campus) -> None:
    begun(campus, classes=4)
    for number in campus.play.tickets():
        campus.play.complete("lina", "prepare", number)
    one, *_rest = drawn(campus, size=1)
    campus.play.cast.clock.advance(timedelta(hours=1))
    judged(campus, one, "failed", "照片不清楚")
    with campus.play.runtime.reading() as session:
        check = session.get_one(SpotCheck, one.check_id)
        assert proves(session, check)
        check.size = 2
        assert not proves(session, check)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"size": 0}, Invalid),
        ({"size": 101}, Invalid),
        ({"seed": "no spaces please"}, Invalid),
        ({"starts_on": date(2026, 12, 1), "ends_on": date(2026, 11, 1)}, Invalid),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2026, 11, 1)}, Invalid),
        ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 2)}, Conflict),
        ({"by": "zhaomin", "at": "sz-nanshan"}, Forbidden),
        ({"by": "zhaomin"}, NotFound),
        ({"by": "huangyi"}, NotFound),
        ({"by": "guohao"}, NotFound),
    ],
)
def test_what_cannot_be_drawn(campus: Campus, wanted: dict[str, Any], error: type[Exception]) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    with pytest.raises(error):
        drawn(campus, **wanted)


def test_what_failed_opens_again_in_the_running_process_for_whoever_did_it(campus: Campus) -> None:
    begun(campus)
    number = campus.play.ticket().number
    campus.play.complete("lina", "prepare")
    first = record(campus)
    (step,) = drawn(campus)
    campus.play.cast.clock.advance(timedelta(hours=1))
    found = judged(campus, step, "failed", "照片不清楚")
    assert (found.verdict, found.reason, found.judged_by_id) == (
        "failed",
        "照片不清楚",
        campus.play.cast.people["chenxiao"],
    )
    assert campus.play.open_tasks(number) == ["prepare"]
    task = campus.play.task("prepare", number)
    assert task.assignee_id == campus.play.cast.people["lina"]
    again = record(campus)
    assert (again.turn, again.done_at, again.due_at) == (2, None, first.due_at)
    assert (again.task_id, again.opened_at) == (task.id, campus.play.cast.clock.now())
    campus.play.complete("lina", "prepare", number)
    assert (record(campus).turn, record(campus).done_at) == (2, campus.play.cast.clock.now())
    assert campus.play.open_tasks(number) == ["welcome"]


def test_what_failed_reopens_a_ticket_that_has_ended(campus: Campus) -> None:
    begun(campus)
    number = campus.play.ticket().number
    campus.play.complete("lina", "prepare")
    campus.play.complete("lina", "welcome")
    assert campus.play.ticket(number).status == "closed"
    found = {key_of(campus, each): each for each in drawn(campus)}
    campus.play.cast.clock.advance(timedelta(days=1))
    judged(campus, found["prepare"], "failed", "没有签到")
    assert campus.play.ticket(number).status == "in_progress"
    assert campus.play.open_tasks(number) == ["prepare"]
    assert record(campus).task_id == campus.play.task("prepare", number).id
    assert record(campus, "welcome").done_at is not None
    campus.play.complete("lina", "prepare", number)
    assert (record(campus).turn, record(campus).done_at) == (2, campus.play.cast.clock.now())


def test_where_others_work_at_the_same_time_a_ticket_below_asks_for_the_step(campus: Campus) -> None:
    begun(campus, *SIDE_BY_SIDE)
    number = campus.play.ticket().number
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    campus.play.cast.clock.advance(timedelta(hours=1))
    judged(campus, step, "failed", "照片不清楚")
    assert campus.play.open_tasks(number) == ["welcome"], "its own process goes on as it was"
    redo = campus.play.ticket()
    assert redo.number.startswith("RD-")
    assert redo.title == "C-0 prepare", "whose step, and which"
    assert (redo.parent_id, redo.subject_id) == (campus.play.ticket(number).id, campus.play.ticket(number).subject_id)
    assert (redo.owner_id, redo.status) == (campus.play.cast.people["lina"], "in_progress")
    task = campus.play.task("redo", redo.number)
    assert (task.name, task.settings["standardStep"]) == ("prepare", "prepare")
    assert task.assignee_id == campus.play.cast.people["lina"]
    assert (record(campus).turn, record(campus).task_id) == (2, task.id)
    assert [kind for kind in campus.play.told(number) if "check" in kind] == ["check_failed"]
    campus.play.complete("lina", "redo", redo.number)
    again = record(campus)
    assert (again.done_at, again.done_by_id) == (campus.play.cast.clock.now(), campus.play.cast.people["lina"])
    assert campus.play.ticket(redo.number).status == "closed"


def test_a_step_of_a_withdrawn_ticket_is_not_lost(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    with campus.play.writing() as session, session.begin():
        session.execute(sa.update(Ticket).values(status="withdrawn"))
    judged(campus, step, "failed", "照片不清楚")
    judged(campus, step, "failed", "照片不清楚")
    assert [number[:2] for number in campus.play.tickets()] == ["T-", "RD"]
    assert record(campus).task_id == campus.play.task("redo").id


def test_nobody_judges_their_own_steps(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    with campus.play.writing() as session, session.begin():
        session.execute(sa.update(StepRecord).values(done_by_id=campus.play.cast.people["chenxiao"]))
    (step,) = drawn(campus)
    with pytest.raises(Forbidden, match="yourself"):
        judged(campus, step, "passed")
    assert judged(campus, step, "passed", by="admin").verdict == "passed"


def test_who_judges(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    with pytest.raises(Forbidden):
        judged(campus, step, "passed", by="zhaomin")
    for login in ("sunyue", "huangyi", "lina", "zhoulan"):
        with pytest.raises(NotFound):
            judged(campus, step, "passed", by=login)
    assert judged(campus, step, "passed", by="guohao").judged_by_id == campus.play.cast.people["guohao"]


def test_failed_needs_a_reason_and_a_verdict_is_one_of_two(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    with pytest.raises(Invalid):
        judged(campus, step, "failed", "  ")
    with pytest.raises(Invalid):
        judged(campus, step, "perhaps")


def test_judging_twice_is_judging_once(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    for _ in range(3):
        judged(campus, step, "failed", "照片不清楚")
    assert record(campus).turn == 2
    assert campus.play.count(AuditEntry, AuditEntry.action == "spot_check.judged") == 1
    judged(campus, step, "failed", "照片不清楚，也没有签到")
    assert record(campus).turn == 2
    assert campus.play.count(AuditEntry, AuditEntry.action == "spot_check.corrected") == 1


def test_corrected_it_counts_as_it_did_and_a_reopened_ticket_closes_again(campus: Campus) -> None:
    begun(campus)
    number = campus.play.ticket().number
    campus.play.complete("lina", "prepare")
    campus.play.complete("lina", "welcome")
    before = record(campus)
    found = {key_of(campus, each): each for each in drawn(campus)}
    judged(campus, found["prepare"], "failed", "没有签到")
    campus.play.cast.clock.advance(timedelta(hours=2))
    assert judged(campus, found["prepare"], "passed", "看错了").verdict == "passed"
    after = record(campus)
    assert (after.turn, after.done_at, after.task_id) == (1, before.done_at, before.task_id)
    assert campus.play.ticket(number).status == "closed"
    assert campus.play.open_tasks(number) == []
    with campus.play.runtime.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "spot_check.corrected")).one()
    assert (entry.before["verdict"], entry.before["reason"], entry.after["verdict"]) == ("failed", "没有签到", "passed")
    judged(campus, found["prepare"], "failed", "还是没有")
    assert record(campus).turn == 2


def test_corrected_in_a_running_process_the_task_stays_and_the_step_counts(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    before = record(campus)
    (step,) = drawn(campus)
    judged(campus, step, "failed", "没有签到")
    judged(campus, step, "passed")
    assert record(campus).done_at == before.done_at
    assert campus.play.open_tasks() == ["prepare"]
    campus.play.cast.clock.advance(timedelta(hours=2))
    campus.play.complete("lina", "prepare")
    assert campus.play.open_tasks() == ["welcome"]


def test_a_verdict_of_long_ago_stays(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    judged(campus, step, "passed")
    campus.play.cast.clock.advance(timedelta(days=8))
    with pytest.raises(Conflict, match="another spot check"):
        judged(campus, step, "failed", "没有签到")


def test_two_checks_that_find_the_same_step_wanting_reopen_it_once(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (one,), (two,) = drawn(campus), drawn(campus, seed="other")
    judged(campus, one, "failed", "没有签到")
    judged(campus, two, "failed", "照片不清楚")
    assert record(campus).turn == 2
    judged(campus, one, "passed")
    assert record(campus).turn == 2, "the other check still wants it"


def test_the_doer_and_their_superior_are_told_why(campus: Campus) -> None:
    begun(campus)
    number = campus.play.ticket().number
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    campus.play.settle()
    campus.play.cast.clock.advance(timedelta(hours=1))
    judged(campus, step, "failed", "照片不清楚")
    campus.play.settle()
    told = heard(campus.play, number)
    assert told["lina"][-1] == "check_failed named"
    assert told["zhangwei"][-1] == "check_failed superior"
    event = campus.play.events(number)[-1]
    assert (event.kind, event.params["why"]) == ("check_failed", "照片不清楚")


def test_the_doer_hears_once_of_a_step_that_is_done_again_elsewhere_and_the_owner_of_the_rest(
    campus: Campus,
) -> None:
    begun(campus, *SIDE_BY_SIDE, classes=2)
    mine, other = campus.play.tickets()
    campus.play.complete("lina", "prepare", mine)
    campus.play.complete("lina", "prepare", other)
    for login, number in (("lina", mine), ("huangyi", other)):
        with campus.play.writing() as session, session.begin():
            owner = sa.update(Ticket).where(Ticket.number == number)
            session.execute(owner.values(owner_id=campus.play.cast.people[login]))
    campus.play.cast.clock.advance(timedelta(hours=1))
    for found in drawn(campus):
        judged(campus, found, "failed", "照片不清楚")
    campus.play.settle()
    assert "check_failed owner" not in heard(campus.play, mine).get("lina", [])
    assert "check_failed owner" in heard(campus.play, other)["huangyi"]
    for number in campus.play.tickets()[2:]:
        assert "check_failed named" in heard(campus.play, number)["lina"]


@dataclass
class Running(ManualClock):
    """A clock that goes on by itself, as those do outside of tests."""

    def now(self) -> datetime:
        return self.advance(timedelta(microseconds=1))


def test_while_a_ticket_is_made_for_a_step_time_goes_on_and_its_doer_hears_of_it_once(campus: Campus) -> None:
    begun(campus, *SIDE_BY_SIDE)
    campus.play.complete("lina", "prepare")
    cast = campus.play.cast
    cast.clock.advance(timedelta(hours=1))
    (found,) = drawn(campus)
    running = replace(cast.runtime, clock=Running(cast.clock.now()))
    judge(running, cast.actor("chenxiao"), found.public_id, "failed", "照片不清楚")
    cast.clock.advance(timedelta(seconds=1))
    campus.play.settle()
    told = heard(campus.play, campus.play.tickets()[-1])
    assert told == {"lina": ["check_failed named"], "zhangwei": ["check_failed superior"]}


def test_a_step_of_a_ticket_closed_early_is_taken_up(campus: Campus) -> None:
    begun(campus)
    number = campus.play.ticket().number
    campus.play.claim("lina", "prepare")
    campus.play.complete("lina", "prepare")
    close(campus.play.runtime, campus.play.cast.admin, number, "不办了")
    (step,) = drawn(campus)
    judged(campus, step, "failed", "照片不清楚")
    assert campus.play.open_tasks(number) == ["prepare"]


def test_a_departed_doers_step_waits_for_others(campus: Campus) -> None:
    begun(campus)
    campus.play.complete("lina", "prepare")
    (step,) = drawn(campus)
    with campus.play.writing() as session, session.begin():
        gone = sa.update(Person).where(Person.login == "lina")
        session.execute(gone.values(departed_at=campus.play.cast.clock.now()))
    judged(campus, step, "failed", "照片不清楚")
    assert campus.play.task("prepare").assignee_id is None


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_recount_compares_what_was_done_again(campus: Campus, elsewhere: bool) -> None:
    """In its own ticket, and in one that was made for it."""
    begun(campus, *(SIDE_BY_SIDE if elsewhere else ()))
    number = campus.play.ticket().number
    campus.play.complete("lina", "prepare")
    step = next(each for each in drawn(campus) if key_of(campus, each) == "prepare")
    campus.play.cast.clock.advance(timedelta(hours=1))
    judged(campus, step, "failed", "照片不清楚")
    assert (record(campus).turn, list(differences(campus.play.runtime))) == (2, [])
    campus.play.cast.clock.advance(timedelta(hours=1))
    if elsewhere:
        campus.play.complete("lina", "redo", campus.play.ticket().number)
    else:
        campus.play.complete("lina", "prepare", number)
    done = record(campus)
    assert done.done_at is not None
    assert list(differences(campus.play.runtime)) == []
    with campus.play.writing() as session, session.begin():
        session.execute(sa.update(StepRecord).where(StepRecord.id == done.id).values(done_at=None))
    (found,) = differences(campus.play.runtime)
    assert "prepare" in str(found.said)
