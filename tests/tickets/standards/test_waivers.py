"""Waivers: asked for with a reason, approved by another, over by themselves; and what they make of the steps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.tickets.hearing import heard
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tickets.audit import AuditEntry
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.standards.tables import Standard, StepRecord, Waiver
from tickets.standards.waiving.asking import Wanted
from tickets.standards.waiving.deciding import Days, approve, ask, end, refuse
from tickets.standards.waiving.effect import is_waived


@pytest.fixture
def campus(play: Play) -> Campus:
    campus = Campus(play)
    campus.define()
    return campus


def today(campus: Campus) -> date:
    return campus.play.cast.clock.now().date()


def days(campus: Campus, first: int = 0, last: int = 30) -> Days:
    return Days(today(campus) + timedelta(days=first), today(campus) + timedelta(days=last))


def begun(campus: Campus) -> Standard:
    """A class's ticket has begun: both steps are to come, `prepare` waits for support."""
    standard = campus.set_up()
    campus.add_class("C-1")
    campus.begin_due()
    return standard


def asked(campus: Campus, by: str = "zhaomin", why: str = "台风停课", **wanted: Any) -> UUID:
    given = wanted.pop("days", None) or days(campus)
    wanted = wanted or {"ticket": campus.play.ticket().number}
    return ask(campus.play.runtime, campus.play.cast.actor(by), Wanted(**wanted), given, why)


def state(campus: Campus, waiver: UUID) -> str:
    with campus.play.runtime.reading() as session:
        return session.scalars(sa.select(Waiver.state).where(Waiver.public_id == waiver)).one()


def waived(campus: Campus) -> dict[str, bool]:
    (occurrence,) = campus.occurrences()
    return {key: record.waiver_id is not None for key, record in campus.records(occurrence).items()}


def test_an_approved_waiver_ends_the_rows_and_begins_others(campus: Campus) -> None:
    begun(campus)
    waiver = asked(campus)
    assert waived(campus) == {"prepare": False, "welcome": False}, "asking alone changes nothing"
    campus.play.cast.clock.advance(timedelta(hours=1))
    assert approve(campus.play.runtime, campus.play.cast.chenxiao, waiver) == 2
    assert waived(campus) == {"prepare": True, "welcome": True}
    now = campus.play.cast.clock.now()
    with campus.play.runtime.reading() as session:
        rows = list(session.scalars(sa.select(StepRecord).order_by(StepRecord.id)))
        task = campus.play.task("prepare")
        assert is_waived(session, task.id)
    old, new = rows[:2], rows[2:]
    assert [(row.waiver_id, row.valid_to) for row in old] == [(None, now)] * 2
    assert [(row.valid_from, row.turn, row.due_at) for row in new] == [(now, 1, row.due_at) for row in old]
    assert new[0].task_id == old[0].task_id == task.id
    assert approve(campus.play.runtime, campus.play.cast.chenxiao, waiver) == 0, "twice is once"
    campus.play.complete("lina", "prepare")
    (occurrence,) = campus.occurrences()
    assert campus.records(occurrence)["prepare"].done_by_id == campus.play.cast.people["lina"]


def test_one_step_alone_and_only_what_is_due_in_the_days(campus: Campus) -> None:
    standard = begun(campus)
    approve(
        campus.play.runtime,
        campus.play.cast.chenxiao,
        asked(campus, ticket=campus.play.ticket().number, step="welcome"),
    )
    assert waived(campus) == {"prepare": False, "welcome": True}
    here: dict[str, Any] = {"standard": standard.public_id, "place": campus.place("sz-nanshan")}
    approve(campus.play.runtime, campus.play.cast.chenxiao, asked(campus, days=days(campus, 0, 1), **here))
    assert waived(campus) == {"prepare": False, "welcome": True}, "due on the third day"
    approve(campus.play.runtime, campus.play.cast.chenxiao, asked(campus, days=days(campus, 2, 2), **here))
    assert waived(campus) == {"prepare": True, "welcome": True}


def test_what_is_planned_later_is_waived_too_and_another_campus_is_not(campus: Campus) -> None:
    standard = campus.set_up()
    here: dict[str, Any] = {"standard": standard.public_id, "place": campus.place("sz-nanshan")}
    approve(campus.play.runtime, campus.play.cast.chenxiao, asked(campus, **here))
    campus.add_class("C-1")
    campus.add_class("C-2", at="gz-tianhe")
    ours, theirs = campus.occurrences()
    assert all(row.waiver_id for row in campus.records(ours).values())
    assert not any(row.waiver_id for row in campus.records(theirs).values())


def test_ended_early_what_is_still_to_come_is_to_be_done(campus: Campus) -> None:
    begun(campus)
    waiver = asked(campus)
    approve(campus.play.runtime, campus.play.cast.chenxiao, waiver)
    campus.play.cast.clock.advance(timedelta(days=3))
    assert end(campus.play.runtime, campus.play.cast.chenxiao, waiver, "复课了") == 1
    assert waived(campus) == {"prepare": True, "welcome": False}, "what was due meanwhile stays waived"
    assert end(campus.play.runtime, campus.play.cast.chenxiao, waiver, "复课了") == 0
    assert state(campus, waiver) == "ended"


def test_what_another_waiver_holds_for_goes_on_being_waived(campus: Campus) -> None:
    begun(campus)
    one, two = asked(campus), asked(campus, ticket=campus.play.ticket().number, step="welcome")
    for waiver in (one, two):
        approve(campus.play.runtime, campus.play.cast.chenxiao, waiver)
    end(campus.play.runtime, campus.play.cast.chenxiao, one, "复课了")
    assert waived(campus) == {"prepare": False, "welcome": True}


def test_it_ends_by_itself_after_its_last_day_and_waives_nothing_more(campus: Campus) -> None:
    begun(campus)
    waiver = asked(campus, days=days(campus, 0, 9))
    approve(campus.play.runtime, campus.play.cast.chenxiao, waiver)
    campus.play.pass_time(days=9)
    assert state(campus, waiver) == "approved"
    campus.play.pass_time(days=1)
    assert state(campus, waiver) == "ended"
    assert waived(campus) == {"prepare": True, "welcome": True}
    campus.add_class("C-2")
    assert not any(row.waiver_id for row in campus.records(campus.occurrences()[-1]).values())


def test_nobody_decides_on_what_they_asked_for(campus: Campus) -> None:
    begun(campus)
    waiver = asked(campus, by="chenxiao")
    with pytest.raises(Forbidden, match="somebody else"):
        approve(campus.play.runtime, campus.play.cast.chenxiao, waiver)
    refuse(campus.play.runtime, campus.play.cast.guohao, waiver, "照常做")
    assert state(campus, waiver) == "refused"
    assert waived(campus) == {"prepare": False, "welcome": False}
    with pytest.raises(Conflict):
        approve(campus.play.runtime, campus.play.cast.admin, waiver)


def test_who_sees_it_and_who_decides(campus: Campus) -> None:
    begun(campus)
    waiver = asked(campus)
    with pytest.raises(Forbidden, match="headquarters"):
        approve(campus.play.runtime, campus.play.cast.zhaomin, waiver)
    for login in ("sunyue", "huangyi", "wanglei", "zhoulan"):
        with pytest.raises(NotFound):
            approve(campus.play.runtime, campus.play.cast.actor(login), waiver)
        with pytest.raises(NotFound):
            end(campus.play.runtime, campus.play.cast.actor(login), waiver, "不行")
    end(campus.play.runtime, campus.play.cast.zhaomin, waiver, "不用了")
    assert state(campus, waiver) == "ended"


def test_who_works_there_asks_and_nobody_else(campus: Campus) -> None:
    standard = begun(campus)
    here: dict[str, Any] = {"standard": standard.public_id, "place": campus.place("sz-nanshan")}
    assert asked(campus, by="liutao", **here)
    with pytest.raises(Forbidden, match="work there"):
        asked(campus, by="zhoulan", **here)
    with pytest.raises(NotFound):
        asked(campus, by="huangyi", **here)
    with pytest.raises(NotFound):
        asked(campus, by="huangyi")
    with pytest.raises(NotFound):
        asked(campus, by="sunyue")


def test_the_same_is_asked_for_once(campus: Campus) -> None:
    begun(campus)
    asked(campus)
    with pytest.raises(Conflict, match="already"):
        asked(campus, by="chenxiao")


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [(2, 1, "before the first"), (-5, -1, "are over"), (-40, 3, "31 days back"), (0, 367, "at most a year")],
)
def test_days_that_cannot_be(campus: Campus, first: int, last: int, says: str) -> None:
    begun(campus)
    with pytest.raises(Invalid) as refused:
        asked(campus, days=days(campus, first, last))
    assert says in refused.value.message.text % (refused.value.message.params or {})


def test_one_that_would_waive_nothing_is_refused_and_says_which_day_it_needs(campus: Campus) -> None:
    begun(campus)
    number, due = campus.play.ticket().number, (today(campus) + timedelta(days=5)).isoformat()
    with pytest.raises(Invalid, match=f"nothing would be waived.*{due}"):
        asked(campus, days=days(campus, 0, 4), ticket=number, step="welcome")
    with pytest.raises(Invalid, match=f"nothing would be waived.*{due}"):
        asked(campus, days=days(campus, 6, 9), ticket=number, step="welcome")
    approve(
        campus.play.runtime,
        campus.play.cast.chenxiao,
        asked(campus, days=days(campus, 5, 5), ticket=number, step="welcome"),
    )
    campus.play.complete("lina", "prepare")
    with pytest.raises(Invalid, match="nothing left"):
        asked(campus, ticket=number)


def test_one_of_a_place_may_be_for_what_is_yet_to_begin(campus: Campus) -> None:
    standard = campus.set_up()
    assert asked(campus, days=days(campus, 0, 1), standard=standard.public_id, place=campus.place("sz-nanshan"))


def test_what_is_no_such_step_or_nothing_in_particular(campus: Campus) -> None:
    standard = begun(campus)
    with pytest.raises(Invalid):
        asked(campus, ticket=campus.play.ticket().number, step="dance")
    with pytest.raises(Invalid):
        asked(campus, standard=standard.public_id)
    with pytest.raises(Invalid):
        asked(campus, why=" ", ticket=campus.play.ticket().number)


def test_it_is_told_and_written_down(campus: Campus) -> None:
    begun(campus)
    number = campus.play.ticket().number
    waiver = asked(campus)
    campus.play.settle()
    campus.play.cast.clock.advance(timedelta(minutes=1))
    approve(campus.play.runtime, campus.play.cast.chenxiao, waiver, "同意")
    campus.play.settle()
    assert [kind for kind in campus.play.told(number) if kind.startswith("waive")] == ["waiver_asked", "waived"]
    told = heard(campus.play, number)
    assert "waiver_asked waives" in told["guohao"]
    assert "waived named" in told["zhaomin"]
    with campus.play.runtime.reading() as session:
        query = sa.select(AuditEntry).where(AuditEntry.action.startswith("waiver"))
        entries = list(session.scalars(query.order_by(AuditEntry.id)))
    assert [entry.action for entry in entries] == ["waiver.asked", "waiver.approved"]
    assert entries[1].after["steps"] == 2
