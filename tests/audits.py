"""`python -m tests.audits`: no package that is locked has a known hole, but for those in audit-exceptions.toml.

An audit that can't reach its database of advisories has checked nothing, and says so; AUDITS=required makes that a
failure, for a machine that is known to reach them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
EXCEPTIONS = ROOT / "audit-exceptions.toml"
MOST_SECONDS = 240
LONGEST = 180  # days that an exception may last


class NotChecked(Exception):
    """An audit that came to no result; its text says why."""


@dataclass(frozen=True)
class Finding:
    """A known hole in a locked package; `names` are all that the advisory is known by."""

    package: str
    names: frozenset[str]
    summary: str


@dataclass(frozen=True)
class Pass:
    """An advisory that is let pass until a day, and why."""

    advisory: str
    package: str
    reason: str
    until: date


def main() -> int:
    """Prints what it finds; the exit status says whether that may stand."""
    excused = read_exceptions(EXCEPTIONS.read_text("utf-8"))
    faults = list(faulty(excused, date.today()))  # noqa: DTZ011 - the day of who runs the check
    for name, audit in AUDITS.items():
        try:
            found = audit()
        except NotChecked as reason:
            sys.stdout.write(f"{name}: NOT CHECKED: {reason}\n")
            faults += [f"{name} is required and could not check"] if os.environ.get("AUDITS") == "required" else []
            continue
        open_ones = [finding for finding in found if not excuses(excused, finding)]
        sys.stdout.write(f"{name}: {len(found)} known, {len(found) - len(open_ones)} of them excused\n")
        faults += [f"{finding.package}: {', '.join(sorted(finding.names))}: {finding.summary}" for finding in open_ones]
    for fault in faults:
        sys.stderr.write(f"  {fault}\n")
    return 1 if faults else 0


def read_exceptions(text: str) -> list[Pass]:
    """The exceptions of the file; an entry that lacks something ends the check."""
    return [Pass(**entry) for entry in tomllib.loads(text).get("exception", [])]


def faulty(excused: Sequence[Pass], today: date) -> Iterator[str]:
    """What is wrong with the exceptions themselves."""
    for each in excused:
        if each.until < today:
            yield f"{each.advisory} ({each.package}) was let pass until {each.until}: look again, upgrade or renew it"
        if (each.until - today).days > LONGEST:
            yield f"{each.advisory} ({each.package}) is let pass for more than {LONGEST} days"
        if len(each.reason.split()) < 3:
            yield f"{each.advisory} ({each.package}) has no reason"


def excuses(excused: Sequence[Pass], finding: Finding) -> bool:
    """Whether an exception names this advisory of this package."""
    return any(each.package == finding.package and each.advisory in finding.names for each in excused)


def audit_python() -> list[Finding]:
    """What is known of the packages in requirements-dev.lock, which holds those of requirements.lock too."""
    lock = str(ROOT / "requirements-dev.lock")
    tool = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    return read_pip_audit(_run([*tool, "--disable-pip", "--require-hashes", "--requirement", lock]))


def read_pip_audit(answer: Mapping[str, Any]) -> list[Finding]:
    """The findings of pip-audit's JSON; NotChecked if it has none and could not look up all."""
    packages = answer.get("dependencies", [])
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    found = [
        Finding(each["name"], frozenset({hole["id"], *hole["aliases"]}), hole.get("description", "")[:100])
        for each in packages
        for hole in each.get("vulns", [])
    ]
    if not found and (skipped or not packages):
        some = f"such as {skipped[0]}" if skipped else "at all"
        raise NotChecked(f"{len(skipped)} of {len(packages)} packages were not found in its advisories, {some}")
    return found


def audit_browser() -> list[Finding]:
    """What is known of the packages in package-lock.json."""
    return read_npm_audit(_run(["npm", "audit", "--json"]))


def read_npm_audit(answer: Mapping[str, Any]) -> list[Finding]:
    """The findings of npm's JSON; NotChecked if it holds none of what an audit gives."""
    if "vulnerabilities" not in answer:
        raise NotChecked(str(answer.get("message") or answer.get("error") or "npm audit gave no answer")[:200])
    return [
        Finding(name, frozenset({str(hole["url"]).rpartition("/")[2], str(hole["source"])}), hole["title"])
        for name, each in answer["vulnerabilities"].items()
        for hole in each["via"]
        if isinstance(hole, dict)
    ]


def _run(command: list[str]) -> dict[str, Any]:
    """What a tool prints as JSON: it does so with findings too, which are its exit status 1."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
        answer = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotChecked(str(error)[:200]) from None
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise NotChecked(last[:200]) from None
    return answer if isinstance(answer, dict) else {}


AUDITS: Mapping[str, Callable[[], list[Finding]]] = {"pip-audit": audit_python, "npm audit": audit_browser}


if __name__ == "__main__":
    sys.exit(main())
