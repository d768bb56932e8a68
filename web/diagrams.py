"""Owns serving a diagram to the viewer: the XML as it was uploaded, but in UTF-8, which is all that browsers assume."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response
from lxml import etree

from engine.definitions.xml import Unreadable, read_xml
from engine.expressions import Problem
from tickets.errors import NotFound


def diagram(content: bytes) -> Response:
    """A stored BPMN file for the viewer; never shown as a page of its own. Raises NotFound when it cannot be read."""
    try:
        drawn = etree.tostring(read_xml(content), encoding="utf-8", xml_declaration=True)
    except Unreadable:
        raise NotFound from None
    answer = Response(drawn, content_type="application/xml; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=diagram.bpmn"
    return answer


def way_drawn(files: Mapping[str, bytes], problems: Iterable[Problem]) -> str:
    """The drawing that the first way of a report can be played back on, of files that are not kept; empty for none."""
    ways = (files.get(problem.file, b"") for problem in problems if problem.path)
    content = next((content for content in ways if has_drawing(content)), b"")
    if not content or len(content) > MOST_DRAWN:
        return ""
    try:
        return etree.tostring(read_xml(content), encoding="unicode")
    except Unreadable:
        return ""


MOST_DRAWN = 1024 * 1024
"""Bytes of a drawing that stands in a page itself."""


def has_drawing(content: bytes) -> bool:
    """Whether a BPMN file says where its elements are drawn; in two-byte encodings this is not looked for."""
    return b"BPMNShape" in content or b"\0" in content
