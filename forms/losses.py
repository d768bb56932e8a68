"""Owns what is lost when a form of another format becomes form-js JSON, and cleaning what form-js would refuse."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from engine.expressions import N_, ExpressionError, Level, Message, Problem
from forms.markdown import has_image
from forms.paths import KEY, RESERVED
from forms.plain import words
from forms.templating import compile_text
from forms.texts import Pattern, PatternRefused

MOST: Final = 500
"""Fields of one form; a format that refers to itself could make any number of them."""
_TAGS: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


@dataclass
class Losses:
    """Warnings gathered while one form is converted; `text` is the file's, to say the line."""

    file: str = ""
    text: str = ""
    problems: list[Problem] = field(default_factory=list)
    fields: int = 0

    def add(self, name: str, code: str, problem: str, remedy: str, /, **params: object) -> None:
        """A warning about the field called `name`."""
        shown = {key: str(value)[:100] for key, value in params.items()}
        found = Problem(
            Level.WARNING,
            code,
            Message(problem, shown),
            Message(remedy, shown),
            name[:200],
            "",
            self._line(name),
            self.file,
        )
        if found not in self.problems:
            self.problems.append(found)

    def lost(self, name: str, what: str) -> None:
        """A word of the format that has no counterpart."""
        problem, remedy = (
            N_("“%(what)s” has no counterpart here and is left out."),
            N_("Check that the form still fits."),
        )
        self.add(name, "form-lost", problem, remedy, what=what)

    def room(self, name: str) -> bool:
        """Whether one more field fits."""
        self.fields += 1
        if self.fields == MOST + 1:
            problem = N_("This form has more than %(most)s fields; the rest is left out.")
            self.add(name, "too-many", problem, N_("Split it into several forms, one per task."), most=MOST)
        return self.fields <= MOST

    def key(self, name: str) -> str:
        """The key under which a field's value is stored; empty, and a warning, if no field can have it."""
        if KEY.match(name) and len(name) <= 200 and name.partition(".")[0] not in RESERVED:
            return name
        problem = N_("“%(name)s” can't be a field's name here; the field is left out.")
        remedy = N_("Use letters, digits and underscores; no name begins with an underscore.")
        self.add(name, "form-key", problem, remedy, name=name)
        return ""

    def words(self, name: str, text: object) -> str:
        """A text to show; templates of another language are left out of it."""
        if not isinstance(text, str) or not text:
            return ""
        try:
            compile_text(text)
        except ExpressionError:
            problem = N_("A text has parts that are not understood; “…” is shown instead.")
            self.add(name, "form-text", problem, N_("Write FEEL between {{ and }}, or plain text."))
            text = _TAGS.sub("…", text).replace("{{", "{").lstrip("=")
        return text

    def markdown(self, name: str, text: object) -> str:
        """A text that stands by itself; one with an image is left out."""
        shown = self.words(name, text)
        if has_image(shown):
            self.lost(name, "image")
            return ""
        return shown

    def pattern(self, name: str, source: object) -> str:
        if not isinstance(source, str) or not source:
            return ""
        try:
            Pattern.of(source)
        except PatternRefused:
            self.lost(name, "pattern")
            return ""
        return source

    def _line(self, name: str) -> int:
        last = name.rpartition(".")[2]
        found = re.search(rf"{re.escape(json.dumps(last, ensure_ascii=False))}", self.text) if last else None
        return self.text.count("\n", 0, found.start()) + 1 if found else 1


def number(value: object) -> int | float | None:
    """A plain number, else None; JSON's true is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def option(value: object, label: object = None) -> dict[str, Any] | None:
    """An option of a choice, or None if the value is none that can be chosen."""
    if isinstance(value, str | int | float) and value != "":
        return {"value": value, "label": label if isinstance(label, str) and label else words(value)}
    return None
