"""Owns reading one BPMN file: which of its processes run, their ids, pools and lanes."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from engine.definitions.camunda7 import Camunda7
from engine.definitions.dialect import Dialect
from engine.definitions.elements import KINDS, Source, names_of, read_scope, warn_of_unread
from engine.definitions.model import Process
from engine.definitions.report import Report
from engine.definitions.source import BPMN, at, child_text, children, find_children, flag, id_of
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_ELEMENTS = 5_000
MAX_PROCESSES = 200
MAX_ATTRIBUTE = 10_000
COUNTED = {*KINDS, "sequenceFlow"}
ID = re.compile(r"(?![.-])[\w.:-]{1,255}")


def dialect_of(_root: Element) -> Dialect:
    """The dialect a file is written in; plain BPMN is Camunda 7 without any of its words."""
    return Camunda7()


def read_processes(root: Element, report: Report) -> list[Process]:
    """Every executable process of the file, in order; problems go to `report`."""
    if local(root) != "definitions" or namespace(root) != BPMN:
        problem = N_("The root element is <%(found)s>, not BPMN 2.0 <definitions>.")
        report.error("not-bpmn", at(root), problem, N_("Export the diagram as BPMN 2.0 XML."), found=local(root)[:60])
        return []
    _check_ids(root, report)
    _check_lengths(root, report)
    found = [element for element in children(root) if local(element) == "process"]
    if not found:
        remedy = N_("Draw a process with a start event, or upload the file that holds it.")
        report.error("no-process", at(root), N_("The file holds no process."), remedy)
    executable = [element for element in found if _executable(element, report)]
    if len(executable) > MAX_PROCESSES:
        problem, remedy = N_("The file holds more than %(limit)s processes."), N_("Upload them in several files.")
        report.error("too-many-processes", at(root), problem, remedy, limit=MAX_PROCESSES)
        return []
    if found and not executable:
        problem = N_("No process is executable: the file is kept as a picture, and nothing can be started from it.")
        report.warning("picture-only", at(found[0]), problem, N_("Tick “executable” on the process to run it."))
    return _processes(root, executable, report)


def _processes(root: Element, executable: list[Element], report: Report) -> list[Process]:
    dialect, pools = dialect_of(root), _pools(root)
    messages = {id_of(message): message.get("name") or id_of(message) for message in find_children(root, "message")}
    return [
        _process(element, Source(dialect, report, messages, _lanes(element)), pools)
        for element in executable
        if _small_enough(element, report)
    ]


def _executable(element: Element, report: Report) -> bool:
    if element.get("isExecutable") is None:
        problem = N_("The process does not say whether it is executable; it is taken as executable.")
        report.note("executable-absent", at(element), problem, N_("Tick “executable” on the process."))
    return flag(element, "isExecutable", default=True)


def _small_enough(element: Element, report: Report) -> bool:
    count = sum(1 for found in element.iter() if namespace(found) == BPMN and local(found) in COUNTED)
    if count > MAX_ELEMENTS:
        problem, remedy = N_("The process has more than %(limit)s elements."), N_("Split it into called processes.")
        report.error("too-many-elements", at(element), problem, remedy, limit=MAX_ELEMENTS)
    return count <= MAX_ELEMENTS and report.has_room(at(element), elements=count)


def _check_ids(root: Element, report: Report) -> None:
    """Ids are unique names (XML Schema's ID, on which every reference of the file stands)."""
    named = [e for e in root.iter() if isinstance(e.tag, str) and namespace(e) == BPMN and e.get("id")]
    count = Counter(e.get("id") for e in named)
    for element in named:
        if not ID.fullmatch(id_of(element)):
            problem = N_("The id “%(id)s” is not a name of at most 255 characters.")
            remedy = N_("Use letters, digits, “_”, “-” and “.” only, a letter first.")
            report.error("bad-id", at(element), problem, remedy, id=id_of(element)[:60])
        if count[element.get("id")] > 1:
            count[element.get("id")] = 0
            problem = N_("The id “%(id)s” is used more than once.")
            remedy = N_("Give each element an id of its own.")
            report.error("duplicate-id", at(element), problem, remedy, id=element.get("id"))


def _check_lengths(root: Element, report: Report) -> None:
    """Names and properties are shown in lists, page after page."""
    for element in root.iter():
        longest = max((len(str(value)) for key, value in element.attrib.items() if not key.startswith("{")), default=0)
        if isinstance(element.tag, str) and longest > MAX_ATTRIBUTE:
            problem = N_("A name or value here has %(length)s characters; at most %(limit)s are kept.")
            remedy = N_("Shorten it, or write it into the documentation.")
            report.error("long-value", at(element), problem, remedy, length=longest, limit=MAX_ATTRIBUTE)


def _process(element: Element, source: Source, pools: dict[str, str]) -> Process:
    settings = source.dialect.settings(element)
    warn_of_unread(element, source)
    name = element.get("name") or pools.get(id_of(element)) or id_of(element)
    return Process(
        id=id_of(element),
        scope=read_scope(element, source),
        name=name,
        line=at(element).line,
        names=names_of(settings),
        documentation=child_text(element, "documentation"),
        settings=settings,
        lanes=tuple(dict.fromkeys(source.lanes.values())),
        forms=source.dialect.forms(element),
    )


def _pools(root: Element) -> dict[str, str]:
    """Process id → the name of its pool."""
    pools = (pool for group in find_children(root, "collaboration") for pool in find_children(group, "participant"))
    return {pool.get("processRef", ""): pool.get("name") or "" for pool in pools}


def _lanes(process: Element) -> dict[str, str]:
    """Node id → the name of the innermost lane it stands in."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        for reference in find_children(lane, "flowNodeRef"):
            found[(reference.text or "").strip()] = lane.get("name") or lane.get("id") or ""
    return found
