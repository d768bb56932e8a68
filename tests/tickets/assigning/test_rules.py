"""Assignment rules: each method, what is nearer, who is away or has left, and turns under concurrency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import Level
from tests.engine import build
from tests.tickets.play import Play, files, staff
from tickets.assigning.models import Absence, AssignmentRule, Method, PersonSkill, RuleBook
from tickets.people import Person
from tickets.roles import Membership
from tickets.ticket import Status


@pytest.fixture
def stage(lasting_play: Play) -> Iterator[Play]:
    """A type whose task waits for support; lina, zhangwei and wanglei hold that role."""
    if not lasting_play.tickets():
        lasting_play.define(
            build.start(),
            staff("look", name="看一看"),
            staff("check", to="developer"),
            build.end(),
            build.chain("begin", "look", "check", "done"),
        )
        with lasting_play.writing() as session, session.begin():
            cast = lasting_play.cast
            for login in ("wanglei", "zhangwei"):
                given = {"person_id": cast.people[login], "place_id": cast.places["qiming"]}
                session.add(Membership(**given, role_id=cast.roles["support"]))
    yield lasting_play
    with lasting_play.writing() as session, session.begin():
        for table in (AssignmentRule, Absence, PersonSkill):
            session.execute(sa.delete(table))
        _turn_the_page(session)


def rule(
    play: Play, method: Method, *, element: str = "look", brand: str = "qiming", type_key: str = "errand", **args: Any
) -> None:
    with play.writing() as session, session.begin():
        position = session.scalars(sa.select(sa.func.count()).select_from(AssignmentRule)).one()
        whose = {"brand_id": play.cast.places[brand], "type_key": type_key, "element": element, "position": position}
        session.add(AssignmentRule(**whose, method=method, args=args, updated_at=play.cast.clock.now()))
        _turn_the_page(session)


def _turn_the_page(session: Any) -> None:
    if session.get(RuleBook, 1) is None:
        session.add(RuleBook(id=1, version=0))
        session.flush()
    session.execute(sa.update(RuleBook).values(version=RuleBook.version + 1))


def away(play: Play, login: str, substitute: str | None = None, *, days: float = 2) -> None:
    now = play.cast.clock.now()
    person = play.cast.people[login]
    with play.writing() as session, session.begin():
        session.add(
            Absence(
                brand_id=play.cast.places["qiming"],
                person_id=person,
                from_at=now - timedelta(hours=1),
                until_at=now + timedelta(days=days),
                substitute_id=play.cast.people[substitute] if substitute else None,
                at=now,
            )
        )


def who(play: Play, element: str = "look") -> str:
    """The login of who has the task; empty where a role or nobody does."""
    person_id = play.task(element).assignee_id
    return next((login for login, each in play.cast.people.items() if each == person_id), "")


def filed(play: Play, login: str = "zhoulan") -> str:
    play.file(login)
    return who(play)


def test_without_rules_the_file_says_who(stage: Play) -> None:
    assert filed(stage) == ""
    assert stage.ticket().status == Status.OFFERED


def test_a_named_person(stage: Play) -> None:
    rule(stage, Method.PERSON, who="wanglei")
    assert filed(stage) == "wanglei"
    assert [event.params.get("to_id") for event in stage.events() if event.kind == "offered"] == [
        stage.cast.people["wanglei"]
    ]


def test_a_role_at_the_ticket_s_place_or_above(stage: Play) -> None:
    rule(stage, Method.ROLE, role="campus_head")
    assert filed(stage) == ""
    stage.claim("zhaomin", "look")


def test_the_superior_of_who_asked(stage: Play) -> None:
    rule(stage, Method.SUPERIOR, of="requester")
    assert filed(stage) == "zhaomin"


def test_the_superior_of_who_did_the_last_task(stage: Play) -> None:
    rule(stage, Method.SUPERIOR, element="check", of="assignee")
    stage.file("zhoulan")
    stage.complete("lina", "look")
    assert who(stage, "check") == "zhangwei"


def test_in_turn_each_gets_as_many(stage: Play) -> None:
    rule(stage, Method.ROUND_ROBIN, role="support")
    turns = [filed(stage) for _ in range(6)]
    assert turns[:3] == turns[3:]
    assert sorted(turns[:3]) == ["lina", "wanglei", "zhangwei"]


def test_in_turn_under_concurrency_each_gets_exactly_as_many(stage: Play) -> None:
    rule(stage, Method.ROUND_ROBIN, role="support")
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: stage.file("zhoulan"), range(12)))
    given = Counter(stage.task("look", number).assignee_id for number in numbers)
    assert sorted(given.values()) == [4, 4, 4]


def test_the_least_loaded_by_priority_and_owned_tickets(stage: Play) -> None:
    with stage.writing() as session, session.begin():
        session.execute(sa.text("UPDATE user_task SET status = 'cancelled' WHERE status = 'open'"))
        session.execute(sa.text("UPDATE ticket SET owner_id = NULL"))
    stage.file("zhoulan")
    stage.claim("lina", "look")
    stage.file("zhoulan")
    stage.claim("zhangwei", "look")
    rule(stage, Method.LEAST_LOADED, role="support")
    assert filed(stage) == "wanglei"
    assert filed(stage) == "wanglei"  # a task alone weighs less than a task and its ticket


def test_who_has_the_skills(stage: Play) -> None:
    with stage.writing() as session, session.begin():
        for login, skills in {"lina": ["english"], "wanglei": ["english", "android"]}.items():
            session.add_all(PersonSkill(person_id=stage.cast.people[login], skill=skill) for skill in skills)
    rule(stage, Method.SKILLS, role="support", skills=["English", "Android"])
    assert filed(stage) == "wanglei"


def test_a_skill_nobody_has_leaves_it_to_the_file(stage: Play) -> None:
    rule(stage, Method.SKILLS, role="support", skills=["klingon"])
    assert filed(stage) == ""
    assert stage.ticket().status == Status.OFFERED


def test_rules_are_tried_in_order(stage: Play) -> None:
    rule(stage, Method.ROLE, role="nobody holds this")
    rule(stage, Method.PERSON, who="lina")
    assert filed(stage) == "lina"


def test_a_brand_s_rule_comes_before_the_group_s_and_a_type_s_before_every_type_s(stage: Play) -> None:
    rule(stage, Method.PERSON, element="*", type_key="", who="lina")
    assert filed(stage) == "lina"
    rule(stage, Method.PERSON, who="wanglei")
    assert filed(stage) == "wanglei"
    rule(stage, Method.PERSON, brand="qinghe", element="*", type_key="", who="zhangwei")
    assert filed(stage) == "zhangwei"
    assert filed(stage, "huangyi") == "wanglei"


def test_another_brand_s_person_is_not_found(stage: Play) -> None:
    rule(stage, Method.PERSON, who="huangyi")
    assert filed(stage) == ""


def test_who_has_left_is_passed_over_for_the_superior(stage: Play) -> None:
    rule(stage, Method.PERSON, who="wufang")
    assert filed(stage) == "zhaomin"


def test_who_is_away_is_stood_in_for(stage: Play) -> None:
    away(stage, "wanglei", "liutao")
    away(stage, "liutao", "lina")
    rule(stage, Method.PERSON, who="wanglei")
    assert filed(stage) == "lina"


def test_substitutes_in_a_circle_lead_to_the_superior(stage: Play) -> None:
    away(stage, "wanglei", "lina")
    away(stage, "lina", "wanglei")
    rule(stage, Method.PERSON, who="wanglei")
    assert filed(stage) == "zhangwei"


def test_who_is_away_is_passed_over_in_turn_and_by_load(stage: Play) -> None:
    away(stage, "lina", "liutao")
    rule(stage, Method.ROUND_ROBIN, role="support")
    assert {filed(stage) for _ in range(4)} == {"wanglei", "zhangwei"}


def test_where_all_are_away_a_substitute_stands_in(stage: Play) -> None:
    for login in ("lina", "wanglei", "zhangwei"):
        away(stage, login, "liutao" if login == "wanglei" else None)
    rule(stage, Method.LEAST_LOADED, role="support")
    assert filed(stage) == "liutao"


def test_where_nobody_is_left_a_dispatcher_is_asked(stage: Play) -> None:
    stage.define(
        build.start(),
        build.user("look", camunda__assignee="wanglei"),
        build.end(),
        build.chain("begin", "look", "done"),
        key="alone",
    )
    with stage.runtime.reading() as session:
        everybody = list(session.scalars(sa.select(Person.login).where(Person.departed_at.is_(None))))
    for login in everybody:
        if login in stage.cast.people:
            away(stage, login)
    stage.file("zhoulan", "alone")
    assert (stage.ticket().status, stage.ticket().dispatch_at is None) == (Status.UNASSIGNED, False)


def test_the_one_who_asked_never_gets_their_own_ticket(stage: Play) -> None:
    rule(stage, Method.PERSON, who="lina")
    assert filed(stage, "lina") == ""


def test_a_task_given_from_a_role_goes_back_there_when_released(stage: Play) -> None:
    rule(stage, Method.ROUND_ROBIN, role="support")
    login = filed(stage)
    stage.release(login, "look")
    assert who(stage) == ""
    stage.claim("lina", "look")


@pytest.mark.parametrize(
    ("assign", "expected"),
    [
        ("least_loaded(support)", {"lina", "wanglei", "zhangwei"}),
        ("round_robin", {"lina", "wanglei", "zhangwei"}),
        ("person(lina)", {"lina"}),
        ("superior_of(requester)", {"zhaomin"}),
        ("no such thing(", {""}),
    ],
)
def test_a_file_says_it_by_a_property(stage: Play, assign: str, expected: set[str]) -> None:
    stage.define(
        build.start(),
        staff("look", build.settings(assign=assign)),
        build.end(),
        build.chain("begin", "look", "done"),
        key="said",
    )
    stage.file("zhoulan", "said")
    assert who(stage) in expected


def test_an_upload_is_told_how_such_a_property_is_read(stage: Play) -> None:
    task = staff("look", build.settings(assign="least_loaded(support)"))
    odd = staff("check", build.settings(assign="whoever is free"))
    row = (build.start(), task, odd, build.end(), build.chain("begin", "look", "check", "done"))
    made = stage.upload(files(*row, key="read", assign="person()"))
    told = [each for each in made.report.problems if each.code.startswith("assign")]
    assert made.report.accepted
    assert [(each.element, each.level) for each in told] == [
        ("read", Level.WARNING),
        ("look", Level.NOTE),
        ("check", Level.WARNING),
    ]
    assert all(each.line > 1 and str(each.remedy) for each in told)


def test_a_file_says_it_by_an_expression(stage: Play) -> None:
    stage.define(
        build.start(),
        build.user("look", camunda__assignee="${least_loaded('support')}"),
        build.end(),
        build.chain("begin", "look", "done"),
        key="expressed",
    )
    stage.file("zhoulan", "expressed")
    assert who(stage) in {"lina", "wanglei", "zhangwei"}


def test_a_process_says_it_for_all_its_tasks(stage: Play) -> None:
    stage.define(
        build.start(),
        staff("look"),
        staff("check", to="developer"),
        build.end(),
        build.chain("begin", "look", "check", "done"),
        key="all_tasks",
        assign="least_loaded",
    )
    stage.file("zhoulan", "all_tasks")
    first = who(stage)
    stage.complete(first, "look")
    assert (first in {"lina", "wanglei", "zhangwei"}, who(stage, "check")) == (True, "wanglei")
