"""Owns what every dialect shares: children by name, extension properties, and how an expression is spelt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.definitions.parts import Expr
from engine.definitions.report import At
from engine.definitions.xml import local, namespace

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def children(element: Element) -> list[Element]:
    """BPMN's own child elements, in order."""
    return [child for child in element if namespace(child) == BPMN]


def find_children(element: Element | None, name: str) -> list[Element]:
    """Child elements of that local name, in any namespace."""
    return [] if element is None else [child for child in element if local(child) == name]


def child(element: Element, name: str) -> Element | None:
    return next((found for found in children(element) if local(found) == name), None)


def child_text(element: Element, name: str) -> str:
    found = child(element, name)
    return "".join(found.itertext()).strip() if found is not None else ""


def extension(element: Element) -> Element | None:
    return child(element, "extensionElements")


def settings_of(element: Element, namespaces: Sequence[str]) -> dict[str, str]:
    """Our settings: the name-value properties of the vendor's extension elements."""
    found: dict[str, str] = {}
    for group in find_children(extension(element), "properties"):
        if namespace(group) in namespaces:
            for item in find_children(group, "property"):
                found[(item.get("name") or "").strip()] = (item.get("value") or "").strip()
    found.pop("", None)
    return found


def flag(element: Element, name: str, *, default: bool) -> bool:
    """An attribute of XML Schema's boolean type: true, 1, false or 0."""
    text = element.get(name, "").strip().lower()
    return default if text not in ("true", "1", "false", "0") else text in ("true", "1")


def id_of(element: Element) -> str:
    return str(element.get("id", ""))


def expr_of(text: str, *, language: str = "", plain: str = "literal") -> Expr:
    """An expression by its spelling: `${…}` is JUEL, `=…` FEEL, else as `plain` says.

    `plain="literal"`: text that stands for itself (a login, a role); `"variable"` and `"python"`: the Python subset.
    """
    text = text.strip()
    if text.startswith(("${", "#{")) and text.endswith("}"):
        return Expr(text, "juel")
    if text.startswith("=") and not text.startswith("=="):
        return Expr(text, "feel")
    if "feel" in language.lower():
        return Expr(text, "feel")
    return Expr(text, "literal" if plain == "literal" else "python")


LONGEST = 1000
"""Characters of an id or a name that a report repeats."""


def at(element: Element) -> At:
    """Where an element stands, for the report."""
    return At(element.get("id", "")[:LONGEST], element.get("name", "")[:LONGEST], int(element.sourceline or 1))
