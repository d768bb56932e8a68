"""Pulses: whether another process serves the same database, so that what it has in hand is left to it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.tickets.play import Play
from tickets.operating.pulse import Heart, Pulse, others_live


@pytest.fixture
def play(lasting_play: Play) -> Play:
    with lasting_play.writing() as session, session.begin():
        session.execute(sa.delete(Pulse))
    return lasting_play


def beats(play: Play, **facts: object) -> None:
    """A process's pulse, with these facts of its own."""
    heart = Heart("web")
    heart.beat(play.runtime)
    with play.writing() as session, session.begin():
        session.execute(sa.update(Pulse).where(Pulse.id == heart.id).values(**facts))


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_process_that_starts_alone_finds_no_other(play: Play) -> None:
    assert not others_live(play.runtime)
    beats(play, pid=os.getpid())  # the same number, in a container that starts again
    beats(play, pid=ended())
    assert not others_live(play.runtime)


def test_a_process_of_this_host_that_runs_is_found(play: Play) -> None:
    beats(play, pid=os.getppid())
    assert others_live(play.runtime)


def test_a_process_of_another_host_is_found_while_its_pulse_beats(play: Play) -> None:
    beats(play, host="elsewhere", pid=ended())
    assert others_live(play.runtime)
    play.cast.clock.advance(timedelta(minutes=2))
    assert not others_live(play.runtime)
