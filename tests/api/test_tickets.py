"""POST /tickets and GET /tickets/<number>."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_ticket_is_filed_and_read_again(api: Api) -> None:
    api.deploy_repair()
    filed = api.post("zhoulan", "/tickets", {"type": "repair", "data": {"device": "投影仪", "room": 302}})
    assert filed.status_code == 201
    ticket = filed.json
    assert ticket["number"].startswith("RP-")
    assert ticket["title"] == "投影仪 坏了"
    assert ticket["requester"]["name"] == "周岚"
    assert ticket["data"] == {"device": "投影仪", "room": 302, "urgent": False}
    assert datetime.fromisoformat(ticket["created_at"]) == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert ticket["created_at"].endswith("Z")
    assert uuid.UUID(ticket["id"]).version == 7
    assert filed.headers["Location"] == ticket["url"] == f"/api/v1/tickets/{ticket['number']}"
    assert api.get("zhoulan", filed.headers["Location"]).json == ticket


def test_a_title_of_ones_own_is_kept(api: Api) -> None:
    api.deploy_repair()
    filed = api.post("zhoulan", "/tickets", {"type": "repair", "title": "302 投影仪", "data": {"device": "a"}})
    assert filed.json["title"] == "302 投影仪"


def test_a_ticket_is_about_a_subject_by_either_of_its_ids(api: Api) -> None:
    api.deploy_repair()
    api.cast.add_subjects()
    key = {"kind": "student", "external_id": "QH-S-1001"}
    body = {"type": "repair", "data": {"device": "a"}}
    filed = api.post("zhaomin", "/tickets", {**body, "subject": key})
    assert filed.json["subject"]["name"] == "林小满"
    again = api.post("zhaomin", "/tickets", {**body, "subject": filed.json["subject"]["id"]})
    assert again.json["subject"] == filed.json["subject"]


def test_a_subject_one_does_not_see_is_not_found(api: Api) -> None:
    api.deploy_repair()
    api.cast.add_subjects()
    other = {"kind": "student", "external_id": "MM-S-0001"}
    body = {"type": "repair", "data": {"device": "a"}, "subject": other}
    told(api.post("zhaomin", "/tickets", body), 404)
    told(api.post("zhaomin", "/tickets", {**body, "subject": str(uuid.uuid4())}), 404)


def test_values_are_checked_by_the_form(api: Api) -> None:
    api.deploy_repair()
    data = {"room": "drei", "urgent": "yes", "colour": "red"}
    problem = told(api.post("zhoulan", "/tickets", {"type": "repair", "data": data}), 422)
    assert problem["type"] == "urn:gongdan:problem:form-invalid"
    assert {fault["path"] for fault in problem["errors"]} == {"device", "room", "urgent", "colour"}
    assert all(fault["message"] for fault in problem["errors"])
    assert "device" in next(fault["message"] for fault in problem["errors"] if fault["path"] == "colour")


def test_a_refused_ticket_leaves_nothing(api: Api) -> None:
    api.deploy_repair()
    told(api.post("zhoulan", "/tickets", {"type": "repair", "data": {}}), 422)
    assert api.get("lina", "/tasks?assigned=candidate").json["items"] == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "type"),
        ({"type": 5}, "type"),
        ({"type": ""}, "type"),
        ({"type": "repair", "data": []}, "data"),
        ({"type": "repair", "title": "x" * 300}, "title"),
        ({"type": "repair", "title": "a\nb"}, "title"),
        ({"type": "repair", "priority": "high"}, "priority"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_its_path(api: Api, body: Any, path: str) -> None:
    problem = told(api.post("zhoulan", "/tickets", body), 422)
    assert [fault["path"] for fault in problem["errors"]] == [path]


def test_a_subject_that_is_no_subject_is_refused(api: Api) -> None:
    problem = told(api.post("zhoulan", "/tickets", {"type": "repair", "subject": {"kind": "dog"}}), 422)
    assert all(fault["path"].startswith("subject") for fault in problem["errors"])


@pytest.mark.parametrize("body", ["[]", '"repair"', "1", "null"])
def test_a_body_that_is_no_object_is_refused(api: Api, body: str) -> None:
    told(api.call("POST", "zhoulan", "/tickets", data=body, content_type="application/json"), 422)


def test_an_unknown_type_is_not_found(api: Api) -> None:
    told(api.post("zhoulan", "/tickets", {"type": "nothing"}), 404)


def test_a_type_of_another_brand_is_not_found(api: Api) -> None:
    api.deploy_repair()
    told(api.post("zhoulan", "/tickets", {"type": "alarm"}), 404)  # starts by a message only


def test_the_requester_sees_what_they_filed_and_not_what_the_staff_added(api: Api) -> None:
    api.deploy_repair()
    number = api.file_repair()
    task = api.task_of("lina", number)
    values = {"finding": "the lamp; third time this year", "needs_parts": True}
    assert api.post("lina", f"/tasks/{task}/complete", {"values": values}).status_code == 200
    assert "finding" not in api.get("zhoulan", f"/tickets/{number}").json["data"]
    assert api.get("lina", f"/tickets/{number}").json["data"]["finding"] == values["finding"]


def test_the_requester_does_not_see_the_staffs_tasks(api: Api) -> None:
    api.deploy_repair()
    number = api.file_repair()
    assert api.get("zhoulan", f"/tickets/{number}").json["tasks"] == []
    assert len(api.get("lina", f"/tickets/{number}").json["tasks"]) == 1


@pytest.mark.parametrize("login", ["sunyue", "huangyi"])
def test_another_campus_or_brand_does_not_find_it(api: Api, login: str) -> None:
    api.deploy_repair()
    number = api.file_repair()
    told(api.get(login, f"/tickets/{number}"), 404)


@pytest.mark.parametrize("number", ["RP-0", "nothing", "%00", "a" * 3000, "工单"])
def test_a_number_nobody_has_is_not_found(api: Api, number: str) -> None:
    answer = api.get("lina", f"/tickets/{number}")
    assert answer.status_code in {400, 404}
    assert answer.content_type == "application/problem+json"


def test_it_is_filed_for_another_by_those_who_may(api: Api) -> None:
    api.deploy_repair()
    body = {"type": "repair", "data": {"device": "投影仪"}, "requester": "zhoulan", "channel": "phone"}
    made = api.post("lina", "/tickets", body)
    assert made.status_code == 201, made.text
    assert made.json["requester"]["name"] == "周岚"
    told(api.post("sunyue", "/tickets", body), 403)
    told(api.post("tangyan", "/tickets", {**body, "requester": "huangyi"}), 404)
    told(api.post("lina", "/tickets", {**body, "requester": "nobody"}), 404)
    told(api.post("lina", "/tickets", {**body, "channel": "pigeon"}), 422)
