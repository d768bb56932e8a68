"""The data of an instance: BPMN 2.0.2, 10.4.2 (data visibility) and 13.4 (what a join hands on)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.step import StepFailed
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    chain,
    each,
    end,
    flow,
    message,
    script,
    start,
    sub,
    terminate,
    user,
    while_true,
    xor,
)
from tests.engine.runs import Run, run


def test_what_a_finished_branch_wrote_does_not_undo_what_came_after_the_join() -> None:
    begun = run(
        bpmn(
            *(start(), both("fork"), script("one", "x = 1"), script("two", "y = 1"), both("join"), user("work")),
            *(script("later", "x = 3"), end()),
            chain("begin", "fork", "one", "join", "work", "later", "done"),
            chain("fork", "two", "join"),
        )
    )
    assert begun.complete("work").data == {"x": 3, "y": 1}


def test_the_last_of_two_branches_to_write_is_right_whichever_ends_first() -> None:
    file = bpmn(
        *(start(), both("fork"), user("one"), user("two"), script("later", "x = x + 1"), user("three"), end()),
        chain("begin", "fork", "one"),
        chain("fork", "two", "later", "three", "done"),
    )
    ended_before = run(file).complete("one", x=1).complete("two", x=2)
    assert ended_before.data == {"x": 3}
    assert ended_before.complete("three").data == {"x": 3}
    ended_after = run(file).complete("two", x=2).complete("one", x=1)
    assert ended_after.data == {"x": 1}
    assert ended_after.complete("three").data == {"x": 1}


def test_a_join_keeps_what_every_branch_changed() -> None:
    """The library takes the last branch's data whole, which undoes the others' updates."""
    file = bpmn(
        *(start(), both("fork"), user("one"), user("two"), both("join"), user("after"), end()),
        chain("begin", "fork", "one", "join", "after", "done"),
        chain("fork", "two", "join"),
    )
    begun = run(file, data={"a": 0, "b": 0, "c": 0}).complete("one", a=1).complete("two", b=2)
    assert begun.data_of("after") == begun.data == {"a": 1, "b": 2, "c": 0}


def test_branches_do_not_see_each_others_values_before_they_join() -> None:
    file = bpmn(
        *(start(), both("fork"), user("one"), user("two"), user("next"), both("join"), end()),
        chain("begin", "fork", "one", "next", "join", "done"),
        chain("fork", "two", "join"),
    )
    begun = run(file, data={"x": 0}).complete("two", x=2).complete("one")
    assert begun.data_of("next") == {"x": 0}
    assert begun.data == {"x": 2}


def test_a_nested_value_is_shared_by_no_two_branches() -> None:
    file = bpmn(
        *(start(), both("fork"), script("one", "seen.append('one')"), script("two", "seen.append('two')")),
        *(user("a"), user("b"), end()),
        chain("begin", "fork", "one", "a", "done"),
        chain("fork", "two", "b", "done"),
    )
    begun = run(file, data={"seen": ["start"], "kept": {"deep": [1]}})
    assert begun.data_of("a")["seen"] == ["start", "one"]
    assert begun.data_of("b")["seen"] == ["start", "two"]


def test_what_the_caller_does_to_its_values_later_does_not_reach_the_instance() -> None:
    values = {"list": [1]}
    begun = run(bpmn(start(), user("work"), user("after"), end(), chain("begin", "work", "after", "done")), data=values)
    values["list"].append(2)
    given = {"more": [1]}
    begun.complete_ref(next(iter(begun.tasks)), given)
    given["more"].append(2)
    assert begun.data == {"list": [1], "more": [1]}
    begun.data["list"].append(3)
    assert begun.complete("after").data == {"list": [1], "more": [1]}


def test_a_value_that_a_script_deletes_is_gone() -> None:
    linear = run(
        bpmn(
            *(start(), script("drop", "del x"), user("work"), end()),
            chain("begin", "drop", "work", "done"),
        ),
        data={"x": 1, "y": 2},
    )
    assert linear.data_of("work") == linear.data == {"y": 2}
    forked = run(
        bpmn(
            *(start(), both("fork"), script("drop", "del x"), user("other"), both("join"), user("after"), end()),
            chain("begin", "fork", "drop", "join", "after", "done"),
            chain("fork", "other", "join"),
        ),
        data={"x": 1, "y": 2},
    )
    assert forked.data == {"y": 2}
    assert forked.complete("other").data_of("after") == {"y": 2}
    assert forked.complete("after").data == {"y": 2}


@pytest.mark.parametrize("value", [True, 1.0, "1", [1], [True], [1.0], {"a": [1.0]}])
def test_a_value_that_only_changes_its_kind_is_a_change(value: object) -> None:
    file = bpmn(
        *(start(), both("fork"), user("one"), user("two"), both("join"), user("after"), end()),
        chain("begin", "fork", "one", "join", "after", "done"),
        chain("fork", "two", "join"),
    )
    before = [1] if isinstance(value, list | dict) else 1
    begun = run(file, data={"x": before}).complete("one", x=value).complete("two")
    after = begun.data_of("after")["x"]
    assert (repr(after), repr(begun.data["x"])) == (repr(value), repr(value))


def test_values_named_like_the_librarys_own_words_are_plain_values() -> None:
    """With the library's registry, a form value {"typename": …} makes an instance that cannot be loaded."""
    hostile: dict[str, Any] = {"typename": "Task", "data_objects": {"a": 1}, "__class__": "x", "id": 7, "children": []}
    file = bpmn(start(), user("work"), user("after"), end(), chain("begin", "work", "after", "done"))
    begun = run(file, data={"x": {"typename": "datetime", "value": 1}}).complete("work", **hostile)
    assert begun.data == {"x": {"typename": "datetime", "value": 1}, **hostile}
    assert begun.complete("after").ended


def test_a_form_value_named_like_one_of_the_platforms_names_survives_a_script() -> None:
    file = bpmn(
        *(start(), script("read", "who = requester['login']"), user("work"), end()),
        chain("begin", "read", "work", "done"),
    )
    begun = run(file, data={"requester": "typed in"}, names={"requester": {"login": "zhoulan"}})
    assert begun.data == {"requester": "typed in", "who": "zhoulan"}


def test_a_script_cannot_set_the_platforms_names() -> None:
    file = bpmn(
        start(), script("seize", "owner = 'me'\nx = owner"), user("work"), end(), chain("begin", "seize", "work")
    )
    begun = run(file, names={"owner": {"login": "lina"}})
    assert begun.data == {"x": "me"}


def test_the_tickets_data_shows_what_was_written_inside_a_sub_process_at_once() -> None:
    inner = sub("part", start("in"), user("ask"), user("more"), end("out"), chain("in", "ask", "more", "out"))
    begun = run(bpmn(start(), inner, end(), chain("begin", "part", "done")), data={"x": 0}).complete("ask", x=1, y=2)
    assert begun.data == {"x": 1, "y": 2}
    assert begun.complete("more", x=3).data == {"x": 3, "y": 2}


def test_a_terminate_end_keeps_what_other_branches_had_written() -> None:
    begun = run(
        bpmn(
            *(start(), both("fork"), user("one"), user("two"), user("slow"), end("stop", terminate()), end()),
            chain("begin", "fork", "one", "slow", "done"),
            chain("fork", "two", "stop"),
        )
    )
    begun.complete("one", a=1).complete("two", b=2)
    assert (begun.ended, begun.data) == (True, {"a": 1, "b": 2})


def test_what_was_written_before_an_interruption_stays_in_the_tickets_data() -> None:
    inner = sub("part", start("in"), user("ask"), user("more"), end("out"), chain("in", "ask", "more", "out"))
    file = bpmn(
        *(start(), inner, boundary("cancel", "part", message("m_cancel")), user("after"), end(), end("off")),
        chain("begin", "part", "done"),
        chain("cancel", "after", "off"),
    )
    begun = run(file).complete("ask", x=1).deliver("cancel", why="rain")
    assert begun.data == begun.data_of("after") == {"x": 1, "why": "rain"}


def test_a_loop_back_keeps_the_last_rounds_values() -> None:
    file = bpmn(
        *(start(), xor("again"), user("work"), xor("good", "good-again"), end()),
        chain("begin", "again", "work", "good", "again"),
        flow("good", "done", "n > 2"),
    )
    begun = run(file)
    for number in (1, 2, 3):
        begun.complete("work", n=number, **{f"round_{number}": True})
    assert begun.ended
    assert begun.data == {"n": 3, "round_1": True, "round_2": True, "round_3": True}


@pytest.mark.parametrize("loop", [each("people"), each("people", sequential=True), while_true(most=2)])
def test_the_tickets_data_shows_what_a_round_wrote_as_soon_as_it_ends(loop: str) -> None:
    begun = run(bpmn(start(), user("ask", loop), end(), chain("begin", "ask", "done")), data={"people": [1, 2]})
    begun.complete("ask", x=1)
    assert (begun.ended, begun.data) == (False, {"people": [1, 2], "x": 1})
    assert begun.complete("ask", x=2).data == {"people": [1, 2], "x": 2}


def test_interrupting_a_sub_process_takes_along_what_rounds_inside_it_wrote() -> None:
    inner = sub("part", start("in"), user("ask", each("people")), end("out"), chain("in", "ask", "out"))
    file = bpmn(
        *(start(), inner, boundary("cancel", "part", message("m_cancel")), user("after"), end(), end("off")),
        *(chain("begin", "part", "done"), chain("cancel", "after", "off")),
    )
    begun = run(file, data={"people": [1, 2]}).complete("ask", x=1).deliver("cancel")
    assert begun.data_of("after") == {"people": [1, 2], "x": 1}


def test_an_interruption_does_not_bring_back_what_another_branch_has_overwritten() -> None:
    inner = sub("part", start("in"), user("ask"), user("more"), end("out"), chain("in", "ask", "more", "out"))
    file = bpmn(
        *(start(), both("fork"), inner, boundary("cancel", "part", message("m_cancel")), user("after"), user("other")),
        *(user("next"), end(), chain("begin", "fork", "part", "done"), chain("fork", "other", "next", "done")),
        chain("cancel", "after", "done"),
    )
    begun = run(file).complete("ask", x=1).complete("other", x=2).deliver("cancel")
    assert begun.data == {"x": 2}
    assert (begun.data_of("after"), begun.data_of("next")) == ({"x": 1}, {"x": 2})


def test_a_value_deleted_in_a_sub_process_is_gone_after_it() -> None:
    inner = sub("part", start("in"), script("drop", "del x"), end("out"), chain("in", "drop", "out"))
    file = bpmn(start(), inner, user("after"), end(), chain("begin", "part", "after", "done"))
    begun = run(file, data={"x": 1, "y": 2})
    assert begun.data_of("after") == begun.data == {"y": 2}
    assert begun.complete("after").data == {"y": 2}


def test_values_that_are_too_large_in_all_fail_the_step() -> None:
    file = bpmn(
        start(), user("one"), script("grow", "x = 'x' * 3000000"), user("two"), chain("begin", "one", "grow", "two")
    )
    begun = run(file).complete("one")
    assert begun.open == ["two"]
    with pytest.raises(StepFailed, match="larger than 4 MB"):
        begun.complete("two", y="y" * 2_000_000)
    assert begun.complete("two").ended


def branches(*first: str, ways: tuple[str, ...]) -> Run:
    """Two tasks side by side, `one` on the first way and `other` on the second, and what comes after the join."""
    return run(
        bpmn(
            *(start(), both("fork"), user("one"), user("other"), both("join"), user("after"), end(), *first),
            *(chain("begin", "fork", "one"), flow("fork", "other"), chain("join", "after", "done"), *ways),
        ),
        data={"v": 1},
    )


def test_a_value_put_back_to_what_it_was_is_the_latest_after_the_join_too() -> None:
    begun = branches(ways=(flow("one", "join"), flow("other", "join")))
    begun.complete("one", v=2).complete("other", v=1)
    assert begun.data_of("after") == begun.data == {"v": 1}


@pytest.mark.parametrize(("last", "left"), [("one", {}), ("other", {"v": 2})])
def test_of_a_value_deleted_in_one_branch_and_changed_in_another_the_latest_counts(
    last: str, left: dict[str, int]
) -> None:
    begun = branches(script("drop", "del v"), ways=(chain("one", "drop", "join"), flow("other", "join")))
    for element in ("other", "one") if last == "one" else ("one", "other"):
        begun.complete(element, **({"v": 2} if element == "other" else {}))
    assert begun.data_of("after") == begun.data == left


def test_of_what_several_branches_changed_the_scopes_latest_counts_though_no_branch_here_wrote_it() -> None:
    begun = run(
        bpmn(
            *(start(), both("fork"), user("one"), user("two"), user("more"), user("beside"), both("join")),
            *(user("after"), end(), end("aside")),
            chain("begin", "fork", "one", "join", "after", "done"),
            *(chain("fork", "two", "more", "join"), chain("fork", "beside", "aside")),
        )
    )
    begun.complete("two", v=2).complete("one", v=1).complete("beside", v=3).complete("more")
    assert begun.data_of("after") == begun.data == {"v": 3}
