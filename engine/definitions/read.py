"""Owns reading one BPMN file: which of its processes run, and what they have from its pools and declarations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.definitions.begins import with_starts
from engine.definitions.declared import Source, associated_in, data_in, declared_in, lanes_in
from engine.definitions.elements import KINDS, names_of, warn_of_unread
from engine.definitions.ids import settle_ids
from engine.definitions.model import Process
from engine.definitions.report import At, Report
from engine.definitions.scopes import read_scope
from engine.definitions.source import BPMN, at, children, find_children, flag, id_of
from engine.definitions.vendors.dialects import dialect_of
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_ELEMENTS = 5_000
MAX_PROCESSES = 200
COUNTED = {*KINDS, "sequenceFlow"}


def read_processes(root: Element, report: Report) -> list[Process]:
    """Every executable process of the file, in order; problems go to `report`."""
    if local(root) != "definitions" or namespace(root) != BPMN:
        _not_bpmn(root, report)
        return []
    settle_ids(root, report)
    found = [element for element in children(root) if local(element) == "process"]
    executable = [element for element in found if _executable(element, report)]
    if len(executable) > MAX_PROCESSES:
        problem, remedy = N_("The file holds more than %(limit)s processes."), N_("Upload them in several files.")
        report.error("too-many-processes", at(root), problem, remedy, limit=MAX_PROCESSES)
        return []
    if not executable:
        problem = N_("No process is executable: the file is kept as a picture, and nothing can be started from it.")
        remedy = N_("Tick “executable” on the process to run it.")
        report.warning("picture-only", at(found[0] if found else root), problem, remedy)
    return _processes(root, executable, report)


def _not_bpmn(root: Element, report: Report) -> None:
    if "/CMMN/" in namespace(root):
        problem = N_("This is a CMMN case; cases are not run.")
        report.error("cmmn", at(root), problem, N_("Draw it as a BPMN process with an ad-hoc sub-process."))
        return
    problem = N_("The root element is <%(found)s>, not BPMN 2.0 <definitions>.")
    report.error("not-bpmn", at(root), problem, N_("Export the diagram as BPMN 2.0 XML."), found=local(root)[:60])


def _processes(root: Element, executable: list[Element], report: Report) -> list[Process]:
    source = Source(dialect_of(root), report, declared_in(root), root.get("expressionLanguage", ""), data=data_in(root))
    pools = _pools(root)
    return [
        _process(element, replace(source, lanes=lanes_in(element), associated=associated_in(element)), pools)
        for element in executable
        if _small_enough(element, report)
    ]


def _executable(element: Element, report: Report) -> bool:
    if element.get("isExecutable") is None:
        problem = N_("The process does not say whether it is executable; it is taken as executable.")
        report.note("executable-absent", at(element), problem, N_("Tick “executable” on the process."))
    if not flag(element, "isExecutable", default=True):
        return False
    if any(local(found) in KINDS for found in children(element)):
        return True
    problem, remedy = N_("The process is empty; it is not run."), N_("Draw a start event, a task and an end event.")
    report.warning("empty-process", at(element), problem, remedy)
    return False


def _small_enough(element: Element, report: Report) -> bool:
    count = sum(1 for found in element.iter() if namespace(found) == BPMN and local(found) in COUNTED)
    if count > MAX_ELEMENTS:
        problem, remedy = N_("The process has more than %(limit)s elements."), N_("Split it into called processes.")
        report.error("too-many-elements", at(element), problem, remedy, limit=MAX_ELEMENTS)
    return count <= MAX_ELEMENTS and report.has_room(at(element), elements=count)


def _process(element: Element, source: Source, pools: dict[str, str]) -> Process:
    settings = source.dialect.settings(element)
    warn_of_unread(element, source)
    name = element.get("name") or pools.get(id_of(element)) or id_of(element)
    return Process(
        id=id_of(element),
        scope=with_starts(read_scope(element, source), _instantiating(element), at(element), source.report),
        name=name,
        line=at(element).line,
        names=names_of(settings),
        documentation=source.dialect.documentation(element),
        settings=settings,
        lanes=tuple(dict.fromkeys(source.lanes.values())),
        forms=source.dialect.forms(element),
    )


def _pools(root: Element) -> dict[str, str]:
    """Process id → the name of its pool."""
    pools = (pool for group in find_children(root, "collaboration") for pool in find_children(group, "participant"))
    return {pool.get("processRef", "").rpartition(":")[2]: pool.get("name") or "" for pool in pools}


def _instantiating(process: Element) -> dict[str, At]:
    """The elements by which the process itself says that it begins."""
    return {id_of(found): at(found) for found in children(process) if flag(found, "instantiate", default=False)}
