"""Spot checks and waivers over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.caller import Api, told
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus


@pytest.fixture
def campus(api: Api) -> Campus:
    campus = Campus(Play(api.cast))
    campus.define()
    campus.set_up()
    campus.add_class("C-1")
    campus.begin_due()
    return campus


def sample(campus: Campus, **more: object) -> dict[str, object]:
    standard = campus.standard_id()
    days = {"starts_on": "2026-11-01", "ends_on": "2026-11-30"}
    return {"standard": standard, "place": str(campus.place("qiming")), **days, "size": 5, "seed": "s33d", **more}


def test_a_sample_is_drawn_judged_and_proved(api: Api, campus: Campus) -> None:
    told(api.post("chenxiao", "/spot-checks", sample(campus)), 409, "No step")
    campus.play.complete("lina", "prepare")
    made = api.post("chenxiao", "/spot-checks", sample(campus))
    assert made.status_code == 201, made.text
    (step,) = made.json["steps"]
    assert (step["step"], step["verdict"], made.json["counts"]) == (
        "prepare",
        None,
        {"total": 1, "passed": 0, "failed": 0},
    )
    address = f"/spot-check-steps/{step['id']}/verdict"
    told(api.put("chenxiao", address, {"verdict": "failed"}), 422)
    told(api.put("zhaomin", address, {"verdict": "passed"}), 403)
    told(api.put("huangyi", address, {"verdict": "passed"}), 404)
    campus.play.cast.clock.advance(timedelta(hours=1))
    judged = api.put("chenxiao", address, {"verdict": "failed", "reason": "照片不清楚"})
    assert (judged.status_code, judged.json["redo"]) == (200, campus.play.ticket().number)
    where = f"/spot-checks/{made.json['id']}"
    assert api.get("zhaomin", where).json["campuses"][0]["counts"] == {"total": 1, "passed": 0, "failed": 1}
    assert api.post("chenxiao", f"{where}/proof").json == {"same": True}
    assert [item["id"] for item in api.get("chenxiao", "/spot-checks").json["items"]] == [made.json["id"]]
    told(api.get("huangyi", where), 404)
    told(api.post("zhaomin", "/spot-checks", sample(campus, place=str(campus.place("sz-nanshan")))), 403)
    told(api.post("chenxiao", "/spot-checks", sample(campus, size=0)), 422)


def test_a_waiver_is_asked_for_decided_on_and_ended(api: Api, campus: Campus) -> None:
    number = campus.play.ticket().number
    days = {"starts_on": "2026-11-01", "ends_on": "2026-12-24", "reason": "台风停课"}
    made = api.post("zhaomin", "/waivers", {"ticket": number, "step": "welcome", **days})
    assert made.status_code == 201, made.text
    assert (made.json["state"], made.json["ticket"], made.json["step"]) == ("asked", number, "welcome")
    where = f"/waivers/{made.json['id']}"
    told(api.post("zhaomin", f"{where}/approval", {}), 403)
    told(api.post("huangyi", f"{where}/approval", {}), 404)
    told(api.get("sunyue", where), 404)
    done = api.post("chenxiao", f"{where}/approval", {"answer": "同意"})
    assert (done.json["state"], done.json["steps"]) == ("approved", 1)
    told(api.post("chenxiao", f"{where}/refusal", {"answer": "不"}), 409)
    assert len(api.get("zhaomin", "/waivers?stage=running").json["items"]) == 1
    assert api.get("zhaomin", "/waivers?stage=asked").json["items"] == []
    assert api.post("zhaomin", f"{where}/end", {"reason": "复课"}).json["state"] == "ended"
    told(api.post("zhaomin", "/waivers", {"ticket": number, "step": "dance", **days}), 422)
    told(api.post("zhaomin", "/waivers", {**days}), 422)
    told(api.post("huangyi", "/waivers", {"ticket": number, **days}), 404)
