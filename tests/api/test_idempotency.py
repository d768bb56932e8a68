"""Idempotency-Key on every POST, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.api.caller import Api, told
from tickets.idempotency import DONE, LEASE, IdempotentAnswer

BODY = {"type": "repair", "data": {"device": "投影仪"}}


def test_a_repeated_request_is_done_once(api: Api) -> None:
    api.deploy_repair()
    first = api.post("zhoulan", "/tickets", BODY, key="k1")
    again = api.post("zhoulan", "/tickets", BODY, key="k1")
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(api.get("lina", "/tasks?assigned=candidate").json["items"]) == 1


def test_another_key_and_another_person_are_other_requests(api: Api) -> None:
    api.deploy_repair()
    answers = [
        api.post(login, "/tickets", BODY, key=key)
        for login, key in [("zhoulan", "a"), ("zhoulan", "b"), ("sunyue", "a")]
    ]
    assert len({answer.json["number"] for answer in answers}) == 3


def test_another_body_or_address_under_the_same_key_is_refused(api: Api) -> None:
    api.deploy_repair()
    api.post("zhoulan", "/tickets", BODY, key="k1")
    told(api.post("zhoulan", "/tickets", {**BODY, "title": "b"}, key="k1"), 422, "Idempotency-Key")
    told(api.post("zhoulan", "/messages", BODY, key="k1"), 422, "Idempotency-Key")


def test_after_a_refusal_the_key_is_free(api: Api) -> None:
    api.deploy_repair()
    told(api.post("zhoulan", "/tickets", {"type": "repair", "data": {}}, key="k1"), 422)
    assert api.post("zhoulan", "/tickets", BODY, key="k1").status_code == 201


def test_a_day_later_the_key_is_new(api: Api) -> None:
    api.deploy_repair()
    first = api.post("zhoulan", "/tickets", BODY, key="k1")
    api.cast.clock.advance(timedelta(hours=25))
    assert api.post("zhoulan", "/tickets", BODY, key="k1").json["number"] != first.json["number"]


@pytest.mark.parametrize("key", ["x" * 256, "a b", "钥匙".encode().decode("latin-1")])
def test_a_key_of_another_form_is_refused(api: Api, key: str) -> None:
    told(api.post("zhoulan", "/messages", {"name": "a", "key": "b"}, key=key), 422, "Idempotency-Key")


@pytest.mark.parametrize("path", ["claim", "complete"])
def test_claiming_and_completing_are_repeatable(api: Api, path: str) -> None:
    api.deploy_repair()
    task = api.task_of("lina", api.file_repair())
    body = {"values": {"finding": "lamp"}} if path == "complete" else None
    first = api.post("lina", f"/tasks/{task}/{path}", body, key="k1")
    again = api.post("lina", f"/tasks/{task}/{path}", body, key="k1")
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)


def test_of_the_same_request_at_once_one_is_done(api: Api) -> None:
    api.deploy_repair()
    api.token("zhoulan")
    api.get("zhoulan", "/tasks")
    together = threading.Barrier(6)

    def send() -> int:
        client = api.client.application.test_client(use_cookies=False)
        headers = {"Authorization": f"Bearer {api.token('zhoulan')}", "Idempotency-Key": "k1"}
        together.wait()
        return client.post("/api/v1/tickets", json=BODY, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = [each.result() for each in [pool.submit(send) for _ in range(6)]]
    assert 201 in statuses
    assert set(statuses) <= {201, 409}
    assert len(api.get("lina", "/tasks?assigned=candidate").json["items"]) == 1


def test_a_lost_answer_leads_to_what_was_done(api: Api) -> None:
    api.deploy_repair()
    first = api.post("zhoulan", "/tickets", BODY, key="k1")
    with api.cast.runtime.writing() as session, session.begin():  # as when the process dies before it has answered
        lost = {"status": DONE, "body": first.json["number"].encode()}
        session.execute(sa.update(IdempotentAnswer).values(lost))
    told(api.post("zhoulan", "/tickets", BODY, key="k1"), 409)
    api.cast.clock.advance(LEASE + timedelta(seconds=1))
    again = api.post("zhoulan", "/tickets", BODY, key="k1")
    assert (again.status_code, again.headers["Location"]) == (303, f"/api/v1/tickets/{first.json['number']}")
    assert again.headers["Idempotent-Replayed"] == "true"
