"""GET and POST /ticket-types/<id>/versions/<version>/publication."""

from __future__ import annotations

import pytest

from tests.api.caller import Api, told
from tests.engine.build import chain, end, start
from tests.tickets.play import Play, files, staff

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def errand(play: Play, *elements: str) -> None:
    drawn = (start(), *map(staff, elements), end(), chain("begin", *elements, "done"))
    assert play.upload(files(*drawn)).report.accepted


def test_a_program_goes_back_to_an_older_version(api: Api) -> None:
    play = Play(api.cast)
    errand(play, "sort")
    errand(play, "work")
    (kind,) = api.get("hejing", "/ticket-types").json["items"]
    path = f"/ticket-types/{kind['id']}/versions/1/publication"
    seen = api.get("hejing", path).json
    assert seen == {"version": 1, "live": 2, "becomes": 3, "accepted": True, "problems": []}
    made = api.post("hejing", path, {"live": 2})
    assert (made.status_code, made.json["version"], made.json["new"]) == (201, 3, True)
    number = play.file("zhoulan")
    assert play.open_tasks(number) == ["sort"]


def test_what_is_live_already_or_was_seen_too_long_ago_is_refused_with_a_word(api: Api) -> None:
    play = Play(api.cast)
    errand(play, "sort")
    errand(play, "work")
    (kind,) = api.get("hejing", "/ticket-types").json["items"]
    path = f"/ticket-types/{kind['id']}/versions"
    told(api.post("hejing", f"{path}/2/publication", {"live": 2}), 409)
    told(api.post("hejing", f"{path}/1/publication", {"live": 1}), 409)
    told(api.post("hejing", f"{path}/1/publication", {}), 422)
    told(api.get("hejing", f"{path}/7/publication"), 404)
    told(api.post("lina", f"{path}/1/publication", {"live": 2}), 403)
