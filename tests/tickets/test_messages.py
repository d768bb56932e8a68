"""Messages: whom one reaches, what it starts, how long it is kept, and that nothing is delivered twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from engine.models import Effect, EventType, Job, MessageSubscription, PendingMessage
from tests.engine.build import (
    ORDER,
    boundary,
    catch,
    chain,
    document,
    end,
    message,
    receive,
    settings,
    start,
    throw,
    timer,
    whole,
)
from tests.tickets.play import Play, staff
from tickets import messages
from tickets.beginnings import Occasion, begin, begun_by
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.messages import Delivery, deliver, forget_expired
from tickets.people import Person
from tickets.reading import ticket_page
from tickets.receivers import Parcel, Whither, reach
from tickets.staff import grant_role
from tickets.subjects import Subject


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def publish(play: Play, key: str, *parts: str, brand: str | None = None, **given: str) -> None:
    process = whole(*parts, process=key, settings=settings(**given) if given else "")
    brand_id = play.cast.places[brand] if brand else None
    made = play.upload({f"{key}.bpmn": document(process, declarations=ORDER)}, brand_id=brand_id)
    assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]


def waits(play: Play, key: str, **given: str) -> None:
    """A type that waits for “order” and then has support look."""
    publish(
        play,
        key,
        start(),
        catch("wait", message()),
        staff("look"),
        end(),
        chain("begin", "wait", "look", "done"),
        **given,
    )


def starts(play: Play, key: str, *, name: str = "m_order", brand: str | None = None) -> None:
    """A type that begins with “order”."""
    publish(play, key, start(inner=message(name)), staff("look"), end(), chain("begin", "look", "done"), brand=brand)


def forget_starts(play: Play) -> None:
    with play.writing() as session, session.begin():
        session.execute(sa.delete(MessageSubscription).where(MessageSubscription.definition_id.is_not(None)))


def send(play: Play, key: str, *, login: str = "admin", name: str = "order", **payload: Any) -> Delivery:
    return messages.send(play.runtime, play.cast.actor(login), name=name, key=key, payload=payload)


def brand_sender(play: Play, login: str, brand: str) -> str:
    """Makes them an administrator of one brand."""
    with play.writing() as session, session.begin():
        person = session.get_one(Person, play.cast.people[login])
        admin, place = play.cast.roles["administrator"], play.cast.places[brand]
        if not any(grant.role_key == "administrator" for grant in play.cast.actor(login).grants):
            grant_role(session, person, role_id=admin, place_id=place)
    return login


def test_a_message_reaches_the_ticket_that_waits_for_it_with_its_payload(play: Play) -> None:
    waits(play, "waiting")
    number, other = play.file("zhoulan", "waiting"), play.file("zhoulan", "waiting")
    assert send(play, number, amount=3) == Delivery(number)
    assert (play.open_tasks(number), play.open_tasks(other)) == (["look"], [])
    assert play.ticket(number).data == {"amount": 3}
    assert play.told(number) == ["filed+", "message", "status+"]
    event = play.events(number)[1]
    assert (event.params, event.actor_id) == ({"message": "order"}, play.cast.people["admin"])


def test_the_diagram_stands_at_a_message_only_where_the_process_waits_for_nothing_else(play: Play) -> None:
    waits(play, "standing")
    number = play.file("zhoulan", "standing")
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.chenxiao, number, play.cast.clock.now())
    assert page.diagram is not None
    assert page.diagram.current == {"wait"}


def test_a_message_interrupts_or_goes_beside_a_task(play: Play) -> None:
    publish(
        play,
        "beside",
        start(),
        staff("look"),
        boundary("news", "look", message(), interrupting=False),
        boundary("stop", "look", message("m_cancel")),
        staff("read"),
        end(),
        chain("begin", "look", "done"),
        chain("news", "read"),
        chain("stop", "done"),
    )
    number = play.file("zhoulan", "beside")
    for _ in range(2):
        assert send(play, number).number == number
    assert sorted(play.open_tasks(number)) == ["look", "read", "read"]
    assert send(play, number, name="cancel").number == number
    assert play.open_tasks(number) == ["read", "read"]


def test_an_expression_may_give_the_key(play: Play) -> None:
    waits(play, "by_login", correlation="${requester.login}-7")
    number = play.file("zhoulan", "by_login")
    assert send(play, "zhoulan-7").number == number


def test_a_receive_task_waits_too(play: Play) -> None:
    publish(play, "receives", start(), receive("wait"), end(), chain("begin", "wait", "done"))
    number = play.file("zhoulan", "receives")
    assert send(play, number).number == number
    assert play.ticket(number).status == "closed"


def test_all_tickets_that_wait_for_the_same_key_are_reached(play: Play) -> None:
    waits(play, "together", correlation="all-of-us")
    numbers = [play.file(login, "together") for login in ("zhoulan", "sunyue")]
    assert send(play, "all-of-us").number == numbers[0]
    assert [play.open_tasks(number) for number in numbers] == [["look"], ["look"]]


def test_a_brand_s_sender_reaches_only_their_brand_and_the_group_s_reaches_all(play: Play) -> None:
    waits(play, "anywhere", correlation="shared")
    qinghe, kapok = play.file("zhoulan", "anywhere"), play.file("huangyi", "anywhere")
    assert send(play, "shared", login=brand_sender(play, "huangyi", "kapok")).number == kapok
    assert (play.open_tasks(qinghe), play.open_tasks(kapok)) == ([], ["look"])
    assert send(play, "shared").number == qinghe


def test_a_message_starts_the_types_that_begin_with_it(play: Play) -> None:
    forget_starts(play)
    starts(play, "begins")
    sent = send(play, "door-7", amount=5)
    assert sent.started
    assert sent.number is not None
    ticket = play.ticket(sent.number)
    assert (ticket.requester_id, ticket.filed_by_id) == (None, play.cast.people["admin"])
    assert (ticket.data, ticket.status) == ({"amount": 5}, "offered")
    assert play.told(sent.number) == ["filed"]
    assert play.events(sent.number)[0].params == {"cause": "order"}


def test_a_ticket_that_a_message_starts_is_about_its_subject_and_in_its_brand(play: Play) -> None:
    forget_starts(play)
    starts(play, "begins_about")
    play.cast.add_subjects()
    with play.runtime.reading() as session:
        robot = session.scalars(sa.select(Subject).where(Subject.external_id == "MM-S-0001")).one()
    sent = messages.send(play.runtime, play.cast.admin, name="order", key="x", payload={}, subject_id=robot.public_id)
    ticket = play.ticket(sent.number or "")
    assert (ticket.subject_id, ticket.brand_id, ticket.place_id) == (robot.id, robot.brand_id, robot.place_id)
    with pytest.raises(NotFound):
        messages.send(play.runtime, play.cast.admin, name="order", key="x", payload={}, subject_id=uuid4())


def test_a_brand_s_own_type_begins_instead_of_the_group_s_even_with_another_message(play: Play) -> None:
    forget_starts(play)
    starts(play, "ours")
    sender = brand_sender(play, "huangyi", "kapok")
    before = len(play.tickets())
    starts(play, "ours", brand="kapok")
    assert send(play, "x", login=sender).started
    assert len(play.tickets()) == before + 1
    starts(play, "ours", brand="kapok", name="m_cancel")
    assert send(play, "x", login=sender).number is None
    assert send(play, "x").started


def test_what_nobody_waits_for_is_kept_seven_days_and_delivered_when_somebody_does(play: Play) -> None:
    forget_starts(play)
    waits(play, "late_comer", correlation="late-1")
    assert send(play, "late-1", amount=1) == Delivery(None)
    play.cast.clock.advance(timedelta(days=6, hours=23))
    number = play.file("zhoulan", "late_comer")
    play.settle()
    assert (play.open_tasks(number), play.ticket(number).data) == (["look"], {"amount": 1})
    again = play.file("zhoulan", "late_comer")
    play.settle()
    assert play.open_tasks(again) == []
    assert play.count(PendingMessage, PendingMessage.key == "late-1") == 0


def test_two_that_begin_to_wait_at_the_same_revision_share_what_was_kept(play: Play) -> None:
    forget_starts(play)
    waits(play, "sharers", correlation="shared-2")
    send(play, "shared-2", amount=1)
    numbers = [play.file("zhoulan", "sharers") for _ in range(2)]
    send(play, "shared-2-none")
    play.settle()
    assert [play.open_tasks(number) for number in numbers] == [["look"], []]
    assert send(play, "shared-2").number == numbers[1]


def test_one_who_began_to_wait_just_as_it_was_kept_gets_it_a_little_later(play: Play) -> None:
    forget_starts(play)
    waits(play, "same_moment", correlation="same-1")
    send(play, "same-1", amount=1)
    number = play.file("zhoulan", "same_moment")
    with play.writing() as session, session.begin():  # as if it had not seen what was not committed yet
        seen = Job.key.startswith("pending:") & (Job.run_at <= play.cast.clock.now())
        session.execute(sa.update(Job).where(seen, Job.status == "queued").values(status="done"))
    play.settle()
    assert play.open_tasks(number) == []
    play.pass_time(seconds=10)
    assert (play.open_tasks(number), play.ticket(number).data) == (["look"], {"amount": 1})
    assert play.count(PendingMessage, PendingMessage.key == "same-1") == 0


def test_what_was_kept_too_long_is_dropped(play: Play) -> None:
    forget_starts(play)
    waits(play, "too_late", correlation="old-1")
    send(play, "old-1")
    play.cast.clock.advance(timedelta(days=7))
    number = play.file("zhoulan", "too_late")
    play.settle()
    assert play.open_tasks(number) == []
    assert forget_expired(play.runtime) >= 1
    assert play.count(PendingMessage, PendingMessage.key == "old-1") == 0


def test_what_a_brand_kept_waits_for_that_brand_alone_and_the_group_s_for_all(play: Play) -> None:
    forget_starts(play)
    waits(play, "per_brand", correlation="per-brand")
    send(play, "per-brand", login=brand_sender(play, "huangyi", "kapok"))
    other = play.file("zhoulan", "per_brand")
    play.settle()
    assert play.open_tasks(other) == []
    ours = play.file("huangyi", "per_brand")
    play.settle()
    assert play.open_tasks(ours) == ["look"]
    assert send(play, "per-brand").number == other
    assert send(play, "per-brand").number is None
    third = play.file("zhoulan", "per_brand")
    play.settle()
    assert play.open_tasks(third) == ["look"]


def test_only_those_who_may_send(play: Play) -> None:
    for login in ("lina", "zhoulan", "hejing", "chenxiao"):
        with pytest.raises(Forbidden):
            send(play, "x", login=login)


BAD: list[tuple[str, str, Mapping[str, Any]]] = [
    ("", "x", {}),
    ("a" * 256, "x", {}),
    ("order", "a" * 256, {}),
    ("or\x00der", "x", {}),
    ("order", "x\ud800", {}),
    ("order", "x", {"text": "a" * 70_000}),
    ("order", "x", {"text": "\x00"}),
    ("order", "x", {"number": 10**40}),
    ("order", "x", {"number": float("nan")}),
]


@pytest.mark.parametrize(("name", "key", "payload"), BAD)
def test_what_can_t_be_kept_is_refused(play: Play, name: str, key: str, payload: Mapping[str, Any]) -> None:
    with pytest.raises(Invalid):
        messages.send(play.runtime, play.cast.admin, name=name, key=key, payload=payload)


def test_a_process_throws_a_message_to_another(play: Play) -> None:
    forget_starts(play)
    waits(play, "catcher", correlation="between-us")
    thrower = (start(), throw("tell", message()), end(), chain("begin", "tell", "done"))
    publish(play, "thrower", *thrower, correlation="between-us")
    waiting = play.file("zhoulan", "catcher")
    play.file("zhoulan", "thrower")
    assert play.open_tasks(waiting) == []
    play.settle()
    assert play.open_tasks(waiting) == ["look"]


def test_a_thrown_message_starts_a_ticket_once_though_its_job_runs_again(play: Play) -> None:
    forget_starts(play)
    starts(play, "follows")
    publish(play, "thrower", start(), end("done", message()), chain("begin", "done"))
    play.file("zhoulan", "thrower")
    play.settle()
    before = play.tickets()
    run_again(play)
    assert play.tickets() == before
    with play.runtime.reading() as session:
        job = session.scalars(sa.select(Job).where(Job.name == "message").order_by(Job.id.desc())).first()
    assert job is not None
    assert play.count(Effect, Effect.key.startswith(str(job.key) + "/")) == 2


def run_again(play: Play) -> None:
    """As if the worker had died just before it wrote down that the last message was sent."""
    with play.writing() as session, session.begin():
        last = session.scalars(sa.select(Job.id).where(Job.name == "message").order_by(Job.id.desc())).first()
        session.execute(sa.update(Job).where(Job.id == last).values(status="queued"))
    play.settle()


def test_a_job_that_died_between_two_receivers_reaches_the_second_and_not_the_first_again(play: Play) -> None:
    forget_starts(play)
    again = (start(), catch("wait", message()), catch("more", message()), end())
    publish(play, "twice", *again, chain("begin", "wait", "more", "done"), correlation="pair")
    first, second = play.file("zhoulan", "twice"), play.file("zhoulan", "twice")
    parcel = Parcel("order", "pair", {}, "job-1")
    here = Whither(play.cast.places["qinghe"], play.cast.places["sz-nanshan"])
    reached = play.instance(first).id
    reach(play.runtime, None, reached, parcel)
    assert deliver(play.runtime, None, parcel, here) == Delivery(second)
    assert [play.visited(number) for number in (first, second)] == [["begin", "wait"]] * 2
    for _ in range(2):
        assert deliver(play.runtime, None, parcel, here) == Delivery(None)
    assert [play.visited(number) for number in (first, second)] == [["begin", "wait"]] * 2
    assert play.count(PendingMessage, PendingMessage.key == "pair") == 0


def test_a_job_that_died_between_two_starts_makes_the_second_and_does_not_reach_the_first(play: Play) -> None:
    forget_starts(play)
    waits_on = (catch("wait", message()), staff("look"), end())
    for key in ("one", "two"):
        publish(
            play,
            key,
            start(inner=message()),
            *waits_on,
            chain("begin", "wait", "look", "done"),
            correlation="${'pair-2'}",
        )
    parcel = Parcel("order", "pair-2", {}, "job-2")
    here = Whither(play.cast.places["qinghe"], play.cast.places["sz-nanshan"])
    with play.runtime.reading() as session:
        first, second = begun_by(session, EventType.MESSAGE, here.brand_id, "order")
    occasion = Occasion(here.place_id, "order", effect=parcel.part(f"started/{first.kind.id}"))
    begun = begin(play.runtime, None, first, occasion)
    before = len(play.tickets())
    assert deliver(play.runtime, None, parcel, here).started
    assert len(play.tickets()) == before + 1
    assert play.visited(begun or "") == ["begin"]
    assert second.kind.key == "two"


def test_a_message_kept_by_a_job_is_kept_once(play: Play) -> None:
    forget_starts(play)
    parcel = Parcel("order", "nobody-waits", {}, "job-3")
    here = Whither(play.cast.places["qinghe"], play.cast.places["sz-nanshan"])
    for _ in range(3):
        assert deliver(play.runtime, None, parcel, here) == Delivery(None)
    assert play.count(PendingMessage, PendingMessage.key == "nobody-waits") == 1


def test_a_ticket_that_ends_waits_for_nothing_more(play: Play) -> None:
    publish(
        play,
        "ends",
        start(),
        staff("look"),
        boundary("news", "look", message(), interrupting=False),
        boundary("late", "look", timer("after", "PT1H")),
        end(),
        chain("begin", "look", "done"),
        chain("news", "done"),
        chain("late", "done"),
    )
    number = play.file("zhoulan", "ends")
    play.complete("lina", "look", number)
    assert play.count(MessageSubscription, MessageSubscription.instance_id == play.instance(number).id) == 0
    assert play.timers(number) == []


def test_the_name_of_what_starts_a_type_may_be_an_expression(play: Play) -> None:
    forget_starts(play)
    declared = '<message id="m_order" name="${true ? &apos;order&apos; : &apos;none&apos;}" />'
    process = whole(start(inner=message()), staff("look"), chain("begin", "look"), process="named")
    made = play.upload({"named.bpmn": document(process, declarations=declared)})
    assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]
    assert send(play, "any").started


def test_a_name_that_only_a_ticket_could_tell_starts_nothing_and_is_said(play: Play) -> None:
    forget_starts(play)
    process = whole(start(inner=message()), staff("look"), chain("begin", "look"), process="unnamed")
    made = play.upload({"unnamed.bpmn": document(process, declarations='<message id="m_order" name="${x.y}" />')})
    assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]
    assert "start-unknown" in [problem.code for problem in made.report.problems]
    assert play.count(MessageSubscription, MessageSubscription.definition_id.is_not(None)) == 0
