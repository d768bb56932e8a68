"""FEEL's functions on text (DMN 1.3, table 75), and those that Camunda adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.patterns import pattern
from engine.expressions.feel.signature import Function, or_null, several, text, whole
from engine.expressions.searching import charge_ends, charge_search, charge_strip

_SMALL = 12  # instructions of a compiled pattern: so small a one takes a few nanoseconds a character
_GROUP = re.compile(r"\$([0-9])")
_REFUSAL_COST = 4000  # steps: to find that a pattern is too large takes some 20 ms
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")


def _length(_run: Run, whole_text: str) -> int:
    return len(whole_text)


def _substring(run: Run, source: str, start: int, length: int | None = None) -> str | None:
    if start == 0 or (length is not None and length < 0) or -start > len(source):
        return None
    begin = start - 1 if start > 0 else len(source) + start
    run.grow(len(source))
    return source[begin:] if length is None else source[begin : begin + length]


def _before(run: Run, source: str, mark: str) -> str:
    run.grow(len(source))
    charge_search(run, source, mark)
    found = source.find(mark)
    return source[:found] if found > 0 else ""


def _after(run: Run, source: str, mark: str) -> str:
    run.grow(len(source))
    charge_search(run, source, mark)
    found = source.find(mark)
    return source[found + len(mark) :] if found >= 0 else ""


def _upper(run: Run, source: str) -> str:
    run.grow(3 * len(source))
    return source.upper()


def _lower(run: Run, source: str) -> str:
    run.grow(3 * len(source))
    return source.lower()


def _compiled(run: Run, regex: str, flags: str) -> Any:
    """A pattern, charged as if it were new: there may be another in each round of a loop."""
    try:
        compiled = pattern(regex, flags)
    except ValueError:
        run.spend(_REFUSAL_COST)
        raise
    run.spend(20 + (compiled.programsize >> 1))
    return compiled


def _matches(run: Run, source: str, regex: str, flags: str | None = None) -> bool:
    compiled = _compiled(run, regex, flags or "")
    run.spend(len(source) * compiled.programsize >> 7)
    return compiled.search(source) is not None


def _found(run: Run, source: str, regex: str, flags: str = "") -> Iterator[Any]:
    """Each match; a search may read on to the text's end, and large patterns are in many states at once there."""
    compiled, start = _compiled(run, regex, flags), 0
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


def _replace(run: Run, source: str, regex: str, replacement: str, flags: str | None = None) -> str:
    pieces, end = [], 0
    for found in _found(run, source, regex, flags or ""):
        pieces += [source[end : found.start()], _filled(run, replacement, found)]
        end = found.end()
    run.grow(len(source))
    return "".join([*pieces, source[end:]])


def _filled(run: Run, replacement: str, found: Any) -> str:
    """The replacement with $1 … $9 and $0 filled in; $7 stands for itself where there are six groups."""
    groups = (found.group(0), *found.groups())

    def part(match: re.Match[str]) -> str:
        place = int(match[1])
        value = (groups[place] or "") if place < len(groups) else match[0]
        run.grow(len(value))
        return str(value)

    run.grow(len(replacement))
    return _GROUP.sub(part, replacement)


def _split(run: Run, source: str, delimiter: str) -> list[str]:
    run.grow(32 * len(source))
    if not delimiter:
        return list(source)
    if not _SPECIAL.search(delimiter):
        charge_search(run, source, delimiter)
        return source.split(delimiter)
    pieces, end = [], 0
    for found in _found(run, source, delimiter):
        if found.end() > found.start():
            pieces.append(source[end : found.start()])
            end = found.end()
    return [*pieces, source[end:]]


def _extract(run: Run, source: str, regex: str) -> list[str]:
    parts = [found.group(0) for found in _found(run, source, regex)]
    run.grow(sum(map(len, parts)))
    return parts


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
    charge_search(run, source, part)
    return part in source


def _starts(run: Run, source: str, part: str) -> bool:
    charge_ends(run, part)
    return source.startswith(part)


def _ends(run: Run, source: str, part: str) -> bool:
    charge_ends(run, part)
    return source.endswith(part)


def _is_blank(run: Run, source: str) -> bool:
    charge_strip(run, source)
    return not source.strip()


_MATCHED = {"string": text, "match": text}
_MATCHING = {"input": text, "pattern": text}

TEXT_FUNCTIONS = {
    "contains": Function(_contains, _MATCHED, "boolean"),
    "ends with": Function(_ends, _MATCHED, "boolean"),
    "extract": Function(_extract, _MATCHING, "list"),
    "is blank": Function(_is_blank, {"string": text}, "boolean"),
    "lower case": Function(_lower, {"string": text}, "string"),
    "matches": Function(_matches, {**_MATCHING, "flags": or_null(text)}, "boolean", 1),
    "replace": Function(_replace, {**_MATCHING, "replacement": text, "flags": or_null(text)}, "string", 1),
    "split": Function(_split, {"string": text, "delimiter": text}, "list"),
    "starts with": Function(_starts, _MATCHED, "boolean"),
    "string join": Function(_join, {"list": several, "delimiter": or_null(text)}, "string", 1),
    "string length": Function(_length, {"string": text}, "number"),
    "substring": Function(_substring, {"string": text, "start position": whole, "length": whole}, "string", 1),
    "substring after": Function(_after, _MATCHED, "string"),
    "substring before": Function(_before, _MATCHED, "string"),
    "trim": Function(_trim, {"string": text}, "string"),
    "upper case": Function(_upper, {"string": text}, "string"),
}
