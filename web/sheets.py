"""Owns sending a table as a file: where its bytes wait meanwhile, and that no cache keeps it."""

from __future__ import annotations

import tempfile
from typing import IO, cast

from flask import Response, send_file

from tickets.exporting.sheet import MEDIA_TYPES, Format

IN_MEMORY = 8 * 1024 * 1024
"""Bytes; a longer table waits on the disk."""


def spooled() -> IO[bytes]:
    """An empty file for a table, gone when it is closed."""
    return cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))


def sent(file: IO[bytes], kind: Format, name: str) -> Response:
    """The whole file, to be saved under the name with its kind's ending; the server closes it afterwards."""
    file.seek(0)
    answer = send_file(file, MEDIA_TYPES[kind], as_attachment=True, download_name=f"{name}.{kind}", max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
