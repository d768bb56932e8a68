"""Owns importing subjects from a CSV file: every row is checked first, and nothing is imported unless all are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.runtime import Runtime
from tickets.subject_directory import Directory, Resolved
from tickets.subject_facts import SubjectFacts, SubjectInvalid, read_facts
from tickets.subject_register import again_if_met, check_may_keep, save
from tickets.subject_sheet import Row, Sheet, read_sheet
from tickets.subjects import SubjectKind

REPORTED = 200
"""How many problems a report lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one cell: `line` is the file's, from 1, `column` as its header spells it (empty: the row)."""

    line: int
    column: str
    problem: Message


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
    """Create and change the subjects of a CSV file, all or none, and report row by row.

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


def _facts(sheet: Sheet, problems: list[RowProblem]) -> Iterator[tuple[Row, SubjectFacts]]:
    """The rows that can be read; what can't goes to the problems."""
    seen: dict[tuple[str, str, str], int] = {}
    for row in sheet.rows:
        problems += (RowProblem(row.line, sheet.header(field), problem) for field, problem in row.problems)
        try:
            facts = read_facts(row.kind, row.external_id, row.values)
        except SubjectInvalid as error:
            problems += _named(sheet, row, error)
            continue
        first = seen.setdefault((facts.kind, facts.external_id, facts.brand), row.line)
        if first != row.line:
            text = N_("Line %(line)s has the same subject; leave one of them out.")
            problems.append(RowProblem(row.line, sheet.header("external_id"), Message(text, {"line": first})))
        yield row, facts


def _import(
    runtime: Runtime,
    actor: Actor,
    sheet: Sheet,
    batch: Sequence[tuple[Row, SubjectFacts]],
    problems: list[RowProblem],
) -> ImportReport:
    with runtime.writing() as session, session.begin():
        directory = Directory(session, actor, [facts for _, facts in batch])
        resolved: list[Resolved] = []
        for row, facts in batch:
            try:
                resolved.append(directory.resolve(facts))
            except SubjectInvalid as error:
                problems += _named(sheet, row, error)
        if problems:
            problems.sort(key=lambda problem: problem.line)
            listed = tuple(problems[:REPORTED])
            return ImportReport(len(sheet.rows), problems=listed, more=len(problems) - len(listed))
        saved = save(session, actor, resolved, runtime.clock.now())
    created, changed = sum(each.created for each in saved), sum(each.changed for each in saved)
    return ImportReport(len(saved), created=created, changed=changed)


def _named(sheet: Sheet, row: Row, error: SubjectInvalid) -> list[RowProblem]:
    return [RowProblem(row.line, sheet.header(field), problem) for field, problem in error.errors.items()]
