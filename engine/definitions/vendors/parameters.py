"""Owns Camunda 7's `inputOutput`: what its parameters give to variables, as far as it can be said without Java."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from engine.definitions.parts import Assign, Expr
from engine.definitions.source import find_children
from engine.definitions.vendors.dialect import Mappings, Remark
from engine.definitions.vendors.passing import expression, fault_of, left_out
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

NULL = Expr("${null}", "juel")
SPOKEN = {"juel": "juel", "feel": "feel", "python": "python"}
"""Script formats whose scripts may be one expression."""
MAX_NESTING = 10
_PATH = re.compile(r"\s*[$#]\{\s*([^\W\d]\w*(?:\.[^\W\d]\w*)*)\s*\}\s*")


def parameters(mappings: Sequence[Element]) -> tuple[Mappings, list[Remark]]:
    """The first `inputOutput`'s parameters; what cannot be said here is left out and remarked."""
    remarks: list[Remark] = []
    if not mappings:
        return Mappings(), remarks
    inputs, outputs = (
        tuple(_assigned(find_children(mappings[0], name), remarks)) for name in ("inputParameter", "outputParameter")
    )
    return Mappings(inputs, outputs), remarks


def _assigned(found: list[Element], remarks: list[Remark]) -> list[Assign]:
    assigned = []
    for parameter in found:
        name = parameter.get("name", "").strip()
        value = _value(parameter)
        fault = fault_of(value)[1] if value is not None else None
        if fault is not None:
            remarks.append(left_out(name, fault))
        elif value is None or not name:
            remarks.append(_not_run(name))
        else:
            assigned.append(Assign(name, value))
    return assigned


def _value(holder: Element) -> Expr | None:
    """The value of a parameter: its text, or the script, list or map inside it; None if it cannot be said here."""
    inner = next((each for each in holder if local(each)), None)
    if inner is None:
        text = "".join(holder.itertext()).strip()
        return expression(text) if text else NULL
    if local(inner) == "script":
        return _script(inner)
    written = _feel(inner, 0)
    return Expr(f"= {written}", "feel") if written is not None else None


def _script(script: Element) -> Expr | None:
    """A script of one expression; its lines count from the element's own, as everywhere in a file."""
    language = SPOKEN.get(script.get("scriptFormat", "").strip().lower())
    text = "".join(script.itertext()).strip()
    return Expr(text, language) if language and text and not script.get("resource") else None


def _feel(part: Element, depth: int) -> str | None:
    """A list, a map or one of their values in FEEL, which has words for them as JUEL has none."""
    name = local(part)
    if depth > MAX_NESTING:
        return None
    if name == "list":
        items = [_feel(each, depth + 1) for each in part if local(each)]
        return None if None in items else f"[{', '.join(filter(None, items))}]"
    if name == "map":
        return _context([each for each in part if local(each) == "entry"], depth)
    if name in ("value", "entry"):
        return _constant("".join(part.itertext()).strip())
    return None


def _context(entries: list[Element], depth: int) -> str | None:
    written = []
    for entry in entries:
        inner = next((each for each in entry if local(each)), None)
        value = _feel(entry if inner is None else inner, depth + 1)
        if value is None or "{" in entry.get("key", ""):
            return None
        written.append(f"{_quoted(entry.get('key', ''))}: {value}")
    return f"{{{', '.join(written)}}}"


def _constant(text: str) -> str | None:
    """A text as it stands, or a variable; other expressions have no counterpart inside a list."""
    path = _PATH.fullmatch(text)
    if path:
        return path[1]
    return None if "${" in text or "#{" in text else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _not_run(name: str) -> Remark:
    problem = N_("What is given to “%(name)s” is made by a script or by Java, which is not run; it is left out.")
    remedy = N_("Set the variable in a script task before, or write an expression.")
    return Remark("data-left-out", problem, remedy, params={"name": name[:60]})
