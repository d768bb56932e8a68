"""Owns Flowable's data objects with a value: variables that a process or sub-process has from its start."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from engine.definitions.parts import Assign, Expr
from engine.definitions.source import child_text, children, extension, find_children
from engine.definitions.xml import local, namespace

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NUMBERS = frozenset({"int", "integer", "long", "double", "float"})
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)


def values_from_start(start: Element, namespaces: tuple[str, ...]) -> tuple[Assign, ...]:
    """What the data objects around a start event have, unless the variable is set when it begins."""
    scope = start.getparent()
    found = [] if scope is None else [each for each in children(scope) if local(each) == "dataObject"]
    return tuple(assign for each in found if (assign := _value(each, namespaces)) is not None)


def _value(data: Element, namespaces: tuple[str, ...]) -> Assign | None:
    name = (data.get("name") or data.get("id") or "").strip()
    given = [each for each in find_children(extension(data), "value") if namespace(each) in namespaces]
    text = "".join(given[0].itertext()).strip() if given else child_text(data, "value")
    if not name or not text or "${" in text or "#{" in text:
        return None
    kept = f"execution.getVariable({json.dumps(name, ensure_ascii=False)})"
    asked = f"execution.hasVariable({json.dumps(name, ensure_ascii=False)})"
    written = _literal(text, data.get("itemSubjectRef", "").rpartition(":")[2].lower())
    return Assign(name, Expr(f"${{{asked} ? {kept} : {written}}}", "juel"))


def _literal(text: str, kind: str) -> str:
    if kind in NUMBERS and _NUMBER.fullmatch(text):
        return text
    if kind == "boolean":
        return str(text.lower() == "true").lower()
    return "'" + re.sub(r"([\\'])", r"\\\1", text) + "'"
