"""Owns which facts subjects have that a standard may go by: the attributes that their newest have."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.places import Place
from tickets.subjects import Subject

LOOKED_AT = 300
MOST = 60


def facts_known(session: Session, kind: str, places: Sequence[Place]) -> list[str]:
    """The names of attributes that subjects of a kind have at these places and below, by name."""
    here = sa.or_(sa.false(), *(Place.path.startswith(place.path) for place in places))
    query = (
        sa.select(Subject.attributes)
        .join(Place, Place.id == Subject.place_id)
        .where(Subject.kind == kind, Subject.erased_at.is_(None), here)
        .order_by(Subject.id.desc())
        .limit(LOOKED_AT)
    )
    return sorted({str(name) for found in session.scalars(query) for name in found})[:MOST]
