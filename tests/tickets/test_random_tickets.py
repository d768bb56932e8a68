"""Random processes as tickets, their states kept in a database and loaded at each step, run as they do in memory."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.definitions import Compiled, dump
from engine.models import Deployment, InstanceStatus, MessageSubscription, ProcessDefinition, Timer, UserTask
from engine.spiff.hot import HotInstances
from engine.step import World
from tests.engine.drawing import FLAGS, Block
from tests.engine.game import Game
from tests.engine.random_processes import blocks, definition_of
from tests.engine.replay import Replay
from tests.engine.runs import Run, run_compiled
from tests.tickets.play import Play
from tickets.case import site_of
from tickets.cause import Cause
from tickets.driving import Given, drive
from tickets.filing import Filing, start_ticket
from tickets.numbers import next_number
from tickets.types import TicketType

MOST_STEPS = 25
KEYS = count(1)
DATABASES = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def filed(play: Play, definition: Compiled, data: dict[str, Any]) -> str:
    """A ticket on that definition, as if it had been uploaded."""
    now, group, key = play.cast.clock.now(), play.cast.places["qiming"], f"random{next(KEYS)}"
    with play.writing() as session, session.begin():
        deployment = Deployment(brand_id=group, created_at=now)
        session.add(deployment)
        session.flush()
        facts: dict[str, Any] = {"brand_id": group, "key": key, "name": key}
        version = ProcessDefinition(
            **facts,
            version=1,
            deployment_id=deployment.id,
            path="",
            digest="",
            reader_version=1,
            compiled=dump(definition),
            created_at=now,
        )
        session.add(version)
        session.flush()
        kind = TicketType(**facts, prefix="R", fileable=True, definition_id=version.id, updated_at=now)
        session.add(kind)
        session.flush()
        session.expunge(kind)
        site = site_of(session, group)
    number = next_number(play.runtime, "R")
    filing = Filing(kind, site, None, None, data, title=key, start_id=None, number=number)
    return start_ticket(play.runtime, None, filing)


def play_both(play: Play, block: Block, flags: list[int], seed: int) -> None:
    """Goes a random way through the process, in memory and as a ticket whose instance is loaded at each step."""
    source, data = random.Random(seed), dict(zip(FLAGS, flags, strict=True))
    definition = definition_of(block)
    begun = run_compiled(definition, World(play.cast.clock.now()), data=data)
    game, number = Game(definition, data), filed(play, definition, data)
    for round_number in range(MOST_STEPS):
        agree(play, number, begun, game)
        ways = [("complete", task.ref) for task in begun.tasks.values()]
        first = {timer.element: timer.ref for timer in reversed(begun.timers.values())}
        ways += [("timer", ref) for ref in first.values()]
        named = {one.name: one.ref for one in reversed(begun.awaited.values())}
        ways += [("sent", ref) for ref in named.values()]
        if not ways:
            break
        kind, ref = source.choice(sorted(ways))
        if kind == "complete":
            element, values = begun.tasks[ref].element, {"last": round_number}
            nth = [task.ref for task in begun.tasks.values() if task.element == element].index(ref)
            begun.complete_ref(ref, values)
            game.complete(game.open_tasks(element)[nth], values)
            step(play, number, kind, {"ref": ref, "values": values})
        elif kind == "sent":
            one, values = next(one for one in begun.awaited.values() if one.ref == ref), {"said": round_number}
            begun.reach(one, values)
            game.ring(*next(found for found in game.bells() if found[0] == one.element), values)
            step(play, number, one.kind, {"ref": ref, "slot": one.slot, "payload": values})
        else:
            timer = next(timer for timer in begun.timers.values() if timer.ref == ref)
            play.cast.clock.advance(max(timer.due_at - play.cast.clock.now(), timedelta()))
            begun.fire(timer.element)
            game.ring(*next(found for found in game.bells() if found[0] == timer.element))
            step(play, number, kind, {"ref": ref, "slot": timer.slot})
        begun.world = replace(begun.world, now=play.cast.clock.now())


def step(play: Play, number: str, kind: str, what: Given) -> None:
    """One step of the ticket, by a process that has nothing in memory."""
    play.cast.runtime = replace(play.runtime, hot=HotInstances())
    moved = drive(play.runtime, kind, play.ticket(number).instance_id, lambda _: what, cause=Cause(None))
    assert moved == number


def agree(play: Play, number: str, begun: Run, game: Game) -> None:
    instance, ticket = play.instance(number), play.ticket(number)
    assert instance.revision == begun.revision
    assert ticket.data == begun.data == game.values(game.root.written)
    assert (instance.status == InstanceStatus.COMPLETED) == begun.ended == game.ended
    assert sorted(play.open_tasks(number)) == begun.open
    assert {task.ref for task in play._of(UserTask, number) if task.status == "open"} == set(begun.tasks)
    assert {(timer.ref, timer.due_at) for timer in play._of(Timer, number)} == {
        (timer.ref, timer.due_at) for timer in begun.timers.values()
    }
    assert {(one.ref, one.slot, one.name) for one in play._of(MessageSubscription, number)} == {
        (one.ref, one.slot, one.name) for one in begun.awaited.values()
    }
    assert play.passed(number) == begun.visited()
    if begun.ended:
        definition = begun.definition
        Replay(definition.process, definition.called.values()).check(play.passed(number), ended=True)


flags = st.lists(st.integers(0, 1), min_size=len(FLAGS), max_size=len(FLAGS))


@given(blocks(), flags, st.integers(0, 2**32))
@settings(DATABASES, max_examples=100)
def test_random_tickets_run_as_they_do_in_memory(lasting_play: Play, block: Block, flags: list[int], seed: int) -> None:
    play_both(lasting_play, block, flags, seed)


@pytest.mark.slow
@given(blocks(), flags, st.integers(0, 2**32))
@settings(DATABASES, max_examples=500)
def test_hundreds_of_random_tickets_run_as_they_do_in_memory(
    lasting_play: Play, block: Block, flags: list[int], seed: int
) -> None:
    play_both(lasting_play, block, flags, seed)
