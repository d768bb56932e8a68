"""Urging and copies by programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.api.caller import Api, told
from tickets.people import Person


@pytest.fixture
def number(api: Api) -> str:
    """A repair that zhoulan filed and lina answers for."""
    api.deploy_repair()
    made = api.file_repair()
    assert api.post("lina", f"/tasks/{api.task_of('lina', made)}/claim").status_code == 200
    return made


def id_of(api: Api, login: str) -> str:
    with api.cast.runtime.reading() as session:
        return str(session.scalars(sa.select(Person.public_id).where(Person.login == login)).one())


def test_a_requester_urges_once_and_the_owner_answers(api: Api, number: str) -> None:
    pressed = api.post("zhoulan", f"/tickets/{number}/urges", {"reason": "明天开课"}, key="k1")
    assert pressed.status_code == 201
    again = api.post("zhoulan", f"/tickets/{number}/urges", {"reason": "明天开课"}, key="k1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert "retry_at" not in told(api.post("zhoulan", f"/tickets/{number}/urges", {}), 409, "waits for an answer")
    told(api.post("wanglei", f"/tickets/{number}/urges", {}), 404)
    told(api.post("lina", f"/tickets/{number}/urges", {}), 403)
    until = (api.cast.clock.now() + timedelta(hours=4)).isoformat()
    told(api.post("lina", f"/tickets/{number}/urge-answers", {"body": "等", "expected_at": "soon"}), 422)
    told(
        api.post("lina", f"/tickets/{number}/urge-answers", {"body": "等", "expected_at": "2020-01-01T00:00:00Z"}), 422
    )
    answered = api.post("lina", f"/tickets/{number}/urge-answers", {"body": "等厂商", "expected_at": until})
    assert answered.status_code == 201, answered.text
    problem = told(api.post("zhoulan", f"/tickets/{number}/urges", {}), 409, "urge again at")
    assert problem["retry_at"].startswith(until[:19])


def test_people_are_put_in_copy_and_taken_out(api: Api, number: str) -> None:
    sunyue, huangyi = id_of(api, "sunyue"), id_of(api, "huangyi")
    told(api.get("sunyue", f"/tickets/{number}"), 404)
    added = api.post("lina", f"/tickets/{number}/copies", {"people": [sunyue]})
    assert (added.status_code, added.json) == (201, {"copies": [{"id": sunyue, "name": "孙悦", "by_type": False}]})
    assert api.get("sunyue", f"/tickets/{number}/copies").json == added.json
    for people, status in (([huangyi], 404), ([], 422), (["x"], 422), ([sunyue] * 51, 422)):
        told(api.post("lina", f"/tickets/{number}/copies", {"people": people}), status)
    told(api.get("huangyi", f"/tickets/{number}/copies"), 404)
    told(api.call("DELETE", "sunyue", f"/tickets/{number}/copies/{sunyue}"), 403)
    assert api.call("DELETE", "lina", f"/tickets/{number}/copies/{sunyue}").json == {"copies": []}
    told(api.call("DELETE", "lina", f"/tickets/{number}/copies/{sunyue}"), 404)
