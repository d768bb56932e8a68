"""Repeated requests under one Idempotency-Key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from tests.cast import Cast
from tests.engine.build import catch, chain, end, message, start
from tests.tickets.play import Play, staff
from tickets.access import Actor
from tickets.errors import Invalid
from tickets.idempotency import DONE, LEASE, Answer, StillAnswering, forget, forget_old, recall, remember
from tickets.messages import send
from tickets.runtime import Hold

CREATED = Answer(201, b'{"number": "CR-1"}', "application/json")


def ask(cast: Cast, actor: Actor, key: str = "k-1", request: str = "a" * 64) -> Answer | None:
    with cast.runtime.writing() as session, session.begin():
        return recall(session, actor, key, request, now=cast.clock.now())


def keep(cast: Cast, actor: Actor, since: datetime | None = None) -> None:
    with cast.runtime.writing() as session, session.begin():
        remember(session, held(cast, actor, since), CREATED)


def give_back(cast: Cast, actor: Actor, since: datetime | None = None) -> None:
    with cast.runtime.writing() as session, session.begin():
        forget(session, held(cast, actor, since))


def held(cast: Cast, actor: Actor, since: datetime | None = None) -> Hold:
    return Hold(actor.person_id, "k-1", since or cast.clock.now())


def test_the_first_answer_is_given_again_to_the_same_request_of_the_same_person(cast: Cast) -> None:
    assert ask(cast, cast.lina) is None
    keep(cast, cast.lina)
    assert ask(cast, cast.lina) == CREATED
    assert ask(cast, cast.wanglei) is None
    assert ask(cast, cast.lina, key="k-2") is None


def test_another_request_under_the_same_key_is_refused(cast: Cast) -> None:
    ask(cast, cast.lina)
    with pytest.raises(Invalid):
        ask(cast, cast.lina, request="b" * 64)
    keep(cast, cast.lina)
    with pytest.raises(Invalid):
        ask(cast, cast.lina, request="b" * 64)


def test_a_repetition_waits_while_the_first_is_answered_and_not_for_ever(cast: Cast) -> None:
    ask(cast, cast.lina)
    with pytest.raises(StillAnswering):
        ask(cast, cast.lina)
    cast.clock.advance(timedelta(seconds=61))
    assert ask(cast, cast.lina) is None
    with pytest.raises(StillAnswering):
        ask(cast, cast.lina)


def test_a_key_is_free_again_when_nothing_was_done(cast: Cast) -> None:
    ask(cast, cast.lina)
    give_back(cast, cast.lina)
    assert ask(cast, cast.lina, request="b" * 64) is None


def test_an_answer_is_not_forgotten_by_mistake_and_kept_for_a_day(cast: Cast) -> None:
    ask(cast, cast.lina)
    keep(cast, cast.lina)
    give_back(cast, cast.lina)
    assert ask(cast, cast.lina) == CREATED
    cast.clock.advance(timedelta(hours=24, seconds=1))
    with cast.runtime.writing() as session:
        assert forget_old(session, cast.clock.now()) == 1
    assert ask(cast, cast.lina, request="b" * 64) is None


def test_a_request_that_took_too_long_neither_answers_nor_frees_its_repetition(cast: Cast) -> None:
    begun = cast.clock.now()
    ask(cast, cast.lina)
    cast.clock.advance(LEASE + timedelta(seconds=1))
    assert ask(cast, cast.lina) is None
    keep(cast, cast.lina, begun)
    give_back(cast, cast.lina, begun)
    with pytest.raises(StillAnswering):
        ask(cast, cast.lina)
    keep(cast, cast.lina)
    assert ask(cast, cast.lina) == CREATED


def test_a_key_is_visible_ascii(cast: Cast) -> None:
    for key in ("", " ", "a b", "键", "k\0", "x" * 256, "\ud800"):
        with pytest.raises(Invalid):
            ask(cast, cast.lina, key=key)
    assert ask(cast, cast.lina, key="x" * 255) is None


def test_of_many_at_once_one_goes_on(cast: Cast) -> None:
    actor, start = cast.lina, Barrier(8)

    def attempt(_: int) -> str:
        start.wait()
        try:
            return "goes on" if ask(cast, actor) is None else "answered"
        except StillAnswering:
            return "waits"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(attempt, range(8)))
    assert outcomes == ["goes on"] + ["waits"] * 7


def test_an_answer_that_comes_after_its_key_was_given_back_is_no_fault(cast: Cast) -> None:
    keep(cast, cast.lina)
    assert ask(cast, cast.lina) is None


def filed(play: Play, since: datetime) -> str:
    """zhoulan's request of that moment files a ticket."""
    asking = replace(play.runtime, hold=Hold(play.cast.people["zhoulan"], "k-1", since))
    return Play(replace(play.cast, runtime=asking)).file("zhoulan")


def test_what_was_done_but_not_answered_is_not_done_again(play: Play) -> None:
    play.define(start(), staff("work"), end(), chain("begin", "work", "done"))
    assert ask(play.cast, play.cast.zhoulan) is None
    number = filed(play, play.cast.clock.now())
    with pytest.raises(StillAnswering):
        ask(play.cast, play.cast.zhoulan)
    play.cast.clock.advance(LEASE + timedelta(seconds=1))
    assert ask(play.cast, play.cast.zhoulan) == Answer(DONE, number.encode(), "")
    give_back(play.cast, play.cast.zhoulan)
    assert ask(play.cast, play.cast.zhoulan) == Answer(DONE, number.encode(), "")


def test_of_a_slow_request_and_its_repetition_one_is_written(play: Play) -> None:
    play.define(start(), staff("work"), end(), chain("begin", "work", "done"))
    begun = play.cast.clock.now()
    assert ask(play.cast, play.cast.zhoulan) is None
    play.cast.clock.advance(LEASE + timedelta(seconds=1))
    assert ask(play.cast, play.cast.zhoulan) is None
    number = filed(play, play.cast.clock.now())
    with pytest.raises(StillAnswering):
        filed(play, begun)
    assert play.tickets() == [number]


def test_a_message_sent_again_reaches_nobody_twice(play: Play) -> None:
    play.define(
        start(), catch("wait", message()), catch("again", message()), end(), chain("begin", "wait", "again", "done")
    )
    number, admin = play.file("zhoulan"), play.cast.admin
    asking = replace(play.runtime, hold=Hold(admin.person_id, "k-1", play.cast.clock.now()))
    for _ in range(2):
        send(asking, admin, name="order", key=number, payload={})
    play.settle()
    assert play.passed(number) == ["begin", "wait"]
