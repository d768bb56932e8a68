"""Owns the demo at start: people, the shipped ticket types, their past, and the table of logins that is printed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

import processes
from engine.jobs import tabled
from engine.models import ProcessDefinition
from tickets.demo import PASSWORD
from tickets.demo.followed import INTRODUCED
from tickets.demo.lived import live
from tickets.demo.organisation import ALL_PEOPLE
from tickets.demo.quick import hastened
from tickets.demo.wide import load_all_subjects, load_people
from tickets.people import Person
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.uploads.reading import read_here
from tickets.work import hand_over
from web.demo.roles import LOGINS
from web.deploying import as_text, deploy_paths


def prepare(runtime: Runtime, *, say: Callable[[str], object] = lambda _: None) -> str:
    """Load what of the demo is missing; gives what to print. `say` is told how long the past took, if it is new."""
    began = perf_counter()
    with hastened(runtime.database) as database:
        # its clock is another than the job queue's; what is shipped harms nobody, so it is read here
        lived = replace(runtime, database=tabled(database), reader=read_here)
        new = load_people(lived)
        shipped = Path(str(processes.__file__)).parent
        outcomes = deploy_paths(lived, _not_taken_over(lived, shipped))
        refused = [outcome for outcome in outcomes if not outcome.accepted]
        if new and not refused:
            load_all_subjects(lived)
            tickets = len(live(lived).numbers)
            took = perf_counter() - began
            say(f"Made the demo's past, {tickets} tickets and {len(INTRODUCED)} standards, in {took:.1f} s.")
    hand_over(runtime)
    return "\n".join(filter(None, (as_text(refused), logins(runtime))))


def _not_taken_over(runtime: Runtime, shipped: Path) -> list[Path]:
    """The folders of the shipped types but those that somebody has published since: theirs stays live."""
    newest = sa.select(sa.func.max(ProcessDefinition.id)).join(Place, Place.id == ProcessDefinition.brand_id)
    newest = newest.where(Place.kind == PlaceKind.GROUP).group_by(ProcessDefinition.key)
    theirs = ProcessDefinition.id.in_(newest) & ProcessDefinition.created_by_id.is_not(None)
    with runtime.reading() as session:
        taken = set(session.scalars(sa.select(ProcessDefinition.key).where(theirs)))
    return sorted(path.parent for path in shipped.glob("*/*.bpmn") if path.parent.name not in taken)


def logins(runtime: Runtime) -> str:
    """The logins of the role cards as a table; nothing where the database holds other people than the demo's."""
    with runtime.reading() as session:
        here = sa.select(Person.login).where(Person.departed_at.is_(None))
        known = set(session.scalars(here.where(Person.login.in_(sorted(LOGINS)))))
    rows = [(one.login, one.name, one.title) for one in ALL_PEOPLE if one.login in known]
    if not rows:
        return ""
    lines = [f"  {_padded(login, 12)}{_padded(name, 10)}{title}" for login, name, title in rows]
    return "\n".join((f"Demo logins, password {PASSWORD} for each and for everybody else of the demo:", *lines))


def _padded(text: str, width: int) -> str:
    """The text with spaces up to a width in columns; Chinese characters are two columns wide."""
    taken = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(width - taken, 1)
