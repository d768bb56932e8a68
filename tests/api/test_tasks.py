"""GET /tasks, POST /tasks/<id>/claim and /complete."""

from __future__ import annotations

import uuid

import pytest

from tests.api.caller import Api, told
from tests.engine import build
from tests.tickets import play

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_task_is_listed_claimed_and_completed(api: Api) -> None:
    api.deploy_repair()
    number = api.file_repair()
    (offered,) = api.get("lina", "/tasks?assigned=candidate").json["items"]
    assert (offered["ticket"], offered["title"], offered["assignee"]) == (number, "投影仪 坏了", None)
    claimed = api.post("lina", f"/tasks/{offered['id']}/claim")
    assert claimed.status_code == 200
    assert claimed.json["assignee"]["name"] == "李娜"
    assert [task["id"] for task in api.get("lina", "/tasks?assigned=me").json["items"]] == [offered["id"]]
    assert api.get("zhangwei", "/tasks?assigned=candidate").json["items"] == []
    done = api.post("lina", f"/tasks/{offered['id']}/complete", {"values": {"finding": "lamp"}})
    assert done.json["status"] == "completed"
    assert api.get("lina", "/tasks").json == {"items": [], "next_cursor": None}
    assert api.get("lina", f"/tickets/{number}").json["status"] == "closed"


def test_an_unclaimed_task_is_completed_in_one_step(api: Api) -> None:
    api.deploy_repair()
    number = api.file_repair()
    done = api.post("lina", f"/tasks/{api.task_of('lina', number)}/complete", {"values": {"finding": "lamp"}})
    assert done.status_code == 200
    assert api.get("lina", f"/tickets/{number}").json["owner"]["name"] == "李娜"


def test_who_completes_a_task_is_told_what_is_open_next_as_far_as_they_see_it(api: Api) -> None:
    asked = build.user("ask", build.settings(visible="true"), camunda__assignee="zhoulan", camunda__candidateGroups="")
    look = build.user("look", camunda__candidateGroups="support")
    again = build.user("again", camunda__candidateGroups="support", name="再看一次")
    order = build.chain("begin", "look", "ask", "again", "done")
    api.deploy("hejing", *play.files(build.start(), look, asked, again, build.end(), order, key="twice").items())
    number = api.post("zhoulan", "/tickets", {"type": "twice", "data": {}}).json["number"]
    first = api.post("lina", f"/tasks/{api.task_of('lina', number)}/complete", {"values": {}}).json
    (question,) = first["next"]
    assert question["assignee"]["name"] == "周岚"
    assert api.post("zhoulan", f"/tasks/{question['id']}/complete", {"values": {}}).json["next"] == []
    last = api.task_of("lina", number)
    assert api.post("lina", f"/tasks/{last}/complete", {"values": {}}).json["next"] == []


def test_pages_follow_each_other_without_gaps(api: Api) -> None:
    api.deploy_repair()
    numbers = {api.file_repair() for _ in range(5)}
    found, cursor = [], ""
    for expected in (2, 2, 1):
        page = api.get("lina", f"/tasks?assigned=candidate&limit=2{cursor}").json
        assert len(page["items"]) == expected
        found += [task["ticket"] for task in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert len(found) == 5
    assert set(found) == numbers


@pytest.mark.parametrize(
    ("query", "path"),
    [("assigned=everybody", "assigned"), ("limit=0", "limit"), ("limit=many", "limit"), ("mine=1", "mine")],
)
def test_a_query_that_means_nothing_is_refused(api: Api, query: str, path: str) -> None:
    problem = told(api.get("lina", f"/tasks?{query}"), 422)
    assert [fault["path"] for fault in problem["errors"]] == [path]


@pytest.mark.parametrize("cursor", ["nonsense", "999", "e30", "%F0%9F%92%A9", "-1"])
def test_a_cursor_that_no_page_gave_is_refused(api: Api, cursor: str) -> None:
    told(api.get("lina", f"/tasks?cursor={cursor}"), 422)


def test_values_are_checked_by_the_tasks_form(api: Api) -> None:
    api.deploy_repair()
    task = api.task_of("lina", api.file_repair())
    values = {"needs_parts": "maybe", "colour": "red"}
    problem = told(api.post("lina", f"/tasks/{task}/complete", {"values": values}), 422)
    assert {fault["path"] for fault in problem["errors"]} == {"finding", "needs_parts", "colour"}
    told(api.post("lina", f"/tasks/{task}/complete", {"values": {"finding": 5}}), 422, "finding")
    assert api.get("lina", "/tasks?assigned=candidate").json["items"][0]["id"] == task


@pytest.mark.parametrize("body", [{"values": []}, {"value": {}}, {"values": {}, "claim": True}, []])
def test_a_body_of_another_shape_is_refused(api: Api, body: object) -> None:
    told(api.call("POST", "lina", f"/tasks/{uuid.uuid4()}/complete", json=body), 422)


def test_a_finished_task_says_who_finished_it_and_when(api: Api) -> None:
    api.deploy_repair()
    task = api.task_of("lina", api.file_repair())
    api.post("lina", f"/tasks/{task}/complete", {"values": {"finding": "lamp"}})
    problem = told(api.post("zhangwei", f"/tasks/{task}/complete", {"values": {"finding": "plug"}}), 409, "李娜")
    assert problem["type"] == "urn:gongdan:problem:task-closed"
    assert problem["by"] == "李娜"
    assert problem["at"] == "2026-11-20T01:00:00Z"
    told(api.post("zhangwei", f"/tasks/{task}/claim"), 409)


def test_somebody_elses_task_is_refused(api: Api) -> None:
    api.deploy_repair()
    task = api.task_of("lina", api.file_repair())
    api.post("lina", f"/tasks/{task}/claim")
    told(api.post("zhangwei", f"/tasks/{task}/complete", {"values": {"finding": "x"}}), 403, "李娜")
    told(api.post("zhangwei", f"/tasks/{task}/claim"), 403)


@pytest.mark.parametrize("login", ["zhoulan", "sunyue", "huangyi", "wanglei"])
def test_who_does_not_see_a_task_does_not_find_it(api: Api, login: str) -> None:
    api.deploy_repair()
    task = api.task_of("lina", api.file_repair())
    told(api.post(login, f"/tasks/{task}/claim"), 404)
    told(api.post(login, f"/tasks/{task}/complete", {"values": {"finding": "x"}}), 404)
    assert api.get(login, "/tasks?assigned=candidate").json["items"] == []


@pytest.mark.parametrize("task", [str(uuid.UUID(int=7)), "1", "x", "..%2f1"])
def test_a_task_that_does_not_exist_is_not_found(api: Api, task: str) -> None:
    told(api.post("lina", f"/tasks/{task}/claim"), 404)
    told(api.post("lina", f"/tasks/{task}/complete", {"values": {}}), 404)
