"""Publishing an older version again: a new version with the same content, which new tickets run on."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.models import DeployedFile, MessageSubscription, ProcessDefinition, Timer
from tests.engine.build import call, chain, end, message, start, timer
from tests.tickets.play import Play, files, staff, text
from tickets.audit import AuditEntry
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.publishing_again import look, publish_again
from tickets.types import TicketType
from tickets.versions import DeployedType


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def versions(play: Play, key: str, *tasks: str) -> UUID:
    """A type whose versions have one task each, of that name; its id."""
    for task in tasks:
        play.define(start(), staff(task), end(), chain("begin", task, "done"), key=key)
    return type_id(play, key)


def type_id(play: Play, key: str) -> UUID:
    with play.runtime.reading() as session:
        return session.scalars(sa.select(TicketType.public_id).where(TicketType.key == key)).one()


def again(play: Play, kind: UUID, version: int, live: int) -> DeployedType:
    return publish_again(play.runtime, play.cast.hejing, kind, version, live=live)


def test_new_tickets_run_as_the_older_version_did_and_running_ones_stay(play: Play) -> None:
    kind = versions(play, "back", "first", "second")
    running = play.file("zhoulan", "back")
    made = again(play, kind, 1, 2)
    assert (made.key, made.version, made.new) == ("back", 3, True)
    assert (play.open_tasks(running), play.open_tasks(play.file("zhoulan", "back"))) == (["second"], ["first"])


def test_it_is_a_new_version_of_the_same_files_and_the_log_says_who_did_it(play: Play) -> None:
    kind = versions(play, "true", "first", "second")
    again(play, kind, 1, 2)
    query = sa.select(ProcessDefinition).where(ProcessDefinition.key == "true").order_by(ProcessDefinition.version)
    with play.runtime.reading() as session:
        first, second, third = session.scalars(query).all()
        assert (third.deployment_id, third.digest) == (first.deployment_id, first.digest)
        assert (third.public_id != first.public_id, third.created_by_id) == (True, play.cast.people["hejing"])
        assert (first.created_by_id, second.version) == (None, 2)
        kept = sa.select(sa.func.count()).where(DeployedFile.deployment_id == first.deployment_id)
        assert session.scalar(kept) == 1
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.what == "true v3")).one()
        assert (entry.action, entry.after) == ("type.republished", {"files_of": 1})


def test_the_files_gone_back_from_can_be_uploaded_again(play: Play) -> None:
    kind = versions(play, "forth", "first", "second")
    again(play, kind, 1, 2)
    made = play.upload(files(start(), staff("second"), end(), chain("begin", "second", "done"), key="forth"))
    assert [(each.version, each.new) for each in made.types] == [(4, True)]


def test_its_form_comes_back_too(play: Play) -> None:
    asked = (start(camunda__formRef="ask"), staff("look"), end(), chain("begin", "look", "done"))
    for name in ("model", "room"):
        play.define(*asked, key="formed_again", forms={"ask": [text(name)]})
    again(play, type_id(play, "formed_again"), 1, 2)
    play.file("zhoulan", "formed_again", model="P40")
    assert play.ticket().data == {"model": "P40"}


def test_what_starts_it_by_itself_is_what_the_older_version_says(play: Play) -> None:
    line = staff("look"), end(), chain("begin", "look", "done")
    play.define(start(inner=message()), *line, key="starting")
    play.define(start(inner=timer("every", "R/P1D")), *line, key="starting")
    kind = type_id(play, "starting")
    assert look(play.runtime, play.cast.hejing, kind, 1).starts_itself
    again(play, kind, 1, 2)
    of_type = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == "starting")
    assert play.count(Timer, Timer.definition_id.in_(of_type)) == 0
    assert play.count(MessageSubscription, MessageSubscription.definition_id.in_(of_type)) == 1


def test_what_is_live_already_or_was_seen_before_another_came_is_refused(play: Play) -> None:
    kind = versions(play, "twice", "first", "second")
    with pytest.raises(Conflict, match="what is live already"):
        again(play, kind, 2, 2)
    again(play, kind, 1, 2)
    with pytest.raises(Conflict, match="v3"):
        again(play, kind, 2, 2)
    with pytest.raises(Conflict, match="what is live already"):
        again(play, kind, 1, 3)
    assert again(play, kind, 2, 3).version == 4


def test_only_those_who_publish_go_back(play: Play) -> None:
    kind = versions(play, "whose", "first", "second")
    for who in (play.cast.lina, play.cast.chenxiao):
        with pytest.raises(Forbidden):
            publish_again(play.runtime, who, kind, 1, live=2)
    with pytest.raises(NotFound):
        again(play, kind, 7, 2)


def test_a_called_process_is_the_one_of_then(play: Play) -> None:
    inner = (start(), staff("check"), end(), chain("begin", "check", "done"))
    play.define(*inner, key="helper")
    calling = (start(), call("calling", "helper"), end(), chain("begin", "calling", "done"))
    play.define(*calling, key="caller")
    play.define(start(), staff("recheck"), end(), chain("begin", "recheck", "done"), key="helper")
    play.define(*calling, staff("more"), chain("calling", "more"), key="caller")
    again(play, type_id(play, "caller"), 1, 2)
    assert play.open_tasks(play.file("zhoulan", "caller")) == ["helper/check"]
