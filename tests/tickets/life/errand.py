"""An errand that the verbs' tests work on: support looks at it, then fixes it; and verbs called by login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.engine.build import chain, end, start
from tests.tickets.play import Play, staff

ROW = (start(), staff("look"), staff("fix"), end(), chain("begin", "look", "fix", "done"))


def begun(play: Play, **settings: str) -> str:
    """A ticket of zhoulan's that lina has claimed, so that she answers for it."""
    number = filed(play, **settings)
    play.claim("lina", "look", number)
    return number


def filed(play: Play, **settings: str) -> str:
    """A ticket of zhoulan's that support may claim."""
    play.define(*ROW, forms=None, **settings)
    return play.file("zhoulan")


def do(play: Play, login: str, verb: Callable[..., Any], number: str, /, *given: Any, **more: Any) -> Any:
    """The verb as this person."""
    return verb(play.runtime, play.cast.actor(login), number, *given, **more)


def status(play: Play, number: str) -> str:
    return play.ticket(number).status
