"""Owns what service tasks ask of this program itself, by topic; any other is done at once and gives nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from tickets.departing.handing import hand_over
from tickets.runtime import Runtime
from tickets.ticket import Ticket

Service = Callable[[Runtime, int, Mapping[str, Any], int | None], dict[str, Any]]
"""Does it for a ticket of this brand with this data, by its id if its timeline is to tell of it; what it gives becomes
data. It may run more than once.
"""

SERVICES: Mapping[str, Service] = {"gongdan:hand-over-subjects": hand_over}
"""Uploads don't warn of these topics (`engine.definitions.elements.CONNECTED`)."""


def answer(runtime: Runtime, topic: str, instance_id: int) -> dict[str, Any]:
    """What the service task gets."""
    service = SERVICES.get(topic)
    if service is None:
        return {}
    with runtime.reading() as session:
        found = session.execute(
            sa.select(Ticket.brand_id, Ticket.data, Ticket.id).where(Ticket.instance_id == instance_id)
        ).one()
    return service(runtime, found.brand_id, found.data, found.id)
