"""Transactions: BPMN 2.0.2, 10.3.5 (transaction) and 10.5.4 (cancel events)."""

from __future__ import annotations

import pytest

from tests.engine.build import (
    both,
    boundary,
    bpmn,
    call,
    cancel,
    chain,
    compensation,
    document,
    each,
    end,
    error,
    event_sub,
    flow,
    script,
    start,
    sub,
    throw,
    timer,
    transaction,
    undoing,
    undone_by,
    user,
    whole,
    xor,
)
from tests.engine.runs import Run, run


def undoable(ident: str) -> str:
    return user(ident) + undone_by(ident, f"un{ident}") + undoing(user(f"un{ident}"))


PAYING = (
    *(start("in"), undoable("book"), undoable("pay"), xor("good", "bad"), end("paid"), end("stop", cancel())),
    *(chain("in", "book", "pay", "good"), flow("good", "paid", "ok"), flow("good", "stop", ident="bad")),
)


def around(inner: str, *more: str) -> bytes:
    """The transaction `deal`, with a cancel event on its boundary."""
    return bpmn(
        *(start(), inner, boundary("off", "deal", cancel()), user("after"), user("sorry"), end(), *more),
        *(chain("begin", "deal", "after", "done"), chain("off", "sorry", "done")),
    )


def test_one_that_is_not_cancelled_is_a_sub_process() -> None:
    begun = run(around(transaction("deal", *PAYING))).complete("book").complete("pay", ok=True)
    assert begun.open == ["after"]
    assert begun.visited("cancelled") == []


def test_cancelling_undoes_what_has_completed_newest_first_then_takes_the_cancel_event() -> None:
    begun = run(around(transaction("deal", *PAYING)), data={"x": 0})
    begun.complete("book", seat=1).complete("pay", ok=False, seat=2)
    assert (begun.open, begun.data_of("unpay")) == (["unpay"], {"x": 0, "seat": 2, "ok": False})
    begun.complete("unpay", x=1)
    assert (begun.open, begun.data_of("unbook")) == (["unbook"], {"x": 1, "seat": 1, "ok": False})
    begun.complete("unbook", gone=True)
    assert begun.open == ["sorry"]
    assert begun.data_of("sorry") == begun.data == {"x": 1, "seat": 2, "ok": False, "gone": True}
    assert begun.visited("cancelled") == ["deal"]
    assert begun.complete("sorry").ended


def test_what_is_active_inside_ends_before_anything_is_undone() -> None:
    inner = transaction(
        *("deal", start("in"), both("fork"), undoable("book"), end("stop", cancel()), user("slow"), end("out")),
        *(boundary("late", "slow", timer("after", "P1D")), chain("late", "out")),
        *(chain("in", "fork", "book", "stop"), chain("fork", "slow", "out")),
    )
    begun = run(around(inner)).complete("book")
    assert (begun.open, begun.due) == (["unbook"], {})
    assert begun.visited("cancelled") == ["slow"]
    assert begun.complete("unbook").open == ["sorry"]


def test_with_nothing_to_undo_the_cancel_event_is_taken_at_once() -> None:
    inner = transaction("deal", start("in"), user("ask"), end("stop", cancel()), chain("in", "ask", "stop"))
    assert run(around(inner)).complete("ask").open == ["sorry"]
    at_once = transaction("deal", start("in"), end("stop", cancel()), chain("in", "stop"))
    assert run(around(at_once)).open == ["sorry"]


def test_without_a_cancel_event_on_its_boundary_it_goes_on_as_if_it_had_ended() -> None:
    file = bpmn(start(), transaction("deal", *PAYING), user("after"), end(), chain("begin", "deal", "after", "done"))
    begun = run(file).complete("book", seat=1).complete("pay", ok=False).complete("unpay").complete("unbook", gone=1)
    assert (begun.open, begun.data_of("after")) == (["after"], {"seat": 1, "ok": False, "gone": 1})
    assert begun.complete("after").ended


def test_what_was_cancelled_cannot_be_undone_again() -> None:
    file = bpmn(
        *(start(), transaction("deal", *PAYING), undone_by("deal", "undeal"), undoing(user("undeal"))),
        *(throw("undo", compensation()), user("after"), chain("begin", "deal", "undo", "after")),
    )
    begun = run(file).complete("book").complete("pay", ok=False).complete("unpay").complete("unbook")
    assert begun.open == ["after"]
    assert run(file).complete("book").complete("pay", ok=True).open == ["undeal"]


def test_what_succeeded_may_be_undone_later() -> None:
    file = bpmn(
        *(start(), transaction("deal", *PAYING), boundary("off", "deal", cancel()), user("more")),
        *(throw("undo", compensation("deal")), user("after"), chain("begin", "deal", "more", "undo", "after")),
    )
    begun = run(file).complete("book").complete("pay", ok=True).complete("more")
    assert begun.complete("unpay").complete("unbook").open == ["after"]


def test_an_error_on_its_boundary_undoes_nothing() -> None:
    inner = transaction("deal", start("in"), undoable("book"), end("fail", error()), chain("in", "book", "fail"))
    begun = run(around(inner, boundary("failed", "deal", error()), user("mend"), chain("failed", "mend")))
    assert begun.complete("book").open == ["mend"]


def test_other_events_still_interrupt_it_while_it_is_being_cancelled() -> None:
    late = boundary("late", "deal", timer("after", "P1D"))
    begun = run(around(transaction("deal", *PAYING), late, user("chase"), chain("late", "chase")))
    begun.complete("book").complete("pay", ok=False)
    assert begun.open == ["unpay"]
    assert begun.fire("late").open == ["chase"]


@pytest.mark.parametrize("done", [True, False])
def test_sub_processes_inside_are_undone_whether_they_had_completed_or_not(done: bool) -> None:
    part = sub(
        *("part", start("in2"), undoable("pack"), user("seal"), end("out2")),
        chain("in2", "pack", "seal", "out2"),
    )
    inner = transaction(
        *("deal", start("in"), both("fork"), part, end("out"), user("ask"), end("stop", cancel())),
        *(chain("in", "fork", "part", "out"), chain("fork", "ask", "stop")),
    )
    begun = run(around(inner)).complete("pack", box=1)
    if done:
        begun.complete("seal")
    begun.complete("ask", box=2)
    assert (begun.open, begun.data_of("unpack")) == (["unpack"], {"box": 1})
    assert begun.visited("cancelled") == ([] if done else ["seal", "part"])
    assert begun.complete("unpack").open == ["sorry"]


def test_a_cancel_end_may_stand_in_a_sub_process_inside() -> None:
    part = sub("part", start("in2"), undoable("pack"), end("stop", cancel()), chain("in2", "pack", "stop"))
    inner = transaction("deal", start("in"), undoable("book"), part, end("out"), chain("in", "book", "part", "out"))
    begun = run(around(inner)).complete("book").complete("pack")
    assert begun.open == ["unpack"]
    assert begun.complete("unpack").open == ["unbook"]
    assert begun.complete("unbook", x=1).open == ["sorry"]
    assert begun.data_of("sorry") == {"x": 1}


def test_an_event_sub_process_inside_may_cancel_it() -> None:
    care = event_sub("care", error(), end("stop", cancel()), chain("care_on", "stop"))
    inner = transaction("deal", start("in"), undoable("book"), end("fail", error()), care, chain("in", "book", "fail"))
    begun = run(around(inner)).complete("book")
    assert begun.open == ["unbook"]
    assert begun.complete("unbook").open == ["sorry"]


def test_the_innermost_transaction_is_cancelled() -> None:
    inner = transaction("small", start("in2"), undoable("pack"), end("stop", cancel()), chain("in2", "pack", "stop"))
    outer = transaction(
        *(
            "deal",
            start("in"),
            undoable("book"),
            inner,
            boundary("part_off", "small", cancel()),
            user("ask"),
            end("out"),
        ),
        *(chain("in", "book", "small", "out"), chain("part_off", "ask", "out")),
    )
    begun = run(around(outer)).complete("book").complete("pack").complete("unpack")
    assert begun.open == ["ask"]
    assert begun.complete("ask").open == ["after"]


def test_it_may_be_done_again_after_it_was_cancelled() -> None:
    file = bpmn(
        *(start(), xor("again"), transaction("deal", *PAYING), boundary("off", "deal", cancel()), user("after"), end()),
        *(chain("begin", "again", "deal", "after", "done"), flow("off", "again")),
    )
    begun = run(file).complete("book").complete("pay", ok=False).complete("unpay").complete("unbook")
    assert begun.open == ["book"]
    assert begun.complete("book").complete("pay", ok=True).open == ["after"]


def test_cancelling_one_round_of_a_repeated_one_takes_the_cancel_event_of_the_whole() -> None:
    begun = run(around(transaction("deal", *PAYING, loop=each("people", "who"))), data={"people": ["a", "b"]})
    begun.complete("book", nth=1).complete("pay", ok=False)
    assert begun.open == ["book", "unpay"]
    assert begun.data_of("unpay")["who"] == "b"
    assert begun.complete("unpay").complete("unbook").open == ["sorry"]


def test_a_round_without_a_cancel_event_counts_as_done() -> None:
    inner = transaction("deal", *PAYING, loop=each("people", "who", sequential=True))
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "deal", "after")), data={"people": [1, 2]})
    for _ in range(2):
        begun.complete("book").complete("pay", ok=False).complete("unpay").complete("unbook")
    assert begun.open == ["after"]


def test_one_in_a_called_process_is_cancelled_there() -> None:
    called = whole(
        *(start("in1"), transaction("deal", *PAYING), boundary("off", "deal", cancel()), user("sorry"), end("out")),
        *(chain("in1", "deal", "out"), chain("off", "sorry", "out")),
        process="q",
    )
    caller = whole(start(), call("ask", "q"), user("after"), end(), chain("begin", "ask", "after", "done"))
    begun = run(document(caller, called)).complete("q/book").complete("q/pay", ok=False)
    assert begun.complete("q/unpay").complete("q/unbook").open == ["q/sorry"]
    assert begun.complete("q/sorry").open == ["after"]


def test_a_person_task_completed_in_vain_is_refused_like_any_other() -> None:
    """Two end the transaction at once: the second finds its task gone."""
    inner = transaction(
        *("deal", start("in"), both("fork"), user("a"), user("b"), end("stop", cancel()), end("stop2", cancel())),
        *(chain("in", "fork", "a", "stop"), chain("fork", "b", "stop2")),
    )
    begun: Run = run(around(inner)).complete("a")
    assert begun.open == ["sorry"]


def test_scripts_undo_within_the_step() -> None:
    inner = transaction(
        *("deal", start("in"), script("take", "n = n - 5"), undone_by("take", "give"), user("ask")),
        *(undoing(script("give", "n = n + 5")), end("stop", cancel()), chain("in", "take", "ask", "stop")),
    )
    begun = run(around(inner), data={"n": 8})
    assert begun.data == {"n": 3}
    begun.complete("ask")
    assert (begun.open, begun.data) == (["sorry"], {"n": 8})
