"""Owns importing subjects from a CSV file: every row is checked first, and nothing is imported unless all are right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.runtime import Runtime
from tickets.subject_directory import Directory, Resolved
from tickets.subject_facts import SubjectFacts, SubjectInvalid, read_readable
from tickets.subject_register import again_if_met, check_may_keep, save
from tickets.subject_sheet import Sheet, read_sheet
from tickets.subjects import SubjectKind

REPORTED = 200
"""How many problems a report lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one cell: `line` is the file's, from 1, `column` as its header spells it (empty: the row)."""

    line: int
    column: str
    problem: Message

    @property
    def cell(self) -> tuple[int, str]:
        return self.line, self.column


@dataclass(frozen=True, slots=True)
class Read:
    """A row of a file: its line, what it says, and by field what can't be read."""

    line: int
    facts: SubjectFacts
    unread: Mapping[str, Message]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or why it did nothing: it did when there are no problems."""

    rows: int
    created: int = 0
    changed: int = 0
    problems: tuple[RowProblem, ...] = ()
    more: int = 0
    """How many problems are not listed."""

    @property
    def accepted(self) -> bool:
        return not self.problems


def import_subjects(runtime: Runtime, actor: Actor, content: bytes, *, kind: SubjectKind | None = None) -> ImportReport:
    """Create and change the subjects of a workbook or CSV file, all or none, and report row by row.

    The header names the columns (subject_sheet.COLUMNS); a file without a column of kinds needs `kind`. Raises
    Forbidden, and Invalid for a file that can't be read as a table at all.
    """
    check_may_keep(actor)
    sheet = read_sheet(content, kind)
    problems: list[RowProblem] = []
    batch = list(_facts(sheet, problems))

    def attempt() -> ImportReport:
        return _import(runtime, actor, sheet, batch, list(problems))

    return again_if_met(attempt)


def _facts(sheet: Sheet, problems: list[RowProblem]) -> Iterator[Read]:
    """The rows as far as they can be read; cells that can't be taken at all, and repeated rows, go to the problems."""
    seen: dict[tuple[str, str, str], int] = {}
    for row in sheet.rows:
        problems += (RowProblem(row.line, sheet.header(field), problem) for field, problem in row.problems)
        facts, unread = read_readable(row.kind, row.external_id, row.values)
        key = (facts.kind, facts.external_id, facts.brand)
        first = row.line if unread.keys() & {"kind", "external_id", "brand"} else seen.setdefault(key, row.line)
        if first != row.line:
            text = N_("Line %(line)s has the same subject; leave one of them out.")
            problems.append(RowProblem(row.line, sheet.header("external_id"), Message(text, {"line": first})))
        yield Read(row.line, facts, unread)


def _import(
    runtime: Runtime,
    actor: Actor,
    sheet: Sheet,
    batch: Sequence[Read],
    problems: list[RowProblem],
) -> ImportReport:
    with runtime.writing() as session, session.begin():
        directory = Directory(session, actor, [each.facts for each in batch], named=True)
        resolved: list[Resolved] = []
        told = {problem.cell for problem in problems}  # of a cell that can't be taken no more is said
        for each in batch:
            try:
                resolved.append(_with_the_rest(directory.resolve(each.facts, each.unread)))
            except SubjectInvalid as error:
                problems += (found for found in _named(sheet, each.line, error) if found.cell not in told)
        if problems:
            columns = {column: at for at, column in enumerate(sheet.headers.values())}
            problems.sort(key=lambda problem: (problem.line, columns.get(problem.column, len(columns))))
            listed = tuple(problems[:REPORTED])
            return ImportReport(len(sheet.rows), problems=listed, more=len(problems) - len(listed))
        saved = save(session, actor, resolved, runtime.clock.now())
    created, changed = sum(each.created for each in saved), sum(each.changed for each in saved)
    return ImportReport(len(saved), created=created, changed=changed)


def _with_the_rest(found: Resolved) -> Resolved:
    """Facts that the file has no column for, or no word in it, stay as they were."""
    if found.existing is None or "attributes" not in found.facts.given:
        return found
    kept = {**found.existing.attributes, **found.facts.attributes}
    return replace(found, facts=replace(found.facts, attributes=kept))


def _named(sheet: Sheet, line: int, error: SubjectInvalid) -> list[RowProblem]:
    return [RowProblem(line, sheet.header(field), problem) for field, problem in error.errors.items()]
