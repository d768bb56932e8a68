"""Owns deploying from the command line: which files make one deployment, and the report as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from engine.expressions import Level, Problem
from tickets.deploying import Checked, Deployed, check, deploy
from tickets.runtime import Runtime
from tickets.versions import ComingType, DeployedType
from web.bundles import ARCHIVES, PROCESSES, SUFFIXES, BundleRefused, unpack
from web.reports import LOOKS, alike, said


@dataclass(frozen=True)
class FileUpload:
    """A file of this machine, taken apart as an uploaded one would be."""

    filename: str
    stream: BinaryIO


@dataclass(frozen=True)
class Outcome:
    """What became of one deployment, or would; `refusal` is set where its files could not even be taken apart."""

    name: str
    deployed: Deployed | Checked | None = None
    refusal: str = ""

    @property
    def accepted(self) -> bool:
        return self.deployed is not None and self.deployed.report.accepted

    @property
    def problems(self) -> Sequence[Problem]:
        return self.deployed.report.problems if self.deployed else ()


def deploy_paths(runtime: Runtime, paths: Sequence[Path], *, only_check: bool = False) -> list[Outcome]:
    """Deploy what is at these paths: loose files together, and every folder with a process in it by itself."""
    return [_deploy(runtime, name, files, only_check=only_check) for name, files in bundles(paths)]


def bundles(paths: Sequence[Path]) -> Iterator[tuple[str, list[Path]]]:
    """The deployments that these files and folders make: a name, and the files of each."""
    loose = [path for path in paths if path.is_file()]
    if loose:
        yield ", ".join(path.name for path in loose), loose
    for folder in (path for path in paths if path.is_dir()):
        inner = {path.parent for path in folder.rglob("*") if path.name.lower().endswith((*PROCESSES, *ARCHIVES))}
        for place in sorted(inner) or [folder]:
            yield (
                str(place),
                sorted(path for path in place.iterdir() if path.name.lower().endswith((*SUFFIXES, *ARCHIVES))),
            )


def as_text(outcomes: Sequence[Outcome]) -> str:
    """The report for people: what came of each deployment, then its problems with file, line and remedy."""
    return "\n".join(line for outcome in outcomes for line in _lines(outcome))


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The report as one JSON object on one line."""
    report = {
        "accepted": all(outcome.accepted for outcome in outcomes),
        "types": [fact for outcome in outcomes for fact in _types(outcome)],
        "problems": [_problem(problem) for outcome in outcomes for problem in outcome.problems],
        "refusals": [outcome.refusal for outcome in outcomes if outcome.refusal],
    }
    return orjson.dumps(report).decode()


def _deploy(runtime: Runtime, name: str, files: Sequence[Path], *, only_check: bool) -> Outcome:
    try:
        taken = unpack(FileUpload(path.name, BytesIO(path.read_bytes())) for path in files)
    except BundleRefused as refused:
        return Outcome(name, refusal=str(refused.message))
    if only_check:
        return Outcome(name, check(runtime, None, taken.files))
    return Outcome(name, deploy(runtime, None, taken.files, via="cli"))


def _lines(outcome: Outcome) -> Iterator[str]:
    if outcome.refusal:
        yield f"{outcome.name}: {outcome.refusal}"
    elif not outcome.accepted:
        errors = sum(problem.level is Level.ERROR for problem in outcome.problems)
        yield f"{outcome.name}: refused, {errors} to mend; nothing was published"
    elif not _types(outcome):
        yield f"{outcome.name}: no ticket type came of it"
    for fact in _types(outcome):
        became = "published" if "id" in fact else "would be published; this was only checked"
        yield f"{outcome.name}: {fact['key']} v{fact['version']} {became if fact['new'] else 'is live already'}"
    gravest_first = sorted(outcome.problems, key=lambda each: list(LOOKS).index(each.level))
    for places in alike(gravest_first, lambda each: (each.level, *said(each))):
        problem = places[0]
        where = f"{_place(problem)}: " if len(places) == 1 else ""
        yield f"  {problem.level:<8}{where}{problem.problem}"
        yield f"          {problem.remedy}"
        if not where:
            yield f"          {', '.join(map(_place, places))}"


def _place(problem: Problem) -> str:
    where = ":".join(part for part in (problem.file, str(problem.line)) if part)
    return f"{where} {problem.name or problem.element}".rstrip()


def _types(outcome: Outcome) -> list[dict[str, Any]]:
    """A version that would come only has no id yet."""
    made = outcome.deployed.types if outcome.deployed else []
    return [{"key": each.key, "version": each.version, **_id(each), "new": each.new} for each in made]


def _id(made: DeployedType | ComingType) -> dict[str, str]:
    return {"id": str(made.public_id)} if isinstance(made, DeployedType) else {}


def _problem(problem: Problem) -> Mapping[str, Any]:
    return {
        "level": problem.level,
        "code": problem.code,
        "problem": str(problem.problem),
        "remedy": str(problem.remedy),
        "element": problem.element,
        "name": problem.name,
        "file": problem.file,
        "line": problem.line,
        "path": [ident for ident, _ in problem.path],
    }
