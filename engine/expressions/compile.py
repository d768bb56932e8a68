"""Text to expressions and scripts; what was compiled lately is kept."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from engine.expressions import juel_closures, loops, python_closures
from engine.expressions.expression import Expression, Script
from engine.expressions.feel import closures as feel_closures
from engine.expressions.feel import loops as feel_loops
from engine.expressions.feel import membership
from engine.expressions.feel.parser import read_feel, read_tests
from engine.expressions.functions import UnknownFunction
from engine.expressions.juel import NotRun, read_juel, read_part
from engine.expressions.nodes import Language, Node
from engine.expressions.problems import ExpressionError
from engine.expressions.python import read_python
from engine.expressions.python_reader import NotPython
from engine.expressions.script import read_script
from engine.expressions.source import Source, check_text
from engine.expressions.template import read_template

# Each adds its language's meanings to the tree's closures.
MEANINGS = (loops, python_closures, juel_closures, feel_closures, feel_loops, membership)
READERS = {Language.PYTHON: read_python, Language.JUEL: read_juel}
_SHORT = 200  # characters; many short texts are kept and few long ones
_NO_NAMES: frozenset[str] = frozenset()
T = TypeVar("T")


def language_of(source: str) -> Language:
    """The language a text announces: = begins FEEL, ${ or #{ in it is JUEL, anything else Python."""
    text = source.strip()
    if text.startswith("=") and not text.startswith("=="):
        return Language.FEEL
    return Language.JUEL if "${" in text or "#{" in text else Language.PYTHON


def compile_expression(
    source: str,
    language: Language,
    *,
    functions: frozenset[str] = _NO_NAMES,
    names: frozenset[str] = _NO_NAMES,
) -> Expression:
    """The expression, or ExpressionError; it may call `functions`, which are handed in when it is evaluated.

    FEEL may begin with `=`; `names` are variables it may read whose names are more than words, such as `a-b`.
    JUEL is a text with `${…}` in it: one such part alone gives its value, else the text.
    """
    return _expression(source, language, frozenset(functions), frozenset(names))


def compile_tests(
    source: str, *, functions: frozenset[str] = _NO_NAMES, names: frozenset[str] = _NO_NAMES
) -> Expression:
    """FEEL's unary tests, such as `> 5` or `"a", "b"`: true where the variable `?` meets them (DMN 1.3, 7.3.1)."""
    return _tests(source, frozenset(functions), frozenset(names))


def compile_template(source: str, *, functions: frozenset[str] = _NO_NAMES) -> Expression:
    """A text with `${…}` in it, as an expression that always gives text; ExpressionError if a part is not readable.

    A part is read as Python, and as JUEL where it is not Python.
    """
    return _template(source, frozenset(functions))


def compile_script(source: str, *, functions: frozenset[str] = _NO_NAMES) -> Script:
    """The script of the Python subset, or ExpressionError."""
    return _script(source, frozenset(functions))


def _kept(make: Callable[..., T]) -> Callable[..., T]:
    short, long = functools.lru_cache(1024)(make), functools.lru_cache(32)(make)

    def kept(source: str, *settings: Any) -> T:
        return (short if len(source) <= _SHORT else long)(source, *settings)

    return kept


@_kept
def _expression(source: str, language: Language, functions: frozenset[str], names: frozenset[str]) -> Expression:
    if language is Language.FEEL:
        tree = read_feel(Source(source), functions, names)
    else:
        tree = READERS[language](Source(source), functions)
    remake = functools.partial(compile_expression, functions=functions, names=names)
    return Expression(source, language, tree, (remake, (source, language)))


@_kept
def _tests(source: str, functions: frozenset[str], names: frozenset[str]) -> Expression:
    tree = read_tests(Source(source), functions, names)
    remake = functools.partial(compile_tests, functions=functions, names=names)
    return Expression(source, Language.FEEL, tree, (remake, (source,)))


@_kept
def _script(source: str, functions: frozenset[str]) -> Script:
    return Script(
        source,
        read_script(Source(source), functions),
        (functools.partial(compile_script, functions=functions), (source,)),
    )


@_kept
def _template(source: str, functions: frozenset[str]) -> Expression:
    check_text(Source(source))
    tree = read_template(Source(source), lambda part: _read_either(part, functions))
    return Expression(
        source, Language.PYTHON, tree, (functools.partial(compile_template, functions=functions), (source,))
    )


def _read_either(part: Source, functions: frozenset[str]) -> Node:
    try:
        return read_python(part, functions)
    except (NotPython, UnknownFunction) as refusal:
        try:
            return read_part(part, functions)
        except NotRun as named:
            raise named from None
        except ExpressionError:
            raise refusal from None
