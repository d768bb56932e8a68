"""Owns the demo at start: people, the shipped ticket types, tickets, and the table of logins that is printed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

import processes
from engine.jobs import tabled
from tickets.demo import PASSWORD, PEOPLE, load_demo
from tickets.demo.history import live_through
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.work import hand_over
from web.deploying import as_text, deploy_paths


def prepare(runtime: Runtime) -> str:
    """Load what of the demo is missing; gives what to print."""
    lived = replace(runtime, database=tabled(runtime.database))  # its clock is another than the job queue's
    new = load_demo(lived)
    shipped = Path(str(processes.__file__)).parent
    outcomes = deploy_paths(lived, [shipped])
    refused = [outcome for outcome in outcomes if not outcome.accepted]
    if new and not refused:
        live_through(lived)
    hand_over(runtime)
    return "\n".join(filter(None, (as_text(refused), logins(runtime))))


def logins(runtime: Runtime) -> str:
    """The demo's logins as a table; nothing where the database holds other people than the demo's."""
    with runtime.reading() as session:
        here = sa.select(Person.login).where(Person.departed_at.is_(None))
        known = set(session.scalars(here.where(Person.login.in_([person.login for person in PEOPLE]))))
    rows = [(person.login, person.name, person.title) for person in PEOPLE if person.login in known]
    if not rows:
        return ""
    lines = [f"  {_padded(login, 12)}{_padded(name, 10)}{title}" for login, name, title in rows]
    return "\n".join((f"Demo logins, password {PASSWORD} for each:", *lines))


def _padded(text: str, width: int) -> str:
    """The text with spaces up to a width in columns; Chinese characters are two columns wide."""
    taken = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(width - taken, 1)
