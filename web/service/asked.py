"""Owns what requests for service levels say: ids and days in addresses, and today at the reader's."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tickets.errors import NotFound
from web.context import now
from web.language import time_zone


def today() -> date:
    """The reader's day."""
    return now().astimezone(time_zone()).date()


def id_in(text: str | None) -> UUID | None:
    """The id that a form or an address names; None for an empty one. Raises NotFound for what is none."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def month_in(text: str | None) -> date:
    """The first day of the month that an address names (2026-12); this month's for what is none."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = today().replace(day=1)
    return found if 2000 <= found.year < 2100 else today().replace(day=1)
