"""Owns walking through all tickets, a batch at a time, each batch at one moment of the database; it writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.connecting import TOPIC
from engine.expressions import N_
from engine.instances import restore
from engine.job_list import by_key
from engine.spiff.codec import UnknownState
from engine.standing import Standing, standing
from engine.step import World
from tickets.case import Case
from tickets.chain import service_key
from tickets.connectors import asking as connectors
from tickets.recount.clocks import clocks
from tickets.recount.columns import columns
from tickets.recount.dossier import Dossier, dossiers
from tickets.recount.found import Check, Difference, Found, told
from tickets.recount.history import played_again, written
from tickets.recount.standards import steps, steps_kept
from tickets.recount.waits import Jobs, waits
from tickets.runtime import Runtime
from tickets.steps import blueprint_of
from tickets.ticket import Ticket

AT_ONCE = 100


def batches(runtime: Runtime, *, after: int = 0, replaying: bool = True) -> Iterator[tuple[int, int, list[Difference]]]:
    """For each batch of tickets with a greater id: the last one's id, how many they are, and what differs."""
    while True:
        with runtime.reading() as session:
            _at_one_moment(session)
            ids = list(session.scalars(_NEXT, {"after": after}))
            if not ids:
                return
            found = list(_differences(session, runtime, ids, replaying=replaying))
        after = ids[-1]
        yield after, len(ids), found


def differences(runtime: Runtime, *, after: int = 0, replaying: bool = True) -> Iterator[Difference]:
    """All that differ, ticket by ticket."""
    for _, _, found in batches(runtime, after=after, replaying=replaying):
        yield from found


_NEXT = sa.select(Ticket.id).where(Ticket.id > sa.bindparam("after")).order_by(Ticket.id).limit(AT_ONCE)


def _at_one_moment(session: Session) -> None:
    """SQLite's readers see one moment as it is; PostgreSQL's only when they ask for it."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})


def _differences(session: Session, runtime: Runtime, ids: Sequence[int], *, replaying: bool) -> Iterator[Difference]:
    read = [(kept, _stands(session, runtime, kept)) for kept in dossiers(session, ids)]
    jobs = _jobs(session, read)
    records, tasks = steps_kept(session, [kept for kept, _ in read])
    for kept, stands in read:
        for check, said in steps(kept, records, tasks):
            yield Difference(kept.case.number, check, said)
        for check, said in _of(session, runtime, kept, stands, jobs, replaying=replaying):
            yield Difference(kept.case.number, check, said)


def _jobs(session: Session, read: Sequence[tuple[Dossier, Standing | UnknownState | None]]) -> Jobs:
    """How the jobs of all service tasks that wait stand; that of a call is its newest attempt's."""
    asked = [
        (kept.case.instance_id, one)
        for kept, stands in read
        if isinstance(stands, Standing)
        for one in stands.asked.values()
    ]
    calls = {instance_id for instance_id, one in asked if one.topic == TOPIC}
    newest = connectors.newest_keys(session, calls) if calls else {}
    wanted = {}
    for instance_id, one in asked:
        key = service_key(instance_id, one.ref)
        first = connectors.first_key(instance_id, one.ref) if one.topic == TOPIC else key
        wanted[key] = newest.get((instance_id, one.ref), first)
    found = by_key(session, list(wanted.values()))
    return {name: found[key] for name, key in wanted.items() if key in found}


def _stands(session: Session, runtime: Runtime, kept: Dossier) -> Standing | UnknownState | None:
    """How the stored state stands; None where it was erased."""
    if kept.erased:
        return None
    blueprint = blueprint_of(session, runtime, kept.case.definition_id)
    try:
        return standing(restore(kept.instance.state, blueprint))
    except UnknownState as error:
        return error


def _of(
    session: Session,
    runtime: Runtime,
    kept: Dossier,
    stands: Standing | UnknownState | None,
    jobs: Jobs,
    *,
    replaying: bool,
) -> Found:
    yield from written(kept)
    yield from columns(kept)
    yield from clocks(session, kept)
    if isinstance(stands, UnknownState):
        yield told(Check.REPLAY, N_("The state can't be read: %(reason)s"), reason=str(stands))
    elif stands is not None:
        yield from waits(kept, stands, jobs)
        if replaying:
            version = partial(blueprint_of, session, runtime)
            yield from played_again(kept, stands, version, _world(runtime, kept.case))


def _world(runtime: Runtime, case: Case) -> World:
    """The ticket's place and number; what was heard is written down with each step."""
    calendar = runtime.calendars(case.site.id)
    return World(case.created_at, case.site.zone, case.names(), {}, case.number, calendar)
