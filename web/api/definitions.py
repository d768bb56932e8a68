"""Owns POST /definitions: files become new versions of ticket types, or a report says why not; or only the report."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request

from engine.expressions import N_, Problem
from tickets.deploying import check as check_files
from tickets.deploying import deploy as deploy_files
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.problems import problem
from web.api.schemas import CheckedType, CheckReport, DeployedType, DeployReport, ReportLine
from web.bundles import unpack
from web.context import me, runtime
from web.language import translate, worded


@api.post("/definitions")
@idempotent
@api.output(DeployReport, status_code=201)
@api.doc(operation_id="deploy")
def deploy() -> DeployReport | Response:
    """Deploy ticket types

    All files of one upload are one version. Refused (422) when any file has an error; `problems` then tells all.
    """
    bundle = unpack(file for _, file in request.files.items(multi=True))
    deployed = deploy_files(runtime(), me(), bundle.files)
    lines = [report_line(each) for each in deployed.report.problems]
    if not deployed.types:
        return refused(lines)
    types = [
        DeployedType(key=made.key, version=made.version, id=made.public_id, new=made.new) for made in deployed.types
    ]
    return DeployReport(types=types, problems=lines, skipped=bundle.skipped)


@api.post("/definition-checks")
@idempotent
@api.output(CheckReport)
@api.doc(operation_id="checkDefinitions")
def check_definitions() -> CheckReport:
    """Check ticket types

    The report that deploying these files would give; nothing is deployed or kept, whatever it says.
    """
    bundle = unpack(file for _, file in request.files.items(multi=True))
    checked = check_files(runtime(), me(), bundle.files)
    return CheckReport(
        accepted=checked.report.accepted,
        types=[CheckedType(key=each.key, version=each.version, new=each.new) for each in checked.types],
        problems=[report_line(each) for each in checked.report.problems],
        skipped=bundle.skipped,
    )


def report_line(found: Problem) -> ReportLine:
    """One problem in the caller's language."""
    return ReportLine(
        level=found.level,
        code=found.code,
        problem=worded(found.problem),
        remedy=worded(found.remedy),
        element=found.element,
        name=found.name,
        line=found.line,
        file=found.file,
        path=[ident for ident, _ in found.path],
    )


def refused(lines: list[ReportLine]) -> Response:
    """The report of an upload that nothing came of: it has errors, or no process that can be started."""
    detail = translate(N_("Nothing was deployed; “problems” says what to mend, each with its remedy."))
    told = [line.model_dump(mode="json") for line in lines]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, code="definition-refused", problems=told)
