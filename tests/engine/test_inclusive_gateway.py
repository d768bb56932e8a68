"""Inclusive gateways: BPMN 2.0.2, 13.4.3."""

from __future__ import annotations

import pytest

from engine.step import StepFailed
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    chain,
    end,
    flow,
    message,
    script,
    some,
    start,
    sub,
    terminate,
    timer,
    user,
    xor,
)
from tests.engine.runs import run

NEEDS = bpmn(
    *(
        start(),
        some("which", "none"),
        user("desk"),
        user("laptop"),
        user("nothing"),
        some("merge"),
        user("after"),
        end(),
    ),
    chain("begin", "which"),
    *(flow("which", "desk", "desk"), flow("which", "laptop", "laptop"), flow("which", "nothing", ident="none")),
    *(chain("desk", "merge"), chain("laptop", "merge"), chain("nothing", "merge"), chain("merge", "after", "done")),
)


@pytest.mark.parametrize(
    ("desk", "laptop", "opened"),
    [(True, True, ["desk", "laptop"]), (True, False, ["desk"]), (False, False, ["nothing"])],
)
def test_every_flow_that_holds_is_taken_and_the_join_waits_for_just_those(
    desk: bool, laptop: bool, opened: list[str]
) -> None:
    begun = run(NEEDS, data={"desk": desk, "laptop": laptop})
    assert begun.open == opened
    for element in opened:
        assert "after" not in begun.open
        begun.complete(element, **{f"{element}_done": 1})
    assert begun.open == ["after"]
    assert all(f"{element}_done" in begun.data_of("after") for element in opened)
    assert begun.complete("after").ended


def test_no_flow_and_no_default_is_a_failure() -> None:
    file = bpmn(
        *(start(), some("which"), user("a"), user("b")),
        *(chain("begin", "which"), flow("which", "a", "n == 1"), flow("which", "b", "n == 2")),
    )
    with pytest.raises(StepFailed, match="no default flow"):
        run(file, data={"n": 3})


def test_it_waits_for_a_token_that_may_still_come_through_a_loop() -> None:
    file = bpmn(
        *(start(), both("fork"), user("quick"), xor("again"), user("slow"), xor("enough", "back"), some("join")),
        *(user("after"), end()),
        chain("begin", "fork", "quick", "join", "after", "done"),
        *(
            chain("fork", "again", "slow", "enough"),
            flow("enough", "join", "ok"),
            flow("enough", "again", ident="back"),
        ),
    )
    begun = run(file).complete("quick").complete("slow", ok=False)
    assert begun.open == ["slow"]
    assert begun.complete("slow", ok=True).open == ["after"]


def test_it_goes_on_when_the_other_branch_turns_away() -> None:
    file = bpmn(
        *(start(), both("fork"), user("one"), user("two"), xor("which", "off"), some("join"), user("after"), end()),
        end("away"),
        chain("begin", "fork", "one", "join", "after", "done"),
        *(chain("fork", "two", "which"), flow("which", "join", "ok"), flow("which", "away", ident="off")),
    )
    begun = run(file).complete("one", one=1)
    assert begun.open == ["two"]
    assert begun.complete("two", ok=False).open == ["after"]
    assert begun.complete("after").ended
    assert run(file).complete("two", ok=False).complete("one").open == ["after"]
    assert run(file).complete("one").complete("two", ok=True).open == ["after"]


def test_two_joins_in_a_row_fire_in_turn() -> None:
    file = bpmn(
        *(start(), some("s"), user("a"), user("b"), user("c"), some("j1"), some("j2"), user("after"), end()),
        chain("begin", "s"),
        *(flow("s", "a", "true"), flow("s", "b", "true"), flow("s", "c", "true")),
        *(chain("a", "j1", "j2", "after", "done"), chain("b", "j1"), chain("c", "j2")),
    )
    begun = run(file).complete("c").complete("a")
    assert begun.open == ["b"]
    assert begun.complete("b").open == ["after"]
    assert begun.visited().count("j2") == 1


def test_a_waiting_join_that_is_interrupted_is_forgotten() -> None:
    """The join waits inside the sub-process when the boundary event ends it."""
    inner = sub(
        *("part", start("in"), both("fork"), user("one"), user("two"), some("join"), end("out")),
        *(chain("in", "fork", "one", "join", "out"), chain("fork", "two", "join")),
    )
    file = bpmn(
        *(start(), inner, boundary("late", "part", timer("after", "PT1H")), user("after"), end(), end("off")),
        *(chain("begin", "part", "done"), chain("late", "after", "off")),
    )
    begun = run(file).complete("one").fire("late")
    assert begun.open == ["after"]
    assert begun.complete("after").ended


def test_a_waiting_join_is_forgotten_at_a_terminate_end() -> None:
    file = bpmn(
        *(start(), both("fork"), user("one"), user("two"), user("stop"), some("join"), end(), end("off", terminate())),
        *(chain("begin", "fork", "one", "join", "done"), chain("fork", "two", "join"), chain("fork", "stop", "off")),
    )
    assert run(file).complete("one").complete("stop").ended


def test_it_waits_for_a_branch_that_only_an_event_can_bring() -> None:
    file = bpmn(
        *(start(), both("fork"), user("one"), user("host"), boundary("call", "host", message(), interrupting=False)),
        *(user("extra"), some("join"), user("after"), end(), end("host_done")),
        *(chain("begin", "fork", "one", "join", "after", "done"), chain("fork", "host", "host_done")),
        chain("call", "extra", "join"),
    )
    begun = run(file).complete("one")
    assert begun.open == ["host"]
    begun.deliver("order")
    assert begun.complete("host").open == ["extra"]
    assert begun.complete("extra").open == ["after"]


def test_many_joins_decide_without_people() -> None:
    parts, flows = [start(), end()], [chain("begin", "s0"), chain("j59", "done")]
    for number in range(60):
        parts += [some(f"s{number}"), script(f"a{number}", f"a = {number}"), script(f"b{number}", "b = 1")]
        parts.append(some(f"j{number}"))
        flows += [flow(f"s{number}", f"a{number}", "true"), flow(f"s{number}", f"b{number}", "true")]
        flows += [chain(f"a{number}", f"j{number}"), chain(f"b{number}", f"j{number}")]
        if number:
            flows.append(chain(f"j{number - 1}", f"s{number}"))
    begun = run(bpmn(*parts, *flows))
    assert (begun.ended, begun.data) == (True, {"a": 59, "b": 1})
