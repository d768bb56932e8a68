"""Priority, title, and the requester's rating."""

from __future__ import annotations

import pytest

from tests.tickets.life.errand import begun, do
from tests.tickets.play import Play
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.life.ending import confirm
from tickets.life.facts import retitle, set_priority
from tickets.life.rating import rate, rating_of
from tickets.life.resolving import resolve


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_the_priority_changes_and_the_timeline_keeps_both(play: Play) -> None:
    number = begun(play)
    do(play, "lina", set_priority, number, "urgent")
    do(play, "lina", set_priority, number, "urgent")
    assert play.ticket(number).priority == "urgent"
    assert [event.params for event in play.events(number) if event.kind == "priority"] == [
        {"from": "normal", "to": "urgent"}
    ]
    with pytest.raises(Invalid):
        do(play, "lina", set_priority, number, "huge")
    with pytest.raises(Forbidden):
        do(play, "zhoulan", set_priority, number, "low")


def test_the_title_changes(play: Play) -> None:
    number = begun(play)
    do(play, "lina", retitle, number, "  教室  网络断了 ")
    assert play.ticket(number).title == "教室 网络断了"
    for title in ("", "x" * 201, "a\x00b"):
        with pytest.raises(Invalid, match="title"):
            do(play, "lina", retitle, number, title)
    with pytest.raises(NotFound):
        do(play, "sunyue", retitle, number, "别的")


def test_the_requester_rates_once(play: Play) -> None:
    number = begun(play)
    with pytest.raises(Conflict):
        do(play, "zhoulan", rate, number, 5)
    do(play, "lina", resolve, number, "好了")
    do(play, "zhoulan", rate, number, 4, "很快")
    do(play, "zhoulan", rate, number, 4, "很快")
    do(play, "zhoulan", confirm, number)
    with pytest.raises(Conflict, match="before"):
        do(play, "zhoulan", rate, number, 1)
    with play.runtime.reading() as session:
        given = rating_of(session, play.ticket(number).id)
    assert given is not None
    assert (given.stars, given.body) == (4, "很快")
    assert play.told(number).count("rated+") == 1


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_stars_are_one_to_five(play: Play, stars: int) -> None:
    number = begun(play)
    with pytest.raises(Invalid):
        do(play, "zhoulan", rate, number, stars)


def test_nobody_rates_for_the_requester(play: Play) -> None:
    number = begun(play)
    do(play, "lina", resolve, number, "好了")
    with pytest.raises(Forbidden):
        do(play, "lina", rate, number, 5)
