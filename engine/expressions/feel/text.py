"""FEEL's functions on text (DMN 1.4, table 75)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import re2

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, several, text, whole

MAX_PATTERN = 500  # characters
_SMALL = 12  # instructions of a compiled pattern: so small a one takes a few nanoseconds a character
_GROUP = re.compile(r"\\(.)|\$([0-9])")
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]|^$")
_FLAGS = {"i": "i", "m": "m", "s": "s"}


def pattern(source: str, flags: str = "") -> Any:
    """A regular expression that takes time in proportion to the text; ValueError if it is not understood."""
    letters = "".join(_FLAGS.get(flag, "") for flag in flags)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        if len(source) > MAX_PATTERN or set(flags) - set("ims"):
            raise ValueError("the pattern is too long or has unknown flags")
        return re2.compile(f"(?{letters}:{source})" if letters else source, options)
    except re2.error:
        raise ValueError("the pattern is not understood") from None


def _length(_run: Run, whole_text: str) -> int:
    return len(whole_text)


def _substring(run: Run, source: str, start: int, length: int | None = None) -> str | None:
    if start == 0 or (length is not None and length < 1):
        return None if start == 0 else ""
    begin = start - 1 if start > 0 else max(len(source) + start, 0)
    run.grow(len(source))
    return source[begin:] if length is None else source[begin : begin + length]


def _before(run: Run, source: str, mark: str) -> str:
    run.grow(len(source))
    found = source.find(mark)
    return source[:found] if found > 0 else ""


def _after(run: Run, source: str, mark: str) -> str:
    run.grow(len(source))
    found = source.find(mark)
    return source[found + len(mark) :] if found >= 0 else ""


def _upper(run: Run, source: str) -> str:
    run.grow(3 * len(source))
    return source.upper()


def _lower(run: Run, source: str) -> str:
    run.grow(3 * len(source))
    return source.lower()


def _matches(run: Run, source: str, regex: str, flags: str = "") -> bool:
    compiled = pattern(regex, flags)
    run.spend(len(source) * compiled.programsize >> 7)
    return compiled.search(source) is not None


def _found(run: Run, source: str, regex: str, flags: str = "") -> Iterator[Any]:
    """Each match; a search may read on to the text's end, and large patterns are in many states at once there."""
    compiled, start = pattern(regex, flags), 0
    matches = compiled.finditer(source)
    size = compiled.programsize
    shift = 12 if size <= _SMALL else 8
    while True:
        run.spend(5 + ((len(source) - start) * size >> shift))
        match = next(matches, None)
        if match is None:
            return
        start = match.end()
        yield match


def _replace(run: Run, source: str, regex: str, replacement: str, flags: str = "") -> str:
    pieces, end = [], 0
    for found in _found(run, source, regex, flags):
        pieces += [source[end : found.start()], _filled(run, replacement, found)]
        end = found.end()
    run.grow(len(source))
    return "".join([*pieces, source[end:]])


def _filled(run: Run, replacement: str, found: Any) -> str:
    """The replacement with $1 … $9 and $0 filled in."""
    groups = found.groups()

    def part(match: re.Match[str]) -> str:
        if match[1]:
            return str(match[1])
        place = int(match[2])
        value = found.group(0) if place == 0 else groups[place - 1] if place <= len(groups) else ""
        run.grow(len(value or ""))
        return value or ""

    run.grow(len(replacement))
    return _GROUP.sub(part, replacement)


def _split(run: Run, source: str, delimiter: str) -> list[str]:
    run.grow(32 * len(source))
    if not _SPECIAL.search(delimiter):
        return source.split(delimiter)
    pieces, end = [], 0
    for found in _found(run, source, delimiter):
        if found.end() > found.start():
            pieces.append(source[end : found.start()])
            end = found.end()
    return [*pieces, source[end:]]


def _join(run: Run, parts: list[Any], delimiter: str | None = None) -> str | None:
    run.spend(len(parts))
    kept = [part for part in parts if part is not None]
    if not all(isinstance(part, str) for part in kept):
        return None
    run.grow(sum(map(len, kept)) + len(kept) * len(delimiter or ""))
    return (delimiter or "").join(kept)


def _trim(run: Run, source: str) -> str:
    run.grow(len(source))
    return source.strip()


def _contains(run: Run, source: str, part: str) -> bool:
    run.spend(len(source) >> 6)
    return part in source


TEXT_FUNCTIONS = {
    "contains": Function(_contains, (text, text)),
    "ends with": Function(lambda _run, source, part: source.endswith(part), (text, text)),
    "lower case": Function(_lower, (text,)),
    "matches": Function(_matches, (text, text, text), 1),
    "replace": Function(_replace, (text, text, text, text), 1),
    "split": Function(_split, (text, text)),
    "starts with": Function(lambda _run, source, part: source.startswith(part), (text, text)),
    "string join": Function(_join, (several, text), 1),
    "string length": Function(_length, (text,)),
    "substring": Function(_substring, (text, whole, whole), 1),
    "substring after": Function(_after, (text, text)),
    "substring before": Function(_before, (text, text)),
    "trim": Function(_trim, (text,)),
    "upper case": Function(_upper, (text,)),
}
