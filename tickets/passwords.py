"""Owns passwords: argon2 hashes, and a check that takes as long for somebody who does not exist."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.expressions import N_, Message
from tickets.errors import Invalid

SHORTEST = 10
LONGEST = 1024

_HASHER = PasswordHasher()  # argon2id with the library's parameters (RFC 9106, low memory)


def hash_password(password: str) -> str:
    """The argon2id hash to keep; raises Invalid for a password too short, too long or not text."""
    if not SHORTEST <= len(password) <= LONGEST:
        limits = {"shortest": SHORTEST, "longest": LONGEST}
        raise Invalid(Message(N_("A password has %(shortest)s to %(longest)s characters."), limits))
    if (secret := _bytes(password)) is None:
        raise Invalid(Message(N_("The password holds characters that are not text; type it again.")))
    return _HASHER.hash(secret)


def verify_password(stored: str, password: str) -> bool:
    """Whether the password is the one hashed; as slow for an empty hash (nobody logs in by it) as for a real one."""
    secret = _bytes(password[:LONGEST]) or b""
    try:
        return _HASHER.verify(stored or _decoy(), secret) and bool(stored) and len(password) <= LONGEST
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return _HASHER.hash("nobody has this password")


def _bytes(password: str) -> bytes | None:
    try:
        return password.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only a hand-made request can send
        return None
