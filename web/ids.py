"""Owns reading ids out of addresses and forms."""

from __future__ import annotations

from uuid import UUID


def uuid_or_none(text: str) -> UUID | None:
    """What an address or a field names, if it is an id at all."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
