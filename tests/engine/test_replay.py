"""The token game that replays walks: what it must refuse, or it would prove nothing."""

from __future__ import annotations

import pytest

from tests.engine.build import both, boundary, bpmn, chain, end, flow, start, sub, terminate, timer, times, user, xor
from tests.engine.replay import Disagrees, Replay
from tests.engine.runs import compiled

CHOICE = bpmn(
    start(),
    xor("which", "no"),
    user("a"),
    user("b"),
    end(),
    *(chain("begin", "which"), flow("which", "a", "x == 1"), flow("which", "b", ident="no")),
    *(chain("a", "done"), chain("b", "done")),
)
JOINED = bpmn(
    *(start(), both("fork"), user("a"), user("b"), both("join"), end()),
    *(chain("begin", "fork", "a", "join", "done"), chain("fork", "b", "join")),
)
INSIDE = bpmn(
    start(),
    sub("room", start("in"), user("a"), end("out"), chain("in", "a", "out")),
    boundary("late", "room", timer("after", "PT1H")),
    user("chase"),
    end(),
    end("chased"),
    chain("begin", "room", "done"),
    chain("late", "chase", "chased"),
)
MANY = bpmn(start(), user("a", times("3")), end(), chain("begin", "a", "done"))
STOPPED = bpmn(
    *(start(), both("fork"), user("a"), user("b"), end("stop", terminate()), end()),
    *(chain("begin", "fork", "a", "stop"), chain("fork", "b", "done")),
)


def replay(file: bytes, walk: str, *, ended: bool = True) -> None:
    Replay(compiled(file).process).check(walk.split(), ended=ended)


@pytest.mark.parametrize(
    ("file", "walk"),
    [
        (CHOICE, "begin which a done"),
        (CHOICE, "begin which b done"),
        (JOINED, "begin fork b a join done"),
        (INSIDE, "begin in a out room done"),
        (INSIDE, "begin in late chase chased"),
        (MANY, "begin a a a done"),
        (STOPPED, "begin fork a stop"),
    ],
)
def test_a_walk_that_tokens_take_is_accepted(file: bytes, walk: str) -> None:
    replay(file, walk)


@pytest.mark.parametrize(
    ("file", "walk"),
    [
        (CHOICE, "begin which a b done"),
        (CHOICE, "begin a done"),
        (CHOICE, "which a done"),
        (CHOICE, "begin which a done done"),
        (JOINED, "begin fork a join b done"),
        (JOINED, "begin fork a b done"),
        (INSIDE, "begin in room a out done"),
        (INSIDE, "begin a room done"),
        (INSIDE, "begin in late room done"),
        (INSIDE, "begin in a out room late chase chased"),
        (MANY, "begin a done a"),
        (STOPPED, "begin fork a stop b"),
    ],
)
def test_a_walk_that_no_token_takes_is_refused(file: bytes, walk: str) -> None:
    with pytest.raises(Disagrees):
        replay(file, walk)


@pytest.mark.parametrize(
    ("file", "walk"), [(CHOICE, "begin which a"), (JOINED, "begin fork a"), (INSIDE, "begin in a out")]
)
def test_a_walk_that_leaves_tokens_behind_has_not_ended(file: bytes, walk: str) -> None:
    replay(file, walk, ended=False)
    with pytest.raises(Disagrees):
        replay(file, walk)
