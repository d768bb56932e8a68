"""/standards: set up, previewed, changed, switched, launched; what failed begins again; another brand finds nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.caller import Api
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tests.web.belongings import add_people


@pytest.fixture
def campus(api: Api) -> Campus:
    """One with the type and two classes."""
    campus = Campus(Play(api.cast))
    campus.define()
    campus.add_class("C-1", level="A")
    campus.add_class("C-2", level="B")
    return campus


def body(campus: Campus, **other: Any) -> dict[str, Any]:
    return {"type": "kickoff", "place": str(campus.place("qinghe")), **other}


def made(api: Api, campus: Campus, **other: Any) -> str:
    answer = api.post("chenxiao", "/standards", body(campus, **other))
    assert answer.status_code == 201, answer.text
    campus.play.settle()
    return f"/standards/{answer.json['id']}"


def test_a_standard_is_previewed_set_up_and_listed(api: Api, campus: Campus) -> None:
    conditions = [{"attribute": "level", "is": "one_of", "value": "A, C"}]
    seen = api.post("chenxiao", "/standards/preview", body(campus, conditions=conditions)).json
    assert (seen["subjects"], seen["of"]) == (1, 2)
    address = made(api, campus, conditions=conditions, begins_on="2026-01-01")
    found = api.get("chenxiao", address).json
    assert [step["key"] for step in found["steps"]] == ["prepare", "welcome"]
    assert (found["occurrences"], found["trigger"], found["active"]) == ({"planned": 1}, "created", True)
    (item,) = api.get("chenxiao", "/standards").json["items"]
    assert (item["steps"], item["planned"], item["running"]) == (2, 1, 0)
    assert api.post("chenxiao", "/standards", body(campus)).status_code == 409


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"type": "nothing"}, 422),
        ({"trigger": "cycle", "timing": {"cycle": "* * * * *"}}, 422),
        ({"trigger": "date", "timing": {"attribute": "", "days": 1}}, 422),
        ({"trigger": "date", "timing": {"attribute": "start_date", "days": 10**9}}, 422),
        ({"conditions": [{"attribute": "level"}]}, 422),
        ({"begins_on": "1999-01-01"}, 422),
        ({"begins_on": "soon"}, 422),
        ({"subject_kind": "teacher"}, 422),
    ],
)
def test_what_makes_no_standard_is_refused(api: Api, campus: Campus, other: dict[str, Any], status: int) -> None:
    assert api.post("chenxiao", "/standards", body(campus, **other)).status_code == status
    assert api.post("chenxiao", "/standards/preview", body(campus, **other)).status_code == status


def test_it_is_changed_and_switched(api: Api, campus: Campus) -> None:
    address = made(api, campus)
    rule = {"trigger": "cycle", "timing": {"cycle": "0 9 * * MON"}}
    changed = api.put("chenxiao", address, rule)
    assert (changed.status_code, changed.json["timing"]["cycle"]) == (200, "0 9 * * MON")
    assert api.put("chenxiao", f"{address}/activity", {"active": False}).json["active"] is False
    campus.play.settle()
    assert api.get("chenxiao", address).json["occurrences"].keys() <= {"cancelled"}
    assert api.post("chenxiao", f"{address}/launches", {}).status_code == 422


def test_a_launch_is_followed_to_its_end(api: Api, campus: Campus) -> None:
    address = made(api, campus, begins_on="2027-01-01")
    launch = api.post("chenxiao", f"{address}/launches", {}).json
    assert (launch["state"], launch["total"]) == ("running", 2)
    assert api.post("chenxiao", f"{address}/launches", {}).status_code == 409
    campus.play.settle()
    done = api.get("chenxiao", f"{address}/launches/{launch['id']}").json
    assert (done["state"], done["started"], done["skipped"]) == ("done", 2, 0)
    again = api.post("chenxiao", f"{address}/launches", {}).json
    campus.play.settle()
    assert api.get("chenxiao", f"{address}/launches/{again['id']}").json["skipped"] == 2
    third = api.post("chenxiao", f"{address}/launches", {}).json["id"]
    stopped = api.post("chenxiao", f"{address}/launches/{third}/cancellation", None)
    assert (stopped.status_code, stopped.json["state"]) == (200, "cancelled")


def test_what_failed_says_why_and_begins_again(api: Api, campus: Campus) -> None:
    address = made(api, campus, begins_on="2026-01-01")
    campus.switch_type("kickoff", on=False)
    campus.play.cast.clock.advance(timedelta(minutes=1))
    assert campus.begin_due() == 2
    failed = api.get("chenxiao", address).json["failed"]
    assert len(failed) == 2
    assert "kickoff" in failed[0]["reason"]
    campus.switch_type("kickoff", on=True)
    assert api.post("chenxiao", f"{address}/retries", {"occurrences": [failed[0]["id"]]}).json == {"again": 1}
    assert campus.begin_due() == 1
    assert api.post("chenxiao", f"{address}/retries", {}).json == {"again": 1}
    assert api.post("chenxiao", f"{address}/retries", {"occurrences": [failed[0]["id"]]}).status_code == 404


def test_whoever_only_sees_it_changes_nothing_and_another_brand_finds_nothing(api: Api, campus: Campus) -> None:
    add_people(api.cast)
    address = made(api, campus)
    launch = api.post("chenxiao", f"{address}/launches", {}).json["id"]
    assert api.get("zhaomin", address).status_code == 200
    assert api.get("yuxin", address).status_code == 404
    assert api.get("yuxin", "/standards").json["items"] == []
    assert api.get("zhoulan", "/standards").status_code == 403
    for login, status in (("zhaomin", 403), ("yuxin", 404)):
        assert api.put(login, address, {}).status_code == status
        assert api.put(login, f"{address}/activity", {"active": False}).status_code == status
        assert api.post(login, f"{address}/launches", {}).status_code == status
        assert api.post(login, f"{address}/retries", {}).status_code == status
    assert api.get("yuxin", f"{address}/launches/{launch}").status_code == 404
    assert api.post("yuxin", f"{address}/launches/{launch}/cancellation", None).status_code == 404
    assert api.post("yuxin", "/standards", body(campus)).status_code == 404
    assert api.post("zhaomin", "/standards", body(campus)).status_code == 403
