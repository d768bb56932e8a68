"""Link events: BPMN 2.0.2, 10.5.5: what arrives at the throwing half goes on at the catching one, in the same scope."""

from __future__ import annotations

from tests.engine.build import boundary, bpmn, catch, chain, end, flow, message, start, sub, throw, user, xor
from tests.engine.runs import run


def link(name: str) -> str:
    return f'<linkEventDefinition name="{name}" />'


def test_a_token_goes_on_at_the_other_half() -> None:
    begun = run(
        bpmn(
            *(start(), user("a"), throw("out", link("A")), catch("in", link("A")), user("b"), end()),
            *(chain("begin", "a", "out"), chain("in", "b", "done")),
        )
    ).complete("a", x=1)
    assert (begun.open, begun.visited(), begun.data_of("b")) == (["b"], ["begin", "a", "out", "in"], {"x": 1})
    assert begun.complete("b").ended


def test_several_may_lead_to_one_and_back() -> None:
    file = bpmn(
        *(start(), xor("which", "which-out2"), throw("out1", link("A")), throw("out2", link("A"))),
        *(catch("in", link("A")), user("again"), xor("enough"), end(), chain("begin", "which"), flow("which", "out2")),
        *(flow("which", "out1", "n > 0"), chain("in", "again", "enough"), flow("enough", "done", "n > 1")),
        flow("enough", "which", "n < 2"),
    )
    begun = run(file, data={"n": 0})
    assert begun.complete("again", n=1).open == ["again"]
    assert begun.visited() == ["begin", "which", "out2", "in", "again", "enough", "which", "out1", "in"]
    assert begun.complete("again", n=2).ended


def test_inside_a_sub_process_and_on_the_path_of_a_boundary_event() -> None:
    part = sub(
        *(
            "part",
            start("i"),
            user("a"),
            boundary("off", "a", message()),
            throw("out", link("A")),
            catch("on", link("A")),
        ),
        *(user("b"), chain("i", "a"), chain("off", "out"), chain("on", "b")),
    )
    begun = run(bpmn(start(), part, user("after"), chain("begin", "part", "after"))).deliver("order")
    assert begun.open == ["b"]
    assert begun.complete("b").open == ["after"]
