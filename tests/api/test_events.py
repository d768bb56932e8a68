"""POST /events: CloudEvents of other systems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from tests.api.caller import Answer, Api, told
from tests.tickets.play import Play
from tickets.departing.model import Departure, State
from tickets.people import Person
from tickets.received_events import ReceivedEvent, forget_old

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def event(kind: str = "employee.departed", *, id: str = "1", subject: str = "", **data: Any) -> dict[str, Any]:
    about = {"subject": subject} if subject else {}
    return {"specversion": "1.0", "id": id, "source": "https://hr.example.com", "type": kind, **about, "data": data}


def send(api: Api, what: Any, *, by: str = "admin", kind: str = STRUCTURED) -> Answer:
    return api.post(by, "/events", data=orjson.dumps(what), content_type=kind)


def person(api: Api, login: str) -> Person:
    with api.cast.runtime.reading() as session:
        return session.get_one(Person, api.cast.people[login])


def departures(api: Api) -> list[Departure]:
    with api.cast.runtime.reading() as session:
        return list(session.scalars(sa.select(Departure).order_by(Departure.id)))


def test_somebody_departs_and_returns(api: Api) -> None:
    answer = send(api, event(login="liutao"))
    assert answer.status_code == 200, answer.text
    (made,) = departures(api)
    assert answer.json == {"id": "1", "outcome": "departing", "ticket": None, "departure": str(made.public_id)}
    Play(api.cast).settle()
    assert person(api, "liutao").departed_at is not None
    back = send(api, event("employee.returned", id="2", person=str(person(api, "liutao").public_id)))
    assert (back.status_code, back.json["outcome"]) == (200, "returned")
    Play(api.cast).settle()
    assert (person(api, "liutao").departed_at, departures(api)[0].state) == (None, State.UNDONE)


def test_the_same_event_again_gets_the_same_answer(api: Api) -> None:
    first, again = (send(api, event(login="liutao")) for _ in range(2))
    assert (first.status_code, again.json) == (again.status_code, first.json)
    assert len(departures(api)) == 1
    told(send(api, event(login="lina")), 422, "an id of its own")
    told(send(api, event(id="2", login="liutao")), 409, "before")


def test_a_refused_event_may_be_sent_again_once_it_is_mended(api: Api) -> None:
    told(send(api, event(login="nobody")), 404)
    assert send(api, event(login="liutao")).status_code == 200


def test_ids_are_kept_for_thirty_days(api: Api) -> None:
    send(api, event(login="liutao"))
    api.cast.clock.advance(timedelta(days=29))
    with api.cast.runtime.writing() as session, session.begin():
        assert forget_old(session, api.cast.clock.now()) == 0
        api.cast.clock.advance(timedelta(days=2))
        assert forget_old(session, api.cast.clock.now()) == 1
    with api.cast.runtime.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ReceivedEvent)) == 0


def test_a_plan_and_a_moment_come_with_it(api: Api) -> None:
    plan = {
        "default": "split",
        "people": ["lina", "wanglei"],
        "types": {"crash_report": "dispatch"},
        "alone": "dispatch",
    }
    answer = send(api, event(login="zhangwei", at="2026-12-24T18:00:00+08:00", plan=plan))
    assert answer.status_code == 200, answer.text
    (made,) = departures(api)
    assert (made.state, made.at.isoformat()) == (State.SCHEDULED, "2026-12-24T10:00:00+00:00")
    assert made.plan["people"] == sorted(api.cast.people[login] for login in ("lina", "wanglei"))


def test_the_attributes_may_come_as_headers(api: Api) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/hr", "ce-type": "employee.departed"}
    answer = api.post("admin", "/events", {"login": "liutao"}, headers=headers)
    assert (answer.status_code, answer.json["id"]) == (200, "7")
    told(api.post("admin", "/events", {"login": "lina"}), 415, "cloudevents+json")


def test_any_other_type_starts_or_reaches_a_ticket(api: Api) -> None:
    api.deploy_repair()
    started = send(api, event("alarm.raised", subject="door-7", level=3))
    assert (started.status_code, started.json["outcome"]) == (200, "started")
    again = send(api, event("alarm.raised", subject="door-7", level=3))
    assert again.json == started.json
    kept = send(api, event("parts.arrived", id="9", subject="RP-99"))
    assert (kept.status_code, kept.json["outcome"]) == (202, "kept")
    number = api.file_repair(login="admin")
    values = {"values": {"finding": "x", "needs_parts": True}}
    api.post("lina", f"/tasks/{api.task_of('lina', number)}/complete", values)
    reached = send(api, event("parts.arrived", id="10", subject=number))
    assert (reached.json["outcome"], reached.json["ticket"]) == ("correlated", number)


def test_a_batch_is_answered_event_by_event(api: Api) -> None:
    batch = [event(login="liutao"), event(id="2", login="nobody"), {"id": "3"}, event("a.b", id="4")]
    answer = send(api, batch, kind=BATCH)
    assert answer.status_code == 200
    assert [each["status"] for each in answer.json] == [200, 404, 422, 202]
    assert answer.json[1]["problem"]["detail"]
    assert [fault["path"] for fault in answer.json[2]["problem"]["errors"]] == ["specversion", "source", "type"]


@pytest.mark.parametrize(
    ("login", "data", "status"),
    [
        ("zhoulan", {"login": "liutao"}, 403),
        ("lina", {"login": "liutao"}, 403),
        ("guohao", {"login": "huangyi"}, 404),
        ("guohao", {"login": "lina"}, 404),
        ("admin", {"login": "admin"}, 403),
        ("admin", {"login": "wufang"}, 409),
        ("admin", {}, 422),
        ("admin", {"login": 5}, 422),
        ("admin", {"person": "x"}, 422),
        ("admin", {"login": "lina", "at": "tomorrow"}, 422),
        ("admin", {"login": "lina", "at": "2026-12-24T18:00:00"}, 422),
        ("admin", {"login": "lina", "at": "2096-12-24T18:00:00Z"}, 422),
        ("admin", {"login": "lina", "plan": []}, 422),
        ("admin", {"login": "lina", "plan": {"default": 3}}, 422),
        ("admin", {"login": "lina", "plan": {"burn": "x"}}, 422),
        ("admin", {"login": "lina", "plan": {"default": "split"}}, 422),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_refused(api: Api, login: str, data: dict[str, Any], status: int) -> None:
    told(send(api, event(**data), by=login), status)
    assert departures(api) == []


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"id": 5}, "id"),
        ({"source": None}, "source"),
        ({"time": "noon"}, "time"),
        ({"data": "text"}, "data"),
        ({"data_base64": "eA=="}, "data_base64"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"Bad-Name": "x"}, "Bad-Name"),
        ({"extension": {"a": 1}}, "extension"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_cloudevent_is_refused_with_its_attribute(api: Api, sent: dict[str, Any], path: str) -> None:
    problem = told(send(api, {**event(login="lina"), **sent}), 422)
    assert [fault["path"] for fault in problem["errors"]] == [path]


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"5", b"null", b'{"id": "\\u0000"}', b"\xff"])
@pytest.mark.parametrize("kind", [STRUCTURED, BATCH])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_hostile_body_is_a_refusal(api: Api, body: bytes, kind: str) -> None:
    answer = api.post("admin", "/events", data=body, content_type=kind)
    assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_limits(api: Api) -> None:
    told(send(api, [event(id=str(n), login="lina") for n in range(101)], kind=BATCH), 422)
    told(send(api, event(id="x" * 256, login="lina")), 422)
    told(send(api, event("a.b", text="x" * 70_000)), 422)
    extensions = {**event(login="liutao"), "traceparent": "00-1", "sequence": 5}
    assert send(api, extensions).status_code == 200
