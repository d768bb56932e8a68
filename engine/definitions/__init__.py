"""A bundle of files to its processes: dialects, normal form, problems, and the compiled definition that is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.decisions.model import Decision
from engine.decisions.read import read_decisions
from engine.definitions.asking.asked import ask_for_missing
from engine.definitions.asking.writes import FormKeys
from engine.definitions.bounds import check_bounds
from engine.definitions.call_check import check_calls
from engine.definitions.calls import Deployed, bind, decisions_by_id
from engine.definitions.check import check_process
from engine.definitions.kinds import Kind
from engine.definitions.model import Node, Process
from engine.definitions.read import MAX_PROCESSES, read_processes
from engine.definitions.report import FILE, At, Report
from engine.definitions.splits import settle_splits
from engine.definitions.stored import READER_VERSION, Compiled, dump, load, with_forms
from engine.definitions.wording import check_wording
from engine.definitions.xml import Unreadable, namespace, read_xml
from engine.expressions import N_

__all__ = [
    "READER_VERSION",
    "At",
    "Bundle",
    "Compiled",
    "FormKeys",
    "Kind",
    "Node",
    "Process",
    "Report",
    "dump",
    "load",
    "read_bundle",
    "with_forms",
]

BPMN = (".bpmn", ".bpmn2", ".xml")
DMN = ".dmn"


@dataclass(frozen=True)
class Bundle:
    """What an upload holds: each executable process with its file, all it calls bound; nothing if refused.

    `read` holds them as far as they could be read, bound to nothing, so that a refused upload is told all at once.
    """

    report: Report
    definitions: tuple[tuple[str, Compiled], ...] = field(default=())
    read: tuple[tuple[str, Process], ...] = field(default=())

    @property
    def looked_at(self) -> tuple[tuple[str, Compiled], ...]:
        """The definitions; where there are none, what was read for them."""
        return self.definitions or tuple((path, Compiled(process)) for path, process in self.read)


def read_bundle(
    files: Mapping[str, bytes],
    deployed: Deployed = lambda _process_id: None,
    *,
    keys: FormKeys | None = None,
    lenient: bool = False,
) -> Bundle:
    """Reads the BPMN and DMN files of an upload; never raises for bad files: it all goes to the report.

    `keys` says what the upload's forms set. `lenient`: a called process or table that is missing is a warning, and its
    call a job that gives nothing.
    """
    report = Report(lenient=lenient)
    found: list[tuple[str, Process]] = []
    decisions: list[tuple[str, Decision]] = []
    for path in sorted(files):
        report.file = path
        if path.lower().endswith(DMN):
            decisions += ((path, decision) for decision in read_decisions(files[path], report))
        elif path.lower().endswith(BPMN):
            processes, tables = _read_file(files[path], report, keys)
            found += ((path, process) for process in processes)
            decisions += ((path, decision) for decision in tables)
    _check_twice(found, report)
    if len(found) > MAX_PROCESSES:
        problem, remedy = N_("The upload holds more than %(limit)s processes."), N_("Upload fewer at once.")
        report.error("too-many-processes", FILE, problem, remedy, limit=MAX_PROCESSES)
    by_id = decisions_by_id(decisions, report)
    definitions = tuple(bind(found, by_id, deployed, report, lenient=lenient)) if report.accepted else ()
    return Bundle(report, definitions if report.accepted else (), tuple(found))


def _read_file(content: bytes, report: Report, keys: FormKeys | None) -> tuple[list[Process], list[Decision]]:
    """What a file holds whose name says only that it is XML, or BPMN."""
    try:
        root = read_xml(content)
    except Unreadable as error:
        report.extend([error.problem])
        return [], []
    if "/spec/DMN/" in namespace(root):
        return [], read_decisions(content, report)
    asked = [ask_for_missing(process, report, keys) for process in read_processes(root, report)]
    processes = [settle_splits(process, report) for process in asked]
    for process in processes:
        check_process(process, report)
        check_wording(process, report)
        check_calls(process, report)
        check_bounds(process, report)
    return processes, []


def _check_twice(found: list[tuple[str, Process]], report: Report) -> None:
    seen: set[str] = set()
    for path, process in found:
        if process.id in seen:
            report.file = path
            problem = N_("The process id “%(id)s” is used by two processes of this upload.")
            at = At(process.id, process.name, process.line)
            report.error("duplicate-process", at, problem, N_("Upload one of them."), id=process.id)
        seen.add(process.id)
