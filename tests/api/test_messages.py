"""POST /messages."""

from __future__ import annotations

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def waiting(api: Api) -> str:
    """The number of a ticket that waits for parts."""
    api.deploy_repair()
    number = api.file_repair(login="admin")
    done = api.post(
        "lina", f"/tasks/{api.task_of('lina', number)}/complete", {"values": {"finding": "x", "needs_parts": True}}
    )
    assert done.status_code == 200
    return number


def test_it_reaches_the_ticket_that_waits_for_it(api: Api) -> None:
    number = waiting(api)
    sent = api.post("admin", "/messages", {"name": "parts.arrived", "key": number, "payload": {"supplier": "A"}})
    assert (sent.status_code, sent.json) == (200, {"outcome": "correlated", "ticket": number})
    assert api.get("lina", f"/tickets/{number}").json["status"] == "closed"


def test_it_starts_a_ticket(api: Api) -> None:
    api.deploy_repair()
    sent = api.post("admin", "/messages", {"name": "alarm.raised", "key": "door-7"})
    assert sent.status_code == 200
    assert sent.json["outcome"] == "started"
    assert api.get("lina", f"/tickets/{sent.json['ticket']}").status_code == 200


def test_it_is_kept_for_whoever_waits_later(api: Api) -> None:
    sent = api.post("admin", "/messages", {"name": "parts.arrived", "key": "RP-99"})
    assert (sent.status_code, sent.json) == (202, {"outcome": "kept", "ticket": None})


def test_only_those_who_may_send(api: Api) -> None:
    told(api.post("lina", "/messages", {"name": "parts.arrived", "key": "RP-1"}), 403)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": "a"}, "key"),
        ({"key": "a"}, "name"),
        ({"name": "a", "key": 5}, "key"),
        ({"name": "", "key": "a"}, "name"),
        ({"name": "a", "key": "b" * 300}, "key"),
        ({"name": "a", "key": "b", "payload": "c"}, "payload"),
        ({"name": "a", "key": "b", "ttl": 3}, "ttl"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_its_path(api: Api, body: object, path: str) -> None:
    problem = told(api.post("admin", "/messages", body), 422)
    assert [fault["path"] for fault in problem["errors"]] == [path]


def test_a_payload_that_is_too_large_is_refused(api: Api) -> None:
    told(api.post("admin", "/messages", {"name": "a", "key": "b", "payload": {"text": "x" * 70_000}}), 422)
