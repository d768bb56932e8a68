"""A departure: what it hands over to whom, how it survives a crash, and how it is undone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.models import Job, JobStatus, UserTask
from tests.tickets.desk import Desk
from tests.tickets.hearing import rows
from tickets import work
from tickets.access import Permission, load_actor
from tickets.audit import AuditEntry
from tickets.conversation import note
from tickets.departing import depart, press_on, run, undo
from tickets.departing.back import ENDED_SINCE, TAKEN_SINCE, WORKED_ON
from tickets.departing.lookup import departure_row
from tickets.departing.model import Departure, DepartureChange, Outcome, State
from tickets.departing.plan import Wish
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Role
from tickets.shares import ShareKind, TaskShare
from tickets.staff import NewPerson, add_person, grant_role
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, TimelineEvent


def person(desk: Desk, login: str) -> Person:
    with desk.runtime.reading() as session:
        return session.get_one(Person, desk.people[login])


def leave(desk: Desk, login: str, wish: Wish = Wish(), *, by: str = "admin", settle: bool = True) -> UUID:
    """They leave, and what is theirs is handed over."""
    made = depart(desk.runtime, desk.actor(by), person(desk, login).public_id, wish)
    if settle:
        work.drain(desk.runtime)
    return made


def departure(desk: Desk, public_id: UUID) -> Departure:
    with desk.runtime.reading() as session:
        return session.scalars(sa.select(Departure).where(Departure.public_id == public_id)).one()


def owner(desk: Desk, ticket: Ticket) -> int | None:
    return again(desk, ticket).owner_id


def again(desk: Desk, ticket: Ticket) -> Ticket:
    with desk.runtime.reading() as session:
        return session.get_one(Ticket, ticket.id)


def task_again(desk: Desk, task: UserTask) -> UserTask:
    with desk.runtime.reading() as session:
        return session.get_one(UserTask, task.id)


def said(desk: Desk, ticket: Ticket) -> list[tuple[str, bool, dict[str, object]]]:
    with desk.runtime.reading() as session:
        rows = session.scalars(
            sa.select(TimelineEvent).where(TimelineEvent.ticket_id == ticket.id).order_by(TimelineEvent.id)
        )
        return [(row.kind, row.public, row.params) for row in rows]


def hire(
    desk: Desk, login: str, *, place: str = "support-centre", superior: str = "zhangwei", role: str = "support"
) -> int:
    with desk.writing() as session:
        at = session.get_one(Place, desk.cast.places[place])
        new = NewPerson(login=login, name=login, superior_id=desk.people[superior])
        made = add_person(session, at, new, password_hash="", at=desk.clock.now())
        grant_role(session, made, role_id=desk.cast.roles[role], place_id=desk.cast.places["qiming"])
    desk.people[login] = made.id
    return made.id


def test_open_tickets_go_to_the_superior_and_say_so_to_the_requester(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    closed = desk.ticket(owner="lina", status=Status.CLOSED)
    made = leave(desk, "lina")
    assert owner(desk, ticket) == desk.people["zhangwei"]
    assert owner(desk, closed) == desk.people["lina"], "what is closed stays whose it was"
    expected = {"from_id": desk.people["lina"], "to_id": desk.people["zhangwei"]}
    assert said(desk, ticket) == [(EventKind.DEPARTED, True, expected)]
    done = departure(desk, made)
    assert (done.state, done.total, done.done) == (State.DONE, 1, 1)


def test_the_leaver_is_signed_out_and_stays_out(desk: Desk) -> None:
    before = person(desk, "lina").session_epoch
    leave(desk, "lina", settle=False)
    with desk.runtime.reading() as session:
        assert load_actor(session, desk.people["lina"]) is None
        assert session.get_one(Person, desk.people["lina"]).session_epoch == before + 1
        actions = list(session.scalars(sa.select(AuditEntry.action)))
    assert "person.departed" in actions


def test_to_the_dispatch_queue(desk: Desk) -> None:
    working = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    waiting = desk.ticket(owner="lina", status=Status.AWAITING_REQUESTER)
    leave(desk, "lina", Wish(default="dispatch"))
    found = again(desk, working)
    assert (found.owner_id, found.status, found.dispatch_at) == (None, Status.UNASSIGNED, desk.clock.now())
    found = again(desk, waiting)
    assert (found.owner_id, found.status, found.dispatch_at) == (None, Status.AWAITING_REQUESTER, desk.clock.now())


def test_nobody_above_leaves_it_to_a_dispatcher(desk: Desk) -> None:
    ticket = desk.ticket(owner="chenxiao", status=Status.IN_PROGRESS)
    leave(desk, "chenxiao")
    assert again(desk, ticket).dispatch_at == desk.clock.now()


def test_nobody_answers_for_what_they_asked_for_themselves(desk: Desk) -> None:
    ticket = desk.ticket("zhangwei", owner="lina", status=Status.IN_PROGRESS)
    leave(desk, "lina")
    assert (owner(desk, ticket), again(desk, ticket).status) == (None, Status.UNASSIGNED)


def test_one_way_for_a_type_and_another_for_the_rest(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    leave(desk, "lina", Wish(types={"crash_report": "dispatch"}))
    assert owner(desk, ticket) is None


def test_split_by_load_gives_each_to_who_has_least(desk: Desk) -> None:
    one, two = hire(desk, "one"), hire(desk, "two")
    for _ in range(3):
        desk.ticket(owner="one", status=Status.IN_PROGRESS)
    tickets = [desk.ticket(owner="lina", status=Status.IN_PROGRESS) for _ in range(7)]
    leave(desk, "lina", Wish(default="split", role="support", role_place="qiming"))
    got = [owner(desk, ticket) for ticket in tickets]
    assert (got.count(one), got.count(two)) == (2, 5), "five each in the end"


def test_split_among_people_named(desk: Desk) -> None:
    hire(desk, "one")
    tickets = [desk.ticket(owner="lina", status=Status.IN_PROGRESS) for _ in range(4)]
    leave(desk, "lina", Wish(default="split", people=["wanglei", "zhangwei"]))
    assert sorted(owner(desk, each) or 0 for each in tickets) == sorted(
        [desk.people["wanglei"], desk.people["zhangwei"]] * 2
    )


def test_an_offered_ticket_is_offered_to_the_superior(desk: Desk) -> None:
    ticket = desk.ticket(status=Status.OFFERED, offered_to_id=desk.people["lina"])
    leave(desk, "lina")
    found = again(desk, ticket)
    assert (found.offered_to_id, found.owner_id, found.status) == (desk.people["zhangwei"], None, Status.OFFERED)


def test_a_claimed_task_goes_back_to_those_it_was_offered_to_with_its_draft(desk: Desk) -> None:
    hire(desk, "one")
    queue = desk.queue("support")
    ticket = desk.ticket(owner="zhangwei", status=Status.IN_PROGRESS)
    task = desk.task(ticket, claimed="lina", offered_key=queue, draft={"a": 1})
    leave(desk, "lina")
    found = task_again(desk, task)
    assert (found.assignee_id, found.queue_key, found.claimed_at) == (None, queue, None)
    kind, public, params = said(desk, ticket)[-1]
    assert (kind, public, params["task"]) == (EventKind.DEPARTED, False, "分诊")
    assert again(desk, ticket).owner_id == desk.people["zhangwei"], "a task's way never changes the owner"


def test_a_task_of_theirs_alone_goes_to_the_superior_or_a_dispatcher(desk: Desk) -> None:
    first, second = (desk.ticket(owner="zhangwei", status=Status.IN_PROGRESS) for _ in range(2))
    tasks = [desk.task(each, claimed="lina") for each in (first, second)]
    leave(desk, "lina")
    assert [task_again(desk, task).assignee_id for task in tasks] == [desk.people["zhangwei"]] * 2
    assert task_again(desk, tasks[0]).queue_key == desk.own_queue("zhangwei")


def test_a_task_of_theirs_alone_waits_for_a_dispatcher_if_the_plan_says_so(desk: Desk) -> None:
    ticket = desk.ticket(owner="zhangwei", status=Status.IN_PROGRESS)
    task = desk.task(ticket, claimed="lina")
    leave(desk, "lina", Wish(alone="dispatch"))
    found = task_again(desk, task)
    assert (found.assignee_id, found.queue_key, again(desk, ticket).dispatch_at) == (None, None, desk.clock.now())


def test_what_waits_for_a_role_that_only_they_held_goes_to_the_same_role_further_up(desk: Desk) -> None:
    with desk.writing() as session:
        held = {"person_id": desk.people["tangyan"], "place_id": desk.cast.places["qinghe"]}
        session.add(Membership(role_id=desk.cast.roles["consultant"], **held))
    below, above = desk.queue("consultant", "sz-nanshan"), desk.queue("consultant", "qinghe")
    task = desk.task(desk.ticket(owner="zhaomin", status=Status.IN_PROGRESS), queue=below)
    leave(desk, "liutao")
    assert task_again(desk, task).queue_key == above


def test_what_waits_for_a_role_that_nobody_holds_any_more_goes_to_the_superior(desk: Desk) -> None:
    task = desk.task(
        desk.ticket(owner="zhaomin", status=Status.IN_PROGRESS), queue=desk.queue("consultant", "sz-nanshan")
    )
    leave(desk, "liutao")
    assert task_again(desk, task).assignee_id == desk.people["zhaomin"]


def test_one_of_several_candidates_leaves_the_others(desk: Desk) -> None:
    ticket = desk.ticket(owner="zhangwei", status=Status.IN_PROGRESS)
    task = desk.task(ticket, queue=desk.own_queue("lina"), widely_offered=True)
    desk.also_offer(task, desk.own_queue("wanglei"))
    leave(desk, "lina")
    assert task_again(desk, task).queue_key == desk.own_queue("wanglei")


def test_who_reported_to_them_reports_to_their_superior(desk: Desk) -> None:
    leave(desk, "zhangwei")
    assert person(desk, "lina").superior_id == desk.people["chenxiao"]
    assert person(desk, "wanglei").superior_id == desk.people["chenxiao"]


def test_nobody_waits_any_longer_for_their_advice(desk: Desk) -> None:
    ticket = desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    task = desk.task(ticket, claimed="wanglei")
    with desk.writing() as session:
        asked = {"brand_id": ticket.brand_id, "ticket_id": ticket.id, "task_id": task.id, "at": desk.clock.now()}
        share = TaskShare(kind=ShareKind.CONSULT, person_id=desk.people["lina"], by_id=desk.people["wanglei"], **asked)
        session.add(share)
    made = leave(desk, "lina")
    with desk.runtime.reading() as session:
        assert session.get_one(TaskShare, share.id).closed_at == desk.clock.now()
    undo(desk.runtime, desk.actor("admin"), made)
    work.drain(desk.runtime)
    with desk.runtime.reading() as session:
        assert session.get_one(TaskShare, share.id).closed_at is None


def test_a_crash_in_the_middle_goes_on_where_it_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.departing.running.AT_ONCE", 2)
    tickets = [desk.ticket(owner="lina", status=Status.IN_PROGRESS) for _ in range(5)]
    tasks = [desk.task(ticket, claimed="lina") for ticket in tickets[:3]]
    made = leave(desk, "lina", settle=False)
    row = departure(desk, made)
    assert (row.state, row.total, row.done) == (State.RUNNING, 8, 0)
    run(desk.runtime, row.id)
    assert departure(desk, made).done == 2, "two tickets; here the process died"
    with desk.writing() as session:  # its worker's lease has run out, and the job runs once more
        session.execute(sa.update(Job).values(status=JobStatus.QUEUED))
    work.drain(desk.runtime)
    done = departure(desk, made)
    assert (done.state, done.total, done.done) == (State.DONE, 8, 8)
    assert {owner(desk, ticket) for ticket in tickets} == {desk.people["zhangwei"]}
    assert {task_again(desk, task).assignee_id for task in tasks} == {desk.people["zhangwei"]}
    assert [kind for kind, _, _ in said(desk, tickets[0])] == [EventKind.DEPARTED] * 2, "the ticket's and its task's"


def test_who_takes_over_is_told_once_with_a_count(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.departing.running.AT_ONCE", 2)
    for _ in range(5):
        desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    made = leave(desk, "lina", settle=False)
    run(desk.runtime, departure(desk, made).id)
    (first,) = rows(desk, "zhangwei")
    assert str(first.words) == "李娜 has left; you answer for this ticket now. With it came 1 more of what was theirs"
    with desk.writing() as session:  # its worker's lease has run out, and the job runs once more
        session.execute(sa.update(Job).values(status=JobStatus.QUEUED))
    work.drain(desk.runtime)
    (still,) = rows(desk, "zhangwei")
    assert (still.id, "came 4 more" in str(still.words)) == (first.id, True)
    desk.ticket(owner="liutao", status=Status.IN_PROGRESS)
    leave(desk, "liutao", Wish(), by="admin")
    assert len(rows(desk, "zhangwei")) + len(rows(desk, "zhaomin")) == 2, "another leaver is told of apart"


def test_a_departure_whose_job_gave_up_is_set_going_again(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    made = leave(desk, "lina", settle=False)
    with desk.writing() as session:
        session.execute(sa.update(Job).values(status=JobStatus.FAILED))
    with pytest.raises(Conflict):
        press_on(desk.runtime, desk.actor("admin"), made)
    desk.clock.advance(timedelta(minutes=3))
    press_on(desk.runtime, desk.actor("admin"), made)
    work.drain(desk.runtime)
    assert owner(desk, ticket) == desk.people["zhangwei"]


def test_a_planned_departure_comes_about_at_its_moment(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    friday = desk.clock.now() + timedelta(days=5)
    made = depart(desk.runtime, desk.actor("admin"), "lina", Wish(), at=friday)
    work.drain(desk.runtime)
    assert (departure(desk, made).state, person(desk, "lina").departed_at) == (State.SCHEDULED, None)
    with pytest.raises(Conflict, match="planned already"):
        depart(desk.runtime, desk.actor("admin"), "lina", Wish())
    desk.clock.advance(timedelta(days=5))
    work.drain(desk.runtime)
    assert (departure(desk, made).state, owner(desk, ticket)) == (State.DONE, desk.people["zhangwei"])
    assert person(desk, "lina").departed_at == friday


def test_a_planned_departure_is_cancelled(desk: Desk) -> None:
    made = depart(desk.runtime, desk.actor("admin"), "lina", Wish(), at=desk.clock.now() + timedelta(days=5))
    undo(desk.runtime, desk.actor("admin"), made)
    desk.clock.advance(timedelta(days=6))
    work.drain(desk.runtime)
    assert (departure(desk, made).state, person(desk, "lina").departed_at) == (State.CANCELLED, None)


def test_undoing_puts_everything_back(desk: Desk) -> None:
    queue = desk.queue("support")
    owned = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    offered = desk.ticket(status=Status.OFFERED, offered_to_id=desk.people["lina"])
    other = desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    claimed = desk.task(other, claimed="lina", offered_key=queue)
    alone = desk.task(owned, claimed="lina")
    before = [again(desk, each) for each in (owned, offered, other)]
    made = leave(desk, "lina", Wish(default="dispatch", alone="dispatch"))
    desk.clock.advance(timedelta(days=6))
    undo(desk.runtime, desk.actor("admin"), made)
    assert person(desk, "lina").departed_at is None, "back at once, before the rest"
    work.drain(desk.runtime)
    row = departure(desk, made)
    assert (row.state, row.done, row.total) == (State.UNDONE, 4, 4)
    for was in before:
        now = again(desk, was)
        names = ("owner_id", "offered_to_id", "status", "accepted_at", "dispatch_at")
        assert [getattr(now, name) for name in names] == [getattr(was, name) for name in names]
    for task, key in ((claimed, queue), (alone, None)):
        found = task_again(desk, task)
        assert (found.assignee_id, found.queue_key) == (desk.people["lina"], desk.own_queue("lina"))
        assert (found.offered_key, found.claimed_at) == (key, task.claimed_at)
    assert said(desk, owned)[-1][0] == EventKind.CAME_BACK


def test_undoing_leaves_what_somebody_has_changed_since_and_says_so(desk: Desk) -> None:
    queue = desk.queue("support")
    hire(desk, "one")
    written, handed, ended, untouched = (desk.ticket(owner="lina", status=Status.IN_PROGRESS) for _ in range(4))
    other = desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    task = desk.task(other, claimed="lina", offered_key=queue)
    made = leave(desk, "lina")
    note(desk.runtime, desk.actor("zhangwei"), written.number, "看过了")
    with desk.writing() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == handed.id).values(owner_id=desk.people["wanglei"]))
        session.execute(sa.update(Ticket).where(Ticket.id == ended.id).values(status=Status.CLOSED))
        session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(assignee_id=desk.people["one"]))
    undo(desk.runtime, desk.actor("admin"), made)
    work.drain(desk.runtime)
    assert owner(desk, untouched) == desk.people["lina"]
    assert owner(desk, written) == desk.people["zhangwei"]
    assert owner(desk, handed) == desk.people["wanglei"]
    assert task_again(desk, task).assignee_id == desk.people["one"]
    with desk.runtime.reading() as session:
        changes = sa.select(DepartureChange).where(DepartureChange.departure_id == departure(desk, made).id)
        stayed = changes.where(DepartureChange.outcome == Outcome.KEPT)
        kept = session.scalars(stayed.order_by(DepartureChange.id)).all()
    assert [(row.ticket_id, row.reason) for row in kept] == [
        (written.id, WORKED_ON),
        (handed.id, TAKEN_SINCE),
        (ended.id, ENDED_SINCE),
        (other.id, TAKEN_SINCE),
    ]


def test_the_requesters_own_answer_does_not_keep_it_from_going_back(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    made = leave(desk, "lina")
    desk.event(ticket, EventKind.ANSWERED, "zhoulan")
    undo(desk.runtime, desk.actor("admin"), made)
    work.drain(desk.runtime)
    assert owner(desk, ticket) == desk.people["lina"]


def test_after_seven_days_it_stays(desk: Desk) -> None:
    made = leave(desk, "lina")
    desk.clock.advance(timedelta(days=7, seconds=1))
    with pytest.raises(Conflict, match="7 days"):
        undo(desk.runtime, desk.actor("admin"), made)
    assert person(desk, "lina").departed_at is not None


def test_twice_is_refused_either_way(desk: Desk) -> None:
    made = leave(desk, "lina")
    with pytest.raises(Conflict, match="before"):
        leave(desk, "lina")
    undo(desk.runtime, desk.actor("admin"), made)
    with pytest.raises(Conflict, match="being undone"):
        undo(desk.runtime, desk.actor("admin"), made)
    work.drain(desk.runtime)
    with pytest.raises(Conflict, match="undone already"):
        undo(desk.runtime, desk.actor("admin"), made)
    leave(desk, "lina")
    assert person(desk, "lina").departed_at is not None, "and may leave once more"


def test_who_may(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        leave(desk, "liutao", by="lina")
    with pytest.raises(NotFound):
        leave(desk, "huangyi", by="guohao")
    with pytest.raises(NotFound):
        leave(desk, "lina", by="guohao")
    with pytest.raises(Forbidden, match="themselves"):
        leave(desk, "guohao", by="guohao")
    made = leave(desk, "liutao", by="guohao")
    with desk.runtime.reading() as session:
        assert departure_row(session, desk.actor("guohao"), made).person.login == "liutao"


def test_a_campus_head_who_was_given_it_manages_the_people_of_the_campus(desk: Desk) -> None:
    with desk.writing() as session:
        role = session.get_one(Role, desk.cast.roles["campus_head"])
        role.permissions = [*role.permissions, Permission.MANAGE_PEOPLE.value]
    leave(desk, "liutao", by="zhaomin")
    with pytest.raises(NotFound):
        leave(desk, "sunyue", by="zhaomin")
    with desk.runtime.reading() as session:
        made = session.scalars(sa.select(Departure.public_id)).one()
    undo(desk.runtime, desk.actor("zhaomin"), made)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(default="keep"),
        Wish(types={"crash_report": "burn"}),
        Wish(default="split"),
        Wish(default="split", people=["nobody"]),
        Wish(default="split", people=["wufang"]),
        Wish(default="split", people=["lina"]),
        Wish(default="split", people=["李娜"]),
        Wish(default="split", role="support", role_place="nowhere"),
        Wish(default="split", role="juggler"),
        Wish(alone="split", default="split", people=["wanglei"]),
        Wish(default="split", people=[f"p{n}" for n in range(51)]),
    ],
)
def test_a_plan_that_can_not_be_followed_is_refused_and_nobody_leaves(lasting_desk: Desk, wish: Wish) -> None:
    with pytest.raises(Invalid):
        leave(lasting_desk, "lina", wish)
    assert person(lasting_desk, "lina").departed_at is None


def test_three_hundred_tickets_take_few_statements_each(desk: Desk) -> None:
    tickets = [desk.ticket(owner="lina", status=Status.IN_PROGRESS) for _ in range(300)]
    made = leave(desk, "lina")
    done = departure(desk, made)
    assert (done.state, done.done) == (State.DONE, 300)
    undo(desk.runtime, desk.actor("admin"), made)
    work.drain(desk.runtime)
    assert {owner(desk, ticket) for ticket in tickets} == {desk.people["lina"]}
