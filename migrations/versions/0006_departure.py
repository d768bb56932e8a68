"""Departures with their plans and what they changed; events that came; callers."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in as its tables come."""
