"""Owns the designers' pages: the list of ticket types, one with its versions, and the upload with its report."""

from __future__ import annotations

from pathlib import PurePosixPath
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from tickets.catalogue import check_may_deploy, notices, type_list, type_of_version, type_page, version_file
from tickets.deploying import Deployed
from tickets.deploying import deploy as deploy_files
from web.bundles import BundleRefused, unpack
from web.context import me, reading, runtime
from web.diagrams import diagram
from web.reports import findings

blueprint = Blueprint("types", __name__, url_prefix="/types")


@blueprint.get("")
def index() -> str:
    """The ticket types one sees."""
    rows = type_list(reading(), me())
    return render_template("types/index.html", rows=rows, wanted=request.args.get("category", ""))


@blueprint.get("/new")
def upload() -> str:
    """Where files are dropped."""
    check_may_deploy(me())
    return render_template("types/upload.html")


@blueprint.post("")
def deploy() -> AnyResponse | tuple[str, int]:
    """Take an upload: new versions, or the report of what keeps the files from being some."""
    check_may_deploy(me())
    try:
        bundle = unpack(request.files.getlist("files"))
    except BundleRefused as refusal:
        return render_template("types/upload.html", refusal=refusal.message), 422
    deployed = deploy_files(runtime(), me(), bundle.files)
    if not deployed.report.accepted:
        report = findings(deployed.report.problems)
        return render_template("types/upload.html", report=report, files=sorted(bundle.files)), 422
    return _to_deployed(deployed)


@blueprint.get("/<uuid:type_id>")
def page(type_id: UUID) -> str:
    """One type: the diagram and the report of its live version, and all versions."""
    shown = type_page(reading(), me(), type_id)
    report = findings(notices(reading(), shown.live.definition))
    return render_template("types/page.html", shown=shown, report=report)


@blueprint.get("/<uuid:type_id>/versions/<int:version>/diagram.bpmn")
def drawing(type_id: UUID, version: int) -> Response:
    """The diagram of a version, for the viewer."""
    _path, content = version_file(reading(), me(), type_id, version)
    return diagram(content)


@blueprint.get("/<uuid:type_id>/versions/<int:version>/files/<path:path>")
def file(type_id: UUID, version: int, path: str) -> Response:
    """A file of a version, byte for byte as it was uploaded."""
    found, content = version_file(reading(), me(), type_id, version, path)
    answer = Response(content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=PurePosixPath(found).name)
    return answer


def _to_deployed(deployed: Deployed) -> AnyResponse:
    for made in deployed.types:
        text = (
            _("%(key)s is live as v%(version)s.")
            if made.new
            else _("%(key)s v%(version)s is these very files; it stays live.")
        )
        flash(text % {"key": made.key, "version": made.version})
    if len(deployed.types) != 1:
        return redirect(url_for("types.index"), 303)
    type_id = type_of_version(reading(), deployed.types[0].public_id)
    return redirect(url_for("types.page", type_id=type_id), 303)
