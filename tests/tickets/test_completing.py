"""Completing: who may, what is checked, what follows, what the timeline tells, and what it costs."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ElementVisit, StepInput, TaskStatus, UserTask
from forms import Form, Submission, parse_json
from tests.engine.build import boundary, chain, each, end, flow, service, settings, start, sub, terminate, timer, xor
from tests.tickets.play import Play, staff, text
from tests.tickets.statements import counted
from tickets import tasks
from tickets.access import load_actor
from tickets.errors import Forbidden, FormInvalid, NotFound, TaskClosed
from tickets.files import StoredFile, store_upload
from tickets.people import Person
from tickets.reading import ticket_page
from tickets.staff import grant_role
from tickets.tasks import task_form


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


LOOK = staff("look", camunda__formRef="look")
MODEL = text("model", validate={"required": True})
ONE = (start(), LOOK, end(), chain("begin", "look", "done"))


def one_task(play: Play, *components: dict[str, Any]) -> str:
    """A ticket that support has to look at."""
    play.define(*ONE, forms={"look": components or (MODEL,)})
    return play.file("zhoulan")


def test_a_candidate_completes_an_unclaimed_task_and_so_claims_it(play: Play) -> None:
    number = one_task(play)
    assert play.complete("lina", "look", model="P40") == number
    task = play.task("look", number, status=TaskStatus.COMPLETED)
    lina, now = play.cast.people["lina"], play.cast.clock.now()
    assert (task.assignee_id, task.closed_by_id, task.claimed_at, task.closed_at) == (lina, lina, now, now)
    assert task.submitted == {"model": "P40"}
    ticket = play.ticket(number)
    assert (ticket.status, ticket.data, ticket.owner_id, ticket.closed_at) == ("closed", {"model": "P40"}, lina, now)
    assert play.told(number) == ["filed+", "accepted+", "completed", "closed+"]
    assert play.visited(number) == ["begin", "look", "done"]


def test_what_another_has_claimed_is_theirs(play: Play) -> None:
    number = one_task(play)
    play.claim("lina", "look")
    with pytest.raises(Forbidden, match="李娜"):
        play.complete("chenxiao", "look", model="P40")
    assert play.open_tasks(number) == ["look"]


def test_what_waits_for_other_roles_is_refused_to_those_who_see_it(play: Play) -> None:
    number = one_task(play)
    with pytest.raises(Forbidden, match="other roles"):
        play.complete("chenxiao", "look", model="P40")
    assert play.told(number) == ["filed+"]


@pytest.mark.parametrize("login", ["sunyue", "huangyi", "wanglei", "zhoulan"])
def test_who_may_not_see_a_task_is_told_that_it_is_not_there(play: Play, login: str) -> None:
    one_task(play)
    with pytest.raises(NotFound, match="This task"):
        play.complete(login, "look", model="P40")


def test_a_task_that_never_was_is_not_there(play: Play) -> None:
    with pytest.raises(NotFound):
        tasks.complete(play.runtime, play.cast.lina, uuid.uuid4(), play.answer({}))


def test_a_finished_task_says_who_finished_it_and_when(play: Play) -> None:
    one_task(play)
    task_id = play.task("look").public_id
    play.complete("lina", "look", model="P40")
    for login in ("lina", "chenxiao"):
        with pytest.raises(TaskClosed, match="李娜") as closed:
            tasks.complete(play.runtime, play.cast.actor(login), task_id, play.answer({"model": "P50"}))
        assert (closed.value.by, closed.value.at, closed.value.task) == ("李娜", play.cast.clock.now(), "look")


def test_whom_a_task_was_offered_is_told_that_another_finished_it_even_without_seeing_the_ticket(play: Play) -> None:
    play.define(start(), staff("fix", to="developer"), end(), chain("begin", "fix", "done"))
    play.file("zhoulan")
    with play.writing() as session, session.begin():
        second_developer(play, session)
    task_id = play.task("fix").public_id
    play.claim("wanglei", "fix")
    with pytest.raises(Forbidden, match="王磊"):
        tasks.complete(play.runtime, play.cast.actor("liutao"), task_id, play.answer({}))
    play.complete("wanglei", "fix")
    with pytest.raises(TaskClosed, match="王磊"):
        tasks.complete(play.runtime, play.cast.actor("liutao"), task_id, play.answer({}))


def test_a_task_that_the_process_took_back_says_so(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("late", "look", timer("after", "PT1H")),
        end("gone", terminate()),
        end(),
        chain("begin", "look", "done"),
        flow("late", "gone"),
    )
    play.file("zhoulan")
    task_id = play.task("look").public_id
    play.pass_time(hours=1)
    with pytest.raises(TaskClosed, match="moved on") as closed:
        tasks.complete(play.runtime, play.cast.lina, task_id, play.answer({}))
    assert closed.value.by == ""


def test_wrong_values_change_nothing_and_the_next_try_succeeds(play: Play) -> None:
    number = one_task(play, MODEL, {"type": "number", "key": "amount", "validate": {"min": 1}})
    before = play.instance(number).revision
    for values, wrong in (({}, ["model", "amount"]), ({"model": "P40", "amount": 0}, ["amount"])):
        with pytest.raises(FormInvalid) as refused:
            play.complete("lina", "look", number, **values)
        assert set(refused.value.submission.errors) <= set(wrong)
        assert refused.value.submission.entered.get("model") == values.get("model", "")
    assert (play.instance(number).revision, play.told(number)) == (before, ["filed+"])
    play.complete("lina", "look", number, model="P40", amount=2)
    assert play.ticket(number).data == {"model": "P40", "amount": 2}


def test_surplus_values_are_refused_and_hidden_ones_dropped(play: Play) -> None:
    secret = text("secret", conditional={"hide": '=model != "P40"'})
    number = one_task(play, MODEL, secret)
    with pytest.raises(FormInvalid) as refused:
        play.complete("lina", "look", model="P40", colour="red")
    assert list(refused.value.submission.errors) == ["colour"]
    play.complete("lina", "look", model="P50", secret="hidden away")
    assert play.ticket(number).data == {"model": "P50"}


def test_a_task_without_a_form_takes_no_values(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    play.file("zhoulan")
    with pytest.raises(FormInvalid):
        play.complete("lina", "look", anything="x")
    play.complete("lina", "look")
    assert play.ticket().data == {}


def test_names_of_the_platform_win_over_values_of_the_same_name(play: Play) -> None:
    play.define(
        start(),
        LOOK,
        staff("mine", camunda__assignee="${requester}"),
        end(),
        chain("begin", "look", "mine", "done"),
        forms={"look": [text("requester")]},
    )
    number = play.file("zhoulan")
    play.complete("lina", "look", requester="lina")
    assert play.task("mine", number).assignee_id == play.cast.people["zhoulan"]


def test_the_status_follows_what_the_open_task_means(play: Play) -> None:
    """Requester's, resolving and ordinary tasks, one after another; a finished process is a closed ticket."""
    play.define(
        start(),
        staff("look"),
        staff("ask", settings(status="awaiting_requester"), camunda__assignee="${requester}"),
        staff("confirm", settings(status="resolved"), camunda__assignee="${requester}"),
        staff("again", settings(status="in_progress")),
        staff("odd", settings(status="no_such_status")),
        end(),
        chain("begin", "look", "ask", "confirm", "again", "odd", "done"),
    )
    number = play.file("zhoulan")
    seen = [play.ticket(number).status]
    for login, element in (
        ("lina", "look"),
        ("zhoulan", "ask"),
        ("zhoulan", "confirm"),
        ("lina", "again"),
        ("lina", "odd"),
    ):
        play.complete(login, element, number)
        seen.append(play.ticket(number).status)
        resolved = play.ticket(number).resolved_at
        assert (resolved is not None) == (seen[-1] in ("resolved", "closed"))
    assert seen == ["offered", "awaiting_requester", "resolved", "in_progress", "in_progress", "closed"]
    moves = [event.params for event in play.events(number) if event.kind == "status"]
    assert [(move["from"], move["to"]) for move in moves] == [
        ("offered", "awaiting_requester"),
        ("awaiting_requester", "resolved"),
        ("resolved", "in_progress"),
    ]


def test_the_requester_completes_their_own_task_and_does_not_become_the_owner(play: Play) -> None:
    play.define(
        start(),
        staff("mine", settings(visible="true"), camunda__assignee="${requester}", camunda__formRef="look"),
        staff("look"),
        end(),
        chain("begin", "mine", "look", "done"),
        forms={"look": [MODEL]},
    )
    number = play.file("lina")
    with pytest.raises(Forbidden):
        play.complete("chenxiao", "mine", number, model="x")
    play.complete("lina", "mine", number, model="P40")
    assert play.ticket(number).owner_id is None
    assert play.ticket(number).status == "offered"
    play.complete("lina", "look", number)
    assert play.ticket(number).owner_id is None
    assert play.told(number) == ["filed+", "completed+", "status+", "completed", "closed+"]


def test_the_first_of_the_staff_to_complete_a_task_owns_the_ticket_already_in_that_step(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        xor("whose", default="whose-nobody"),
        staff("reply", camunda__assignee="${owner}"),
        staff("nobody"),
        end(),
        chain("begin", "look", "whose"),
        flow("whose", "reply", when="owner.login == 'lina'"),
        flow("whose", "nobody"),
        chain("reply", "done"),
        chain("nobody", "done"),
    )
    number = play.file("zhoulan")
    play.complete("lina", "look")
    ticket = play.ticket(number)
    assert (ticket.owner_id, ticket.accepted_at, ticket.status) == (
        play.cast.people["lina"],
        play.cast.clock.now(),
        "in_progress",
    )
    assert play.task("reply", number).assignee_id == play.cast.people["lina"]
    play.complete("lina", "reply")
    assert [kind for kind in play.told(number) if kind == "accepted+"] == ["accepted+"]


def test_the_owners_visible_task_is_the_first_reply_and_the_requester_reads_it(play: Play) -> None:
    play.define(
        start(),
        LOOK,
        staff("reply", settings(visible="true", name__zh="答复"), camunda__formRef="reply", name="Reply"),
        staff("check"),
        end(),
        chain("begin", "look", "reply", "check", "done"),
        forms={"look": [text("secret")], "reply": [text("reply")]},
    )
    number = play.file("zhoulan")
    play.complete("lina", "look", secret="internal")
    assert play.ticket(number).first_reply_at is None
    play.complete("lina", "reply", reply="重装一次")
    assert play.ticket(number).first_reply_at == play.cast.clock.now()
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.zhoulan, number, play.cast.clock.now(), language="zh")
    told = [event for event in page.events if event.kind == "completed"]
    assert [(str(event.text.params["task"]), event.task_id) for event in told] == [
        ("答复", play.task("reply", number, status=TaskStatus.COMPLETED).public_id)
    ]
    assert [(answers.task_id, answers.values) for answers in page.answers] == [(told[0].task_id, {"reply": "重装一次"})]


def test_files_answered_belong_to_the_ticket_and_only_visible_tasks_show_them_to_the_requester(play: Play) -> None:
    number = one_task(play, {"type": "filepicker", "key": "photos", "multiple": True})
    kept = store_upload(play.runtime, play.cast.lina, "a.txt", BytesIO(b"hello"))

    def answer(form: Form, before: Any) -> Submission:
        known = {kept["id"]: kept}
        now = play.cast.clock.now()
        return parse_json(form, {"photos": [kept["id"]]}, now=now, values_before=before, known_files=known.get)

    tasks.complete(play.runtime, play.cast.lina, play.task("look").public_id, answer)
    with play.runtime.reading() as session:
        file = session.scalars(sa.select(StoredFile).where(StoredFile.public_id == uuid.UUID(kept["id"]))).one()
    assert (file.ticket_id, file.public) == (play.ticket(number).id, False)


def test_each_item_of_a_repetition_is_a_task_with_its_own_data(play: Play) -> None:
    play.define(
        start(camunda__formRef="ask"),
        staff("check", each("${rooms}", "room"), camunda__formRef="look"),
        end(),
        chain("begin", "check", "done"),
        forms={
            "ask": [{"type": "taglist", "key": "rooms", "values": [{"label": r, "value": r} for r in "abc"]}],
            "look": [text("room", readonly=True), text("found")],
        },
    )
    number = play.file("zhoulan", rooms=["a", "b"])
    assert play.open_tasks(number) == ["check", "check"]
    with play.runtime.reading() as session:
        ids = session.scalars(sa.select(UserTask.public_id).where(UserTask.element == "check").order_by(UserTask.id))
        shown = [task_form(play.runtime, session, play.cast.lina, task_id).data["room"] for task_id in ids.all()[-2:]]
    assert sorted(shown) == ["a", "b"]
    play.complete("lina", "check", number, found="chair")
    with play.runtime.reading() as session:
        other = task_form(play.runtime, session, play.cast.lina, play.task("check", number).public_id)
    assert "found" not in other.data
    play.complete("lina", "check", number, found="table")
    assert play.ticket(number).status == "closed"


def test_a_later_round_asks_anew_what_an_earlier_one_answered(play: Play) -> None:
    """But not what somebody else has changed since, nor what the form only shows."""
    play.define(
        start(),
        xor("open"),
        staff("judge", camunda__formRef="judge"),
        staff("fix", camunda__formRef="fix"),
        xor("enough", default="enough-open"),
        end(),
        chain("begin", "open", "judge", "fix", "enough", "open"),
        flow("enough", "done", when="verdict == 'good'"),
        forms={
            "judge": [
                text("verdict", validate={"required": True}),
                text("version"),
                text("reason"),
                text("cause", readonly=True),
            ],
            "fix": [text("version"), text("cause")],
        },
    )
    number = play.file("zhoulan")

    def opens_with(element: str) -> dict[str, Any]:
        with play.runtime.reading() as session:
            return dict(task_form(play.runtime, session, play.cast.lina, play.task(element, number).public_id).data)

    play.complete("lina", "judge", number, verdict="bad", version="1", reason="old")
    assert opens_with("fix") == {"verdict": "bad", "version": "1", "reason": "old", "cause": ""}
    play.complete("lina", "fix", number, version="2", cause="rust")
    assert opens_with("judge") == {"version": "2", "cause": "rust"}
    with pytest.raises(FormInvalid) as refused:
        play.complete("lina", "judge", number)
    assert list(refused.value.submission.errors) == ["verdict"]
    play.complete("lina", "judge", number, verdict="fair")
    assert play.ticket(number).data == {"verdict": "fair", "version": "2", "reason": "", "cause": "rust"}
    assert opens_with("fix") == {"verdict": "fair", "reason": ""}
    play.complete("lina", "fix", number, version="3")
    assert opens_with("judge") == {"version": "3", "cause": ""}


def test_a_completion_costs_few_statements_and_one_commit(play: Play) -> None:
    play.define(
        start(),
        xor("open"),
        LOOK,
        boundary("late", "look", timer("after", "P1D"), interrupting=False),
        staff("chase"),
        xor("enough", default="enough-open"),
        end(),
        chain("late", "chase"),
        chain("begin", "open", "look", "enough", "open"),
        flow("enough", "done", when="model == 'last'"),
        forms={"look": [MODEL]},
    )
    number = play.file("zhoulan")
    commits: list[sa.Connection] = []
    database = play.runtime.database

    def committed(connection: sa.Connection) -> None:
        commits.append(connection)

    sa.event.listen(database, "commit", committed)
    for turn in range(3):
        if turn == 1:
            play.runtime.hot.take(play.ticket(number).instance_id, 0)  # as after a restart
        task_id, person_id = play.task("look", number).public_id, play.cast.people["lina"]
        commits.clear()
        with counted(database) as statements:
            with play.runtime.reading() as session:
                actor = load_actor(session, person_id)
            assert actor
            tasks.complete(play.runtime, actor, task_id, play.answer({"model": "P40"}))
        assert len(statements) <= 16, [statement.text for statement in statements]
        assert len(commits) == 1
    sa.event.remove(database, "commit", committed)
    assert play.count(ElementVisit, ElementVisit.instance_id == play.ticket(number).instance_id) == 11
    assert play.count(StepInput, StepInput.instance_id == play.ticket(number).instance_id) == 4


def test_a_repetition_of_very_many_costs_as_few_statements_as_one(play: Play) -> None:
    many = '<multiInstanceLoopCharacteristics isSequential="false"><loopCardinality>60</loopCardinality>'
    many += "</multiInstanceLoopCharacteristics>"
    costs = []
    for loop in ("", many):
        play.define(
            start(),
            staff("look"),
            sub(
                "each",
                staff("check", camunda__candidateUsers="liutao"),
                staff("ask", camunda__assignee="${superior_of(person('liutao'))}"),
                service("call"),
                loop=loop,
            ),
            end(),
            chain("begin", "look", "each", "done"),
        )
        number = play.file("zhoulan")
        lina, task_id = play.cast.lina, play.task("look", number).public_id
        with counted(play.runtime.database) as statements:
            tasks.complete(play.runtime, lina, task_id, play.answer({}))
        costs.append(len(statements))
    assert len(play.open_tasks(number)) == 120
    assert costs[1] <= costs[0] + 2, [statement.text[:80] for statement in statements]


def second_developer(play: Play, session: Session) -> None:
    person = session.get_one(Person, play.cast.people["liutao"])
    grant_role(session, person, role_id=play.cast.roles["developer"], place_id=play.cast.places["qiming"])
