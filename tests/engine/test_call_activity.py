"""Call activities: BPMN 2.0.2, 10.3.6 and 13.3.4."""

from __future__ import annotations

from pathlib import Path

from engine.definitions import Compiled, dump, load, read_bundle, with_forms
from engine.step import World
from tests.engine.build import (
    ad_hoc,
    both,
    bpmn,
    call,
    catch,
    chain,
    compensation,
    document,
    each,
    end,
    lane_set,
    message,
    start,
    sub,
    throw,
    undoing,
    undone_by,
    user,
    whole,
)
from tests.engine.runs import NOON, compiled, run, run_compiled

FILES = Path(__file__).parent / "files"
CALLED = whole(
    *(start("begin_q"), user("check"), end("done_q"), chain("begin_q", "check", "done_q")),
    process="q",
)


def test_it_takes_the_data_along_and_brings_back_what_changed() -> None:
    caller = whole(start(), call("ask_them", "q"), user("after"), end(), chain("begin", "ask_them", "after", "done"))
    begun = run(document(caller, CALLED), data={"x": 1, "kept": [1]})
    assert begun.data_of("q/check") == {"x": 1, "kept": [1]}
    begun.complete("q/check", x=2, y=3)
    assert begun.data_of("after") == {"x": 2, "y": 3, "kept": [1]}
    assert begun.complete("after").ended


def test_tasks_of_a_called_process_without_lanes_stand_in_the_callers() -> None:
    caller = whole(
        *(start(), call("ask_them", "q"), end(), chain("begin", "ask_them", "done")),
        lanes=lane_set(teacher="begin ask_them done"),
    )
    begun = run(document(caller, CALLED))
    assert [task.lane for task in begun.tasks.values()] == ["teacher"]


def test_a_called_processs_own_lanes_win() -> None:
    caller = whole(
        *(start(), call("ask_them", "q"), end(), chain("begin", "ask_them", "done")),
        lanes=lane_set(teacher="begin ask_them done"),
    )
    called = whole(
        *(start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out")),
        process="q",
        lanes=lane_set(finance="one").replace('id="lanes"', 'id="lanes_q"'),
    )
    begun = run(document(caller, called))
    assert [task.lane for task in begun.tasks.values()] == ["finance"]
    begun.complete("q/one")
    assert [task.lane for task in begun.tasks.values()] == ["teacher"]


def test_the_lane_reaches_down_through_two_calls() -> None:
    caller = whole(
        *(start(), call("outer", "q"), end(), chain("begin", "outer", "done")), lanes=lane_set(teacher="outer")
    )
    middle = whole(start("in"), call("inner", "r"), end("out"), chain("in", "inner", "out"), process="q")
    last = whole(start("in2"), user("deep"), end("out2"), chain("in2", "deep", "out2"), process="r")
    begun = run(document(caller, middle, last))
    assert [(task.element, task.lane) for task in begun.tasks.values()] == [("r/deep", "teacher")]
    assert begun.complete("r/deep").ended


def test_a_called_process_begins_at_its_start_without_a_trigger() -> None:
    called = whole(
        *(start("plain"), start("by_mail", message()), user("a"), user("b"), end("out")),
        *(chain("by_mail", "a", "out"), chain("plain", "b", "out")),
        process="q",
    )
    caller = whole(start(), call("ask_them", "q"), end(), chain("begin", "ask_them", "done"))
    assert run(document(caller, called)).open == ["q/b"]


def test_elements_of_files_that_share_ids_are_told_apart() -> None:
    """Ids are unique within a file; a call brings several files together."""
    caller = bpmn(
        *(start(), user("work", name="Ours"), call("ask_them", "q"), end()),
        chain("begin", "work", "ask_them", "done"),
    )
    called = bpmn(start(), user("work", name="Theirs"), end(), chain("begin", "work", "done"), process="q")
    definition = compiled(caller, called)
    begun = run(caller, called)
    (ours,) = begun.tasks.values()
    begun.complete("work")
    (theirs,) = begun.tasks.values()
    names = [node.name if (node := definition.node(task.element)) else None for task in (ours, theirs)]
    assert names == ["Ours", "Theirs"]
    begun.complete(theirs.element)
    assert begun.ended
    visits = begun.visited()
    assert visits.count("begin") == visits.count("work") == visits.count("done") == 1


def test_a_process_called_in_one_upload_may_be_called_from_another_later() -> None:
    """What was deployed is bound at deploy, with everything it calls."""
    inner = bpmn(start(), user("deep"), end(), chain("begin", "deep", "done"), process="r")
    middle = bpmn(start(), user("mid"), call("inner", "r"), end(), chain("begin", "mid", "inner", "done"), process="q")
    outer = bpmn(start(), user("mine"), call("outer", "q"), end(), chain("begin", "mine", "outer", "done"))
    deployed = {"q": load(dump(compiled(inner, middle, process="q")))}
    bundle = read_bundle({"p.bpmn": outer}, deployed.get)
    assert bundle.report.accepted

    begun = run_compiled(bundle.definitions[0][1], World(NOON))
    seen = []
    while not begun.ended:
        (task,) = begun.tasks.values()
        node = begun.definition.node(task.element)
        assert node is not None
        seen.append(task.element)
        begun.complete(task.element)
    assert len(seen) == len(set(seen)) == 3


def test_a_call_may_be_repeated() -> None:
    caller = whole(start(), call("ask_them", "q", each("people", "who")), end(), chain("begin", "ask_them", "done"))
    begun = run(document(caller, CALLED), data={"people": ["a", "b"]})
    assert [task.data["who"] for task in begun.tasks.values()] == ["a", "b"]
    assert [task.loop for task in begun.tasks.values()] == ["1", "2"]
    assert begun.complete("q/check").complete("q/check").ended


def test_the_sample_files_call_runs() -> None:
    names = ("subprocess_call", "called_assessment")
    begun = run(*((FILES / f"{name}.bpmn").read_bytes() for name in names), process="subprocess_call")
    begun.complete("check_device", ok=True)
    (task,) = begun.tasks.values()
    begun.complete(task.element, score=95)
    assert begun.ended
    assert begun.data == {"ok": True, "score": 95, "level": "A"}


def test_missing_and_circular_calls_are_refused_at_upload() -> None:
    caller = bpmn(start(), call("ask_them", "q"), end(), chain("begin", "ask_them", "done"))
    back = bpmn(start(), call("ask_back", "p"), end(), chain("begin", "ask_back", "done"), process="q")

    def codes(*files: bytes, deployed: Compiled | None = None) -> set[tuple[str, str]]:
        bundle = read_bundle({f"{n}.bpmn": file for n, file in enumerate(files)}, lambda _: deployed)
        return {(problem.code, problem.element) for problem in bundle.report.problems}

    assert codes(caller) == {("call-missing", "ask_them")}
    assert codes(caller, back) == {("cyclic-call", "ask_them"), ("cyclic-call", "ask_back")}
    unnamed = bpmn(start(), call("ask_them", ""), end(), chain("begin", "ask_them", "done"))
    assert codes(unnamed) == {("call-missing", "ask_them")}


def test_a_call_back_through_what_is_deployed_is_refused() -> None:
    """q as deployed calls an older p: a p that calls q would go round."""
    old = bpmn(start(), user("work"), end(), chain("begin", "work", "done"))
    q = compiled(old, bpmn(start(), call("c", "p"), end(), chain("begin", "c", "done"), process="q"), process="q")
    fresh = bpmn(start(), call("c", "q"), end(), chain("begin", "c", "done"))
    bundle = read_bundle({"p.bpmn": fresh}, {"q": q}.get)
    assert [problem.code for problem in bundle.report.problems] == ["cyclic-call"]


def test_calls_that_nest_too_deep_are_refused_at_upload() -> None:
    processes = [
        whole(
            *(start(f"b{n}"), call(f"c{n}", f"p{n + 1}"), end(f"e{n}"), chain(f"b{n}", f"c{n}", f"e{n}")),
            process=f"p{n}",
        )
        for n in range(150)
    ]
    processes.append(whole(start("b"), user("u"), end("e"), chain("b", "u", "e"), process="p150"))
    bundle = read_bundle({"deep.bpmn": document(*processes)})
    assert not bundle.report.accepted
    assert "calls-too-deep" in {problem.code for problem in bundle.report.problems}


def test_the_forms_of_a_deployed_process_come_along() -> None:
    called = compiled(
        bpmn(start(), user("work"), end(), chain("begin", "work", "done"), process="q"),
        process="q",
    )
    caller = bpmn(start(), user("work"), call("c", "q"), end(), chain("begin", "work", "c", "done"))
    bundle = read_bundle({"p.bpmn": caller}, {"q": with_forms(called, {"work": "digest", "r/work": "other"})}.get)
    assert bundle.definitions[0][1].forms == {"q/work": "digest", "r/work": "other"}


def test_a_called_process_begins_at_all_its_starts_without_a_trigger() -> None:
    called = whole(
        *(start("one"), start("two"), start("by_mail", message()), user("a"), user("b"), user("c"), end("out")),
        *(chain("one", "a", "out"), chain("two", "b", "out"), chain("by_mail", "c", "out")),
        process="q",
    )
    caller = whole(start(), call("ask_them", "q"), user("after"), end(), chain("begin", "ask_them", "after", "done"))
    begun = run(document(caller, called))
    assert begun.open == ["q/a", "q/b"]
    assert begun.complete("q/a").complete("q/b").open == ["after"]


def test_a_called_process_that_only_begins_by_triggers_begins_at_those() -> None:
    called = whole(start("by_mail", message()), user("a"), end("out"), chain("by_mail", "a", "out"), process="q")
    caller = whole(start(), call("ask_them", "q"), end(), chain("begin", "ask_them", "done"))
    assert run(document(caller, called)).open == ["q/a"]


def test_the_lane_reaches_into_everything_that_may_open_a_task() -> None:
    """Fault 17 of the library: lanes end at a call."""
    called = whole(
        *(start("in"), user("book"), undone_by("book", "unbook"), undoing(user("unbook"))),
        *(sub("part", start("in2"), user("one"), chain("in2", "one")), ad_hoc("any", user("two"), sequential=True)),
        *(user("each", each("[1, 2]", "n")), catch("said"), throw("undo", compensation())),
        chain("in", "book", "part", "any", "each", "said", "undo"),
        process="q",
    )
    caller = whole(
        *(start(), call("ask_them", "q"), end(), chain("begin", "ask_them", "done")),
        lanes=lane_set(teacher="begin ask_them done"),
    )
    begun = run(document(caller, called))
    seen = []
    while not begun.ended:
        task = next(iter(begun.tasks.values()))
        seen.append((task.element, task.lane))
        choice = {"next_activity": ".finish" if ("q/two", "teacher") in seen else "two"}
        begun.complete_ref(task.ref, choice if task.element == "q/any" else {})
    assert {lane for _, lane in seen} == {"teacher"}
    assert [element for element, _ in seen] == [
        *("q/book", "q/one", "q/any", "q/two", "q/any", "q/each", "q/each", "q/said", "q/unbook"),
    ]


def test_a_process_may_be_called_by_two_branches_at_once() -> None:
    caller = whole(
        *(start(), both("fork"), call("here", "q"), call("there", "q"), both("join"), user("after"), end()),
        *(chain("begin", "fork", "here", "join", "after", "done"), chain("fork", "there", "join")),
    )
    begun = run(document(caller, CALLED), data={"x": 0})
    assert begun.open == ["q/check", "q/check"]
    begun.complete("q/check", nth=1, y=2).complete("q/check", x=1)
    assert begun.data_of("after") == {"x": 1, "y": 2}
