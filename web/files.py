"""Owns taking files in and handing them out: pictures to be looked at, small too; the rest saved, whatever it is."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, make_response, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_, Message
from forms.views import PICTURES
from tickets.errors import Busy, Invalid, NotFound
from tickets.file_store import FileStore
from tickets.files import readable_file, store_upload, thumbnail_of
from web.context import me, reading, runtime
from web.errors import status_of
from web.language import worded

blueprint = Blueprint("files", __name__, url_prefix="/files")
SHUT = "sandbox; default-src 'none'"
"""What somebody sent is no page of ours: nothing of it runs, loads anything or knows who looks at it."""
LOOKED_AT = f"{SHUT}; style-src 'unsafe-inline'"
"""A browser lays a picture out in a page of its own making, by inline styles; the picture itself can bring none."""


@blueprint.get("/<uuid:public_id>")
def show(public_id: UUID) -> Response:
    """A file that the reader may have. The browser shows a picture, saves the rest, and runs none within our pages."""
    file = readable_file(reading(), me(), public_id)
    try:
        content = FileStore(runtime().files_folder).open(file.digest)
    except FileNotFoundError:
        raise NotFound(N_("This file")) from None
    kind, saved = file.content_type, not file.is_picture
    answer = send_file(
        content, mimetype=kind, as_attachment=saved, download_name=file.name, etag=file.digest, max_age=0
    )
    answer.headers["Content-Security-Policy"] = SHUT if saved else LOOKED_AT
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@blueprint.get("/<uuid:public_id>/thumbnail")
def thumbnail(public_id: UUID) -> AnyResponse:
    """A picture that the reader sees, small and without anything that it tells of where it was taken."""
    content, digest = thumbnail_of(runtime(), reading(), me(), public_id)
    answer = make_response(content)
    answer.mimetype = "image/webp"
    answer.set_etag(f"{digest}-small")
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Security-Policy"] = SHUT
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer.make_conditional(request)


@blueprint.post("")
def take() -> tuple[Response | dict[str, object], int]:
    """One file on its way into a form: what the form's script shows of it, or why it is not taken."""
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise Invalid(Message(N_("No file came with the request; choose it again.")))
        stored = store_upload(runtime(), me(), upload.filename, upload.stream)
    except (Invalid, Busy) as refused:
        return {"error": worded(refused.message)}, status_of(refused)
    pictured = stored["type"] in PICTURES
    return {**stored, "thumbnail": url_for("files.thumbnail", public_id=stored["id"]) if pictured else ""}, 201
