"""Owns making texts that a pattern matches: the common parts of RE2's syntax, each repetition as short as may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CLASSES = {"d": "5", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
PLAIN = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
NAMED = {"alpha": "a", "digit": "5", "alnum": "a", "upper": "A", "lower": "a", "space": " ", "punct": "-"}
EDGES = frozenset("bBAzZ")
MOST = 1_000
_COUNT = re.compile(r"\{(\d{1,4})(,?)(\d{0,4})\}")
_GROUP = re.compile(r"\(\?(?:P?<\w+>|[a-zA-Z]*-?[a-zA-Z]*:|[a-zA-Z-]+\))|\(")
_PROPERTY = re.compile(r"[pP](?:\{\^?(\w+)\}|(\w))")
_CODE = re.compile(r"\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}|[0-9a-fA-F]{2})")
TRIES = 3


def matching(pattern: str) -> Iterator[str]:
    """Texts that probably match, each with its repetitions one longer; whoever asks checks them."""
    for more in range(TRIES):
        yield _Maker(pattern, more).whole()[:MOST]


@dataclass
class _Maker:
    pattern: str
    more: int
    at: int = 0

    def whole(self) -> str:
        made = self.alternatives()
        while self.at < len(self.pattern):  # a bracket too many
            self.at += 1
            made += self.alternatives()
        return made

    def alternatives(self) -> str:
        """The first of the alternatives that makes any text; all are read."""
        found = [self.sequence()]
        while self.here == "|":
            self.at += 1
            found.append(self.sequence())
        return next(filter(None, found), "")

    def sequence(self) -> str:
        made = ""
        while self.here not in ("", "|", ")") and len(made) < MOST:
            made += self.repeated(self.one())
        return made

    def one(self) -> str:
        character = self.here
        if character == "(":
            return self.group()
        if character == "[":
            return self.bracket()
        self.at += 1
        if character == "\\":
            return self.escaped()
        return {"^": "", "$": "", ".": "a"}.get(character, character)

    def group(self) -> str:
        opened = _GROUP.match(self.pattern, self.at)
        self.at = opened.end() if opened else self.at + 1
        if opened and opened[0].endswith(")"):
            return ""
        made = self.alternatives()
        self.at += 1
        return made

    def bracket(self) -> str:
        """A character of the class: its first, or for a negated one any that it does not name."""
        end = self._end_of_bracket()
        inside, self.at = self.pattern[self.at + 1 : end], end + 1
        if inside.startswith("^"):
            return next((c for c in "a5A- _x" if c not in inside and not self._excluded(c, inside)), "a")
        if inside.startswith("[:"):
            return NAMED.get(inside[2:].partition(":")[0], "a")
        if inside.startswith("\\"):
            return _Maker(inside, 0, 1).escaped()
        return inside[:1]

    def escaped(self) -> str:
        character = self.here
        self.at += 1
        if character in CLASSES:
            return CLASSES[character]
        if character in EDGES:
            return ""
        if character in "pP" and (found := _PROPERTY.match(self.pattern, self.at - 1)):
            self.at = found.end()
            return {"N": "5", "Nd": "5", "Han": "周", "Lu": "A", "P": "-"}.get(found[1] or found[2], "a")
        if character in "ux" and (found := _CODE.match(self.pattern, self.at)):
            self.at = found.end()
            return chr(int(found[1] or found[2], 16) % 0x110000)
        return PLAIN.get(character, character)

    def repeated(self, made: str) -> str:
        sign, count = self.here, _COUNT.match(self.pattern, self.at)
        if sign and sign in "*+?":
            self.at += 1
            times = {"*": self.more, "+": 1 + self.more, "?": min(self.more, 1)}[sign]
        elif count:
            self.at = count.end()
            most = int(count[3] or MOST) if count[2] else int(count[1])
            times = min(int(count[1]) + self.more, most)
        else:
            return made
        if self.here == "?":
            self.at += 1
        return made * min(times, MOST)

    @property
    def here(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _end_of_bracket(self) -> int:
        first = end = self.at + 1 + (self.pattern[self.at + 1 : self.at + 2] == "^")
        while end < len(self.pattern) and (self.pattern[end] != "]" or end == first):
            if self.pattern.startswith("[:", end):
                end = max(self.pattern.find(":]", end) + 2, end + 2)
            else:
                end += 2 if self.pattern[end] == "\\" else 1
        return end

    def _excluded(self, character: str, inside: str) -> bool:
        return any(
            f"\\{name}" in inside and (re.match(f"\\{name}", character) is not None) for name in ("d", "w", "s")
        ) or any(low <= character <= high for low, high in re.findall(r"(.)-(.)", inside))
