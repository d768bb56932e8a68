"""Owns the session's cookie: it holds the secret of a row, signed, and nothing else; signing out ends the row."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, g, request
from flask import session as cookie
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from engine.database import Away
from tickets.organising import sessions
from tickets.organising.sessions import Device
from web.context import now, reading, runtime, signed_in


def setup(app: Flask) -> None:
    """Note when each session was last used."""
    app.after_request(note_use)


def device() -> Device:
    """Where the request comes from."""
    return Device(name=request.headers.get("User-Agent", ""), address=get_remote_address())


def device_words(name: str) -> tuple[str, str]:
    """Of what a browser calls itself the part that people know: browser, system; empty where it is none we know."""
    browser = next((words for mark, words in BROWSERS if mark in name), "")
    return browser, next((words for mark, words in SYSTEMS if mark in name), "")


BROWSERS = (
    ("wxwork", "WeCom"),
    ("DingTalk", "DingTalk"),
    ("MicroMessenger", "WeChat"),
    ("Lark", "Feishu"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""Marks in a User-Agent; the first found counts, since most browsers name others too."""


def begin(secret: str) -> None:
    """Put a new session into the cookie; what it held before is gone, so nobody can plant a session beforehand."""
    language = cookie.get("language")
    cookie.clear()
    cookie["session"] = secret
    if language:
        cookie["language"] = language
    forget()


def sign_out() -> None:
    """End the session, also for whoever copied its cookie, and forget who it was in this browser."""
    entered = signed_in()
    reading().rollback()
    if entered is not None:
        with runtime().writing() as session, session.begin():
            sessions.end(session, entered.session_id, now=now())
    cookie.clear()
    forget()


def was_ended() -> bool:
    """Whether the request comes by a session that was signed out of; whoever enters next begins where they begin."""
    secret = cookie.get("session")
    return isinstance(secret, str) and sessions.was_ended(reading(), sessions.digest_of(secret))


def forget() -> None:
    """Let the request find out anew who asks."""
    g.pop("actor", None)
    g.pop("signed_in", None)


def note_use(response: Response) -> Response:
    """Write the session's last use, at most every few minutes."""
    entered = g.get("signed_in")
    if entered is not None and now() - entered.seen_at >= sessions.SEEN_EVERY:
        reading().rollback()
        with suppress(Away), runtime().writing() as session, session.begin():  # what was asked is done
            sessions.seen(session, entered.session_id, now=now())
    return response
