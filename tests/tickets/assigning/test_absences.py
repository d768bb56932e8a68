"""Absences: who sets them for whom, what is refused, and what goes to the substitute when one begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine import build
from tests.tickets.play import Play, staff
from tickets.assigning.absences import NewAbsence, absences, end_absence, set_absence
from tickets.assigning.models import Absence
from tickets.audit import AuditEntry
from tickets.errors import Conflict, DomainError, Forbidden, Invalid, NotFound


@pytest.fixture
def stage(lasting_play: Play) -> Iterator[Play]:
    yield lasting_play
    with lasting_play.writing() as session, session.begin():
        session.execute(sa.delete(Absence))


def away(
    play: Play, by: str, login: str, substitute: str = "", *, start: float = 0, days: float = 2, pass_on: bool = False
) -> UUID:
    now = play.cast.clock.now()
    new = NewAbsence(
        now + timedelta(days=start),
        now + timedelta(days=start + days),
        play.cast.people[substitute] if substitute else None,
        "年假",
        pass_on,
    )
    return set_absence(play.runtime, play.cast.actor(by), play.cast.people[login], new)


def listed(play: Play, login: str) -> list[str]:
    with play.runtime.reading() as session:
        return [row.person.login for row in absences(session, play.cast.actor(login), play.cast.clock.now())]


def test_everyone_sets_their_own(stage: Play) -> None:
    away(stage, "lina", "lina", "wanglei")
    assert listed(stage, "lina") == ["lina"]
    assert stage.count(AuditEntry, AuditEntry.action == "absence.set") >= 1


@pytest.mark.parametrize(
    ("by", "login", "refusal"),
    [
        ("zhangwei", "lina", None),
        ("zhaomin", "liutao", None),
        ("zhaomin", "zhoulan", None),
        ("chenxiao", "huangyi", None),
        ("admin", "lina", None),
        ("lina", "wanglei", Forbidden),
        ("zhoulan", "liutao", Forbidden),
        ("zhaomin", "sunyue", Forbidden),
        ("tangyan", "huangyi", NotFound),
        ("zhaomin", "huangyi", NotFound),
        ("admin", "wufang", NotFound),
    ],
)
def test_heads_and_administrators_set_it_for_others(
    stage: Play, by: str, login: str, refusal: type[DomainError] | None
) -> None:
    if refusal is None:
        away(stage, by, login)
        assert login in listed(stage, by)
        return
    with pytest.raises(refusal):
        away(stage, by, login)
    assert login not in listed(stage, by)


def test_what_makes_no_sense_is_refused(stage: Play) -> None:
    for start, days in ((0.0, -1.0), (-9.0, 2.0), (0.0, 2000.0)):
        with pytest.raises(Invalid):
            away(stage, "lina", "lina", start=start, days=days)
    for substitute in ("lina", "wufang", "huangyi"):
        with pytest.raises(Invalid):
            away(stage, "lina", "lina", substitute)
    with pytest.raises(Invalid):
        away(stage, "lina", "lina", pass_on=True)


def test_nobody_is_away_twice_at_once(stage: Play) -> None:
    away(stage, "lina", "lina")
    with pytest.raises(Conflict):
        away(stage, "lina", "lina", start=1)
    away(stage, "lina", "lina", start=2)


def test_substitutes_don_t_go_in_a_circle(stage: Play) -> None:
    away(stage, "lina", "lina", "wanglei")
    away(stage, "wanglei", "wanglei", "zhangwei")
    with pytest.raises(Invalid):
        away(stage, "zhangwei", "zhangwei", "lina")


def test_a_coming_one_is_taken_back_and_a_running_one_ends_now(stage: Play) -> None:
    coming, running = away(stage, "lina", "lina", start=5), away(stage, "wanglei", "wanglei")
    stage.cast.clock.advance(timedelta(hours=1))
    for absence in (coming, running):
        with pytest.raises((Forbidden, NotFound)):
            end_absence(stage.runtime, stage.cast.zhoulan, absence)
    end_absence(stage.runtime, stage.cast.zhangwei, coming)
    end_absence(stage.runtime, stage.cast.wanglei, running)
    assert listed(stage, "zhangwei") == []
    with pytest.raises(Conflict):
        end_absence(stage.runtime, stage.cast.wanglei, running)
    with pytest.raises(NotFound):
        end_absence(stage.runtime, stage.cast.wanglei, coming)


def test_what_is_open_goes_to_the_substitute_when_it_begins(stage: Play) -> None:
    stage.define(build.start(), staff("look"), build.end(), build.chain("begin", "look", "done"))
    stage.file("zhoulan")
    stage.claim("lina", "look")
    away(stage, "lina", "lina", "wanglei", start=1, pass_on=True)
    stage.settle()
    assert stage.task("look").assignee_id == stage.cast.people["lina"]
    stage.pass_time(days=1)
    assert stage.task("look").assignee_id == stage.cast.people["wanglei"]
    assert stage.ticket().owner_id == stage.cast.people["lina"]
    assert stage.told()[-1] == "transferred"


def test_an_absence_taken_back_passes_nothing_on(stage: Play) -> None:
    stage.define(build.start(), staff("look"), build.end(), build.chain("begin", "look", "done"))
    stage.file("zhoulan")
    stage.claim("lina", "look")
    absence = away(stage, "lina", "lina", "wanglei", start=1, pass_on=True)
    end_absence(stage.runtime, stage.cast.lina, absence)
    stage.pass_time(days=2)
    assert stage.task("look").assignee_id == stage.cast.people["lina"]
