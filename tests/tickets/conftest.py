"""What the tests of the domain can ask for: the named cast, and the cast with a ticket type."""

from tests.cast import cast
from tests.tickets.desk import desk

__all__ = ["cast", "desk"]
