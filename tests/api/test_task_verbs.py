"""Passing tasks on by API."""

from __future__ import annotations

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def task(api: Api) -> str:
    """The address of a task that lina has claimed."""
    api.deploy_repair()
    number = api.file_repair()
    address = f"/tasks/{api.task_of('lina', number)}"
    assert api.post("lina", f"{address}/claim").status_code == 200
    return address


def test_a_task_is_transferred_once_however_often_it_is_asked(api: Api, task: str) -> None:
    body = {"to": "wanglei", "why": "他熟悉"}
    first = api.post("lina", f"{task}/transfer", body, key="k1")
    again = api.post("lina", f"{task}/transfer", body, key="k1")
    assert (first.status_code, again.json) == (200, first.json)
    assert [item["ticket"] for item in api.get("wanglei", "/tasks").json["items"]] == [first.json["ticket"]]


def test_a_task_is_delegated_and_taken_back(api: Api, task: str) -> None:
    assert api.post("lina", f"{task}/delegation", {"to": "wanglei"}).status_code == 200
    told(api.call("DELETE", "wanglei", f"{task}/delegation"), 403)
    assert api.call("DELETE", "lina", f"{task}/delegation").status_code == 200
    assert len(api.get("lina", "/tasks").json["items"]) == 1


def test_advice_and_help_are_asked_for_and_given(api: Api, task: str) -> None:
    assert api.post("lina", f"{task}/consultations", {"to": ["wanglei"], "question": "？"}).status_code == 200
    assert api.post("wanglei", f"{task}/advice", {"answer": "好"}).status_code == 200
    told(api.post("wanglei", f"{task}/advice", {"answer": "好"}), 403)
    assert api.post("lina", f"{task}/helpers", {"to": ["zhangwei"]}).status_code == 200
    told(api.post("lina", f"{task}/helpers", {"to": ["zhangwei"]}), 409)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("transfer", {"to": "wanglei", "why": ""}),
        ("transfer", {"to": "nobody", "why": "x"}),
        ("transfer", {"why": "x"}),
        ("transfer", {"role": "no such role", "why": "x"}),
        ("delegation", {"to": "zhoulan"}),
        ("consultations", {"to": [], "question": "x"}),
        ("consultations", {"to": ["wanglei"], "question": " "}),
        ("helpers", {"to": ["huangyi"]}),
        ("helpers", {"to": ["wanglei"], "more": 1}),
    ],
)
def test_what_makes_no_sense_says_so(api: Api, task: str, path: str, body: dict[str, object]) -> None:
    told(api.post("lina", f"{task}/{path}", body), 422)


@pytest.mark.parametrize("login", ["zhoulan", "sunyue", "huangyi", "wanglei"])
def test_a_task_that_one_does_not_see_is_not_found(api: Api, task: str, login: str) -> None:
    for path, body in (
        ("transfer", {"to": "wanglei", "why": "x"}),
        ("delegation", {"to": "wanglei"}),
        ("consultations", {"to": ["wanglei"], "question": "x"}),
        ("advice", {"answer": "x"}),
        ("helpers", {"to": ["wanglei"]}),
    ):
        told(api.post(login, f"{task}/{path}", body), 404)
