"""Signals: all that wait for one just then hear it, each once, and the types that begin with it begin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import Effect, Incident, Job, JobStatus, MessageSubscription
from tests.engine.build import (
    boundary,
    catch,
    chain,
    end,
    event_sub,
    message,
    receive,
    script,
    service,
    signal,
    start,
    terminate,
    throw,
)
from tests.tickets.play import Play, files, staff
from tickets import signals, work
from tickets.access import Actor, Permission, Scope
from tickets.errors import Forbidden, InstanceStuck, Invalid
from tickets.incidents import retry
from tickets.ticket import Ticket
from tickets.types import TicketType


@pytest.fixture
def play(lasting_play: Play) -> Play:
    """Nobody waits any more for what earlier tests were about."""
    with lasting_play.writing() as session, session.begin():
        session.execute(sa.delete(MessageSubscription))
    return lasting_play


def publish(play: Play, key: str, *parts: str, brand: str | None = None) -> None:
    made = play.upload(files(*parts, key=key), brand_id=play.cast.places[brand] if brand else None)
    assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]


def waits(play: Play, key: str, *, brand: str | None = None) -> None:
    """A type that waits for “go” and then has support look."""
    publish(
        play, key, start(), catch("wait", signal()), staff("look"), end(), chain("begin", "wait", "look"), brand=brand
    )


def throws(play: Play, key: str) -> None:
    """A type whose first task, when done, throws “go”."""
    publish(
        play,
        key,
        start(),
        staff("call"),
        throw("shout", signal()),
        staff("rest"),
        chain("begin", "call", "shout", "rest"),
    )


def send(play: Play, name: str = "go", *, login: str = "admin", **payload: Any) -> signals.Heard:
    heard = signals.send(play.runtime, play.cast.actor(login), name=name, payload=payload)
    play.settle()
    return heard


def of_type(play: Play, key: str) -> list[str]:
    query = sa.select(Ticket.number).join(TicketType, TicketType.id == Ticket.type_id).where(TicketType.key == key)
    with play.runtime.reading() as session:
        return list(session.scalars(query.order_by(Ticket.id)))


def test_all_who_wait_hear_it_with_its_payload_and_who_comes_later_does_not(play: Play) -> None:
    waits(play, "heard")
    numbers = [play.file("zhoulan", "heard") for _ in range(3)]
    assert send(play, amount=3) == signals.Heard(waiting=3, starting=0)
    for number in numbers:
        assert play.open_tasks(number) == ["look"]
        assert play.ticket(number).data == {"amount": 3}
        assert play.told(number) == ["filed+", "signal", "status+"]
        event = play.events(number)[1]
        assert (event.params, event.actor_id) == ({"signal": "go"}, play.cast.people["admin"])
    late = play.file("zhoulan", "heard")
    play.settle()
    assert play.open_tasks(late) == []
    assert send(play, "stop") == signals.Heard(0, 0)


def test_a_process_s_signal_is_heard_in_itself_at_once_and_by_the_others_after_it(play: Play) -> None:
    publish(
        play,
        "shouting",
        start(),
        staff("call"),
        boundary("heard", "other", signal(), interrupting=False),
        throw("shout", signal()),
        staff("rest"),
        staff("other"),
        staff("own"),
        chain("begin", "call", "shout", "rest"),
        chain("begin", "other"),
        chain("heard", "own"),
    )
    waits(play, "listening")
    listening = play.file("zhoulan", "listening")
    number = play.file("zhoulan", "shouting")
    play.complete("lina", "call", number)
    assert sorted(play.open_tasks(number)) == ["other", "own", "rest"]
    assert play.open_tasks(listening) == []
    play.settle()
    assert sorted(play.open_tasks(number)) == ["other", "own", "rest"], "once, and not again from outside"
    assert play.open_tasks(listening) == ["look"]
    assert play.told(number) == ["filed+", "accepted+", "completed", "signal", "status+"]
    assert play.events(listening)[1].params == {"signal": "go"}


def test_it_starts_types_that_begin_with_it_beside_those_who_wait(play: Play) -> None:
    waits(play, "waiting")
    publish(play, "beginning", start(inner=signal()), staff("look"), chain("begin", "look"))
    waiting = play.file("zhoulan", "waiting")
    assert send(play, amount=5) == signals.Heard(waiting=1, starting=1)
    assert play.open_tasks(waiting) == ["look"]
    (number,) = of_type(play, "beginning")
    ticket = play.ticket(number)
    assert (ticket.requester_id, ticket.filed_by_id, ticket.data) == (None, play.cast.people["admin"], {"amount": 5})
    assert (play.told(number), play.open_tasks(number)) == (["filed"], ["look"])
    assert play.events(number)[0].params == {"cause": "go"}


def test_a_message_of_the_same_name_is_another_thing(play: Play) -> None:
    publish(play, "both", start(), catch("wait", signal()), staff("look"), chain("begin", "wait", "look"))
    publish(play, "message", start(), receive("wait"), staff("look"), chain("begin", "wait", "look"))
    heard, other = play.file("zhoulan", "both"), play.file("zhoulan", "message")
    assert send(play, "order") == signals.Heard(0, 0)
    play.settle()
    assert (play.open_tasks(heard), play.open_tasks(other)) == ([], [])


def test_several_places_of_one_ticket_hear_it_each_once(play: Play) -> None:
    publish(
        play,
        "places",
        start(),
        catch("one", signal()),
        catch("two", signal()),
        staff("first"),
        staff("second"),
        staff("beside"),
        boundary("again", "beside", signal(), interrupting=False),
        staff("more"),
        chain("begin", "one", "first"),
        chain("begin", "two", "second"),
        chain("begin", "beside"),
        chain("again", "more"),
    )
    number = play.file("zhoulan", "places")
    assert send(play) == signals.Heard(1, 0)
    assert sorted(play.open_tasks(number)) == ["beside", "first", "more", "second"]
    assert send(play) == signals.Heard(1, 0)
    assert sorted(play.open_tasks(number)) == ["beside", "first", "more", "more", "second"]


def test_a_wait_that_is_over_by_the_time_is_passed_over(play: Play) -> None:
    publish(
        play,
        "over",
        start(),
        staff("look"),
        boundary("stop", "look", signal()),
        event_sub("listen", signal(), staff("inside"), interrupting=False),
        end("gone", terminate()),
        end(),
        chain("begin", "look", "done"),
        chain("stop", "gone"),
    )
    number = play.file("zhoulan", "over")
    assert send(play).waiting == 1
    assert play.instance(number).status == "completed"
    assert play.incidents(number) == []


def test_a_brand_s_signal_stays_in_the_brand_and_the_group(play: Play) -> None:
    waits(play, "of_group")
    in_group = play.file("admin", "of_group")
    waits(play, "of_brand", brand="qinghe")
    in_brand = play.file("zhoulan", "of_brand")
    sender = _brand_sender(play)
    heard = signals.send(play.runtime, sender, name="go", payload={})
    play.settle()
    assert heard.waiting == 2
    assert play.open_tasks(in_group) == play.open_tasks(in_brand) == ["look"]


def test_another_brand_s_signal_does_not_reach_it_but_the_group_s_does(play: Play) -> None:
    waits(play, "of_brand", brand="qinghe")
    in_brand = play.file("zhoulan", "of_brand")
    assert signals.send(play.runtime, _brand_sender(play, "kapok"), name="go", payload={}) == signals.Heard(0, 0)
    play.settle()
    assert play.open_tasks(in_brand) == []
    assert send(play) == signals.Heard(1, 0)
    assert play.open_tasks(in_brand) == ["look"]


def _brand_sender(play: Play, brand: str = "qinghe") -> Actor:
    """An actor who may send events in one brand only."""
    admin = play.cast.actor("admin")
    grants = tuple(
        replace(grant, scope=Scope.BRAND) for grant in admin.grants if Permission.SEND_MESSAGES in grant.permissions
    )
    return replace(admin, brand_id=play.cast.places[brand], place_id=play.cast.places[brand], grants=grants)


def test_a_crash_between_its_jobs_reaches_nobody_twice_and_nobody_never(play: Play) -> None:
    publish(
        play,
        "crashed",
        start(),
        staff("look"),
        boundary("again", "look", signal(), interrupting=False),
        staff("more"),
        end(),
        chain("begin", "look", "done"),
        chain("again", "more"),
    )
    throws(play, "crasher")
    numbers = [play.file("zhoulan", "crashed") for _ in range(2)]
    play.complete("lina", "call", play.file("zhoulan", "crasher"))
    (args,) = _jobs(play, "signal")
    for _ in range(2):
        signals.spread(play.runtime, args)
    heard = _jobs(play, "signal.heard")
    assert len(heard) == 2
    for args in (*heard, *heard):
        signals.hear(play.runtime, args)
    play.settle()
    assert [play.open_tasks(number).count("more") for number in numbers] == [1, 1]


def _jobs(play: Play, name: str) -> list[dict[str, Any]]:
    query = sa.select(Job.args).where(Job.name == name, Job.status == JobStatus.QUEUED)
    with play.runtime.reading() as session:
        return list(session.scalars(query))


def test_two_workers_deliver_it_once(play: Play) -> None:
    publish(play, "begins", start(inner=signal()), staff("look"), chain("begin", "look"))
    waits(play, "raced")
    numbers = [play.file("zhoulan", "raced") for _ in range(4)]
    signals.send(play.runtime, play.cast.actor("admin"), name="go", payload={})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: [work.drain(play.runtime) for _ in range(3)], range(2)))
    play.settle()
    assert [play.passed(number) for number in numbers] == [["begin", "wait"]] * 4
    assert len(of_type(play, "begins")) == 1


def test_processes_that_shout_at_each_other_come_to_an_end(play: Play) -> None:
    """Each start throws the signal that starts it: without a limit that went on for ever."""
    publish(play, "echo", start(inner=signal()), throw("shout", signal()), end(), chain("begin", "shout", "done"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tickets.chain.LONGEST", 30)
        patch.setattr("engine.jobs.MAX_ATTEMPTS", 1)
        send(play)
    echoes = len(of_type(play, "echo"))
    assert 1 < echoes <= 32
    assert _jobs(play, "signal.start") == []


def test_what_hears_a_person_s_signal_may_still_do_some_work(play: Play) -> None:
    publish(
        play, "worker", start(), catch("wait", signal()), service("mail"), staff("look"), end(),
        chain("begin", "wait", "mail", "look", "done"),
    )  # fmt: skip
    throws(play, "caller")
    numbers = [play.file("zhoulan", "worker") for _ in range(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tickets.chain.LONGEST", 4)
        play.complete("lina", "call", play.file("zhoulan", "caller"))
        play.settle()
    assert [play.open_tasks(number) for number in numbers] == [["look"]] * 5


def test_a_ticket_that_cannot_go_on_from_it_has_an_incident_and_the_others_hear_it(play: Play) -> None:
    publish(
        play,
        "fails",
        start(),
        catch("wait", signal()),
        script("count", "share = 10 / parts"),
        staff("look"),
        chain("begin", "wait", "count", "look"),
    )
    waits(play, "fine")
    stuck, fine = play.file("zhoulan", "fails"), play.file("zhoulan", "fine")
    send(play, parts=0)
    (incident,) = play.incidents(stuck)
    assert (incident.kind, incident.element, play.open_tasks(fine)) == ("signal", "count", ["look"])
    with pytest.raises(InstanceStuck):
        retry(play.runtime, play.cast.actor("admin"), incident.public_id)
    with play.writing() as session, session.begin():
        mended = {**incident.payload, "payload": {"parts": 2}}
        session.execute(sa.update(Incident).where(Incident.id == incident.id).values(payload=mended))
    retry(play.runtime, play.cast.actor("admin"), incident.public_id)
    assert play.open_tasks(stuck) == ["look"]
    assert [event.params for event in play.events(stuck) if event.kind == "signal"] == [{"signal": "go"}]


def test_only_those_who_may_send_and_only_what_can_be_kept(play: Play) -> None:
    with pytest.raises(Forbidden):
        send(play, login="lina")
    for name in ("", "a\nb", "x" * 300):
        with pytest.raises(Invalid):
            send(play, name)
    with pytest.raises(Invalid):
        send(play, "go", text="x" * 70_000)


def test_an_effect_is_kept_for_each_that_a_process_has_thrown(play: Play) -> None:
    throws(play, "kept")
    before = play.count(Effect)
    play.complete("lina", "call", play.file("zhoulan", "kept"))
    play.settle()
    assert play.count(Effect) == before + 1


def test_a_message_thrown_beside_a_signal_goes_its_own_way(play: Play) -> None:
    publish(
        play,
        "mixed",
        start(),
        staff("call"),
        throw("shout", signal()),
        throw("write", message()),
        staff("rest"),
        chain("begin", "call", "shout", "write", "rest"),
    )
    publish(play, "reads", start(inner=message()), staff("look"), chain("begin", "look"))
    publish(play, "hears", start(inner=signal()), staff("look"), chain("begin", "look"))
    play.complete("lina", "call", play.file("zhoulan", "mixed"))
    play.settle()
    assert (len(of_type(play, "reads")), len(of_type(play, "hears"))) == (1, 1)
