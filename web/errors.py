"""Owns which HTTP status an error has: the one map, for pages and the API alike."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_, Message
from tickets.errors import Busy, Conflict, DomainError, Forbidden, InstanceStuck, Invalid, NotFound
from tickets.files import FileTooLarge


class SignInNeeded(DomainError):
    """Nobody is signed in (any more); pages lead to the sign-in page."""


class PasswordChangeNeeded(DomainError):
    """Somebody else has set their password; pages lead to where they choose one."""


STATUS: Mapping[type[DomainError], int] = {
    SignInNeeded: 401,
    PasswordChangeNeeded: 403,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    InstanceStuck: 409,
    FileTooLarge: 413,
    Invalid: 422,
    Busy: 503,
    DomainError: 422,
}
"""A subclass has its nearest parent's."""


TOO_LATE = Conflict(Message(N_("Others are working on this at this very moment; try again.")))
"""What `engine.database.Stale` is to whoever asked."""


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
