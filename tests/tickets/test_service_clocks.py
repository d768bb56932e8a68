"""A ticket's clocks: started when it is filed, paused while it waits, met, missed, warned of and escalated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.database import NEVER
from tests.engine.build import chain, end, start
from tests.engine.calendars import Office
from tests.tickets.play import Play, staff
from tests.tickets.statements import counted
from tickets import changing, conversation
from tickets.change import Change, Was, status_values
from tickets.deadlines import Deadline
from tickets.people import Person
from tickets.reading import ticket_page
from tickets.service.tables import Outcome, ServiceClock, ServicePause, ServicePolicy
from tickets.sla import SlaState
from tickets.ticket import Status, Ticket

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
SERVICE = ("warn", "breach", "escalate")
Promise = Callable[..., None]


@pytest.fixture
def errand(play: Play) -> Play:
    """A type whose file promises nothing: somebody looks, somebody acts."""
    play.define(start(), staff("look"), staff("act"), end(), chain("begin", "look", "act", "done"))
    return play


def promise(play: Play, *, place: str = "qiming", **columns: Any) -> None:
    values = {"working": False, "type_key": "", "priority": ""} | columns
    with play.writing() as session, session.begin():
        session.add(ServicePolicy(brand_id=play.cast.places[place], **values))


def clock(play: Play, number: str, kind: str = "resolution") -> ServiceClock:
    with play.runtime.reading() as session:
        wanted = (ServiceClock.ticket_id == Ticket.id, Ticket.number == number, ServiceClock.kind == kind)
        return session.scalars(sa.select(ServiceClock).join(Ticket, sa.true()).where(*wanted)).one()


def turn(play: Play, number: str, status: Status) -> None:
    """The ticket gets a status, as its verbs do it."""
    with play.writing() as session, session.begin():
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        was, now = Was.of(ticket), play.cast.clock.now()
        changing.write(session, Change(was, now, None, status_values(was, status, now)))


def hurry(play: Play, number: str, priority: str) -> None:
    with play.writing() as session, session.begin():
        ticket = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        changing.write(session, Change(Was.of(ticket), play.cast.clock.now(), None, {"priority": priority}))


def serviced(play: Play, number: str) -> list[str]:
    return [kind for kind in play.told(number) if kind in {"due_soon", "overdue", "escalated"}]


def test_a_ticket_is_due_by_the_most_specific_policy(errand: Play) -> None:
    promise(errand, resolution="PT48H")
    now = errand.cast.clock.now()
    assert errand.ticket(errand.file("zhoulan")).due_at == now + 48 * HOUR
    promise(errand, type_key="errand", resolution="PT24H", response="PT1H")
    ticket = errand.ticket(errand.file("zhoulan"))
    assert (ticket.due_at, ticket.response_due_at) == (now + 24 * HOUR, now + HOUR)
    promise(errand, place="qinghe", priority="normal", resolution="PT12H")
    assert errand.ticket(errand.file("zhoulan")).due_at == now + 12 * HOUR
    assert errand.ticket(errand.file("huangyi")).due_at == now + 24 * HOUR
    promise(errand, place="qinghe", type_key="errand", resolution="PT6H")
    assert errand.ticket(errand.file("zhoulan")).due_at == now + 6 * HOUR
    promise(errand, place="qinghe", type_key="errand", priority="normal", resolution="PT3H")
    assert errand.ticket(errand.file("zhoulan")).due_at == now + 3 * HOUR


def test_a_policy_is_before_the_file_and_may_promise_nothing(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"), sla__resolution="PT9H")
    now = play.cast.clock.now()
    assert play.ticket(play.file("zhoulan")).due_at == now + 9 * HOUR
    promise(play, type_key="errand")
    assert play.ticket(play.file("zhoulan")).due_at == NEVER


def test_what_is_left_stays_while_a_ticket_waits(errand: Play) -> None:
    promise(errand, resolution="PT8H", response="PT4H")
    number = errand.file("zhoulan")
    errand.pass_time(hours=1)
    turn(errand, number, Status.SUSPENDED)
    ticket = errand.ticket(number)
    assert (ticket.due_at, ticket.response_due_at, ticket.due_left) == (NEVER, None, 7 * 3600)
    assert errand.count(Deadline, Deadline.kind.in_(SERVICE)) == 0
    errand.pass_time(hours=100)
    turn(errand, number, Status.AWAITING_REQUESTER)
    errand.pass_time(minutes=7)
    turn(errand, number, Status.IN_PROGRESS)
    ticket, now = errand.ticket(number), errand.cast.clock.now()
    assert (ticket.due_at, ticket.response_due_at, ticket.due_left) == (now + 7 * HOUR, now + 3 * HOUR, None)
    assert errand.task("look", number).due_at == now + 7 * HOUR


def test_the_first_reply_stops_its_clock_and_only_that(errand: Play) -> None:
    promise(errand, resolution="PT8H", response="PT4H")
    number = errand.file("zhoulan")
    conversation.accept(errand.runtime, errand.cast.lina, number)
    errand.pass_time(hours=3)
    conversation.ask(errand.runtime, errand.cast.lina, number, "哪一台？")
    response = clock(errand, number, "response")
    assert (response.outcome, response.judged_at) == (Outcome.MET, errand.cast.clock.now())
    assert clock(errand, number).left == 5 * 3600
    errand.pass_time(days=3)
    conversation.answer(errand.runtime, errand.cast.zhoulan, number, "302 教室的")
    assert errand.ticket(number).due_at == errand.cast.clock.now() + 5 * HOUR
    assert serviced(errand, number) == []


def test_a_resolved_ticket_met_its_promise_and_goes_on_with_what_was_left(errand: Play) -> None:
    promise(errand, resolution="PT8H", response="PT6H")
    number = errand.file("zhoulan")
    errand.pass_time(hours=5)
    turn(errand, number, Status.RESOLVED)
    assert [clock(errand, number, kind).outcome for kind in ("response", "resolution")] == ["met", "met"]
    assert errand.count(Deadline, Deadline.kind.in_(SERVICE)) == 0
    errand.pass_time(days=2)
    turn(errand, number, Status.IN_PROGRESS)
    assert clock(errand, number).outcome is None
    assert errand.ticket(number).due_at == errand.cast.clock.now() + 3 * HOUR
    assert errand.pass_time(hours=4) == 0
    assert serviced(errand, number) == ["overdue"]
    turn(errand, number, Status.CLOSED)
    late = clock(errand, number)
    assert (late.outcome, late.stopped_at) == (Outcome.MISSED, errand.cast.clock.now())
    assert late.judged_at == late.breached_at == late.due_at
    assert errand.count(ServicePause) == 1


def test_a_withdrawn_ticket_is_neither_met_nor_missed(errand: Play) -> None:
    promise(errand, resolution="PT8H", response="PT6H")
    number = errand.file("zhoulan")
    turn(errand, number, Status.WITHDRAWN)
    assert [clock(errand, number, kind).outcome for kind in ("response", "resolution")] == ["void", "void"]
    assert errand.ticket(number).due_at == NEVER
    errand.pass_time(days=2)
    assert serviced(errand, number) == []


def test_it_is_warned_of_missed_and_told_further_up_each_once(errand: Play) -> None:
    promise(errand, resolution="PT10H", warn_before="20%", escalate_after="PT1H", escalate_to="superior")
    number = errand.file("zhoulan")
    conversation.accept(errand.runtime, errand.cast.lina, number)
    errand.pass_time(hours=7, minutes=59)
    assert serviced(errand, number) == []
    errand.pass_time(minutes=1)
    assert serviced(errand, number) == ["due_soon"]
    errand.pass_time(hours=2)
    assert serviced(errand, number) == ["due_soon", "overdue"]
    errand.pass_time(minutes=59)
    assert serviced(errand, number) == ["due_soon", "overdue"]
    errand.pass_time(minutes=1)
    assert serviced(errand, number) == ["due_soon", "overdue", "escalated"]
    told = errand.events(number)[-1]
    assert told.params["told_ids"] == [errand.cast.people["zhangwei"]]
    assert not told.public
    errand.pass_time(days=9)
    assert serviced(errand, number) == ["due_soon", "overdue", "escalated"]


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("role:campus_head", ["zhaomin"]),
        ("person:chenxiao", ["chenxiao"]),
        ("person:wufang", ["zhaomin"]),
        ("role:gone", None),
    ],
)
def test_others_may_be_told_of_a_missed_one(errand: Play, to: str, told: list[str] | None) -> None:
    promise(errand, response="PT1H", warn_before="PT30M", escalate_after="PT0S", escalate_to=to)
    number = errand.file("zhoulan")
    errand.pass_time(hours=5)
    assert serviced(errand, number) == ["overdue", "escalated"]
    people = errand.cast.people
    assert errand.events(number)[-1].params.get("told_ids") == (
        None if told is None else [people[login] for login in told]
    )


def test_who_is_above_is_told_once_the_one_named_has_left(errand: Play) -> None:
    people = errand.cast.people
    with errand.writing() as session, session.begin():
        session.get_one(Person, people["wufang"]).superior_id = people["zhangwei"]
    promise(errand, response="PT1H", escalate_after="PT0S", escalate_to="person:wufang")
    number = errand.file("zhoulan")
    errand.pass_time(hours=5)
    assert errand.events(number)[-1].params["told_ids"] == [people["zhangwei"]]


def test_warnings_move_with_a_pause(errand: Play) -> None:
    promise(errand, resolution="PT10H", warn_before="PT2H")
    number = errand.file("zhoulan")
    errand.pass_time(hours=7)
    turn(errand, number, Status.SUSPENDED)
    errand.pass_time(hours=50)
    turn(errand, number, Status.IN_PROGRESS)
    errand.pass_time(minutes=59)
    assert serviced(errand, number) == []
    errand.pass_time(minutes=1)
    assert serviced(errand, number) == ["due_soon"]


def test_another_priority_counts_by_its_own_policy_from_the_start(errand: Play) -> None:
    promise(errand, resolution="PT48H")
    promise(errand, priority="urgent", resolution="PT8H", response="PT2H")
    begun = errand.cast.clock.now()
    number = errand.file("zhoulan")
    errand.pass_time(hours=1)
    turn(errand, number, Status.SUSPENDED)
    errand.pass_time(hours=10)
    turn(errand, number, Status.IN_PROGRESS)
    hurry(errand, number, "urgent")
    ticket = errand.ticket(number)
    assert (ticket.due_at, ticket.response_due_at) == (begun + 18 * HOUR, begun + 12 * HOUR)
    hurry(errand, number, "low")
    ticket = errand.ticket(number)
    assert (ticket.due_at, ticket.response_due_at) == (begun + 58 * HOUR, None)


def test_working_time_counts_by_the_place_s_calendar(errand: Play) -> None:
    """Friday 17:00, a quarter of an hour that is waited, and a closed Monday between."""
    closed = date(2026, 11, 23)
    play = Play(
        replace(errand.cast, runtime=replace(errand.runtime, calendars=lambda _place: Office(days={closed: ()})))
    )
    play.cast.clock.moment = datetime.combine(date(2026, 11, 20), time(17), SHANGHAI)
    promise(play, resolution="PT4H", working=True)
    number = play.file("zhoulan")
    assert f"{play.ticket(number).due_at.astimezone(SHANGHAI):%a %H:%M}" == "Tue 12:00"
    play.pass_time(minutes=30)
    turn(play, number, Status.SUSPENDED)
    play.pass_time(minutes=15)
    turn(play, number, Status.IN_PROGRESS)
    assert f"{play.ticket(number).due_at.astimezone(SHANGHAI):%a %H:%M}" == "Tue 13:45"


def test_a_step_that_changes_no_status_costs_no_statement_more(errand: Play) -> None:
    def statements() -> int:
        number = errand.file("zhoulan")
        errand.complete("lina", "look", number)
        with counted(errand.runtime.database) as without:
            conversation.note(errand.runtime, errand.cast.lina, number, "记一笔")
        return len(without)

    before = statements()
    promise(errand, resolution="PT8H", response="PT4H")
    assert statements() == before


def test_the_page_shows_what_is_left_for_the_first_reply_while_the_clock_stands(errand: Play) -> None:
    promise(errand, resolution="PT24H", response="PT2H")
    number = errand.file("zhoulan")
    errand.pass_time(minutes=30)
    turn(errand, number, Status.SUSPENDED)
    errand.pass_time(hours=5)
    with errand.runtime.reading() as session:
        shown = ticket_page(session, errand.cast.zhangwei, number, errand.cast.clock.now()).ticket.response
    assert shown is not None
    assert (shown.state, shown.left) == (SlaState.PAUSED, timedelta(minutes=90))
