"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _processes()
    _organisation()
    _tickets()


def _processes() -> None:
    op.create_table(
        "deployment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deployment"),
        sa.UniqueConstraint("public_id", name="uq_deployment_public_id"),
    )
    op.create_index("ix_deployment_brand_id", "deployment", ["brand_id"])
    op.create_table(
        "effect",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_effect"),
    )
    op.create_table(
        "job",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("args", JSON, nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("run_at", MOMENT, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("key", name="uq_job_key"),
    )
    op.create_index("ix_job_due", "job", ["status", "run_at"])
    op.create_table(
        "pending_message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending_message"),
    )
    op.create_index("ix_pending_message_expires_at", "pending_message", ["expires_at"])
    op.create_index("ix_pending_message_match", "pending_message", ["brand_id", "name", "key"])
    op.create_table(
        "deployed_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("deployment_id", BIG_ID, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name="fk_deployed_file_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deployed_file"),
        sa.UniqueConstraint("deployment_id", "path", name="uq_deployed_file_deployment_id_path"),
    )
    op.create_table(
        "process_definition",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("deployment_id", BIG_ID, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("compiled", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name="fk_process_definition_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_process_definition"),
        sa.UniqueConstraint("brand_id", "key", "version", name="uq_process_definition_brand_id_key_version"),
        sa.UniqueConstraint("public_id", name="uq_process_definition_public_id"),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("definition_id", BIG_ID, nullable=False),
        sa.Column("business_key", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("codec_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name="fk_process_instance_definition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_process_instance"),
        sa.UniqueConstraint("public_id", name="uq_process_instance_public_id"),
    )
    op.create_index("ix_process_instance_brand_id", "process_instance", ["brand_id"])
    op.create_index("ix_process_instance_business_key", "process_instance", ["business_key"])
    op.create_index("ix_process_instance_definition_id", "process_instance", ["definition_id"])
    op.create_table(
        "element_visit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("loop", sa.String(), nullable=True),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_element_visit_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_element_visit"),
    )
    op.create_index("ix_element_visit_instance_id", "element_visit", ["instance_id"])
    op.create_table(
        "incident",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_incident_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
        sa.UniqueConstraint("public_id", name="uq_incident_public_id"),
    )
    op.create_index("ix_incident_instance_id", "incident", ["instance_id"])
    op.create_table(
        "message_subscription",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("instance_id", BIG_ID, nullable=True),
        sa.Column("definition_id", BIG_ID, nullable=True),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name="fk_message_subscription_definition_id"
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_message_subscription_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message_subscription"),
    )
    op.create_index("ix_message_subscription_definition_id", "message_subscription", ["definition_id"])
    op.create_index("ix_message_subscription_instance_id", "message_subscription", ["instance_id"])
    op.create_index("ix_message_subscription_match", "message_subscription", ["brand_id", "name", "key"])
    op.create_table(
        "step_input",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("payload", JSON, nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_step_input_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_step_input"),
        sa.UniqueConstraint("instance_id", "revision", name="uq_step_input_instance_id_revision"),
    )
    op.create_table(
        "timer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=True),
        sa.Column("definition_id", BIG_ID, nullable=True),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name="fk_timer_definition_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_timer_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_timer"),
    )
    op.create_index("ix_timer_definition_id", "timer", ["definition_id"])
    op.create_index("ix_timer_due_at", "timer", ["due_at"])
    op.create_index("ix_timer_instance_id", "timer", ["instance_id"])
    op.create_table(
        "user_task",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("documentation", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=True),
        sa.Column("form_digest", sa.String(length=64), nullable=True),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("queue_key", sa.Integer(), nullable=True),
        sa.Column("offered_key", sa.Integer(), nullable=True),
        sa.Column("widely_offered", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("follow_up_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted", JSON, nullable=True),
        sa.Column("draft", JSON, nullable=True),
        sa.Column("draft_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_user_task_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_task"),
        sa.UniqueConstraint("public_id", name="uq_user_task_public_id"),
    )
    op.create_index(
        "ix_user_task_inbox",
        "user_task",
        ["queue_key", "due_at", "id"],
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_user_task_instance_id", "user_task", ["instance_id"])
    op.create_index("ix_user_task_assignee", "user_task", ["assignee_id", "instance_id"])
    op.create_table(
        "task_candidate",
        sa.Column("task_id", BIG_ID, nullable=False),
        sa.Column("queue_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name="fk_task_candidate_task_id"),
        sa.PrimaryKeyConstraint("task_id", "queue_key", name="pk_task_candidate"),
    )
    op.create_index("ix_task_candidate_queue_key", "task_candidate", ["queue_key"])


def _organisation() -> None:
    op.create_table(
        "place",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name="fk_place_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
        sa.UniqueConstraint("brand_id", "external_id", name="uq_place_brand_id_external_id"),
        sa.UniqueConstraint("public_id", name="uq_place_public_id"),
    )
    op.create_index("ix_place_brand_id", "place", ["brand_id"])
    op.create_index("ix_place_path", "place", ["path"])
    op.create_table(
        "role",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("permissions", JSON, nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
        sa.UniqueConstraint("brand_id", "key", name="uq_role_brand_id_key"),
    )
    op.create_table(
        "person",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("superior_id", BIG_ID, nullable=True),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("departed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_person_place_id"),
        sa.ForeignKeyConstraint(["superior_id"], ["person.id"], name="fk_person_superior_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("login", name="uq_person_login"),
        sa.UniqueConstraint("public_id", name="uq_person_public_id"),
    )
    op.create_index("ix_person_brand_id", "person", ["brand_id"])
    op.create_index("ix_person_phone", "person", ["phone"])
    op.create_index("ix_person_place_id", "person", ["place_id"])
    op.create_index("ix_person_superior_id", "person", ["superior_id"])
    op.create_table(
        "api_token",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_api_token_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
        sa.UniqueConstraint("public_id", name="uq_api_token_public_id"),
    )
    op.create_index("ix_api_token_person_id", "api_token", ["person_id"])
    op.create_table(
        "audit_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("on_behalf_of_id", BIG_ID, nullable=True),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name="fk_audit_entry_actor_id"),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["person.id"], name="fk_audit_entry_on_behalf_of_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_brand_id", "audit_entry", ["brand_id"])
    op.create_table(
        "idempotent_answer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_idempotent_answer_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_idempotent_answer"),
        sa.UniqueConstraint("person_id", "key", name="uq_idempotent_answer_person_id_key"),
    )
    op.create_index("ix_idempotent_answer_created_at", "idempotent_answer", ["created_at"])
    op.create_table(
        "membership",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("role_id", BIG_ID, nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_membership_person_id"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_membership_place_id"),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_membership_role_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint("person_id", "role_id", "place_id", name="uq_membership_person_id_role_id_place_id"),
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_table(
        "queue",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("role_id", BIG_ID, nullable=True),
        sa.Column("place_id", BIG_ID, nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (role_id IS NULL)", name="ck_queue_person_or_role"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_queue_person_id"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_queue_place_id"),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_queue_role_id"),
        sa.PrimaryKeyConstraint("id", name="pk_queue"),
        sa.UniqueConstraint("person_id", name="uq_queue_person_id"),
        sa.UniqueConstraint("role_id", "place_id", name="uq_queue_role_id_place_id"),
    )
    op.create_table(
        "subject",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("responsible_id", BIG_ID, nullable=True),
        sa.Column("contract_end", sa.Date(), nullable=True),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_subject_place_id"),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name="fk_subject_responsible_id"),
        sa.PrimaryKeyConstraint("id", name="pk_subject"),
        sa.UniqueConstraint("brand_id", "kind", "external_id", name="uq_subject_brand_id_kind_external_id"),
        sa.UniqueConstraint("public_id", name="uq_subject_public_id"),
    )
    op.create_index("ix_subject_place_id", "subject", ["place_id"])
    op.create_index("ix_subject_responsible_id", "subject", ["responsible_id"])


def _tickets() -> None:
    op.create_table(
        "number_sequence",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_number_sequence"),
    )
    op.create_table(
        "stored_form",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_stored_form"),
    )
    op.create_table(
        "ticket_type",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("icon", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("documentation", sa.String(), nullable=False),
        sa.Column("start_form_digest", sa.String(length=64), nullable=True),
        sa.Column("start_roles", JSON, nullable=False),
        sa.Column("fileable", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("definition_id", BIG_ID, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name="fk_ticket_type_definition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_type"),
        sa.UniqueConstraint("brand_id", "key", name="uq_ticket_type_brand_id_key"),
        sa.UniqueConstraint("public_id", name="uq_ticket_type_public_id"),
    )
    op.create_table(
        "ticket",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("type_id", BIG_ID, nullable=False),
        sa.Column("definition_id", BIG_ID, nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("requester_id", BIG_ID, nullable=True),
        sa.Column("filed_by_id", BIG_ID, nullable=True),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("subject_id", BIG_ID, nullable=True),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("form_digest", sa.String(length=64), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("first_reply_at", MOMENT, nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name="fk_ticket_definition_id"),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name="fk_ticket_filed_by_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_ticket_instance_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_ticket_owner_id"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_ticket_place_id"),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name="fk_ticket_requester_id"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_ticket_subject_id"),
        sa.ForeignKeyConstraint(["type_id"], ["ticket_type.id"], name="fk_ticket_type_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("instance_id", name="uq_ticket_instance_id"),
        sa.UniqueConstraint("number", name="uq_ticket_number"),
        sa.UniqueConstraint("public_id", name="uq_ticket_public_id"),
    )
    op.create_index("ix_ticket_brand_status", "ticket", ["brand_id", "status", "id"])
    op.create_index("ix_ticket_owner", "ticket", ["owner_id", "status", "id"])
    op.create_index("ix_ticket_filed_by_id", "ticket", ["filed_by_id"])
    op.create_index("ix_ticket_place", "ticket", ["place_id", "id"])
    op.create_index("ix_ticket_requester", "ticket", ["requester_id", "id"])
    op.create_index("ix_ticket_subject_id", "ticket", ["subject_id"])
    op.create_index("ix_ticket_type_id", "ticket", ["type_id"])
    op.create_table(
        "stored_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=True),
        sa.Column("uploaded_by_id", BIG_ID, nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_stored_file_ticket_id"),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name="fk_stored_file_uploaded_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sa.UniqueConstraint("public_id", name="uq_stored_file_public_id"),
    )
    op.create_index("ix_stored_file_digest", "stored_file", ["digest"])
    op.create_index("ix_stored_file_ticket_id", "stored_file", ["ticket_id"])
    op.create_index("ix_stored_file_uploaded_by_id", "stored_file", ["uploaded_by_id"])
    op.create_table(
        "timeline_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("on_behalf_of_id", BIG_ID, nullable=True),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name="fk_timeline_event_actor_id"),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["person.id"], name="fk_timeline_event_on_behalf_of_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_timeline_event_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_timeline_event"),
    )
    op.create_index("ix_timeline_event_ticket", "timeline_event", ["ticket_id", "id"])
