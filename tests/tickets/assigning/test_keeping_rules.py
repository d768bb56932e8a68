"""Keeping assignment rules: who may, what is refused, their order, the audit, and trying them out."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine import build
from tests.tickets.play import Play, staff
from tickets.assigning.models import AssignmentRule
from tickets.assigning.rule_checks import NewRule
from tickets.assigning.rules import add_rule, change_rule, move_rule, remove_rule, rules_of, try_rules
from tickets.audit import AuditEntry
from tickets.errors import DomainError, Forbidden, Invalid, NotFound


@pytest.fixture
def stage(lasting_play: Play) -> Iterator[Play]:
    if not lasting_play.tickets():
        lasting_play.define(build.start(), staff("look"), build.end(), build.chain("begin", "look", "done"))
        lasting_play.file("zhoulan")
    yield lasting_play
    with lasting_play.writing() as session, session.begin():
        ids = list(session.scalars(sa.select(AssignmentRule.public_id)))
    for rule_id in ids:
        remove_rule(lasting_play.runtime, lasting_play.cast.admin, rule_id)


def add(play: Play, by: str = "admin", place: str = "qiming", *, element: str = "look", **given: str) -> UUID:
    words = {"method": "person", "who": "lina", **given}
    new = NewRule("errand", element, words["method"], words["who"], words.get("role", ""), words.get("of", ""))
    return add_rule(play.runtime, play.cast.actor(by), play.cast.places[place], new)


def kept(play: Play, by: str = "admin", place: str = "qiming") -> list[str]:
    with play.runtime.reading() as session:
        rules = rules_of(session, play.cast.actor(by), play.cast.places[place])
    return [rule.args.get("who", rule.method) for rule in rules]


def test_rules_hold_at_once_in_their_order_until_they_are_removed(stage: Play) -> None:
    first, second = add(stage, who="wanglei"), add(stage, who="lina")
    assert kept(stage) == ["wanglei", "lina"]
    stage.file("zhoulan")
    assert stage.task("look").assignee_id == stage.cast.people["wanglei"]
    move_rule(stage.runtime, stage.cast.admin, second, up=True)
    assert kept(stage) == ["lina", "wanglei"]
    stage.file("zhoulan")
    assert stage.task("look").assignee_id == stage.cast.people["lina"]
    for rule in (first, second):
        remove_rule(stage.runtime, stage.cast.admin, rule)
    stage.file("zhoulan")
    assert stage.task("look").assignee_id is None


def test_a_rule_is_changed_and_each_change_is_audited(stage: Play) -> None:
    before = stage.count(AuditEntry, AuditEntry.action.startswith("rule."))
    rule = add(stage)
    change_rule(stage.runtime, stage.cast.admin, rule, NewRule("", "", "person", who="wanglei"))
    move_rule(stage.runtime, stage.cast.admin, rule, up=True)
    assert kept(stage) == ["wanglei"]
    assert stage.count(AuditEntry, AuditEntry.action.startswith("rule.")) == before + 2


@pytest.mark.parametrize(
    ("by", "place", "refusal"),
    [
        ("admin", "qiming", None),
        ("chenxiao", "qinghe", None),
        ("guohao", "qinghe", None),
        ("guohao", "qiming", NotFound),
        ("guohao", "kapok", NotFound),
        ("zhaomin", "qinghe", Forbidden),
        ("lina", "qiming", Forbidden),
        ("zhoulan", "qinghe", Forbidden),
    ],
)
def test_who_manages_types_keeps_the_rules_of_their_brand(
    stage: Play, by: str, place: str, refusal: type[DomainError] | None
) -> None:
    if refusal is None:
        rule = add(stage, by, place)
        remove_rule(stage.runtime, stage.cast.actor(by), rule)
        return
    with pytest.raises(refusal):
        add(stage, by, place)
    with pytest.raises(refusal):
        kept(stage, by, place)
    rule = add(stage, "admin", place)
    runtime, actor = stage.runtime, stage.cast.actor(by)
    with pytest.raises(refusal):
        remove_rule(runtime, actor, rule)
    with pytest.raises(refusal):
        move_rule(runtime, actor, rule, up=True)
    with pytest.raises(refusal):
        change_rule(runtime, actor, rule, NewRule("", "", "responsible"))


@pytest.mark.parametrize(
    "given",
    [
        {"method": "nonsense"},
        {"who": ""},
        {"who": "wufang"},
        {"who": "\x00"},
        {"method": "role", "role": "no such"},
        {"method": "superior_of", "of": "everybody"},
        {"method": "skills", "role": "support"},
        {"element": "x\ny"},
    ],
)
def test_what_can_t_hold_is_refused(stage: Play, given: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        add(stage, **given)


def test_a_task_is_named_only_with_its_type_and_the_type_must_be_there(stage: Play) -> None:
    for new in (NewRule("", "look", "responsible"), NewRule("no_such_type", "", "responsible")):
        with pytest.raises(Invalid):
            add_rule(stage.runtime, stage.cast.admin, stage.cast.places["qiming"], new)


def test_trying_them_says_who_and_takes_no_turn(stage: Play) -> None:
    add(stage, method="round_robin", role="support_lead")
    add(stage, element="", who="wanglei")
    number = stage.ticket().number
    for _ in range(2):
        tried = try_rules(stage.runtime, stage.cast.admin, number, ["look"])
        assert [(one.element, one.person) for one in tried] == [("", "王磊"), ("look", "张伟")]
    with pytest.raises(NotFound):
        try_rules(stage.runtime, stage.cast.huangyi, number, ["look"])
