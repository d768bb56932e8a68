"""Owns the job that makes a large export: rows into a file, its progress as it goes, stopped when its owner says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tickets.access import Actor, Permission, load_actor
from tickets.exporting.exports import AT_WORK, Export, State, noted, path_of
from tickets.exporting.sheet import Format, opened
from tickets.exporting.table import MOST, Reader, batches
from tickets.lists import TicketQuery, count_tickets
from tickets.lists.address import read_query
from tickets.runtime import Runtime


def read_reader(stored: Mapping[str, Any]) -> Reader:
    """The reader as `order` kept them."""
    return Reader(
        language=stored["language"],
        zone=stored["zone"],
        columns=tuple(stored["columns"]),
        words=stored["words"],
        labels=stored["labels"],
        choices=stored["choices"],
    )


def run(runtime: Runtime, export_id: int) -> None:
    """Make the file of one export; again from the start when a worker died over it."""
    with runtime.reading() as session:
        export = session.get(Export, export_id)
        if export is None or export.state not in AT_WORK:
            return
        actor = load_actor(session, export.person_id, via="job")
    if actor is None or not actor.may(Permission.EXPORT):
        _set(runtime, export_id, state=State.FAILED)
        return
    reader = read_reader(export.reader)
    pairs = [pair for pair in parse_qsl(export.query) if pair[0] not in ("cols", "view", "cursor")]
    query = read_query(pairs, now=export.created_at, zone=ZoneInfo(reader.zone)).query
    _make(runtime, actor, export, query, reader)


def _make(runtime: Runtime, actor: Actor, export: Export, query: TicketQuery, reader: Reader) -> None:
    now, path = runtime.clock.now(), path_of(runtime, export.public_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with runtime.reading() as session:
        total = count_tickets(session, actor, query, now=now, most=MOST).number
    _set(runtime, export.id, state=State.RUNNING, total=total)
    done = 0
    with runtime.reading() as session, part.open("wb") as file, opened(Format(export.format), file, "1") as write:
        write(reader.heads())
        for rows in batches(session, actor, query, reader, now):
            for row in rows:
                write(row)
            done += len(rows)
            if not _set(runtime, export.id, done=done):
                break
    _finish(runtime, actor, export, part, path, done)


def _finish(runtime: Runtime, actor: Actor, export: Export, part: Path, path: Path, done: int) -> None:
    part.replace(path)
    with runtime.writing() as session, session.begin():
        mine = sa.update(Export).where(Export.id == export.id, Export.state.in_(AT_WORK))
        made = session.connection().execute(mine.values(state=State.READY, done=done)).rowcount
        if made:
            kind = Format(export.format)
            noted(session, actor, export.query, kind, rows=done, at=runtime.clock.now())
    if not made:
        path.unlink(missing_ok=True)


def _set(runtime: Runtime, export_id: int, **values: Any) -> bool:
    """Write how far it is; False when it was stopped."""
    with runtime.writing() as session, session.begin():
        mine = sa.update(Export).where(Export.id == export_id, Export.state.in_(AT_WORK))
        return session.connection().execute(mine.values(values)).rowcount == 1
