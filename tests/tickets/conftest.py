"""What the tests of the domain can ask for: the named cast."""

from tests.cast import cast

__all__ = ["cast"]
