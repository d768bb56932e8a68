"""Lists of random tickets hold what going through them one by one finds, in order, page by page, for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import lasting_cast
from tests.databases import Databases, Kind
from tests.tickets.desk import MORNING, open_desk
from tests.tickets.lists.stock import MODELS, TAGS, Stock, fill
from tests.tickets.statements import counted
from tickets.lists import FieldFilter, FieldOp, Moments, Sort, TicketQuery, count_tickets, list_tickets, ticket_ids
from tickets.lists.query import ME, NOBODY
from tickets.ticket import Priority, Status

READERS = ("zhoulan", "huangyi", "lina", "wanglei", "zhangwei", "zhaomin", "liutao", "chenxiao", "auditor", "tangyan")
PLACES = ("qiming", "qinghe", "kapok", "sz-nanshan", "gz-tianhe")


@pytest.fixture(scope="module", params=list(Kind))
def stock(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stock]:
    with lasting_cast(databases, request.param, Path(tmp_path_factory.mktemp("stock"))) as cast:
        yield fill(open_desk(cast), 140, seed=11)


hours = st.integers(-5, 10).map(lambda hour: MORNING + timedelta(hours=hour))
moments = st.builds(Moments, st.none() | hours, st.none() | hours)
seldom = st.just(Moments()) | moments
fields = st.builds(FieldFilter, st.just("model"), st.just(FieldOp.IS), st.sampled_from(MODELS)) | st.builds(
    FieldFilter,
    st.just("students"),
    st.sampled_from((FieldOp.FROM, FieldOp.UNTIL, FieldOp.IS)),
    st.integers(0, 12).map(str),
)
parts = st.builds(FieldFilter, st.just("model"), st.just(FieldOp.HAS), st.sampled_from(("pad", "米", "%")))
filled = st.builds(FieldFilter, st.sampled_from(("model", "students", "nothing")), st.just(FieldOp.FILLED))


def few(choices: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.just(()) | st.just(()) | st.lists(choices, max_size=2).map(tuple)


@st.composite
def queries(draw: st.DrawFn, people: dict[str, str], places: dict[str, str]) -> TicketQuery:
    people_or_me = few(st.sampled_from([*people.values(), ME, NOBODY]))
    sort = draw(st.sampled_from(list(Sort)))
    return TicketQuery(
        statuses=draw(st.just(frozenset[Status]()) | st.frozensets(st.sampled_from(Status), max_size=4)),
        types=draw(few(st.sampled_from(("crash_report", "nothing")))),
        priorities=draw(st.just(frozenset[Priority]()) | st.frozensets(st.sampled_from(Priority), max_size=2)),
        owners=draw(people_or_me),
        requesters=draw(people_or_me),
        assignees=draw(people_or_me),
        places=draw(few(st.sampled_from(list(places.values())))),
        tags=draw(few(st.sampled_from((*TAGS, "vip", "none")))),
        created=draw(seldom),
        due=draw(seldom),
        resolved=draw(seldom),
        overdue=draw(st.sampled_from((False, False, True))),
        urged=draw(st.sampled_from((False, False, False, True))),
        unreplied=draw(st.sampled_from((False, False, False, True))),
        cc_me=draw(st.sampled_from((False, False, False, True))),
        fields=tuple(draw(st.just([]) | st.lists(fields | parts | filled, max_size=2))),
        sort=sort,
        sort_field="students" if sort in {Sort.FIELD, Sort.FIELD_DOWN} else "",
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_list_holds_what_fits_in_order_and_pages_hold_each_row_once(stock: Stock, data: st.DataObject) -> None:
    places = {name: str(stock.places[name].public_id) for name in PLACES if name in stock.places}
    query = data.draw(queries(dict(stock.people), places))
    actor = stock.desk.actor(data.draw(st.sampled_from(READERS)))
    few, limit = data.draw(st.sampled_from((0, 2000))), data.draw(st.sampled_from((7, 50, 200)))
    expected = stock.expected(actor, query, MORNING)
    seen: list[int] = []
    cursor = None
    with stock.desk.runtime.reading() as session:
        for _ in range(len(stock.tickets)):
            page = list_tickets(session, actor, query, now=MORNING, cursor=cursor, limit=limit, few=few)
            seen += [row.ticket.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        count = count_tickets(session, actor, query, now=MORNING)
    assert seen == expected
    assert (count.number, count.more) == (len(expected), False)


def test_rows_carry_the_fields_that_were_asked_for(stock: Stock) -> None:
    with stock.desk.runtime.reading() as session, counted(stock.desk.runtime.database) as statements:
        page = list_tickets(
            session, stock.desk.actor("auditor"), TicketQuery(), now=MORNING, fields=("model", "students"), limit=20
        )
    assert len(statements) == 5  # loading the auditor takes two, and a plain list weighs nothing
    for row in page.rows:
        assert {name: texts[0] for name, texts in row.fields.items()} == stock.fields[row.ticket.id]


def test_counting_stops_at_the_most(stock: Stock) -> None:
    with stock.desk.runtime.reading() as session:
        count = count_tickets(session, stock.desk.actor("auditor"), TicketQuery(), now=MORNING, most=100)
    assert (count.number, count.more) == (100, True)


def test_ids_are_given_in_the_order_of_the_list_and_go_on_from_a_cursor(stock: Stock) -> None:
    actor, query = stock.desk.actor("auditor"), TicketQuery(sort=Sort.DUE)
    with stock.desk.runtime.reading() as session:
        first, cursor = ticket_ids(session, actor, query, now=MORNING, most=100)
        rest, end = ticket_ids(session, actor, query, now=MORNING, most=100, cursor=cursor)
    assert first + rest == stock.expected(actor, query, MORNING)
    assert end is None


@pytest.mark.parametrize("cursor", ["", "x", "é", "W10", "W251bGwsbnVsbCwwXQ", "A" * 5000, "WyJkdWUiLDEsMV0", "!"])
def test_a_broken_cursor_gives_the_first_page(stock: Stock, cursor: str) -> None:
    actor = stock.desk.actor("auditor")
    with stock.desk.runtime.reading() as session:
        for sort in Sort:
            query = TicketQuery(sort=sort, sort_field="students")
            page = list_tickets(session, actor, query, now=MORNING, cursor=cursor, limit=5)
            assert [row.ticket.id for row in page.rows] == stock.expected(actor, query, MORNING)[:5]


def test_what_is_named_and_not_there_fits_nothing(stock: Stock) -> None:
    actor = stock.desk.actor("auditor")
    hostile = ("\x00", "'", "no-such-thing", "0" * 32, "\ud800")
    with stock.desk.runtime.reading() as session:
        for query in (
            TicketQuery(owners=hostile),
            TicketQuery(places=hostile),
            TicketQuery(types=hostile),
            TicketQuery(tags=hostile),
            TicketQuery(subject="\x00"),
        ):
            assert list_tickets(session, actor, query, now=MORNING).rows == ()
