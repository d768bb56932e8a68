"""News: what people are told of though no ticket carries it, as notices and messages of their own."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from engine.database import UtcDateTime
from migrations.adding import BIG_ID, JSON

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NOTICE = "(event_id IS NULL) = (ticket_id IS NULL) AND (event_id IS NULL) <> (news_id IS NULL)"
DELIVERY = "(event_id IS NULL) <> (news_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("leads", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_news_place_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name="fk_news_actor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_news"),
    )
    _open("notice", ["ticket_id", "event_id"], NOTICE, unique=["news_id", "person_id"])
    _open("delivery", ["event_id"], DELIVERY)


def _open(table: str, columns: Sequence[str], one: str, *, unique: Sequence[str] = ()) -> None:
    """A row may be of news instead of an event. SQLite can't change a column: there the table is copied, in one go."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("news_id", BIG_ID, nullable=True))
        for column in columns:
            batch.alter_column(column, existing_type=BIG_ID, nullable=True)
        batch.create_foreign_key(f"fk_{table}_news_id", "news", ["news_id"], ["id"])
        batch.create_check_constraint(op.f(f"ck_{table}_of_one"), one)
        if unique:
            batch.create_unique_constraint(f"uq_{table}_{'_'.join(unique)}", list(unique))
