"""Owns handing out files: always as an attachment, whatever they claim to be."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, send_file

from engine.expressions import N_
from tickets.errors import NotFound
from tickets.file_store import FileStore
from tickets.files import readable_file
from web.context import me, reading, runtime

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/<uuid:public_id>")
def show(public_id: UUID) -> Response:
    """A file that the reader may have. The browser saves it and never runs it within our pages."""
    file = readable_file(reading(), me(), public_id)
    try:
        content = FileStore(runtime().files_folder).open(file.digest)
    except FileNotFoundError:
        raise NotFound(N_("This file")) from None
    answer = send_file(
        content, mimetype=file.content_type, as_attachment=True, download_name=file.name, etag=file.digest, max_age=0
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
