"""Urging: once, merged, answered or climbing; never where it can't help."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from tests.tickets.desk import MORNING, Desk
from tests.tickets.hearing import heard
from tickets import deadlines
from tickets.access import Actor
from tickets.beat import DEADLINES
from tickets.copies import TicketCc
from tickets.deadlines import Deadline
from tickets.errors import Conflict, Forbidden, Invalid, NotFound, NotOwner
from tickets.people import Person
from tickets.settings import TypeSetting
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from tickets.urges import Urge
from tickets.urging import UrgedLately, answer_urge, urge


@pytest.fixture
def desk(lasting_desk: Desk) -> Desk:
    lasting_desk.clock.moment = MORNING
    return lasting_desk


def urgent(desk: Desk, **columns: object) -> Ticket:
    """A ticket of zhoulan's that lina owns and wanglei works on, with liutao in copy."""
    ticket = desk.ticket(**{"owner": "lina", "status": Status.IN_PROGRESS, **columns})  # type: ignore[arg-type]
    desk.task(ticket, claimed="wanglei")
    with desk.writing() as session:
        given = {"brand_id": ticket.brand_id, "ticket_id": ticket.id, "at": desk.clock.now()}
        session.add(TicketCc(person_id=desk.people["liutao"], **given))
    return ticket


def press(desk: Desk, ticket: Ticket, login: str = "zhoulan", why: str = "") -> int:
    return urge(desk.runtime, desk.actor(login), ticket.number, why)


def settles(desk: Desk, ticket: Ticket, *, after: timedelta, body: str = "在等厂商") -> datetime:
    """lina answers; when she expects it."""
    until = desk.clock.now() + after
    answer_urge(desk.runtime, desk.actor("lina"), ticket.number, body, until)
    return until


def passes(desk: Desk, **by: float) -> None:
    desk.clock.advance(timedelta(**by))
    deadlines.tick(desk.runtime, DEADLINES)


def presses(desk: Desk, ticket: Ticket) -> list[Urge]:
    with desk.runtime.reading() as session:
        return list(session.scalars(sa.select(Urge).where(Urge.ticket_id == ticket.id).order_by(Urge.id)))


def sets(desk: Desk, name: str, value: object) -> None:
    """For this type, in the ticket's brand."""
    with desk.writing() as session:
        brand = desk.cast.places["qinghe"]
        session.execute(sa.delete(TypeSetting))
        if value is not None:
            row = {"brand_id": brand, "type_key": "crash_report", "name": name, "value": value}
            session.add(TypeSetting(**row, updated_at=MORNING))


def climbed(desk: Desk, ticket: Ticket) -> list[str]:
    logins = {person_id: login for login, person_id in desk.people.items()}
    events = (event for event in desk.events(ticket) if event.kind == EventKind.URGE_CLIMBED)
    return [logins[event.params["to_id"]] for event in events]


def test_the_requester_urges_and_the_owner_and_who_works_on_it_are_told(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket, why="  明天  开课 ")
    after = desk.reload(ticket)
    assert (after.urges, after.urged_at, after.version) == (1, desk.clock.now(), ticket.version + 1)
    (event,) = desk.events(ticket)
    assert (event.kind, event.public, event.params) == ("urged", True, {"why": "明天 开课"})
    assert heard(desk, ticket.number) == {"lina": ["urged owner"], "wanglei": ["urged assignee"]}
    (row,) = presses(desk, ticket)
    assert (row.reason, row.owner_id, row.merged) == ("明天 开课", desk.people["lina"], False)


def test_nobody_urges_twice_before_it_is_answered(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    with pytest.raises(UrgedLately, match="waits for an answer") as refused:
        press(desk, ticket)
    assert refused.value.retry_at is None
    desk.clock.advance(timedelta(hours=5))
    with pytest.raises(UrgedLately):
        press(desk, ticket)
    assert desk.reload(ticket).urges == 1


def test_the_press_of_another_is_merged_and_counted_while_the_first_is_fresh(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    first = desk.clock.now()
    desk.clock.advance(timedelta(minutes=10))
    press(desk, ticket, "liutao", "家长在等")
    assert (desk.reload(ticket).urges, desk.reload(ticket).urged_at) == (2, first)
    assert [row.merged for row in presses(desk, ticket)] == [False, True]
    assert heard(desk, ticket.number) == {"lina": ["urged owner"], "wanglei": ["urged assignee"]}, "told once"
    with pytest.raises(UrgedLately):
        press(desk, ticket, "liutao")
    desk.clock.advance(timedelta(hours=1))
    with pytest.raises(UrgedLately):
        press(desk, ticket, "liutao")


def test_an_answer_says_why_and_until_when_and_then_one_may_urge_again(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    desk.clock.advance(timedelta(minutes=5))
    until = settles(desk, ticket, after=timedelta(hours=4))
    after = desk.reload(ticket)
    assert (after.urged_at, after.urges, after.first_reply_at) == (None, 1, desk.clock.now())
    event = desk.events(ticket)[-1]
    assert (event.kind, event.public, event.body) == ("urge_answered", True, "在等厂商")
    assert event.params == {"to_id": desk.people["zhoulan"], "until_at": until.isoformat()}
    (row,) = presses(desk, ticket)
    assert (row.answered_by_id, row.expected_at) == (desk.people["lina"], until)
    told = heard(desk, ticket.number)
    assert (told["zhoulan"], told["liutao"]) == (["urge_answered requester"], ["urge_answered cc"])
    with pytest.raises(UrgedLately, match="urge again at") as refused:
        press(desk, ticket, "liutao")
    assert refused.value.retry_at == until
    desk.clock.moment = until
    press(desk, ticket)
    assert desk.reload(ticket).urges == 2


def test_the_cooldown_holds_where_the_answer_came_soon(desk: Desk) -> None:
    sets(desk, "urge.cooldown", "PT2H")
    ticket = urgent(desk)
    press(desk, ticket)
    settles(desk, ticket, after=timedelta(minutes=1))
    desk.clock.advance(timedelta(minutes=119))
    with pytest.raises(UrgedLately) as refused:
        press(desk, ticket)
    assert refused.value.retry_at == MORNING + timedelta(hours=2)
    desk.clock.advance(timedelta(minutes=1))
    press(desk, ticket)
    sets(desk, "urge.cooldown", None)


def test_a_type_may_not_be_urged(desk: Desk) -> None:
    sets(desk, "urge.enabled", value=False)
    ticket = urgent(desk)
    with pytest.raises(Forbidden, match="not urged"):
        press(desk, ticket)
    sets(desk, "urge.enabled", value=None)
    press(desk, ticket)


def test_a_span_that_is_none_counts_as_the_default(desk: Desk) -> None:
    sets(desk, "urge.answer", "soon")
    ticket = urgent(desk)
    press(desk, ticket)
    passes(desk, hours=1)
    assert climbed(desk, ticket) == ["zhangwei"]
    sets(desk, "urge.answer", None)


@pytest.mark.parametrize(
    "status", [Status.SUSPENDED, Status.AWAITING_REQUESTER, Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN]
)
def test_what_rests_or_is_over_is_not_urged(desk: Desk, status: Status) -> None:
    with pytest.raises(Conflict):
        press(desk, urgent(desk, status=status))


@pytest.mark.parametrize("login", ["lina", "wanglei", "zhaomin", "chenxiao"])
def test_only_the_requester_and_those_in_copy_urge(desk: Desk, login: str) -> None:
    with pytest.raises(Forbidden):
        press(desk, urgent(desk), login)


@pytest.mark.parametrize("login", ["sunyue", "huangyi"])
def test_who_does_not_see_it_finds_nothing_to_urge(desk: Desk, login: str) -> None:
    with pytest.raises(NotFound):
        press(desk, urgent(desk), login)


def test_only_the_owner_or_a_dispatcher_answers(desk: Desk) -> None:
    ticket = urgent(desk)
    until = desk.clock.now() + timedelta(hours=1)
    with pytest.raises(Conflict, match="no urge"):
        answer_urge(desk.runtime, desk.actor("lina"), ticket.number, "好", until)
    press(desk, ticket)
    for login in ("wanglei", "zhoulan"):
        with pytest.raises((Forbidden, NotOwner)):
            answer_urge(desk.runtime, desk.actor(login), ticket.number, "好", until)
    answer_urge(desk.runtime, desk.actor("zhaomin"), ticket.number, "好", until)
    assert desk.reload(ticket).first_reply_at is None, "not the owner's reply"


@pytest.mark.parametrize("wrong", [timedelta(0), timedelta(days=91)])
def test_an_expected_time_lies_ahead_and_not_too_far(desk: Desk, wrong: timedelta) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    with pytest.raises(Invalid):
        answer_urge(desk.runtime, desk.actor("lina"), ticket.number, "好", desk.clock.now() + wrong)
    with pytest.raises(Invalid):
        settles(desk, ticket, after=timedelta(hours=1), body="")
    assert desk.reload(ticket).urged_at is not None


@pytest.mark.parametrize("why", ["字" * 501, "a\x00b", "a\u202eb"])
def test_a_reason_that_is_no_line_is_refused(desk: Desk, why: str) -> None:
    with pytest.raises(Invalid):
        press(desk, urgent(desk), why=why)


def test_unanswered_it_climbs_from_superior_to_superior_and_ends_at_the_top(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    passes(desk, minutes=59)
    assert climbed(desk, ticket) == []
    passes(desk, minutes=1)
    assert climbed(desk, ticket) == ["zhangwei"]
    passes(desk, hours=1)
    assert climbed(desk, ticket) == ["zhangwei", "chenxiao"]
    passes(desk, hours=1)
    assert climbed(desk, ticket) == ["zhangwei", "chenxiao", "admin"], "nobody is above chenxiao"
    passes(desk, hours=9)
    assert len(climbed(desk, ticket)) == 3
    told = heard(desk, ticket.number)
    assert (told["zhangwei"], told["chenxiao"]) == (["urge_climbed named"], ["urge_climbed named"])
    assert presses(desk, ticket)[0].climbs == 3
    with desk.runtime.reading() as session:
        copied = sa.select(Person.login).join(TicketCc, TicketCc.person_id == Person.id)
        assert {"zhangwei", "chenxiao"} < set(session.scalars(copied.where(TicketCc.ticket_id == ticket.id)))


def test_a_departed_superior_is_skipped(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    with desk.writing() as session:
        session.get_one(Person, desk.people["zhangwei"]).departed_at = desk.clock.now()
    passes(desk, hours=1)
    with desk.writing() as session:
        session.get_one(Person, desk.people["zhangwei"]).departed_at = None
    assert climbed(desk, ticket) == ["chenxiao"]


def test_an_answer_or_an_end_stops_the_climbing(desk: Desk) -> None:
    answered, ended = urgent(desk), urgent(desk)
    press(desk, answered)
    press(desk, ended)
    settles(desk, answered, after=timedelta(hours=1))
    with desk.writing() as session:
        session.get_one(Ticket, ended.id).status = Status.CLOSED
    passes(desk, hours=2)
    assert (climbed(desk, answered), climbed(desk, ended)) == ([], [])


def test_a_suspended_ticket_does_not_climb_until_it_goes_on(desk: Desk) -> None:
    ticket = urgent(desk)
    press(desk, ticket)
    with desk.writing() as session:
        session.get_one(Ticket, ticket.id).status = Status.SUSPENDED
    passes(desk, hours=1)
    assert climbed(desk, ticket) == []
    with desk.writing() as session:
        session.get_one(Ticket, ticket.id).status = Status.IN_PROGRESS
    passes(desk, hours=1)
    assert climbed(desk, ticket) == ["zhangwei"]


def test_what_nobody_owns_is_urged_to_the_dispatchers(desk: Desk) -> None:
    ticket = desk.ticket(status=Status.UNASSIGNED)
    press(desk, ticket)
    assert heard(desk, ticket.number) == {"zhaomin": ["urged dispatcher"]}
    passes(desk, hours=1)
    assert "zhangwei" in climbed(desk, ticket)


def test_of_twenty_double_clicks_one_urges(desk: Desk) -> None:
    ticket = urgent(desk)
    actor = desk.actor("zhoulan")
    start = Barrier(20)

    def click(_: int) -> str:
        start.wait()
        try:
            urge(desk.runtime, actor, ticket.number)
        except UrgedLately:
            return "late"
        return "urged"

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(click, range(20)))
    assert sorted(outcomes) == ["late"] * 19 + ["urged"]
    assert (desk.reload(ticket).urges, len(presses(desk, ticket)), len(desk.events(ticket))) == (1, 1, 1)


def test_of_several_who_urge_at_once_the_owner_hears_once(desk: Desk) -> None:
    ticket = urgent(desk)
    actors = [desk.actor("zhoulan"), desk.actor("liutao")]
    start = Barrier(2)

    def click(actor: Actor) -> None:
        start.wait()
        urge(desk.runtime, actor, ticket.number)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(click, actors))
    assert desk.reload(ticket).urges == 2
    assert sorted(row.merged for row in presses(desk, ticket)) == [False, True]
    assert heard(desk, ticket.number)["lina"] == ["urged owner"]
    with desk.runtime.reading() as session:
        waiting = sa.select(sa.func.count()).select_from(Deadline).where(Deadline.ticket_id == ticket.id)
        assert session.scalars(waiting).one() == 1
