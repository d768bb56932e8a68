"""Owns GET /ticket-types: what the caller may file, with the forms to fill in, or look into."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from tickets.access import Permission, visible_types
from tickets.offered_types import fileable_types
from tickets.types import TicketType, form_of
from web.api.entrance import api
from web.api.schemas import TypeList, TypeState
from web.context import me, reading
from web.language import named


@api.get("/ticket-types")
@api.output(TypeList)
@api.doc(operation_id="listTicketTypes")
def list_types() -> TypeList:
    """List ticket types

    Those the caller may file, with their start forms (form-js JSON); with `type.see` also the others.
    """
    actor, session = me(), reading()
    query = (
        sa.select(TicketType, ProcessDefinition.version)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .where(TicketType.active, visible_types(actor))
        .order_by(TicketType.key, TicketType.id)
    )
    fileable = {kind.id for kind in fileable_types(session, actor)}
    states = [_state(session, kind, version, fileable=kind.id in fileable) for kind, version in session.execute(query)]
    return TypeList(items=[state for state in states if state.fileable or actor.may(Permission.SEE_TYPES)])


def _state(session: Session, kind: TicketType, version: int, *, fileable: bool) -> TypeState:
    digest = kind.start_form_digest
    return TypeState(
        id=kind.public_id,
        key=kind.key,
        name=named(kind.names, kind.name),
        names=kind.names,
        category=kind.category,
        version=version,
        fileable=fileable,
        form=dict(form_of(session, digest).source) if digest else None,
    )
