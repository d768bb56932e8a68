"""An instance goes on as another version of its process, or stays on its own and says what is in the way."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import instances
from engine.definitions import Compiled
from engine.spiff.versions import Must
from engine.step import StepFailed, World
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    catch,
    chain,
    compensation,
    each,
    end,
    event_sub,
    first_of,
    flow,
    message,
    script,
    start,
    sub,
    throw,
    timer,
    undoing,
    undone_by,
    user,
    xor,
)
from tests.engine.drawing import FLAGS, Block
from tests.engine.random_processes import blocks, definition_of
from tests.engine.runs import NOON, Run, compiled, fresh, run, run_compiled


def change(begun: Run, *files: bytes, must: Must = ()) -> Run:
    return change_to(begun, compiled(*files), must)


def change_to(begun: Run, definition: Compiled, must: Must = ()) -> Run:
    blueprint = fresh(definition)
    begun._move(lambda live, at: instances.change_version(live, at, blueprint, 9, must=must, world=begun.world), ref="")
    begun.definition = definition
    return begun


def line(*elements: str, more: str = "") -> bytes:
    """A process of one person's task after another."""
    tasks = "".join(user(element) for element in elements)
    return bpmn(start(), tasks, more, end(), chain("begin", *elements, "done"))


def test_it_goes_on_with_what_the_new_version_has_after_what_is_open() -> None:
    begun = change(run(line("ask", "mend")).complete("ask", x=1), line("ask", "mend", "check"))
    assert begun.open == ["mend"]
    assert begun.complete("mend").open == ["check"]
    assert begun.complete("check").ended
    assert begun.data == {"x": 1}


def test_the_step_says_from_which_version_to_which_and_opens_nothing_anew() -> None:
    begun = change(run(line("ask")), line("ask", "check"))
    assert (begun.step.kind, begun.step.definition_id, begun.step.payload) == ("version", 9, {"from": 1, "to": 9})
    assert not begun.step.effects.opened
    assert not begun.step.effects.visits


def test_what_is_open_must_be_there() -> None:
    with pytest.raises(StepFailed, match=r"ask: That version doesn't have it"):
        change(run(line("ask")), line("mend"))


def test_what_is_open_must_be_the_same_kind_of_thing() -> None:
    with pytest.raises(StepFailed, match="ask: In that version it is something else"):
        change(run(line("ask")), bpmn(start(), script("ask", "x = 1"), end(), chain("begin", "ask", "done")))


def test_what_is_open_must_be_repeated_alike() -> None:
    with pytest.raises(StepFailed, match="ask: In that version it is repeated otherwise"):
        change(
            run(bpmn(start(), user("ask", each("[1, 2]")), end(), chain("begin", "ask", "done"))),
            bpmn(start(), user("ask", each("[1, 2]", sequential=True)), end(), chain("begin", "ask", "done")),
        )


TWO = bpmn(
    *(start(), both("fork"), user("a"), user("b"), both("join"), end()),
    *(chain("begin", "fork", "a", "join", "done"), chain("fork", "b", "join")),
)
THREE = bpmn(
    *(start(), both("fork"), user("a"), user("b"), user("c"), both("join"), end()),
    *(chain("begin", "fork", "a", "join", "done"), chain("fork", "b", "join"), chain("fork", "c", "join")),
)


def test_a_branch_more_is_refused_once_the_others_are_under_way() -> None:
    """The join would wait for ever."""
    with pytest.raises(StepFailed, match="others would be missing"):
        change(run(TWO), THREE)


def test_a_branch_more_is_fine_before_the_branches_part() -> None:
    def asked(of: bytes) -> bytes:
        return of.replace(b'targetRef="fork"', b'targetRef="ask"').replace(
            b"</process>", (user("ask") + flow("ask", "fork")).encode() + b"</process>"
        )

    begun = change(run(asked(TWO)), asked(THREE)).complete("ask")
    assert begun.open == ["a", "b", "c"]


def test_a_branch_less_is_refused_while_it_is_under_way() -> None:
    with pytest.raises(StepFailed, match=r"c: That version doesn't have it"):
        change(run(THREE), TWO)


def test_a_token_that_waits_at_a_join_goes_on_waiting() -> None:
    begun = run(TWO).complete("a", x=1)
    longer = bpmn(
        *(start(), both("fork"), user("a"), user("b"), both("join"), user("after"), end()),
        *(chain("begin", "fork", "a", "join", "after", "done"), chain("fork", "b", "join")),
    )
    assert change(begun, longer).complete("b").open == ["after"]
    assert begun.data_of("after") == {"x": 1}


def late(text: str, then: str = "chase", **how: bool) -> str:
    return boundary("late", "ask", timer("after", text), **how) + user(then) + end("x") + chain("late", then, "x")


def test_a_boundary_event_that_is_new_begins_to_wait_now() -> None:
    begun = run(line("ask")).wait(hours=5)
    change(begun, line("ask", more=late("PT1H")))
    assert begun.due == {"late": begun.world.now.replace(hour=begun.world.now.hour + 1)}
    assert begun.fire("late").open == ["chase"]


def test_a_boundary_event_that_is_gone_waits_no_more() -> None:
    begun = change(run(line("ask", more=late("PT1H"))), line("ask"))
    assert not begun.due
    assert begun.complete("ask").ended


def test_a_clock_that_runs_keeps_its_time_and_goes_where_the_new_version_says() -> None:
    begun = run(line("ask", more=late("PT1H")))
    due = begun.due
    assert change(begun, line("ask", more=late("PT9H", then="call"))).due == due
    assert begun.fire("late").open == ["call"]


def test_a_clock_that_has_rung_once_does_not_ring_again() -> None:
    file = line("ask", more=late("PT1H", interrupting=False))
    begun = change(run(file).fire("late"), line("ask", "more", more=late("PT1H", interrupting=False)))
    assert begun.open == ["ask", "chase"]
    assert not begun.due


def test_an_event_sub_process_that_is_new_stands_by_and_one_that_is_gone_does_not() -> None:
    aside = event_sub("aside", message(), user("help"), end("helped"), chain("aside_on", "help", "helped"))
    begun = change(run(line("ask")), line("ask", more=aside))
    assert begun.names_awaited == ["order"]
    change(begun, line("ask"))
    assert begun.names_awaited == []
    change(begun, line("ask", more=aside))
    assert begun.deliver("order").open == ["help"]
    change(begun, line("ask", more=aside))
    assert begun.open == ["help"]
    assert begun.complete("help").ended


def test_what_waits_for_another_message_now_is_refused() -> None:
    def waiting(trigger: str) -> bytes:
        return bpmn(start(), catch("wait", trigger), end(), chain("begin", "wait", "done"))

    with pytest.raises(StepFailed, match="wait: In that version it is something else, or waits for something else"):
        change(run(waiting(message("m_order"))), waiting(timer("after", "PT1H")))


def test_of_several_events_waited_for_each_leads_where_it_did() -> None:
    """Which came is known by its place among them."""

    def waiting(*ids: str) -> bytes:
        events = "".join(catch(one, timer("after", "PT1H")) + user(f"then_{one}") for one in ids)
        ways = (chain("first", one, f"then_{one}", "done") for one in ids)
        return bpmn(start(), first_of("first"), events, end(), flow("begin", "first"), *ways)

    assert change(run(waiting("x", "y")), waiting("x", "y")).fire("y").open == ["then_y"]
    with pytest.raises(StepFailed, match="waits for something else"):
        change(run(waiting("x", "y")), waiting("y", "x"))


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_done_and_may_be_undone_needs_what_undoes_it(inside: bool) -> None:
    def file(handler: str) -> bytes:
        parts = user("book") + undone_by("book", handler) + undoing(user(handler))
        if inside:
            parts = sub("trip", start("in"), parts, end("out"), chain("in", "book", "out"))
        first = "trip" if inside else "book"
        ways = chain("begin", first, "wait", "back", "done")
        return bpmn(start(), parts, user("wait"), throw("back", compensation()), end(), ways)

    begun = run(file("unbook")).complete("book")
    with pytest.raises(StepFailed, match="book: It is done, and may be undone later"):
        change(begun, file("forget"))
    assert change(begun, file("unbook")).complete("wait").open == ["unbook"]


def test_inside_a_sub_process_it_is_the_same() -> None:
    def file(*inner: str) -> bytes:
        part = sub("part", start("in"), *(user(one) for one in inner), end("out"), chain("in", *inner, "out"))
        return bpmn(start(), part, end(), chain("begin", "part", "done"))

    begun = change(run(file("a")), file("a", "b")).complete("a")
    assert begun.open == ["b"]
    with pytest.raises(StepFailed, match=r"b: That version doesn't have it"):
        change(begun, file("a"))
    assert begun.complete("b").ended


def test_what_must_be_done_is_not_passed_over() -> None:
    begun = run(line("ask", "mend")).complete("ask")
    checked = line("ask", "check", "mend")
    with pytest.raises(StepFailed, match="check: The ticket would pass over it"):
        change(begun, checked, must=[{"check"}])
    assert change(begun, checked, must=[]).complete("mend").ended


def test_what_must_be_done_may_lie_ahead_or_be_open_or_be_left_out_as_it_is_drawn() -> None:
    begun = change(run(line("ask", "mend")), line("ask", "mend", "check"), must=[{"ask"}, {"check", "elsewhere"}])
    assert begun.open == ["ask"]
    drawn = bpmn(
        *(start(), user("ask"), xor("need", "no"), user("check"), xor("on"), user("mend"), user("last"), end()),
        *(chain("begin", "ask", "need"), flow("need", "check", "x"), flow("need", "on", ident="no")),
        *(chain("check", "on", "mend", "last", "done"),),
    )
    begun = run(line("ask", "mend")).complete("ask")
    assert change(begun, drawn, must=[{"check"}]).open == ["mend"]


def finish(begun: Run, source: random.Random) -> bool:
    """Goes on until it ends; False if that takes too long."""
    for _ in range(60):
        if begun.ended:
            return True
        ways = [("task", element) for element in begun.open] + [("bell", element) for element in sorted(begun.due)]
        ways += [("sent", name) for name in begun.names_awaited]
        kind, element = source.choice(ways)
        if kind == "task":
            begun.complete(element)
        elif kind == "bell":
            begun.fire(element)
        else:
            begun.reach(next(one for one in begun.awaited.values() if one.name == element), {})
    return False


flags = st.lists(st.integers(0, 1), min_size=len(FLAGS), max_size=len(FLAGS))


@given(blocks(), flags, st.integers(0, 2**32), st.integers(0, 12))
@settings(max_examples=150)
def test_whatever_has_become_of_it_the_same_version_changes_nothing(
    block: Block, flagged: list[int], seed: int, steps: int
) -> None:
    source = random.Random(seed)
    begun = run_compiled(definition_of(block), World(NOON), data=dict(zip(FLAGS, flagged, strict=True)))
    for _ in range(steps):
        if begun.ended or not begun.open:
            break
        begun.complete(source.choice(begun.open))
    if not begun.ended:
        before = begun.step.state
        assert change_to(begun, begun.definition).step.state == before
        assert not begun.step.effects.timers
        assert not begun.step.effects.awaited


@given(
    *(blocks(), blocks(), st.sampled_from(["sequence", "and", "xor", "or", "implicit"]), st.booleans()),
    *(flags, st.integers(0, 2**32), st.integers(0, 12)),
)
@settings(max_examples=300)
def test_on_another_version_it_comes_to_its_end_or_stays_where_it_was(
    block: Block, other: Block, how: str, first: bool, flagged: list[int], seed: int, steps: int
) -> None:
    """The other version has more behind it, before it or beside it; elements that are called alike may be others."""
    later = Block(how, (other, block) if first else (block, other))
    source = random.Random(seed)
    begun = run_compiled(definition_of(block), World(NOON), data=dict(zip(FLAGS, flagged, strict=True)))
    for _ in range(steps):
        if begun.ended or not begun.open:
            break
        begun.complete(source.choice(begun.open))
    if begun.ended:
        return
    before = begun.step
    try:
        change_to(begun, definition_of(later))
    except StepFailed:
        assert begun.step is before
    with suppress(StepFailed):  # a condition may read what the other version's script has not written
        finish(begun, source)
