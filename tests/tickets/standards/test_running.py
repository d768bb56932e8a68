"""A standard from its setting up to its last step: planned, started, recorded; by its trigger and its subjects."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus


@pytest.fixture
def campus(play: Play) -> Campus:
    return Campus(play)


def test_a_new_class_gets_its_ticket_and_the_steps_are_written_down(campus: Campus) -> None:
    campus.define()
    campus.set_up()
    subject = campus.add_class("C-1")
    (occurrence,) = campus.occurrences()
    assert (occurrence.subject_id, occurrence.period, occurrence.state) == (subject, "once", "planned")
    assert occurrence.place_id == campus.play.cast.places["sz-nanshan"]
    assert campus.begin_due() == 1
    assert campus.begin_due() == 0
    (occurrence,) = campus.occurrences()
    ticket = campus.play.ticket()
    assert (occurrence.state, occurrence.ticket_id) == ("running", ticket.id)
    assert (ticket.subject_id, ticket.place_id, ticket.requester_id) == (subject, occurrence.place_id, None)
    campus.play.cast.clock.advance(timedelta(hours=1))
    campus.play.complete("lina", "prepare")
    records = campus.records(occurrence)
    assert list(records) == ["prepare", "welcome"]
    prepare, welcome = records.values()
    assert (prepare.done_at, prepare.done_by_id) == (campus.play.cast.clock.now(), campus.play.cast.people["lina"])
    assert prepare.opened_at == ticket.created_at
    assert (welcome.opened_at, welcome.done_at) == (campus.play.cast.clock.now(), None)
    assert welcome.task_id == campus.play.task("welcome").id
    assert campus.play.task("welcome").due_at == welcome.due_at
    campus.play.complete("lina", "welcome")
    assert campus.occurrences()[0].state == "done"
