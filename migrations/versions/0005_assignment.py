"""Assignment rules, rotations, skills, absences and delegated tasks."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in as its tables come."""
