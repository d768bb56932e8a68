"""Owns which language a file's expression is in, and what becomes of one that is not run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.definitions.declared import Source
from engine.definitions.parts import Expr
from engine.definitions.source import at, expr_of
from engine.expressions import N_, ExpressionError, Language, compile_expression
from engine.names import FUNCTIONS

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

XPATH = re.compile(r"(?<![\w.])[A-Za-z][\w-]*:[A-Za-z][\w-]*\(")
"""A function behind a prefix, which no language of ours has."""
SPELT = ("${", "#{", "=")
OURS = {"python": "python", "text/python": "python", "juel": "juel", "feel": "feel", "": ""}
JSP = "http://java.sun.com/products/jsp"
"""What modelers of engines that run `${…}` declare; a bare text in such a file says nothing of its language."""


def condition_of(holder: Element | None, owner: Element, source: Source) -> Expr | None:
    """The condition that `holder` says for `owner`; None, and a warning, if it is in a language that is not run.

    A spelling such as `${…}` wins over what is declared: modelers write XPath, the schema's default, everywhere.
    """
    text = "".join(holder.itertext()).strip() if holder is not None else ""
    if holder is None:
        return None
    declared = holder.get("language") or source.language
    if not text:
        elsewhere = next((str(value) for name, value in holder.attrib.items() if name.endswith("}resource")), "")
        if elsewhere:
            _not_run(owner, elsewhere, source)
        return None
    language = known(declared)
    if text.startswith(SPELT) and not text.startswith("=="):
        return expr_of(text, plain="python")
    if language == "feel":
        return Expr(text, "feel")
    if language is None:
        _not_run(owner, declared, source)
        return None
    if XPATH.search(text) or (language == "" and not source.dialect.spoken and not _is_python(text, owner, source)):
        _not_run(owner, "XPath", source)
        return None
    return Expr(text, "python")


def known(declared: str) -> str | None:
    """The language of ours that a declaration names; empty if it names none, None if another."""
    text = declared.strip().lower()
    if "feel" in text:
        return "feel"
    return "" if text.startswith(JSP) else OURS.get(text)


def _not_run(owner: Element, language: str, source: Source) -> None:
    problem = N_("The condition is in “%(language)s”, which is not run; it counts as no condition.")
    remedy = N_("Write it as ${…}, in FEEL after “=”, or in Python.")
    source.report.warning("language", at(owner), problem, remedy, language=language[:80])


def _is_python(text: str, owner: Element, source: Source) -> bool:
    """BPMN's own default is XPath (BPMN 2.0.2, 8.1.1), so bare words in a plain file need not be ours."""
    if not source.report.has_room(at(owner), characters=len(text)):
        return True
    try:
        compile_expression(text, Language.PYTHON, functions=FUNCTIONS)
    except ExpressionError:
        return False
    return True
