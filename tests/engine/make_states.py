"""Writes today's states for `test_states.py`: `python -m tests.engine.make_states 0.2` before releasing 0.2.

Each scenario is an instance half-way, with its definition as stored, and what is left to do to end it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.definitions import dump
from tests.engine.build import (
    EVENTS,
    ad_hoc,
    becomes,
    both,
    boundary,
    bpmn,
    call,
    cancel,
    catch,
    chain,
    compensation,
    document,
    each,
    end,
    error,
    escalation,
    event_sub,
    first_of,
    flow,
    lane_set,
    mapped,
    message,
    script,
    service,
    signal,
    some,
    start,
    sub,
    throw,
    timer,
    transaction,
    undoing,
    undone_by,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import Run, run

FOLDER = Path(__file__).parent / "states"
Way = list[tuple[str, str, dict[str, Any]]]
"""What is left to do: the verb of `Run`, its element or message, and the values."""


@dataclass(frozen=True)
class Scenario:
    name: str
    begun: Run
    way: Way


def scenarios() -> list[Scenario]:
    first = [_values(), _branches(), _inclusive(), _repeated(), _waiting(), _calling(), _looping(), _asking()]
    return [*first, _standing_by(), _collecting(), _failing(), _undoing(), _cancelling(), _choosing(), _mapping()]


def written(scenario: Scenario) -> dict[str, Any]:
    """The scenario as it is kept, with how it ends."""
    begun = scenario.begun
    kept = {
        "name": scenario.name,
        "definition": orjson.loads(dump(begun.definition)),
        "state": orjson.loads(begun.step.state),
        "revision": begun.revision,
        "now": begun.world.now.isoformat(),
        "tasks": {ref: [task.element, task.loop, task.lane] for ref, task in begun.tasks.items()},
        "timers": [[one.ref, one.slot, one.element, one.due_at.isoformat()] for one in begun.timers.values()],
        "awaited": [[one.ref, one.slot, one.element, one.name, one.key, one.kind] for one in begun.awaited.values()],
        "asked": {ref: [asked.element, asked.topic] for ref, asked in begun.asked.items()},
        "way": scenario.way,
    }
    begun.visits.clear()
    go(begun, scenario.way)
    assert begun.ended, scenario.name
    visits = [[visit.element, visit.loop, visit.outcome] for visit in begun.visits]
    return {**kept, "end": {"data": begun.data, "visits": visits}}


def go(begun: Run, way: Way) -> None:
    for verb, what, values in way:
        if verb == "fire":
            begun.fire(what)
        else:
            getattr(begun, verb)(what, **values)


def _values() -> Scenario:
    kinds = {
        "text": "姓名 “x”",
        "number": 1.5,
        "whole": -(2**53),
        "yes": True,
        "none": None,
        "list": [1, [2, {"a": []}]],
    }
    file = bpmn(start(), user("one"), user("two"), end(), chain("begin", "one", "two", "done"))
    return Scenario(
        "every kind of value", run(file, data=kinds).complete("one", typename="x"), [("complete", "two", {})]
    )


def _branches() -> Scenario:
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), script("drop", "del gone"), both("join"), user("after"), end()),
        *(chain("begin", "fork", "a", "join", "after", "done"), chain("fork", "b", "drop", "join")),
    )
    begun = run(file, data={"gone": 1, "kept": [1]}).complete("b", x=1)
    return Scenario("a half-filled join", begun, [("complete", "a", {"y": 2, "x": 0}), ("complete", "after", {})])


def _inclusive() -> Scenario:
    file = bpmn(
        *(start(), some("which"), user("a"), user("b"), user("c"), some("join"), user("after"), end()),
        *(chain("begin", "which"), flow("which", "a", "true"), flow("which", "b", "true"), flow("which", "c", "false")),
        *(chain("a", "join", "after", "done"), chain("b", "join"), chain("c", "join")),
    )
    begun = run(file).complete("a", a=1)
    return Scenario("a waiting inclusive join", begun, [("complete", "b", {"b": 2}), ("complete", "after", {})])


def _repeated() -> Scenario:
    output = '<loopDataOutputRef>answers</loopDataOutputRef><outputDataItem name="answer" />'
    inner = sub(
        *("class", start("in"), user("call_parent", each("students", "student", sequential=True)), end("out")),
        chain("in", "call_parent", "out"),
        loop=each("classes", "students", inner=output),
    )
    file = bpmn(start(), inner, user("after"), end(), chain("begin", "class", "after", "done"))
    begun = run(file, data={"classes": [[1, 2], [3]]}).complete("call_parent", answer="x")
    way: Way = [("complete", "call_parent", {"answer": n}) for n in (1, 2)] + [("complete", "after", {})]
    return Scenario("rounds inside rounds", begun, way)


def _waiting() -> Scenario:
    file = bpmn(
        *(start(), both("fork"), user("work"), boundary("bell", "work", timer("every", "R3/P1M"), interrupting=False)),
        *(boundary("off", "work", message("m_cancel")), user("remind"), first_of("wait"), catch("mail", message())),
        *(catch("late", timer("after", "P1D")), catch("later", timer("after", "P2D")), xor("merge"), both("join")),
        *(end(), end("x"), end("y"), chain("begin", "fork", "work", "join", "done"), chain("bell", "remind", "x")),
        *(chain("fork", "wait", "mail", "merge", "join"), chain("wait", "late", "merge")),
        *(chain("wait", "later", "merge"), chain("off", "y")),
    )
    begun = run(file).fire("bell")
    way: Way = [("fire", "bell", {}), ("deliver", "order", {"n": 1}), ("fire", "bell", {})]
    way += [("complete", "remind", {})] * 3 + [("complete", "work", {"w": 1})]
    return Scenario("timers and messages", begun, way)


def _calling() -> Scenario:
    caller = whole(
        *(start(), call("ask_them", "q"), boundary("late", "ask_them", timer("after", "P1D")), user("after"), end()),
        *(chain("begin", "ask_them", "done"), chain("late", "after", "done")),
        lanes=lane_set(teacher="ask_them after"),
    )
    called = whole(start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out"), process="q")
    begun = run(document(caller, called), data={"x": 0}).complete("q/one", x=1, y=2)
    return Scenario("a called process", begun, [("fire", "late", {}), ("complete", "after", {})])


def _looping() -> Scenario:
    file = bpmn(
        *(start(), xor("again"), user("work", while_true("not ok", most=5)), xor("good", "back"), end()),
        *(chain("begin", "again", "work", "good"), flow("good", "done", "fine"), flow("good", "again", ident="back")),
    )
    begun = run(file, data={"fine": False}).complete("work", ok=False, n=1)
    way: Way = [("complete", "work", {"ok": True}), ("complete", "work", {"ok": True, "fine": True})]
    return Scenario("loops", begun, way)


def _asking() -> Scenario:
    file = bpmn(start(), service("send", "sms"), user("after"), end(), chain("begin", "send", "after", "done"))
    return Scenario("a job", run(file), [("answer", "send", {"sent": True}), ("complete", "after", {})])


def _standing_by() -> Scenario:
    rings = event_sub(
        "rings", message(), user("ring"), end("rung"), chain("rings_on", "ring", "rung"), interrupting=False
    )
    stops = event_sub("stops", becomes("x > 3"), user("stop"), end("stopped"), chain("stops_on", "stop", "stopped"))
    part = sub("part", start("in"), user("one"), user("two"), rings, stops, chain("in", "one", "two"), loop=each("who"))
    file = bpmn(
        *(start(), part, boundary("off", "part", interrupting=False), end(), end("x")),
        *(chain("begin", "part", "done"), chain("off", "x")),
        declarations=EVENTS,
    )
    begun = run(file, data={"who": ["a", "b"]}).deliver("order", n=1).complete("one", x=1)
    way: Way = [("complete", "off", {}), ("complete", "two", {"x": 4}), ("deliver", "order", {"n": 2})]
    way += [("complete", "one", {"x": 2}), ("complete", "ring", {}), ("complete", "two", {}), ("complete", "stop", {})]
    return Scenario("event sub-processes", begun, way)


def _collecting() -> Scenario:
    several = message() + signal() + timer("after", "PT1H")
    file = bpmn(
        *(start(), both("fork"), catch("every", several, all_of=True), first_of("wait"), catch("any", several)),
        *(catch("full", becomes("n > 3")), both("join"), xor("merge"), user("after"), end()),
        *(chain("begin", "fork", "every", "join", "after", "done"), chain("fork", "wait", "any", "merge", "join")),
        chain("wait", "full", "merge"),
        declarations=EVENTS,
    )
    begun = run(file).deliver("order", m=1)
    way: Way = [("fire", "every", {}), ("signal", "go", {"n": 4}), ("complete", "after", {})]
    return Scenario("several triggers", begun, way)


def _failing() -> Scenario:
    part = sub("part", start("in"), service("job"), end("up", escalation("x_up")), chain("in", "job", "up"))
    file = bpmn(
        *(start(), part, boundary("oops", "part", error("e_bad")), user("mend"), end(), end("x")),
        *(boundary("told", "part", escalation(), interrupting=False), user("boss")),
        *(chain("begin", "part", "done"), chain("oops", "mend", "part"), chain("told", "boss", "x")),
        declarations=EVENTS,
    )
    begun = run(file).fail("job", "bad", x=1)
    way: Way = [("complete", "mend", {}), ("answer", "job", {}), ("complete", "boss", {})]
    return Scenario("errors and escalations", begun, way)


def _undoing() -> Scenario:
    second = user("pay") + undone_by("pay", "repay") + undoing(user("repay"))
    inner = sub("trip", start("in"), user("book"), end("out"), undone_by("book", "unbook"), undoing(user("unbook")))
    inner = inner.replace("</subProcess>", chain("in", "book", "out") + "</subProcess>")
    file = bpmn(
        *(start(), inner, second, throw("undo", compensation()), user("after"), end()),
        chain("begin", "trip", "pay", "undo", "after", "done"),
    )
    begun = run(file, data={"seat": 0}).complete("book", seat=1).complete("pay", seat=2, paid=3)
    way: Way = [("complete", "repay", {"paid": 0}), ("complete", "unbook", {"gone": True}), ("complete", "after", {})]
    return Scenario("two completed activities being undone", begun, way)


def _cancelling() -> Scenario:
    inner = transaction(
        *("deal", start("in"), user("book", each("seats", "seat")), end("stop", cancel()), chain("in", "book", "stop")),
        *(undone_by("book", "unbook"), undoing(user("unbook"))),
    )
    file = bpmn(
        *(start(), inner, boundary("off", "deal", cancel()), user("after"), user("sorry"), end()),
        *(chain("begin", "deal", "after", "done"), chain("off", "sorry", "done")),
    )
    begun = run(file, data={"seats": ["a", "b"]}).complete("book", nth=1, n=2).complete("book", n=1).complete("unbook")
    return Scenario("a transaction being cancelled", begun, [("complete", "unbook", {}), ("complete", "sorry", {})])


def _choosing() -> Scenario:
    inner = ad_hoc("part", user("one"), user("two"), until="n >= 2")
    file = bpmn(start(), inner, user("after"), end(), chain("begin", "part", "after", "done"))
    begun = run(file, data={"n": 0}).complete("part", next_activity="one").complete("one", n=1)
    way: Way = [
        ("complete", "part", {"next_activity": "two"}),
        ("complete", "two", {"n": 2}),
        ("complete", "after", {}),
    ]
    return Scenario("a choice of activities", begun, way)


def _mapping() -> Scenario:
    words = mapped("label = n * 10 + loopCounter", "total = label + extra")
    output = '<loopDataOutputRef>totals</loopDataOutputRef><outputDataItem name="total" />'
    file = bpmn(
        *(
            start(),
            user("ask", words + each("numbers", "n", inner=output)),
            service("tell", inner=mapped("to = totals")),
        ),
        *(user("after"), end(), chain("begin", "ask", "tell", "after", "done")),
    )
    begun = run(file, data={"numbers": [1, 2]}).complete("ask", extra=5)
    way: Way = [("complete", "ask", {"extra": 6}), ("answer", "tell", {"told": True}), ("complete", "after", {})]
    return Scenario("data of an activity's own", begun, way)


def main(release: str) -> None:
    kept = [written(scenario) for scenario in scenarios()]
    (FOLDER / f"{release}.json").write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
