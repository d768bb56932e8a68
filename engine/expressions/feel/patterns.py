"""Regular expressions of FEEL: what JavaScript and RE2 read alike, so that they take time as their text is long."""

from __future__ import annotations

import functools
import re
from typing import Any

import re2

MAX_PATTERN = 500  # characters
FLAGS = frozenset("ims")

_SPACE = r"\t\n\x0b\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
# The parts of a pattern: as JavaScript has them in Unicode mode, less what RE2 has not.
_PART = re.compile(
    r"""(?P<class>\[\^?(?:\\[dDwWsnrtfv^$\\.*+?()\[\]{}|/-]|[^\\\[\]])+\])
      |(?P<space>\\s)|(?P<other>\\S)|(?P<any>\.)
      |\\[dDwWbBnrtfv^$\\.*+?()\[\]{}|/]|\\x[0-9A-Fa-f]{2}
      |\\[pP]\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C)\}
      |\((?:\?:|(?!\?))|[)|^$]|[*+?]\??|\{[0-9]+(?:,[0-9]*)?\}\??
      |[^\\^$.*+?()\[\]{}|]""",
    re.VERBOSE | re.DOTALL,
)


@functools.lru_cache(256)
def pattern(source: str, flags: str = "") -> Any:
    """The compiled expression; ValueError if it is not understood, or not alike everywhere."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    letters = "".join(sorted(set(flags)))
    if len(source) > MAX_PATTERN or set(flags) - FLAGS:
        raise ValueError("the pattern is too long or has unknown flags")
    try:
        return re2.compile(f"(?{letters}:{_translated(source, letters)})" if letters else _translated(source), options)
    except re2.error:
        raise ValueError("the pattern is not understood") from None


def splits_alike(source: str) -> bool:
    """Whether splitting at the pattern is the same everywhere: it has no groups and does not match nothing."""
    compiled = pattern(source)
    return not compiled.groups and compiled.match("") is None


def _translated(source: str, flags: str = "") -> str:
    """The pattern for RE2, whose spaces and line ends are fewer than JavaScript's."""
    place, parts = 0, []
    while place < len(source):
        found = _PART.match(source, place)
        if found is None:
            raise ValueError("the pattern has an unknown part")
        parts.append(_part(found, flags))
        place = found.end()
    return "".join(parts)


def _part(found: re.Match[str], flags: str) -> str:
    match found.lastgroup:
        case "space":
            return f"[{_SPACE}]"
        case "other":
            return f"[^{_SPACE}]"
        case "any" if "s" not in flags:
            return r"[^\n\r\x{2028}\x{2029}]"
        case "class":
            return re.sub(r"\\(.)", lambda escape: _SPACE if escape[1] == "s" else escape[0], found[0])
    return found[0]
