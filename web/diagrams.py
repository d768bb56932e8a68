"""Owns serving a diagram to the viewer: the XML as it was uploaded, but in UTF-8, which is all that browsers assume."""

from __future__ import annotations

from flask import Response
from lxml import etree

from engine.definitions.xml import Unreadable, read_xml
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


def has_drawing(content: bytes) -> bool:
    """Whether a BPMN file says where its elements are drawn; in two-byte encodings this is not looked for."""
    return b"BPMNShape" in content or b"\0" in content
