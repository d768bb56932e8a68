"""A ticket's verbs through the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def number(api: Api) -> str:
    """A repair of zhoulan's that lina has claimed."""
    api.deploy_repair()
    number = api.file_repair()
    api.post("lina", f"/tasks/{api.task_of('lina', number)}/claim")
    return number


def status(api: Api, login: str, number: str, verb: str, body: Any = None) -> str:
    answer = api.post(login, f"/tickets/{number}/{verb}", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json["status"])


def test_from_claimed_to_rated(api: Api, number: str) -> None:
    assert status(api, "lina", number, "notes", {"body": "看过了"}) == "in_progress"
    assert status(api, "lina", number, "questions", {"body": "哪间教室？"}) == "awaiting_requester"
    assert status(api, "zhoulan", number, "answers", {"body": "301"}) == "in_progress"
    until = "2027-01-08T09:00:00+08:00"
    assert status(api, "lina", number, "suspension", {"why": "等配件", "until": until}) == "suspended"
    assert status(api, "lina", number, "resumption") == "in_progress"
    assert status(api, "lina", number, "priority", {"priority": "high"}) == "in_progress"
    assert status(api, "lina", number, "title", {"title": "投影仪"}) == "in_progress"
    assert status(api, "lina", number, "resolution", {"why": "换了灯泡"}) == "resolved"
    assert status(api, "zhoulan", number, "reopening", {"why": "又坏了"}) == "in_progress"
    assert status(api, "lina", number, "resolution", {"why": "换了主板"}) == "resolved"
    assert status(api, "zhoulan", number, "confirmation") == "closed"
    assert status(api, "zhoulan", number, "rating", {"stars": 5}) == "closed"


def test_owner_closure_and_withdrawal(api: Api, number: str) -> None:
    answer = api.post("lina", f"/tickets/{number}/owner", {"to": "zhangwei"})
    assert answer.json["owner"]["name"] == "张伟"
    assert status(api, "zhangwei", number, "closure", {"why": "重复"}) == "closed"
    assert status(api, "zhangwei", number, "reopening", {"why": "不是"}) == "in_progress"
    assert status(api, "zhoulan", number, "withdrawal", {"why": "不用了"}) == "withdrawn"


@pytest.mark.parametrize(
    ("verb", "body", "fault"),
    [
        ("suspension", {"why": ""}, "why"),
        ("suspension", {"why": "x", "until": "tomorrow"}, "until"),
        ("priority", {"priority": "huge"}, "priority"),
        ("rating", {"stars": 9}, "stars"),
        ("owner", {}, "to"),
        ("tags", {}, ""),
    ],
)
def test_what_means_nothing_is_refused(api: Api, number: str, verb: str, body: Any, fault: str) -> None:
    if verb == "tags":
        assert api.put("lina", f"/tickets/{number}/tags", body).status_code == 422
        return
    problem = told(api.post("lina", f"/tickets/{number}/{verb}", body), 422)
    assert fault in [each["path"] for each in problem["errors"]]


def test_who_may_not(api: Api, number: str) -> None:
    assert api.post("zhoulan", f"/tickets/{number}/closure", {"why": "x"}).status_code == 403
    assert api.post("huangyi", f"/tickets/{number}/closure", {"why": "x"}).status_code == 404
    assert api.post("lina", f"/tickets/{number}/confirmation").status_code == 403
    assert api.post("zhoulan", f"/tickets/{number}/confirmation").status_code == 409


def test_tickets_are_tied_together(api: Api, number: str) -> None:
    other = api.file_repair()
    assert status(api, "lina", number, "links", {"ticket": other, "kind": "duplicate"}) == "in_progress"
    assert api.call("DELETE", "lina", f"/tickets/{number}/links/{other}").status_code == 200
    assert status(api, "tangyan", other, "parent", {"ticket": number}) == "offered"
    assert api.post("lina", f"/tickets/{number}/closure", {"why": "x"}).status_code == 409
    assert api.call("DELETE", "tangyan", f"/tickets/{other}/parent").status_code == 200
    assert api.put("lina", f"/tickets/{number}/tags", {"tags": ["投影"]}).status_code == 200
    assert status(api, "lina", number, "merge", {"ticket": other}) == "closed"


def test_a_task_is_read_with_its_form_and_returned(api: Api, number: str) -> None:
    task_id = api.task_of("lina", number)
    task = api.get("lina", f"/tasks/{task_id}").json
    assert [part["key"] for part in task["form"]["components"] if "key" in part] == ["finding", "needs_parts"]
    assert task["returns"] == []
    seen = api.get("zhangwei", f"/tasks/{task_id}").json
    assert (seen["form"], seen["data"]) == (None, {})
    assert api.get("huangyi", f"/tasks/{task_id}").status_code == 404
    assert api.post("lina", f"/tasks/{task_id}/return", {"why": "信息不全"}).status_code == 409


def test_a_dispatcher_offers_or_assigns_what_nobody_has(api: Api) -> None:
    api.deploy_repair()
    number = api.file_repair()
    assert api.post("lina", f"/tickets/{number}/assignment", {"to": "lina"}).status_code == 403
    assert told(api.post("zhangwei", f"/tickets/{number}/assignment", {"to": "lina", "manner": "soon"}), 422, "manner")
    assert status(api, "zhangwei", number, "assignment", {"to": "wanglei", "manner": "offer"}) == "offered"
    answer = api.post("zhangwei", f"/tickets/{number}/assignment", {"to": "lina", "note": "你熟"})
    assert (answer.json["owner"]["name"], answer.json["status"]) == ("李娜", "in_progress")
    assert api.post("zhangwei", f"/tickets/{number}/assignment", {"to": "wanglei"}).status_code == 409
