"""GET /tickets."""

from __future__ import annotations

import pytest

from tests.api.caller import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_tickets_are_listed_with_filters_page_by_page(api: Api) -> None:
    api.deploy_repair()
    numbers = [api.file_repair() for _ in range(3)]
    first = api.get("lina", "/tickets?status=open&type=repair&sort=oldest&limit=2").json
    assert [item["number"] for item in first["items"]] == numbers[:2]
    assert first["items"][0]["requester"]["name"]
    following = api.get("lina", f"/tickets?status=open&type=repair&sort=oldest&limit=2&cursor={first['next_cursor']}")
    assert [item["number"] for item in following.json["items"]] == numbers[2:]
    assert following.json["next_cursor"] is None
    assert api.get("lina", "/tickets?status=closed").json["items"] == []


def test_a_caller_gets_what_they_may_see(api: Api) -> None:
    api.deploy_repair()
    number = api.file_repair()
    assert [item["number"] for item in api.get("zhoulan", "/tickets").json["items"]] == [number]
    assert api.get("huangyi", "/tickets").json["items"] == []
    assert api.get(None, "/tickets").status_code == 401


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("status=done", "status"),
        ("colour=red", "colour"),
        ("owner=lina", "owner"),
        ("limit=0", "limit"),
        ("cols=x", "cols"),
    ],
)
def test_what_is_no_filter_is_a_problem_that_names_it(api: Api, query: str, path: str) -> None:
    answer = api.get("lina", f"/tickets?{query}")
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [error["path"] for error in answer.json["errors"]] == [path]
