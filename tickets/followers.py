"""Owns the list of what follows a change of a ticket within its transaction; what may come later is aftermath."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tickets.change import Change
from tickets.life import following


@dataclass(frozen=True, slots=True)
class Follower:
    """Runs when the ticket is new or any of these columns changes; it writes rows of its own, never the ticket's."""

    columns: frozenset[str]
    follow: Callable[[Session, Change], None]


FOLLOWERS: tuple[Follower, ...] = (Follower(frozenset({"status"}), following.follow_status),)
