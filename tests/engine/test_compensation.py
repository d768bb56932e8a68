"""Compensation: BPMN 2.0.2, 10.7 and 13.5.5."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.step import StepFailed
from tests.engine.build import (
    MULTIPLE,
    ad_hoc,
    both,
    boundary,
    bpmn,
    call,
    chain,
    compensation,
    document,
    each,
    end,
    error,
    event_sub,
    flow,
    script,
    service,
    start,
    sub,
    terminate,
    throw,
    timer,
    undoing,
    undone_by,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import Run, run

BOOK = user("book") + undone_by("book", "unbook") + undoing(user("unbook"))
LOGGED = "log = log + [n]"


def booking(*more: str) -> bytes:
    """A booking, then whatever the flows say."""
    return bpmn(start(), BOOK, user("after"), end(), *more)


def counted(loop: str = "", undo: str = LOGGED) -> str:
    """A script that counts, and one that logs what its count was."""
    return script("count", "n = n + 1", loop) + undone_by("count", "log_it") + undoing(script("log_it", undo))


def test_the_handler_runs_with_what_the_activity_left_and_the_thrower_waits() -> None:
    begun = run(booking(user("more"), throw("undo", compensation()), chain("begin", "book", "more", "undo", "after")))
    begun.complete("book", seat=7).complete("more", seat=8, why="rain")
    assert (begun.open, begun.data_of("unbook")) == (["unbook"], {"seat": 7, "why": "rain"})
    begun.complete("unbook", refund=True)
    assert (begun.open, begun.data_of("after")) == (["after"], {"seat": 8, "why": "rain", "refund": True})
    assert begun.data == {"seat": 8, "why": "rain", "refund": True}
    assert begun.visited() == ["begin", "book", "more", "undo", "book_undone", "unbook"]


def test_what_completed_last_is_undone_first_one_after_another() -> None:
    parts = [user(f"do{n}") + undone_by(f"do{n}", f"undo{n}") + undoing(user(f"undo{n}")) for n in (1, 2, 3)]
    file = bpmn(
        *(start(), both("fork"), *parts, both("join"), throw("undo", compensation()), user("after")),
        *(chain("begin", "fork", "do1", "join", "undo", "after"), chain("fork", "do2", "join")),
        chain("fork", "do3", "join"),
    )
    begun = run(file).complete("do3").complete("do1").complete("do2")
    for ident in ("undo2", "undo1", "undo3"):
        assert begun.open == [ident]
        begun.complete(ident)
    assert begun.open == ["after"]


def test_what_has_not_completed_is_not_undone() -> None:
    file = bpmn(
        *(start(), both("fork"), BOOK, throw("undo", compensation()), user("after"), user("never"), end()),
        *(boundary("late", "book", timer("after", "P1D")), chain("late", "never")),
        *(chain("begin", "fork", "book", "done"), chain("fork", "undo", "after")),
    )
    assert run(file).open == ["after", "book"]
    interrupted = booking(
        *(boundary("late", "book", timer("after", "P1D")), throw("undo", compensation("book"))),
        *(chain("begin", "book", "done"), chain("late", "undo", "after")),
    )
    assert run(interrupted).fire("late").open == ["after"]


def test_a_completed_activity_is_undone_once() -> None:
    file = booking(
        *(throw("undo", compensation()), throw("again", compensation("book"))),
        chain("begin", "book", "undo", "again", "after"),
    )
    assert run(file).complete("book").complete("unbook").open == ["after"]


def test_two_throwers_share_what_is_to_be_undone() -> None:
    file = bpmn(
        *(start(), BOOK, both("fork"), throw("one", compensation()), throw("two", compensation()), user("a")),
        *(user("b"), chain("begin", "book", "fork", "one", "a"), chain("fork", "two", "b")),
    )
    begun = run(file).complete("book")
    assert begun.open == ["b", "unbook"]
    assert begun.complete("unbook").open == ["a", "b"]


def test_just_the_activity_that_is_named_is_undone() -> None:
    other = user("other") + undone_by("other", "unother") + undoing(user("unother"))
    file = booking(
        *(other, throw("undo", compensation("book")), throw("rest", compensation())),
        chain("begin", "book", "other", "undo", "after", "rest", "done"),
    )
    begun = run(file).complete("book").complete("other")
    assert begun.open == ["unbook"]
    begun.complete("unbook").complete("after")
    assert begun.open == ["unother"]
    assert begun.complete("unother").ended


def test_the_handlers_name_means_its_activity() -> None:
    """As older Flowable files have it."""
    file = booking(throw("undo", compensation("unbook")), chain("begin", "book", "undo", "after"))
    assert run(file).complete("book").open == ["unbook"]


def test_a_thrower_need_not_wait_and_the_process_ends_when_all_is_undone() -> None:
    file = booking(throw("undo", compensation(waits=False)), chain("begin", "book", "undo", "after", "done"))
    begun = run(file).complete("book")
    assert begun.open == ["after", "unbook"]
    assert not begun.complete("after").ended
    assert begun.complete("unbook", x=1).ended
    assert begun.data == {"x": 1}
    assert run(file).complete("book").complete("unbook").complete("after").ended


def test_an_end_event_undoes_too() -> None:
    begun = run(bpmn(start(), BOOK, end("undo", compensation()), chain("begin", "book", "undo"))).complete("book")
    assert (begun.open, begun.ended) == (["unbook"], False)
    assert begun.complete("unbook", x=1).ended
    assert begun.data == {"x": 1}


def test_without_anything_to_undo_the_process_goes_on() -> None:
    for thrown in (compensation(), compensation("book"), compensation(waits=False)):
        file = booking(throw("undo", thrown), chain("begin", "undo", "after", "book"))
        assert run(file).open == ["after"]


def test_each_round_of_a_loop_is_undone_with_what_it_left() -> None:
    file = bpmn(
        *(start(), xor("again"), counted(), xor("enough", "back"), throw("undo", compensation()), user("after")),
        *(chain("begin", "again", "count", "enough"), flow("enough", "undo", "n == 3")),
        *(flow("enough", "again", ident="back"), chain("undo", "after")),
    )
    begun = run(file, data={"n": 0, "log": []})
    assert (begun.open, begun.data_of("after")) == (["after"], {"n": 3, "log": [3, 2, 1]})


@pytest.mark.parametrize(
    "loop", [each("items"), each("items", sequential=True), while_true("n < 3"), while_true(most=3)]
)
def test_each_round_of_a_repeated_activity_is_undone(loop: str) -> None:
    undo = "log = log + [loopCounter]"
    file = bpmn(
        *(start(), counted(loop, undo), user("more"), throw("undo", compensation("count")), user("after")),
        chain("begin", "count", "more", "undo", "after"),
    )
    begun = run(file, data={"items": [1, 2, 3], "n": 0, "log": []}).complete("more")
    assert begun.data["log"] == [2, 1, 0]
    rounds = [visit.loop for visit in begun.visits if visit.element == "log_it"]
    assert rounds == ["3", "2", "1"]


def test_the_item_of_a_round_is_known_to_what_undoes_it() -> None:
    file = bpmn(
        *(start(), user("ask", each("people", "who")), undone_by("ask", "tell"), undoing(user("tell"))),
        *(throw("undo", compensation()), user("after"), chain("begin", "ask", "undo", "after")),
    )
    begun = run(file, data={"people": ["a", "b"]}).complete("ask", nth=1, said="no").complete("ask", said="yes")
    assert begun.data_of("tell") == {"people": ["a", "b"], "who": "a", "loopCounter": 0, "said": "yes"}
    begun.complete("tell")
    assert begun.data_of("tell") == {"people": ["a", "b"], "who": "b", "loopCounter": 1, "said": "no"}
    assert "who" not in begun.complete("tell").data_of("after")


def test_a_finished_sub_process_is_undone_by_undoing_what_is_inside() -> None:
    inner = sub("trip", start("in"), BOOK, user("pack"), end("out"), chain("in", "book", "pack", "out"))
    file = bpmn(
        *(start(), inner, user("more"), throw("undo", compensation("trip")), user("after")),
        chain("begin", "trip", "more", "undo", "after"),
    )
    begun = run(file, data={"seat": 0}).complete("book", seat=1).complete("pack", seat=2).complete("more", seat=3)
    assert (begun.open, begun.data_of("unbook")) == (["unbook"], {"seat": 1})
    begun.complete("unbook", gone=True)
    assert (begun.open, begun.data_of("after")) == (["after"], {"seat": 3, "gone": True})
    assert begun.visited().count("trip") == 1


@pytest.mark.parametrize("sequential", [False, True])
def test_rounds_of_a_sub_process_are_undone_newest_first_inside_and_out(sequential: bool) -> None:
    second = script("second", "x = i") + undone_by("second", "unsecond")
    undo = undoing(script("unsecond", "log = log + ['second ' + i]"))
    first = script("first", "x = i") + undone_by("first", "unfirst")
    first += undoing(script("unfirst", "log = log + ['first ' + i]"))
    inner = sub(
        *("part", start("in"), first, second, undo, end("out"), chain("in", "first", "second", "out")),
        loop=each("items", "i", sequential=sequential),
    )
    file = bpmn(start(), inner, throw("undo", compensation()), user("after"), chain("begin", "part", "undo", "after"))
    begun = run(file, data={"items": ["a", "b"], "log": []})
    assert begun.data["log"] == ["second b", "first b", "second a", "first a"]


def test_sub_processes_inside_sub_processes_are_undone() -> None:
    deep = sub("deep", start("in2"), BOOK, end("out2"), chain("in2", "book", "out2"))
    inner = sub("part", start("in1"), deep, end("out1"), chain("in1", "deep", "out1"))
    file = bpmn(start(), inner, throw("undo", compensation()), user("after"), chain("begin", "part", "undo", "after"))
    begun = run(file).complete("book", seat=1)
    assert begun.data_of("unbook") == {"seat": 1}
    assert begun.complete("unbook").open == ["after"]


def test_a_sub_process_with_a_handler_is_undone_by_that_alone() -> None:
    inner = sub("trip", start("in"), BOOK, end("out"), chain("in", "book", "out"))
    file = bpmn(
        *(start(), inner, undone_by("trip", "untrip"), undoing(user("untrip")), throw("undo", compensation())),
        *(user("after"), chain("begin", "trip", "undo", "after")),
    )
    begun = run(file).complete("book", seat=1)
    assert (begun.open, begun.data_of("untrip")) == (["untrip"], {"seat": 1})
    assert begun.complete("untrip").open == ["after"]


def test_a_sub_process_with_a_compensation_event_sub_process_is_undone_by_that_in_its_data() -> None:
    undo = event_sub("care", compensation(), user("call_off"), end("out2"), chain("care_on", "call_off", "out2"))
    inner = sub("trip", start("in"), user("plan"), undo, end("out"), chain("in", "plan", "out"))
    file = bpmn(
        *(start(), inner, user("more"), throw("undo", compensation()), user("after")),
        chain("begin", "trip", "more", "undo", "after"),
    )
    begun = run(file).complete("plan", seat=1)
    assert begun.open == ["more"]
    begun.complete("more", seat=2, why="rain")
    assert (begun.open, begun.data_of("call_off")) == (["call_off"], {"seat": 1, "why": "rain"})
    assert begun.complete("call_off", x=1).data_of("after") == {"seat": 2, "why": "rain", "x": 1}


def test_a_compensation_event_sub_process_may_undo_what_is_in_its_sub_process() -> None:
    undo = event_sub(
        *("care", compensation(), throw("undo_all", compensation()), user("tell"), end("out2")),
        chain("care_on", "undo_all", "tell", "out2"),
    )
    inner = sub("trip", start("in"), BOOK, undo, end("out"), chain("in", "book", "out"))
    file = bpmn(start(), inner, throw("undo", compensation()), user("after"), chain("begin", "trip", "undo", "after"))
    begun = run(file).complete("book", seat=1)
    assert begun.open == ["unbook"]
    begun.complete("unbook", gone=1)
    assert (begun.open, begun.data_of("tell")) == (["tell"], {"seat": 1, "gone": 1})
    assert begun.complete("tell").open == ["after"]


def test_from_inside_an_event_sub_process_the_scope_around_is_undone() -> None:
    care = event_sub(
        *("care", error(), throw("undo", compensation()), user("tell"), end("out2")),
        chain("care_on", "undo", "tell", "out2"),
    )
    inner = sub(
        *("trip", start("in"), BOOK, user("pay"), end("fail", error()), care),
        chain("in", "book", "pay", "fail"),
    )
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "trip", "after")))
    begun.complete("book", seat=1).complete("pay", paid=False)
    assert begun.open == ["unbook"]
    begun.complete("unbook", gone=1)
    assert (begun.open, begun.data_of("tell")) == (["tell"], {"seat": 1, "paid": False, "gone": 1})
    assert begun.complete("tell").open == ["after"]


def test_from_inside_an_event_sub_process_the_scope_around_may_be_named() -> None:
    care = event_sub("care", error(), end("undo", compensation("trip")), chain("care_on", "undo"))
    inner = sub("trip", start("in"), BOOK, end("fail", error()), care, chain("in", "book", "fail"))
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "trip", "after"))).complete("book")
    assert begun.open == ["unbook"]
    assert begun.complete("unbook").open == ["after"]


def test_a_thrower_inside_a_sub_process_leaves_alone_what_is_outside() -> None:
    inner = sub("part", start("in"), throw("undo", compensation()), user("more"), chain("in", "undo", "more"))
    assert run(booking(inner, chain("begin", "book", "part", "after"))).complete("book").open == ["more"]


def test_called_processes_are_undone_by_their_callers_handler_only() -> None:
    """As vendors have it: a call is a border that compensation does not cross."""
    called = whole(start("in"), BOOK, end("out"), chain("in", "book", "out"), process="q")
    caller = whole(
        *(start(), call("ask", "q"), throw("undo", compensation()), user("after"), end()),
        chain("begin", "ask", "undo", "after", "done"),
    )
    assert run(document(caller, called)).complete("q/book").open == ["after"]
    handled = whole(
        *(start(), call("ask", "q"), undone_by("ask", "unask"), undoing(call("unask", "r")), user("after"), end()),
        *(throw("undo", compensation()), chain("begin", "ask", "undo", "after", "done")),
    )
    undo = whole(start("in2"), user("tell"), end("out2"), chain("in2", "tell", "out2"), process="r")
    begun = run(document(handled, called, undo)).complete("q/book", seat=1)
    assert begun.data_of("r/tell") == {"seat": 1}
    assert begun.complete("r/tell", x=1).data_of("after") == {"seat": 1, "x": 1}


def test_a_called_process_undoes_what_is_its_own() -> None:
    called = whole(
        *(start("in"), BOOK, throw("undo", compensation("book")), end("out"), chain("in", "book", "undo", "out")),
        process="q",
    )
    caller = whole(start(), call("ask", "q"), user("after"), end(), chain("begin", "ask", "after", "done"))
    begun = run(document(caller, called)).complete("q/book")
    assert begun.open == ["q/unbook"]
    assert begun.complete("q/unbook").open == ["after"]


@pytest.mark.parametrize(
    "handler",
    [
        service("unbook"),
        sub("unbook", start("in"), service("refund"), end("out"), chain("in", "refund", "out")),
        service("unbook", inner=f'<{MULTIPLE} isSequential="true"><loopCardinality>1</loopCardinality></{MULTIPLE}>'),
    ],
)
def test_any_activity_may_undo(handler: str) -> None:
    file = bpmn(
        *(start(), user("book"), undone_by("book", "unbook"), undoing(handler), throw("undo", compensation())),
        *(user("after"), end(), chain("begin", "book", "undo", "after", "done")),
    )
    begun = run(file).complete("book")
    (asked,) = begun.asked.values()
    begun.answer(asked.element, refund=1)
    assert (begun.open, begun.data_of("after")) == (["after"], {"refund": 1})


def test_a_handler_may_be_interrupted_by_an_event_on_its_boundary() -> None:
    file = booking(
        *(boundary("late", "unbook", timer("after", "P1D")), user("chase"), throw("undo", compensation())),
        *(chain("begin", "book", "undo", "after", "done"), chain("late", "chase")),
    )
    begun = run(file).complete("book").fire("late")
    assert begun.open == ["after", "chase"]
    assert begun.complete("after").complete("chase").ended


def test_a_reminder_on_a_handler_outlives_it() -> None:
    bell = boundary("bell", "unbook", timer("every", "R/PT1H"), interrupting=False)
    file = booking(
        *(bell, user("chase"), throw("undo", compensation())),
        *(chain("begin", "book", "undo", "after", "done"), chain("bell", "chase")),
    )
    begun = run(file).complete("book").fire("bell").complete("unbook")
    assert (begun.open, begun.due) == (["after", "chase"], {})
    assert begun.complete("chase", x=1).complete("after").ended
    assert begun.data == {"x": 1}


def test_the_end_of_a_scope_ends_what_is_being_undone_in_it() -> None:
    inner = sub(
        *("part", start("in"), BOOK, both("fork"), throw("undo", compensation()), user("stop")),
        *(end("off", terminate()), chain("in", "book", "fork", "undo"), chain("fork", "stop", "off")),
    )
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "part", "after"))).complete("book")
    assert begun.open == ["stop", "unbook"]
    assert begun.complete("stop").open == ["after"]
    assert begun.visited("cancelled") == ["unbook"]


def test_what_undoes_is_never_reached_by_the_ordinary_course() -> None:
    begun = run(bpmn(BOOK, start(), end(), chain("begin", "book", "done")))
    assert begun.open == ["book"]
    assert begun.complete("book").ended


def test_two_tokens_in_one_scope_are_both_undone() -> None:
    file = bpmn(
        *(start(), both("fork"), xor("merge"), BOOK, both("join"), throw("undo", compensation()), user("after")),
        *(chain("begin", "fork", "merge", "book"), flow("fork", "merge", ident="second"), user("last")),
        *(chain("fork", "last", "undo", "after"), flow("book", "join")),
    )
    begun = run(file).complete("book", n=1).complete("book", n=2).complete("last")
    assert begun.data_of("unbook")["n"] == 2
    assert begun.complete("unbook").data_of("unbook")["n"] == 1
    assert begun.complete("unbook").open == ["after"]


def test_activities_begun_in_an_ad_hoc_sub_process_are_undone() -> None:
    inner = ad_hoc("part", BOOK, until="done")
    file = bpmn(start(), inner, throw("undo", compensation()), user("after"), chain("begin", "part", "undo", "after"))
    begun = run(file, data={"done": False})
    begun.complete("part", next_activity="book").complete("part", next_activity="book")
    begun.complete("book", n=1).complete("book", n=2, done=True)
    assert begun.data_of("unbook")["n"] == 2
    assert begun.complete("unbook").complete("unbook").open == ["after"]


def test_a_failing_handler_fails_the_step_and_leaves_all_as_it_was() -> None:
    file = bpmn(
        *(start(), user("book"), undone_by("book", "unbook"), undoing(script("unbook", "x = 1 / 0"))),
        *(user("more"), throw("undo", compensation()), end(), chain("begin", "book", "more", "undo", "done")),
    )
    begun = run(file).complete("book")
    with pytest.raises(StepFailed) as failed:
        begun.complete("more")
    assert (failed.value.element, begun.open) == ("unbook", ["more"])


def test_undoing_thousands_stays_within_the_budget() -> None:
    loop = while_true("n < 3000")
    file = bpmn(
        *(start(), counted(loop, "m = m + 1"), throw("undo", compensation()), user("after")),
        chain("begin", "count", "undo", "after"),
    )
    assert run(file, data={"n": 0, "m": 0}).data == {"n": 3000, "m": 3000}
    more = run(file.replace(b"3000", b"9000").replace(b'"begin" targetRef="count"', b'"begin" targetRef="after"'))
    assert more.open == ["after"]


def test_processes_without_compensation_keep_nothing_for_it() -> None:
    file = bpmn(start(), user("one", each("items")), user("two"), chain("begin", "one", "two"))
    begun: Run = run(file, data={"items": [1, 2]}).complete("one").complete("one")
    assert begun.loaded().memory == {}
    kept = run(booking(chain("begin", "book", "after"))).complete("book", seat=1)
    assert [record["of"] for record in kept.loaded().memory["undo"]] == ["book"]


Tree = list[Any]
"""What happens in turn: an activity's number, or what a sub-process does, once or twice."""
LEAVES = st.integers(min_value=0, max_value=99)
TREES = st.recursive(st.lists(LEAVES, min_size=1, max_size=3), lambda inner: st.lists(inner | LEAVES, max_size=3))


def drawn(tree: Tree, names: Iterator[str], line: list[str]) -> str:
    """The parts of a scope, the ids of its line of activities appended."""
    parts = []
    for node in tree:
        name = next(names)
        line.append(name)
        if isinstance(node, int):
            note = "%s = %s + ['" + name + "' + str(k)]"
            done, undone = note % ("done", "done"), note % ("undone", "undone")
            undoes = script(f"un{name}", undone) if node % 3 else user(f"un{name}")
            parts += [script(name, done), undone_by(name, f"un{name}"), undoing(undoes)]
        else:
            inner = [f"{name}in"]
            body = drawn(node, names, inner)
            loop = each("[1, 2]", "k", sequential=True) if len(node) % 2 else ""
            parts.append(sub(name, start(f"{name}in"), body, chain(*inner), loop=loop))
    return "\n".join(parts)


@given(TREES)
@settings(deadline=None, max_examples=60)
def test_everything_is_undone_in_the_reverse_order_of_its_completion(tree: Tree) -> None:
    line = ["begin"]
    parts = drawn(tree, (f"a{number}" for number in count()), line)
    file = bpmn(
        *(start(), parts, user("more"), throw("undo", compensation()), user("after")),
        chain(*line, "more", "undo", "after"),
    )
    begun = run(file, data={"done": [], "undone": [], "k": 0}).complete("more")
    asked = []
    while begun.open != ["after"]:
        (task,) = begun.tasks.values()
        asked.append(f"{task.element[2:]}{task.data['k']}")
        begun.complete_ref(task.ref, {})
    undone = begun.data["undone"]
    assert sorted(undone + asked) == sorted(begun.data["done"])
    expected = list(reversed(begun.data["done"]))
    assert undone == [one for one in expected if one not in asked]
    assert asked == [one for one in expected if one in asked]
