"""Events that a person says have happened: tasks of their own, for those who do the activity they are attached to."""

from __future__ import annotations

from tests.engine.build import boundary, catch, chain, end, lane_set, start
from tests.tickets.play import Play, staff


def test_those_who_do_an_activity_say_that_it_is_interrupted(play: Play) -> None:
    play.define(
        *(start(), staff("work"), boundary("off", "work"), staff("after"), end(), end("x")),
        *(chain("begin", "work", "done"), chain("off", "after", "x")),
    )
    number = play.file("zhoulan")
    assert sorted(play.open_tasks(number)) == ["off", "work"]
    play.claim("lina", "off")
    assert play.complete("lina", "off") == number
    assert (play.open_tasks(number), play.passed(number)) == (["after"], ["begin", "off"])
    play.complete("lina", "after")
    assert play.ticket(number).status == "closed"


def test_one_that_does_not_interrupt_is_asked_again_until_the_activity_is_done(play: Play) -> None:
    play.define(
        *(start(), staff("work"), boundary("more", "work", interrupting=False), end(), end("x")),
        *(chain("begin", "work", "done"), chain("more", "x")),
    )
    number = play.file("zhoulan")
    for _ in range(2):
        play.complete("lina", "more")
        assert sorted(play.open_tasks(number)) == ["more", "work"]
    play.complete("lina", "work")
    assert (play.open_tasks(number), play.ticket(number).status) == ([], "closed")


def test_a_catch_event_is_for_the_role_of_its_lane(play: Play) -> None:
    play.define(lane_set(support="arrived"), start(), catch("arrived"), end(), chain("begin", "arrived", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "arrived")
    assert play.ticket(number).status == "closed"
