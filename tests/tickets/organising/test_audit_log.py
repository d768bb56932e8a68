"""The audit log: what it names is what the brand of the entry calls so."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.engine.build import chain, end, start
from tests.tickets.play import Play, staff
from tickets import audit
from tickets.organising.audit_log import AuditWanted, audit_log
from tickets.types import TicketType


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_a_key_is_named_as_the_brand_of_the_entry_names_it(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    mine, theirs = play.cast.actor("guohao").brand_id, play.cast.actor("huangyi").brand_id
    with play.writing() as session, session.begin():
        definition = session.scalars(sa.select(TicketType.definition_id)).first()
        facts = {"prefix": "T", "fileable": True, "updated_at": play.cast.clock.now(), "definition_id": definition}
        for brand_id, key, name in (
            (mine, "same", "Ours"),
            (theirs, "same", "Not ours"),
            (theirs, "only_theirs", "Secret plan"),
        ):
            session.add(TicketType(brand_id=brand_id, key=key, name=name, **facts))
        for brand_id, key in ((mine, "same"), (theirs, "same"), (mine, "only_theirs")):
            audit.record(session, play.cast.admin, "type.settings", key, brand_id=brand_id, at=play.cast.clock.now())
    with play.runtime.reading() as session:
        seen = audit_log(session, play.cast.actor("guohao"), AuditWanted(action="type.settings")).rows
        whole = audit_log(session, play.cast.admin, AuditWanted(action="type.settings")).rows
    assert [(row.entry.what, {key: name for key, (name, _) in row.known.types.items()}) for row in seen] == [
        ("only_theirs", {"same": "Ours"}),
        ("same", {"same": "Ours"}),
    ]
    assert {row.entry.brand_id: row.known.types["same"][0] for row in whole} == {mine: "Ours", theirs: "Not ours"}
