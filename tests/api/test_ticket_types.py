"""GET /ticket-types."""

from __future__ import annotations

import pytest

from tests.api.caller import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_requester_sees_what_they_may_file_with_its_form(api: Api) -> None:
    api.deploy_repair()
    (kind,) = api.get("zhoulan", "/ticket-types").json["items"]
    assert (kind["key"], kind["name"], kind["names"], kind["version"]) == (
        "repair",
        "Repair",
        {"zh": "报修", "en": "Repair"},
        1,
    )
    assert kind["fileable"]
    assert [component["key"] for component in kind["form"]["components"]] == ["device", "room", "urgent"]


def test_who_looks_after_types_sees_those_that_start_by_themselves_too(api: Api) -> None:
    api.deploy_repair()
    found = api.get("hejing", "/ticket-types").json["items"]
    assert {kind["key"]: kind["fileable"] for kind in found} == {"repair": True, "alarm": False}


def test_there_may_be_none(api: Api) -> None:
    assert api.get("zhoulan", "/ticket-types").json == {"items": []}
