"""Trying one file: every branch is walked through forms, timers, messages and jobs, and each walk is told exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest

import migrations
from tests.engine import build
from tests.engine.build import (
    both,
    boundary,
    call,
    catch,
    chain,
    each,
    end,
    flow,
    message,
    receive,
    script,
    service,
    start,
    sub,
    terminate,
    timer,
    user,
    xor,
)
from tests.tickets.play import SHIPPED, SHIPPED_TYPES, form
from tickets.trial.children import Stages
from tickets.trial.finding import Found
from tickets.trial.outcome import ENDED, LONG, Outcome
from tickets.trial.trying import Trial

Try = Callable[..., Outcome]


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    made = Stages(migrations.upgrade)
    yield made
    made.close()


@pytest.fixture
def attempt(stages: Stages, tmp_path: Path) -> Try:
    """Tries a file of a folder that holds others too; `files` are by name, the parts make `it.bpmn`."""
    numbers = count()

    def attempt(*parts: str, files: Mapping[str, bytes] | None = None, seconds: float = 60) -> Outcome:
        folder = tmp_path / f"files-{next(numbers)}"
        folder.mkdir()
        for name, content in {"it.bpmn": build.bpmn(*parts, declarations=build.EVENTS), **(files or {})}.items():
            (folder / name).write_bytes(content)
        outcome = Outcome("it.bpmn")
        until = time.monotonic() + seconds
        trial = Trial(stages.enter(folder / "stage"), outcome, until, lambda _outcome: None)
        trial.run(Found(folder / "it.bpmn", "it.bpmn"))
        return outcome

    return attempt


def ways(outcome: Outcome) -> list[tuple[str, ...]]:
    """What the walks visited, each way once; all of them came to an end."""
    assert outcome.accepted, outcome.errors
    assert {walk.stopped for walk in outcome.walks} == {ENDED}, [walk.stopped for walk in outcome.walks]
    return sorted({walk.visited for walk in outcome.walks})


def fields(*written: Mapping[str, Any]) -> dict[str, bytes]:
    """The form `f`, as a file."""
    return {"f.form": form(*written)}


def filled(ident: str, inner: str = "") -> str:
    """A task with the form `f`."""
    return user(ident, inner, camunda__formKey="f.form")


def test_a_straight_process_is_walked_once(attempt: Try) -> None:
    outcome = attempt(start(), user("ask"), end(), chain("begin", "ask", "done"))
    assert ways(outcome) == [("begin", "ask", "done")]
    assert (len(outcome.walks), outcome.covered, outcome.elements) == (1, ["begin", "ask", "done"], outcome.covered)
    assert outcome.ended
    assert outcome.notes == []


def test_every_branch_of_a_choice_is_taken_with_the_values_of_its_own_condition(attempt: Try) -> None:
    amount = {"type": "number", "key": "amount", "label": "Amount"}
    outcome = attempt(
        start(),
        filled("ask"),
        xor("choose", default="choose-low"),
        user("high"),
        user("middle"),
        user("low"),
        end(),
        chain("begin", "ask", "choose"),
        flow("choose", "high", "${amount > 1000}"),
        flow("choose", "middle", "${amount > 100}"),
        flow("choose", "low"),
        *(flow(name, "done") for name in ("high", "middle", "low")),
        files=fields(amount),
    )
    assert ways(outcome) == [("begin", "ask", "choose", name, "done") for name in ("high", "low", "middle")]


def test_a_choice_of_options_is_taken_as_the_conditions_want_it(attempt: Try) -> None:
    options = [{"label": value, "value": value} for value in ("red", "green", "blue")]
    outcome = attempt(
        start(),
        filled("ask"),
        xor("choose", default="choose-b"),
        end("a"),
        end("b"),
        chain("begin", "ask", "choose"),
        flow("choose", "a", "${colour == 'blue'}"),
        flow("choose", "b"),
        files=fields({"type": "select", "key": "colour", "label": "Colour", "values": options}),
    )
    assert ways(outcome) == [("begin", "ask", "choose", "a"), ("begin", "ask", "choose", "b")]


def test_a_loop_ends_since_the_rarer_way_is_taken(attempt: Try) -> None:
    outcome = attempt(
        start(),
        filled("ask"),
        xor("good", default="good-ask"),
        end(),
        chain("begin", "ask", "good"),
        flow("good", "ask"),
        flow("good", "done", "${approved}"),
        files=fields({"type": "checkbox", "key": "approved", "label": "Approved"}),
    )
    assert set(outcome.covered) == {"begin", "ask", "good", "done"}
    assert outcome.ended


def test_a_task_that_is_interrupted_is_not_visited(attempt: Try) -> None:
    outcome = attempt(
        start(),
        user("ask"),
        boundary("late", "ask", timer("after", "PT1H")),
        end(),
        end("overdue"),
        chain("begin", "ask", "done"),
        chain("late", "overdue"),
    )
    assert ways(outcome) == [("begin", "ask", "done"), ("begin", "late", "overdue")]


def test_what_does_not_interrupt_comes_beside(attempt: Try) -> None:
    outcome = attempt(
        start(),
        user("ask"),
        boundary("late", "ask", timer("after", "PT1H"), interrupting=False),
        user("remind"),
        end(),
        end("reminded"),
        chain("begin", "ask", "done"),
        chain("late", "remind", "reminded"),
    )
    assert set(outcome.covered) == {"begin", "ask", "late", "remind", "done", "reminded"}
    assert outcome.ended


def test_what_ends_everything_is_done_after_what_goes_on_beside_it(attempt: Try) -> None:
    outcome = attempt(
        start(),
        both("fork"),
        user("last"),
        end("over", terminate()),
        user("beside"),
        end(),
        chain("begin", "fork", "last", "over"),
        chain("fork", "beside", "done"),
    )
    assert ways(outcome) == [("begin", "fork", "beside", "done", "last", "over")]


def test_what_ends_a_sub_process_is_done_after_what_it_lets_go_on_beside(attempt: Try) -> None:
    late = boundary("late", "step", timer("after", "PT1H"), interrupting=False)
    inner = (start("in"), user("step"), end("did", terminate()), late, user("chase"), end("chased"))
    outcome = attempt(
        *(start(), sub("part", *inner, chain("in", "step", "did"), chain("late", "chase", "chased"))),
        *(end("over", terminate()), chain("begin", "part", "over")),
    )
    assert ways(outcome)[-1] == ("begin", "in", "late", "chase", "chased", "step", "did", "part", "over")


def test_what_goes_on_beside_a_step_does_not_come_past_it(attempt: Try) -> None:
    late = boundary("late", "step", timer("after", "PT1H"), interrupting=False)
    inner = (start("in"), user("step", camunda__formRef="ask"), end("did", terminate()), late, end("told"))
    after = (xor("choose", "choose-done"), end(), end("other"))
    outcome = attempt(
        *(start(), sub("part", *inner, chain("in", "step", "did"), chain("late", "told")), *after),
        *(chain("begin", "part", "choose", "done"), flow("choose", "other", "${answer == 'no'}")),
        files={"ask.form": form({"type": "textfield", "key": "answer", "label": "Answer"})},
    )
    assert not outcome.notes, "the step sets what the gateway asks for"


def test_timers_and_messages_come_when_they_are_waited_for(attempt: Try) -> None:
    outcome = attempt(
        start(),
        catch("wait", timer("after", "P10D")),
        catch("hear", message()),
        receive("get", "m_cancel"),
        end(),
        chain("begin", "wait", "hear", "get", "done"),
    )
    assert ways(outcome) == [("begin", "wait", "hear", "get", "done")]


def test_each_event_after_an_event_gateway_comes_in_its_turn(attempt: Try) -> None:
    outcome = attempt(
        start(),
        build.first_of("which"),
        catch("time", timer("after", "P1D")),
        catch("word", message()),
        end(),
        chain("begin", "which", "time", "done"),
        chain("which", "word", "done"),
    )
    assert ways(outcome) == [("begin", "which", "time", "done"), ("begin", "which", "word", "done")]


def test_an_element_that_is_repeated_is_listed_once_a_round(attempt: Try) -> None:
    outcome = attempt(start(), user("ask", each("people", "person")), end(), chain("begin", "ask", "done"))
    assert ways(outcome) == [("begin", "ask", "ask", "done")]
    assert [note for note in outcome.notes if "people" in note]


def test_the_items_of_a_repetition_suit_what_is_asked_of_them(attempt: Try) -> None:
    outcome = attempt(
        start(),
        sub(
            "inner",
            start("in"),
            xor("choose", default="choose-b"),
            end("a"),
            end("b"),
            chain("in", "choose"),
            flow("choose", "a", "${score > 5}"),
            flow("choose", "b"),
            loop=each("scores", "score", sequential=True),
        ),
        end(),
        chain("begin", "inner", "done"),
    )
    assert set(outcome.covered) == set(outcome.elements)
    assert outcome.ended


def test_a_sub_process_is_listed_when_it_completes(attempt: Try) -> None:
    inner = sub("inner", start("in"), user("ask"), end("out"), chain("in", "ask", "out"))
    assert ways(attempt(start(), inner, end(), chain("begin", "inner", "done"))) == [
        ("begin", "in", "ask", "out", "inner", "done")
    ]


def test_parallel_branches_are_all_gone_through(attempt: Try) -> None:
    outcome = attempt(
        start(),
        both("fork"),
        user("a"),
        user("b"),
        both("join"),
        end(),
        chain("begin", "fork", "a", "join", "done"),
        chain("fork", "b", "join"),
    )
    assert [sorted(way) for way in ways(outcome)] == [["a", "b", "begin", "done", "fork", "join"]]


def test_a_job_gives_what_conditions_read_and_nothing_sets(attempt: Try) -> None:
    outcome = attempt(
        start(),
        service("check"),
        xor("choose", default="choose-bad"),
        end("good"),
        end("bad"),
        chain("begin", "check", "choose"),
        flow("choose", "good", "${score > 5}"),
        flow("choose", "bad"),
    )
    assert ways(outcome) == [("begin", "check", "choose", "bad"), ("begin", "check", "choose", "good")]
    assert not [note for note in outcome.notes if "score" in note], "the job gave it, not the start"


def test_what_nothing_sets_is_given_with_the_start_and_named(attempt: Try) -> None:
    outcome = attempt(
        start(),
        catch("wait", timer("after", "${howLong}")),
        user("ask", camunda__assignee="${helper}"),
        script("reckon", "total = sum([line['price'] for line in order['lines']])"),
        end(),
        chain("begin", "wait", "ask", "reckon", "done"),
    )
    assert ways(outcome) == [("begin", "wait", "ask", "reckon", "done")]
    assert [note for note in outcome.notes if all(name in note for name in ("helper", "howLong", "order"))]


def test_tasks_of_people_nobody_knows_are_done_all_the_same(attempt: Try) -> None:
    outcome = attempt(
        start(),
        user("theirs", camunda__assignee="kermit"),
        user("ours", camunda__assignee="lina"),
        user("support", camunda__candidateGroups="support"),
        end(),
        chain("begin", "theirs", "ours", "support", "done"),
    )
    assert ways(outcome) == [("begin", "theirs", "ours", "support", "done")]


RULES: list[dict[str, Any]] = [
    {
        "type": "textfield",
        "key": "code",
        "label": "Code",
        "validate": {"required": True, "pattern": r"^[A-Z]{2}-\d{4}$"},
    },
    {"type": "textfield", "key": "mail", "label": "Mail", "validate": {"required": True, "validationType": "email"}},
    {"type": "textarea", "key": "why", "label": "Why", "validate": {"required": True, "minLength": 30}},
    {"type": "number", "key": "n", "label": "N", "validate": {"required": True, "min": 7, "max": 9}, "increment": 2},
    {"type": "datetime", "subtype": "datetime", "key": "when", "dateLabel": "When", "validate": {"required": True}},
    {"type": "checklist", "key": "of", "label": "Of", "values": [{"value": "a"}], "validate": {"required": True}},
    {"type": "filepicker", "key": "photo", "label": "Photo", "accept": "image/*,.pdf", "validate": {"required": True}},
    {"type": "checkbox", "key": "sure", "label": "Sure", "validate": {"required": True}},
    {
        "type": "dynamiclist",
        "path": "rows",
        "label": "Rows",
        "components": [{"type": "number", "key": "price", "label": "Price", "id": "p", "validate": {"required": True}}],
    },
    {"type": "textfield", "key": "other", "label": "Other", "conditional": {"hide": "=sure"}},
]


def test_forms_are_filled_in_by_their_rules(attempt: Try) -> None:
    outcome = attempt(start(), filled("ask"), end(), chain("begin", "ask", "done"), files=fields(*RULES))
    assert ways(outcome) == [("begin", "ask", "done")]


def test_a_form_that_nothing_fits_leaves_the_walk_stuck_with_the_field(attempt: Try) -> None:
    never = {"type": "textfield", "key": "code", "label": "Code", "validate": {"required": True, "pattern": "^a$^b$"}}
    outcome = attempt(start(), filled("ask"), end(), chain("begin", "ask", "done"), files=fields(never))
    assert not outcome.ended
    assert all("ask" in walk.stopped and "code" in walk.stopped for walk in outcome.walks)


def test_a_missing_form_is_a_warning(attempt: Try) -> None:
    outcome = attempt(start(), filled("ask"), end(), chain("begin", "ask", "done"))
    assert ways(outcome) == [("begin", "ask", "done")]
    assert [warning["element"] for warning in outcome.warnings] == ["ask"]


def test_a_form_that_is_not_referred_to_does_not_matter(attempt: Try) -> None:
    outcome = attempt(start(), user("ask"), end(), chain("begin", "ask", "done"), files={"other.form": b"{"})
    assert ways(outcome) == [("begin", "ask", "done")]


CALLED = build.bpmn(start(), user("within"), end(), chain("begin", "within", "done"), process="other")


def test_a_called_process_is_found_beside_the_file_and_its_elements_are_not_the_files(attempt: Try) -> None:
    outcome = attempt(start(), call("ask", "other"), end(), chain("begin", "ask", "done"), files={"b.bpmn": CALLED})
    assert ways(outcome) == [("begin", "ask", "done")]
    assert outcome.elements == ["begin", "ask", "done"]
    assert not outcome.warnings


def test_a_missing_called_process_is_a_warning(attempt: Try) -> None:
    outcome = attempt(start(), call("ask", "other"), end(), chain("begin", "ask", "done"))
    assert ways(outcome) == [("begin", "ask", "done")]
    assert "ask" in {warning["element"] for warning in outcome.warnings}


def test_a_called_process_beside_the_file_that_is_refused_counts_as_missing(attempt: Try) -> None:
    broken = CALLED.replace(b"</definitions>", b"")
    outcome = attempt(start(), call("ask", "other"), end(), chain("begin", "ask", "done"), files={"b.bpmn": broken})
    assert ways(outcome) == [("begin", "ask", "done")]
    assert "ask" in {warning["element"] for warning in outcome.warnings}


def test_another_file_with_the_same_process_does_not_get_in_the_way(attempt: Try) -> None:
    same = build.bpmn(start(), user("else"), end(), chain("begin", "else", "done"))
    outcome = attempt(start(), user("ask"), end(), chain("begin", "ask", "done"), files={"same.bpmn": same})
    assert ways(outcome) == [("begin", "ask", "done")]


def test_a_process_called_in_the_same_file_is_the_files_own_and_tried_on_its_own_too(attempt: Try) -> None:
    whole = build.document(
        build.whole(start(), call("ask", "other"), end(), chain("begin", "ask", "done")),
        build.whole(start("in"), user("within"), end("out"), chain("in", "within", "out"), process="other"),
    )
    elsewhere = build.bpmn(start("x"), end("y"), chain("x", "y"), process="other")
    outcome = attempt(files={"it.bpmn": whole, "b.bpmn": elsewhere})
    assert ways(outcome) == [("begin", "in", "within", "out", "ask", "done"), ("in", "within", "out")]
    assert set(outcome.covered) == set(outcome.elements)


def test_a_process_is_begun_at_each_of_its_starts(attempt: Try) -> None:
    outcome = attempt(
        start("person"),
        start("letter", message()),
        start("clock", timer("every", "R/P1D")),
        user("ask"),
        end(),
        *(chain(name, "ask") for name in ("person", "letter", "clock")),
        chain("ask", "done"),
    )
    assert {way[0] for way in ways(outcome)} == {"person", "letter", "clock"}


def test_a_token_that_waits_for_ever_is_told_where(attempt: Try) -> None:
    outcome = attempt(
        start(),
        filled("ask"),
        xor("choose", default="choose-a"),
        user("a"),
        user("b"),
        both("join"),
        end(),
        chain("begin", "ask", "choose", "a", "join", "done"),
        flow("choose", "b", "${which}"),
        chain("b", "join"),
        files=fields({"type": "checkbox", "key": "which", "label": "Which"}),
    )
    assert outcome.accepted
    assert not outcome.ended
    assert all("join" in walk.stopped for walk in outcome.walks)
    assert [warning["line"] for warning in outcome.warnings if warning["element"] == "join"] == [9]


def test_a_process_that_goes_round_by_itself_is_cut_off(attempt: Try) -> None:
    outcome = attempt(
        start(),
        service("again"),
        xor("choose", default="choose-again"),
        end(),
        chain("begin", "again", "choose"),
        flow("choose", "again"),
        flow("choose", "done", "${1 > 2}"),
        seconds=20,
    )
    assert outcome.accepted
    assert not outcome.ended
    assert {walk.stopped for walk in outcome.walks} == {LONG}
    assert [warning for warning in outcome.warnings if "goes round" in warning["problem"] and warning["line"] > 1]


def test_a_walk_that_the_clock_cuts_off_is_told_as_such_though_others_had_time(attempt: Try) -> None:
    long = [user(f"step{number}") for number in range(150)]
    line = chain("begin", *(f"step{number}" for number in range(150)), "done")
    outcome = attempt(start(), *long, end(), line, seconds=1)
    assert outcome.walks[0].late
    assert outcome.is_cut
    assert not outcome.warnings, "a long way is no circle"


@pytest.mark.parametrize("key", SHIPPED_TYPES)
def test_every_element_of_a_shipped_type_is_walked(stages: Stages, tmp_path: Path, key: str) -> None:
    path = SHIPPED / key / f"{key}.bpmn"
    outcome = Outcome(path.name)
    trial = Trial(stages.enter(tmp_path / "stage"), outcome, time.monotonic() + 60, lambda _outcome: None)
    trial.run(Found(path, path.name))
    assert outcome.warnings == []
    assert outcome.ended
    assert set(outcome.covered) == set(outcome.elements)


def test_a_timer_that_an_upload_refuses_is_walked_and_said_to_be_refused(attempt: Try) -> None:
    line = (start(), user("a"), end(), chain("begin", "a", "done"))
    on = {"interrupting": False}
    endless = build.event_sub("often", timer("every", "R/PT10S"), user("v"), chain("often_on", "v"), **on)
    outcome = attempt(*line, endless)
    assert (outcome.accepted, outcome.is_good) == (True, False)
    assert [told["element"] for told in outcome.warnings if "An upload is refused" in told["problem"]] == ["often_on"]
    slowed = attempt(*line, endless.replace("R/PT10S", "R3/PT10S"))
    assert not [told for told in slowed.warnings if "An upload is refused" in told["problem"]]


def test_a_refused_file_has_elements_and_errors_with_lines(attempt: Try) -> None:
    outcome = attempt(
        start(), user("ask"), xor("choose"), end(), chain("begin", "ask", "nowhere"), chain("ask", "done")
    )
    assert not outcome.accepted
    assert outcome.elements == ["begin", "ask", "choose", "done"]
    assert outcome.walks == []
    assert all(error["line"] > 1 and error["remedy"] and error["problem"] for error in outcome.errors)


def test_a_picture_is_accepted_and_not_walked(attempt: Try) -> None:
    picture = build.bpmn(start(), end(), chain("begin", "done")).replace(
        b'isExecutable="true"', b'isExecutable="false"'
    )
    outcome = attempt(files={"it.bpmn": picture})
    assert (outcome.accepted, outcome.ended, outcome.elements, outcome.walks) == (True, False, [], [])
    assert outcome.warnings
    assert outcome.is_good


def test_the_facts_are_json_of_one_shape(attempt: Try) -> None:
    facts = orjson.loads(orjson.dumps(attempt(start(), user("ask"), end(), chain("begin", "ask", "done")).facts()))
    assert facts == {
        "file": "it.bpmn",
        "accepted": True,
        "errors": [],
        "warnings": facts["warnings"],
        "ended": True,
        "covered": ["begin", "ask", "done"],
        "elements": ["begin", "ask", "done"],
        "walks": [{"visited": ["begin", "ask", "done"], "stopped": "ended"}],
        "seconds": facts["seconds"],
        "notes": [],
    }
    assert all(warning.keys() == {"element", "line", "problem", "remedy"} for warning in facts["warnings"])


def test_a_job_fails_where_that_is_caught(attempt: Try) -> None:
    outcome = attempt(
        start(),
        sub("inner", start("in"), service("work"), end("out"), chain("in", "work", "out")),
        boundary("failed", "inner", build.error("e_bad")),
        end(),
        end("mended"),
        chain("begin", "inner", "done"),
        chain("failed", "mended"),
    )
    assert ways(outcome) == [("begin", "in", "failed", "mended"), ("begin", "in", "work", "out", "inner", "done")]


def test_signals_are_sent_and_people_say_that_something_has_happened(attempt: Try) -> None:
    outcome = attempt(
        start(),
        catch("hear", build.signal()),
        user("ask"),
        boundary("called", "ask", interrupting=False),
        end(),
        end("told"),
        chain("begin", "hear", "ask", "done"),
        chain("called", "told"),
    )
    assert set(outcome.covered) == set(outcome.elements)
    assert outcome.ended


def test_a_condition_comes_true_by_what_is_answered_elsewhere(attempt: Try) -> None:
    outcome = attempt(
        start(),
        both("fork"),
        filled("ask"),
        catch("enough", build.becomes("${amount > 100}")),
        both("join"),
        end(),
        chain("begin", "fork", "ask", "join", "done"),
        chain("fork", "enough", "join"),
        files=fields({"type": "number", "key": "amount", "label": "Amount"}),
    )
    assert set(outcome.covered) == set(outcome.elements)


def test_event_sub_processes_are_set_off(attempt: Try) -> None:
    outcome = attempt(
        start(),
        user("ask"),
        end(),
        chain("begin", "ask", "done"),
        build.event_sub(
            "aside", message(), user("note"), end("noted"), chain("aside_on", "note", "noted"), interrupting=False
        ),
    )
    assert set(outcome.covered) == set(outcome.elements)
    assert outcome.ended


def test_each_activity_of_an_ad_hoc_sub_process_is_begun(attempt: Try) -> None:
    outcome = attempt(start(), build.ad_hoc("any", user("a"), user("b")), end(), chain("begin", "any", "done"))
    assert set(outcome.covered) == {"begin", "any", "a", "b", "done"}
    assert outcome.ended


def test_every_way_out_of_an_inclusive_gateway_is_taken_by_ticking(attempt: Try) -> None:
    ticks = {"type": "checklist", "key": "of", "label": "Of", "values": [{"value": "a"}, {"value": "b"}]}
    outcome = attempt(
        start(),
        filled("ask"),
        build.some("choose", default="choose-none"),
        *(end(name) for name in ("one", "other", "none")),
        chain("begin", "ask", "choose"),
        flow("choose", "one", '= list contains(of, "a")'),
        flow("choose", "other", '= list contains(of, "b")'),
        flow("choose", "none"),
        files=fields(ticks),
    )
    assert {way[3:] for way in ways(outcome)} >= {("one", "other"), ("none",)}
    assert set(outcome.covered) == set(outcome.elements)


def test_a_problem_of_another_file_begins_with_its_name(attempt: Try) -> None:
    unknown = {"type": "iframe", "key": "page", "label": "Page"}
    outcome = attempt(start(), filled("ask"), end(), chain("begin", "ask", "done"), files=fields(unknown))
    assert [error["problem"].partition(":")[0] for error in outcome.errors] == ["f.form"]


def test_where_a_walk_is_stuck_is_a_warning_with_its_line(attempt: Try) -> None:
    broken = script("reckon", "total = 1 / 0")
    at_once = attempt(start(), broken, end(), chain("begin", "reckon", "done"))
    later = attempt(start(), user("ask"), broken, end(), chain("begin", "ask", "reckon", "done"))
    for outcome in (at_once, later):
        assert not outcome.ended
        assert [
            (warning["element"], bool(warning["remedy"])) for warning in outcome.warnings if warning["line"] > 4
        ] == [("reckon", True)]


def test_what_a_called_process_keeps_to_itself_is_given_from_outside(attempt: Try) -> None:
    ask = user(
        "within",
        build.extensions('<camunda:formData><camunda:formField id="good" type="boolean" /></camunda:formData>'),
    )
    called = build.bpmn(start(), ask, end(), chain("begin", "within", "done"), process="other")
    passes = build.extensions('<camunda:in variables="all" />', '<camunda:out source="else" target="else" />')
    outcome = attempt(
        start(),
        call("ask", "other", passes),
        xor("choose", default="choose-bad"),
        end("fine"),
        end("bad"),
        chain("begin", "ask", "choose"),
        flow("choose", "fine", "${good}"),
        flow("choose", "bad"),
        files={"b.bpmn": called},
    )
    assert ways(outcome) == [("begin", "ask", "choose", "bad"), ("begin", "ask", "choose", "fine")]
    assert [note for note in outcome.notes if "good" in note]
