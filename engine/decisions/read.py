"""Owns reading DMN files: their decisions with what each requires, every problem with element, line and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from engine.decisions.clauses import Place, text_of
from engine.decisions.kinds import KINDS
from engine.decisions.logic import read_logic
from engine.decisions.model import Decision
from engine.definitions.report import Report
from engine.definitions.source import at, find_children
from engine.definitions.xml import Unreadable, local, namespace, read_xml
from engine.expressions import N_
from engine.expressions.feel.lexer import is_plain_name

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_DECISIONS = 200
MAX_ID = 255

_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/")
_JUEL = ("http://www.omg.org/spec/DMN/20151101", "http://www.flowable.org/dmn", "http://www.activiti.org/dmn")
"""Flowable's files, whose expressions are JUEL: DMN 1.1 without its schema's name, or their target namespace."""


def read_decisions(content: bytes, report: Report) -> list[Decision]:
    """The decisions of a DMN file (1.1 to 1.5) that can be run; every problem is in the report.

    A decision with an error is left out, and so is what requires it.
    """
    try:
        root = read_xml(content)
    except Unreadable as error:
        report.extend([error.problem])
        return []
    if local(root) != "definitions" or not _NAMESPACE.match(namespace(root)):
        problem = N_("The file is no DMN file: its first element is <%(found)s>.")
        remedy = N_("Export the decision as DMN 1.3 from your modeler; it begins with <definitions>.")
        report.error("not-dmn", at(root), problem, remedy, found=local(root)[:60])
        return []
    elements = _elements(root, report)
    place = _place(root, report)
    logic = {id_: read_logic(element, place) for id_, element in elements.items()}
    found = {id_: decision for id_, decision in logic.items() if decision is not None}
    return _runnable(found, elements, report)


def _elements(root: Element, report: Report) -> dict[str, Element]:
    """The decisions by id."""
    found: dict[str, Element] = {}
    for element in find_children(root, "decision"):
        id_ = element.get("id", "")
        if not id_ or id_ in found or len(id_) > MAX_ID:
            problem = N_("The decision's id “%(id)s” is empty, too long or used twice.")
            report.error("decision-id", at(element), problem, N_("Give the decision an id of its own."), id=id_[:60])
        else:
            found[id_] = element
    if not found:
        problem = N_("The file has no decision.")
        report.error("no-decision", at(root), problem, N_("Draw a decision with a table, or leave the file out."))
    if len(found) > MAX_DECISIONS:
        problem = N_("The file has %(count)s decisions; at most %(most)s are read.")
        remedy = N_("Split it into several files.")
        report.error("too-many", at(root), problem, remedy, count=len(found), most=MAX_DECISIONS)
        return {}
    return found


def _place(root: Element, report: Report) -> Place:
    names = {element.get("name", "").strip() for element in root.iter() if local(element) in _NAMED}
    return Place(
        report=report,
        types=_types(root),
        dialect=_dialect(root),
        declared=root.get("expressionLanguage", ""),
        names=frozenset(name for name in names if name and not is_plain_name(name)),
    )


def _dialect(root: Element) -> str:
    """The language of cells that declare none: where an input is in Python (SpiffArena), they all are."""
    if namespace(root) in _JUEL or root.get("namespace") in _JUEL:
        return "juel"
    declared = {element.get("expressionLanguage", "").lower() for element in root.iter()}
    return "python" if "python" in declared else "feel"


_NAMED = ("inputData", "decision", "variable", "itemComponent", "output")


def _types(root: Element) -> dict[str, str]:
    """The base type of each item definition; "" where it is a list or has components."""
    raw: dict[str, str] = {}
    for item in find_children(root, "itemDefinition"):
        single = item.get("isCollection", "false") != "true" and not find_children(item, "itemComponent")
        inner = next((text_of(child) for child in find_children(item, "typeRef")), item.get("typeRef", ""))
        raw[item.get("name", "")] = inner.rpartition(":")[2].strip() if single else ""
    return {name: _base(name, raw) for name in raw}


def _base(name: str, raw: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while name in raw and name not in seen:
        seen.add(name)
        name = raw[name]
    return KINDS.get(name, "")


def _runnable(found: Mapping[str, Decision], elements: Mapping[str, Element], report: Report) -> list[Decision]:
    """Those of `found` whose requirements are all there; circles and what is missing are reported."""
    bad = set(_missing(found, elements, report)) | set(_circular(found, elements, report))
    while True:
        spoilt = {id_ for id_, each in found.items() if id_ not in bad and not bad.isdisjoint(each.requires)}
        if not spoilt:
            return [decision for id_, decision in found.items() if id_ not in bad]
        bad |= spoilt


def _missing(found: Mapping[str, Decision], elements: Mapping[str, Element], report: Report) -> Iterator[str]:
    for id_, decision in found.items():
        for required in decision.requires:
            if required not in elements:
                problem = N_("The decision requires “%(required)s”, which is not in the file.")
                remedy = N_("Add that decision to the file, or remove the requirement.")
                report.error("decision-missing", at(elements[id_]), problem, remedy, required=required[:60])
            if required not in found:
                yield id_


def _circular(found: Mapping[str, Decision], elements: Mapping[str, Element], report: Report) -> Iterator[str]:
    left = {id_: {each for each in decision.requires if each in found} for id_, decision in found.items()}
    while ready := {id_ for id_, needs in left.items() if not needs}:
        left = {id_: needs - ready for id_, needs in left.items() if id_ not in ready}
    for id_ in _on_circles(left):
        problem = N_("The decision requires itself, through %(through)s.")
        through = ", ".join(sorted(left[id_]))
        report.error("decision-circle", at(elements[id_]), problem, N_("Remove a requirement."), through=through[:120])
    yield from left


def _on_circles(left: Mapping[str, set[str]]) -> Iterable[str]:
    """Without those that merely require a circle."""
    while True:
        required = set().union(*left.values())
        if required >= left.keys():
            return list(left)
        left = {id_: needs for id_, needs in left.items() if id_ in required}
