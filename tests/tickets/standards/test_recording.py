"""Steps as they are written down: repeated ones, those by several people, tickets filed by hand; and as recounted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.engine import build
from tests.tickets.play import Play, text
from tests.tickets.standards.campus import Campus, step
from tests.tickets.statements import counted
from tickets.recount.walk import differences
from tickets.standards import starting
from tickets.standards.tables import Occurrence, StepRecord
from tickets.subjects import Subject


@pytest.fixture
def campus(play: Play) -> Campus:
    return Campus(play)


def begun(campus: Campus, *parts: str, **more: Any) -> Occurrence:
    """An occurrence whose ticket has begun, an hour ago."""
    campus.define(*parts, **more)
    campus.set_up()
    campus.add_class("C-1")
    assert campus.begin_due() == 1
    later(campus)
    return campus.occurrences()[0]


def later(campus: Campus) -> None:
    campus.play.cast.clock.advance(timedelta(hours=1))


def audited(campus: Campus) -> list[str]:
    """What a recount finds different."""
    return [f"{one.check}: {one.said}" for one in differences(campus.play.runtime)]


def test_a_step_by_several_people_is_done_with_the_last_of_them(campus: Campus) -> None:
    inner = build.settings(standardStep="sign", deadline="P1D") + build.times("3")
    parts = (build.start(), build.user("sign", inner, camunda__candidateGroups="support"), build.end())
    occurrence = begun(campus, *parts, build.chain("begin", "sign", "done"))
    for left in (2, 1, 0):
        campus.play.complete("lina", "sign")
        record = campus.records(occurrence)["sign"]
        assert (record.done_at is None) == bool(left)
        assert audited(campus) == []
        later(campus)


def test_a_step_that_comes_again_is_to_be_done_again(campus: Campus) -> None:
    look = build.user("look", build.settings(standardStep="look"), camunda__formRef="ask")
    parts = (
        build.start(),
        step("prepare"),
        look.replace("office", "support"),
        build.xor("ok", default="on"),
        build.end(),
        build.chain("begin", "prepare", "look", "ok"),
        build.flow("ok", "done", ident="on"),
        build.flow("ok", "prepare", when="redo == 'yes'"),
    )
    occurrence = begun(campus, *parts, forms={"ask": [text("redo")]})
    campus.play.complete("lina", "prepare")
    first = campus.records(occurrence)["prepare"]
    later(campus)
    campus.play.complete("lina", "look", redo="yes")
    again = campus.records(occurrence)["prepare"]
    assert (again.done_at, again.opened_at) == (None, campus.play.cast.clock.now())
    assert (first.done_at is not None, again.valid_from, again.due_at) == (True, again.opened_at, first.due_at)
    assert audited(campus) == []
    later(campus)
    campus.play.complete("lina", "prepare")
    assert campus.records(occurrence)["prepare"].done_at == campus.play.cast.clock.now()
    assert audited(campus) == []


def test_a_ticket_filed_by_hand_about_a_class_is_an_occurrence(campus: Campus) -> None:
    campus.define()
    campus.set_up(trigger="date", timing={"attribute": "start_date", "days": -7})
    subject = campus.add_class("C-1", start_date="2026-12-20")
    campus.play.file("chenxiao", "kickoff", subject_id=public(campus, subject))
    (occurrence,) = campus.occurrences()
    assert (occurrence.state, occurrence.period, occurrence.starts_at) == (
        "running",
        "once",
        campus.play.cast.clock.now(),
    )
    assert campus.records(occurrence)["prepare"].opened_at == campus.play.cast.clock.now()
    campus.play.file("chenxiao", "kickoff", subject_id=public(campus, subject))
    campus.play.file("chenxiao", "kickoff", subject_id=public(campus, subject))
    assert [row.period for row in campus.occurrences()][1:] == ["2026-11-20", campus.play.ticket().number]
    assert audited(campus) == []
    campus.play.cast.clock.advance(timedelta(days=30))
    assert campus.begin_due() == 0


def test_a_ticket_filed_by_hand_about_nothing_is_none(campus: Campus) -> None:
    campus.define()
    campus.set_up()
    campus.play.file("chenxiao", "kickoff")
    campus.play.complete("lina", "prepare")
    assert campus.occurrences() == []


def test_a_recount_finds_a_record_that_was_changed(campus: Campus) -> None:
    occurrence = begun(campus)
    campus.play.complete("lina", "prepare")
    assert audited(campus) == []
    prepare = campus.records(occurrence)["prepare"]
    with campus.play.writing() as session, session.begin():
        session.execute(sa.update(StepRecord).where(StepRecord.id == prepare.id).values(done_at=None))
    (found,) = audited(campus)
    assert found.startswith("standards: The step “prepare” is kept as opened")


def test_what_can_t_start_says_why_and_is_tried_again(campus: Campus) -> None:
    parts = (build.start(), build.script("count", "n = subject['level'] + 1"), step("prepare"), build.end())
    campus.define(*parts, build.chain("begin", "count", "prepare", "done"))
    campus.set_up()
    campus.add_class("C-1")
    assert campus.begin_due() == 1
    (failed,) = campus.occurrences()
    assert (failed.state, campus.play.tickets()) == ("failed", [])
    reason = starting.reason_of(failed.reason)
    assert reason is not None
    assert "can't start" in str(reason)
    campus.add_class("C-1", level=1)
    standard = campus.standards()[0]
    assert starting.try_again(campus.play.runtime, campus.play.cast.chenxiao, standard.public_id) == 1
    assert campus.begin_due() == 1
    assert campus.occurrences()[0].state == "running"
    assert campus.play.ticket().data["n"] == 2


def test_an_occurrence_that_is_started_twice_at_once_starts_once(campus: Campus) -> None:
    campus.define()
    campus.set_up()
    campus.add_class("C-1")
    (row,) = campus.occurrences()
    due = starting.Due(row.id, row.standard_id, row.subject_id, row.period)
    assert starting.start(campus.play.runtime, due) is not None
    assert starting.start(campus.play.runtime, due) is None
    assert len(campus.play.tickets()) == 1
    assert campus.occurrences()[0].state == "running"


def test_the_subject_s_brand_s_own_variant_is_started(campus: Campus) -> None:
    campus.define(prefix="KO")
    campus.set_up()
    campus.define(prefix="KP", brand_id=campus.play.cast.places["kapok"])
    campus.add_class("C-1", at="cd-gaoxin")
    campus.add_class("C-2")
    assert campus.begin_due() == 2
    assert sorted(number[:2] for number in campus.play.tickets()) == ["KO", "KP"]


def test_a_withdrawn_or_ended_ticket_ends_its_occurrence(campus: Campus) -> None:
    occurrence = begun(campus)
    campus.play.complete("lina", "prepare")
    campus.play.complete("lina", "welcome")
    assert campus.occurrences()[0].state == "done"
    assert campus.records(occurrence)["welcome"].done_at == campus.play.cast.clock.now()


def public(campus: Campus, subject: int) -> Any:
    with campus.play.runtime.reading() as session:
        return session.get_one(Subject, subject).public_id


def test_what_is_no_standard_costs_nothing(campus: Campus) -> None:
    """The tables of standards are not asked for a type without the property."""
    parts = (build.start(), step("prepare"), build.end(), build.chain("begin", "prepare", "done"))
    campus.play.define(*parts, key="plain")
    with counted(campus.play.runtime.database) as statements:
        campus.play.file("chenxiao", "plain")
        campus.play.complete("lina", "prepare")
    assert [one.text for one in statements if "standard" in one.text] == []
