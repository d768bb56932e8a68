"""Similar tickets: what few have in common counts, what many have does not; the ended first."""

from __future__ import annotations

import pytest

from tests.tickets.desk import Desk
from tickets.field_value import FieldValue
from tickets.search.tokens import keywords
from tickets.similar import similar_tickets
from tickets.ticket import Status


def filed(desk: Desk, title: str, requester: str = "zhoulan", *, status: Status = Status.CLOSED, **values: str) -> str:
    ticket = desk.ticket(
        requester, title=title, status=status, closed_at=desk.clock.now() if status is Status.CLOSED else None
    )
    with desk.writing() as session:
        for name, text in values.items():
            session.add(FieldValue(ticket_id=ticket.id, name=name, position=0, text=text))
    return ticket.number


def like(desk: Desk, number: str, login: str = "lina") -> list[str]:
    with desk.runtime.reading() as session:
        return [one.number for one in similar_tickets(session, desk.actor(login), number)]


def test_a_choice_that_most_make_likens_nothing(desk: Desk) -> None:
    for _ in range(30):
        filed(desk, "想参加开放日", about="facility", who="teacher")
    mine = filed(desk, "投屏总是断", about="facility", who="teacher")
    assert like(desk, mine) == []


def test_the_few_with_the_same_rare_value_and_words_are_like_it_the_ended_first(desk: Desk) -> None:
    for number in range(30):
        filed(desk, "想参加开放日", about="facility", model=f"model {number}")
    value = filed(desk, "想参加开放日", about="facility", model="EB-C301")
    words = filed(desk, "302 教室投屏总断", about="facility")
    going_on = filed(desk, "303 投屏总是断", status=Status.IN_PROGRESS, about="facility", model="EB-C301")
    mine = filed(desk, "303 投屏总是断", about="facility", model="EB-C301")
    assert like(desk, mine) == [words, value, going_on]


def test_what_one_does_not_see_neither_shows_nor_weighs(desk: Desk) -> None:
    mine, twin = (filed(desk, "投屏总是断", model="EB-C301") for _ in range(2))
    assert like(desk, mine, "zhaomin") == [twin]
    for _ in range(40):
        filed(desk, "想参加开放日", "huangyi", model="EB-C301")
    assert like(desk, mine, "zhaomin") == [twin]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("投屏断了", {"投屏", "屏断", "断了"}),
        ("HONOR Pad 9 崩溃，App 3.2.0", {"honor", "pad", "崩溃", "app"}),
        ("3.2.0 9", set()),
        ("ＡＰＰ", {"app"}),
    ],
)
def test_a_text_is_compared_by_pairs_and_whole_words(text: str, found: set[str]) -> None:
    assert keywords(text) == found
