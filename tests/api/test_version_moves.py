"""GET and POST /ticket-types/<id>/versions/<version>/move."""

from __future__ import annotations

import pytest

from tests.api.caller import Api, told
from tests.engine.build import chain, end, start
from tests.tickets.play import Play, files, staff

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def errand(play: Play, *elements: str) -> None:
    drawn = (start(), *map(staff, elements), end(), chain("begin", *elements, "done"))
    assert play.upload(files(*drawn)).report.accepted


def test_a_program_that_publishes_looks_and_moves_what_can_go(api: Api) -> None:
    play = Play(api.cast)
    errand(play, "sort", "work")
    stays, goes = play.file("zhoulan"), play.file("zhoulan")
    play.complete("lina", "sort", goes)
    errand(play, "work", "check")
    (kind,) = api.get("hejing", "/ticket-types").json["items"]
    path = f"/ticket-types/{kind['id']}/versions/1/move"
    seen = api.get("hejing", path).json
    (one,) = seen.pop("stay")
    assert seen == {"version": 1, "to": 2, "tickets": 2, "looked_at": 2, "would_move": 1}
    assert (one["number"], one["element"]) == (stays, "sort")
    assert one["why"]
    answer = api.post("hejing", path)
    assert (answer.status_code, answer.json) == (202, {"version": 1, "to": 2, "tickets": 2})
    play.settle()
    assert api.get("hejing", path).json["tickets"] == 1


def test_the_live_version_and_others_are_refused_with_a_word(api: Api) -> None:
    errand(Play(api.cast), "work")
    (kind,) = api.get("hejing", "/ticket-types").json["items"]
    path = f"/ticket-types/{kind['id']}/versions"
    told(api.post("hejing", f"{path}/1/move"), 422)
    told(api.post("hejing", f"{path}/7/move"), 404)
    told(api.post("lina", f"{path}/1/move"), 403)
