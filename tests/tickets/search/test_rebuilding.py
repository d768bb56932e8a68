"""The search and the values of fields are made anew from the tickets, in jobs, again after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from engine import jobs
from engine.job_list import by_state
from tests.tickets.desk import FORM, MORNING, Desk
from tickets import aftermath, rebuilding, work
from tickets.field_value import FieldValue
from tickets.lists import TicketQuery, list_tickets
from tickets.rebuilding import Part
from tickets.search import indexing
from tickets.search.document import SearchDocument
from tickets.ticket import Ticket


@pytest.fixture
def few(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[Ticket]:
    """Five tickets of old, in the database before there was a search; a job takes two."""
    monkeypatch.setattr(rebuilding, "AT_ONCE", 2)
    return [
        desk.ticket(title=f"全班黑屏 {number}", data={"model": f"DBY{number}"}, form_digest=FORM.digest)
        for number in range(5)
    ]


def settle(desk: Desk) -> None:
    while aftermath.tick(desk.runtime) + work.drain(desk.runtime):
        pass


def found(desk: Desk, text: str) -> set[str]:
    settle(desk)
    with desk.runtime.reading() as session:
        page = list_tickets(session, desk.actor("auditor"), TicketQuery(text=text), now=MORNING)
        return {row.ticket.number for row in page.rows}


def test_old_tickets_are_found_once_they_are_indexed(desk: Desk, few: list[Ticket]) -> None:
    assert found(desk, "黑屏") == set()
    rebuilding.order(desk.runtime, Part.SEARCH)
    assert found(desk, "黑屏") == {ticket.number for ticket in few}
    rebuilding.order(desk.runtime, Part.SEARCH)
    assert found(desk, "黑屏") == {ticket.number for ticket in few}


def test_a_process_starts_it_by_itself_where_there_is_no_search_yet(desk: Desk, few: list[Ticket]) -> None:
    rebuilding.catch_up(desk.runtime)
    assert found(desk, "黑屏") == {ticket.number for ticket in few}
    rebuilding.catch_up(desk.runtime)
    assert work.drain(desk.runtime) == 0


def test_of_processes_that_start_together_one_orders_it(desk: Desk, few: list[Ticket]) -> None:
    def ordered() -> int:
        with desk.runtime.reading() as session:
            return sum(count for (name, _), count in by_state(session).items() if name == rebuilding.JOB)

    for _ in range(3):
        rebuilding.catch_up(desk.runtime)
    assert ordered() == 1
    assert found(desk, "黑屏") == {ticket.number for ticket in few}
    before = ordered()
    with desk.runtime.writing() as session, session.begin():
        session.execute(sa.update(SearchDocument).values(reader=0))
    for _ in range(2):
        rebuilding.catch_up(desk.runtime)
    assert ordered() == before + 1
    assert found(desk, "黑屏") == {ticket.number for ticket in few}


def test_a_new_reader_has_everything_indexed_anew(
    desk: Desk, few: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilding.order(desk.runtime, Part.SEARCH)
    settle(desk)
    for module in (indexing, rebuilding):
        monkeypatch.setattr(module, "READER", 99)
    monkeypatch.setattr(indexing, "indexed", lambda *_texts: ["other"])
    rebuilding.catch_up(desk.runtime)
    settle(desk)
    with desk.runtime.reading() as session:
        assert list(session.scalars(sa.select(SearchDocument.reader))) == [99] * len(few)
    monkeypatch.undo()
    assert found(desk, "黑屏") == set()  # no word of the older reader is left


def test_values_of_fields_are_filled_in(desk: Desk, few: list[Ticket]) -> None:
    rebuilding.order(desk.runtime, Part.FIELDS)
    settle(desk)
    with desk.runtime.reading() as session:
        values = session.execute(sa.select(FieldValue.ticket_id, FieldValue.text).order_by(FieldValue.ticket_id)).all()
    assert [tuple(row) for row in values] == [(ticket.id, f"DBY{number}") for number, ticket in enumerate(few)]


def test_a_job_that_runs_again_adds_nothing(desk: Desk, few: list[Ticket]) -> None:
    args: Mapping[str, Any] = {"part": "search", "run": "x", "after": 0}
    for _ in range(3):
        rebuilding.rebuild(desk.runtime, args)
    assert found(desk, "黑屏") == {ticket.number for ticket in few}
    with desk.runtime.reading() as session:
        assert jobs.args_of(session, f"rebuild:search:x:{few[1].id}")["after"] == few[1].id


def test_what_was_erased_stays_out(desk: Desk) -> None:
    desk.ticket(title="全班黑屏", erased_at=MORNING)
    rebuilding.catch_up(desk.runtime)
    rebuilding.order(desk.runtime, Part.SEARCH)
    assert found(desk, "黑屏") == set()
