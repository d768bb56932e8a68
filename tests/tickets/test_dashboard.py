"""The dashboard's numbers are the lengths of the lists they lead to, for everybody and whatever tickets there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cast import lasting_cast
from tests.databases import Databases, Kind
from tests.tickets.desk import MORNING, Desk, open_desk
from tests.tickets.lists.stock import Stock, fill
from tests.tickets.statements import counted
from tickets.dashboard import Dashboard, Figure, Measure, dashboard
from tickets.lists import count_tickets
from tickets.service.tables import ClockKind, Outcome, ServiceClock
from tickets.ticket import Priority, Status, Ticket

READERS = ("lina", "zhangwei", "tangyan", "zhaomin", "wanglei", "zhoulan", "auditor", "guohao")


@pytest.fixture(scope="module", params=list(Kind))
def stock(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stock]:
    with lasting_cast(databases, request.param, tmp_path_factory.mktemp("dashboard")) as cast:
        stock = fill(open_desk(cast), 120, seed=5)
        judge(stock)
        yield stock


def judge(stock: Stock) -> None:
    """Clocks that were met and missed, now and long ago; some tickets closed today and before."""
    with stock.desk.writing() as session:
        for number, ticket in enumerate(stock.tickets.values()):
            outcome = (Outcome.MET, Outcome.MISSED, None, Outcome.VOID)[number % 4]
            judged = MORNING - timedelta(days=number % 50) if outcome else None
            session.add(clock(ticket, kind=list(ClockKind)[number % 2], outcome=outcome, judged_at=judged))
            closed = MORNING - timedelta(hours=7 * number) if number % 3 == 0 else None
            session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(closed_at=closed))


def clock(ticket: Ticket, **columns: object) -> ServiceClock:
    return ServiceClock(
        brand_id=ticket.brand_id,
        place_id=ticket.place_id,
        type_id=ticket.type_id,
        ticket_id=ticket.id,
        span="PT4H",
        working=False,
        started_at=MORNING,
        due_at=MORNING,
        **columns,
    )


def figures(board: Dashboard) -> Iterator[Figure]:
    yield from board.mine.values()
    yield from board.seen.values()
    yield from board.backlog.values()
    for day in board.days:
        yield from (day.opened, day.closed)
    for person in board.people:
        yield from person.figures.values()
    for place in board.places:
        yield from place.figures.values()
    for line in board.service:
        yield from (line.met, line.missed)


@pytest.mark.parametrize("login", READERS)
def test_every_number_is_the_length_of_its_list(stock: Stock, login: str) -> None:
    actor = stock.desk.actor(login)
    with stock.desk.runtime.reading() as session:
        board = dashboard(session, actor, MORNING)
        for figure in figures(board):
            assert figure.number == count_tickets(session, actor, figure.query, now=MORNING).number, figure.query


def test_a_dashboard_takes_a_handful_of_statements(stock: Stock) -> None:
    for login in READERS:
        actor = stock.desk.actor(login)
        with stock.desk.runtime.reading() as session, counted(stock.desk.runtime.database) as statements:
            dashboard(session, actor, MORNING)
        assert len(statements) <= 8


def test_a_lead_sees_how_loaded_each_of_theirs_is(desk: Desk) -> None:
    hour = timedelta(hours=1)
    late = desk.ticket(owner="lina", status=Status.IN_PROGRESS, due_at=MORNING - hour, urged_at=MORNING)
    desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    desk.ticket(owner="guohao", status=Status.IN_PROGRESS)
    with desk.writing() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == late.id).values(priority=Priority.URGENT))
    with desk.runtime.reading() as session:
        lead = dashboard(session, desk.actor("zhangwei"), MORNING)
        other = dashboard(session, desk.actor("lina"), MORNING)
    assert [(line.person.login, line.person.load) for line in lead.people] == [("lina", 2.0), ("wanglei", 1.0)]
    assert {name: figure.number for name, figure in lead.people[0].figures.items()} == {
        Measure.OPEN: 1,
        Measure.OVERDUE: 1,
        Measure.DUE_SOON: 0,
        Measure.URGED: 1,
    }
    assert other.people == (), "nobody reports to her"


def test_a_small_case_counted_by_hand(desk: Desk) -> None:
    hour = timedelta(hours=1)
    desk.ticket(owner="lina", status=Status.IN_PROGRESS, due_at=MORNING - hour, urged_at=MORNING)
    desk.ticket(owner="lina", status=Status.IN_PROGRESS, due_at=MORNING + hour)
    desk.ticket(owner="lina", status=Status.SUSPENDED, due_at=MORNING - hour)
    desk.ticket(status=Status.UNASSIGNED, requester="huangyi", created_at=MORNING - 24 * hour)
    closed = desk.ticket(owner="wanglei", status=Status.CLOSED, closed_at=MORNING, due_at=MORNING - hour)
    with desk.writing() as session:
        session.add(clock(closed, kind=ClockKind.RESOLUTION, outcome=Outcome.MISSED, judged_at=MORNING - hour))
    with desk.runtime.reading() as session:
        board = dashboard(session, desk.actor("lina"), MORNING)
        brand = dashboard(session, desk.actor("tangyan"), MORNING)
    mine = {name: figure.number for name, figure in board.mine.items()}
    assert mine == {Measure.OPEN: 3, Measure.OVERDUE: 1, Measure.DUE_SOON: 1, Measure.URGED: 1}
    seen = {name: figure.number for name, figure in board.seen.items()}
    assert seen == {**mine, Measure.OPEN: 4, Measure.UNASSIGNED: 1}
    assert [(day.opened.number, day.closed.number) for day in board.days[-2:]] == [(1, 0), (4, 1)]
    assert {line.name: line.figures[Measure.OPEN].number for line in board.places} == {"青禾英语": 3, "木棉科学": 1}
    assert [line.name for line in brand.places] == ["深圳南山校区", "广州天河校区"]
    [line] = board.service
    assert (line.kind, line.met.number, line.missed.number, line.share) == (ClockKind.RESOLUTION, 0, 1, 0.0)
