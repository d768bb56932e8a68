"""Fields that are asked for since nothing else says which way a ticket goes, through their forms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.build import catch, chain, element, end, flow, lane_set, some, start, xor
from tests.tickets.play import Play, files, form, staff
from tickets.errors import FormInvalid


def drawn(gateway: str, *names: str) -> tuple[str, ...]:
    """A gateway with a flow of each name to an end of its own."""
    flows = (element("sequenceFlow", name, sourceRef="which", targetRef=f"to{name}", name=name) for name in names)
    return (gateway, *(end(f"to{name}") for name in names), *flows)


def test_a_person_chooses_the_way_by_its_name(play: Play) -> None:
    play.define(start(), staff("work"), chain("begin", "work", "which"), *drawn(xor("which"), "Yes", "No", "Maybe"))
    for name in ("Yes", "No", "Maybe"):
        number = play.file("zhoulan")
        play.complete("lina", "work", number, choice_which=name)
        assert play.passed(number) == ["begin", "work", "which", f"to{name}"]
        assert (play.ticket(number).status, play.incidents(number)) == ("closed", [])


def test_the_way_has_to_be_chosen(play: Play) -> None:
    play.define(start(), staff("work"), chain("begin", "work", "which"), *drawn(xor("which"), "Yes", "No"))
    play.file("zhoulan")
    for answer in ({}, {"choice_which": "Perhaps"}):
        with pytest.raises(FormInvalid):
            play.complete("lina", "work", **answer)


def test_several_ways_are_chosen_at_an_inclusive_gateway(play: Play) -> None:
    play.define(start(), staff("work"), chain("begin", "work", "which"), *drawn(some("which"), "Mail", "Phone", "Fax"))
    number = play.file("zhoulan")
    play.complete("lina", "work", number, choice_which=["Phone", "Mail"])
    assert sorted(play.passed(number)) == ["begin", "toMail", "toPhone", "which", "work"]


def test_whoever_files_the_ticket_may_be_asked(play: Play) -> None:
    play.define(start(), chain("begin", "which"), *drawn(xor("which"), "Yes", "No"))
    number = play.file("zhoulan", choice_which="No")
    assert play.passed(number)[-1] == "toNo"


def test_whoever_says_that_something_has_happened_may_be_asked(play: Play) -> None:
    lanes = lane_set(support="arrived")
    play.define(lanes, start(), catch("arrived"), chain("begin", "arrived", "which"), *drawn(xor("which"), "Yes", "No"))
    number = play.file("zhoulan")
    play.complete("lina", "arrived", number, choice_which="No")
    assert play.passed(number)[-1] == "toNo"


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        ("${approved}", {"approved": True}, {"approved": False}),
        ("${answer == 'yes'}", {"answer": "yes"}, {"answer": "other"}),
        ("amount > 100", {"amount": 100.5}, {"amount": 100}),
        ('= region in ("north", "south")', {"region": "south"}, {"region": "other"}),
        ("'vip' in tags", {"tags": ["vip"]}, {"tags": []}),
        ("due < '2026-12-01'", {"due": "2026-11-30"}, {"due": "2026-12-01"}),
        ("o.n > 5 and o.kind == 'a'", {"o": {"n": 6, "kind": "a"}}, {"o": {"n": 6, "kind": "other"}}),
        ("${name.startsWith('B')}", {"name": "Bo"}, {"name": "Al"}),
        ("${!empty note}", {"note": "x"}, {}),
    ],
)
def test_what_conditions_read_is_asked_in_a_field(
    play: Play, condition: str, yes: dict[str, Any], no: dict[str, Any]
) -> None:
    play.define(
        *(start(), staff("work"), xor("which", "which-n"), end("y"), end("n"), chain("begin", "work", "which")),
        *(flow("which", "y", condition), flow("which", "n")),
    )
    for answer, target in ((yes, "y"), (no, "n")):
        number = play.file("zhoulan")
        play.complete("lina", "work", number, **answer)
        assert (play.passed(number)[-1], play.incidents(number)) == (target, [])


@pytest.mark.parametrize("values", [{}, {"teacher": ""}, {"teacher": None}])
@pytest.mark.parametrize(
    ("found", "none"), [("${teacher != ''}", "${teacher == ''}"), ('= teacher != ""', '= teacher = ""')]
)
def test_what_is_compared_with_nothing_may_be_left_empty(
    play: Play, values: dict[str, Any], found: str, none: str
) -> None:
    ways = flow("which", "tofound", found), flow("which", "tonone", none)
    play.define(
        start(), staff("work"), chain("begin", "work", "which"), xor("which"), end("tofound"), end("tonone"), *ways
    )
    number = play.file("zhoulan")
    play.complete("lina", "work", number, **values)
    assert play.passed(number)[-1] == "tonone"


def test_a_form_that_lacks_the_field_is_named(play: Play) -> None:
    parts = (start(), staff("work", camunda__formKey="own"), xor("which", "which-n"), end("y"), end("n"))
    flows = (chain("begin", "work", "which"), flow("which", "y", "${approved}"), flow("which", "n"))
    play.define(*parts, *flows, forms={"own": [{"type": "checkbox", "key": "approved", "label": "Approved"}]})
    lacking = play.upload({**files(*parts, *flows), "own.form": form()})
    assert [problem.code for problem in lacking.report.problems] == ["field-missing"]
