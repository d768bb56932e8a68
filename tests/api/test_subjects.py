"""PUT /subjects/<kind>/<external id>."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIN = {"name": "林小满", "place": "sz-nanshan", "responsible": "liutao", "contract_end": "2027-08-31"}
ADDRESS = "/subjects/student/QH-S-1001"


def test_a_new_one_is_created_and_then_changed(api: Api) -> None:
    made = api.put("zhaomin", ADDRESS, {**LIN, "attributes": {"grade": 3, "likes": ["music"]}})
    assert made.status_code == 201
    assert made.json["external_id"] == "QH-S-1001"
    same = api.put("zhaomin", ADDRESS, LIN)
    assert (same.status_code, same.json) == (200, {**made.json, "changed": False})
    moved = api.put("zhaomin", ADDRESS, {"contract_end": None})
    assert (moved.status_code, moved.json["changed"], moved.json["id"]) == (200, True, made.json["id"])


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({}, "place"),
        ({"place": "sz-nanshan"}, "name"),
        ({"name": "x"}, "place"),
        ({**LIN, "place": "nowhere"}, "place"),
        ({**LIN, "responsible": "nobody"}, "responsible"),
        ({**LIN, "contract_end": "31.8.2027"}, "contract_end"),
        ({**LIN, "contract_end": "2027-02-30"}, "contract_end"),
        ({**LIN, "contract_end": 20270831}, "contract_end"),
        ({**LIN, "name": 5}, "name"),
        ({**LIN, "name": "x" * 300}, "name"),
        ({**LIN, "attributes": []}, "attributes"),
        ({**LIN, "phone": "1"}, "phone"),
    ],
)
def test_values_that_make_no_subject_are_refused_with_their_path(api: Api, values: Any, path: str) -> None:
    problem = told(api.put("zhaomin", ADDRESS, values), 422)
    assert path in {fault["path"] for fault in problem["errors"]}


def test_a_kind_there_is_none_of_is_refused(api: Api) -> None:
    told(api.put("zhaomin", "/subjects/dog/1", LIN), 422, "student")


def test_only_those_who_may_and_only_where_they_may(api: Api) -> None:
    told(api.put("zhoulan", ADDRESS, LIN), 403)
    told(api.put("zhaomin", ADDRESS, {**LIN, "place": "gz-tianhe"}), 422, "place")
    told(api.put("zhaomin", ADDRESS, {**LIN, "place": "cd-gaoxin"}), 422, "place")


def test_another_method_is_told_which_there_are(api: Api) -> None:
    answer = api.post("zhaomin", ADDRESS, LIN)
    told(answer, 405, "PUT")
    assert "PUT" in answer.headers["Allow"]
