"""Owns signing in and out: the cookie holds a person's id and the epoch of their sessions, signed, and nothing else."""

from __future__ import annotations

from flask import g
from flask import session as cookie

from tickets.people import Person


def sign_in(person: Person) -> None:
    """Start a new session; whatever the cookie held before is gone, so nobody can plant a session beforehand."""
    language = cookie.get("language")
    cookie.clear()
    cookie.update(person=person.id, epoch=person.session_epoch)
    if language:
        cookie["language"] = language
    g.pop("actor", None)


def sign_out() -> None:
    """Forget who it was in this browser."""
    cookie.clear()
    g.pop("actor", None)
