"""What the tests of backups can ask for: the named cast and a player on either database."""

from tests.cast import cast
from tests.tickets.play import play

__all__ = ["cast", "play"]
