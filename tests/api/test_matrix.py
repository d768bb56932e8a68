"""GET /standards/<id>/matrix: the numbers of the page, for whoever may see them."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from tests.api.caller import Api, told
from tests.cast import Cast
from tests.tickets.desk import open_desk
from tests.tickets.standards.ledger import Ledger, keep_ledger
from tickets.standards.matrix.asked import read_asked
from web.api.matrix import KINDS


@pytest.fixture
def ledger(cast: Cast) -> Ledger:
    return keep_ledger(open_desk(cast), 11, subjects=8)


def test_the_numbers_are_those_of_plain_python(api: Api, ledger: Ledger, cast: Cast) -> None:
    body = api.get("chenxiao", f"/standards/{ledger.standards['group']}/matrix?period=2026-Q4&by=campus").json
    asked = read_asked([("period", "2026-Q4")], now=cast.clock.now(), zone=ZoneInfo("Asia/Shanghai")).asked
    wanted = ledger.counts("group", asked, rows="campus")
    external = {str(place.public_id): str(place.external_id) for place in ledger.places.values()}
    assert body["rows_are"] == "places"
    assert body["rows_are"] in KINDS.values()
    for row in body["rows"]:
        for step, cell in zip(body["steps"], row["cells"], strict=True):
            count = wanted.get((external[row["id"]], step["key"]), Counter[str]())
            assert {
                name: cell[name] for name in ("in_time", "late", "overdue", "missing", "waived", "not_yet_due")
            } == {name: count[name] for name in ("in_time", "late", "overdue", "missing", "waived", "not_yet_due")}
            assert cell["failed_checks"] == count["failed"]
    total = body["totals"]["total"]
    assert total["due"] == sum(row["total"]["due"] for row in body["rows"])
    points = total["in_time"] + (total["late"] - total["failed_checks"]) / 2
    assert total["score"] == pytest.approx(100 * points / total["due"], abs=0.051)


def test_a_campus_head_gets_their_classes(api: Api, ledger: Ledger) -> None:
    answer = api.get("zhaomin", f"/standards/{ledger.standards['group']}/matrix?period=2026-Q4")
    assert answer.status_code == 200
    assert answer.json["rows_are"] == "subjects"


def test_the_records_behind_the_numbers_are_listed_page_by_page(api: Api, ledger: Ledger) -> None:
    address = f"/standards/{ledger.standards['group']}"
    query = "period=2026-Q4"
    total = api.get("chenxiao", f"{address}/matrix?{query}").json["totals"]["total"]
    found, cursor = [], ""
    while True:
        page = api.get("chenxiao", f"{address}/records?{query}&limit=7{cursor}").json
        assert len(page["items"]) <= 7
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len({each["id"] for each in found}) == len(found)
    for state in ("in_time", "late", "overdue", "missing", "waived", "not_yet_due"):
        assert sum(each["state"] == state for each in found) == total[state]
    assert [each["due_at"] for each in found] == sorted(each["due_at"] for each in found)
    late = api.get("chenxiao", f"{address}/records?{query}&state=late").json["items"]
    assert {each["state"] for each in late} <= {"late"}
    place = found[0]["place"]
    here = api.get("chenxiao", f"{address}/records?{query}&place={place}").json["items"]
    assert here
    assert {each["place"] for each in here} == {place}


def test_a_campus_head_lists_only_their_own_records(api: Api, ledger: Ledger) -> None:
    address = f"/standards/{ledger.standards['group']}/records?period=2026-Q4"
    mine, every = (
        {each["place"] for each in api.get(login, f"{address}&limit=100").json["items"]}
        for login in ("zhaomin", "chenxiao")
    )
    assert mine < every
    assert str(ledger.places["sz-nanshan"].public_id) in mine
    assert str(ledger.places["gz-tianhe"].public_id) not in mine
    told(api.get("lina", address), 403)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=-1", "state=good", "place=x", "cursor=x"])
def test_records_are_not_listed_by_what_cannot_be_read(api: Api, ledger: Ledger, query: str) -> None:
    assert api.get("chenxiao", f"/standards/{ledger.standards['group']}/records?{query}").status_code == 422


def test_what_cannot_be_read_is_named(api: Api, ledger: Ledger) -> None:
    address = f"/standards/{ledger.standards['group']}/matrix"
    told(api.get("chenxiao", f"{address}?period=November"), 422, "period", "2026-11")
    told(api.get("chenxiao", f"{address}?state=good&place=x"), 422, "state", "place")


def test_who_may_not_gets_no_numbers(api: Api, ledger: Ledger) -> None:
    address = f"/standards/{ledger.standards['group']}/matrix"
    told(api.get("lina", address), 403)
    told(api.get(None, address), 401)
    other = ledger.places["gz-tianhe"].public_id
    told(api.get("zhaomin", f"{address}?place={other}"), 404)
    told(api.get("chenxiao", "/standards/0192f0c1-2a7b-7c3d-8e4f-5a6b7c8d9e0f/matrix"), 404)
