"""Owns `gongdan try`: which files are tried, and their outcomes as JSON lines or as text for people."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

import migrations
from tickets.trial.children import Children, Stages
from tickets.trial.finding import Found
from tickets.trial.outcome import Outcome, summary
from web.reports import alike
from web.trying_archives import found_at

AT_ONCE = 2

Say = Callable[[str], object]


def try_paths(paths: Sequence[str], *, as_json: bool, say: Say) -> bool:
    """Tries every BPMN file at these paths, saying what came of each and then of all; whether there is nothing to mend.

    As JSON each file is one line, and so is the summary.
    """
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # after clearing away
    stages = Stages(migrations.upgrade)
    try:
        outcomes = []
        for outcome in Children(stages, workers()).run(_found(paths, stages.folder / "archives")):
            say(as_line(outcome.facts()) if as_json else as_text(outcome))
            outcomes.append(outcome)
    finally:
        stages.close()
        signal.signal(signal.SIGTERM, before)
    whole = summary(outcomes)
    say(as_line({"summary": whole}) if as_json else in_short(whole))
    return all(outcome.is_good for outcome in outcomes)


def _found(paths: Sequence[str], folder: Path) -> Iterator[Found]:
    for number, path in enumerate(paths):
        yield from found_at(path, folder / str(number))


def workers() -> int:
    """How many files are tried side by side."""
    return max(AT_ONCE, os.cpu_count() or 1)


def as_line(facts: Mapping[str, Any]) -> str:
    """One line of JSON; a file's name that is no text keeps what is text of it."""
    return orjson.dumps(_texts(facts)).decode()


def as_text(outcome: Outcome) -> str:
    """What came of a file for people: the verdict, what to mend, how each walk stopped, what no walk came to."""
    return "\n".join((f"{_shown(outcome.file)}: {_verdict(outcome)}", *_details(outcome)))


def in_short(whole: Mapping[str, Any]) -> str:
    """The summary in one line."""
    files = "1 file" if whole["files"] == 1 else f"{whole['files']} files"
    return (
        f"{files}: {whole['accepted']} accepted, {whole['ended']} came to an end, "
        f"{whole['pictures']} with nothing to run; {whole['covered']} of {whole['elements']} elements walked."
    )


def _verdict(outcome: Outcome) -> str:
    if not outcome.accepted:
        return f"refused, {len(outcome.errors)} to mend"
    if not outcome.runs:
        return "accepted; there is nothing to run in it"
    if not outcome.publishable:
        return f"an upload would refuse it; walked all the same: {_covered(outcome)}"
    if outcome.ended:
        return f"comes to an end; {_covered(outcome)}"
    if outcome.is_cut and not any(walk.is_stuck for walk in outcome.walks):
        return f"accepted; time ran out before it came to an end; {_covered(outcome)}"
    return f"accepted, but does not come to an end; {_covered(outcome)}"


def _covered(outcome: Outcome) -> str:
    walks = len(outcome.walks)
    return f"{len(outcome.covered)} of {len(outcome.elements)} elements in {walks} walk{'s' * (walks != 1)}"


def _details(outcome: Outcome) -> Iterator[str]:
    for level, problems in (("error", outcome.errors), ("warning", outcome.warnings)):
        for places in alike(problems, lambda each: (each["problem"], each["remedy"])):
            where = [" ".join(filter(None, (f"line {each['line']}", each["element"]))) for each in places]
            yield f"  {level:<8}{f'{where[0]}: ' if len(where) == 1 else ''}{places[0]['problem']}"
            yield f"          {places[0]['remedy']}"
            if len(where) > 1:
                yield f"          {', '.join(where)}"
    for note in outcome.notes:
        yield f"  note    {note}"
    for number, walk in enumerate(outcome.walks, start=1):
        if walk.is_stuck:
            yield f"  walk {number}  {walk.stopped}"
    missed = [ident for ident in outcome.elements if ident not in set(outcome.covered)]
    if outcome.walks and missed:
        yield f"  missed  {', '.join(missed)}"


def _shown(name: str) -> str:
    """A file's name on one line, whatever it is made of."""
    text = _texts(name)
    return text if text.isprintable() else repr(text)


def _texts(value: Any) -> Any:
    """The same with every text one that can be written: file names may hold bytes that are no text."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_texts(key): _texts(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(item) for item in value]
    return value
