"""Owns what a ticket type's page says of variants: those of a group's standard, or the standard that it varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.model import Node
from tickets.access import Actor, Permission, visible_types
from tickets.audit import AuditEntry
from tickets.standards.variants.holding import is_standard
from tickets.standards.variants.publishing import Held, live_version, standard_of, variants_of, version_of
from tickets.standards.variants.structure import points_of
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class Standing:
    """A type as a standard, or as a variant of one; `points` are where brands may put steps of their own.

    `makes_variant`: whoever looks may publish for a brand, and needs the standard's files for that.
    """

    is_standard: bool = False
    points: Sequence[Node] = ()
    variants: Sequence[Held] = ()
    varies: Held | None = None
    makes_variant: bool = False


def standing(session: Session, actor: Actor, kind: TicketType) -> Standing:
    """What is to be said of a type that the actor sees."""
    if kind.brand_id != actor.root_id:
        return Standing(varies=standard_of(session, kind))
    if live_version(session, kind) is None:
        return Standing()
    compiled = version_of(session, kind.definition_id).compiled
    if not is_standard(compiled):
        return Standing()
    rows = variants_of(session, kind, visible_types(actor))
    makes = actor.may(Permission.DEPLOY) and actor.brand_id != actor.root_id
    return Standing(True, points_of(compiled), rows, makes_variant=makes)


def lost_among(session: Session, live: Sequence[tuple[TicketType, int]]) -> frozenset[int]:
    """The ids of those types whose live version a new standard has lost, as was written down then; one statement."""
    about = {(kind.brand_id, f"{kind.key} v{version}"): kind.id for kind, version in live}
    if not about:
        return frozenset()
    query = sa.select(AuditEntry.brand_id, AuditEntry.what).where(
        AuditEntry.action == "variant.lost",
        AuditEntry.brand_id.in_(sorted({brand for brand, _ in about})),
        AuditEntry.what.in_(sorted(what for _, what in about)),
    )
    return frozenset(about[row[0], row[1]] for row in session.execute(query) if (row[0], row[1]) in about)
