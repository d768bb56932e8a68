"""Owns serving a diagram to the viewer: the XML as it was uploaded, but in the reader's language, and in UTF-8, which
is all that browsers assume.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Response
from lxml import etree

from engine.definitions.xml import Unreadable, local, read_xml
from engine.expressions import Message, Problem
from tickets.errors import NotFound
from tickets.standards.variants.ways import in_words as one_line
from web.language import language

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def diagram(content: bytes) -> Response:
    """A stored BPMN file for the viewer; never shown as a page of its own. Raises NotFound when it cannot be read."""
    try:
        drawn = etree.tostring(in_words(read_xml(content), language()), encoding="utf-8", xml_declaration=True)
    except Unreadable:
        raise NotFound from None
    answer = Response(drawn, content_type="application/xml; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=diagram.bpmn"
    return answer


def drawn(files: Mapping[str, bytes], problems: Sequence[Problem]) -> str:
    """The drawing of files that are not kept: of a report's first way, else of its first problem, else the first."""
    ways = (files.get(problem.file, b"") for problem in problems if problem.path)
    told = (files.get(problem.file, b"") for problem in problems)
    return _first_drawn([*ways, *told, *files.values()])


def called(files: Mapping[str, bytes], problems: Sequence[Problem]) -> list[Problem]:
    """The problems of a report, each element called as in its drawing: in the reader's language where it says."""
    names = {path: _names(files[path]) for path in {problem.file for problem in problems} & set(files)}
    return [_called(problem, names.get(problem.file, _NO_NAMES)) for problem in problems]


def names_in(content: bytes) -> Mapping[str, str]:
    """What the elements of a BPMN file are called in the reader's language, by id; nothing of a file beyond reading."""
    if len(content) > MOST_DRAWN:
        return {}
    try:
        return _by_id(in_words(read_xml(content), language()))
    except Unreadable:
        return {}


@dataclass(frozen=True, slots=True)
class _Names:
    """What the elements of a file are called in the reader's language; those that are drawn alike may not be."""

    by_id: Mapping[str, str]
    by_name: Mapping[str, str]

    def within(self, message: Message, ways: Mapping[str, str]) -> Message:
        """A sentence with the elements that it quotes, and the ways, as they are called."""
        return replace(message, params={key: self._quoted(value, ways) for key, value in message.params.items()})

    def _quoted(self, value: object, ways: Mapping[str, str]) -> object:
        if isinstance(value, tuple):
            return tuple(self._quoted(each, ways) for each in value)
        return (ways.get(value) or self.by_name.get(value, value)) if isinstance(value, str) else value


_NO_NAMES = _Names({}, {})


def _called(problem: Problem, names: _Names) -> Problem:
    way = tuple((ident, names.by_id.get(ident, name)) for ident, name in problem.path)
    ways = {one_line(problem.path): one_line(way)} if way else {}
    said, remedy = (names.within(each, ways) for each in (problem.problem, problem.remedy))
    name = names.by_id.get(problem.element, problem.name)
    return replace(problem, name=name, path=way, problem=said, remedy=remedy)


def _names(content: bytes) -> _Names:
    """Of a BPMN file; nothing of elements without a name."""
    if b"name." not in content or len(content) > MOST_DRAWN:
        return _NO_NAMES
    try:
        root = read_xml(content)
    except Unreadable:
        return _NO_NAMES
    drawn = _by_id(root)
    by_id = _by_id(in_words(root, language()))
    alike: dict[str, set[str]] = {}
    for ident, name in drawn.items():
        alike.setdefault(name, set()).add(by_id[ident])
    return _Names(by_id, {name: called.pop() for name, called in alike.items() if len(called) == 1})


def _by_id(root: Element) -> dict[str, str]:
    return {each.get("id", ""): name for each in root.iter() if (name := each.get("name")) and each.get("id")}


def _first_drawn(contents: Iterable[bytes]) -> str:
    content = next((content for content in contents if has_drawing(content)), b"")
    if not content or len(content) > MOST_DRAWN:
        return ""
    try:
        return etree.tostring(in_words(read_xml(content), language()), encoding="unicode")
    except Unreadable:
        return ""


def in_words(root: Element, wanted: str) -> Element:
    """Elements are called what their property `name.zh` or `name.en` says; those without one keep their name.

    What is drawn here is not what is kept: downloads give the file byte for byte.
    """
    pools: dict[str, str] = {}
    for said in root.iter():
        if local(said) != "property" or said.get("name") != f"name.{wanted}" or not said.get("value"):
            continue
        element = next((each.getparent() for each in said.iterancestors() if local(each) == "extensionElements"), None)
        if element is None:
            continue
        if local(element) == "process":
            pools[element.get("id", "")] = said.get("value", "")
        _call(element, said.get("value", ""))
    for pool in root.iter():
        if local(pool) == "participant" and (name := pools.get(pool.get("processRef", ""))) and not _own_name(pool):
            pool.set("name", name)
    return root


def _call(element: Element, name: str) -> None:
    if local(element) != "textAnnotation":
        element.set("name", name)
    for text in element if local(element) == "textAnnotation" else ():
        if local(text) == "text":
            text.text = name


def _own_name(element: Element) -> bool:
    """Whether it has names by language of its own."""
    return any(local(each) == "property" and each.get("name", "").startswith("name.") for each in element.iter())


MOST_DRAWN = 1024 * 1024
"""Bytes of a drawing that stands in a page itself."""


def has_drawing(content: bytes) -> bool:
    """Whether a BPMN file says where its elements are drawn; in two-byte encodings this is not looked for."""
    return b"BPMNShape" in content or b"\0" in content
