"""Owns telling a variant that was drawn from an older version of its standard: that first, not all that has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Level, Message, Problem
from engine.models import ProcessDefinition
from tickets.standards.variants.contract import Version
from tickets.standards.variants.holding import check_variant

if TYPE_CHECKING:
    from tickets.standards.variants.publishing import Live

BEHIND = "variant-behind"
MOST = 5
"""Older versions that are looked at, the newest first."""
FEW = 3
"""So many differences are told beside it: they may be all that is to be done."""


@dataclass(frozen=True)
class OlderVersion:
    """What a standard was once."""

    number: int
    content: Version


Older = Callable[["Live"], Sequence[OlderVersion]]
"""The older versions of a standard, the newest first; asked only of a variant that does not hold."""


def older_versions(session: Session, live: Live, load: Callable[[Session, int], Version]) -> list[OlderVersion]:
    """Those of a standard that is live."""
    query = (
        sa.select(ProcessDefinition.version, ProcessDefinition.id)
        .where(ProcessDefinition.brand_id == live.kind.brand_id, ProcessDefinition.key == live.kind.key)
        .where(ProcessDefinition.version < live.version)
        .order_by(ProcessDefinition.version.desc())
        .limit(MOST)
    )
    return [OlderVersion(number, load(session, definition_id)) for number, definition_id in session.execute(query)]


def told_of_age(
    found: Sequence[Problem], variant: Version, live: Live, older: Sequence[OlderVersion]
) -> Sequence[Problem]:
    """The problems of a variant; where an older version explains most of them, that one first, and what it leaves.

    What only the versions of the standard differ in is left out where it is much: it comes with the newer files.
    """
    closest: tuple[OlderVersion, list[Problem]] | None = None
    for each in older:
        left = check_variant(each.content, variant)
        if closest is None or len(left) < len(closest[1]):
            closest = each, left
        if not left:
            break
    if closest is None or 2 * len(closest[1]) >= len(found):
        return found
    version, left = closest
    return [_behind(variant, live, version.number), *(found if len(found) <= FEW else left)]


def _behind(variant: Version, live: Live, older: int) -> Problem:
    process = variant.compiled.process
    problem = N_("This looks drawn from version %(older)s of the group's standard; version %(live)s is live.")
    remedy = N_("Begin from the files of version %(live)s, and put in again what you have added.")
    words = {"older": older, "live": live.version, "standard": str(live.kind.public_id)}
    said = Message(problem, words), Message(remedy, words)
    return Problem(Level.ERROR, BEHIND, *said, process.id, process.name, process.line)
