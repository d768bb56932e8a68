"""FEEL's tokens."""

from __future__ import annotations

import functools
import re

from engine.expressions.cursor import Token
from engine.expressions.problems import N_
from engine.expressions.source import Source, unreadable

KEYWORDS = frozenset(
    {
        *("and", "or", "if", "then", "else", "in", "between", "not", "true", "false", "null", "for", "return"),
        *("some", "every", "satisfies", "function", "external", "instance of"),
    }
)
# Names of functions and types with a keyword in them.
_PHRASES = r"date\s+and\s+time(?=\s*\()|years\s+and\s+months\s+duration(?=\s*\()|instance\s+of\b"
_TOKEN = re.compile(
    rf"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
      |(?P<string>"(?:[^"\\]|\\.)*")
      |(?P<phrase>{_PHRASES})
      |(?P<word>[^\W\d]\w*|`[^`\n]+`)
      |(?P<asked>\?)
      |(?P<operator>\*\*|<=|>=|!=|\.\.|[-+*/=<>()\[\]{{}},.:@])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d]\w*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'", "/": "/"}


def tokens(source: Source, names: frozenset[str]) -> list[Token]:
    """The tokens of a FEEL text, a last one of kind end after them; raises ExpressionError.

    `names` are read as one name each, whatever characters they have; the longest wins.
    """
    found = []
    for match in _pattern(names).finditer(source.text):
        kind, text = match.lastgroup or "other", match.group()
        if kind == "other":
            raise unreadable(source, match.start(), text)
        if kind == "known":
            kind, text = "name", " ".join(text.split())
        elif kind in ("word", "phrase"):
            text = " ".join(text.strip("`").split())
            kind = "keyword" if text in KEYWORDS and match.group()[0] != "`" else "name"
        if kind != "space":
            found.append(Token(kind, text, match.start()))
    return [*found, Token("end", "", len(source.text))]


def is_plain_name(name: str) -> bool:
    """Whether FEEL reads the name as one without being told: words, none of them a keyword."""
    return all(_WORD.fullmatch(word) and word not in KEYWORDS for word in name.split())


@functools.lru_cache(64)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    odd = sorted((name for name in names if not is_plain_name(name)), key=len, reverse=True)
    if not odd:
        return _TOKEN
    known = "|".join(r"\s+".join(map(re.escape, name.split())) for name in odd if name.split())
    return re.compile(rf"(?P<known>(?:{known})(?!\w))|{_TOKEN.pattern}", _TOKEN.flags)


def unquoted(source: Source, token: Token) -> str:
    """The text that a string token stands for; raises ExpressionError for an escape that FEEL lacks."""

    def character(match: re.Match[str]) -> str:
        short, long, plain = match.groups()
        code = int(short or long or "0", 16)
        known = plain in _PLAIN_ESCAPES if plain else code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
        if not known:
            raise source.refuse(
                token.offset + 1 + match.start(),
                N_("“%(escape)s” has no meaning inside a text."),
                N_("Write two backslashes for one."),
                {"escape": match.group()},
            )
        return _PLAIN_ESCAPES[plain] if plain else chr(code)

    return _ESCAPE.sub(character, token.text[1:-1])
