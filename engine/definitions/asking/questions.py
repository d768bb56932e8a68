"""Owns the field that asks a person for a variable: its type and choices come from what conditions compare it with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from engine.definitions.asking.comparisons import Compared, Comparison
from engine.definitions.asking.variables import variable_of
from engine.definitions.parts import FormField
from engine.expressions import N_

OTHER = "other"
"""The choice besides the constants, where a flow is taken for none of them."""
OTHER_LABEL = N_("Other")
MOST_CHOICES = 100
LONGEST_KEY = 100
LONGEST_VALUE = LONGEST_LABEL = 200
REQUIRED = (("required", "true"),)
CHECKLIST = "checklist"
SELECT = "enum"

_KEY = re.compile(r"[^\W\d_]\w*(?:\.[^\W\d_]\w*)*")
_RESERVED = frozenset({"csrf_token", "this", "parent", "i", "constructor", "prototype"})
_TYPES: dict[frozenset[Compared], str] = {
    frozenset(): "string",
    frozenset({Compared.TRUTH}): "boolean",
    frozenset({Compared.TEXT}): SELECT,
    frozenset({Compared.TEXT, Compared.TRUTH}): SELECT,
    frozenset({Compared.NUMBER}): "double",
    frozenset({Compared.DATE}): "date",
    frozenset({Compared.PART}): CHECKLIST,
}
_UNTYPED = frozenset({Compared.NOTHING, Compared.VARIABLE})


def words(text: str) -> str:
    """A name on one line as a label that nothing is worked out in: forms take = and {{ for FEEL."""
    line = " ".join(text.split()).lstrip("= ").replace("{{", "{ ")
    return line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…"


def can_be_asked_for(path: str, compared: Iterable[Comparison]) -> bool:
    """Whether a field can hold the variable at `path`: not a list but of texts, nor a name that no form may use."""
    compared = list(compared)
    is_key = len(path) <= LONGEST_KEY and bool(_KEY.fullmatch(path)) and variable_of(path) not in _RESERVED
    kinds = {comparison.kind for comparison in compared} - _UNTYPED
    parts = (comparison.constant for comparison in compared if comparison.kind is Compared.PART)
    return is_key and kinds != {Compared.LENGTH} and all(isinstance(part, str) for part in parts)


def question(
    path: str, compared: Sequence[Comparison], *, label: str, named: Mapping[str, str], line: int
) -> FormField | None:
    """The field for a variable, or None where no field can hold what it is compared with.

    `named`: the words of choices, where flows have names.
    """
    kinds = frozenset(comparison.kind for comparison in compared) - _UNTYPED
    if not can_be_asked_for(path, compared):
        return None
    values = _constants(compared)
    kind = _TYPES.get(kinds, "string")
    fits = 0 < len(values) <= MOST_CHOICES and all(len(value) <= LONGEST_VALUE for value in values)
    if kind in (SELECT, CHECKLIST) and not fits:
        kind = "string"
    if not kinds and any(comparison.operator not in ("==", "!=") for comparison in compared):
        kind = "double"
    may_be_empty = any(comparison.kind is Compared.NOTHING or comparison.constant == "" for comparison in compared)
    optional = kind in ("boolean", CHECKLIST) or may_be_empty
    choices = [(value, named.get(value, value)) for value in values] if kind in (SELECT, CHECKLIST) else ()
    return FormField(
        path, kind, words(label) or path, values=tuple(choices), constraints=() if optional else REQUIRED, line=line
    )


def choice_values(field: FormField) -> Sequence[object] | None:
    """The values that the field's choices give; None where any may be given."""
    values = [value for value, _ in field.values]
    if field.type == SELECT:
        return values
    if field.type == CHECKLIST:
        return [*([value] for value in values), [], values]
    return None


def _constants(compared: Iterable[Comparison]) -> list[str]:
    kinds = (Compared.TEXT, Compared.PART)
    found = (comparison.constant for comparison in compared if comparison.kind in kinds)
    return list(dict.fromkeys(constant for constant in found if isinstance(constant, str) and constant.strip()))
