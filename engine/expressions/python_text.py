"""A look at Python source before the parser sees it: its parser recurses in C, and deep texts can end the process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.expressions.problems import N_
from engine.expressions.source import FULL_WIDTH, Source, too_complex, unreadable

MAX_NESTING = 60  # open brackets and prefix operators
MAX_CHAIN = 120  # else, and ** in a row: the parser recurses to the right

_TOKEN = re.compile(
    r"""(?P<string>(?P<prefix>[A-Za-z]{0,2})(?:\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}
            |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
      |(?P<comment>\#[^\n]*)
      |(?P<number>\.?[0-9][\w.]*)
      |(?P<word>[^\W\d]\w*)
      |(?P<operator>\*\*|&&|\|\||[<>=!]=|[-+~*/%()\[\]{}&|!=])
      |(?P<space>\s+|\\\n)
      |(?P<other>\\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(
    r"[0-9][0-9_]*[jJ]?|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][0-9]*)?[jJ]?"
)
_ESCAPES = re.compile(r"\\[^\n\\'\"abfnrtv0-7xNuU]")
_PREFIXES = {"-", "+", "~", "not", "lambda", "await", "yield"}


def check_python(source: Source) -> None:
    """Refuse what is nested too deeply, and what Python's own reader would only warn of."""
    open_brackets: list[int] = []
    prefixes = chain = 0
    for offset, kind, text in _tokens(source.text):
        if kind == "string":
            _check_string(source, offset, text)
        if kind == "number" and not _NUMBER.fullmatch(text):
            raise unreadable(source, offset, text)
        if text in FULL_WIDTH:
            raise unreadable(source, offset, text)
        chain += text in ("**", "else", "elif")
        if text in ("(", "[", "{"):
            open_brackets.append(prefixes + 1)
            prefixes = 0
        elif text in (")", "]", "}"):
            prefixes = open_brackets.pop() - 1 if open_brackets else 0
        else:
            prefixes = prefixes + 1 if text in _PREFIXES else 0
        if sum(open_brackets) + prefixes > MAX_NESTING or chain > MAX_CHAIN:
            raise too_complex(source, offset)


def mistake(text: str, *, script: bool) -> str | None:
    """The remedy for a habit from another language that Python's parser only calls invalid syntax."""
    tokens = {token for _, kind, token in _tokens(text) if kind != "string"}
    if tokens & {"&&", "||"}:
        return N_("Write and, or, not instead of &&, || and !.")
    if "!" in tokens:
        return N_("Write not instead of !.")
    if "return" in tokens and not script:
        return N_("Write the expression without return.")
    if "$" in tokens:
        return N_("Write the expression without ${ and }.")
    if "?" in tokens:
        return N_("Write: value if condition else other value.")
    if "then" in tokens:
        return N_("Write: value if condition else other value; or begin with = for FEEL.")
    if "=" in tokens and not script:
        return N_("Write == to compare.")
    return None


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        if kind == "prefix":
            kind = "string"
        if kind not in ("space", "comment"):
            yield found.start(), kind, found.group()
        if "f" in (found["prefix"] or "").lower():
            yield from _inside(found.start(), found.group())


def _inside(start: int, text: str) -> Iterator[tuple[int, str, str]]:
    """The tokens between the braces of an f-string, which Python parses too."""
    first, last = text.find("{"), text.rfind("}")
    if 0 <= first < last:
        for offset, _, token in _tokens(text[first : last + 1]):
            yield start + first + offset, "inside", token


def _check_string(source: Source, offset: int, text: str) -> None:
    prefix = re.match(r"[A-Za-z]*", text)
    found = _ESCAPES.search(text)
    if found and prefix and "r" not in prefix.group().lower():
        raise source.refuse(
            offset + found.start(),
            N_("“%(escape)s” has no meaning inside a text."),
            N_("Write two backslashes for one."),
            {"escape": found.group()},
        )
