"""Owns what a decision's texts mean: in which language a cell is read, and the expression it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.expressions import Expression, ExpressionError, Language, compile_expression, compile_tests
from engine.expressions.nodes import Text
from engine.expressions.source import Source, unreadable
from engine.names import FUNCTIONS

ASKED = {"feel": "?", "juel": "$input", "python": "_input"}
"""The input's value, by the language of the test that reads it."""

Reader = Callable[[str, frozenset[str]], Expression]
_OPERATORS = ("==", "!=", "<", ">")
_LIKE_JUEL = re.compile(r"==|'|&&|\|\||^\.|[$#]\{|\b(?:eq|ne|lt|gt|le|ge|empty)\b")


def is_open(text: str) -> bool:
    """Whether a test says nothing, so that every value meets it."""
    return text in ("", "-")


def compile_test(text: str, language: str, names: frozenset[str]) -> Expression:
    """The expression that is true where the input meets the cell; raises ExpressionError.

    In JUEL (Flowable's tables) and Python `== "a"` goes on from the input, and any other text is what the input
    equals. What is not of the table's own language may be of the other.
    """
    if _is_juel(text):
        return _whole(text, names)
    return _first(text, names, _TESTS[language])


def compile_value(text: str, language: str, names: frozenset[str]) -> Expression:
    """The expression of an input, an output or a literal decision; raises ExpressionError."""
    if _is_juel(text):
        return _whole(text, names)
    return _first(text, names, _VALUES[language])


def _first(text: str, names: frozenset[str], readers: tuple[Reader, ...]) -> Expression:
    """The first reading that succeeds, else what the table's own language says against the text."""
    refusals = []
    for reader in readers:
        try:
            return reader(text, names)
        except ExpressionError as refusal:
            refusals.append(refusal)
    raise refusals[0]


def _is_juel(text: str) -> bool:
    return text.startswith(("${", "#{")) and text.endswith("}")


def _going_on(text: str, asked: str) -> str:
    if text.startswith("."):
        return asked + text
    return f"{asked} {text}" if text.startswith(_OPERATORS) else f"{asked} == ({text})"


def _feel_test(text: str, names: frozenset[str]) -> Expression:
    return compile_tests(text, functions=FUNCTIONS, names=names)


def _juel_test(text: str, names: frozenset[str]) -> Expression:
    return _part(_going_on(text, ASKED["juel"]), names)


def _python_test(text: str, names: frozenset[str]) -> Expression:
    return _python_value(_going_on(text, ASKED["python"]), names)


def _feel_value(text: str, names: frozenset[str]) -> Expression:
    return compile_expression(text, Language.FEEL, functions=FUNCTIONS, names=names)


def _juel_value(text: str, names: frozenset[str]) -> Expression:
    """One expression, or a text with `${…}` in it."""
    return _whole(text, names) if "${" in text or "#{" in text else _part(text, names)


def _part(text: str, names: frozenset[str]) -> Expression:
    expression = _whole("${" + text + "}", names)
    if isinstance(expression.tree, Text):
        raise unreadable(Source(text), max(text.find("}"), 0), "}")
    return expression


def _likely(reader: Reader) -> Reader:
    """Reads as JUEL only what looks like it; a slip in FEEL is to be named, not to be understood otherwise."""

    def read(text: str, names: frozenset[str]) -> Expression:
        if not _LIKE_JUEL.search(text):
            raise unreadable(Source(text), 0, text)
        return reader(text, names)

    return read


def _python_value(text: str, _names: frozenset[str]) -> Expression:
    return compile_expression(text, Language.PYTHON, functions=FUNCTIONS)


def _whole(text: str, _names: frozenset[str]) -> Expression:
    return compile_expression(text, Language.JUEL, functions=FUNCTIONS)


_TESTS: dict[str, tuple[Reader, ...]] = {
    "feel": (_feel_test, _likely(_juel_test)),
    "juel": (_juel_test, _feel_test),
    "python": (_python_test, _feel_test),
}
_VALUES: dict[str, tuple[Reader, ...]] = {
    "feel": (_feel_value, _likely(_juel_value)),
    "juel": (_juel_value, _feel_value),
    "python": (_python_value, _feel_value),
}
