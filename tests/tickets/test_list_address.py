"""A list's address says what its query says, whichever way one reads them; what can't be used is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.lists.address import read_query, write_query
from tickets.lists.query import ME, NOBODY, FieldFilter, FieldOp, Moments, Promise, Sort, TicketQuery
from tickets.ticket import OPEN, Priority, Status

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)

words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
ids = st.uuids().map(str)
whom = st.lists(st.one_of(st.just(ME), st.just(NOBODY), ids), max_size=3, unique=True).map(
    lambda found: tuple(sorted(found))
)
sorted_words = st.lists(words, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
edges = st.one_of(
    st.none(),
    st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    days.map(lambda day: datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)),
)
spans = st.builds(Moments, edges, edges)
full_spans = spans.filter(bool)
fields = st.builds(
    lambda name, op, value: FieldFilter(name, op, "" if op is FieldOp.FILLED else value),
    words,
    st.sampled_from(FieldOp),
    words,
)
queries = st.builds(
    TicketQuery,
    statuses=st.frozensets(st.sampled_from(Status)),
    types=sorted_words,
    priorities=st.frozensets(st.sampled_from(Priority)),
    owners=whom,
    requesters=whom,
    assignees=whom,
    places=st.lists(ids, max_size=2, unique=True).map(lambda found: tuple(sorted(found))),
    tags=sorted_words,
    text=st.one_of(st.just(""), words),
    subject=st.one_of(st.just(""), ids),
    created=spans,
    due=spans,
    resolved=spans,
    closed=spans,
    overdue=st.booleans(),
    urged=st.booleans(),
    unreplied=st.booleans(),
    dispatch=st.booleans(),
    cc_me=st.booleans(),
    promise=st.one_of(
        st.none(),
        st.builds(Promise, st.sampled_from(["response", "resolution"]), st.sampled_from(["met", "missed"]), full_spans),
    ),
    fields=st.lists(fields, max_size=2, unique=True).map(tuple),
)


@given(queries, st.sampled_from(Sort), words)
def test_a_query_comes_back_from_its_address(query: TicketQuery, sort: Sort, of: str) -> None:
    by_field = sort in (Sort.FIELD, Sort.FIELD_DOWN)
    query = replace(query, sort=sort, sort_field=of if by_field else "")
    read = read_query(write_query(query, SHANGHAI), now=NOW, zone=SHANGHAI)
    assert not read.misread
    assert read.query == query


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=300)), max_size=80))
def test_no_address_is_too_strange_to_be_read(pairs: list[tuple[str, str]]) -> None:
    read = read_query(pairs, now=NOW, zone=SHANGHAI)
    again = read_query(read.pairs, now=NOW, zone=SHANGHAI)
    assert (again.query, again.misread) == (read.query, ())


def test_open_stands_for_every_status_that_is_not_over() -> None:
    read = read_query([("status", "open"), ("status", "closed")], now=NOW, zone=SHANGHAI)
    assert read.query.statuses == OPEN | {Status.CLOSED}
    assert write_query(read.query, SHANGHAI) == [("status", "open"), ("status", "closed")]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-01..2026-11-22", day("2026-11-01"), day("2026-11-23")),
        ("2026-11-22", day("2026-11-22"), day("2026-11-23")),
        ("2026-11-01..", day("2026-11-01"), None),
        ("..2026-11-01", None, day("2026-11-02")),
        ("today", day("2026-11-22"), day("2026-11-23")),
        ("yesterday", day("2026-11-21"), day("2026-11-22")),
        ("tomorrow", day("2026-11-23"), day("2026-11-24")),
        ("last7d", day("2026-11-16"), day("2026-11-23")),
        ("next7d", day("2026-11-22"), day("2026-11-29")),
        ("next24h", NOW, NOW + timedelta(hours=24)),
        ("last2h", NOW - timedelta(hours=2), NOW),
        ("2026-11-22T10:30:00+08:00..", NOW, None),
    ],
)
def test_moments_are_days_where_the_reader_is(text: str, start: datetime | None, end: datetime | None) -> None:
    read = read_query([("created", text)], now=NOW, zone=SHANGHAI)
    assert read.query.created == Moments(start, end)
    assert read.pairs == (("created", text),)


def test_two_dates_of_a_form_make_one_span() -> None:
    read = read_query([("due_from", "2026-11-01"), ("due_until", "2026-11-02")], now=NOW, zone=SHANGHAI)
    assert read.query.due == Moments(day("2026-11-01"), day("2026-11-03"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "done"),
        ("priority", "1"),
        ("owner", "lina"),
        ("place", "sz-nanshan"),
        ("subject", "QH-S-1001"),
        ("created", "soon"),
        ("created", "2026-02-30"),
        ("created", ".."),
        ("due", "2026-11-22T10:30:00"),
        ("due", "0001-01-01..9999-12-31"),
        ("overdue", "yes"),
        ("promise", "resolution.late.last7d"),
        ("promise", "resolution.missed"),
        ("cc", "1"),
        ("sort", "random"),
        ("sort", "field"),
        ("sort", "due.model"),
        ("f.like.model", "x"),
        ("f.is.", "x"),
        ("f.model", "x"),
        ("colour", "red"),
        ("q", "a\0b"),
        ("q", "x" * 201),
    ],
)
def test_what_can_not_be_used_is_named_with_the_reason_and_changes_nothing(name: str, value: str) -> None:
    read = read_query([(name, value), ("status", "closed")], now=NOW, zone=SHANGHAI)
    assert read.query == TicketQuery(statuses=frozenset({Status.CLOSED}))
    assert [(each.name, each.value) for each in read.misread] == [(name, value[:200])]
    assert str(read.misread[0].why)


def test_more_filters_than_anybody_needs_are_refused() -> None:
    read = read_query([("tag", str(number)) for number in range(61)], now=NOW, zone=SHANGHAI)
    assert read.query == TicketQuery()
    assert len(read.misread) == 1


def test_an_id_is_read_in_any_spelling() -> None:
    wanted = UUID("0192f0c1-2a7b-7c3d-8e4f-5a6b7c8d9e0f")
    read = read_query([("owner", wanted.hex.upper())], now=NOW, zone=SHANGHAI)
    assert read.query.owners == (str(wanted),)
