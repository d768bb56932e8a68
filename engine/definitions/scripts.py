"""Owns reading script tasks (BPMN 2.0.2, 10.3.3.6): the script, or the expression that stands for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.definitions.declared import Source
from engine.definitions.parts import Expr
from engine.definitions.source import at, child, expr_of
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

PYTHON = frozenset({"python", "text/python", "text/x-python", "application/x-python", "python3"})
EXPRESSIONS = {"juel": "juel", "feel": "feel"}


@dataclass(frozen=True)
class Read:
    """A Python script, or the expression computed instead; `language` is that of a script which is not run."""

    text: str = ""
    value: Expr | None = None
    language: str = ""


def read_script(element: Element, source: Source) -> Read:
    value = source.dialect.value(element)
    if value is not None:
        return Read(value=value)
    script = child(element, "script")
    written = "".join(script.itertext()) if script is not None else ""
    language = (element.get("scriptFormat") or element.get("scriptLanguage") or "python").strip().lower()
    if not written.strip():
        return Read()
    if language in EXPRESSIONS:
        return Read(value=_expression(written.strip(), EXPRESSIONS[language]))
    if language not in PYTHON:
        return _not_run(element, language, source)
    before = at(script).line - at(element).line if script is not None else 0
    return Read("\n" * before + written.rstrip())


def _expression(text: str, language: str) -> Expr:
    found = expr_of(text)
    return found if found.language != "literal" else Expr(text, language)


def _not_run(element: Element, language: str, source: Source) -> Read:
    problem = N_("A script in “%(language)s” is not run; the step is done at once and gives nothing.")
    remedy = N_("Write it in Python (script format “python”).")
    source.report.warning("script-language", at(element), problem, remedy, language=language[:80])
    return Read(language=language)
