"""What the tests of the domain can ask for: the named cast, and the cast with a ticket type."""

from tests.cast import cast
from tests.tickets.desk import desk, lasting_desk
from tests.tickets.play import lasting_play, play

__all__ = ["cast", "desk", "lasting_desk", "lasting_play", "play"]
