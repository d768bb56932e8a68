"""What people do to one thing at the same moment, on both databases: one wins, the others are told so in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.engine.build import chain, end, start
from tests.tickets.life.errand import begun, filed
from tests.tickets.play import Play, staff
from tickets import conversation, deadlines, saved_views, tasks
from tickets.assigning import passing, sharing
from tickets.assigning.dispatching import assign
from tickets.beat import DEADLINES
from tickets.bulk.run import run_bulk
from tickets.bulk.verbs import Given
from tickets.copies import TicketCc
from tickets.copying import add_copies
from tickets.departing import depart, undo
from tickets.departing.plan import Wish
from tickets.errors import Conflict, DomainError, InstanceStuck
from tickets.family import linking, merging, parents, tagging
from tickets.family.models import Tag, TicketLink
from tickets.life import ending, pausing
from tickets.life.handing_over import hand_over
from tickets.organising.granting import give_role
from tickets.organising.people_import import confirm, upload
from tickets.organising.person_register import put_person
from tickets.organising.role_changes import RoleFacts, create_role, delete_role
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Role
from tickets.shares import TaskShare
from tickets.ticket import ENDED, Status
from tickets.urges import Urge
from tickets.urging import urge

WHY = "因为"
WITHIN: dict[str, Any] = {"accept.within": "PT1H"}
Act = Callable[[], Any]


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def at_once(acts: Sequence[Act]) -> list[Any]:
    """What each got, or the domain's refusal in words; they all begin together. Anything else fails the test."""
    gate = Barrier(len(acts))

    def one(act: Act) -> Any:
        gate.wait()
        try:
            return act()
        except (DomainError, InstanceStuck) as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def refused(got: Sequence[Any]) -> list[DomainError]:
    return [each for each in got if isinstance(each, DomainError)]


def public(play: Play, login: str) -> UUID:
    with play.runtime.reading() as session:
        return session.get_one(Person, play.cast.people[login]).public_id


def place(play: Play, external_id: str) -> UUID:
    with play.runtime.reading() as session:
        return session.get_one(Place, play.cast.places[external_id]).public_id


def test_of_two_dispatchers_one_gives_the_ticket_away(play: Play) -> None:
    number, cast = filed(play), play.cast
    dispatchers, takers = (cast.zhangwei, cast.chenxiao), (cast.people["lina"], cast.people["wanglei"])
    got = at_once(
        [partial(assign, play.runtime, dispatchers[n % 2], number, takers[n % 2]) for n in range(8)]
    )  # fmt: skip
    assert len(refused(got)) == 7, got
    assert Counter(play.told(number))["owner+"] == 1
    ticket = play.ticket(number)
    assert (ticket.owner_id in takers, play.task("look", number).assignee_id) == (True, ticket.owner_id)


def test_twenty_presses_at_once_urge_once(play: Play) -> None:
    number = begun(play)
    zhoulan = play.cast.zhoulan
    got = at_once([lambda: urge(play.runtime, zhoulan, number)] * 20)
    assert len(refused(got)) == 19
    ticket = play.ticket(number)
    assert (ticket.urges, play.count(Urge, Urge.ticket_id == ticket.id)) == (1, 1)


def test_presses_of_several_people_are_all_counted_and_told_once(play: Play) -> None:
    number, cast = begun(play), play.cast
    logins = ("liutao", "zhaomin", "chenxiao", "tangyan", "guohao")
    add_copies(play.runtime, cast.lina, number, [public(play, login) for login in logins])
    got = at_once([partial(urge, play.runtime, cast.actor(login), number) for login in logins])
    assert refused(got) == []
    ticket = play.ticket(number)
    fresh = play.count(Urge, Urge.ticket_id == ticket.id, ~Urge.merged)
    assert (ticket.urges, fresh) == (len(logins), 1)


@pytest.mark.parametrize("round_", range(3))
def test_suspending_and_completing_at_once_lose_nothing(play: Play, round_: int) -> None:
    number, lina = begun(play), play.cast.lina
    task_id = play.task("look", number).public_id
    got = at_once([
        lambda: pausing.suspend(play.runtime, lina, number, WHY),
        lambda: tasks.complete(play.runtime, lina, task_id, play.answer({})),
    ])  # fmt: skip
    assert not isinstance(got[1], DomainError) or isinstance(got[1], Conflict), got
    told = Counter(play.told(number))
    assert told["completed"] == (not isinstance(got[1], DomainError))
    assert told["suspended+"] == (not isinstance(got[0], DomainError))


@pytest.mark.parametrize("round_", range(3))
def test_closing_and_completing_at_once_end_it_once(play: Play, round_: int) -> None:
    number, lina = begun(play), play.cast.lina
    task_id = play.task("look", number).public_id
    got = at_once([
        lambda: ending.close(play.runtime, lina, number, WHY),
        lambda: tasks.complete(play.runtime, lina, task_id, play.answer({})),
        lambda: ending.withdraw(play.runtime, play.cast.zhoulan, number, WHY),
    ])  # fmt: skip
    assert play.ticket(number).status in ENDED, got
    assert play.open_tasks(number) == []
    told = Counter(play.told(number))
    assert told["closed+"] + told["withdrawn+"] == 1


def test_two_tickets_are_not_merged_into_each_other(play: Play) -> None:
    one, two, zhangwei = begun(play), begun(play), play.cast.zhangwei
    got = at_once([
        lambda: merging.merge(play.runtime, zhangwei, one, two),
        lambda: merging.merge(play.runtime, zhangwei, two, one),
    ])  # fmt: skip
    assert len(refused(got)) == 1, got
    ended = [number for number in (one, two) if play.ticket(number).status in ENDED]
    assert len(ended) == 1
    assert play.ticket({one: two, two: one}[ended[0]]).merged_into_id is None


def test_a_reply_at_the_moment_of_a_merge_is_kept_or_refused(play: Play) -> None:
    one, two, cast = begun(play), begun(play), play.cast
    got = at_once([
        lambda: merging.merge(play.runtime, cast.lina, one, two),
        lambda: conversation.reply(play.runtime, cast.lina, one, "好了吗?", []),
        lambda: conversation.answer(play.runtime, cast.zhoulan, one, "还没有。", []),
        lambda: conversation.note(play.runtime, cast.zhangwei, two, "看这里。", []),
    ])  # fmt: skip
    assert play.ticket(one).status == Status.CLOSED, got
    told = Counter(play.told(one))
    assert told["replied+"] == (not isinstance(got[1], DomainError))
    assert told["answered+"] == (not isinstance(got[2], DomainError))
    assert Counter(play.told(two))["noted"] == 1


def test_two_tickets_do_not_come_below_each_other(play: Play) -> None:
    one, two, lina = begun(play), begun(play), play.cast.lina
    got = at_once([
        lambda: parents.set_parent(play.runtime, lina, one, two),
        lambda: parents.set_parent(play.runtime, lina, two, one),
    ])  # fmt: skip
    assert len(refused(got)) == 1, got
    assert sum(play.ticket(number).parent_id is not None for number in (one, two)) == 1


def test_the_same_link_from_both_sides_is_one(play: Play) -> None:
    one, two, lina = begun(play), begun(play), play.cast.lina
    got = at_once([
        partial(linking.link, play.runtime, lina, (one, two)[n % 2], (two, one)[n % 2]) for n in range(6)
    ])  # fmt: skip
    assert refused(got) == []
    ids = [play.ticket(one).id, play.ticket(two).id]
    assert play.count(TicketLink, TicketLink.ticket_id.in_(ids)) == 1


def test_a_new_tag_on_two_tickets_at_once_is_one_tag(play: Play) -> None:
    numbers, lina = [begun(play) for _ in range(3)], play.cast.lina
    tag = uuid4().hex[:12]
    got = at_once([partial(tagging.add_tags, play.runtime, lina, n, [tag, "公用"]) for n in numbers * 2])
    assert refused(got) == []
    assert play.count(Tag, Tag.key == tag) == 1


def test_of_a_claim_and_a_transfer_each_leaves_one_assignee(play: Play) -> None:
    number, cast = filed(play), play.cast
    task_id = play.task("look", number).public_id
    target = passing.Target(cast.people["wanglei"])
    got = at_once([
        lambda: tasks.claim(play.runtime, cast.lina, task_id),
        lambda: passing.transfer(play.runtime, cast.zhangwei, task_id, target, WHY),
        lambda: tasks.claim(play.runtime, cast.zhangwei, task_id),
    ])  # fmt: skip
    held = play.task("look", number).assignee_id
    assert held in (cast.people["lina"], cast.people["wanglei"], cast.people["zhangwei"]), got
    told = Counter(play.told(number))
    assert told["claimed"] + told["transferred"] == 3 - len(refused(got))
    assert told["claimed"] <= 1


def test_somebody_is_asked_for_advice_once(play: Play) -> None:
    number, cast = begun(play), play.cast
    task_id = play.task("look", number).public_id
    whom = [cast.people["wanglei"]]
    got = at_once([lambda: sharing.consult(play.runtime, cast.lina, task_id, whom, "怎么办?")] * 6)
    assert len(refused(got)) == 5, got
    assert play.count(TaskShare, TaskShare.ticket_id == play.ticket(number).id) == 1


def test_advice_is_given_once(play: Play) -> None:
    number, cast = begun(play), play.cast
    task_id = play.task("look", number).public_id
    sharing.consult(play.runtime, cast.lina, task_id, [cast.people["wanglei"]], "怎么办?")
    got = at_once([lambda: sharing.advise(play.runtime, cast.wanglei, task_id, "重启。")] * 5)
    assert len(refused(got)) == 4, got
    assert Counter(play.told(number))["advised"] == 1


def test_people_in_copy_are_in_it_once(play: Play) -> None:
    number, cast = begun(play), play.cast
    people = [public(play, login) for login in ("liutao", "zhaomin")]
    got = at_once([lambda: add_copies(play.runtime, cast.lina, number, people)] * 6)
    assert refused(got) == []
    assert play.count(TicketCc, TicketCc.ticket_id == play.ticket(number).id) == 2
    assert Counter(play.told(number))["cc_added+"] == 2


def test_an_offer_is_taken_or_lapses(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"), **WITHIN)
    number, cast = play.file("zhoulan"), play.cast
    hand_over(play.runtime, cast.chenxiao, number, cast.people["lina"])
    cast.clock.advance(timedelta(days=3))
    got = at_once([
        lambda: conversation.accept(play.runtime, cast.lina, number),
        lambda: deadlines.tick(play.runtime, DEADLINES),
        lambda: deadlines.tick(play.runtime, DEADLINES),
    ])  # fmt: skip
    ticket = play.ticket(number)
    assert ticket.owner_id == cast.people["lina"] or isinstance(got[0], DomainError), got
    assert not (ticket.owner_id and ticket.offered_to_id)


def test_what_waits_until_now_goes_on_once(play: Play) -> None:
    number, lina = begun(play), play.cast.lina
    until = play.cast.clock.now() + timedelta(hours=1)
    pausing.suspend(play.runtime, lina, number, WHY, until)
    play.cast.clock.advance(timedelta(hours=2))
    got = at_once([
        lambda: pausing.resume(play.runtime, lina, number),
        lambda: deadlines.tick(play.runtime, DEADLINES),
        lambda: deadlines.tick(play.runtime, DEADLINES),
        lambda: ending.close(play.runtime, lina, number, WHY),
    ])  # fmt: skip
    assert play.ticket(number).status in {Status.IN_PROGRESS, Status.CLOSED}, got
    assert Counter(play.told(number))["resumed+"] <= 1


def test_the_same_bulk_form_sent_twice_acts_once(play: Play) -> None:
    numbers, lina, key = [begun(play) for _ in range(3)], play.cast.lina, uuid4()
    given = Given(text="请看。")
    got = at_once([lambda: run_bulk(play.runtime, lina, key, "note", numbers, given, say=lambda m: m.text)] * 4)
    assert all(isinstance(each, Conflict) or len(each.done) == 3 for each in got), got
    assert [Counter(play.told(number))["noted"] for number in numbers] == [1, 1, 1]


def test_a_view_kept_twice_is_one(play: Play) -> None:
    lina, name = play.cast.lina, uuid4().hex
    new = saved_views.NewView(name, "status=open")
    got = at_once([lambda: saved_views.keep(play.runtime, lina, new)] * 5)
    assert (refused(got), len(set(got))) == ([], 1)


def test_somebody_new_is_taken_on_once(play: Play) -> None:
    guohao, login = play.cast.guohao, f"new{uuid4().hex[:8]}"
    values = {"name": "新人", "place": "sz-nanshan", "roles": [("requester", "")]}
    got = at_once([lambda: put_person(play.runtime, guohao, login, values)] * 5)
    assert all(isinstance(each, Conflict) for each in refused(got)), got
    assert play.count(Person, Person.login == login) == 1


def test_a_file_of_people_is_confirmed_once(play: Play) -> None:
    guohao = play.cast.guohao
    logins = [f"imp{uuid4().hex[:8]}" for _ in range(3)]
    sheet = "login,name,place\n" + "".join(f"{login},某人,sz-nanshan\n" for login in logins)
    made = upload(play.runtime, guohao, sheet.encode(), file_name="a.csv")
    got = at_once([lambda: confirm(play.runtime, guohao, made, good_only=False)] * 4)
    assert len(refused(got)) == 3, got
    at_once([play.settle] * 2)
    assert play.count(Person, Person.login.in_(logins)) == 3


def test_a_role_is_not_deleted_while_it_is_given(play: Play) -> None:
    admin, guohao = play.cast.admin, play.cast.guohao
    here, liutao = place(play, "sz-nanshan"), public(play, "liutao")
    for _ in range(3):
        facts = RoleFacts("门卫", "Porter", ("ticket.file",), "own", key=f"porter_{uuid4().hex[:8]}")
        role_id = create_role(play.runtime, guohao, facts, brand_id=play.cast.places["qinghe"])
        got = at_once([
            lambda: delete_role(play.runtime, guohao, role_id),  # noqa: B023 - done before the next round
            lambda: give_role(play.runtime, admin, liutao, role_id=role_id, place_id=here),  # noqa: B023
            lambda: put_person(play.runtime, guohao, "liutao", {"roles": [(facts.key, "sz-nanshan")]}),  # noqa: B023
        ])  # fmt: skip
        held = play.count(Membership, Membership.role_id == role_id)
        assert (play.count(Role, Role.id == role_id) == 1) == bool(held), got


def test_a_departure_is_begun_once_and_what_comes_meanwhile_is_not_lost(play: Play) -> None:
    number, cast = begun(play), play.cast
    who = public(play, "lina")
    got = at_once([
        lambda: depart(play.runtime, cast.admin, who, Wish()),
        lambda: depart(play.runtime, cast.admin, who, Wish()),
        lambda: hand_over(play.runtime, cast.chenxiao, number, cast.people["wanglei"]),
    ])  # fmt: skip
    made = [each for each in got[:2] if isinstance(each, UUID)]
    assert len(made) == 1, got
    zhangwei = cast.zhangwei
    at_once([play.settle, play.settle, lambda: conversation.note(play.runtime, zhangwei, number, "我来。", [])])
    play.settle()
    ticket = play.ticket(number)
    assert ticket.owner_id != cast.people["lina"]
    got = at_once([
        lambda: undo(play.runtime, cast.admin, made[0]),
        lambda: undo(play.runtime, cast.admin, made[0]),
        lambda: hand_over(play.runtime, cast.chenxiao, number, cast.people["wanglei"]),
    ])  # fmt: skip
    assert len(refused(got[:2])) == 1, got
    at_once([play.settle, play.settle, lambda: conversation.note(play.runtime, zhangwei, number, "再看。", [])])
    play.settle()
    with play.runtime.reading() as session:
        assert session.get_one(Person, cast.people["lina"]).departed_at is None
    assert Counter(play.told(number))["noted"] == 2
