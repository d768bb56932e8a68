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
_PHRASES = (
    r"get\s+or\s+else(?=\s*\()|date\s+and\s+time(?=\s*\()|years\s+and\s+months\s+duration(?=\s*\()|instance\s+of\b"
)
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
# What may stand in a name between its words, with or without spaces around it (grammar rules 27 to 30).
_JOINT = re.compile(r"\s*([./\-'+*])\s*")
# Keys of contexts: they are names in the rest of the expression, whatever they hold.
_KEY = re.compile(r"""[{,]\s*([^\W\d][^"{}\[\](),:@?]*):|"((?:[^"\\\n]|\\.)*)"\s*:""")
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))",
    re.DOTALL,
)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def tokens(source: Source, names: frozenset[str]) -> list[Token]:
    """The tokens of a FEEL text, a last one of kind end after them; raises ExpressionError.

    `names` are read as one name each, whatever characters they have; the longest wins.
    """
    found = []
    keys = {spelt(plain or quoted) for plain, quoted in _KEY.findall(source.text)} - KEYWORDS
    for match in _pattern(names | {key for key in keys if not is_plain_name(key)}).finditer(source.text):
        kind, text = match.lastgroup or "other", match.group()
        if kind == "other":
            raise unreadable(source, match.start(), text)
        if kind == "known":
            kind, text = "name", _meant(text, names)
        elif kind in ("word", "phrase"):
            text = " ".join(text.strip("`").split())
            kind = "keyword" if text in KEYWORDS and match.group()[0] != "`" else "name"
        if kind != "space":
            found.append(Token(kind, text, match.start()))
    return [*found, Token("end", "", len(source.text))]


def is_plain_name(name: str) -> bool:
    """Whether FEEL reads the name as one without being told: words, none of them a keyword."""
    return all(_WORD.fullmatch(word) and word not in KEYWORDS for word in name.split())


def spelt(name: str) -> str:
    """The name with single spaces between its words, and none around the signs in it."""
    return _JOINT.sub(r"\1", " ".join(name.split()))


def _meant(text: str, names: frozenset[str]) -> str:
    """Which of the names is written, as it is spelt where it comes from."""
    wanted = spelt(text)
    return next((name for name in names if spelt(name) == wanted), wanted)


@functools.lru_cache(64)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    odd = sorted((name for name in names if name.strip() and not is_plain_name(name)), key=len, reverse=True)
    if not odd:
        return _TOKEN
    known = "|".join(_spellings(name) for name in odd)
    return re.compile(rf"(?P<known>(?:{known})(?!\w))|{_TOKEN.pattern}", _TOKEN.flags)


def _spellings(name: str) -> str:
    parts = _JOINT.split(" ".join(name.split()))
    words = [r"\s+".join(map(re.escape, part.split())) for part in parts[::2]]
    signs = [rf"\s*{re.escape(sign)}\s*" for sign in parts[1::2]]
    return "".join(word + sign for word, sign in zip(words, [*signs, ""], strict=True))


def unquoted(source: Source, token: Token) -> str:
    """The text that a string token stands for; raises ExpressionError for an escape that FEEL lacks."""

    def character(match: re.Match[str]) -> str:
        high, low, short, long, plain = match.groups()
        if high:
            return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10 | int(low, 16) & 0x3FF))
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
