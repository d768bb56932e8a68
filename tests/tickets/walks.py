"""What the walks through the shipped types share: which elements a type has, and which were passed."""

from __future__ import annotations

import sqlalchemy as sa

from engine.definitions import read_bundle
from engine.models import ElementVisit
from tests.tickets.play import SHIPPED, Play


def elements(key: str) -> set[str]:
    """The ids of everything a token passes through in a shipped type."""
    bundle = read_bundle({f"{key}.bpmn": (SHIPPED / key / f"{key}.bpmn").read_bytes()})
    return {node.id for _, compiled in bundle.definitions for node in compiled.process.scope.walk()}


def passed(play: Play) -> set[str]:
    """Every element that some ticket has left by going on."""
    with play.runtime.reading() as session:
        done = sa.select(ElementVisit.element).where(ElementVisit.outcome == "completed")
        return set(session.scalars(done))
