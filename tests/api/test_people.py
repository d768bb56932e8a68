"""PUT and GET /people/<login>, GET /places."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

XU = {"name": "徐晴", "place": "gz-tianhe", "superior": "guohao", "roles": [{"role": "requester", "place": None}]}


def test_somebody_is_taken_on_changed_and_read(api: Api) -> None:
    made = api.put("guohao", "/people/10301", XU)
    assert (made.status_code, made.json["login"]) == (201, "10301")
    same = api.put("guohao", "/people/10301", XU)
    assert (same.status_code, same.json["changed"]) == (200, False)
    assert api.put("guohao", "/people/10301", {"title": "班主任", "superior": None}).json["changed"]
    read = api.get("guohao", "/people/10301").json
    assert (read["place"], read["superior"], read["title"]) == ("gz-tianhe", None, "班主任")
    assert read["roles"] == [{"role": "requester", "place": "gz-tianhe"}]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({**XU, "place": "cd-gaoxin"}, "place"),
        ({**XU, "roles": [{"role": "administrator", "place": None}]}, "roles"),
        ({**XU, "roles": "requester"}, "roles"),
        ({**XU, "name": ""}, "name"),
        ({**XU, "name": None}, "name"),
        ({**XU, "shoe": 1}, "shoe"),
        ({**XU, "email": "x"}, "email"),
    ],
)
def test_what_can_not_be_is_named(api: Api, values: Any, path: str) -> None:
    problem = told(api.put("guohao", "/people/10301", values), 422)
    assert path in {fault["path"] for fault in problem["errors"]}


def test_only_within_reach(api: Api) -> None:
    told(api.put("zhaomin", "/people/10301", XU), 403)
    told(api.get("guohao", "/people/huangyi"), 404)
    told(api.get("zhoulan", "/people/zhoulan"), 404)
    told(api.put("guohao", "/people/admin", {"title": "x"}), 422)
    assert api.get("zhaomin", "/people/liutao").status_code == 200


def test_places_are_those_within_reach(api: Api) -> None:
    found = [place["external_id"] for place in api.get("guohao", "/places").json["items"]]
    assert found == ["qinghe", "sz-nanshan", "gz-tianhe"]
    assert [place["external_id"] for place in api.get("zhaomin", "/places").json["items"]] == ["sz-nanshan"]
    assert len(api.get("admin", "/places").json["items"]) == 7
    assert api.get("zhoulan", "/places").json["items"] == []
