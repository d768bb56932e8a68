"""Parallel gateways: BPMN 2.0.2, 13.4.1."""

from __future__ import annotations

import pytest

from tests.engine.build import both, bpmn, chain, end, flow, script, start, user, xor
from tests.engine.runs import run


def test_it_waits_for_every_branch_in_any_order() -> None:
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), user("c"), both("join"), user("after"), end()),
        chain("begin", "fork", "a", "join", "after", "done"),
        *(chain("fork", "b", "join"), chain("fork", "c", "join")),
    )
    for order in ("abc", "cba", "bca"):
        begun = run(file)
        assert begun.open == ["a", "b", "c"]
        for element in order:
            assert "after" not in begun.open
            begun.complete(element, **{element: 1})
        assert begun.open == ["after"]
        assert begun.data_of("after") == {"a": 1, "b": 1, "c": 1}
        assert begun.complete("after").ended
        assert begun.visited().count("join") == 1


LOOP = bpmn(
    *(start(), xor("again"), both("fork"), user("draft"), user("proof"), both("join"), xor("good", "back"), end()),
    chain("begin", "again", "fork", "draft", "join", "good"),
    *(chain("fork", "proof", "join"), flow("good", "done", "good"), flow("good", "again", ident="back")),
)


def test_in_a_loop_it_waits_in_every_round() -> None:
    """The library's join fires early in the second round."""
    begun = run(LOOP)
    for number in range(4):
        begun.complete("draft", good=False)
        assert begun.open == ["proof"]
        begun.complete("proof", good=number == 3)
    assert begun.ended


def test_a_second_token_on_one_flow_waits_for_the_next_round() -> None:
    """Both of x's tokens come before y's first: one stays for the second."""
    file = bpmn(
        *(start(), both("three"), xor("x"), user("slow"), user("slow2"), xor("y"), both("join"), user("after"), end()),
        chain("begin", "three", "x", "join", "after", "done"),
        *(flow("three", "x", ident="again"), chain("three", "slow", "y", "join"), chain("three", "slow2", "y")),
    )
    begun = run(file)
    assert begun.open == ["slow", "slow2"]
    assert begun.complete("slow").open == ["after", "slow2"]
    assert begun.complete("slow2").open == ["after", "after"]
    assert begun.complete("after").complete("after").ended


def test_a_second_token_through_a_split_keeps_the_firsts_branches() -> None:
    """The library drops the first token's branches."""
    file = bpmn(
        *(start(), both("two"), user("one"), user("other"), xor("merge"), both("fork"), user("a"), user("b"), end()),
        *(chain("begin", "two", "one", "merge", "fork", "a", "done"), chain("two", "other", "merge")),
        chain("fork", "b", "done"),
    )
    begun = run(file).complete("one")
    assert begun.open == ["a", "b", "other"]
    begun.complete("a", nth=0, kept=1).complete("other")
    assert begun.open == ["a", "b", "b"]
    assert begun.complete("a").complete("b").complete("b").ended


def test_tokens_left_over_at_a_join_keep_the_instance_waiting() -> None:
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), xor("merge"), both("join"), user("after"), end()),
        chain("begin", "fork", "a", "merge", "join", "after", "done"),
        *(flow("fork", "merge", ident="extra"), chain("fork", "b", "join")),
    )
    begun = run(file).complete("a").complete("b").complete("after")
    assert (begun.open, begun.ended) == ([], False)


def test_an_exclusive_split_before_it_waits_for_ever() -> None:
    """XOR split, AND join: a deadlock; the instance waits, and neither ends nor fails."""
    file = bpmn(
        *(start(), user("ask"), xor("which", "no"), script("a", "x = 1"), script("b", "x = 2"), both("join"), end()),
        chain("begin", "ask", "which", "a", "join", "done"),
        *(flow("which", "b", ident="no"), chain("b", "join")),
    ).replace(b'targetRef="a">', b'targetRef="a"><conditionExpression>ok</conditionExpression>')
    begun = run(file).complete("ask", ok=True)
    assert (begun.open, begun.ended, begun.data) == ([], False, {"ok": True, "x": 1})
    assert begun.loaded().undecided == {}


@pytest.mark.parametrize("width", [2, 3])
def test_blocks_in_a_row_cost_no_more_than_their_tokens(width: int) -> None:
    """The library predicts 49,206 tasks for 8 blocks of 3."""
    blocks = 8
    parts, flows = [start(), end()], [chain("begin", "fork0"), chain(f"join{blocks - 1}", "done")]
    for block in range(blocks):
        parts += [both(f"fork{block}"), both(f"join{block}")]
        for branch in range(width):
            parts.append(user(f"u{block}_{branch}"))
            flows.append(chain(f"fork{block}", f"u{block}_{branch}", f"join{block}"))
        if block:
            flows.append(chain(f"join{block - 1}", f"fork{block}"))
    begun = run(bpmn(*parts, *flows))
    for block in range(blocks):
        for branch in range(width):
            assert len(begun.loaded().tasks) <= width + 1
            begun.complete(f"u{block}_{branch}")
    assert begun.ended


def test_nested_forks_may_share_one_join() -> None:
    file = bpmn(
        *(start(), both("f1"), both("f2"), user("a"), user("b"), user("c"), both("join"), user("after"), end()),
        chain("begin", "f1", "a", "join", "after", "done"),
        *(chain("f1", "f2", "b", "join"), chain("f2", "c", "join")),
    )
    begun = run(file).complete("c", c=1).complete("a", a=1).complete("b", b=1)
    assert begun.data_of("after") == {"a": 1, "b": 1, "c": 1}
    assert begun.complete("after").ended


def test_conditions_on_its_flows_do_not_count() -> None:
    """It gives a token to every flow; a condition there has no meaning."""
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), end()),
        *(
            chain("begin", "fork"),
            flow("fork", "a", "false"),
            flow("fork", "b"),
            chain("a", "done"),
            chain("b", "done"),
        ),
    )
    assert run(file).open == ["a", "b"]


def test_it_may_join_and_split_at_once() -> None:
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), both("mid"), user("c"), user("d"), end()),
        *(chain("begin", "fork", "a", "mid", "c", "done"), chain("fork", "b", "mid", "d", "done")),
    )
    begun = run(file).complete("a", a=1).complete("b", b=1)
    assert begun.open == ["c", "d"]
    assert begun.data_of("c") == begun.data_of("d") == {"a": 1, "b": 1}


def test_flows_without_ids_to_a_join_are_told_apart() -> None:
    arrow = '<sequenceFlow sourceRef="{}" targetRef="{}" />'
    pairs = ("begin", "fork"), ("fork", "a"), ("fork", "b"), ("a", "join"), ("b", "join"), ("join", "done")
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), both("join"), end()), *(arrow.format(*pair) for pair in pairs)
    )
    begun = run(file).complete("a")
    assert not begun.ended
    assert begun.complete("b").ended


def test_two_flows_from_one_gateway_to_the_join_count_as_two() -> None:
    file = bpmn(
        *(start(), both("fork"), both("join"), user("after"), end()),
        *(chain("begin", "fork", "join", "after", "done"), flow("fork", "join", ident="second")),
    )
    assert run(file).open == ["after"]
