"""Owns importing people: a dry run with a report row by row, then a job that keeps them, the whole file or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine import jobs
from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor, load_actor
from tickets.csv_lines import FORMULA, is_formula
from tickets.errors import Conflict, NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.import_rows import ImportStatus, PeopleImport
from tickets.organising.own_password import check_password
from tickets.organising.person_directory import Directory
from tickets.organising.person_facts import PersonFacts, read_facts
from tickets.organising.person_register import check_may_manage, save
from tickets.organising.person_sheet import Sheet, SheetRow, read_sheet
from tickets.passwords import hash_password
from tickets.runtime import Runtime

JOB = "people.import"
CHUNK = 200
REPORTED = 500
"""How many problems a report lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its line in the file, what it says, and by field what can't be read."""

    line: int
    facts: PersonFacts
    unread: Mapping[str, Message]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in one cell; `column` is as the file spells it."""

    line: int
    column: str
    problem: Message


def upload(runtime: Runtime, actor: Actor, content: bytes, *, file_name: str, password: str = "") -> UUID:
    """Read and check a file without keeping anybody; the report's id.

    `password` is the first one of those who are new, to be changed at the first sign-in. Raises Forbidden, Invalid.
    """
    check_may_manage(actor)
    sheet = read_sheet(content)
    if password:
        check_password(password, login="", name="")
    hashed, now = hash_password(password) if password else "", runtime.clock.now()
    with runtime.reading() as session:
        wrong = _check(session, actor, sheet)
    made = PeopleImport(
        brand_id=actor.brand_id,
        person_id=actor.person_id,
        file_name="".join(filter(str.isprintable, file_name))[:255],
        status=ImportStatus.CHECKED,
        headers=dict(sheet.headers),
        rows=[[row.line, dict(row.cells)] for row in sheet.rows],
        password_hash=hashed,
        total=len(sheet.rows),
        made_at=now,
    )
    _report(made, wrong)
    with runtime.writing() as session, session.begin():
        session.add(made)
        session.flush()
        return made.public_id


def confirm(runtime: Runtime, actor: Actor, public_id: UUID, *, good_only: bool) -> None:
    """Have a checked file imported by a job. Raises NotFound, Conflict (begun before; it has errors)."""
    check_may_manage(actor)
    with runtime.writing() as session, session.begin():
        found = import_of(session, actor, public_id, lock=True)
        if found.status not in (ImportStatus.CHECKED, ImportStatus.REFUSED):
            raise Conflict(Message(N_("This file was imported before; upload it again to import it once more.")))
        if found.wrong and not good_only:
            raise Conflict(Message(N_("The file has errors; mend them, or import only the good rows.")))
        found.status, found.good_only, found.done = ImportStatus.RUNNING, good_only, 0
        now = runtime.clock.now()
        jobs.enqueue(session, JOB, {"import_id": found.id}, run_at=now, key=f"{JOB}:{found.id}:{now.isoformat()}")


def run(runtime: Runtime, import_id: int) -> None:
    """The job: checks once more, then keeps the people chunk by chunk; begun again it goes on where it was."""
    with runtime.reading() as session:
        found = session.get(PeopleImport, import_id, options=[undefer(PeopleImport.rows)])
        actor = load_actor(session, found.person_id) if found else None
        if found is None or found.status != ImportStatus.RUNNING:
            return
        sheet = _stored(found)
        wrong = _check(session, actor, sheet) if actor and not found.done else []
    if actor is None or (wrong and not found.good_only):
        _close(runtime, import_id, ImportStatus.REFUSED, wrong)
        return
    refused = {each.line for each in wrong}
    lines = ordered([line for line in _lines(sheet) if not line.unread])
    for start in range(found.done, len(lines), CHUNK):
        part = [line for line in lines[start : start + CHUNK] if line.line not in refused]
        _keep(runtime, actor, import_id, part, upto=min(start + CHUNK, len(lines)))
    _close(runtime, import_id, ImportStatus.DONE, None)


def import_of(session: Session, actor: Actor, public_id: UUID, *, lock: bool = False) -> PeopleImport:
    """One's own import. Raises NotFound for anybody else's."""
    mine = sa.and_(PeopleImport.public_id == public_id, PeopleImport.person_id == actor.person_id)
    query = sa.select(PeopleImport).where(mine)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(N_("This import"))
    return found


def imports_of(session: Session, actor: Actor) -> list[PeopleImport]:
    """One's own imports, the newest first."""
    query = sa.select(PeopleImport).where(PeopleImport.person_id == actor.person_id)
    return list(session.scalars(query.order_by(PeopleImport.id.desc()).limit(50)))


def problems_of(found: PeopleImport) -> list[Wrong]:
    """The report's lines."""
    return [Wrong(each["line"], each["column"], _message(each["problem"])) for each in found.problems]


def ordered(lines: Sequence[Line]) -> list[Line]:
    """Superiors before those who report to them, so that each chunk finds who is above."""
    by_login = {line.facts.renamed: line for line in lines}
    placed: dict[str, Line] = {}
    for line in lines:
        way, login = list[Line](), line.facts.renamed
        while login in by_login and login not in placed and by_login[login] not in way:
            way.append(by_login[login])
            login = by_login[login].facts.superior
        placed |= {each.facts.renamed: each for each in reversed(way)}
    return list(placed.values())


def _check(session: Session, actor: Actor, sheet: Sheet) -> list[Wrong]:
    """Everything that is wrong with the rows, in the file's order."""
    wrong: list[Wrong] = []
    lines = list(_lines(sheet))
    batch = sorted(lines, key=lambda line: not line.unread)  # what a row says again must not stand for the first
    directory = Directory(session, actor, [line.facts for line in batch], lock=False)
    for line in lines:
        try:
            directory.resolve(line.facts, line.unread)
        except FieldsInvalid as error:
            wrong += _named(sheet, line.line, error)
    return sorted(wrong, key=lambda each: each.line)


def _lines(sheet: Sheet) -> Iterator[Line]:
    """The rows; a cell that a spreadsheet would run, and a login that another had before, can't be taken."""
    seen: dict[str, int] = {}
    for row in sheet.rows:
        # An empty cell says nothing of somebody who is known, and of somebody new that there is nothing to say.
        said = {field: cell for field, cell in row.cells.items() if cell and field != "login"}
        formulas = {field: Message(FORMULA) for field, cell in said.items() if is_formula(cell)}
        facts, unread = read_facts(
            row.cells.get("login", ""), {field: said[field] for field in said.keys() - formulas.keys()}
        )
        unread = {**unread, **formulas}
        first = seen.setdefault(facts.login, row.line) if facts.login else row.line
        if first != row.line:
            text = N_("Line %(line)s has the same login; leave one of them out.")
            unread["login"] = Message(text, {"line": first})
        yield Line(row.line, facts, unread)


def _named(sheet: Sheet, line: int, error: FieldsInvalid) -> list[Wrong]:
    order = list(sheet.headers)
    fields = sorted(error.errors, key=lambda field: order.index(field) if field in order else len(order))
    return [Wrong(line, sheet.headers.get(field, field), error.errors[field]) for field in fields]


def _keep(runtime: Runtime, actor: Actor, import_id: int, part: Sequence[Line], *, upto: int) -> None:
    """One chunk in one transaction, with how far it is. Who fits no more since the check is passed over."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        options = [undefer(PeopleImport.password_hash)]
        found = session.get_one(PeopleImport, import_id, with_for_update=True, options=options)
        directory = Directory(session, actor, [line.facts for line in part])
        resolved, wrong = [], list[Wrong]()
        for line in part:
            try:
                resolved.append(directory.resolve(line.facts))
            except FieldsInvalid as error:
                wrong += [Wrong(line.line, field, problem) for field, problem in error.errors.items()]
        saved = save(session, actor, resolved, now, password_hash=found.password_hash)
        found.done = upto
        found.created += sum(each.created for each in saved)
        found.changed += sum(each.changed for each in saved)
        if wrong:
            _report(found, [*problems_of(found), *wrong])


def _close(runtime: Runtime, import_id: int, status: ImportStatus, wrong: Sequence[Wrong] | None) -> None:
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        found = session.get_one(PeopleImport, import_id, with_for_update=True)
        found.status, found.finished_at = status, now
        if wrong is not None:
            _report(found, wrong)
        if status is not ImportStatus.DONE:
            return
        found.rows, found.password_hash = [], ""
        _audit(session, found, now)


def _audit(session: Session, found: PeopleImport, now: datetime) -> None:
    actor = load_actor(session, found.person_id)
    after = {"created": found.created, "changed": found.changed, "rows": found.total}
    audit.record(session, actor, "people.imported", found.file_name, brand_id=found.brand_id, at=now, after=after)


def _report(found: PeopleImport, wrong: Sequence[Wrong]) -> None:
    found.problems = [
        {"line": each.line, "column": each.column, "problem": _stored_message(each.problem)}
        for each in wrong[:REPORTED]
    ]
    found.wrong = len({each.line for each in wrong})


def _stored(found: PeopleImport) -> Sheet:
    return Sheet(found.headers, tuple(SheetRow(line, cells) for line, cells in found.rows))


def _stored_message(message: Message) -> dict[str, Any]:
    params = {
        name: _stored_message(value) if isinstance(value, Message) else value for name, value in message.params.items()
    }
    return {"text": message.text, "params": params}


def _message(stored: Mapping[str, Any]) -> Message:
    params = {name: _message(value) if isinstance(value, dict) else value for name, value in stored["params"].items()}
    return Message(stored["text"], params)
