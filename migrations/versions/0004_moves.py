"""Ratings; links between tickets, tags; canned replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, MOMENT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rating()
    _links()
    _tags()
    _canned_replies()


def _rating() -> None:
    op.create_table(
        "ticket_rating",
        sa.Column("ticket_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_rating_ticket_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_ticket_rating_person_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_ticket_rating"),
    )
    op.create_index("ix_ticket_rating_brand_id", "ticket_rating", ["brand_id"])


def _links() -> None:
    op.create_table(
        "ticket_link",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("other_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_link_ticket_id"),
        sa.ForeignKeyConstraint(["other_id"], ["ticket.id"], name="fk_ticket_link_other_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_ticket_link_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_link"),
        sa.UniqueConstraint("ticket_id", "other_id", name="uq_ticket_link_ticket_id_other_id"),
    )
    op.create_index("ix_ticket_link_other", "ticket_link", ["other_id"])


def _tags() -> None:
    op.create_table(
        "tag",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.UniqueConstraint("brand_id", "key", name="uq_tag_brand_id_key"),
    )
    op.create_table(
        "ticket_tag",
        sa.Column("ticket_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("tag_id", BIG_ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_tag_ticket_id"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name="fk_ticket_tag_tag_id"),
        sa.PrimaryKeyConstraint("ticket_id", "tag_id", name="pk_ticket_tag"),
    )
    op.create_index("ix_ticket_tag_tag", "ticket_tag", ["tag_id", "ticket_id"])


def _canned_replies() -> None:
    op.create_table(
        "canned_reply",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("type_key", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body_zh", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_canned_reply_person_id"),
        sa.ForeignKeyConstraint(["updated_by_id"], ["person.id"], name="fk_canned_reply_updated_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_canned_reply"),
        sa.UniqueConstraint("public_id", name="uq_canned_reply_public_id"),
    )
    op.create_index("ix_canned_reply_brand", "canned_reply", ["brand_id", "type_key"])
    op.create_index("ix_canned_reply_person", "canned_reply", ["person_id"])
