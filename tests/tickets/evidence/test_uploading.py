"""What an upload is told of its tasks' evidence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import build
from tests.tickets.evidence.scene import field, photos, step
from tests.tickets.play import Play, files


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def codes(play: Play, evidence: str, *fields: dict[str, Any]) -> list[str]:
    parts = (build.start(), step("prepare", evidence=evidence), build.end(), build.chain("begin", "prepare", "done"))
    made = play.upload(files(*parts, key="told", forms={"prepare": fields}))
    return [problem.code for problem in made.report.problems if problem.level == "error"]


LIST = {**field("dynamiclist", "", evidence="signin"), "path": "signed", "components": [field("textfield", "name")]}
WHOLE = [
    photos(),
    photos("papers", evidence="file"),
    LIST,
    field("textfield", "here", evidence="location"),
]


def test_evidence_that_the_form_holds_is_accepted(play: Play) -> None:
    assert codes(play, "photo:2 confirmation file signin:5 location", *WHOLE) == []


@pytest.mark.parametrize(
    "evidence",
    [
        "picture",
        "photo:0",
        "photo:99",
        "photo:two",
        "photo:-1",
        "photo photo:2",
        "confirmation:6",
        "location:2",
        "photo,",
    ],
)
def test_what_makes_no_sense_is_refused(play: Play, evidence: str) -> None:
    assert codes(play, evidence, *WHOLE) == ["evidence"]


@pytest.mark.parametrize("kind", ["photo", "file", "signin", "location"])
def test_a_form_without_a_field_for_it_is_refused(play: Play, kind: str) -> None:
    others = [each for each in WHOLE if each["properties"]["evidence"] != kind]
    assert codes(play, kind, *others) == ["evidence-field"]


def test_a_field_that_takes_too_few_is_refused(play: Play) -> None:
    assert codes(play, "photo:3", photos(max="2")) == ["evidence-most"]
    assert codes(play, "photo:2", {**photos(), "multiple": False}) == ["evidence-most"]
    assert codes(play, "photo:4", photos("a", max="2"), photos("b", max="2")) == []


def test_a_confirmation_needs_no_form(play: Play) -> None:
    parts = (
        build.start(),
        build.user("prepare", build.settings(evidence="confirmation")),
        build.end(),
        build.chain("begin", "prepare", "done"),
    )
    assert play.upload(files(*parts, key="told")).report.accepted


def test_only_a_person_s_task_gives_evidence(play: Play) -> None:
    parts = (
        build.start(),
        build.service("prepare", inner=build.settings(evidence="photo")),
        build.end(),
        build.chain("begin", "prepare", "done"),
    )
    found = [each.code for each in play.upload(files(*parts, key="told")).report.problems]
    assert "evidence-task" in found
