"""Clients of other systems and their calls; looks at sensitive fields; erasures."""

from __future__ import annotations

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in as its tables come."""
