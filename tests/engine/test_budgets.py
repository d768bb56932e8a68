"""What never ends by itself is stopped with an element and a reason, and nothing of it is kept."""

from __future__ import annotations

import pytest

from engine import instances
from engine.spiff import workflow
from engine.spiff.workflow import MAX_MOVES
from engine.step import StepFailed
from tests.engine.build import (
    EVENTS,
    both,
    boundary,
    bpmn,
    call,
    chain,
    document,
    each,
    end,
    event_sub,
    flow,
    mapped,
    message,
    script,
    signal,
    start,
    sub,
    throw,
    times,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import run


def test_a_loop_without_people_is_stopped() -> None:
    file = bpmn(
        *(start(), user("go"), xor("again"), script("work", "n = 1"), xor("out", "back"), end()),
        *(
            chain("begin", "go", "again", "work", "out"),
            flow("out", "done", "n > 1"),
            flow("out", "again", ident="back"),
        ),
    )
    begun = run(file)
    with pytest.raises(StepFailed, match="without end") as failed:
        begun.complete("go")
    assert failed.value.element in ("again", "work", "out")
    assert begun.open == ["go"]


def test_a_loop_that_forks_is_stopped() -> None:
    file = bpmn(
        *(start(), user("go"), xor("again"), both("fork"), end(), chain("begin", "go", "again", "fork", "again")),
        *(flow("fork", "again", ident="more"), chain("fork", "done")),
    )
    with pytest.raises(StepFailed, match="without end"):
        run(file).complete("go")


def test_a_standard_loop_that_is_never_done_is_stopped() -> None:
    file = bpmn(start(), user("go"), script("work", "n = 1", while_true("true")), chain("begin", "go", "work"))
    with pytest.raises(StepFailed, match="without end"):
        run(file).complete("go")


def test_repetitions_inside_repetitions_are_stopped() -> None:
    inner = sub("inner", start("in2"), user("u", times("many")), chain("in2", "u"), loop=times("many"))
    file = bpmn(start(), user("go"), sub("outer", start("in1"), inner, chain("in1", "inner"), loop=times("many")))
    file = file.replace(b"</process>", chain("begin", "go", "outer").encode() + b"</process>")
    with pytest.raises(StepFailed, match=r"without end|at once"):
        run(file, data={"many": 1000}).complete("go")


def test_what_becomes_more_and_more_step_by_step_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message adds a task, and no step is a long one."""
    monkeypatch.setattr(workflow, "MAX_TOKENS", 40)
    parts = (start(), user("go"), boundary("more", "go", message(), interrupting=False), user("b"))
    begun = run(bpmn(*parts, chain("begin", "go"), chain("more", "b")))
    for _ in range(8):
        begun.deliver("order")
    monkeypatch.setattr(workflow, "MAX_TOKENS", 8)
    with pytest.raises(StepFailed, match="at once"):
        begun.deliver("order")
    assert sorted(begun.open) == [*["b"] * 8, "go"]


def test_more_at_once_than_may_be_open_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "MAX_TOKENS", 40)
    begun = run(bpmn(start(), user("go"), user("b", times("many")), chain("begin", "go", "b")))
    with pytest.raises(StepFailed, match="at once"):
        begun.complete("go", many=50)
    assert begun.complete("go", many=20).open == ["b"] * 20


def test_a_signal_that_sets_itself_off_is_stopped_with_its_element() -> None:
    again = event_sub("heard", signal(), throw("tell", signal()), chain("heard_on", "tell"), interrupting=False)
    parts = (start(), user("go"), throw("first", signal()), user("b"), chain("begin", "go", "first", "b"))
    with pytest.raises(StepFailed, match="without end") as failed:
        run(bpmn(*parts, again, declarations=EVENTS)).complete("go")
    assert failed.value.element in ("heard", "heard_on", "tell")


COSTLY = "sum([number for number in range(20000)])"
MUCH_IN_ONE_MOVE = {
    "conditions": (xor("x", "x-b"), *(flow("x", "b", f"{COSTLY} < 0", f"f{number}") for number in range(200))),
    "inputs": (user("x", mapped("\n".join(f"y{number} = big" for number in range(100))) + times("1000")),),
}


@pytest.mark.parametrize("what", MUCH_IN_ONE_MOVE)
def test_very_many_expressions_in_one_move_are_stopped(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "MAX_SECONDS", 0.05)
    ways = (chain("begin", "go", "x"), flow("x", "b"))
    begun = run(bpmn(start(), user("go"), *MUCH_IN_ONE_MOVE[what], user("b"), *ways))
    with pytest.raises(StepFailed, match="without end") as failed:
        begun.complete("go", big=[1] * 10_000)
    assert failed.value.element == "x"


def test_a_long_way_within_the_budget_is_gone_in_one_step() -> None:
    ids = [f"s{number}" for number in range(1500)]
    file = bpmn(start(), *(script(ident, "n = n + 1") for ident in ids), user("after"), chain("begin", *ids, "after"))
    assert len(ids) < MAX_MOVES
    assert run(file, data={"n": 0}).data == {"n": 1500}


@pytest.mark.parametrize("length", [600])
def test_hundreds_of_tasks_in_line_are_no_matter(length: int) -> None:
    """The library raises RecursionError beyond 489."""
    ids = [f"u{number}" for number in range(length)]
    begun = run(bpmn(start(), *map(user, ids), end(), chain("begin", *ids, "done")))
    for ident in ids[:5]:
        begun.complete(ident)
    assert begun.open == ["u5"]
    blueprint = begun.loaded().blueprint
    assert len(blueprint.main.task_specs) == length + 3


def test_sub_processes_in_line_are_no_matter() -> None:
    ids = [f"s{number}" for number in range(300)]
    parts = [
        sub(ident, start(f"{ident}i"), script(f"{ident}x", "n += 1"), chain(f"{ident}i", f"{ident}x")) for ident in ids
    ]
    begun = run(bpmn(start(), *parts, user("after"), chain("begin", *ids, "after")), data={"n": 0})
    assert (begun.open, begun.data) == (["after"], {"n": 300})


def test_ends_of_nested_scopes_are_no_matter() -> None:
    """19 sub-processes, 4 calls deep, each ending with the one inside."""
    processes = []
    for number in range(4):
        core = call(f"c{number}", f"p{number + 1}") if number < 3 else user("core")
        name = f"c{number}" if number < 3 else "core"
        for depth in range(5):
            core = sub(f"s{number}_{depth}", start(f"i{number}_{depth}"), core, chain(f"i{number}_{depth}", name))
            name = f"s{number}_{depth}"
        processes.append(
            whole(start(f"b{number}"), core, chain(f"b{number}", name), process="p" if not number else f"p{number}")
        )
    begun = run(document(*processes))
    (task,) = begun.tasks.values()
    assert begun.complete(task.element, x=1).ended
    assert begun.data == {"x": 1}


def test_scopes_nested_deeper_than_they_may_be_are_stopped() -> None:
    """12 calls, each in three sub-processes: more than any one file may nest."""
    processes = []
    for number in range(12):
        core, name = (call(f"c{number}", f"p{number + 1}"), f"c{number}") if number < 11 else (user("core"), "core")
        for depth in range(3):
            core = sub(f"s{number}_{depth}", start(f"i{number}_{depth}"), core, chain(f"i{number}_{depth}", name))
            name = f"s{number}_{depth}"
        before = (user("go"), chain(f"b{number}", "go", name)) if not number else (chain(f"b{number}", name),)
        parts = (start(f"b{number}"), core, *before)
        processes.append(whole(*parts, process="p" if not number else f"p{number}"))
    begun = run(document(*processes))
    with pytest.raises(StepFailed, match="nested deeper") as failed:
        begun.complete("go")
    assert failed.value.element
    assert begun.open == ["go"]


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [300, 900, 5000])
def test_values_nested_too_deep_are_a_failure_not_a_crash(depth: int) -> None:
    begun = run(bpmn(start(), user("one"), user("two"), chain("begin", "one", "two")))
    with pytest.raises(StepFailed, match="nested"):
        begun.complete("one", x=nested(depth))
    assert begun.open == ["one"]
    with pytest.raises(StepFailed, match="nested"):
        run(bpmn(start(), user("one"), chain("begin", "one")), data={"x": nested(depth)})


def test_a_failed_step_does_not_spoil_the_next() -> None:
    file = bpmn(start(), user("one"), user("two", each("people")), chain("begin", "one", "two"))
    begun = run(file)
    for people in (None, 7, list(range(2000))):
        with pytest.raises(StepFailed):
            begun.complete("one", people=people)
    assert begun.complete("one", people=[1, 2]).open == ["two", "two"]


def test_an_instance_of_another_revision_is_not_waiting_for_what_is_done() -> None:
    begun = run(bpmn(start(), user("one"), user("two"), chain("begin", "one", "two")))
    ref = next(iter(begun.tasks))
    begun.complete("one")
    with pytest.raises(instances.NotWaiting):
        begun.complete_ref(ref, {})
