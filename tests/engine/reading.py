"""What one element of a file is read into, and what the report says of it."""

from __future__ import annotations

from engine.definitions import Bundle, Node, Process, Report, read_bundle
from engine.definitions.read import read_processes
from engine.definitions.xml import read_xml
from engine.expressions import Level
from tests.engine.build import ORDER, bpmn, chain, end, start


def around(part: str, *others: str, declarations: str = "") -> bytes:
    """A process with the element `x` between its start and its end."""
    return bpmn(start(), part, *others, end(), chain("begin", "x", "done"), declarations=declarations)


def process_of(content: bytes) -> tuple[Process, Report]:
    """The first process of a file by itself: whatever it calls may be anywhere."""
    report = Report()
    return read_processes(read_xml(content), report)[0], report


def read(part: str, *others: str, ident: str = "x", declarations: str = "") -> Node:
    """The node that an element is read into."""
    found = process_of(around(part, *others, declarations=declarations))[0].node(ident)
    assert found is not None
    return found


def said(part: str, *others: str, declarations: str = "", level: Level = Level.WARNING) -> list[tuple[str, str]]:
    """The codes of the problems of one level, each with the element it is about."""
    report = process_of(around(part, *others, declarations=declarations))[1]
    assert report.accepted, report.problems
    return [(problem.code, problem.element) for problem in report.problems if problem.level is level]


def bundle_of(*parts: str, declarations: str = ORDER) -> Bundle:
    """What a file with one process of these parts gives, checks and all."""
    return read_bundle({"x.bpmn": bpmn(*parts, declarations=declarations)})


def whole_of(*parts: str, declarations: str = ORDER) -> Process:
    """The process of these parts; no error was found."""
    bundle = bundle_of(*parts, declarations=declarations)
    assert bundle.report.accepted, [str(problem.problem) for problem in bundle.report.problems]
    return bundle.definitions[0][1].process


def node_of(ident: str, *parts: str, declarations: str = ORDER) -> Node:
    found = whole_of(*parts, declarations=declarations).node(ident)
    assert found is not None
    return found


def problems_of(*parts: str, declarations: str = ORDER, level: Level = Level.WARNING) -> list[tuple[str, str]]:
    """The codes of the problems of one level, each with the element it is about."""
    problems = bundle_of(*parts, declarations=declarations).report.problems
    return [(problem.code, problem.element) for problem in problems if problem.level is level]
