"""Cancelled, taken a step back, taken up again: an instance moved by hand goes on as one that came there by itself."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import instances
from engine.spiff.moves import may_take_up
from engine.step import StepFailed, World
from tests.engine import build
from tests.engine.drawing import FLAGS, Block
from tests.engine.random_processes import blocks, definition_of
from tests.engine.runs import NOON, Run, fresh, run, run_compiled

MOST_STEPS, MOST_MOVES = 60, 6


def cancel(begun: Run) -> Run:
    return begun._move(lambda live, at: instances.cancel(live, at, world=begun.world), "")


def step_back(begun: Run, element: str, to: str, nth: int = 0) -> Run:
    ref = begun._task(element, nth).ref
    return begun._move(lambda live, at: instances.step_back(live, at, ref=ref, element=to, world=begun.world), ref)


def reopen(begun: Run, element: str) -> Run:
    return begun._move(lambda live, at: instances.reopen(live, at, element=element, world=begun.world), "")


def test_a_cancelled_instance_has_nothing_left_and_no_end_event_happened() -> None:
    begun = two_branches()
    cancel(begun)
    assert begun.ended
    assert begun.open == []
    assert begun.visited("cancelled") == ["a", "b"]
    assert "end" not in begun.visited()


def test_timers_and_messages_of_a_cancelled_instance_are_gone() -> None:
    begun = run(
        build.bpmn(
            build.start("start"),
            build.user("a"),
            build.boundary("late", "a", build.timer("after", "PT1H")),
            build.end("end"),
            build.end("gone"),
            build.chain("start", "a", "end"),
            build.chain("late", "gone"),
        )
    )
    assert begun.due
    cancel(begun)
    assert not begun.due
    assert not begun.names_awaited


def test_a_step_back_opens_the_earlier_task_with_the_data_as_it_is() -> None:
    begun = run(build.bpmn(*row("a", "b", "c"))).complete("a", x=1).complete("b", y=2)
    step_back(begun, "c", "a")
    assert begun.open == ["a"]
    assert begun.data_of("a") == {"x": 1, "y": 2}
    begun.complete("a", x=3).complete("b").complete("c")
    assert begun.ended
    assert begun.data["x"] == 3


def test_a_step_back_out_of_a_branch_is_refused() -> None:
    begun = two_branches()
    with pytest.raises(StepFailed, match="twice"):
        step_back(begun, "a", "first")
    assert begun.open == ["a", "b"]


def test_a_step_back_over_a_whole_block_of_branches_repeats_it() -> None:
    begun = two_branches().complete("a").complete("b")
    step_back(begun, "last", "first")
    begun.complete("first").complete("b").complete("a").complete("last")
    assert begun.ended


def test_a_step_back_into_a_branch_is_refused() -> None:
    begun = two_branches().complete("a").complete("b")
    with pytest.raises(StepFailed, match="twice"):
        step_back(begun, "last", "a")


def chased(name: str) -> str:
    """A sub-process of a step and, beside it, the task that chases it when it is late."""
    return build.sub(
        f"{name}_part",
        *(build.start(f"{name}_in"), build.user(name), build.end(f"{name}_did", build.terminate())),
        build.boundary(f"{name}_late", name, build.timer("after", "PT1H"), interrupting=False),
        *(build.user(f"{name}_chase"), build.end(f"{name}_chased")),
        build.chain(f"{name}_in", name, f"{name}_did"),
        build.chain(f"{name}_late", f"{name}_chase", f"{name}_chased"),
    )


def parts() -> Run:
    """Two steps that are chased, and one that is not."""
    steps = (chased("a"), chased("b"), build.user("c"))
    return run(build.bpmn(build.start(), *steps, build.end(), build.chain("begin", "a_part", "b_part", "c", "done")))


def test_a_step_back_into_a_sub_process_begins_it_there() -> None:
    begun = parts().complete("a", x=1).complete("b", y=2)
    step_back(begun, "c", "a")
    assert (begun.open, begun.data_of("a")) == (["a"], {"x": 1, "y": 2})
    assert list(begun.due) == ["a_late"]
    begun.complete("a", x=3).complete("b").complete("c")
    assert (begun.ended, begun.data["x"]) == (True, 3)


def test_a_step_back_out_of_a_sub_process_withdraws_it_with_what_goes_on_beside() -> None:
    begun = parts().complete("a", x=1).fire("b_late")
    assert begun.open == ["b", "b_chase"]
    step_back(begun, "b", "a")
    assert (begun.open, begun.data_of("a"), list(begun.due)) == (["a"], {"x": 1}, ["a_late"])
    begun.complete("a").complete("b").complete("c")
    assert begun.ended


def test_a_step_back_keeps_what_was_written_inside_the_sub_process_that_is_left() -> None:
    inner = (build.start("in"), build.user("one"), build.user("two"), build.end("out"))
    begun = run(
        build.bpmn(
            *(build.start(), build.user("first"), build.sub("part", *inner, build.chain("in", "one", "two", "out"))),
            *(build.end(), build.chain("begin", "first", "part", "done")),
        )
    )
    begun.complete("first").complete("one", x=1)
    step_back(begun, "two", "first")
    assert begun.data_of("first") == {"x": 1}


def test_a_step_back_out_of_a_branch_of_a_sub_process_is_refused() -> None:
    inner = (build.start("in"), build.both("fork"), build.user("a"), build.user("b"), build.end("out"), build.end("x"))
    begun = run(
        build.bpmn(
            *(build.start(), build.user("first")),
            build.sub("part", *inner, build.chain("in", "fork", "a", "out"), build.chain("fork", "b", "x")),
            *(build.end(), build.chain("begin", "first", "part", "done")),
        )
    ).complete("first")
    with pytest.raises(StepFailed, match="twice"):
        step_back(begun, "a", "first")
    assert begun.open == ["a", "b"]


def test_an_ended_instance_goes_on_at_a_task_with_its_data() -> None:
    begun = run(build.bpmn(*row("a", "b"))).complete("a", x=1).complete("b", y=2)
    assert begun.ended
    reopen(begun, "b")
    assert not begun.ended
    assert begun.data_of("b") == {"x": 1, "y": 2}
    begun.complete("b", y=3)
    assert begun.ended
    assert begun.data == {"x": 1, "y": 3}


def test_a_cancelled_instance_can_be_taken_up_too() -> None:
    begun = run(build.bpmn(*row("a", "b"))).complete("a", x=1)
    reopen(cancel(begun), "b")
    assert begun.data_of("b") == {"x": 1}
    begun.complete("b")
    assert begun.ended


def test_an_ended_instance_is_not_taken_up_in_one_of_two_branches() -> None:
    begun = two_branches().complete("a").complete("b").complete("last")
    with pytest.raises(StepFailed):
        reopen(begun, "a")
    reopen(begun, "last").complete("last")
    assert begun.ended


def test_an_ended_instance_is_taken_up_inside_a_sub_process() -> None:
    inner = build.sub("part", *row("a", "b", prefix="in"))
    begun = run(build.bpmn(build.start("start"), inner, build.end("end"), build.chain("start", "part", "end")))
    begun.complete("a", x=1).complete("b")
    assert begun.ended
    reopen(begun, "b").complete("b", y=2)
    assert begun.ended
    assert begun.data == {"x": 1, "y": 2}


def test_no_token_is_put_where_an_inclusive_join_would_send_another() -> None:
    """The join of the inner block must not be thought to go on while one of its branches is still open."""
    chosen = Block("or", (Block("user"), Block("user"), Block("user")), 0)
    definition = definition_of(Block("and", (Block("user"), chosen), 0))
    begun = run_compiled(definition, World(NOON), data=dict(zip(FLAGS, (0, 1, 0, 0), strict=True)))
    blueprint = fresh(definition)
    assert not any(may_take_up(blueprint, element) for element in begun.open)


def test_what_kept_its_data_to_itself_is_not_taken_up_inside() -> None:
    inner = build.sub("part", *row("a", "b", prefix="in"))
    flows = build.chain("start", "part", "last", "end")
    begun = run(build.bpmn(build.start("start"), inner, build.user("last"), build.end("end"), flows))
    assert may_take_up(fresh(begun.definition), "b")
    block = Block("given", (Block("user"),), 1)
    hidden = definition_of(block)
    inside = run_compiled(hidden, World(NOON), data=dict.fromkeys(FLAGS, 0)).open[0]
    assert not may_take_up(fresh(hidden), inside)


def two_branches() -> Run:
    """`first`, then `a` and `b` at once, then `last`; stopped in the branches."""
    flows = (
        build.chain("start", "first", "split", "a", "join", "last", "end"),
        build.chain("split", "b", "join"),
    )
    parts = [build.user(name) for name in ("first", "a", "b", "last")]
    gates = [build.both("split"), build.both("join")]
    return run(build.bpmn(build.start("start"), *parts, *gates, build.end("end"), *flows)).complete("first")


def row(*names: str, prefix: str = "") -> list[str]:
    begin, end = f"{prefix}start", f"{prefix}end"
    return [build.start(begin), *map(build.user, names), build.end(end), build.chain(begin, *names, end)]


flags = st.lists(st.integers(0, 1), min_size=len(FLAGS), max_size=len(FLAGS))


@given(blocks(), flags, st.integers(0, 2**32))
@settings(max_examples=150)
def test_any_process_moved_by_hand_still_comes_to_its_end(block: Block, flags: list[int], seed: int) -> None:
    comes_to_its_end(block, flags, seed)


@pytest.mark.slow
@given(blocks(), flags, st.integers(0, 2**32))
@settings(max_examples=600)
def test_many_processes_moved_by_hand_come_to_their_ends(block: Block, flags: list[int], seed: int) -> None:
    comes_to_its_end(block, flags, seed)


def comes_to_its_end(block: Block, flags: list[int], seed: int) -> None:
    source, data = random.Random(seed), dict(zip(FLAGS, flags, strict=True))
    begun = run_compiled(definition_of(block), World(NOON), data=data)
    moves = MOST_MOVES
    for number in range(MOST_STEPS):
        moves -= move_by_hand(begun, source) if moves else 0
        if begun.ended:
            if not moves or not taken_up(begun, source):
                return
            moves -= 1
        elif not go_on(begun, source, number):
            raise AssertionError("nothing leads on")


def move_by_hand(begun: Run, source: random.Random) -> bool:
    """Now and then a task is taken back to one that was done before, or all is cancelled."""
    if begun.ended or source.random() < 0.6:
        return False
    if source.random() < 0.15:
        cancel(begun)
        assert [*begun.tasks, *begun.timers, *begun.awaited] == []
        return True
    done = sorted(set(begun.visited()))
    if not begun.tasks or not done:
        return False
    task = source.choice([*begun.tasks.values()])
    nth = [each.ref for each in begun.tasks.values() if each.element == task.element].index(task.ref)
    return tried(lambda: step_back(begun, task.element, source.choice(done), nth))


def taken_up(begun: Run, source: random.Random) -> bool:
    """At a task that was open before: elsewhere it may lack what the steps before it would have set."""
    blueprint = fresh(begun.definition)
    known = {visit.element for visit in begun.visits}
    ways = sorted(element for element in known & set(blueprint.nodes) if may_take_up(blueprint, element))
    return bool(ways) and tried(lambda: reopen(begun, source.choice(ways)))


def tried(move: Callable[[], object]) -> bool:
    try:
        move()
    except StepFailed:
        return False
    return True


def go_on(begun: Run, source: random.Random, number: int) -> bool:
    ways = [("task", ref) for ref in begun.tasks]
    ways += [("timer", element) for element in sorted(begun.due)]
    ways += [("sent", name) for name in sorted(set(begun.names_awaited))]
    if not ways:
        return False
    kind, what = source.choice(ways)
    if kind == "task":
        begun.complete_ref(what, {"last": number})
    elif kind == "timer":
        begun.fire(what)
    else:
        begun.reach(next(one for one in begun.awaited.values() if one.name == what), {"said": number})
    return True
