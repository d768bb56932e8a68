"""Whether an instance can end without a task: small cases by hand, and random processes that the engine itself runs."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.definitions import Compiled
from engine.definitions.avoidance import Avoidance, Verdict, Way
from engine.definitions.exits import Steps
from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Node, Scope
from engine.definitions.parts import Expr
from engine.step import World
from tests.engine.build import (
    EVENTS,
    ad_hoc,
    both,
    boundary,
    bpmn,
    call,
    cancel,
    catch,
    chain,
    compensation,
    each,
    end,
    error,
    escalation,
    event_sub,
    first_of,
    flow,
    message,
    script,
    some,
    start,
    sub,
    terminate,
    throw,
    timer,
    times,
    transaction,
    undoing,
    undone_by,
    user,
    while_true,
    xor,
)
from tests.engine.drawing import FLAGS, Block
from tests.engine.random_processes import blocks, definition_of
from tests.engine.runs import NOON, Run, compiled, run_compiled

KEPT, AVOIDED, UNPROVED = Verdict.KEPT, Verdict.AVOIDED, Verdict.UNPROVED


def way(*parts: str, x: str = "x", waived: tuple[str, ...] = ()) -> Way:
    definition = compiled(bpmn(*parts, declarations=EVENTS))
    return Avoidance(definition, waived).way_round({x})


def ids(found: Way) -> list[str]:
    return [node.id for node in found.path]


PLAIN = (start(), user("x"), end(), chain("begin", "x", "done"))
INNER = sub("s", start("b"), user("x"), end("e"), chain("b", "x", "e"))
ROUND = (start(), end(), chain("begin", "s", "done"))
LATE = (boundary("late", "s", timer("after", "P1D")), end("gone"), flow("late", "gone"))


def test_a_task_in_a_line_cannot_be_avoided() -> None:
    assert way(*PLAIN) == Way(KEPT)


def test_a_gateway_before_it_leads_past() -> None:
    found = way(
        start(), xor("ask", default="no"), user("x"), end(), chain("begin", "ask"),
        flow("ask", "x", "a == 1"), flow("ask", "done", ident="no"), flow("x", "done"),
    )  # fmt: skip
    assert (found.verdict, ids(found)) == (AVOIDED, ["begin", "ask", "done"])


@pytest.mark.parametrize(("condition", "verdict"), [("True", KEPT), ("1 == 1", KEPT), ("a == 1", AVOIDED)])
def test_a_condition_that_always_holds_is_no_choice(condition: str, verdict: Verdict) -> None:
    found = way(
        start(), xor("ask", default="no"), user("x"), end(), chain("begin", "ask"),
        flow("ask", "x", condition), flow("ask", "done", ident="no"), flow("x", "done"),
    )  # fmt: skip
    assert found.verdict is verdict


def test_a_parallel_branch_waits_for_the_other() -> None:
    parts = [start(), both("f"), both("j"), user("x"), user("y"), end(), chain("begin", "f", "x", "j", "done")]
    assert way(*parts, chain("f", "y", "j")).verdict is KEPT
    assert way(*parts, chain("f", "y"), end("other"), flow("y", "other"), flow("f", "j")).verdict is KEPT


def test_a_terminate_end_in_the_other_branch_does_not_wait() -> None:
    found = way(
        start(), both("f"), user("x"), user("y"), end(), end("stop", terminate()),
        chain("begin", "f", "x", "done"), chain("f", "y", "stop"),
    )  # fmt: skip
    assert (found.verdict, ids(found)[-2:]) == (AVOIDED, ["y", "stop"])


def test_an_inclusive_branch_may_not_be_taken() -> None:
    def split(condition: str) -> Way:
        return way(
            start(), some("f"), some("j"), user("x"), user("y"), end(), chain("begin", "f"),
            flow("f", "x", condition), flow("f", "y", "b == 1"), chain("x", "j", "done"), flow("y", "j"),
        )  # fmt: skip

    assert ids(split("a == 1")) == ["begin", "f", "y", "j", "done"]
    assert split("True").verdict is KEPT


def test_an_event_gateway_takes_one_way() -> None:
    parts = [start(), first_of("g"), catch("m", message()), catch("t", timer("after", "P1D")), user("x"), end()]
    parts += [chain("begin", "g", "m", "x", "done"), chain("g", "t")]
    assert way(*parts, flow("t", "done")).verdict is AVOIDED
    assert way(*parts, flow("t", "x")).verdict is KEPT


def test_a_loop_back_still_passes_it() -> None:
    parts = [start(), user("x"), xor("again", default="on"), end(), chain("begin", "x", "again")]
    parts += [flow("again", "x", "more"), flow("again", "done", ident="on")]
    assert way(*parts).verdict is KEPT


@pytest.mark.parametrize(
    ("loop", "verdict"),
    [
        (each("people"), AVOIDED),
        (times("3"), KEPT),
        (times("0"), AVOIDED),
        (times("n"), AVOIDED),
        (while_true("go", test_before=True), AVOIDED),
        (while_true("go"), KEPT),
        (while_true("True", test_before=True, most=2), KEPT),
    ],
)
def test_what_is_repeated_may_have_no_round(loop: str, verdict: Verdict) -> None:
    assert way(start(), user("x", loop), end(), chain("begin", "x", "done")).verdict is verdict
    inner = sub("s", start("b"), user("x"), end("e"), chain("b", "x", "e"), loop=loop)
    assert way(*ROUND, inner).verdict is verdict


def test_an_event_on_its_boundary_leaves_it() -> None:
    late = (boundary("late", "x", timer("after", "P1D")), end("gone"), flow("late", "gone"))
    assert ids(way(*PLAIN, *late)) == ["begin", "x", "late", "gone"]
    beside = boundary("late", "x", timer("after", "P1D"), interrupting=False)
    assert way(*PLAIN, beside, *late[1:]).verdict is KEPT


def test_an_event_beside_it_that_ends_all_counts() -> None:
    beside = boundary("late", "x", timer("after", "P1D"), interrupting=False)
    assert way(*PLAIN, beside, end("gone", terminate()), flow("late", "gone")).verdict is AVOIDED


def test_an_event_on_what_it_is_inside_of_leaves_it() -> None:
    assert way(*ROUND, INNER).verdict is KEPT
    assert ids(way(*ROUND, INNER, *LATE)) == ["begin", "s", "late", "gone"]
    assert way(*ROUND, INNER, *LATE, waived=("late",)).verdict is KEPT
    assert way(*ROUND, INNER, *LATE, waived=("gone",)).verdict is KEPT


def test_an_event_on_what_takes_no_time_never_happens() -> None:
    found = way(
        start(), script("s", "a = 1"), user("x"), end(), chain("begin", "s", "x", "done"), *LATE,
    )  # fmt: skip
    assert found.verdict is KEPT


def test_an_event_sub_process_ends_what_its_scope_does() -> None:
    aside = event_sub("aside", message(), end("stopped"), flow("aside_on", "stopped"))
    assert ids(way(*PLAIN, aside)) == ["aside", "aside_on", "stopped"]
    beside = event_sub("aside", message(), end("stopped"), flow("aside_on", "stopped"), interrupting=False)
    assert way(*PLAIN, beside).verdict is KEPT
    within = event_sub("aside", message(), user("x2"), end("stopped"), chain("aside_on", "x2", "stopped"))
    definition = compiled(bpmn(*PLAIN, within, declarations=EVENTS))
    assert Avoidance(definition).way_round({"x", "x2"}).verdict is KEPT


def test_an_error_leaves_and_whoever_catches_it_goes_on() -> None:
    inner = sub(
        "s", start("b"), xor("ask", default="no"), end("bad", error("e_bad")), user("x"), end("e"),
        chain("b", "ask"), flow("ask", "bad", "a"), flow("ask", "x", ident="no"), flow("x", "e"),
    )  # fmt: skip
    assert ids(way(*ROUND, inner)) == ["begin", "s", "b", "ask", "bad"]
    caught = (boundary("oops", "s", error("e_bad")), user("y"), chain("oops", "y", "done"))
    assert ids(way(*ROUND, inner, *caught)) == ["begin", "s", "b", "ask", "bad", "oops", "y", "done"]
    mended = (boundary("oops", "s", error("e_bad")), flow("oops", "s"))
    assert way(*ROUND, inner, *mended).verdict is KEPT
    other = (boundary("oops", "s", error("e_worse")), user("y"), chain("oops", "y", "done"))
    assert ids(way(*ROUND, inner, *other))[-1] == "bad"


def test_an_escalation_leaves_only_where_it_interrupts() -> None:
    inner = sub("s", start("b"), throw("up", escalation("x_up")), user("x"), end("e"), chain("b", "up", "x", "e"))
    assert way(*ROUND, inner).verdict is KEPT
    caught = (boundary("up_on", "s", escalation("x_up")), end("gone"), flow("up_on", "gone"))
    assert ids(way(*ROUND, inner, *caught)) == ["begin", "s", "b", "up", "up_on", "gone"]
    beside = boundary("up_on", "s", escalation("x_up"), interrupting=False)
    assert way(*ROUND, inner, beside, *caught[1:]).verdict is KEPT
    always = sub("s", start("b"), throw("up", escalation("x_up")), end("e"), chain("b", "up", "e"))
    leads_to_x = (boundary("up_on", "s", escalation("x_up")), user("x"), end("gone"), chain("up_on", "x", "gone"))
    assert way(*ROUND, always, *leads_to_x).verdict is KEPT


def test_what_an_escalation_surely_begins_beside_is_said_to_be_unproved() -> None:
    inner = sub("s", start("b"), throw("up", escalation("x_up")), end("e"), chain("b", "up", "e"))
    beside = boundary("up_on", "s", escalation("x_up"), interrupting=False)
    found = way(*ROUND, inner, beside, user("x"), end("also"), chain("up_on", "x", "also"))
    assert (found.verdict, ids(found)[-1]) == (UNPROVED, "done")


def test_a_cancelled_transaction_leaves() -> None:
    inner = transaction(
        "s", start("b"), xor("ask", default="no"), end("off", cancel()), user("x"), end("e"),
        chain("b", "ask"), flow("ask", "off", "a"), flow("ask", "x", ident="no"), flow("x", "e"),
    )  # fmt: skip
    assert ids(way(*ROUND, inner)) == ["begin", "s", "b", "ask", "off", "done"]
    to_x = (boundary("was_off", "s", cancel()), user("y"), chain("was_off", "y", "s"))
    assert way(*ROUND, inner, *to_x).verdict is KEPT


def test_what_is_undone_again_is_not_proved() -> None:
    parts = (start(), user("x"), throw("undo", compensation()), end(), chain("begin", "x", "undo", "done"))
    found = way(*parts, undone_by("x", "back"), undoing(script("back", "a = 1")))
    assert (found.verdict, ids(found)) == (UNPROVED, ["x", "undo"])


def test_what_people_begin_at_will_may_never_be_begun() -> None:
    assert way(start(), ad_hoc("a", user("x"), user("y")), end(), chain("begin", "a", "done")).verdict is AVOIDED
    assert way(start(), user("x"), ad_hoc("a", user("y")), end(), chain("begin", "x", "a", "done")).verdict is KEPT


def test_a_called_process_is_looked_into() -> None:
    outer = bpmn(start(), call("c", "q"), end(), chain("begin", "c", "done"))
    definition = compiled(outer, bpmn(*PLAIN, process="q"))
    assert Avoidance(definition).way_round({"q/x"}).verdict is KEPT
    loose = bpmn(
        start(), xor("ask", default="no"), user("x"), end(), chain("begin", "ask"),
        flow("ask", "x", "a"), flow("ask", "done", ident="no"), flow("x", "done"), process="q",
    )  # fmt: skip
    found = Avoidance(compiled(outer, loose)).way_round({"q/x"})
    assert ids(found) == ["begin", "c", "q/begin", "q/ask", "q/done", "done"]


def test_one_of_several_places_is_enough() -> None:
    parts = [start(), xor("ask", default="no"), user("x"), user("y"), end(), chain("begin", "ask")]
    parts += [flow("ask", "x", "a"), flow("ask", "y", ident="no"), flow("x", "done"), flow("y", "done")]
    definition = compiled(bpmn(*parts))
    assert Avoidance(definition).way_round({"x"}).verdict is AVOIDED
    assert Avoidance(definition).way_round({"x", "y"}).verdict is KEPT


def test_each_start_event_begins_an_instance_of_its_own() -> None:
    other = start("other", message())
    assert ids(way(*PLAIN, other, flow("other", "done"))) == ["other", "done"]


def wide(*more: str, ways: int = 13) -> Way:
    """Three inclusive blocks of many branches in a row, then the task."""
    gateways = [some(f"g{n}") for n in range(4)]
    places = [(n, k) for n in range(3) for k in range(ways)]
    tasks = [user(f"t{n}_{k}") for n, k in places]
    flows = [flow(f"g{n}", f"t{n}_{k}", f"c{k}") + flow(f"t{n}_{k}", f"g{n + 1}") for n, k in places]
    return way(start(), *gateways, *tasks, *more, user("x"), end(), chain("begin", "g0"), *flows, chain("x", "done"))


def test_of_a_wide_split_each_branch_alone_is_enough() -> None:
    assert wide(flow("g3", "x")).verdict is KEPT
    assert wide(flow("g3", "x"), flow("g2", "done", "bored")).verdict is AVOIDED


def test_a_wide_split_whose_branches_wait_for_each_other_is_not_proved() -> None:
    assert wide(both("f"), both("j"), chain("g3", "f", "j", "x"), flow("f", "j", ident="also")).verdict is UNPROVED


def test_a_hostile_net_is_given_up_not_run_for_ever() -> None:
    fork = (start(), both("f"), user("x"), end(), chain("begin", "f", "x", "done"), user("y"), chain("f", "y", "f"))
    assert way(*fork).verdict in (KEPT, UNPROVED)
    beside = [boundary(f"b{n}", "u", timer("after", "P1D"), interrupting=False) for n in range(60)]
    drawn = [user(f"v{n}") + chain(f"b{n}", f"v{n}", "j") for n in range(60)]
    parts = (start(), user("u"), *beside, *drawn, both("j"), user("x"), end(), chain("begin", "u", "j", "x", "done"))
    definition = compiled(bpmn(*parts))
    assert Avoidance(definition, steps=Steps(20_000)).way_round({"x"}).verdict is UNPROVED


def test_questions_share_a_budget() -> None:
    asked = Avoidance(compiled(bpmn(*PLAIN)), steps=Steps(8))
    assert [asked.way_round({"x"}).verdict for _ in range(4)][-1] is UNPROVED


def test_many_branches_one_after_another_add_up() -> None:
    parts, ahead = [start()], "begin"
    for n in range(40):
        inner = [user(f"u{n}_{k}") for k in range(6)]
        parts += [both(f"f{n}"), both(f"j{n}"), *inner, flow(ahead, f"f{n}")]
        parts += [chain(f"f{n}", f"u{n}_{k}", f"j{n}") for k in range(6)]
        ahead = f"j{n}"
    steps = Steps(5_000)
    definition = compiled(bpmn(*parts, user("x"), end(), chain(ahead, "x", "done")))
    assert Avoidance(definition, steps=steps).way_round({"x"}).verdict is KEPT


# --- random processes, run by the engine ---


def people(definition: Compiled) -> list[str]:
    processes = (definition.process, *definition.called.values())
    return sorted(node.id for process in processes for node in process.scope.walk() if node.kind is Kind.USER)


def freed(definition: Compiled) -> Compiled:
    """Every condition on a flow asks a value of its own, but those that count rounds."""

    def scope(found: Scope) -> Scope:
        flows = tuple(
            msgspec.structs.replace(flow, condition=Expr(f"c_{flow.source}_{flow.target} == 1".replace("/", "_")))
            if flow.condition is not None and ">=" not in flow.condition.text
            else flow
            for flow in found.flows
        )
        return Scope(tuple(map(node, found.nodes)), flows)

    def node(found: Node) -> Node:
        return msgspec.structs.replace(found, body=scope(found.body)) if found.body is not None else found

    process = msgspec.structs.replace(definition.process, scope=scope(definition.process.scope))
    called = {key: msgspec.structs.replace(each, scope=scope(each.scope)) for key, each in definition.called.items()}
    return msgspec.structs.replace(definition, process=process, called=called)


def choices(definition: Compiled) -> list[tuple[str, str]]:
    processes = (definition.process, *definition.called.values())
    scopes = (scope for process in processes for scope in process.scope.scopes())
    return [
        (flow.condition.text.removesuffix(" == 1"), flow.target)
        for scope in scopes
        for flow in scope.flows
        if flow.condition is not None and flow.condition.text.startswith("c_")
    ]


def ways_on(begun: Run) -> Iterator[tuple[str, str]]:
    yield from (("task", task.element) for task in begun.tasks.values())
    yield from (("bell", timer.element) for timer in begun.timers.values())
    yield from (("sent", one.element) for one in begun.awaited.values())


def go(begun: Run, kind: str, element: str, values: dict[str, int]) -> None:
    if kind == "task":
        begun.complete(element, **values)
    elif kind == "bell":
        begun.fire(element)
    else:
        begun.reach(next(one for one in begun.awaited.values() if one.element == element), values)


def walk(definition: Compiled, data: dict[str, int], source: random.Random, *, without: str = "") -> Run:
    """A random way; `without` is never completed by hand, and nothing else is done once it alone is left."""
    begun = run_compiled(definition, World(NOON), data=data)
    for number in range(60):
        ways = sorted(each for each in set(ways_on(begun)) if each != ("task", without))
        if not ways:
            break
        go(begun, *source.choice(ways), {"last": number})
    return begun


flags = st.lists(st.integers(0, 1), min_size=len(FLAGS), max_size=len(FLAGS))


def no_run_avoids(block: Block, values: list[int], seed: int) -> None:
    source, definition = random.Random(seed), definition_of(block)
    assume(people(definition))
    for x in people(definition):
        if Avoidance(definition).way_round({x}).verdict is not KEPT:
            continue
        begun = walk(definition, dict(zip(FLAGS, values, strict=True)), source, without=x)
        assert not begun.ended, x
        begun = walk(definition, dict(zip(FLAGS, values, strict=True)), source)
        assert not begun.ended or x in begun.visited(), x


def a_run_takes_the_way(block: Block, seed: int) -> None:
    """Where a way is named, an instance led by it ends without the task."""
    source, definition = random.Random(seed), freed(definition_of(block))
    assume(people(definition))
    x = source.choice(people(definition))
    found = Avoidance(definition).way_round({x})
    if found.verdict is not AVOIDED:
        assert found.verdict is KEPT or "escalation" in str(block) or "signal" in str(block)
        return
    on_it = set(ids(found))
    assume(not any(_asks_values(node) for node in found.path))
    data = {name: int(target in on_it) for name, target in choices(definition)} | dict.fromkeys(FLAGS, 0)
    for _ in range(30):
        if led(definition, data, on_it, x, source):
            return
    raise AssertionError((x, ids(found)))


def led(definition: Compiled, data: dict[str, int], on_it: set[str], x: str, source: random.Random) -> bool:
    begun = run_compiled(definition, World(NOON), data=data)
    for number in range(80):
        ways = [each for each in sorted(set(ways_on(begun))) if each != ("task", x)]
        first = [each for each in ways if each[1] in on_it and each[0] != "task"] if source.random() < 0.7 else []
        then = first or [each for each in ways if each[1] in on_it] or ways
        if begun.ended or not then:
            break
        go(begun, *source.choice(then), {"last": 5 * number + 4})
    return begun.ended and x not in begun.visited()


def _asks_values(node: Node) -> bool:
    inner = node.body.nodes if node.by_event and node.body is not None else ()
    events = (node.event, *(each.event for each in inner))
    return any(event is not None and event.kind is EventKind.CONDITIONAL for event in events)


@given(blocks(), flags, st.integers(0, 2**32))
@settings(max_examples=60)
def test_no_run_ends_without_what_cannot_be_avoided(block: Block, values: list[int], seed: int) -> None:
    no_run_avoids(block, values, seed)


@given(blocks(), st.integers(0, 2**32))
@settings(max_examples=60)
def test_a_run_can_be_led_along_the_way_round(block: Block, seed: int) -> None:
    a_run_takes_the_way(block, seed)


@pytest.mark.slow
@given(blocks(), flags, st.integers(0, 2**32))
@settings(max_examples=1000)
def test_no_run_of_thousands_ends_without_what_cannot_be_avoided(block: Block, values: list[int], seed: int) -> None:
    no_run_avoids(block, values, seed)


@pytest.mark.slow
@given(blocks(), st.integers(0, 2**32))
@settings(max_examples=1000)
def test_thousands_of_runs_can_be_led_along_the_way_round(block: Block, seed: int) -> None:
    a_run_takes_the_way(block, seed)
