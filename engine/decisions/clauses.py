"""Owns the words of a decision: the texts, languages and types of its clauses and cells, each tried when it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.decisions.cells import compile_test, compile_value, is_open
from engine.decisions.kinds import KINDS
from engine.definitions import source
from engine.definitions.report import At, Report
from engine.definitions.source import find_children
from engine.expressions import N_, Expression, ExpressionError, Language

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LANGUAGES = ("juel", "python")
Compile = Callable[[str, str, frozenset[str]], Expression]


@dataclass(frozen=True, slots=True)
class Place:
    """The file that is read: its report, types, language, and names that are more than words."""

    report: Report
    types: Mapping[str, str]
    dialect: str
    declared: str
    names: frozenset[str]

    def language(self, *elements: Element | None) -> str:
        """The language that the first of these declares, else the file; an error if it is not run."""
        for element in elements:
            declared = element.get("expressionLanguage", "") if element is not None else ""
            if element is not None and declared:
                return self._known(declared, at(element))
        return self._known(self.declared, At()) if self.declared else self.dialect

    def _known(self, declared: str, where: At) -> str:
        text = declared.strip().lower()
        found = "feel" if "feel" in text else text if text in _LANGUAGES else ""
        if not found:
            problem = N_("The language “%(language)s” is not run.")
            remedy = N_("Write the expression in FEEL and remove the language, or name feel or juel.")
            self.report.error("language", where, problem, remedy, language=declared[:60])
        return found if found in _LANGUAGES else self.dialect

    def type(self, reference: str, where: At) -> str:
        """The base type of a type reference, with or without a prefix; "" and a note for one that is not known."""
        name = reference.rpartition(":")[2].strip()
        if name and name not in self.types and name not in KINDS:
            problem = N_("The type “%(type)s” is not known; values stay as they are.")
            self.report.note("type", where, problem, N_("Use string, number, boolean or date."), type=name[:60])
        return self.types.get(name) or KINDS.get(name, "")

    def test(self, cell: Element, language: str) -> str:
        """A rule's test as written, "" where any value will do; an error if it is not understood."""
        text = text_of(cell)
        return "" if is_open(text) else self._tried(cell, text, language, compile_test, N_("The test"))

    def value(self, cell: Element | None, language: str, what: str) -> str:
        """An expression as written, "" if there is none; an error if it is not understood."""
        text = text_of(cell) if cell is not None else ""
        return self._tried(cell, text, language, compile_value, what) if cell is not None and text else ""

    def values(self, holder: Element | None, language: str) -> tuple[str, ...]:
        """An output's values, each an expression, in the order written."""
        if holder is None:
            return ()
        return tuple(
            self._tried(holder, text, language, compile_value, N_("The output's values"))
            for text in split(text_of(holder))
        )

    def _tried(self, element: Element, text: str, language: str, compiled: Compile, what: str) -> str:
        where = at(element)
        if self.report.has_room(where, characters=len(text)):
            try:
                found = compiled(text, language, self.names)
                if language == "feel" and found.language is not Language.FEEL and "{" not in text:
                    problem = N_("“%(text)s” is not FEEL; it is read as %(language)s.")
                    read_as = found.language.value.upper()
                    self.report.note(
                        "read-as", where, problem, N_("Write it in FEEL."), text=text[:60], language=read_as
                    )
            except ExpressionError as error:
                self.report.expression(where, what, error)
        return text


def at(element: Element) -> At:
    """Where an element stands; one without an id is named by what it stands in."""
    named = next((each for each in (element, *element.iterancestors()) if each.get("id")), element)
    found = source.at(named)
    return At(found.element, found.name, int(element.sourceline or 1))


def split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets and no quotation marks."""
    parts, depth, quote, start = [], 0, "", 0
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[place - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def text_of(element: Element) -> str:
    """The text of an expression: of its <text>, else its own."""
    inner = find_children(element, "text")
    return "".join((inner[0] if inner else element).itertext()).strip()
