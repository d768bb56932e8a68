"""Owns what a request is made of: the runtime and settings of this process, a session to read with, and who asks."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import current_app, g, request
from flask import session as cookie
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars

from engine.expressions import N_, Message
from tickets.access import Actor, Permission
from tickets.actor import SignedIn, load_signed_in
from tickets.organising.sessions import digest_of
from tickets.runtime import Runtime
from web.config import Config
from web.errors import PasswordChangeNeeded, SignInNeeded

RUNTIME = "gongdan.runtime"
CONFIG = "gongdan.config"


def runtime() -> Runtime:
    """What verbs are given; for a request that is to be done once, one that knows of it."""
    return cast(Runtime, g.get("runtime") or current_app.extensions[RUNTIME])


def config() -> Config:
    """The settings of this installation."""
    return cast(Config, current_app.extensions[CONFIG])


def reading() -> Session:
    """This request's session for reading; it ends with the request."""
    return cast(Session, current_app.extensions["sqlalchemy"].session())


def read_again() -> Session:
    """The request's session once a verb has written: what it reads from now on shows that."""
    session = reading()
    session.rollback()
    return session


def now() -> datetime:
    """The moment of this request: one for everything it shows."""
    if "now" not in g:
        g.now = runtime().clock.now()
    return cast(datetime, g.now)


def someone() -> Actor | None:
    """Who asks, or None when nobody is signed in."""
    if "actor" not in g:
        g.actor = _of_cookie()
        if g.actor is not None:
            bind_contextvars(person=str(g.actor.public_id))
    return cast("Actor | None", g.actor)


def me() -> Actor:
    """Who asks; raises SignInNeeded when nobody is signed in."""
    actor = someone()
    if actor is None:
        raise SignInNeeded(Message(N_("Sign in first.")))
    if (entered := signed_in()) and entered.must_change_password and request.endpoint not in BEFORE_A_NEW_PASSWORD:
        raise PasswordChangeNeeded(Message(N_("Choose a password of your own first.")))
    return actor


def signed_in() -> SignedIn | None:
    """By which session somebody is signed in; None for nobody, and for who came with a token."""
    someone()
    return cast("SignedIn | None", g.get("signed_in"))


BEFORE_A_NEW_PASSWORD = frozenset({"me.password", "me.change_password", "home.logout", "home.preferences"})
"""All that one may do with a password that somebody else has set."""


def is_staff(actor: Actor) -> bool:
    """Whether they get the staff's pages; everybody else gets the requester's."""
    return any(actor.may(permission) for permission in STAFF)


STAFF = frozenset(Permission) - {Permission.FILE}


def _of_cookie() -> Actor | None:
    secret = cookie.get("session")
    if not isinstance(secret, str):
        return None
    g.signed_in = load_signed_in(reading(), digest_of(secret), config().session_lifetime, now())
    return g.signed_in.actor if g.signed_in else None
