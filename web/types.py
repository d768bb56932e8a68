"""Owns the designers' pages: the list of ticket types, one with its versions, and the upload with its report."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_, Message
from tickets.catalogue import (
    check_may_deploy,
    notices,
    places_to_deploy,
    type_list,
    type_of_version,
    type_page,
    version_file,
    version_files,
)
from tickets.deploying import Checked, Deployed
from tickets.deploying import check as check_files
from tickets.deploying import deploy as deploy_files
from tickets.errors import Invalid
from tickets.offered_types import fileable_types
from tickets.organising.role_names import role_names
from tickets.permissions import Permission
from tickets.standards.variants.reading import lost_among, standing
from web.bundles import Bundle, BundleRefused, unpack
from web.context import me, read_again, reading, runtime
from web.diagrams import called, diagram, drawn, has_drawing
from web.language import gettext as _
from web.language import named
from web.reports import findings
from web.tried import tried
from web.type_facts import facts, role_keys

blueprint = Blueprint("types", __name__, url_prefix="/types")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "types"))

VERSION = "<int(max=2147483647):version>"
"""No column holds a greater one."""


@blueprint.get("")
def index() -> str:
    """The ticket types one sees."""
    rows = type_list(reading(), me())
    lost = lost_among(reading(), [(row.type, row.version) for row in rows if not row.of_group])
    return render_template("types/index.html", rows=rows, lost=lost, wanted=request.args.get("category", ""))


@blueprint.get("/new")
def upload() -> str:
    """Where files are dropped."""
    check_may_deploy(me())
    return _upload()


@blueprint.post("")
def deploy() -> AnyResponse | tuple[str, int]:
    """Take an upload: new versions, or the report of what keeps the files from being some.

    With the button “Only check” there is the report and nothing else, whatever it says; with “Try” the files are also
    walked through where the report has no error.
    """
    check_may_deploy(me())
    try:
        bundle = unpack(request.files.getlist("files"))
    except BundleRefused as refusal:
        return _upload(refusal=refusal.message), 422
    if request.form.get("check") or request.form.get("try"):
        return _checked(bundle, check_files(runtime(), me(), bundle.files, brand_id=_chosen()))
    deployed = deploy_files(runtime(), me(), bundle.files, brand_id=_chosen())
    if not deployed.types:
        report = findings(called(bundle.files, deployed.report.problems))
        drawing = drawn(bundle.files, deployed.report.problems)
        return _upload(report=report, files=sorted(bundle.files), drawing=drawing), 422
    return _to_deployed(deployed)


@blueprint.get("/<uuid:type_id>")
def page(type_id: UUID) -> str:
    """One type: the diagram and the report of its live version, and all versions."""
    shown = type_page(reading(), me(), type_id)
    path, content = version_file(reading(), me(), type_id, shown.row.version)
    report = findings(called({path: content}, notices(reading(), runtime(), shown.live.definition)))
    kind, drawn = shown.row.type, has_drawing(content)
    settings, filed_by = shown.live.definition.settings, frozenset(kind.start_roles)
    keys = filed_by | role_keys(settings)
    roles = role_names(reading(), keys, brand_id=kind.brand_id, root_id=me().root_id)
    stands, told = standing(reading(), me(), kind), facts(settings, roles)
    files_it = any(offered.id == kind.id for offered in fileable_types(reading(), me()))
    publishes = me().covers(Permission.DEPLOY, brand_id=kind.brand_id, place_path=shown.row.place.path)
    known = {"facts": told, "roles": roles, "drawn": drawn, "stands": stands}
    return render_template(
        "types/page.html", shown=shown, report=report, files_it=files_it, publishes=publishes, **known
    )


@blueprint.get(f"/<uuid:type_id>/versions/{VERSION}/diagram.bpmn")
def drawing(type_id: UUID, version: int) -> Response:
    """The diagram of a version, for the viewer."""
    _path, content = version_file(reading(), me(), type_id, version)
    return diagram(content)


@blueprint.get(f"/<uuid:type_id>/versions/{VERSION}/files/<path:path>")
def file(type_id: UUID, version: int, path: str) -> Response:
    """A file of a version, byte for byte as it was uploaded."""
    found, content = version_file(reading(), me(), type_id, version, path)
    answer = Response(content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=PurePosixPath(found).name)
    return answer


@blueprint.get(f"/<uuid:type_id>/versions/{VERSION}.zip")
def archive(type_id: UUID, version: int) -> Response:
    """All files of a version in one archive, each byte for byte as it was uploaded."""
    key = type_page(reading(), me(), type_id).row.type.key
    packed = BytesIO()
    with ZipFile(packed, "w") as written:
        for path, content in version_files(reading(), me(), type_id, version).items():
            written.writestr(ZipInfo(path), content, ZIP_DEFLATED)
    answer = Response(packed.getvalue(), content_type="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{key}-v{version}.zip")
    return answer


def _checked(bundle: Bundle, checked: Checked) -> tuple[str, int]:
    problems = checked.report.problems
    report = findings(called(bundle.files, problems))
    known = {"report": report, "files": sorted(bundle.files), "drawing": drawn(bundle.files, problems)}
    found = tried(bundle.files) if request.form.get("try") and checked.types else []
    return _upload(checked=checked, tried=found, **known), 200


def _upload(**found: Any) -> str:
    """The form; whoever publishes for several brands says for which, and what they said stays."""
    brands = places_to_deploy(read_again(), me())
    chosen = request.values.get("brand") or next(
        (str(each.public_id) for each in brands if each.id == me().brand_id), ""
    )
    return render_template("types/upload.html", brands=brands, chosen=chosen, **found)


def _chosen() -> int | None:
    """For whom the files are; whose one is, unless said."""
    wanted = request.form.get("brand")
    if not wanted:
        return None
    with runtime().reading() as session:
        found = {str(each.public_id): each.id for each in places_to_deploy(session, me())}
    if wanted not in found:
        raise Invalid(Message(N_("Choose the group or a brand for which you publish ticket types.")))
    return found[wanted]


def _to_deployed(deployed: Deployed) -> AnyResponse:
    for made in deployed.types:
        text = (
            _("“%(name)s” is live as v%(version)s.")
            if made.new
            else _("“%(name)s” v%(version)s is these very files; it stays live.")
        )
        flash(text % {"name": named(made.names, made.name) or made.key, "version": made.version})
    if len(deployed.types) != 1:
        return redirect(url_for("types.index"), 303)
    type_id = type_of_version(read_again(), deployed.types[0].public_id)
    return redirect(url_for("types.page", type_id=type_id), 303)
