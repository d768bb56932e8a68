"""Owns what an upload becomes when it is read: its definitions with their forms bound, and one report on it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions import At, Bundle, Compiled, Report, load, read_bundle, with_forms
from engine.expressions import N_
from engine.step import World
from tickets.assigning.role_checks import NamedRole, named_roles
from tickets.assigning.saying import check_saying
from tickets.bundle_forms import Library, bind_forms, keys_of
from tickets.evidence.upload_checks import check_evidence
from tickets.standards.said import steps_said
from tickets.standards.upload_checks import check_standard
from tickets.standards.variants.ways import check_ways
from tickets.start_events import check_start_events

MAX_KEY = 255

Newest = Callable[[str], bytes | None]
"""The stored artefact of the newest deployed version of a process, for calls that leave the upload."""


@dataclass(frozen=True)
class Upload:
    """Files by path, and the place's clock and hours by which their start events are looked at.

    `lenient`: missing called processes and tables are warnings, as in a trial.
    """

    files: Mapping[str, bytes]
    world: World
    lenient: bool = False


@dataclass(frozen=True)
class Reading:
    """What came of it: the report; and unless refused each definition with its file, and the forms by their digests.

    What the installation must have is looked at whether or not it was refused: the roles, and `processes`, file and id.
    """

    report: Report
    definitions: tuple[tuple[str, Compiled], ...] = ()
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    processes: tuple[tuple[str, str], ...] = ()
    roles: tuple[NamedRole, ...] = ()


Reader = Callable[[Upload, Newest], Reading]


def read_here(upload: Upload, newest: Newest) -> Reading:
    """Reads in this very process: for those that are themselves kept within limits."""

    def deployed(process_id: str) -> Compiled | None:
        content = newest(process_id)
        return load(content) if content is not None else None

    library = Library(upload.files)
    bundle = read_bundle(upload.files, deployed, keys=keys_of(library), lenient=upload.lenient)
    _check_types(bundle, upload.world)
    forms = bind_forms(library, bundle)
    for path, compiled in bundle.looked_at:
        bundle.report.file = path
        check_evidence(compiled, forms, bundle.report)
    processes = tuple((path, process.id) for path, process in bundle.read)
    roles = tuple(role for path, process in bundle.read for role in named_roles(path, process))
    if not bundle.report.accepted:
        return Reading(bundle.report, processes=processes, roles=roles)
    bound = [(path, with_forms(each, forms.of_element[each.process.id])) for path, each in bundle.definitions]
    used = {digest: form.source for digest, form in forms.used.items()}
    return Reading(bundle.report, tuple(bound), used, processes, roles)


def _check_types(bundle: Bundle, world: World) -> None:
    """What a process needs to be a ticket type, besides being one that runs."""
    report = bundle.report
    if report.accepted and not bundle.definitions and not report.problems:
        report.file = ""
        remedy = N_("Add the .bpmn file; forms alone are not a ticket type.")
        report.error("nothing", At(), N_("The upload holds no process."), remedy)
    for path, compiled in bundle.looked_at:
        report.file, process = path, compiled.process
        if len(process.id) > MAX_KEY:
            problem = N_("The process id has %(length)s characters; %(limit)s is the most.")
            remedy = N_("Give the process a short id in Latin letters, such as crash_report.")
            at = At(process.id[:MAX_KEY], process.name[:MAX_KEY], process.line)
            report.error("long-id", at, problem, remedy, length=len(process.id), limit=MAX_KEY)
        check_start_events(process, report, world)
        check_saying(process, report)
        unbound = not bundle.definitions  # what is called may have the steps
        check_standard(process, report, has_steps=unbound or bool(steps_said(compiled)))
    check_ways(bundle.definitions, report)
