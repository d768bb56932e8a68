"""Fields that staff fill in and their form marks as `listed`: columns, filters and orders, for whom they are."""

from __future__ import annotations

import json

import pytest

from tests.browser.desk import CRASH
from tests.tickets.desk import MORNING
from tests.tickets.play import Play, shipped
from tickets.access import Actor
from tickets.lists import FieldFilter, FieldOp, Listed, Sort, TicketQuery, count_tickets, list_tickets, ticket_ids
from tickets.lists.own_fields import own_fields

NOW = MORNING
BLOCKER = FieldFilter("severity", FieldOp.IS, "blocker")


def with_listed_severity() -> dict[str, bytes]:
    files = shipped("crash_report")
    form = json.loads(files["triage.form"])
    (severity,) = (each for each in form["components"] if each.get("key") == "severity")
    severity.setdefault("properties", {})["listed"] = "true"
    return {**files, "triage.form": json.dumps(form).encode()}


@pytest.fixture
def number(play: Play) -> str:
    """A ticket of zhoulan's that lina has found to be a blocker."""
    play.upload(with_listed_severity())
    made = play.file("zhoulan", "crash_report", **CRASH)
    play.claim("lina", "Task_Triage", made)
    play.complete("lina", "Task_Triage", made, finding="defect", severity="blocker")
    play.settle()
    return made


def listed(play: Play, login: str, query: TicketQuery) -> list[Listed]:
    with play.runtime.reading() as session:
        page = list_tickets(session, play.cast.actor(login), query, now=NOW, fields=["severity", "phone_model"])
        return list(page.rows)


def found(play: Play, login: str, query: TicketQuery) -> list[str]:
    return [row.ticket.number for row in listed(play, login, query)]


def test_a_field_of_a_task_is_offered_when_its_form_marks_it(play: Play, number: str) -> None:
    with play.runtime.reading() as session:
        fields = own_fields(session, play.cast.lina, ["crash_report"], "zh")
    assert {"phone_model", "severity"} <= set(fields)
    assert not {"finding", "cause"} & set(fields)
    assert fields["severity"].word("blocker") != "blocker"


def test_staff_filter_sort_and_read_by_what_staff_filled_in(play: Play, number: str) -> None:
    for login in ("lina", "zhaomin", "chenxiao"):
        assert found(play, login, TicketQuery(fields=(BLOCKER,))) == [number]
        (row,) = listed(play, login, TicketQuery(sort=Sort.FIELD, sort_field="severity"))
        assert row.fields["severity"] == ("blocker",)


@pytest.mark.parametrize(
    "query",
    [
        TicketQuery(fields=(BLOCKER,)),
        TicketQuery(fields=(FieldFilter("severity", FieldOp.FILLED),)),
        TicketQuery(fields=(FieldFilter("severity", FieldOp.HAS, "block"),)),
        TicketQuery(sort=Sort.FIELD, sort_field="severity"),
        TicketQuery(sort=Sort.FIELD_DOWN, sort_field="severity"),
    ],
)
def test_a_requester_learns_nothing_of_what_staff_filled_in(play: Play, number: str, query: TicketQuery) -> None:
    zhoulan: Actor = play.cast.zhoulan
    assert found(play, "zhoulan", TicketQuery()) == [number]
    assert found(play, "zhoulan", query) == []
    with play.runtime.reading() as session:
        assert count_tickets(session, zhoulan, query, now=NOW).number == 0
        assert ticket_ids(session, zhoulan, query, now=NOW, most=10)[0] == []


def test_a_requesters_list_has_no_values_of_staffs_fields(play: Play, number: str) -> None:
    (row,) = listed(play, "zhoulan", TicketQuery())
    assert row.fields == {}
