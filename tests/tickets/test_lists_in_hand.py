"""Saved views, bulk actions, exports, similar tickets and the palette below the pages, on both databases."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.models import UserTask
from tests.browser.desk import CRASH
from tests.tickets.play import Play
from tickets import saved_views
from tickets.bulk import Chosen, Given, run_bulk
from tickets.errors import DomainError, Invalid, NotFound
from tickets.exporting import exports
from tickets.exporting.sheet import Format
from tickets.lists.beside import beside
from tickets.lists.columns import COLUMNS
from tickets.palette import find
from tickets.people import Person
from tickets.saved_views import NewView
from tickets.similar import similar_tickets
from tickets.ticket import Ticket


@pytest.fixture
def numbers(play: Play) -> list[str]:
    play.ship("crash_report")
    made = [play.file("zhoulan", "crash_report", **CRASH) for _ in range(3)]
    play.settle()
    return made


def test_a_view_is_kept_shared_chosen_and_deleted(play: Play) -> None:
    runtime, zhaomin, tangyan = play.runtime, play.cast.zhaomin, play.cast.tangyan
    kept = saved_views.keep(runtime, zhaomin, NewView("未结", "status=open", shared=True))
    assert kept == saved_views.keep(runtime, zhaomin, NewView("未结", "status=closed", shared=True))
    saved_views.open_with(runtime, tangyan, kept)
    with runtime.reading() as session:
        (row,) = saved_views.views_of(session, tangyan)
    assert (row.query, row.default, row.mine, row.by) == ("status=closed", True, False, "赵敏")
    saved_views.remove(runtime, zhaomin, kept)
    with runtime.reading() as session:
        assert saved_views.views_of(session, tangyan) == []


def test_nobody_keeps_more_views_than_anybody_needs(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    saved_views.keep(play.runtime, play.cast.lina, NewView("一", ""))
    with pytest.raises(Invalid):
        saved_views.keep(play.runtime, play.cast.lina, NewView("二", ""))


def test_a_bulk_action_is_done_once_for_its_key(play: Play, numbers: list[str]) -> None:
    key, given = uuid.uuid4(), Given(text="已记录")
    first = run_bulk(play.runtime, play.cast.lina, key, "note", [*numbers, "CR-0"], given, say=str)
    again = run_bulk(play.runtime, play.cast.lina, key, "note", [*numbers, "CR-0"], given, say=str)
    assert first == again
    assert first.done == tuple(numbers)
    assert [refusal.number for refusal in first.refused] == ["CR-0"]


def test_a_missing_value_gives_the_key_back(play: Play, numbers: list[str]) -> None:
    key = uuid.uuid4()
    with pytest.raises(Invalid):
        run_bulk(play.runtime, play.cast.lina, key, "note", numbers, Given(), say=str)
    assert run_bulk(play.runtime, play.cast.lina, key, "note", numbers, Given(text="好"), say=str).done


def held_by(play: Play, number: str) -> str:
    with play.runtime.reading() as session:
        query = sa.select(Person.login).join(UserTask, UserTask.assignee_id == Person.id)
        held = query.join(Ticket, Ticket.instance_id == UserTask.instance_id).where(Ticket.number == number)
        return session.scalars(held).one_or_none() or ""


def rows_of(play: Play, numbers: list[str]) -> list[Chosen]:
    with play.runtime.reading() as session:
        query = sa.select(Ticket.number, UserTask.public_id)
        joined = query.join(UserTask, UserTask.instance_id == Ticket.instance_id).where(Ticket.number.in_(numbers))
        return [Chosen(number, task) for number, task in session.execute(joined)]


def test_tasks_are_transferred_together_by_the_rules_of_each(play: Play, numbers: list[str]) -> None:
    for number in numbers:
        play.claim("lina", "Task_Triage", number)
    foreign = play.file("zhoulan", "crash_report", **CRASH)
    rows = rows_of(play, [*numbers, foreign])
    given = Given(person="wanglei", text="他更熟悉这些机型")
    done = run_bulk(play.runtime, play.cast.lina, uuid.uuid4(), "transfer", [*rows, rows[0]], given, say=str)
    assert sorted(done.done) == sorted(numbers)
    assert [refusal.number for refusal in done.refused] == [foreign]
    assert [held_by(play, number) for number in (*numbers, foreign)] == ["wanglei"] * len(numbers) + [""]


@pytest.mark.parametrize("given", [Given(person="wanglei"), Given(text="忙"), Given(person="nobody", text="忙")])
def test_a_bulk_transfer_needs_a_person_and_a_reason(play: Play, numbers: list[str], given: Given) -> None:
    play.claim("lina", "Task_Triage", numbers[0])
    with pytest.raises(DomainError):
        run_bulk(play.runtime, play.cast.lina, uuid.uuid4(), "transfer", rows_of(play, numbers), given, say=str)
    assert held_by(play, numbers[0]) == "lina"


def test_a_transfer_needs_rows_that_are_tasks(play: Play, numbers: list[str]) -> None:
    given = Given(person="wanglei", text="忙")
    with pytest.raises(Invalid):
        run_bulk(play.runtime, play.cast.lina, uuid.uuid4(), "transfer", numbers, given, say=str)


def test_every_extra_column_is_read_on_both_databases(play: Play, numbers: list[str]) -> None:
    play.claim("lina", "Task_Triage", numbers[0])
    with play.runtime.reading() as session:
        from tickets.ticket import Ticket

        ids = [ticket.id for ticket in session.query(Ticket).order_by(Ticket.id)]
        found = beside(session, play.cast.lina, ids, COLUMNS)
    assert found[ids[0]].assignees == ("李娜",)
    assert found[ids[1]].assignees == ()


def test_similar_and_found_tickets_are_those_one_sees(play: Play, numbers: list[str]) -> None:
    now = play.cast.clock.now()
    with play.runtime.reading() as session:
        assert [one.number for one in similar_tickets(session, play.cast.zhaomin, numbers[0])] == numbers[:0:-1]
        with pytest.raises(NotFound):
            similar_tickets(session, play.cast.huangyi, numbers[0])
        assert [one.number for one in find(session, play.cast.zhaomin, numbers[0][3:], now)] == numbers[:1]
        assert find(session, play.cast.huangyi, numbers[0], now) == []


def test_an_export_of_a_person_who_lost_the_right_is_not_made(play: Play, numbers: list[str]) -> None:
    reader = {
        "language": "zh",
        "zone": "Asia/Shanghai",
        "columns": ["status"],
        "words": {},
        "labels": {},
        "choices": {},
    }
    made = exports.order(play.runtime, play.cast.zhaomin, query="", kind=Format.CSV, reader=reader, total=0)
    with play.runtime.writing() as session, session.begin():
        from tickets.roles import Membership

        session.query(Membership).filter_by(person_id=play.cast.people["zhaomin"]).delete()
    play.settle()
    with play.runtime.reading() as session:
        progress = exports.progress_of(session, play.cast.zhaomin, made, play.cast.clock.now())
    assert progress.state == exports.State.FAILED
    assert not Path(exports.path_of(play.runtime, made)).exists()
