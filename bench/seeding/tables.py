"""Owns the tables that made-up tickets fill, and the columns that their rows give, in order."""

from __future__ import annotations

from collections.abc import Mapping

from bench.seeding.bulk import Table

TABLES: Mapping[str, Table] = {
    "instance": Table(
        "process_instance",
        "id public_id brand_id definition_id business_key revision codec_version state status started_at "
        "ended_at".split(),
    ),
    "ticket": Table(
        "ticket",
        "id public_id number brand_id place_id type_id definition_id instance_id title requester_id filed_by_id "
        "owner_id priority status data form_digest due_at dispatch_at urges urged_at version created_at updated_at "
        "accepted_at first_reply_at resolved_at closed_at response_due_at".split(),
    ),
    "task": Table(
        "user_task",
        "id public_id brand_id instance_id ref element name names form_digest settings status assignee_id "
        "queue_key offered_key due_at opened_at claimed_at closed_at closed_by_id".split(),
    ),
    "event": Table("timeline_event", "id ticket_id brand_id at kind actor_id via public params body pending".split()),
    "value": Table("field_value", "ticket_id name position text number".split()),
    "copy": Table("ticket_cc", "id brand_id ticket_id person_id at seen_at".split()),
    "notice": Table("notice", "id brand_id person_id ticket_id event_id part params at read_at".split()),
    "clock": Table(
        "service_clock",
        "id brand_id place_id type_id ticket_id kind span working started_at due_at stopped_at outcome "
        "judged_at".split(),
    ),
    "document": Table("search_document", "ticket_id outside inside marks reader".split()),
}
FIRST = 1000
"""The model tickets' own rows come before; ours are counted on from here where several belong to one ticket."""
