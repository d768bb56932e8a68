"""Random processes: kept in memory, loaded anew, and never pruned run alike, and an independent token game agrees."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions import Compiled
from engine.spiff.waits import fire
from engine.spiff.workflow import Instance
from engine.step import Awaited, World
from tests.engine.drawing import FLAGS, Block
from tests.engine.game import Game, Piece
from tests.engine.random_processes import blocks, definition_of
from tests.engine.replay import Replay
from tests.engine.runs import NOON, Run, fresh, run_compiled

MOST_STEPS = 40


class Unpruned:
    """The same instance, never dumped and so never pruned."""

    def __init__(self, definition: Compiled, data: dict[str, Any]) -> None:
        self.live = Instance(fresh(definition))
        self.live.begin_step(World(NOON))
        self.live.start(dict(data), None)
        self.live.advance()

    def complete(self, ref: str, values: dict[str, Any], world: World) -> None:
        self.live.begin_step(world)
        token = self.live.find(ref)
        assert token is not None
        token.result = dict(values)
        token.complete()
        self.live.advance()

    def ring(self, ref: str, slot: int, world: World, values: dict[str, Any] | None = None) -> None:
        self.live.begin_step(world)
        token = self.live.find(ref)
        assert token is not None
        assert fire(token, slot, dict(values or {}))
        self.live.advance()


def play(block: Block, flags: list[int], seed: int) -> None:
    """Goes a random way through the process, all four at once."""
    source, data = random.Random(seed), dict(zip(FLAGS, flags, strict=True))
    definition = definition_of(block)
    begun = run_compiled(definition, World(NOON), data=data)
    unpruned, game = Unpruned(definition, data), Game(definition, data)
    for number in range(MOST_STEPS):
        agree(begun, unpruned, game)
        ways = [("task", element) for element in sorted(set(begun.open))]
        ways += [("bell", element) for element in sorted(begun.due)]
        ways += [("sent", name) for name in sorted(set(begun.names_awaited))]
        if not ways:
            break
        kind, element = source.choice(ways)
        if kind == "task":
            tasks = [task for task in begun.tasks.values() if task.element == element]
            nth = source.randrange(len(tasks))
            values = {"last": number, f"by_{element}": number}
            begun.complete_ref(tasks[nth].ref, values)
            unpruned.complete(tasks[nth].ref, values, begun.world)
            game.complete(game.open_tasks(element)[nth], values)
        elif kind == "sent":
            waits, values = first_waiting(begun, element), {"said": number}
            begun.reach(waits, values)
            unpruned.ring(waits.ref, waits.slot, begun.world, values)
            game.ring(*next(found for found in game.bells() if found[0] == waits.element), values)
        else:
            ref = next(timer.ref for timer in begun.timers.values() if timer.element == element)
            begun.fire(element)
            unpruned.ring(ref, 0, begun.world)
            game.ring(*next(found for found in game.bells() if found[0] == element))
    else:
        return
    assert begun.ended
    Replay(definition.process, definition.called.values()).check(begun.visited(), ended=True)


def first_waiting(begun: Run, name: str) -> Awaited:
    return next(one for one in begun.awaited.values() if one.name == name)


def agree(begun: Run, unpruned: Unpruned, game: Game) -> None:
    assert begun.step.effects == unpruned.live.effects
    assert begun.data == unpruned.live.written == game.values(game.root.written)
    assert begun.ended == game.ended == bool(unpruned.live.completed)
    if begun.ended:
        return
    expected: dict[str, list[Piece]] = {}
    for piece in game.open_tasks():
        expected.setdefault(piece.node.id, []).append(piece)
    assert begun.open == sorted(element for element, pieces in expected.items() for _ in pieces)
    for element, pieces in expected.items():
        seen = [task.data for task in begun.tasks.values() if task.element == element]
        assert seen == [game.values(piece.data) for piece in pieces]
    waits = [*(timer.element for timer in begun.timers.values()), *(one.element for one in begun.awaited.values())]
    assert sorted(waits) == sorted(bell for bell, _ in game.bells())


flags = st.lists(st.integers(0, 1), min_size=len(FLAGS), max_size=len(FLAGS))


@given(blocks(), flags, st.integers(0, 2**32))
@settings(max_examples=200)
def test_all_ways_of_running_agree(block: Block, flags: list[int], seed: int) -> None:
    play(block, flags, seed)


@pytest.mark.slow
@given(blocks(), flags, st.integers(0, 2**32))
@settings(max_examples=5000)
def test_all_ways_of_running_agree_on_thousands(block: Block, flags: list[int], seed: int) -> None:
    play(block, flags, seed)
