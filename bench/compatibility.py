"""What `gongdan try` makes of public repositories, as tables: `python -m bench.compatibility ROOT < lines > tables.md`.

ROOT holds a folder for each repository, called owner+name; the lines are those of `gongdan try --json ROOT`. With
`--write FILE` the tables replace what stands between the two marks in that file.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from lxml import etree

from tickets.trial.trying import CIRCLE

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
PEOPLES = ("userTask", "manualTask", "task")
BEGIN, END = "<!-- begin of what bench.compatibility writes -->", "<!-- end of what bench.compatibility writes -->"
MOST_NAMES = 12
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|<[^>]*>")
_ELSEWHERE = re.compile(r"^[^:]{1,200}\.(?:form|json|dmn|bpmn|xml): ")
_PLACED = re.compile(r", line \d+, column \d+.*|[Bb]yte \d+|line \d+")


@dataclass(frozen=True)
class Line:
    """One file's outcome, and whether it is executable and has tasks for people."""

    facts: Mapping[str, Any]
    repository: str
    name: str
    human: bool

    @property
    def is_good(self) -> bool:
        return bool(self.facts["accepted"] and self.facts["ended"])


def read(lines: Iterable[str], root: Path) -> Iterator[Line]:
    """The files' lines; the summary is left out."""
    for text in lines:
        facts = json.loads(text)
        if "file" in facts:
            path = PurePath(facts["file"])
            below = path.relative_to(root)
            yield Line(facts, below.parts[0].replace("+", "/", 1), path.name, is_human(Path(path)))


def is_human(path: Path) -> bool:
    """Whether one of the file's processes is executable and has a task that a person does."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=True)
    tree = etree.fromstring(path.read_bytes(), parser)
    processes = tree.iter(f"{BPMN}process") if tree is not None else ()
    runs = (each for each in processes if each.get("isExecutable", "true").strip().lower() not in ("false", "0"))
    return any(True for process in runs for tag in PEOPLES for _ in process.iter(BPMN + tag))


def tables(lines: Sequence[Line]) -> str:
    """The tables as Markdown."""
    parts = ["### Files by repository", *_counts(lines)]
    parts += ["", "### Executable files with tasks for people", *_counts([line for line in lines if line.human])]
    parts += ["", "### Refused", *_grouped(_refused(line) for line in lines if not line.facts["accepted"])]
    stuck = [line for line in lines if line.facts["accepted"] and line.facts["walks"] and not line.facts["ended"]]
    parts += ["", "### Accepted, but not every walk came to an end", *_grouped(map(_stuck, stuck))]
    return "\n".join(parts)


def _counts(lines: Sequence[Line]) -> Iterator[str]:
    yield "| repository | files | accepted | nothing to run | end | elements of these | walked |"
    yield "| --- | --: | --: | --: | --: | --: | --: |"
    by_repository: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_repository[line.repository].append(line)
    for name, found in sorted(by_repository.items()):
        yield _row(name, found)
    yield _row("**all**", lines)


def _row(name: str, lines: Sequence[Line]) -> str:
    good = [line for line in lines if line.is_good]
    accepted = sum(line.facts["accepted"] for line in lines)
    pictures = sum(line.facts["accepted"] and not line.facts["elements"] for line in lines)
    elements = sum(len(line.facts["elements"]) for line in good)
    walked = sum(len(line.facts["covered"]) for line in good)
    share = f" ({len(good) / (len(lines) - pictures):.1%})" if len(lines) > pictures else ""
    part = f" ({walked / elements:.1%})" if elements else ""
    return f"| {name} | {len(lines)} | {accepted} | {pictures} | {len(good)}{share} | {elements} | {walked}{part} |"


Grouped = tuple[str, str, str]
"""What is wrong, how to mend it, the file's name."""


def _refused(line: Line) -> Grouped:
    error = line.facts["errors"][0]
    return _plain(error["problem"]), _plain(error["remedy"]), line.name


def _stuck(line: Line) -> Grouped:
    stopped = next((walk["stopped"] for walk in line.facts["walks"] if walk["stopped"] not in ("ended", "long")), "")
    told = [warning for warning in line.facts["warnings"] if warning["problem"] == (stopped or CIRCLE)]
    return _plain(stopped or CIRCLE), _plain(told[0]["remedy"]) if told else "", line.name


def _plain(text: str) -> str:
    """Without what differs from file to file, on one line."""
    text = _ELSEWHERE.sub("", " ".join(text.split()))
    return _PLACED.sub("…", _QUOTED.sub("“…”", text)).replace("|", "\\|")[:200]


def _grouped(found: Iterable[Grouped]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for problem, remedy, name in found:
        groups[problem, remedy].append(name)
    yield "| files | why | how to mend it | which |"
    yield "| --: | --- | --- | --- |"
    for (problem, remedy), names in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield f"| {len(names)} | {problem} | {remedy} | {_named(names)} |"


def _named(names: Iterable[str]) -> str:
    counted = sorted(Counter(names).items())
    shown = [f"`{name}`" + (f" × {times}" if times > 1 else "") for name, times in counted[:MOST_NAMES]]
    more = sum(times for _, times in counted[MOST_NAMES:])
    return ", ".join(shown) + (f" and {more} more" if more else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("root", type=Path)
    parser.add_argument("--write", type=Path, help="a Markdown file with the two marks")
    options = parser.parse_args()
    made = tables(list(read(sys.stdin, options.root)))
    if options.write is None:
        print(made)
        return
    before, _, rest = options.write.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    options.write.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
