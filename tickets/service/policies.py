"""Owns which promise holds for a ticket: a brand's policy before the group's, and that before the BPMN file's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import load
from engine.models import ProcessDefinition
from engine.spiff.working_time import counts_working_time
from tickets.service.tables import ClockKind, ServicePolicy


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised of a ticket; a kind without a span is not promised. `policy_id` is None for the file's own."""

    spans: Mapping[str, str]
    working: bool
    warn_before: str = ""
    escalate_after: str = ""
    escalate_to: str = ""
    policy_id: int | None = None

    def snapshot(self, kind: str) -> dict[str, object]:
        """The columns of a clock that say by what it counts."""
        return {
            "policy_id": self.policy_id,
            "span": self.spans[kind],
            "working": self.working,
            "warn_before": self.warn_before,
            "escalate_after": self.escalate_after,
            "escalate_to": self.escalate_to,
        }


FILE_WARNING = "20%"
"""When a ticket by the file's own terms is due soon: a fifth of the time is left."""


def terms_of(
    session: Session, *, type_key: str, priority: str, brand_id: int, root_id: int, file: Mapping[str, str]
) -> Terms:
    """What holds for a ticket: the most specific policy, else what the BPMN file says (`Process.settings`)."""
    given = {"brands": [brand_id, root_id], "types": [type_key, ""], "priorities": [priority, ""], "own": brand_id}
    policy = session.scalar(_POLICY, given)
    return of_policy(policy) if policy is not None else of_file(file)


_POLICY = (
    sa.select(ServicePolicy)
    .where(
        ServicePolicy.brand_id.in_(sa.bindparam("brands", expanding=True)),
        ServicePolicy.type_key.in_(sa.bindparam("types", expanding=True)),
        ServicePolicy.priority.in_(sa.bindparam("priorities", expanding=True)),
    )
    .order_by(
        sa.case((ServicePolicy.brand_id == sa.bindparam("own"), 0), else_=1),
        sa.case((ServicePolicy.type_key != "", 0), else_=1),
        sa.case((ServicePolicy.priority != "", 0), else_=1),
    )
    .limit(1)
)
"""Own brand before group; type and priority, type, priority, any."""


def of_policy(policy: ServicePolicy) -> Terms:
    spans = {ClockKind.RESPONSE.value: policy.response, ClockKind.RESOLUTION.value: policy.resolution}
    return Terms(
        {kind: span for kind, span in spans.items() if span},
        policy.working,
        policy.warn_before,
        policy.escalate_after,
        policy.escalate_to,
        policy.id,
    )


def of_file(settings: Mapping[str, str]) -> Terms:
    """As the properties of a process have it: `sla.first_response`, `sla.resolution`, and `calendar`."""
    spans = {
        ClockKind.RESPONSE.value: settings.get("sla.first_response", ""),
        ClockKind.RESOLUTION.value: settings.get("sla.resolution", ""),
    }
    return Terms({kind: span for kind, span in spans.items() if span}, counts_working_time(settings), FILE_WARNING)


def file_settings(session: Session, definition_id: int) -> tuple[str, Mapping[str, str]]:
    """The key and the properties of a definition version's process."""
    columns = sa.select(ProcessDefinition.key, ProcessDefinition.compiled)
    key, compiled = session.execute(columns.where(ProcessDefinition.id == definition_id)).one()
    return key, load(compiled).process.settings
