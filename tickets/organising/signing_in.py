"""Owns signing in: the lock on guessing, the check of the password, and the session that begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.expressions import N_, Message
from tickets import audit
from tickets.errors import Invalid
from tickets.organising import lockout, sessions
from tickets.organising.lockout import Lock
from tickets.organising.sessions import Device
from tickets.people import Person, authenticate, normal_login, person_by_login
from tickets.runtime import Runtime

WORTH_TELLING = 3
"""From how many wrong passwords on their owner is told at the next sign-in."""


class WrongPassword(Invalid):
    """Login or password is wrong; which of them is not told."""

    def __init__(self) -> None:
        super().__init__(Message(N_("Login or password is wrong. Check both, and the caps lock key.")))


class LoginLocked(Invalid):
    """Too many wrong passwords; `until` is when the next may be tried. Said of logins that nobody has, too."""

    def __init__(self, until: datetime) -> None:
        text = N_("Too many wrong passwords for this login. Try again after %(until)s, or ask an administrator.")
        super().__init__(Message(text, {"until": until}))
        self.until = until


@dataclass(frozen=True, slots=True)
class Entrance:
    """A session that has begun: its secret, and how many wrong passwords there were before (0: none to speak of)."""

    secret: str
    failures: int


def sign_in(runtime: Runtime, login: str, password: str, device: Device) -> Entrance:
    """Begin a session for who knows the password. Raises WrongPassword or LoginLocked, as slowly for any login."""
    now, known = runtime.clock.now(), normal_login(login)
    with runtime.reading() as session:
        lock = lockout.lock_on(session, known) if known else Lock()
        _refuse_locked(lock, now)
        person = authenticate(session, login, password)
    if person is None or known is None:
        if known is not None:
            _count(runtime, known, now)
        raise WrongPassword
    return _enter(runtime, person, known, device, now)


def confirm(runtime: Runtime, login: str, password: str) -> None:
    """Check the password of who is signed in already, under the same lock. Raises WrongPassword or LoginLocked."""
    now = runtime.clock.now()
    with runtime.reading() as session:
        _refuse_locked(lockout.lock_on(session, login), now)
        person = authenticate(session, login, password)
    if person is None:
        _count(runtime, login, now)
        raise WrongPassword


def _enter(runtime: Runtime, person: Person, login: str, device: Device, now: datetime) -> Entrance:
    with runtime.writing() as session, session.begin():
        lock = lockout.lock_on(session, login)  # again: many may have guessed at the same moment
        _refuse_locked(lock, now)
        if lock.failures:
            lockout.forgive(session, login)
        secret = sessions.start(session, person, device, now=now)
    return Entrance(secret, lock.failures if lock.failures >= WORTH_TELLING else 0)


def _count(runtime: Runtime, login: str, now: datetime) -> None:
    with runtime.writing() as session, session.begin():
        lock = lockout.count_failure(session, login, now=now)
        if lock.holds(now) and (person := person_by_login(session, login)):
            after = {"failures": lock.failures, "until": lock.until.isoformat() if lock.until else None}
            audit.record(session, None, "person.locked", login, brand_id=person.brand_id, at=now, after=after)


def _refuse_locked(lock: Lock, now: datetime) -> None:
    if lock.until is not None and lock.holds(now):
        raise LoginLocked(lock.until)
