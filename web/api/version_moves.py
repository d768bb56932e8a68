"""Owns /ticket-types/<id>/versions/<version>/move: running tickets of an older version go on by the live one."""

from __future__ import annotations

from uuid import UUID

from tickets.version_moves import Outlook, move, outlook
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.version_schemas import StayingTicket, VersionMove, VersionOutlook
from web.context import me, reading, runtime
from web.language import named, worded

PATH = "/ticket-types/<uuid:type_id>/versions/<int(max=2147483647):version>/move"
BODIES["api.move_tickets"] = None


@api.get(PATH)
@api.output(VersionOutlook)
@api.doc(operation_id="previewMove")
def preview_move(type_id: UUID, version: int) -> VersionOutlook:
    """Look at moving running tickets

    Which of the tickets that run on this version can go on by the live one, and what is in the way of the others; of
    very many the oldest 200 are looked at. Nothing is moved.
    """
    return _outlook(outlook(reading(), runtime(), me(), type_id, version))


@api.post(PATH)
@idempotent
@api.output(VersionMove, status_code=202)
@api.doc(operation_id="moveTickets")
def move_tickets(type_id: UUID, version: int) -> VersionMove:
    """Move running tickets

    Those that can go on by the live version are moved one after another by a job; the others stay as they are.
    """
    moving = move(runtime(), me(), type_id, version)
    return VersionMove(version=moving.old, to=moving.new, tickets=moving.total)


def _outlook(seen: Outlook) -> VersionOutlook:
    stay = [
        StayingTicket(number=one.number, element=named(one.names, one.element), why=worded(one.why))
        for one in seen.stay
    ]
    return VersionOutlook(
        version=seen.old,
        to=seen.new,
        tickets=seen.total,
        looked_at=seen.looked_at,
        would_move=seen.would_move,
        stay=stay,
    )
