"""A bundle of files to its processes: dialects, normal form, problems, and the compiled definition that is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.definitions.check import check_process
from engine.definitions.model import READER_VERSION, Compiled, Kind, Node, Process, dump, load, with_forms
from engine.definitions.read import read_processes
from engine.definitions.report import At, Report
from engine.definitions.wording import check_wording
from engine.definitions.xml import Unreadable, read_xml
from engine.expressions import N_, Message, Problem

__all__ = [
    "READER_VERSION",
    "At",
    "Bundle",
    "Compiled",
    "Kind",
    "Node",
    "Process",
    "Report",
    "dump",
    "load",
    "read_bundle",
    "with_forms",
]

Deployed = Callable[[str], Compiled | None]
"""Finds the newest deployed definition of a process id, for calls that leave the bundle."""


@dataclass(frozen=True)
class Bundle:
    """What an upload holds: each executable process with its file, all it calls bound; nothing if refused."""

    report: Report
    definitions: tuple[tuple[str, Compiled], ...] = field(default=())


def read_bundle(files: Mapping[str, bytes], deployed: Deployed = lambda _process_id: None) -> Bundle:
    """Reads the `.bpmn` (or `.xml`) files of an upload; never raises for bad files: it all goes to the report."""
    report = Report()
    found: list[tuple[str, Process]] = []
    for path in sorted(path for path in files if path.lower().endswith((".bpmn", ".bpmn20.xml", ".xml"))):
        report.file = path
        found += ((path, process) for process in _read_file(files[path], report))
    _check_twice(found, report)
    definitions = tuple(_bind(found, deployed, report)) if report.accepted else ()
    return Bundle(report, definitions if report.accepted else ())


def _read_file(content: bytes, report: Report) -> list[Process]:
    try:
        processes = read_processes(read_xml(content), report)
    except Unreadable as error:
        report.extend([error.problem])
        return []
    for process in processes:
        check_process(process, report)
        check_wording(process, report)
    return processes


def _check_twice(found: list[tuple[str, Process]], report: Report) -> None:
    seen: set[str] = set()
    for path, process in found:
        if process.id in seen:
            report.file = path
            problem = N_("The process id “%(id)s” is used by two processes of this upload.")
            report.error(
                "duplicate-process",
                At(process.id, process.name, process.line),
                problem,
                N_("Upload one of them."),
                id=process.id,
            )
        seen.add(process.id)


def _bind(found: list[tuple[str, Process]], deployed: Deployed, report: Report) -> Iterator[tuple[str, Compiled]]:
    local = {process.id: process for _, process in found}
    for path, process in found:
        report.file = path
        called: dict[str, Process] = {}
        if _calls(process, local, deployed, (process.id,), called, report):
            yield path, Compiled(process, called)


def _calls(
    process: Process,
    local: Mapping[str, Process],
    deployed: Deployed,
    path: tuple[str, ...],
    called: dict[str, Process],
    report: Report,
) -> bool:
    """Gathers what `process` calls, however deep; False (and a problem) where a call is missing or can never end."""
    good = True
    for node in (node for node in process.scope.walk() if node.kind is Kind.CALL):
        if node.called in path:
            chain = " → ".join((*path[path.index(node.called) :], node.called))
            _call_problem(node, report, "cyclic-call", N_("The call leads back to itself: %(chain)s."), chain=chain)
            good = False
        elif node.called in called:
            continue
        elif (target := _target(node.called, local, deployed, called)) is None:
            problem = N_("The called process “%(called)s” is neither in this upload nor deployed.")
            _call_problem(node, report, "call-missing", problem, called=node.called)
            good = False
        else:
            called[node.called] = target
            good = _calls(target, local, deployed, (*path, node.called), called, report) and good
    return good


def _target(
    called_id: str, local: Mapping[str, Process], deployed: Deployed, called: dict[str, Process]
) -> Process | None:
    if called_id in local:
        return local[called_id]
    compiled = deployed(called_id) if called_id else None
    if compiled is None:
        return None
    called.update(compiled.called)
    return compiled.process


def _call_problem(node: Node, report: Report, code: str, problem: str, **params: object) -> None:
    remedy = N_("Upload the called process together with this one, and let no process call itself.")
    report.error(code, At(node.id, node.name, node.line), problem, remedy, **params)


def problem_counts(problems: list[Problem]) -> Message:
    """“2 errors, 1 warning”, for the head of a report."""
    levels = [problem.level.value for problem in problems]
    counts = {"errors": levels.count("error"), "warnings": levels.count("warning")}
    return Message(N_("%(errors)s errors, %(warnings)s warnings"), counts)
