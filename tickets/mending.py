"""Owns who may try a stopped process again: who mends stopped tickets, and of a call, who manages connectors there."""

from __future__ import annotations

from tickets.access import Actor, Permission
from tickets.connectors.asking import JOB as CALL


def may_retry(actor: Actor, kind: str, *, brand_id: int, place_path: str) -> bool:
    """Whether they may, of an incident of this kind at this place."""
    may = (Permission.OPERATE, *((Permission.MANAGE_CONNECTORS,) if kind == CALL else ()))
    return any(actor.covers(each, brand_id=brand_id, place_path=place_path) for each in may)
