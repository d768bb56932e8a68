"""The shipped type coupon_approval, walked along every branch; the coupon system is a real server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.connectors.other import Say
from tests.connectors.stage import KEY, Stage
from tests.tickets.play import Play, shipped
from tests.tickets.walks import elements, passed
from tickets import incidents
from tickets.errors import Invalid
from tickets.subject_register import put_subject

ISSUES = "https://coupons.example.com/v1/batches"
BATCH = Say(201, {"batch": "B-77"})


@pytest.fixture
def shop(stage: Stage) -> Stage:
    """The stage with the type, which calls the server of this test."""
    files = shipped("coupon_approval")
    drawn = files["coupon_approval.bpmn"].decode()
    assert drawn.count(ISSUES) == 1
    files["coupon_approval.bpmn"] = drawn.replace(ISSUES, f"{stage.other.url}/v1/batches").encode()
    assert stage.play.upload(files).report.accepted
    with suppress(Invalid):  # an earlier walk on this stage has added it
        stage.secret("coupon_key")
    stage.other.usual = BATCH
    return stage


def in_days(play: Play, days: int) -> str:
    return ((play.cast.clock.now() + timedelta(hours=8)).date() + timedelta(days=days)).isoformat()


def begin(shop: Stage, name: str) -> str:
    """A ticket about a product of 刘涛's; its number."""
    play = shop.play
    values = {"name": "寒假集训营", "place": "sz-nanshan", "responsible": "liutao"}
    public_id = put_subject(play.runtime, play.cast.admin, "product", name, values).public_id
    return play.file("zhaomin", "coupon_approval", subject_id=public_id)


def propose(shop: Stage, number: str, *, amount: int = 100, count: int = 20) -> None:
    offer = {"coupon_amount": amount, "coupon_count": count, "valid_until": in_days(shop.play, 60)}
    shop.play.complete("liutao", "Task_Propose", number, give="yes", proposal="到期学员 20 人", **offer)


def decide(shop: Stage, number: str, decision: str, login: str = "guohao", element: str = "Task_ApproveBrand") -> None:
    shop.play.complete(login, element, number, decision=decision, decision_note="看过了")


def inform(shop: Stage, number: str) -> None:
    shop.play.complete("liutao", "Task_Inform", number, told_by="phone", told_note="都已告知")
    assert shop.play.ticket(number).status == "closed"


def what_the_brand_approves_is_issued_once_and_the_consultant_told(shop: Stage) -> None:
    number = begin(shop, "P-1")
    propose(shop, number)
    assert shop.play.open_tasks(number) == ["Task_ApproveBrand"]
    decide(shop, number, "approved")
    assert (shop.other.came, shop.play.open_tasks(number)) == ([], [])
    shop.calls()
    (came,) = shop.other.came
    assert (came.method, came.path, came.headers["authorization"]) == ("POST", "/v1/batches", f"Bearer {KEY}")
    assert came.json == {
        "reference": number,
        "product": "P-1",
        "amount": 100,
        "count": 20,
        "valid_until": in_days(shop.play, 60),
    }
    assert came.headers["idempotency-key"] == f"coupon-{number}-100-20"
    assert shop.play.ticket(number).data["coupon_batch"] == "B-77"
    assert KEY not in str(shop.play.ticket(number).data)
    inform(shop, number)


def what_is_not_needed_ends(shop: Stage) -> None:
    number = begin(shop, "P-2")
    shop.play.complete("liutao", "Task_Propose", number, give="no", proposal="产品停售")
    assert (shop.play.ticket(number).status, shop.other.came) == ("closed", [])


def more_than_five_thousand_is_for_headquarters_and_may_be_refused(shop: Stage) -> None:
    number = begin(shop, "P-3")
    propose(shop, number, amount=500, count=11)
    assert shop.play.open_tasks(number) == ["Task_ApproveHeadquarters"]
    decide(shop, number, "refused", "chenxiao", "Task_ApproveHeadquarters")
    assert (shop.play.ticket(number).status, shop.other.came) == ("closed", [])


def what_is_sent_back_is_revised_and_what_the_brand_leaves_goes_to_headquarters(shop: Stage) -> None:
    number = begin(shop, "P-4")
    propose(shop, number)
    decide(shop, number, "sent_back")
    offer = {"coupon_amount": 80, "coupon_count": 20, "valid_until": in_days(shop.play, 60)}
    shop.play.complete("liutao", "Task_Revise", number, proposal="降到 80 元", **offer)
    shop.play.pass_time(days=2)
    assert shop.play.open_tasks(number) == ["Task_ApproveHeadquarters"]
    decide(shop, number, "approved", "chenxiao", "Task_ApproveHeadquarters")
    shop.calls()
    inform(shop, number)


def what_the_coupon_system_refuses_is_corrected_and_issued(shop: Stage) -> None:
    shop.other.says = [Say(422, {"message": "At most 10 coupons"}), BATCH]
    number = begin(shop, "P-5")
    propose(shop, number)
    decide(shop, number, "approved")
    shop.calls()
    assert shop.play.open_tasks(number) == ["Task_Correct"]
    assert shop.play.ticket(number).data["issue_error"] == "HTTP 422 At most 10 coupons"
    offer = {"coupon_amount": 100, "coupon_count": 10, "valid_until": in_days(shop.play, 60)}
    shop.play.complete("guohao", "Task_Correct", number, correction="again", correction_note="分两批", **offer)
    shop.calls()
    assert [came.headers["idempotency-key"][-6:] for came in shop.other.came] == ["100-20", "100-10"]
    inform(shop, number)


def what_never_answers_is_tried_with_one_key_and_given_up(shop: Stage) -> None:
    shop.other.usual = Say(503)
    number = begin(shop, "P-6")
    propose(shop, number)
    decide(shop, number, "approved")
    shop.calls()
    for _ in range(3):
        shop.pass_time(seconds=60)
    assert {came.headers["idempotency-key"] for came in shop.other.came} == {f"coupon-{number}-100-20"}
    assert len(shop.other.came) == 4
    shop.play.complete("guohao", "Task_Correct", number, correction="give_up", correction_note="下月再发")
    assert shop.play.ticket(number).status == "closed"


def an_answer_without_a_batch_stops_and_is_asked_for_again(shop: Stage) -> None:
    shop.other.says = [Say(200, {"odd": True}), BATCH]
    number = begin(shop, "P-7")
    propose(shop, number)
    decide(shop, number, "approved")
    shop.calls()
    (incident,) = shop.play.incidents(number)
    incidents.retry(shop.play.runtime, shop.play.cast.admin, incident.public_id)
    shop.calls()
    assert len({came.headers["idempotency-key"] for came in shop.other.came}) == 1
    inform(shop, number)


def a_proposal_that_does_not_come_is_chased_by_the_superior(shop: Stage) -> None:
    number = begin(shop, "P-8")
    shop.play.pass_time(days=3)
    assert shop.play.open_tasks(number) == ["Task_Propose", "Task_Chase"]
    chaser = shop.play.task("Task_Chase", number).assignee_id
    login = next(login for login, ident in shop.play.cast.people.items() if ident == chaser)
    shop.play.complete(login, "Task_Chase", number, chase_action="reminded", chase_note="在等名单")
    assert shop.play.open_tasks(number) == ["Task_Propose"]


def a_product_nobody_answers_for_is_whoever_s_who_files_it(shop: Stage) -> None:
    values = {"name": "暑期营", "place": "sz-nanshan", "responsible": ""}
    play = shop.play
    public_id = put_subject(play.runtime, play.cast.admin, "product", "P-10", values).public_id
    number = play.file("liutao", "coupon_approval", subject_id=public_id)
    liutao = play.cast.people["liutao"]
    assert (play.ticket(number).owner_id, play.task("Task_Propose", number).assignee_id) == (liutao, liutao)
    propose(shop, number)
    decide(shop, number, "approved")
    shop.calls()
    assert play.task("Task_Inform", number).assignee_id == play.cast.people["liutao"]
    inform(shop, number)


def a_proposal_that_comes_late_is_chased_no_more(shop: Stage) -> None:
    number = begin(shop, "P-9")
    shop.play.pass_time(days=3)
    propose(shop, number)
    assert shop.play.open_tasks(number) == ["Task_ApproveBrand"]


WALKS: list[Callable[[Stage], Any]] = [
    what_the_brand_approves_is_issued_once_and_the_consultant_told,
    what_is_not_needed_ends,
    more_than_five_thousand_is_for_headquarters_and_may_be_refused,
    what_is_sent_back_is_revised_and_what_the_brand_leaves_goes_to_headquarters,
    what_the_coupon_system_refuses_is_corrected_and_issued,
    what_never_answers_is_tried_with_one_key_and_given_up,
    an_answer_without_a_batch_stops_and_is_asked_for_again,
    a_proposal_that_does_not_come_is_chased_by_the_superior,
    a_product_nobody_answers_for_is_whoever_s_who_files_it,
    a_proposal_that_comes_late_is_chased_no_more,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_coupon_approval(shop: Stage, walk: Callable[[Stage], Any]) -> None:
    walk(shop)


@pytest.mark.parametrize("lasting_play", ["sqlite"], indirect=True)
def test_the_walks_together_pass_every_element(shop: Stage) -> None:
    for walk in WALKS:
        shop.other.came.clear()
        shop.other.says, shop.other.usual = [], BATCH
        walk(shop)
    assert elements("coupon_approval") - passed(shop.play) == set()
