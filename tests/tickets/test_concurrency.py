"""Many at once: one wins, the others are told so, and what does not collide goes through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.models import ElementVisit, Incident, StepInput, TaskStatus
from forms import Form, Submission
from tests.engine.build import both, chain, end, script, start, times
from tests.tickets.play import Play, files, staff, text
from tickets import conversation, tasks
from tickets.access import Actor
from tickets.errors import Conflict, Forbidden, InstanceStuck, TaskClosed
from tickets.filing import file_ticket
from tickets.numbers import next_number
from tickets.people import Person
from tickets.staff import grant_role
from tickets.tasks import save_draft, task_form


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


THREADS = 50


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of so many threads got, or the domain's refusal; they all begin together."""
    gate = Barrier(count)

    def run(index: int) -> Any:
        gate.wait()
        try:
            return act(index)
        except (Conflict, InstanceStuck) as refused:
            return refused

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def two_tasks(play: Play) -> None:
    parts = (start(), staff("look", camunda__formRef="look"), staff("more"), end())
    play.define(*parts, chain("begin", "look", "more", "done"), forms={"look": [text("n")]})


def test_of_fifty_who_complete_one_task_one_wins_and_the_others_are_told_who(play: Play) -> None:
    two_tasks(play)
    number = play.file("zhoulan")
    task_id = play.task("look", number).public_id
    lina = play.cast.lina

    def complete(index: int) -> str:
        return tasks.complete(play.runtime, lina, task_id, play.answer({"n": str(index)}))

    got = at_once(THREADS, complete)
    won = [index for index, each in enumerate(got) if each == number]
    lost = [each for each in got if isinstance(each, Conflict)]
    assert (len(won), len(lost)) == (1, THREADS - 1)
    assert all(each.by == "李娜" for each in lost if isinstance(each, TaskClosed))
    instance_id = play.instance(number).id
    assert play.told(number) == ["filed+", "accepted+", "completed", "status+"]
    assert play.count(ElementVisit, ElementVisit.instance_id == instance_id, ElementVisit.element == "look") == 1
    assert play.count(StepInput, StepInput.instance_id == instance_id) == 2
    assert play.ticket(number).data == {"n": str(won[0])}
    assert play.task("look", number, status=TaskStatus.COMPLETED).submitted == {"n": str(won[0])}
    assert (play.instance(number).revision, play.open_tasks(number)) == (2, ["more"])


def test_completions_of_different_tasks_of_one_ticket_all_go_through(play: Play) -> None:
    play.define(
        start(),
        both("fork"),
        staff("one"),
        staff("two"),
        both("join"),
        staff("last"),
        end(),
        chain("begin", "fork", "one", "join", "last", "done"),
        chain("fork", "two", "join"),
    )
    number = play.file("zhoulan")
    ids = [play.task(element, number).public_id for element in ("one", "two")]
    lina = play.cast.lina
    got = at_once(2, lambda index: tasks.complete(play.runtime, lina, ids[index], play.answer({})))
    assert got == [number, number]
    assert (play.open_tasks(number), play.instance(number).revision) == (["last"], 3)
    assert Counter(play.told(number))["accepted+"] == 1


def test_of_two_who_claim_one_task_one_has_it(play: Play) -> None:
    play.define(start(), staff("look", to="support,support_lead"), end(), chain("begin", "look", "done"))
    number = play.file("zhoulan")
    task_id = play.task("look", number).public_id
    people = [play.cast.lina, play.cast.zhangwei] * 4
    got = at_once(8, lambda index: _claimed(play, people[index], task_id))
    winner = play.task("look", number).assignee_id
    assert {people[index].person_id for index, each in enumerate(got) if each == number} == {winner}
    assert play.ticket(number).owner_id == winner
    assert Counter(play.told(number)) == {"filed+": 1, "claimed": 1, "accepted+": 1}


def test_two_who_claim_different_tasks_of_one_ticket_both_have_theirs_and_one_answers_for_it(play: Play) -> None:
    play.define(
        start(),
        both("fork"),
        staff("one"),
        staff("two", to="support_lead"),
        end(),
        chain("begin", "fork", "one", "done"),
        chain("fork", "two", "done"),
    )
    for _ in range(5):
        number = play.file("zhoulan")
        assert _both_claimed(play, number) == [number, number]
        assert play.ticket(number).owner_id in {play.cast.people["lina"], play.cast.people["zhangwei"]}
        assert Counter(play.told(number)) == {"filed+": 1, "claimed": 2, "accepted+": 1}


def _both_claimed(play: Play, number: str) -> list[Any]:
    claims = [(play.cast.lina, play.task("one", number)), (play.cast.zhangwei, play.task("two", number))]
    return at_once(2, lambda index: tasks.claim(play.runtime, claims[index][0], claims[index][1].public_id))


def _claimed(play: Play, actor: Actor, task_id: UUID) -> Any:
    try:
        return tasks.claim(play.runtime, actor, task_id)
    except Forbidden as refused:
        return refused


def test_a_ticket_accepted_while_somebody_completes_its_task_has_one_owner(play: Play) -> None:
    """The one who was first; the completion sees it and is planned again, without a word to anybody."""
    two_tasks(play)
    number = play.file("zhoulan")
    task_id = play.task("look", number).public_id
    accepted: list[int] = []

    def while_zhangwei_accepts(form: Form, before: Any) -> Submission:
        if not accepted:
            with play.writing() as session, session.begin():
                person = session.get_one(Person, play.cast.people["zhangwei"])
                role, place = play.cast.roles["support"], play.cast.places["qiming"]
                if not any(grant.role_key == "support" for grant in play.cast.zhangwei.grants):
                    grant_role(session, person, role_id=role, place_id=place)
            accepted.append(conversation.accept(play.runtime, play.cast.zhangwei, number))
        return play.answer({"n": "1"})(form, before)

    tasks.complete(play.runtime, play.cast.lina, task_id, while_zhangwei_accepts)
    ticket = play.ticket(number)
    assert (ticket.owner_id, ticket.status) == (play.cast.people["zhangwei"], "in_progress")
    assert Counter(play.told(number))["accepted+"] == 1
    assert play.open_tasks(number) == ["more"]


def test_what_is_said_while_a_task_is_completed_is_not_lost(play: Play) -> None:
    two_tasks(play)
    number = play.file("zhoulan")
    task_id = play.task("look", number).public_id
    play.claim("lina", "look", number)
    lina, before = play.cast.lina, play.ticket(number).version

    def say_or_complete(index: int) -> Any:
        if index:
            return conversation.reply(play.runtime, lina, number, f"message {index}")
        return tasks.complete(play.runtime, lina, task_id, play.answer({"n": "1"}))

    at_once(4, say_or_complete)
    assert Counter(play.told(number)) >= Counter({"completed": 1, "replied+": 3})
    assert play.ticket(number).first_reply_at == play.cast.clock.now()
    assert play.ticket(number).version == before + 4


def test_the_same_failure_of_many_is_one_incident(play: Play) -> None:
    play.define(start(), staff("look"), script("sum", "x = 1 / 0"), end(), chain("begin", "look", "sum", "done"))
    number = play.file("zhoulan")
    task_id = play.task("look", number).public_id
    lina = play.cast.lina
    got = at_once(8, lambda _: tasks.complete(play.runtime, lina, task_id, play.answer({})))
    assert all(isinstance(each, InstanceStuck) for each in got)
    assert play.count(Incident, Incident.instance_id == play.instance(number).id) == 1
    assert Counter(play.told(number)) == {"filed+": 1, "incident": 1}


def test_forms_are_read_and_drafts_kept_while_the_ticket_moves(play: Play) -> None:
    play.define(start(), staff("check", times("6")), end(), chain("begin", "check", "done"))
    number = play.file("zhoulan")
    ids = [task.public_id for task in play.all_open("check", number)]
    lina = play.cast.lina

    def act(index: int) -> Any:
        if index < 3:
            return tasks.complete(play.runtime, lina, ids[index], play.answer({}))
        for _ in range(5):
            save_draft(play.runtime, lina, ids[index], {"n": index})
            with play.runtime.reading() as session:
                shown = task_form(play.runtime, session, lina, ids[index])
        return shown.draft

    assert at_once(6, act) == [number] * 3 + [{"n": 3}, {"n": 4}, {"n": 5}]


def test_numbers_are_never_given_twice(play: Play) -> None:
    got = at_once(20, lambda index: [next_number(play.runtime, "AB" if index % 2 else "T") for _ in range(3)])
    numbers = [number for each in got for number in each]
    places = sorted(int(number.partition("-")[2]) for number in numbers)
    assert places == list(range(places[0], places[0] + 60))
    assert {number.partition("-")[0] for number in numbers} == {"AB", "T"}


def test_many_file_at_once_and_each_has_a_ticket(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"), prefix="MANY")
    zhoulan = play.cast.zhoulan
    got = at_once(12, lambda _: file_ticket(play.runtime, zhoulan, type_key="errand", answer=play.answer({})))
    assert len(set(got)) == 12
    assert all(play.open_tasks(number) == ["look"] for number in got)


def test_of_many_who_deploy_changed_files_each_makes_its_own_version(play: Play) -> None:
    def upload(index: int) -> int:
        parts = (start(), staff("look", name=f"Look {index}"), end(), chain("begin", "look", "done"))
        return play.upload(files(*parts, key="raced")).types[0].version

    assert sorted(at_once(6, upload)) == [1, 2, 3, 4, 5, 6]


def test_the_hot_instance_is_never_shared_by_two_steps(play: Play) -> None:
    """An answer that is refused puts it back unchanged; one that wins moves it; the next finds it moved."""
    play.define(start(), staff("check", times("10")), end(), chain("begin", "check", "done"))
    number = play.file("zhoulan")
    ids = [task.public_id for task in play.all_open("check", number)]
    lina = play.cast.lina
    got = at_once(10, lambda index: _until_done(play, lina, ids[index]))
    assert got == [number] * 10
    assert (play.ticket(number).status, play.instance(number).revision) == ("closed", 11)
    with play.runtime.reading() as session:
        outcomes = sa.select(ElementVisit.outcome).where(
            ElementVisit.instance_id == play.instance(number).id, ElementVisit.element == "check"
        )
        assert session.scalars(outcomes).all() == ["completed"] * 10


def _until_done(play: Play, actor: Actor, task_id: UUID) -> str:
    """As a person does who is asked to try again."""
    while True:
        try:
            return tasks.complete(play.runtime, actor, task_id, play.answer({}))
        except TaskClosed:
            raise
        except Conflict:
            continue
