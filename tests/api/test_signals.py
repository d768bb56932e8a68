"""POST /signals."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.api.caller import Api, told
from tests.engine.build import EVENTS, catch, chain, document, end, signal, start, user, whole
from tickets.deploying import deploy
from tickets.idempotency import DONE, LEASE, IdempotentAnswer
from tickets.work import drain

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def listening(api: Api) -> str:
    """The number of a ticket that waits for “go”; its type begins with it, too."""
    parts = (
        start(),
        start("called", signal()),
        catch("wait", signal()),
        user("look", camunda__candidateGroups="support"),
        end(),
        chain("begin", "wait", "look", "done"),
        chain("called", "look"),
    )
    process = whole(*parts, process="listening")
    made = deploy(api.cast.runtime, None, {"listening.bpmn": document(process, declarations=EVENTS)})
    assert made.report.accepted
    filed = api.post("zhoulan", "/tickets", {"type": "listening"})
    assert filed.status_code == 201
    return str(filed.json["number"])


def test_it_goes_to_all_who_wait_and_starts_what_begins_with_it(api: Api) -> None:
    number = listening(api)
    sent = api.post("admin", "/signals", {"name": "go", "payload": {"term": "2027-1"}})
    assert (sent.status_code, sent.json) == (202, {"waiting": 1, "starting": 1})
    assert api.get("lina", f"/tickets/{number}").json["tasks"] == []
    drain(api.cast.runtime)
    assert [task["name"] for task in api.get("lina", f"/tickets/{number}").json["tasks"]] == ["look"]
    again = api.post("admin", "/signals", {"name": "go"})
    assert (again.status_code, again.json) == (202, {"waiting": 0, "starting": 1})


def test_asked_twice_with_one_key_it_is_sent_once(api: Api) -> None:
    listening(api)
    first, second = (api.post("admin", "/signals", {"name": "go"}, key="one") for _ in range(2))
    assert (first.json, second.json) == ({"waiting": 1, "starting": 1}, first.json)
    assert drain(api.cast.runtime) == 3, "the signal itself, who hears it and what it starts"


def test_nobody_needs_to_wait_for_it(api: Api) -> None:
    sent = api.post("admin", "/signals", {"name": "go"})
    assert (sent.status_code, sent.json) == (202, {"waiting": 0, "starting": 0})


def test_only_those_who_may_send(api: Api) -> None:
    told(api.post("lina", "/signals", {"name": "go"}), 403)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 300}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a", "payload": []}, "payload"),
        ({"name": "a", "key": "b"}, "key"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_its_path(api: Api, body: object, path: str) -> None:
    problem = told(api.post("admin", "/signals", body), 422)
    assert [fault["path"] for fault in problem["errors"]] == [path]


def test_a_signal_whose_answer_was_lost_is_not_sent_again(api: Api) -> None:
    number = listening(api)
    api.post("admin", "/signals", {"name": "go"}, key="k1")
    with api.cast.runtime.writing() as session, session.begin():  # as when the process dies before it has answered
        session.execute(sa.update(IdempotentAnswer).values(status=DONE, body=b""))
    api.cast.clock.advance(LEASE + timedelta(seconds=1))
    again = api.post("admin", "/signals", {"name": "go"}, key="k1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (204, "true")
    drain(api.cast.runtime)
    assert [task["name"] for task in api.get("lina", f"/tickets/{number}").json["tasks"]] == ["look"]
