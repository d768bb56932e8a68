"""Owns what a line of text may hold before it is stored: nothing invisible that misleads readers or databases."""

from __future__ import annotations

import unicodedata

from engine.expressions import N_, Message

EMPTY = N_("It is empty; fill it in.")
_REFUSED = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line_problem(text: str, longest: int) -> Message | None:
    """What keeps `text` from being one line of at most `longest` characters; None when nothing does."""
    if not text.strip():
        return Message(EMPTY)
    if len(text) > longest:
        params = {"length": len(text), "longest": longest}
        return Message(N_("It has %(length)s characters; shorten it to %(longest)s."), params)
    for position, character in enumerate(text, start=1):
        if is_hidden(character):
            hidden = {"position": position, "code": f"U+{ord(character):04X}"}
            return Message(N_("Character %(position)s (%(code)s) is invisible or not text; remove it."), hidden)
    return None


def is_hidden(character: str) -> bool:
    """Whether it is a control character, half a surrogate pair, a line separator or an override of the direction."""
    return unicodedata.category(character) in _REFUSED or character in _DIRECTIONS
