"""Whoever delegated a task keeps sight of its ticket: the index that finds those tasks."""

from __future__ import annotations

from migrations.adding import index_where

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_where(
        "ix_user_task_delegated", "user_task", ["delegated_by_id", "instance_id"], "delegated_by_id IS NOT NULL"
    )
