"""Owns one component of a form's JSON while it is read: typed access that reports what is wrong instead of failing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.expressions import N_, Expression, ExpressionError, Level, Message, Problem
from forms.fields import Flag, Limit, Words
from forms.source import line_of
from forms.templating import EMPTY, Template, compile_feel, compile_text


@dataclass
class Report:
    """The problems of one form, in the order in which they are met."""

    file: str = ""
    text: str = ""
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, level: Level, code: str, problem: Message, remedy: Message, component: Mapping[str, Any], line: int = 0
    ) -> None:
        element = next((str(component[name]) for name in ("key", "path", "id", "type") if component.get(name)), "")
        label = component.get("label") or component.get("dateLabel") or ""
        line = line or line_of(self.text, component)
        found = Problem(level, code, problem, remedy, element[:200], str(label)[:200], line, self.file)
        if found not in self.problems:  # a part such as `validate` is looked at more than once
            self.problems.append(found)


@dataclass
class Component:
    """A component, or a part of it such as `validate`: then `whole` is the component and `part` the part's name."""

    raw: Mapping[str, Any]
    report: Report
    whole: Mapping[str, Any]
    part: str = ""

    def within(self, name: str) -> Component:
        """A part that is an object, empty if it is missing."""
        return Component(self.of_type(name, dict, {}), self.report, self.whole, f"{self.part}{name}.")

    def error(self, code: str, problem: str, remedy: str, **params: object) -> None:
        self.report.add(Level.ERROR, code, Message(problem, params), Message(remedy, params), self.whole)

    def warning(self, code: str, problem: str, remedy: str, **params: object) -> None:
        self.report.add(Level.WARNING, code, Message(problem, params), Message(remedy, params), self.whole)

    def of_type(self, name: str, wanted: type[Any], default: Any) -> Any:
        """The property if it has the wanted JSON type, else the default; null means missing."""
        value = self.raw.get(name)
        if value is None:
            return default
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            self.wrong_type(name)
            return default
        return value

    def wrong_type(self, name: str) -> None:
        self.error(
            "wrong-type",
            N_("“%(property)s” has a value of the wrong type."),
            N_("Look up in the form-js schema what “%(property)s” may be."),
            property=self.part + name,
        )

    def string(self, name: str) -> str:
        return str(self.of_type(name, str, ""))

    def flag(self, name: str, default: bool = False) -> bool:
        return bool(self.of_type(name, bool, default))

    def count(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`; one outside is reported."""
        value = self.of_type(name, int, default)
        if value != default and not low <= value <= high:
            self.error(
                "out-of-range",
                N_("“%(property)s” is %(value)s."),
                N_("Set it to a whole number from %(low)d to %(high)d."),
                property=self.part + name,
                value=value,
                low=low,
                high=high,
            )
            return default
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        """A number written as a number or as text."""
        limit = self.limit(name, feel=False)
        return limit if isinstance(limit, Decimal) else None

    def limit(self, name: str, *, feel: bool = True) -> Limit:
        """A bound: a number, its text, or FEEL."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.startswith("=") and feel:
            return self.feel(value)
        try:
            number = (
                Decimal(str(value).strip())
                if isinstance(value, int | float | str) and not isinstance(value, bool)
                else None
            )
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            self.wrong_type(name)
            return None
        return number

    def switch(self, name: str) -> Flag:
        """A boolean or FEEL."""
        value = self.raw.get(name)
        if isinstance(value, bool):
            return value
        if value is None or value == "":
            return False
        if not isinstance(value, str):
            self.wrong_type(name)
            return False
        if not value.startswith("="):
            self.error(
                "not-feel",
                N_("“%(property)s” is text, but no FEEL expression."),
                N_('Begin the expression with =, such as = urgency = "high".'),
                property=self.part + name,
            )
            return False
        return self.feel(value) or False

    def feel(self, source: str) -> Expression | None:
        """FEEL compiled, or None after a report."""
        try:
            return compile_feel(source)
        except ExpressionError as fault:
            self.refuse(fault)
            return None

    def template(self, source: str) -> Template:
        """A text compiled, or empty after a report."""
        try:
            return compile_text(source)
        except ExpressionError as fault:
            self.refuse(fault)
            return EMPTY

    def refuse(self, fault: ExpressionError) -> None:
        """Report an expression that is not understood."""
        line = line_of(self.report.text, self.whole)
        self.report.add(Level.ERROR, "expression", fault.message, fault.remedy, self.whole, line)

    def words(self, name: str, properties: Mapping[str, str]) -> Words:
        """A text with its other languages, which are properties such as `label.en`."""
        others = {
            key.removeprefix(f"{name}."): self.template(text)
            for key, text in properties.items()
            if key.startswith(f"{name}.")
        }
        return Words(self.template(self.string(name)), others)
